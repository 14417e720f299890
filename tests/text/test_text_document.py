"""JSON content checked before it is sent."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apigw_magic.errors import RequestSyntaxError
from apigw_magic.text.document import check_json, is_json_document


@pytest.mark.parametrize(
    "text", ["{}", "[1, null]", '"a"', "1e999", "1" * 6000, ' {"a": "\\ud800"}\n', '{"a":1,"a":2}']
)
def test_accepts(text: str) -> None:
    """What RFC 8259 allows is sent as written."""
    check_json(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{'a': 1}", ["line 1, column 2: {", "⟵ here: 'a': 1}", "double quotes"]),
        ('{"a": True}', ["column 7", "JSON writes true"]),
        ('{"a": None}', ["JSON writes null"]),
        ('{"a": 1}\n{"b": 2}', ["line 2, column 1", "Extra data"]),
        ('{\n  "a": 1\n  "b": 2\n}', ["line 3, column 3", 'here: "b": 2']),
        ('{"a": // why\n1}', ["JSON has no comments"]),
        ('{"a": NaN}', ["it holds NaN", "JSON writes null"]),
        ("[-Infinity]", ["it holds -Infinity"]),
        ("[" * 100_000, ["nested too deeply"]),
        ('{"a": "b\nc"}', ["Invalid control character", "A line break in a JSON string is written \\n"]),
        ('{"a": "\\d"}', ["A backslash in a JSON string is written \\\\"]),
        ('{"a": "b}', ['Close the string with "']),
        ("{", ["not valid JSON: line 1, column 2: { ⟵ here\n", "Close what is open"]),
        ("[1, \n\n", ["line 1, column 4: [1, ⟵ here\n", "Close what is open"]),
        ("hello", ["not valid JSON: line 1, column 1: ⟵ here: hello\n", "needs a Content-Type"]),
        ("{a: 1}", ['JSON names take double quotes: "a"']),
        ('{"a" 1}', ["Put a colon before it."]),
        ('{"a": 1 "b": 2}', ["Put a comma before it."]),
        ("[1] /* c */", ["JSON has no comments."]),
        ("[1]]", ["Take it away."]),
        ("[1]\n[2]", ["add the header Content-Type: application/x-ndjson"]),
        ('["NaN", "\\"Infinity", NaN]', ["it holds NaN"]),
    ],
)
def test_says_where_it_breaks(text: str, said: list[str]) -> None:
    """The error names line and column, shows the place, and says how it should look."""
    with pytest.raises(RequestSyntaxError) as caught:
        check_json(text)
    assert all(part in str(caught.value) for part in said)
    assert all("\n" not in line for line in caught.value.lines)


def test_a_comma_too_many() -> None:
    """A trailing comma is named by every Python."""
    with pytest.raises(RequestSyntaxError, match=r"[Cc]omma"):
        check_json('{"a": 1,}')


@pytest.mark.parametrize(
    ("text", "is_document"), [("{}", True), (" [1]", True), ("1", False), ("[x", False), ("", False)]
)
def test_tells_documents(text: str, *, is_document: bool) -> None:
    """A document is an object or an array."""
    assert is_json_document(text) is is_document


@settings(deadline=None)
@given(st.text(alphabet='{}[]",:1a\n\\', max_size=40))
def test_any_text_passes_or_is_refused(text: str) -> None:
    """No text raises anything else."""
    with contextlib.suppress(RequestSyntaxError):
        check_json(text)
