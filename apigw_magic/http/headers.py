"""Which header fields a user may set, and what may stand in them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from apigw_magic.errors import InvalidRequestError
from apigw_magic.http.hosts import is_invoke_host

if TYPE_CHECKING:
    from apigw_magic.models import Fields

# RFC 9110 §5.6.2
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
# RFC 9110 §5.5: visible characters, space and tab; the obsolete upper half of latin-1 is what HTTP/1.1 can carry.
_VALUE = re.compile(r"[\t\x20-\x7e\xa0-\xff]*")

_SIGNED = frozenset({"host", "content-type", "x-api-key", "x-apigw-api-id"})

_OURS = {
    "authorization": "the signature goes there",
    "connection": "the transport sets it",
    "content-length": "it follows from the content",
    "date": "the signature's time goes into X-Amz-Date",
    "host": "it follows from the URL, but for a VPC endpoint's, where it names an API's own host",
    "transfer-encoding": "the content is sent whole",
    "x-amz-content-sha256": "it follows from the content",
    "x-amz-date": "the signature's time goes there",
    "x-amz-security-token": "the role session's token goes there",
}


def is_signed(name: str) -> bool:
    """Tell whether a field is signed: what API Gateway reads and no proxy rewrites on the way."""
    return name.lower() in _SIGNED or name.lower().startswith("x-amz-")


def check_method(method: str) -> str:
    """Return the method in upper case, as it is signed (SigV4) and as policies spell it.

    Raises:
        InvalidRequestError: it is not an RFC 9110 token, or a method for proxies.
    """
    if _TOKEN.fullmatch(method) is None:
        raise InvalidRequestError(f"{method!r} is not an HTTP method.", fix="Write GET, POST, PUT, PATCH or DELETE.")
    if method.upper() in {"CONNECT", "TRACE"}:
        raise InvalidRequestError(
            f"{method.upper()} is not sent.",
            why="It is for proxies: it opens a tunnel, or asks for the request back, session token and all.",
            fix="Write GET, POST, PUT, PATCH or DELETE.",
        )
    return method.upper()


def check_fields(fields: Fields, *, private_in: str | None = None) -> Fields:
    """Return the header fields as they are sent: outer white space removed.

    Args:
        fields: as the user set them.
        private_in: the Region of a VPC endpoint, which is told by `Host` which private API of that Region is meant;
            None for any other host, whose `Host` is its own.

    Raises:
        InvalidRequestError: a name that is no token, a value that HTTP/1.1 cannot carry or that cannot be signed, a
            field that is set by us, or the same field twice (a signature covers one value of each).
    """
    checked: dict[str, tuple[str, str]] = {}
    for name, given in fields:
        value = given.strip(" \t")
        if _TOKEN.fullmatch(name) is None:
            raise InvalidRequestError(
                f"{name!r} is not a header name.",
                why="A name is letters, digits and a few signs, without spaces.",
                fix="Write it as Name: value",
            )
        if name.lower() == "host" and private_in and "host" not in checked and is_invoke_host(value, private_in):
            checked["host"] = ("Host", value)
            continue
        if name.lower() in _OURS:
            raise _refuse_ours([name for name, _ in fields if name.lower() in _OURS])
        if _VALUE.fullmatch(value) is None:
            raise InvalidRequestError(
                f"The header {name} has a character that HTTP cannot carry.",
                why="A value is printable latin-1 text on one line.",
                fix="Encode it as the API expects: percent-encoded, base64 or JSON with escapes.",
            )
        if is_signed(name) and not value.isascii():
            raise InvalidRequestError(
                f"The header {name} has a character that is not ASCII.",
                why="It is signed as UTF-8 and sent as latin-1, so its signature would not hold.",
                fix="Encode it as the API expects: percent-encoded, base64 or JSON with escapes.",
            )
        if is_signed(name) and "\t" in value:
            raise InvalidRequestError(
                f"The header {name} has a tab in its value.",
                why="It is signed as a space and sent as a tab, so its signature would not hold.",
                fix="Write a space.",
            )
        if name.lower() in checked:
            raise InvalidRequestError(
                f"The header {name} stands twice.",
                why="A signature covers one value of each header.",
                fix="Write one line, with the values joined by commas if the API takes a list.",
            )
        checked[name.lower()] = (name, value)
    return tuple(checked.values())


def _refuse_ours(names: list[str]) -> InvalidRequestError:
    """Name all at once: a pasted request has several."""
    if len(names) == 1:
        return InvalidRequestError(
            f"The header {names[0]} cannot be set.",
            why=f"Signing needs it: {_OURS[names[0].lower()]}.",
            fix="Leave it out.",
        )
    return InvalidRequestError(
        f"The headers {', '.join(names[:-1])} and {names[-1]} cannot be set.",
        why="Signing and sending need them: they follow from the URL, the content and the credentials.",
        fix="Leave them out.",
    )
