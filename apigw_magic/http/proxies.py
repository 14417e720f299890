"""The proxy on the way, and what of it may be shown."""

from __future__ import annotations

import re
from base64 import b64encode
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, unquote, urlsplit

from apigw_magic.errors import TransportError
from apigw_magic.models import DEFAULT_PORTS, Secret

if TYPE_CHECKING:
    from collections.abc import Mapping

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(?=//)|(?=//)")
_SPACE = re.compile(r"[\x00-\x20\x7f]")
_HOST = re.compile(r"[A-Za-z0-9._-]+|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*")  # a name or IPv4 address, or an IPv6 address


@dataclass(frozen=True, slots=True)
class Proxy(Secret):
    """A proxy that opens a tunnel by CONNECT (RFC 9110 §9.3.6).

    Attributes:
        scheme: `http`, or `https` for TLS to the proxy itself.
        host: without brackets.
        port: never left out.
        authorization: the `Proxy-Authorization` field's value; a secret; empty for none.
    """

    scheme: str
    host: str
    port: int
    authorization: str = field(default="", repr=False)

    def __str__(self) -> str:
        return f"{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"

    @property
    def headers(self) -> Mapping[str, str]:
        """The fields that go to the proxy alone."""
        return {"Proxy-Authorization": self.authorization} if self.authorization else {}


def parse_proxy(text: str) -> Proxy:
    """Parse a proxy's URL, as botocore reads it: without a scheme it is http, `user:password@` is percent-decoded.

    Raises:
        TransportError: it is no http or https URL; nothing was sent. The text, which may hold a password, is not shown.
    """
    split = _split(text.strip())
    if split is None or split.scheme not in DEFAULT_PORTS or not split.hostname or not _HOST.fullmatch(split.hostname):
        raise TransportError(
            "The proxy in HTTPS_PROXY, or in the system's settings, cannot be used.",
            why="It is not the URL of an HTTP proxy.",
            fix="Write http://HOST:PORT, with special characters of a password percent-encoded; or set NO_PROXY.",
            was_sent=False,
        )
    return Proxy(split.scheme, split.hostname, split.port or DEFAULT_PORTS[split.scheme], _authorize(split))


def _split(text: str) -> SplitResult | None:
    match = _SCHEME.match(text)
    url = f"http://{text}" if match is None else text if match[0] else f"http:{text}"
    with suppress(ValueError):  # from brackets that do not match, or a port that is none
        split = urlsplit(url)
        # An @ behind the host: a slash in the password was not encoded, and what looks like the host is a part of it.
        if split.port != 0 and "@" not in f"{split.path}{split.query}{split.fragment}" and not _SPACE.search(url):
            return split
    return None


def _authorize(split: SplitResult) -> str:
    """Write the value of Basic authentication (RFC 7617)."""
    if split.username is None:
        return ""
    pair = f"{unquote(split.username)}:{unquote(split.password or '')}"
    # What is not UTF-8 in the environment goes out as the bytes that it was.
    return f"Basic {b64encode(pair.encode(errors='surrogateescape')).decode()}"
