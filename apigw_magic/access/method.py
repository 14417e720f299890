"""A URL → the method of an API that it calls, as policies name it.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-control-access-using-iam-policies-to-invoke-api.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from apigw_magic import http
from apigw_magic.models import Url, is_loopback

_LOCAL = re.compile(r"/_aws/execute-api/(?P<api>[^/]+)(?P<path>/.*)?")
_DEFAULT_STAGE = "$default"


@dataclass(frozen=True, slots=True)
class Api:
    """What is known of an API.

    Attributes:
        stages: of an HTTP API, whose default stage no path names; None for a REST API, where every path names one.
        has_policy: whether it has a resource policy, or is private and so needs one; an HTTP API has none.
    """

    stages: frozenset[str] | None = None
    has_policy: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where in which API a URL leads.

    Attributes:
        api: its id.
        path: below the host, without the first slash: stage and path, or the path alone in a default stage.
    """

    api: str
    path: str

    def list_resources(self, method: str, api: Api | None) -> tuple[str, ...]:
        """Return API, stage, method and path as an ARN has them at its end; both that are possible if it is not known.

        Args:
            method: upper case.
            api: what is known of the API; None for nothing.
        """
        stage, _, rest = self.path.partition("/")
        named, default = f"{stage}/{method}/{rest}", f"{_DEFAULT_STAGE}/{method}/{self.path}"
        if api is None:
            return f"{self.api}/{named}", f"{self.api}/{default}"
        has_named = api.stages is None or stage in api.stages
        return (f"{self.api}/{named if has_named else default}",)


def find_place(url: Url) -> Place | None:
    """Tell where a URL leads; None where its host does not say which API it is, or where it is not API Gateway's.

    Args:
        url: frozen.
    """
    if is_loopback(url.host):
        match = _LOCAL.fullmatch(url.path)
        return Place(match["api"], (match["path"] or "").lstrip("/")) if match else None
    scope = http.find_scope(url)
    if scope is None or scope.service != "execute-api" or http.is_vpc_endpoint(url):
        return None
    return Place(url.host.partition(".")[0].partition("-vpce-")[0], url.path.lstrip("/"))
