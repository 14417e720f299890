"""The data that travels: frozen, and with no secret in anything that is shown or stored."""

from __future__ import annotations

import copy
import pickle
from dataclasses import FrozenInstanceError, fields, is_dataclass

import pytest

from apigw_magic import models
from apigw_magic.models import (
    REDACTED,
    Circumstances,
    Credentials,
    Explanation,
    Headers,
    Identity,
    MethodArn,
    Principal,
    Refusal,
    Reply,
    Request,
    SignedRequest,
    SigningScope,
    Url,
    redact_fields,
)

SECRET_KEY = "invented+secret/key"
TOKEN = "invented/session+token=="
SIGNATURE = "0123456789abcdef" * 4
API_KEY = "invented-api-key"
AUTHORIZATION = f"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/x, SignedHeaders=host, Signature={SIGNATURE}"

URL = Url("https", "h.example:8443", "/prod", "a=1")
CREDENTIALS = Credentials("AKIDEXAMPLE", SECRET_KEY, TOKEN)
SIGNED = SignedRequest(
    "GET",
    URL,
    (("Host", "h"), ("x-api-key", API_KEY), ("X-Amz-Security-Token", TOKEN), ("Authorization", AUTHORIZATION)),
    b"content",
    f"x-amz-security-token:{TOKEN}",
    "string to sign",
)
REPLY = Reply(200, "OK", Headers([("A", "b")]), b"{}", 0.1)
HOLDERS = [CREDENTIALS, SIGNED]
FROZEN: list[object] = [
    CREDENTIALS,
    SIGNED,
    URL,
    REPLY,
    Request("GET", "/x"),
    SigningScope("execute-api", "eu-west-1"),
    Identity("123456789012", "arn"),
    Refusal(403, "", ""),
    Circumstances(),
    Explanation("unknown", "s", "c", "r"),
    MethodArn("aws", "eu-west-1", "123456789012", "a1b2c3", "prod", "GET", "/orders"),
    Principal("aws", "123456789012", "role", "reader", "ana"),
]


@pytest.mark.parametrize("holder", HOLDERS, ids=lambda holder: type(holder).__name__)
def test_no_secret_is_shown(holder: object) -> None:
    """Neither repr nor str nor a format shows a secret."""
    shown = f"{holder!r} {holder!s} {holder} {[holder]}"
    assert not [secret for secret in (SECRET_KEY, TOKEN, SIGNATURE, API_KEY) if secret in shown]


@pytest.mark.parametrize("holder", HOLDERS, ids=lambda holder: type(holder).__name__)
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_holder_of_secrets_is_not_pickled(holder: object, protocol: int) -> None:
    """No protocol writes a secret to a file, and the message says nothing of it."""
    with pytest.raises(TypeError, match="holds credentials and is not pickled"):
        pickle.dumps({"kept": holder}, protocol)


@pytest.mark.parametrize("holder", HOLDERS, ids=lambda holder: type(holder).__name__)
def test_a_holder_of_secrets_is_not_copied(holder: object) -> None:
    """A copy is refused as well, be it shallow or deep."""
    for make in (copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="not pickled"):
            make(holder)


def test_a_subclass_of_secret_cannot_be_pickled_by_accident() -> None:
    """The refusal is inherited, and names the class that refused."""

    class Holder(models.Secret):
        pass

    with pytest.raises(TypeError, match="Holder holds credentials"):
        copy.copy(Holder())


@pytest.mark.parametrize("value", FROZEN, ids=lambda value: type(value).__name__)
def test_what_travels_is_frozen(value: object) -> None:
    """No field can be set, and none can be added."""
    assert is_dataclass(value)
    with pytest.raises(FrozenInstanceError):
        setattr(value, fields(value)[0].name, "other")
    with pytest.raises((AttributeError, TypeError)):
        value.another = 1  # type: ignore[union-attr]  # that there is no such attribute is the test


def test_every_dataclass_of_models_is_frozen_and_slotted() -> None:
    """A type that is added later is frozen too."""
    found = [kind for kind in vars(models).values() if isinstance(kind, type) and is_dataclass(kind)]
    assert {type(value) for value in FROZEN} == set(found)
    assert all("__slots__" in vars(kind) for kind in found)


def test_secrets_of_a_signed_request() -> None:
    """What an echo must not show: token, API key and the bare signature, not the key's id."""
    assert set(SIGNED.secrets) == {API_KEY, TOKEN, SIGNATURE}


def test_headers_are_found_in_any_case() -> None:
    """Names are case-insensitive; the spelling that came is the one that is listed."""
    headers = Headers([("Content-Type", "text/plain"), ("X-One", "1")])
    assert headers["content-type"] == headers["CONTENT-TYPE"] == "text/plain"
    assert "x-one" in headers
    assert headers.get("absent") is None
    assert list(headers) == ["Content-Type", "X-One"]
    assert len(headers) == 2


def test_headers_join_what_is_repeated() -> None:
    """A field that came twice is one value, in the order received (RFC 9110 §5.3)."""
    headers = Headers([("Vary", "a"), ("Link", "x"), ("vary", "b"), ("VARY", "c")])
    assert dict(headers) == {"Vary": "a, b, c", "Link": "x"}


def test_headers_miss_like_a_mapping() -> None:
    """An absent name is a KeyError."""
    with pytest.raises(KeyError):
        Headers()["x"]


def test_headers_show_no_secret() -> None:
    """The repr of the headers has the secrets taken out, and nothing else."""
    shown = repr(Headers([("X-API-Key", API_KEY), ("x-amz-security-token", TOKEN), ("Accept", "text/plain")]))
    assert (
        shown == f"Headers({{'X-API-Key': '{REDACTED}', 'x-amz-security-token': '{REDACTED}', 'Accept': 'text/plain'}})"
    )


@pytest.mark.parametrize("name", ["Authorization", "PROXY-AUTHORIZATION", "x-amz-security-token", "X-Api-Key"])
def test_secret_fields_are_redacted_in_any_case(name: str) -> None:
    """A field that holds a secret keeps its name and loses its value."""
    assert redact_fields([(name, "v"), ("Host", "h")]) == ((name, REDACTED), ("Host", "h"))


def test_request_and_reply_show_no_content() -> None:
    """Headers and content may hold anything: the repr counts them."""
    request = Request("POST", "/x", (("x-api-key", API_KEY),), b"password")
    assert repr(request) == "Request(POST /x, 1 headers, 8 bytes)"
    assert repr(REPLY) == "Reply(200 OK, 2 bytes)"


@pytest.mark.parametrize(
    ("authority", "host", "port"),
    [
        ("h.example", "h.example", None),
        ("h.example:8443", "h.example", 8443),
        ("127.0.0.1:80", "127.0.0.1", 80),
        ("[::1]", "[::1]", None),
        ("[::1]:8080", "[::1]", 8080),
        ("localhost", "localhost", None),
    ],
)
def test_url_knows_host_and_port(authority: str, host: str, port: int | None) -> None:
    """The authority is taken apart in one place, IPv6 included."""
    url = Url("http", authority, "/")
    assert (url.host, url.port) == (host, port)


def test_url_puts_its_parts_together() -> None:
    """Origin, target and the whole are what is signed and sent."""
    assert (URL.origin, URL.target, str(URL)) == (
        "https://h.example:8443",
        "/prod?a=1",
        "https://h.example:8443/prod?a=1",
    )
    assert Url("https", "h", "/x").target == "/x"


def test_explanation_is_its_lines() -> None:
    """As text it is summary, cause and remedy; what is empty leaves no line."""
    assert str(Explanation("k", "summary", "", "remedy")) == "summary\nremedy"
