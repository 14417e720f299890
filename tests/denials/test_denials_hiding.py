"""Secrets of others in their answers: taken out by the name that stands before them."""

from __future__ import annotations

import json

import pytest

from apigw_magic.denials import explain, hide_secrets, read_refusal
from tests.text.steps import check_linear

TOKEN = "IQoJb3JpZ2luX2VjEExample+/Token==" * 12
SIGNATURE = "0f" * 32
KEY = "AbCdEf0123456789AbCdEf"
CANONICAL = (
    "The request signature we calculated does not match the signature you provided.\n\nThe Canonical String for this "
    f"request should have been\n'GET\n/prod/orders\nX-Amz-Security-Token={TOKEN}&a=b\nhost:x\n"
    f"x-amz-security-token:{TOKEN}\n\nhost;x-amz-security-token\n{'e3' * 32}'\n\n"
    "The String-to-Sign should have been\n'x'"
)

SHOWN = [
    (f"x-amz-security-token:{TOKEN}\n\nhost;x-amz-date", "x-amz-security-token:…\n\nhost;x-amz-date"),
    (f"X-Amz-Security-Token: {TOKEN}", "X-Amz-Security-Token: …"),
    (f"?X-Amz-Security-Token={TOKEN}&X-Amz-Date=2", "?X-Amz-Security-Token=…&X-Amz-Date=2"),
    (f"X-Amz-Security-Token%3D{KEY}%26x", "X-Amz-Security-Token%3D…"),
    (f'{{"x-amz-security-token": "{TOKEN}", "host": "x"}}', '{"x-amz-security-token": "…", "host": "x"}'),
    (f"&X-Amz-Signature={SIGNATURE}&x", "&X-Amz-Signature=…&x"),
    (
        f"header: 'AWS4-HMAC-SHA256 Credential= AKIA/x, SignedHeaders=host, Signature={SIGNATURE}'.",
        "header: 'AWS4-HMAC-SHA256 Credential= AKIA/x, SignedHeaders=host, Signature=…'.",
    ),
    (f"x-api-key: {KEY}", "x-api-key: …"),
    ("x-api-key: required", "x-api-key: required"),
    ("Authorization=Basic dXNlcjpwYXNzd29yZA==", "Authorization=Basic …"),
    (f"Authorization: Bearer {KEY}", "Authorization: Bearer …"),
    (
        f"'{KEY}' not a valid key=value pair (missing equal-sign) in Authorization header: 'Bearer {KEY}'.",
        "'…' not a valid key=value pair (missing equal-sign) in Authorization header: 'Bearer …'.",
    ),
    ("SignedHeaders=host;x-amz-security-token\n\nabc", "SignedHeaders=host;x-amz-security-token\n\nabc"),
    ("Signature expired: 20300101T000000Z is now earlier", "Signature expired: 20300101T000000Z is now earlier"),
    ("Missing Authentication Token", "Missing Authentication Token"),
]


@pytest.mark.parametrize(("text", "shown"), SHOWN)
def test_secrets_are_taken_out(text: str, shown: str) -> None:
    """What a name announces as a secret is hidden, once and for all; nothing else is."""
    assert hide_secrets(text) == shown
    assert hide_secrets(shown) == shown


@pytest.mark.parametrize("key", ["message", "error", "other"])
def test_an_explanation_has_none(key: str) -> None:
    """Not in a text, a detail or a representation, wherever the answer comes from and wherever it is cut."""
    body = json.dumps({key: CANONICAL})
    told = explain(read_refusal(403, {"x-amzn-ErrorType": "InvalidSignatureException"}, body))
    for text in (str(told), repr(told), told.message, *told.details):
        assert TOKEN[:12] not in text


def test_a_mismatch_is_not_told_in_its_own_words() -> None:
    """The canonical request is compared, and not poured out."""
    told = explain(read_refusal(403, {}, json.dumps({"message": CANONICAL})))
    assert told.kind == "signature_mismatch"
    assert not any(line.startswith("In its own words") for line in told.details)


@pytest.mark.parametrize(
    "unit",
    ["x-amz-security-token", "x-amz-security-token:", "signature= ", "authorization: ", "'", "' not a valid", '\\"'],
)
def test_no_text_makes_it_slow(unit: str) -> None:
    """Names without values, and values without names, are read once."""
    check_linear(hide_secrets, "", unit)
