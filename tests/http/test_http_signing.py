"""Signing: AWS's published example, a verifier of the tests' own, and no secret in any log."""

from __future__ import annotations

import hmac
import logging
import pickle
import re
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apigw_magic.errors import InvalidRequestError
from apigw_magic.http import Signer, check_fields, freeze, resolve
from apigw_magic.models import Credentials, SigningScope

if TYPE_CHECKING:
    from apigw_magic.models import SignedRequest

# AWS's own examples: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
KEY_ID, SECRET_KEY = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
TOKEN = "invented/session+token=="
NOON = datetime(2015, 8, 30, 12, 36, tzinfo=UTC)
SCOPE = SigningScope("execute-api", "eu-west-1")
USER = Credentials(KEY_ID, SECRET_KEY)
SESSION = Credentials(KEY_ID, SECRET_KEY, TOKEN)
BASE = freeze("https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/prod")

AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<key_id>\w+)/(?P<day>\d{8})/(?P<region>[\w-]+)/(?P<service>[\w-]+)/aws4_request, "
    r"SignedHeaders=(?P<names>[a-z0-9;-]+), Signature=(?P<signature>[0-9a-f]{64})"
)
HASH_OF_NOTHING = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def sign(credentials: Credentials = USER, *, method: str = "GET", target: str = "/orders") -> SignedRequest:
    """Sign a request without fields of its own."""
    return Signer(SCOPE, lambda: NOON).sign(method, resolve(BASE, target), (), b"", credentials)


def parts_of(request: SignedRequest) -> re.Match[str]:
    """Take the Authorization field apart."""
    match = AUTHORIZATION.fullmatch(dict(request.headers)["Authorization"])
    assert match is not None
    return match


def verify(request: SignedRequest, secret_key: str) -> bool:
    """Compute the signature as a server does, from what is sent alone (IAM User Guide, "Create a signed request")."""
    parts = parts_of(request)
    sent = {name.lower(): " ".join(value.split()) for name, value in request.headers}
    path, _, query = request.url.target.partition("?")
    pairs = sorted(tuple(pair.partition("=")[::2]) for pair in query.split("&")) if query else []
    names = parts["names"].split(";")
    canonical_request = "\n".join(
        (
            request.method,
            quote(path, safe="/-_.~"),
            "&".join(f"{key}={value}" for key, value in pairs),
            *(f"{name}:{sent[name]}" for name in names),
            "",
            parts["names"],
            sha256(request.content).hexdigest(),
        )
    )
    scope = f"{parts['day']}/{parts['region']}/{parts['service']}/aws4_request"
    string_to_sign = "\n".join(
        ("AWS4-HMAC-SHA256", sent["x-amz-date"], scope, sha256(canonical_request.encode()).hexdigest())
    )
    key = f"AWS4{secret_key}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    assert canonical_request == request.canonical_request
    assert string_to_sign == request.string_to_sign
    return hmac.compare_digest(hmac.new(key, string_to_sign.encode(), sha256).hexdigest(), parts["signature"])


def test_the_published_example() -> None:
    """AWS's own example, to the letter: canonical request, string to sign, signature."""
    request = Signer(SigningScope("iam", "us-east-1"), lambda: NOON).sign(
        "GET",
        freeze("https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08"),
        (("Content-Type", "application/x-www-form-urlencoded; charset=utf-8"),),
        b"",
        USER,
    )
    assert request.canonical_request.splitlines() == [
        "GET",
        "/",
        "Action=ListUsers&Version=2010-05-08",
        "content-type:application/x-www-form-urlencoded; charset=utf-8",
        "host:iam.amazonaws.com",
        "x-amz-date:20150830T123600Z",
        "",
        "content-type;host;x-amz-date",
        HASH_OF_NOTHING,
    ]
    assert request.string_to_sign.splitlines() == [
        "AWS4-HMAC-SHA256",
        "20150830T123600Z",
        "20150830/us-east-1/iam/aws4_request",
        "f536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59",
    ]
    assert parts_of(request)["signature"] == "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"


