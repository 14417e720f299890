"""What is sent where: settled, or refused, before anything is signed."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING

from apigw_magic import http, text
from apigw_magic.errors import InvalidRequestError
from apigw_magic.models import Secret

if TYPE_CHECKING:
    from apigw_magic.connection.defaults import Defaults
    from apigw_magic.models import Fields, Request, Url


@dataclass(frozen=True, slots=True)
class Settled(Secret):
    """A request that is complete and checked, before it is signed.

    Attributes:
        method: upper case.
        url: frozen.
        fields: checked, ours among them; an API key may be, too.
        content: as it will be sent.
    """

    method: str
    url: Url
    fields: Fields = field(repr=False)
    content: bytes = field(repr=False)


def settle(request: Request, base: Url, region: str, defaults: Defaults) -> Settled:
    """Settle a request against a connection.

    Args:
        request: complete.
        base: the connection's URL.
        region: where it is.
        defaults: what the connection brings.

    Raises:
        InvalidRequestError: it cannot be signed and sent as written.
    """
    method = http.check_method(request.method)
    if request.content and method in text.CONTENT_FREE:
        raise InvalidRequestError(
            f"A {method} request has no content.", why=text.WHY_CONTENT_FREE, fix=text.FIX_CONTENT_FREE
        )
    is_shared = http.is_vpc_endpoint(base)
    given = http.check_fields(defaults.add_headers(request.headers), private_in=region if is_shared else None)
    names = {name.lower() for name, _ in given}
    if is_shared and not names & {"host", "x-apigw-api-id"}:
        raise InvalidRequestError(
            f"{base.host} serves many private APIs, and is not told which.",
            fix="Add a header with the API's id, such as x-apigw-api-id: a1b2c3d4e5",
        )
    ours = (("Accept-Encoding", "gzip"), ("User-Agent", _user_agent()))
    fields = given + tuple(field for field in ours if field[0].lower() not in names)
    return Settled(method, http.resolve(base, request.target), fields, request.content)


def encode(content: bytes | str) -> bytes:
    """Return the content as bytes.

    Raises:
        InvalidRequestError: it has half of a character.
    """
    with suppress(UnicodeEncodeError):
        return content.encode() if isinstance(content, str) else content
    raise InvalidRequestError(
        "The content has half of a surrogate pair, which is no character.", fix="Check where the text came from."
    )


@cache
def _user_agent() -> str:
    return f"apigw_magic/{version('apigw_magic')}"
