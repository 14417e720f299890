"""A message made a request."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apigw_magic.errors import RequestSyntaxError
from apigw_magic.models import Request
from apigw_magic.text import Message, build_request, evaluate_in, parse_message

if TYPE_CHECKING:
    from pathlib import Path

JSON = ("Content-Type", "application/json")
TEXT = ("Content-Type", "text/plain; charset=utf-8")
NAMES: dict[str, object] = {
    "n": 42,
    "s": "é",
    "none": None,
    "d": {"a": None},
    "df": pd.DataFrame({"id": [1, 2], "x": [np.nan, 0.5]}),
    "document": '{"a": 1}',
    "kind": "application/json",
}

BUILT = [
    ("GET /x/{{ n }}\nA: {{ s }}", Request("GET", "/x/42", (("A", "é"),))),
    ("POST /x\n", Request("POST", "/x")),
    ('POST /x\n{"id": {{ n }}}', Request("POST", "/x", (JSON,), b'{"id": 42}')),
    ("POST /x\n\n  [{{ s }}]", Request("POST", "/x", (JSON,), '  ["é"]'.encode())),
    ("POST /x\n{{ d }}", Request("POST", "/x", (JSON,), b'{"a": null}')),
    ("POST /x\n{{ df }}", Request("POST", "/x", (JSON,), b'[{"id": 1, "x": null}, {"id": 2, "x": 0.5}]')),
    ("POST /x\n{{ document }}", Request("POST", "/x", (JSON,), b'{"a": 1}')),
    ("POST /x\n\nhello {{ s }}", Request("POST", "/x", (TEXT,), "hello é".encode())),
    ("POST /x\n{{ n }}", Request("POST", "/x", (TEXT,), b"42")),
    ('POST /x\n{{ "" }}', Request("POST", "/x")),
    (
        "POST /x\ncontent-type: {{ kind }}\n\n{{ s }}",
        Request("POST", "/x", (("content-type", "application/json"),), '"é"'.encode()),
    ),
    (
        "POST /x\nContent-Type: application/json\n\n{{ none }}",
        Request("POST", "/x", (JSON,), b"null"),
    ),
    (
        "PATCH /x\nContent-Type: application/merge-patch+json; a=b\n\n{{ d }}",
        Request("PATCH", "/x", (("Content-Type", "application/merge-patch+json; a=b"),), b'{"a": null}'),
    ),
    (
        "POST /x\nContent-Type: application/x-amz-json-1.1\n\n{{ d }}",
        Request("POST", "/x", (("Content-Type", "application/x-amz-json-1.1"),), b'{"a": null}'),
    ),
    (
        "POST /x\nContent-Type: text/csv\n\n[{{ s }},'",
        Request("POST", "/x", (("Content-Type", "text/csv"),), "[é,'".encode()),
    ),
    (
        "POST /x\nContent-Type: text/csv; charset=UTF-8\n\n{{ s }}",
        Request("POST", "/x", (("Content-Type", "text/csv; charset=UTF-8"),), "é".encode()),
    ),
]


@pytest.mark.parametrize(("cell", "request_"), BUILT)
def test_builds(cell: str, request_: Request) -> None:
    """A cell becomes one exact request."""
    assert build_request(parse_message(cell), evaluate_in(dict(NAMES))) == request_


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("POST /x\n{'a': 1}", "Line 3: the content is not valid JSON: { ⟵ here: 'a': 1}"),
        ("POST /x\n\n[draft] hello", "Text that is not JSON needs a Content-Type"),
        ("POST /x\nContent-Type: application/json\n\nhello", "not valid JSON"),
        ('POST /x\n{{ "{{ n }}" }}', "not valid JSON"),
        ("POST /x\nContent-Type: application/json\n\n{{ document }}", "{{ document }} is JSON text already"),
        ("POST /x\nContent-Type: text/csv; charset=latin-1\n\n{{ s }}", "says charset=latin-1"),
        ("POST /x\nContent-Type: text/csv; charset=zzz\n\n{{ s }}", "says charset=zzz"),
        ("POST /x\n{{ none }}", "{{ none }} is missing"),
        ("POST /x\n\n\ud800", "half a character"),
        ("POST /x\n{{ nn }}", "NameError"),
        ("POST /x/{{ none }}", "is missing"),
        ("POST /x\nA: {{ chr(10) }}", "line break"),
        ("POST /x\n\n< {{ none }}", "is missing"),
    ],
)
def test_refuses(cell: str, said: str) -> None:
    """What cannot be sent as meant is refused before it is."""
    with pytest.raises(RequestSyntaxError) as caught:
        build_request(parse_message(cell), evaluate_in(dict(NAMES)))
    assert said in str(caught.value)


LINES = [
    ("POST /x/{{ none }}", "Line 2: {{ none }} is missing"),
    ("# c\n\nPOST {{ none }}", "Line 4: {{ none }} is missing"),
    ("POST /x\n# c\n  &a={{ n }}\n  &b={{ d }}", "Line 5: {{ d }} is a dict"),
    ("POST /x?q={{ nn }}", "Line 2: {{ nn }} failed"),
    ("POST /x\nA: {{ n }}\nB: {{ none }}", "Line 4: {{ none }} is missing"),
    ("POST /x\nA: b\n# c\nB: {{ chr(10) }}", "Line 5: the header B holds a line break"),
    ("POST /x\nA: {{ b", "Line 3: {{ without }}"),
    ("POST {{ n }}", "Line 2: the target is neither a path nor a URL: 42"),
    ("POST /x\n\n\n\n< {{ none }}", "Line 6: {{ none }} is missing"),
    ("POST /x\n\n\n< nowhere\n", "Line 5: cannot read the file nowhere"),
    ("POST /x\n\n < .", "Line 4: not a regular file"),
    ("POST /x\n\n1\n2 {{ d }}", "Line 5: {{ d }} is a dict"),
    ("POST /x\n\n1 {{ \n n \n }}\n{{ none }}", "Line 7: {{ none }} is missing"),
    ("POST /x\n\n1 {{ \n n \n }}\n{{ 1 2 }}", "Line 7: not a Python expression: {{ 1 2 }}"),
    ("POST /x\n\n1\n{{ }}", "Line 5: {{ }} without an expression"),
    ("POST /x\nContent-Type: a/b; charset=latin-1\n\né", "Line 3: Content-Type says"),
    ("POST /x\n\na\n\n\ud800", "Line 6: the content holds half a character"),
    ("POST /x\n\na {{ n }}\n{{ s }}\ud800", "Line 5: the content holds half a character"),
    ('POST /x\n{\n"a": 1,\n"b": True\n}', 'Line 5: the content is not valid JSON: "b": ⟵ here: True'),
    ('POST /x\n{"a": {{\nn\n}},\n"b": x}', 'Line 6: the content is not valid JSON: "b": ⟵ here: x}'),
    ('POST /x\n{"a": {{\nlines\n}},\n"b": x}', 'Line 6: the content is not valid JSON: "b": ⟵ here: x}'),
    ("POST /x\n{{ broken }}\n", "Line 3: the content is not valid JSON: ⟵ here: b"),
    ('POST /x\n{"a": {{ n }},\n"b": NaN}', "Line 4: the content is not valid JSON: it holds NaN"),
    ('POST /x\n{"NaN": "\\"NaN",\n"b":\n-Infinity}', "Line 5: the content is not valid JSON: it holds -Infinity"),
    ('POST /x\n{"a": 1\n\n\n', 'Line 3: the content is not valid JSON: {"a": 1 ⟵ here\n'),
    ("POST /x\n\n" + "[" * 9_999, "Line 4: the content is JSON nested too deeply"),
]


@pytest.mark.parametrize(("cell", "said"), LINES)
def test_names_the_line_of_the_cell(cell: str, said: str) -> None:
    """A fault stands on the line that its expression, header or piece of content starts on; 1 is the magic line."""
    names = {**NAMES, "lines": "a\nb", "broken": "{\nb"}
    with pytest.raises(RequestSyntaxError) as caught:
        build_request(parse_message(cell), evaluate_in(names))
    assert str(caught.value).startswith(said)


def test_a_line_that_is_alone_has_no_number() -> None:
    """A fault in what `%apigw` inserts is told without one."""
    for line, said in (("GET /x/{{ none }}", "{{ none }} is missing"), ("GET {{ n }}", "The target is neither")):
        with pytest.raises(RequestSyntaxError) as caught:
            build_request(parse_message("", request_line=line, number=0), evaluate_in(dict(NAMES)))
        assert str(caught.value).startswith(said)


def test_what_an_option_adds_stands_on_no_line() -> None:
    """A header or content that is no part of the cell is told without a line; those of the cell keep theirs."""
    message = replace(parse_message("POST /x\nA: 1"), headers=(("A", "{{ n }}"), ("B", "{{ none }}")), content="[1,\n]")
    for evaluate, said in (
        (evaluate_in(dict(NAMES)), "{{ none }} is missing"),
        (None, "The content is not valid JSON"),
    ):
        with pytest.raises(RequestSyntaxError) as caught:
            build_request(message, evaluate)
        assert str(caught.value).startswith(said)


def test_evaluates_nothing_if_one_template_is_broken() -> None:
    """A template that does not end is found before the first expression runs."""
    asked: list[str] = []
    for message in (
        Message("POST", "/{{ a }}", (("A", "{{ b }}"),), "{{ c"),
        Message("POST", "/{{ a }}", (("A", "{{ b"),)),
        Message("POST", "/{{ a }}", file="{{ c"),
    ):
        with pytest.raises(RequestSyntaxError):
            build_request(message, asked.append)
    assert asked == []


def test_evaluates_each_once_in_the_order_written() -> None:
    """An expression with an effect has it once."""
    asked: list[str] = []

    def evaluate(source: str) -> str:
        asked.append(source)
        return source

    message = Message("POST", "/{{ a }}?{{ b }}={{ c }}", (("A", "{{ d }}"),), '{"x": {{ e }}, "y": "{{ f }}"}')
    assert build_request(message, evaluate).content == b'{"x": "e", "y": "f"}'
    assert asked == list("abcdef")


def test_takes_braces_as_they_are_without_evaluation() -> None:
    """With variables off, nothing is expanded."""
    message = parse_message("POST /x\nA: {{ b\n\nhello {{ c }} {{")
    assert build_request(message, None) == Request("POST", "/x", (("A", "{{ b"), TEXT), b"hello {{ c }} {{")


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("a.json", "application/json"),
        ("my data.csv", "text/csv"),
        ("a.PNG", "image/png"),
        ("a.csv.gz", "application/gzip"),
        ("a.csv.xz", "application/octet-stream"),
        ("a.parquet", "application/octet-stream"),
        ("a", "application/octet-stream"),
    ],
)
def test_sends_a_file_as_it_is(tmp_path: Path, name: str, media_type: str) -> None:
    """A file's bytes are not touched, and its suffix gives the type."""
    content = b"\xff\r\n{{ n }} {"
    (tmp_path / name).write_bytes(content)
    message = parse_message("PUT /x\n\n< {{ folder }}/" + name)
    built = build_request(message, evaluate_in({"folder": tmp_path}))
    assert built == Request("PUT", "/x", (("Content-Type", media_type),), content)


