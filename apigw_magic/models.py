"""The frozen data that travels between the parts: what is asked, what is signed, what came back.

Nothing here does anything. A type that holds a secret shows none of it and refuses to be pickled or copied into a file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NoReturn, TypeAlias

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
"""A parsed JSON document."""

Fields: TypeAlias = tuple[tuple[str, str], ...]
"""Header fields in the order given, as (name, value)."""

REDACTED = "…"
"""What is shown where a secret stood."""

DEFAULT_PORTS: Mapping[str, int] = MappingProxyType({"https": 443, "http": 80})
"""The port of each scheme that HTTP has (RFC 9110 §4.2)."""

_OCTET = r"(?:25[0-5]|2[0-4]\d|1?\d?\d)"
_LOOPBACK = re.compile(rf"localhost|127(?:\.{_OCTET}){{3}}|\[?::1\]?")
_SECRET_FIELDS = frozenset({"authorization", "proxy-authorization", "x-amz-security-token", "x-api-key"})


def redact_fields(fields: Iterable[tuple[str, str]]) -> Fields:
    """Return the header fields with the values that are secrets replaced."""
    return tuple((name, REDACTED if name.lower() in _SECRET_FIELDS else value) for name, value in fields)


def _shorten_authorization(value: str) -> str:
    """Return an Authorization value with its signature taken out, or nothing of one that is not SigV4's."""
    head, mark, _ = value.rpartition("Signature=")
    return f"{head}{mark}{REDACTED}" if value.startswith("AWS4-HMAC-SHA256 ") else REDACTED


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine and no other: `localhost`, 127.0.0.0/8 or `[::1]`."""
    return _LOOPBACK.fullmatch(host) is not None


class Secret:
    """A mixin for what must not leave the process: it cannot be pickled, and so not deep-copied or stored either."""

    __slots__ = ()

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        """Refuse to be pickled.

        Raises:
            TypeError: always.
        """
        msg = f"{type(self).__name__} holds credentials and is not pickled"
        raise TypeError(msg)


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


@dataclass(frozen=True, slots=True)
class SigningScope:
    """The part of a SigV4 credential scope that belongs to the host.

    Attributes:
        service: the signing name, such as `execute-api`.
        region: an AWS Region, such as `eu-west-1`.
    """

    service: str
    region: str


@dataclass(frozen=True, slots=True)
class Credentials(Secret):
    """One consistent set of keys, good for the signing of one request.

    Attributes:
        access_key_id: not a secret.
        secret_access_key: a secret.
        session_token: a secret; None for the keys of an IAM user.
    """

    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Identity:
    """Who STS says the caller is.

    Attributes:
        account: 12 digits.
        arn: the ARN of the user or of the role session.
    """

    account: str
    arn: str


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
            elif name.lower() in _SECRET_FIELDS:
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
            f"{line.partition(':')[0]}:{REDACTED}" if line.partition(":")[0] in _SECRET_FIELDS else line
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


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer that says no, read but not yet understood.

    Attributes:
        status_code: of the answer.
        error_type: what `x-amzn-ErrorType` or the STS error code says, cut at the colon; empty if nothing does.
        message: the text of the body; empty if there is none.
    """

    status_code: int
    error_type: str
    message: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why an answer says no.

    Attributes:
        kind: the catalogue entry's id; `unknown` where none fits.
        summary: what happened, one line.
        cause: why, one line.
        remedy: the next step, one line.
        error_type: what `x-amzn-ErrorType` says, cut at the colon; empty if it says nothing.
        message: the refusal's own text; empty if there is none.
        principal: the ARN that was refused; empty if the text does not say.
        action: such as `execute-api:Invoke`; empty if the text does not say.
        resource: the ARN that was asked for; empty if the text does not say.
    """

    kind: str
    summary: str
    cause: str
    remedy: str
    error_type: str = ""
    message: str = ""
    principal: str = ""
    action: str = ""
    resource: str = ""

    def __str__(self) -> str:
        return "\n".join(line for line in (self.summary, self.cause, self.remedy) if line)
