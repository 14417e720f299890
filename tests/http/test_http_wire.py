"""What is signed is what is sent: requests judged by their bytes, as a server judges them, with none of our code."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest

from apigw_magic.http import freeze
from tests.http import verifier
from tests.http.hostile import REFUSALS, Asked, on_each
from tests.http.loopback import SERVER, connect_to
from tests.http.verifier import Account, RejectedError, canonical_request, compute_signature, parse, read_claim, verify
from tests.http.wire import Wire, reply

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apigw_magic.connection import Connection

COUNT = 2000

# AWS's own example, as it goes over the wire:
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
EXAMPLE = b"""\
GET /?Action=ListUsers&Version=2010-05-08 HTTP/1.1
Host: iam.amazonaws.com
Content-Type: application/x-www-form-urlencoded; charset=utf-8
X-Amz-Date: 20150830T123600Z
Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, \
SignedHeaders=content-type;host;x-amz-date, \
Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7

""".replace(b"\n", b"\r\n")
EXAMPLES_SERVER = Account("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", None, "us-east-1", "iam")


@pytest.fixture(scope="module")
def wire() -> Iterator[Wire]:
    """Run a server that keeps what it is sent and is content with everything."""
    with Wire(reply()) as started:
        yield started


@pytest.fixture(scope="module")
def connection(wire: Wire) -> Connection:
    """Connect to it with the real signer and the real transport, as a role."""
    return connect_to(wire)


@pytest.fixture(scope="module")
def raw(wire: Wire, connection: Connection) -> bytes:
    """Send one request and return its bytes."""
    headers = {"Content-Type": "application/json", "X-Amz-Meta": "one  two", "User-Agent": "test"}
    connection.request("POST", "/a%2Fb/c?b=2&a=1&b=1", headers=headers, content=b'{"n": 1}')
    return wire.requests[-1]


def rewrite(raw: bytes, old: bytes, new: bytes) -> bytes:
    """Change one place of a request."""
    changed, count = re.subn(old, new, raw)
    assert count == 1
    assert changed != raw
    return changed


def sign_again(raw: bytes) -> bytes:
    """Sign a changed request anew, truly, for whatever it says now."""
    request = parse(raw)
    claim = read_claim(request)
    canonical = canonical_request(request, claim["names"])
    signature = compute_signature(canonical, request.text("x-amz-date"), claim["scope"], SERVER.secret_key)
    return raw.replace(claim["signature"].encode(), signature.encode())


def test_the_verifier_shares_no_code() -> None:
    """The verifier runs where nothing but the standard library can be imported."""
    subprocess.run([sys.executable, "-I", "-S", verifier.__file__], check=True, timeout=30)


def test_the_verifier_accepts_the_published_example() -> None:
    """AWS's own example verifies, so the verifier computes what AWS computes; a day later it is too old."""
    noon = datetime(2015, 8, 30, 12, 36, tzinfo=UTC)
    canonical = verify(EXAMPLE, EXAMPLES_SERVER, noon)
    assert sha256(canonical).hexdigest() == "f536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59"
    with pytest.raises(RejectedError, match="another time"):
        verify(EXAMPLE, EXAMPLES_SERVER, noon + timedelta(days=1))


MUTATIONS = [
    # what, where it stands, what it becomes
    ("method", b"^POST ", b"PUT "),
    ("path", b"/a%2Fb/", b"/a/b/"),
    ("query value", b"a=1", b"a=2"),
    ("header value", b"one  two", b"one two,"),
    ("signed-header list", b";x-amz-meta;", b";"),
    ("body byte", rb'"n": 1', b'"n": 2'),
    ("date", rb"X-Amz-Date: \d{8}T\d{6}Z", b"X-Amz-Date: 20300101T000000Z"),
    ("region", rb"/eu-west-1/", b"/eu-west-2/"),
    ("service", rb"/execute-api/", b"/lambda/"),
    ("token", rb"invented token 1", b"invented token 2"),
    ("host", rb"Host: 127\.0\.0\.1:", b"Host: 127.0.0.2:"),
]


@pytest.mark.parametrize(("old", "new"), [row[1:] for row in MUTATIONS], ids=[row[0] for row in MUTATIONS])
def test_the_verifier_rejects_a_mutation(raw: bytes, old: bytes, new: bytes) -> None:
    """Whatever is changed on the way breaks the signature itself; whoever signs the change is found by the rest."""
    assert verify(raw, SERVER)
    with pytest.raises(RejectedError, match="the signature is another request's"):
        verify(rewrite(raw, old, new), SERVER)


