"""Verifies a signed request by its bytes, as a server does: standard library only, no code shared with the signer.

After the IAM User Guide, "Create a signed AWS API request":
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from urllib.parse import quote, unquote_to_bytes

_TOKEN = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_REQUEST_LINE = re.compile(rb"(" + _TOKEN + rb") (/[\x21-\x7e]*) HTTP/1\.1")
_FIELD = re.compile(rb"(" + _TOKEN + rb"):[ \t]*([\t\x20-\x7e\x80-\xff]*?)[ \t]*")
_AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 "
    r"Credential=(?P<key_id>\w+)/(?P<scope>(?P<day>\d{8})/(?P<region>[\w-]+)/(?P<service>[\w-]+)/aws4_request), "
    r"SignedHeaders=(?P<names>[^ ,]+), Signature=(?P<signature>[0-9a-f]{64})"
)
_UNRESERVED = "-_.~"  # beside letters and digits: RFC 3986 §2.3
_SKEW = timedelta(minutes=5)


class RejectedError(Exception):
    """The request is malformed, or is not what was signed, or was signed for something else."""


@dataclass(frozen=True)
class Account:
    """What a server knows of the one who signs, and of itself.

    Attributes:
        key_id: the access key's id.
        secret_key: the secret access key.
        token: the session token; None for the keys of an IAM user.
        region: the server's.
        service: the server's.
    """

    key_id: str
    secret_key: str
    token: str | None
    region: str
    service: str


@dataclass(frozen=True)
class Received:
    """A request as its bytes say.

    Attributes:
        method: of the request line.
        path: of the request line, still encoded.
        query: of the request line, still encoded, without the question mark.
        fields: values by name in lower case, without outer white space.
        content: what follows the head.
    """

    method: str
    path: str
    query: str
    fields: dict[str, bytes]
    content: bytes

    def text(self, name: str) -> str:
        """Return a field's value as text."""
        if name not in self.fields:
            msg = f"there is no {name}"
            raise RejectedError(msg)
        return self.fields[name].decode("latin-1")


def parse(raw: bytes) -> Received:
    """Parse one request of HTTP/1.1, strictly (RFC 9112)."""
    head, _, content = raw.partition(b"\r\n\r\n")
    line, *lines = head.split(b"\r\n")
    request_line = _REQUEST_LINE.fullmatch(line)
    if request_line is None:
        msg = f"no request line: {line!r}"
        raise RejectedError(msg)
    fields: dict[str, bytes] = {}
    for one in lines:
        field = _FIELD.fullmatch(one)
        if field is None:
            msg = f"no field: {one!r}"
            raise RejectedError(msg)
        name = field[1].decode().lower()
        if name in fields:
            msg = f"{name} stands twice"
            raise RejectedError(msg)
        fields[name] = field[2]
    if "transfer-encoding" in fields or int(fields.get("content-length", b"0")) != len(content):
        msg = "the content is not as long as it says"
        raise RejectedError(msg)
    path, _, query = request_line[2].decode().partition("?")
    return Received(request_line[1].decode(), path, query, fields, content)


def canonical_path(path: str) -> str:
    """Normalise the path as sent, then encode each segment once more, as all services but S3 do."""
    kept: list[str] = []
    segments = path.split("/")[1:]
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment not in {"", "."}:
            kept.append(quote(segment, safe=_UNRESERVED))
    trailing = "/" if kept and segments[-1] in {"", ".", ".."} else ""
    return "/" + "/".join(kept) + trailing


def canonical_query(query: str) -> str:
    """Decode the pairs, encode them again, and sort them by encoded name, then by encoded value."""
    if "+" in query:
        msg = "a plus sign in a query is a space to some servers and itself to others"
        raise RejectedError(msg)
    pairs = sorted(
        tuple(quote(unquote_to_bytes(part), safe=_UNRESERVED) for part in pair.partition("=")[::2])
        for pair in query.split("&")
        if pair
    )
    return "&".join("=".join(pair) for pair in pairs)


def canonical_request(request: Received, names: str) -> bytes:
    """Put together what is signed; inner runs of spaces in a value become one space.

    Args:
        request: as received.
        names: of the signed fields, joined by semicolons.
    """
    lines = [f"{name}:{re.sub(' +', ' ', request.text(name))}".encode("latin-1") for name in names.split(";")]
    return b"\n".join(
        (
            request.method.encode(),
            canonical_path(request.path).encode(),
            canonical_query(request.query).encode(),
            *lines,
            b"",
            names.encode(),
            sha256(request.content).hexdigest().encode(),
        )
    )


def compute_signature(canonical: bytes, stamp: str, scope: str, secret_key: str) -> str:
    """Compute the signature of a canonical request.

    Args:
        canonical: the canonical request.
        stamp: such as `20150830T123600Z`.
        scope: such as `20150830/us-east-1/iam/aws4_request`.
        secret_key: the secret access key.
    """
    key = f"AWS4{secret_key}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    string_to_sign = "\n".join(("AWS4-HMAC-SHA256", stamp, scope, sha256(canonical).hexdigest()))
    return hmac.digest(key, string_to_sign.encode(), "sha256").hex()


def read_claim(request: Received) -> re.Match[str]:
    """Read the Authorization field: `key_id`, `scope`, `day`, `region`, `service`, `names` and `signature`."""
    claim = _AUTHORIZATION.fullmatch(request.text("authorization"))
    if claim is None:
        msg = "Authorization cannot be read"
        raise RejectedError(msg)
    return claim


def verify(raw: bytes, account: Account, now: datetime | None = None) -> bytes:
    """Verify a request and return its canonical request.

    Args:
        raw: all bytes of one request.
        account: whose keys should have signed it, for which server.
        now: the server's time; None for the time it is.

    Raises:
        RejectedError: with the reason.
    """
    request = parse(raw)
    claim = read_claim(request)
    stamp = request.text("x-amz-date")
    canonical = canonical_request(request, claim["names"])
    if not hmac.compare_digest(
        compute_signature(canonical, stamp, claim["scope"], account.secret_key), claim["signature"]
    ):
        msg = "the signature is another request's"
        raise RejectedError(msg)
    for fault, is_so in (
        ("another key", claim["key_id"] != account.key_id),
        ("another Region", claim["region"] != account.region),
        ("another service", claim["service"] != account.service),
        ("another day in the scope", claim["day"] != stamp[:8]),
        ("another time", abs((now or datetime.now(UTC)) - _read_stamp(stamp)) > _SKEW),
        ("another session token", request.fields.get("x-amz-security-token") != _encode(account.token)),
        *(("a field that must be signed", name not in claim["names"].split(";")) for name in _must_be_signed(request)),
        ("signed fields out of order", claim["names"].split(";") != sorted(set(claim["names"].lower().split(";")))),
    ):
        if is_so:
            raise RejectedError(fault)
    return canonical


def _must_be_signed(request: Received) -> list[str]:
    """Host, Content-Type and all of x-amz-*."""
    return ["host"] + [name for name in request.fields if name == "content-type" or name.startswith("x-amz-")]


def _read_stamp(stamp: str) -> datetime:
    try:
        return datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise RejectedError("no time") from None


def _encode(token: str | None) -> bytes | None:
    return None if token is None else token.encode()
