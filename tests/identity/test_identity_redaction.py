"""Secrets are taken out of foreign texts, in whatever way they are spelt there."""

from __future__ import annotations

import base64
import html
import json
from urllib.parse import quote, quote_plus, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apigw_magic.identity import redact
from apigw_magic.models import REDACTED

SECRET = "IQoJb3JpZ2lu/X2Vj+EXAMPLE//token=="

SPELT = {
    "plain": SECRET,
    "percent": quote(SECRET, safe=""),
    "percent, slash kept": quote(SECRET),
    "percent, lower case": quote(SECRET, safe="").replace("%2F", "%2f").replace("%2B", "%2b").replace("%3D", "%3d"),
    "percent, plus kept": quote(SECRET, safe="+/"),
    "percent, twice": quote(quote(SECRET, safe=""), safe=""),
    "form": urlencode({"t": SECRET}),
    "form, plus": quote_plus(SECRET),
    "JSON": json.dumps({"token": SECRET}),
    "JSON, slashes escaped": json.dumps(SECRET).replace("/", r"\/"),
    "JSON, signs escaped": SECRET.replace("=", r"\u003d").replace("+", r"\u002B"),
    "JSON in JSON": json.dumps(json.dumps(SECRET).replace("/", r"\/")),
    "HTML": html.escape(SECRET).replace("/", "&#x2F;").replace("=", "&#61;").replace("+", "&#x2b;"),
    "base64": base64.b64encode(SECRET.encode()).decode(),
    "base64 for URLs": base64.urlsafe_b64encode(SECRET.encode()).decode(),
    "base64 without padding": base64.b64encode(SECRET.encode()).decode().rstrip("="),
    "base64 of more": base64.b64encode(f"x-amz-security-token:{SECRET}\nhost:h".encode()).decode(),
    "base64, one before": base64.b64encode(f"x{SECRET}".encode()).decode(),
    "base64, two before": base64.b64encode(f"xy{SECRET}yz".encode()).decode(),
    "header": f"X-Amz-Security-Token: {SECRET}\r\n",
    "Python": repr({"token": SECRET}),
}


@pytest.mark.parametrize("text", SPELT.values(), ids=SPELT.keys())
def test_every_spelling_is_found(text: str) -> None:
    """No spelling of a secret is left, and what is around it stays."""
    shown = redact(f"before {text} after {text}", [SECRET])
    assert shown.count(REDACTED) == 2
    assert shown.startswith("before ")
    assert " after " in shown
    assert "EXAMPLE" not in shown
    assert "b3JpZ2lu" not in shown
    assert base64.b64encode(b"EXAMPLE").decode()[:8] not in shown


@pytest.mark.parametrize(
    ("text", "secrets", "shown"),
    [
        ("nothing here", ["invented secret"], "nothing here"),
        ("", ["invented secret"], ""),
        ("ab ab", ["ab"], "ab ab"),
        ("empty", [""], "empty"),
        ("x", [], "x"),
        ("one-secret and other-secret", ["one-secret", "other-secret"], f"{REDACTED} and {REDACTED}"),
        ("secret-long-form", ["secret-l", "secret-long-form"], REDACTED),
        ("a.b*c[d]e$ axbbc", ["a.b*c[d]e$"], f"{REDACTED} axbbc"),
        ("schl\u00fcssel-eins", ["schl\u00fcssel-eins"], REDACTED),
        ("schl%C3%BCssel-eins", ["schl\u00fcssel-eins"], REDACTED),
    ],
)
def test_what_is_taken_and_what_stays(text: str, secrets: list[str], shown: str) -> None:
    """A secret of a few letters would cut words out of any text, so it stays; signs have no meaning of their own."""
    assert redact(text, secrets) == shown


def test_a_long_token_in_a_long_text() -> None:
    """A token of 2,000 characters is found in a megabyte of its own beginnings."""
    secret = "aB3/+=" * 350
    text = "aB3/+%2F" * 130_000
    assert REDACTED in redact(f"{text}{secret}", [secret])


@given(st.text(), st.text(min_size=8), st.text())
def test_no_secret_is_left(before: str, secret: str, after: str) -> None:
    """Whatever a secret is made of, its plain form is gone."""
    shown = redact(f"{before}{secret}{after}", [secret])
    assert secret not in shown or secret in f"{before}{REDACTED}{after}"


@pytest.mark.parametrize("piece", ["\\", "%", "%25", "&amp;", "\\u", "&#x", "\\x4"])
def test_a_long_run_of_escapes_is_read_once(piece: str) -> None:
    """A megabyte of backslashes from a server does not hold the kernel: read again at each, it would for hours."""
    text = piece * (2**20 // len(piece))
    assert redact(text, ["invented/secret+key"]) == text


def test_many_echoes() -> None:
    """Each of ten thousand echoes is taken out, and what stands between them stays."""
    secret = "invented/secret+key"
    text = f"{secret.encode().hex()}, " * 10_000
    assert redact(text, [secret]) == "…, " * 10_000