HOSTILE = st.text(
    st.one_of(st.sampled_from("/.%2eE:@?&=+;~ '*!é日"), st.characters(exclude_categories=["Cs"])), max_size=30
)
FIELDS = st.lists(
    st.tuples(
        st.sampled_from(
            ["Accept", "Content-Type", "X-Api-Key", "X-Amz-Meta-A", "X-Amz-Meta-B", "x-note", "User-Agent"]
        ),
        st.text(st.characters(min_codepoint=32, max_codepoint=126)),
    ),
    unique_by=lambda field: field[0],
)


@given(
    st.sampled_from(["GET", "POST", "PATCH", "M-SEARCH"]),
    HOSTILE.map(lambda rest: f"/{rest}"),
    FIELDS,
    st.binary(),
    st.sampled_from([USER, SESSION]),
)
def test_any_signature_is_verified(
    method: str, target: str, fields: list[tuple[str, str]], content: bytes, credentials: Credentials
) -> None:
    """Whatever is asked for, a verifier that shares no code with the signer computes the same signature."""
    try:
        url, checked = resolve(BASE, target), check_fields(tuple(fields))
    except InvalidRequestError:
        return
    request = Signer(SCOPE, lambda: NOON).sign(method, url, checked, content, credentials)
    assert verify(request, SECRET_KEY)
    assert not verify(request, "another secret")


@pytest.mark.parametrize(
    ("target", "path", "query"),
    [
        ("/orders", "/prod/orders", ""),
        ("/a%2Fb c", "/prod/a%252Fb%2520c", ""),
        ("/a;b", "/prod/a%253Bb", ""),
        ("/a=b:c@d", "/prod/a%3Db%3Ac%40d", ""),
        ("/%7Ea~", "/prod/%257Ea~", ""),
        ("/x?b=2&a=1&b=1", "/prod/x", "a=1&b=1&b=2"),
        ("/x?a-=1&a=2", "/prod/x", "a=2&a-=1"),
        ("/x?a", "/prod/x", "a="),
        ("/x?a=1+2", "/prod/x", "a=1%2B2"),
        ("/x?A=1&a=1&%41a=0", "/prod/x", "A=1&Aa=0&a=1"),
    ],
)
def test_canonical_path_and_query(target: str, path: str, query: str) -> None:
    """The path on the wire is encoded once more, the query sorted by encoded name and value."""
    lines = sign(target=target).canonical_request.splitlines()
    assert lines[1:3] == [path, query]


def test_signed_fields_are_an_allow_list() -> None:
    """Host, content type, API key and all of x-amz-* are signed; what proxies rewrite is not."""
    fields = tuple(
        (name, "v")
        for name in (
            *("Accept", "Accept-Encoding", "User-Agent", "Content-Type", "X-Api-Key", "x-apigw-api-id"),
            *("X-Amz-Meta", "X-Forwarded-For", "Cookie", "X-Amzn-Trace-Id", "x-amzother"),
        )
    )
    request = Signer(SCOPE, lambda: NOON).sign("POST", BASE, fields, b"{}", SESSION)
    assert parts_of(request)["names"].split(";") == [
        "content-type",
        "host",
        "x-amz-date",
        "x-amz-meta",
        "x-amz-security-token",
        "x-api-key",
        "x-apigw-api-id",
    ]
    assert {name for name, _ in request.headers} == {name for name, _ in fields} | {
        "Host",
        "X-Amz-Date",
        "X-Amz-Security-Token",
        "Authorization",
    }


def test_each_field_is_sent_once() -> None:
    """No field is set twice, and the host is the authority, its port included."""
    url = freeze("http://127.0.0.1:4566/x")
    request = Signer(SCOPE, lambda: NOON).sign("GET", url, (("Accept", "a"),), b"", SESSION)
    names = [name.lower() for name, _ in request.headers]
    assert len(names) == len(set(names))
    assert dict(request.headers)["Host"] == "127.0.0.1:4566"


def test_the_session_token_is_signed() -> None:
    """A role session's token is sent and signed; an IAM user's request has none."""
    assert dict(sign(SESSION).headers)["X-Amz-Security-Token"] == TOKEN
    assert f"x-amz-security-token:{TOKEN}" in sign(SESSION).canonical_request
    assert "security-token" not in sign(USER).canonical_request
    assert "X-Amz-Security-Token" not in dict(sign(USER).headers)


