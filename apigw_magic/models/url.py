"""A URL that is sent as it says, and which hosts are this machine."""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_PORTS: Mapping[str, int] = MappingProxyType({"https": 443, "http": 80})
"""The port of each scheme that HTTP has (RFC 9110 §4.2)."""

_OCTET = r"(?:25[0-5]|2[0-4]\d|1?\d?\d)"
_LOOPBACK = re.compile(rf"localhost|127(?:\.{_OCTET}){{3}}|\[?::1\]?")


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine and no other: `localhost`, 127.0.0.0/8 or `[::1]`."""
    return _LOOPBACK.fullmatch(host) is not None


@dataclass(frozen=True, slots=True)
class Url:
    """A frozen URL: what it says is sent byte for byte.

    Attributes:
        scheme: `https`, or `http` on loopback.
        authority: host in lower case, with the port if it is not the scheme's own.
        path: absolute, percent-encoded.
        query: `k=v` pairs, percent-encoded, without the `?`; empty for none.
    """

    scheme: str
    authority: str
    path: str
    query: str = ""

    @property
    def host(self) -> str:
        """The authority without its port; an IPv6 address stays in brackets."""
        return self.authority.removesuffix(f":{self.port}")

    @property
    def port(self) -> int | None:
        """The port, if it is not the scheme's own."""
        port = self.authority.rpartition(":")[2]
        return int(port) if port.isdigit() and port != self.authority else None

    @property
    def origin(self) -> str:
        """Scheme and authority (RFC 9110 §4.3.1)."""
        return f"{self.scheme}://{self.authority}"

    @property
    def target(self) -> str:
        """Path and query: the origin-form of the request line (RFC 9112 §3.2.1)."""
        return f"{self.path}?{self.query}" if self.query else self.path

    def __str__(self) -> str:
        return f"{self.origin}{self.target}"
