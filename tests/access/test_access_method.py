"""URLs, and the ARNs of the methods that they call."""

from __future__ import annotations

import pytest

from apigw_magic.access.method import Api, Place, find_place
from apigw_magic.http import freeze

REST = Api()
HTTP = Api(stages=frozenset({"$default", "beta"}))


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("https://abc.execute-api.eu-west-1.amazonaws.com/prod/orders/7", Place("abc", "prod/orders/7")),
        ("https://abc.execute-api.cn-north-1.amazonaws.com.cn/prod", Place("abc", "prod")),
        ("https://abc-vpce-0123.execute-api.eu-west-1.amazonaws.com/prod/x", Place("abc", "prod/x")),
        ("https://abc.execute-api.eu-west-1.amazonaws.com/", Place("abc", "")),
        ("http://127.0.0.1:4566/_aws/execute-api/abc/v1/orders?a=b", Place("abc", "v1/orders")),
        ("http://127.0.0.1:4566/_aws/execute-api/abc", Place("abc", "")),
        ("http://127.0.0.1:8000/orders", None),
        ("https://api.example.com/prod/orders", None),
        ("https://vpce-0123.execute-api.eu-west-1.vpce.amazonaws.com/prod", None),
        ("https://abc.lambda-url.eu-west-1.on.aws/orders", None),
        ("https://abc.appsync-api.eu-west-1.amazonaws.com/graphql", None),
    ],
)
def test_places(url: str, place: Place | None) -> None:
    """API Gateway's own hosts and the local account name the API; a host of one's own, and other services, do not."""
    assert find_place(freeze(url)) == place


@pytest.mark.parametrize(
    ("path", "api", "resources"),
    [
        ("prod/orders/7", REST, ("abc/prod/POST/orders/7",)),
        ("prod", REST, ("abc/prod/POST/",)),
        ("beta/orders", HTTP, ("abc/beta/POST/orders",)),
        ("orders/7", HTTP, ("abc/$default/POST/orders/7",)),
        ("v1/orders", HTTP, ("abc/$default/POST/v1/orders",)),
        ("prod/orders", None, ("abc/prod/POST/orders", "abc/$default/POST/prod/orders")),
    ],
)
def test_resources(path: str, api: Api | None, resources: tuple[str, ...]) -> None:
    """A path names its stage, but for the default one of an HTTP API; of an unknown API both are possible."""
    assert Place("abc", path).list_resources("POST", api) == resources