def test_a_files_type_may_be_given(tmp_path: Path) -> None:
    """A Content-Type header wins over the suffix."""
    (tmp_path / "a.bin").write_bytes(b"x")
    built = build_request(parse_message(f"PUT /x\nContent-Type: a/b\n\n< {tmp_path}/a.bin"), None)
    assert built.headers == (("Content-Type", "a/b"),)


@pytest.mark.parametrize(
    ("name", "said"), [("none.csv", "No such file"), ("", "Not a regular file"), ("a\0b", "null byte")]
)
def test_a_file_that_cannot_be_read(tmp_path: Path, name: str, said: str) -> None:
    """A file that is not there, or no file, is named with the reason."""
    with pytest.raises(RequestSyntaxError, match=said):
        build_request(Message("PUT", "/x", file=f"{tmp_path}/{name}"), None)


@settings(deadline=None)
@given(st.text(), st.text() | st.integers() | st.floats() | st.none() | st.lists(st.text(), max_size=2))
def test_any_cell_with_any_value_is_a_request_or_a_fault(text: str, value: object) -> None:
    """Nothing else comes out, and JSON is always JSON."""
    cell = f'POST /x/{{{{ v }}}}?a={{{{ v }}}}\n{{"a": {{{{ v }}}}, "b": "{text}"}}'
    try:
        built = build_request(parse_message(cell), lambda _: value)
    except RequestSyntaxError:
        return
    assert json.loads(built.content)["a"] == (value if value == value else None)  # noqa: PLR0124 - NaN becomes null
