"""Connecting: the URL is judged first, then the identity, and the name follows from them."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from apigw_magic.connection import connect
from apigw_magic.errors import ApigwError, CommandError, CredentialsError, InvalidRequestError
from tests.connection.fakes import URL, FakeApi
from tests.identity.fakes import ACCOUNT, USER_ARN, FakeSts, make_base, refusal

CUSTOM = "https://api.example.com/v1"
LOCAL = "http://127.0.0.1:4566/_aws/execute-api/a1b2c3d4e5/prod"


def test_without_a_role_the_base_identity_signs() -> None:
    """The profile's own identity is asked for, and signs."""
    sts, api = FakeSts(), FakeApi()
    connection = connect(URL, base=make_base(sts), transport=api)
    assert connection.identity is not None
    assert connection.identity.arn == USER_ARN
    assert (sts.asked, sts.identity_asked) == ([], 1)
    connection.get("/orders")
    assert str(api.sent.url) == f"{URL}/orders"
    assert "x-amz-security-token" not in api.headers


def test_the_role_is_assumed_at_once() -> None:
    """The options of the role reach STS, and the role session signs."""
    sts, api = FakeSts(), FakeApi()
    connection = connect(
        URL, role="team/reader", external_id="ext", session_name="ana", base=make_base(sts), transport=api
    )
    role = f"arn:aws:iam::{ACCOUNT}:role/team/reader"
    assert sts.asked == [{"RoleArn": role, "RoleSessionName": "ana", "ExternalId": "ext"}]
    connection.get("/x")
    assert api.headers["x-amz-security-token"] == "invented token 1"
    assert connection.seconds_left is not None


@pytest.mark.parametrize(
    ("name", "role", "profile", "url", "expected"),
    [
        ("mine", "reader", "foo", URL, "mine"),
        (None, "reader", "foo", URL, "reader"),
        (None, "team/data/reader", "foo", URL, "reader"),
        (None, f"arn:aws:iam::{ACCOUNT}:role/team/reader", "foo", URL, "reader"),
        (None, None, "foo", URL, "foo"),
        (None, None, None, URL, "a1b2c3d4e5"),
        (None, None, None, LOCAL, "local"),
        (None, None, None, "http://localhost:4566/prod", "local"),
        (None, None, None, "http://[::1]:4566/prod", "local"),
        (None, None, None, CUSTOM, "api"),
    ],
)
def test_default_names(name: str | None, role: str | None, profile: str | None, url: str, expected: str) -> None:
    """The name is the one given, else the role's, else the profile's, else the API's id."""
    connection = connect(
        url,
        name=name,
        role=role,
        region="eu-west-1",
        base=make_base(FakeSts(), profile=profile),
        transport=FakeApi(),
    )
    assert connection.name == expected


def test_a_second_role_without_a_url() -> None:
    """Without a URL the former connection's base URL and base identity are used again."""
    sts = FakeSts()
    former = connect(URL, role="reader", base=make_base(sts), transport=FakeApi())
    api = FakeApi()
    second = connect(role="writer", base=former, transport=api)
    assert (second.url, second.name, second.region) == (URL, "writer", "eu-west-1")
    assert second.base is former.base
    assert [str(asked["RoleArn"]).rpartition("/")[2] for asked in sts.asked] == ["reader", "writer"]
    assert sts.identity_asked == 1
    second.get("/x")
    assert former.name == "reader"


def test_another_url_with_the_same_identity() -> None:
    """A URL beside a former connection takes the identity, not the place."""
    former = connect(URL, base=make_base(FakeSts()), transport=FakeApi())
    second = connect(CUSTOM, region="us-west-2", base=former, transport=FakeApi())
    assert (second.url, second.region) == (CUSTOM, "us-west-2")
    assert second.base.region == "us-west-2"  # the Region's own STS
    assert second.identity == former.identity


def test_names_and_endpoints_are_checked() -> None:
    """A name is one word; credentials go to an STS over https or on loopback, never in the clear."""
    base = make_base(FakeSts())
    for name in ("my name", "/x", "a,b", ""):
        with pytest.raises(CommandError, match="cannot name a connection"):
            connect(URL, name=name or " ", base=base, transport=FakeApi())
    with pytest.raises(ApigwError, match="Plain http"):
        connect(URL, sts_endpoint="http://sts.example", base=base, transport=FakeApi())


def test_sts_out_of_reach_leaves_the_identity_unknown() -> None:
    """Without a role, an STS that cannot be reached costs only the name; with one, the connection."""
    sts = FakeSts()
    sts.error = EndpointConnectionError(endpoint_url="https://sts.example")
    connection = connect(URL, base=make_base(sts), transport=FakeApi())
    assert connection.identity is None
    assert connection.get("/x").status_code == 200
    with pytest.raises(CredentialsError, match="cannot be reached"):
        connect(URL, role="reader", base=make_base(sts), transport=FakeApi())