def test_the_verifier_rejects_another_query_order(raw: bytes) -> None:
    """The query is signed sorted: another order on the wire is the same request, one signed unsorted is not."""
    request = parse(raw)
    claim = read_claim(request)
    canonical = canonical_request(request, claim["names"])
    assert verify(rewrite(raw, b"b=2&a=1&b=1", b"b=1&b=2&a=1"), SERVER) == canonical
    unsorted = rewrite(canonical, b"a=1&b=1&b=2", b"b=2&a=1&b=1")
    stamp = request.text("x-amz-date")
    assert compute_signature(canonical, stamp, claim["scope"], SERVER.secret_key) == claim["signature"]
    assert compute_signature(unsorted, stamp, claim["scope"], SERVER.secret_key) != claim["signature"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"User-Agent: test", b"User-Agent: a proxy"),
        (b"\r\nUser-Agent: test", b""),
        (b"\r\nHost: ", b"\r\nhOST:  "),
        (b"one  two", b"one     two  "),
        (b"/a%2Fb/c", b"/./a%2Fb/x/../c"),
        (rb"a=1&b=1 ", rb"a=%31&b=1&&  ".rstrip() + b" "),
    ],
)
def test_the_verifier_accepts_what_does_not_count(raw: bytes, old: bytes, new: bytes) -> None:
    """Unsigned fields, the case of names, runs of spaces, dot segments and needless escapes are canonicalised away."""
    assert verify(rewrite(raw, old, new), SERVER) == verify(raw, SERVER)


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        (rb"/ASIAEXAMPLE1/|=ASIAEXAMPLE1/", b"=ASIAEXAMPLE2/", "another key"),
        (rb"/eu-west-1/", b"/eu-west-2/", "another Region"),
        (rb"/execute-api/", b"/lambda/", "another service"),
        (rb"/\d{8}/", b"/20300101/", "another day"),
        (rb"X-Amz-Date: \d{8}(T\d{6}Z(?s:.*)/)\d{8}/", rb"X-Amz-Date: 20300101\g<1>20300101/", "another time"),
        (rb"invented token 1", b"invented token 2", "another session token"),
        (rb"\r\nX-Amz-Security-Token: [^\r]*((?s:.*));x-amz-security-token", rb"\1", "another session token"),
        (rb";x-amz-meta;", b";", "must be signed"),
        (rb"=content-type;", b"=", "must be signed"),
        (rb";host;", b";", "must be signed"),
        (rb"=content-type;host;", b"=host;content-type;", "out of order"),
    ],
)
def test_the_verifier_rejects_what_is_signed_for_something_else(raw: bytes, old: bytes, new: bytes, why: str) -> None:
    """A signature that is true in itself does not do: key, scope, time, token and signed fields are held against it."""
    with pytest.raises(RejectedError, match=why):
        verify(sign_again(rewrite(raw, old, new)), SERVER)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b" HTTP/1.1", b" HTTP/1.0"),
        (b"POST /", b"POST http://h.example/"),
        (b"/a%2Fb/c", b"/a b/c"),
        (b"/a%2Fb/c", b"/\xc3\xa9"),
        (b"b=2", b"b=+"),
        (b"\r\nHost: ", b"\r\nHost: x\r\nHost: "),
        (b"\r\nHost: ", b"\nHost: "),
        (b"User-Agent: test", b"User-Agent: te\rst"),
        (b"User-Agent: test", b"User-Agent: te\x00st"),
        (b"User-Agent: test", b"User-Agent: te\r\n st"),
        (b"User-Agent: test", b"Transfer-Encoding: chunked"),
        (rb'"n": 1}', rb'"n": 1} '),
        (rb"\r\nContent-Length: \d+", b""),
        (rb"Authorization: [^\r]*", b"Authorization: Basic eDp5"),
        (rb"\r\nAuthorization: [^\r]*", b""),
        (rb"\r\nX-Amz-Date: [^\r]*", b""),
    ],
)
def test_the_verifier_rejects_what_is_malformed(raw: bytes, old: bytes, new: bytes) -> None:
    """What two servers could read in two ways is not accepted, whatever its signature."""
    with pytest.raises(RejectedError):
        verify(rewrite(raw, old, new), SERVER)


def test_hostile_requests_verify_or_are_not_sent(wire: Wire, connection: Connection) -> None:
    """Each of them arrives as it was signed, whole, over one connection, or not a byte of it is sent."""
    tally: Counter[str] = Counter()

    @on_each(COUNT)
    def send(asked: Asked) -> None:
        before, count = wire.received, len(wire.requests)
        try:
            response = asked.send(connection)
        except REFUSALS:
            tally["refused"] += 1
            assert wire.received == before
            return
        tally["sent"] += 1
        assert len(wire.requests) == count + 1
        raw = wire.requests[-1]
        assert wire.received == before + len(raw)
        verify(raw, SERVER)
        assert raw.split(b" ", 2)[1] == response.url.target.encode()
        assert freeze(str(response.url)) == response.url
        assert parse(raw).content == response.request.content

    send()
    assert sum(tally.values()) >= COUNT
    assert tally["sent"] >= 0.4 * COUNT
    assert tally["refused"] >= 0.1 * COUNT
    assert wire.connections == 1