def test_the_content_is_signed() -> None:
    """Another content is another signature, and the bytes stay as they are."""
    signer = Signer(SCOPE, lambda: NOON)
    one, other = (signer.sign("POST", BASE, (), content, USER) for content in (b"\x00\xff", b"\x00\xfe"))
    assert one.content == b"\x00\xff"
    assert parts_of(one)["signature"] != parts_of(other)["signature"]


def test_the_key_follows_day_secret_and_scope() -> None:
    """The derived key is kept for a day and a secret; what is kept never signs for another."""
    times = iter([NOON, NOON + timedelta(hours=1), NOON + timedelta(days=1), NOON, NOON])
    signer = Signer(SCOPE, lambda: next(times))
    new = Credentials("AKIDOTHER", "another invented secret")
    requests = [
        (signer.sign("GET", BASE, (), b"", credentials), credentials.secret_access_key)
        for credentials in (USER, USER, USER, new, USER)
    ]
    assert all(verify(request, secret) for request, secret in requests)
    assert requests[0][0] == requests[4][0]
    assert len({parts_of(request)["signature"] for request, _ in requests}) == 4


def test_the_clock_is_read_for_each_request() -> None:
    """Without a clock of the test's own the time is now, in UTC."""
    request = Signer(SCOPE).sign("GET", BASE, (), b"", USER)
    sent = datetime.strptime(dict(request.headers)["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    assert abs(datetime.now(UTC) - sent) < timedelta(seconds=30)


def test_nothing_secret_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """Botocore's signer logs the canonical request with the session token in it; ours logs nothing."""
    with caplog.at_level(logging.DEBUG):
        request = sign(SESSION)
    assert caplog.records == []
    assert TOKEN not in repr(request)
    assert parts_of(request)["signature"] not in repr(request)


def test_a_signer_is_not_pickled() -> None:
    """A signer keeps a secret with its derived key, so it stays in the process."""
    signer = Signer(SCOPE, _noon)
    signer.sign("GET", BASE, (), b"", USER)
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(signer)


def _noon() -> datetime:
    return NOON


def test_lattice_does_not_sign_the_content() -> None:
    """VPC Lattice wants `x-amz-content-sha256: UNSIGNED-PAYLOAD`, signed; no other service is told so."""
    url = freeze("https://orders.7d67968.vpc-lattice-svcs.us-east-2.on.aws/x")
    lattice = Signer(SigningScope("vpc-lattice-svcs", "us-east-2"), _noon).sign("POST", url, (), b"content", USER)
    assert dict(lattice.headers)["X-Amz-Content-SHA256"] == "UNSIGNED-PAYLOAD"
    assert lattice.canonical_request.endswith("\nhost;x-amz-content-sha256;x-amz-date\nUNSIGNED-PAYLOAD")
    assert "X-Amz-Content-SHA256" not in dict(sign().headers)


def test_a_private_api_is_named_by_host() -> None:
    """The `Host` that a VPC endpoint is told is signed and sent in place of the endpoint's."""
    url = freeze("https://vpce-0a1b2c3d-4e5f.execute-api.us-east-1.vpce.amazonaws.com/prod/x")
    host = ("Host", "a1b2c3d4e5.execute-api.us-east-1.amazonaws.com")
    signed = Signer(SigningScope("execute-api", "us-east-1"), _noon).sign("GET", url, (host,), b"", USER)
    assert [field for field in signed.headers if field[0] == "Host"] == [host]
    assert "\nhost:a1b2c3d4e5.execute-api.us-east-1.amazonaws.com\n" in signed.canonical_request


def test_the_skew_moves_the_time() -> None:
    """The signature's time is the clock's plus what the server said it is off by."""
    signer = Signer(SigningScope("execute-api", "us-east-1"), _noon)
    signed = signer.sign("GET", freeze("https://api.example/"), (), b"", USER, skew=timedelta(minutes=-15))
    assert dict(signed.headers)["X-Amz-Date"] == f"{NOON - timedelta(minutes=15):%Y%m%dT%H%M%SZ}"