def test_a_custom_domain_keeps_its_region() -> None:
    """What was said of a custom domain holds for the next connection, and can be corrected."""
    former = connect(CUSTOM, region="eu-west-1", base=make_base(FakeSts()), transport=FakeApi())
    assert connect(base=former, transport=FakeApi()).region == "eu-west-1"
    assert connect(base=former, region="eu-central-1", transport=FakeApi()).region == "eu-central-1"


REFUSED: list[tuple[type[ApigwError], str, dict[str, str]]] = [
    (CommandError, "no URL to connect to", {}),
    (CommandError, "no connection 'a1b2c3d4e5' in a pyproject.toml", {"url": "a1b2c3d4e5"}),
    (InvalidRequestError, "Plain http", {"url": "http://api.example.com"}),
    (InvalidRequestError, "does not say which Region", {"url": CUSTOM}),
    (InvalidRequestError, "is not a Region", {"url": CUSTOM, "region": "Ireland"}),
    (InvalidRequestError, "is not the Region of", {"url": URL, "region": "us-east-1"}),
    (InvalidRequestError, "has a query", {"url": f"{URL}?a=1"}),
    (InvalidRequestError, "fragment", {"url": f"{URL}#a"}),
    (CommandError, "is not a role", {"url": URL, "role": "two words"}),
    (CommandError, "is not a role", {"url": URL, "role": "team/"}),
    (CommandError, "is not a session name", {"url": URL, "role": "reader", "session_name": "x"}),
    (CommandError, "not an external ID", {"url": URL, "role": "reader", "external_id": "x"}),
]


@pytest.mark.parametrize(("kind", "words", "options"), REFUSED, ids=range(len(REFUSED)))
def test_what_cannot_be_is_refused_first(kind: type[ApigwError], words: str, options: dict[str, Any]) -> None:
    """A wrong URL or option is refused before STS is asked anything."""
    sts = FakeSts()
    with pytest.raises(kind) as caught:
        connect(**options, base=make_base(sts), transport=FakeApi())
    assert words in str(caught.value)
    assert (sts.asked, sts.identity_asked) == ([], 0)


@pytest.mark.parametrize("region", ["us-east-1", "no region"])
def test_a_region_that_contradicts_the_former_url(region: str) -> None:
    """Without a URL the Region is held against the former host as well."""
    former = connect(URL, base=make_base(FakeSts()), transport=FakeApi())
    with pytest.raises(InvalidRequestError):
        connect(base=former, region=region, transport=FakeApi())


def test_a_role_that_sts_refuses() -> None:
    """STS's refusal is explained: who may not be assumed, why, and what to do."""
    sts = FakeSts()
    target = f"arn:aws:iam::{ACCOUNT}:role/writer"
    words = f"User: {USER_ARN} is not authorized to perform: sts:AssumeRole on resource: {target}"
    sts.error = refusal("AccessDenied", words)
    with pytest.raises(CredentialsError) as caught:
        connect(URL, role=target, base=make_base(sts), transport=FakeApi())
    error = caught.value
    assert error.what == "403 AccessDenied: STS does not let writer be assumed."
    assert error.explanation is not None
    assert (error.explanation.kind, error.explanation.resource) == ("sts_assume_denied", target)
    assert error.refusal is not None
    assert error.refusal.message == words
    assert isinstance(error.__context__, CredentialsError | None)


def test_a_base_identity_that_sts_refuses() -> None:
    """Refused base credentials fail the connection, with the reason."""
    sts = FakeSts()
    sts.error = refusal("InvalidClientTokenId", "The security token included in the request is invalid.")
    with pytest.raises(CredentialsError) as caught:
        connect(URL, base=make_base(sts), transport=FakeApi())
    assert caught.value.explanation is not None
    assert caught.value.explanation.kind == "sts_bad_key"


def test_sts_that_cannot_be_reached() -> None:
    """Where STS said nothing there is nothing to explain: the error is as it was."""
    sts = FakeSts()
    sts.error = EndpointConnectionError(endpoint_url="https://sts.example")
    with pytest.raises(CredentialsError, match="STS cannot be reached") as caught:
        connect(URL, role="reader", base=make_base(sts), transport=FakeApi())
    assert caught.value.explanation is None


def test_a_transport_of_its_own() -> None:
    """Without a transport given, a connection has one; nothing is sent by connecting."""
    assert connect(URL, base=make_base(FakeSts())).url == URL
