"""`parse`: every value as received, or a clear error."""

from __future__ import annotations

import contextlib
import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apigw_magic.errors import FrameError
from apigw_magic.frames import parse

FAITHFUL = [
    (b'{"a": 1}', {"a": 1}),
    (b" \n[1, 2.5, true, null]\t", [1, 2.5, True, None]),
    (b'"caf\xc3\xa9"', "café"),
    (b'{"a": 1, "a": 2}', {"a": 2}),
    (b"9007199254740993", 2**53 + 1),
    (b"18446744073709551615", 2**64 - 1),
    (b"18446744073709551616", 2**64),
    (b"[-9223372036854775809]", [-(2**63) - 1]),
    (b'{"wei":\n115792089237316195423570985008687907853269984665640564039457584007913129639935}', {"wei": 2**256 - 1}),
    (b'["12345678901234567890123"]', ["12345678901234567890123"]),
    (b'["ids: 12345678901234567890123, 1"]', ["ids: 12345678901234567890123, 1"]),
    (b"0.12345678901234567890123", 0.12345678901234568),
    (b"12345678901234567890123.5", 1.2345678901234568e22),
    (b"[Infinity, -Infinity]", [math.inf, -math.inf]),
    (b'"\\ud83d\\ude00"', "😀"),
    (b'"\\ud83d"', "\ud83d"),
    (b"\xef\xbb\xbf[1]", [1]),
    ('{"ü": 1}'.encode("utf-16"), {"ü": 1}),
    ('{"ü": 1}'.encode("utf-32-le"), {"ü": 1}),
    (b'{"a": 1}\n\n{"b": 20000000000000000000}\r\n', [{"a": 1}, {"b": 2 * 10**19}]),
]

BROKEN = [
    (b"", "no content", "0 bytes"),
    (b" \n", "no content", "2 bytes"),
    (b'{"a": [1, 2', "ends early", "11 bytes"),
    (b'{"a": 1,\n', "line 2, column 1", "9 bytes"),
    (b'{"a": "some te', "ends early", "14 bytes"),
    (b'{"a": tru', "ends early", "9 bytes"),
    (b'"\\u00e', "ends early", "6 bytes"),
    (b'{"a": 1.', "ends early", "8 bytes"),
    (b'{"wei": 20000000000000000000, ', "ends early", "30 bytes"),
    (b"<!DOCTYPE html><h1>Bad gateway</h1>", "not JSON", "there stands <!DOCTYPE"),
    (b"{'a': 1}", "line 1, column 2", "8 bytes"),
    (b'{"a": 1} trailing', "Extra data at line 1, column 10", "17 bytes"),
    (b'{"a": 1}\n[2]', "Line 2 is no JSON object", "12 bytes"),
    (b'{"a": 1}\n\n{"b": 2}\n{"c": tru', "Line 4 of", "28 bytes"),
    (b'{"a": 1}\n{"b": 1e999}\n{"c": 1}', "Line 2 of 3: The number 1e999", "30 bytes"),
    (b'"\xff"', "byte 1 is no UTF-8", "3 bytes"),
    (b"[1e999]", "1e999 is beyond", ""),
    (b"9" * 5000, "5,000 digits at character 1", "5,000 bytes"),
    (b'{"n": ' + b"9" * 5000 + b"}", "5,000 digits at character 7", ""),
    (b"[" * 200_000, "nested too deep", "200,000 bytes"),
    (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "nested too deep", ""),
]


@pytest.mark.parametrize(("content", "document"), FAITHFUL)
def test_values_arrive_as_sent(content: bytes, document: object) -> None:
    """What the fast parser would round or refuses comes out exactly, with its type."""
    parsed = parse(content)
    assert parsed == document
    assert type(parsed) is type(document)


def test_nan_is_a_float() -> None:
    """`NaN` is no JSON, but Python servers send it."""
    assert math.isnan(parse(b"NaN"))  # type: ignore[arg-type]  # the assertion itself says that it is a float


@pytest.mark.parametrize(("content", "what", "why"), BROKEN)
def test_broken_content_is_explained(content: bytes, what: str, why: str) -> None:
    """The error says what is wrong, where, and how many bytes came, in at most three lines."""
    with pytest.raises(FrameError) as caught:
        parse(content)
    assert what in caught.value.what
    assert why in str(caught.value)
    assert len(str(caught.value).splitlines()) <= 3
    assert len(str(caught.value)) < 400


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=60) | st.text(alphabet='{}[]",:0123456789eE.-+\\u nulltrueNaInfity\n', max_size=60))
def test_nothing_but_a_frame_error_is_raised(content: bytes | str) -> None:
    """Any bytes are a document or a `FrameError`."""
    with contextlib.suppress(FrameError):
        parse(content if isinstance(content, bytes) else content.encode())


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=2),
    max_leaves=6,
)


@settings(max_examples=60, deadline=None)
@given(JSON)
def test_what_json_writes_is_read_back(document: object) -> None:
    """Python's own JSON text, big integers and infinities in it, is the same document again."""
    content = json.dumps(document, ensure_ascii=False).encode("utf-8", "surrogatepass")
    assert parse(content) == document


@settings(max_examples=60, deadline=None)
@given(JSON, st.integers(min_value=1, max_value=10))
def test_cut_content_never_passes_for_whole(document: object, cut: int) -> None:
    """An object or list whose end is missing is an error that says so."""
    content = json.dumps([document]).encode()[:-cut]
    with pytest.raises(FrameError, match=r"ends early|no content"):
        parse(content)
