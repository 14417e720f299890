"""What is asked, what is signed of it, and what comes back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from apigw_magic.models.secret import REDACTED, SECRET_FIELDS, Secret, redact_fields

if TYPE_CHECKING:
    from apigw_magic.models.url import Url

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
"""A parsed JSON document."""

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing (RFC 9110 §9.2.1); TRACE is not one that API Gateway knows."""

Fields: TypeAlias = tuple[tuple[str, str], ...]
"""Header fields in the order given, as (name, value)."""


class Headers(Mapping[str, str]):
    """Header fields by name, in any case; a repeated field is one value joined by commas (RFC 9110 §5.3)."""

    __slots__ = ("_fields",)

    def __init__(self, fields: Iterable[tuple[str, str]] = ()) -> None:
        joined: dict[str, tuple[str, str]] = {}
        for name, value in fields:
            known = joined.get(name.lower())
            joined[name.lower()] = (known[0], f"{known[1]}, {value}") if known else (name, value)
        self._fields = joined

    def __getitem__(self, name: str) -> str:
        return self._fields[name.lower()][1]

    def __iter__(self) -> Iterator[str]:
        return (name for name, _ in self._fields.values())

    def __len__(self) -> int:
        return len(self._fields)

    def __repr__(self) -> str:
        return f"Headers({dict(redact_fields(self.items()))!r})"


@dataclass(frozen=True, slots=True)
class Request:
    """What the user asks for, before it is known where it goes.

    Attributes:
        method: upper case, an RFC 9110 token.
        target: a path with an optional query, or an absolute URL, as written; already free of `{{ }}`.
        headers: the fields the user set, in order.
        content: the content as bytes; empty for none.
    """

    method: str
    target: str
    headers: Fields = ()
    content: bytes = b""

    def __repr__(self) -> str:
        return f"Request({self.method} {self.target}, {len(self.headers)} headers, {len(self.content)} bytes)"


@dataclass(frozen=True, slots=True)
class SignedRequest(Secret):
    """The only thing that can be sent.

    Attributes:
        method: upper case.
        url: frozen.
        headers: all fields that are sent, `Authorization` among them.
        content: the bytes that were signed.
        canonical_request: what the signature covers; it contains the session token.
        string_to_sign: what was signed.
    """

    method: str
    url: Url
    headers: Fields
    content: bytes
    canonical_request: str
    string_to_sign: str

    @property
    def secrets(self) -> tuple[str, ...]:
        """What an echo of the request must not show: session token, API key, signature; each as signed, too."""
        secrets: list[str] = []
        for name, value in self.headers:
            if name.lower() == "authorization":
                secrets.append(value.rpartition("Signature=")[2])
            elif name.lower() in SECRET_FIELDS:
                secrets += {value, " ".join(value.split())}  # SigV4 folds spaces
        return tuple(secrets)

    def describe(self) -> str:
        """Return what is sent and what is signed of it, each secret taken out where it stands."""
        fields = [
            (name, _shorten_authorization(value) if name.lower() == "authorization" else shown)
            for (name, value), (_, shown) in zip(self.headers, redact_fields(self.headers), strict=True)
        ]
        if self.content:
            fields.append(("Content-Length", str(len(self.content))))
        canonical = (
            f"{line.partition(':')[0]}:{REDACTED}" if line.partition(":")[0] in SECRET_FIELDS else line
            for line in self.canonical_request.split("\n")
        )
        return "\n".join(
            (
                f"{self.method} {self.url}",
                *(f"{name}: {value}" for name, value in fields),
                "",
                "Canonical request",
                *canonical,
                "",
                "String to sign",
                self.string_to_sign,
            )
        )

    def __repr__(self) -> str:
        return (
            f"SignedRequest({self.method} {self.url}, {dict(redact_fields(self.headers))!r}, {len(self.content)} bytes)"
        )


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back over the wire, decoded but not judged.

    Attributes:
        status_code: three digits (RFC 9110 §15).
        reason: the reason phrase; may be empty.
        headers: as received.
        content: the decoded content.
        elapsed: seconds from the first byte sent to the last received.
    """

    status_code: int
    reason: str
    headers: Headers
    content: bytes
    elapsed: float

    def __repr__(self) -> str:
        return f"Reply({self.status_code} {self.reason}, {len(self.content)} bytes)"


def _shorten_authorization(value: str) -> str:
    """Return an Authorization value with its signature taken out, or nothing of one that is not SigV4's."""
    head, mark, _ = value.rpartition("Signature=")
    return f"{head}{mark}{REDACTED}" if value.startswith("AWS4-HMAC-SHA256 ") else REDACTED
