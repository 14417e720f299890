"""Reading an answer: status, error type and text, wherever and however they stand."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apigw_magic.denials import read_refusal
from apigw_magic.models import Refusal

MESSAGES: list[tuple[bytes | str, str]] = [
    # JSON, in the spellings of the services
    (b'{"message":"Forbidden"}', "Forbidden"),
    (b'{"Message":"User: x is not authorized"}', "User: x is not authorized"),
    (b'{"message":"lower","Message":"upper"}', "lower"),
    (b'{"message":null,"Message":"upper"}', "upper"),
    (b'{"errorMessage":"boom","errorType":"KeyError"}', "KeyError: boom"),
    (b'{"type":"about:blank","title":"Gone","detail":"It is gone."}', "It is gone."),
    (b'{"title":"Gone"}', "Gone"),
    (b'{"error":"invalid_token"}', "invalid_token"),
    (b'  {"message" : "spaced"}\n', "spaced"),
    ('{"message":"text"}', "text"),
    ('"just a string"', "just a string"),
    ('{"message":"日本"}'.encode(), "日本"),
    # JSON without a message is shown as it is
    (b'{"code":7}', '{"code":7}'),
    (b'{"message":["a","b"]}', '{"message":["a","b"]}'),
    (b'{"error":{"code":1}}', '{"error":{"code":1}}'),
    (b"[1,2]", "[1,2]"),
    (b"403", "403"),
    # nothing
    (b"", ""),
    (b" \r\n ", ""),
    (b"{}", ""),
    (b"[]", ""),
    (b"null", ""),
    (b'""', ""),
    # not JSON
    (b"Forbidden", "Forbidden"),
    (b"<html><h1>403 Forbidden</h1></html>", "<html><h1>403 Forbidden</h1></html>"),
    (b"two\r\nlines\tand  spaces", "two lines and spaces"),
    (b'{"message":"cut', '{"message":"cut'),
    (b'\xef\xbb\xbf{"message":"x"}', '\ufffd{"message":"x"}'),
    (b"caf\xe9", "caf\ufffd"),
    (b"\x00\xff\xfe", "\ufffd\ufffd\ufffd"),
    (b"\x1b[2Jcleared", "\ufffd[2Jcleared"),
    (b'{"message":"\\u001b[31mred\\u0000"}', "\ufffd[31mred\ufffd"),
    (b'{"message":"half \\ud800"}', "half \ufffd"),
    ("right to left \u202e".encode(), "right to left \ufffd"),
    (b"[" * 100_000, "[" * 399 + "…"),
    (b"9" * 5000, "9" * 399 + "…"),
    (b"x" * 400, "x" * 400),
    (b"x" * 401, "x" * 399 + "…"),
    (json.dumps({"message": "x" * 500}).encode(), "x" * 399 + "…"),
]


@pytest.mark.parametrize(("content", "message"), MESSAGES, ids=range(len(MESSAGES)))
def test_messages(content: bytes | str, message: str) -> None:
    """The text is found in JSON, taken as it is elsewhere, and is one line that can be shown."""
    assert read_refusal(403, {}, content) == Refusal(403, "", message)


@pytest.mark.parametrize(
    ("headers", "error_type"),
    [
        ({}, ""),
        ({"x-amzn-ErrorType": "AccessDeniedException"}, "AccessDeniedException"),
        ({"X-AMZN-ERRORTYPE": "ForbiddenException"}, "ForbiddenException"),
        (
            {"x-amzn-errortype": "IncompleteSignatureException:http://internal.amazon.com/coral/"},
            "IncompleteSignatureException",
        ),
        ({"x-amzn-errortype": " Spaced : x"}, "Spaced"),
        ({"x-amzn-errortype": ""}, ""),
        ({"x-amzn-errortype": ":"}, ""),
        ({"x-amzn-errortype": "T" * 500}, "T" * 399 + "…"),
        ({"content-type": "text/html"}, ""),
    ],
)
def test_error_types(headers: dict[str, str], error_type: str) -> None:
    """The error type is read in any case of its name, and cut at the colon."""
    assert read_refusal(403, headers, b"").error_type == error_type


def test_a_huge_answer_is_read_quickly() -> None:
    """A page of 20 MB is cut before it is looked at sign by sign."""
    assert len(read_refusal(500, {}, b"<p>x</p> " * 2_200_000).message) == 400


@given(st.one_of(st.binary(), st.text(st.characters()), st.text(st.sampled_from('{}[]":,\\ua0Message\x1b\ud800'))))
def test_any_answer_is_read(content: bytes | str) -> None:
    """No answer fails to be read; what is read is one printable line."""
    message = read_refusal(500, {}, content).message
    assert len(message) <= 400
    assert message.isprintable()
    assert message.encode().decode() == message
