"""Any text as a cell or a line; any request as a cell, and back."""

from __future__ import annotations

import json
import string
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from IPython.core.inputtransformer2 import TransformerManager

from apigw_magic.errors import RequestSyntaxError
from apigw_magic.models import Request
from apigw_magic.text import (
    CONTENT_FREE,
    METHODS,
    build_request,
    evaluate_in,
    expand_text,
    parse_message,
    split_words,
    write_request,
)
from tests.text.steps import check_linear

if TYPE_CHECKING:
    from apigw_magic.text import Evaluate

PIECES = (
    "GET /x",
    "POST /x",
    "%%apigw ",
    "DELETE",
    "https://h",
    "/",
    "?",
    "&a=b",
    "%",
    " ",
    "\n",
    "\n\n",
    "\r\n",
    "\r",
    "\0",
    "\t",
    "# ",
    "A: ",
    ":",
    "-o",
    "Content-Type: application/json\n",
    "Content-Type: text/plain; charset=latin-1\n",
    "{",
    "}",
    "[",
    "]",
    '"a"',
    "'",
    '"',
    ",",
    "1",
    "\\",
    "{{",
    "}}",
    "{{ v }}",
    "{{ 'a' }}",
    "< ",
    "\ud800",
    "é",
    "\u2028",
    " HTTP/1.1",
)
VALUES = st.sampled_from(
    (
        None,
        True,
        0,
        -1.5,
        float("nan"),
        float("inf"),
        "",
        "a b",
        "{{ v }}",
        "..",
        "\r\n",
        "\ud800",
        [1, None],
        {"a": [1]},
    )
)

anything = st.characters(exclude_categories=())
written = st.text(anything, max_size=40) | st.lists(st.sampled_from(PIECES), max_size=15).map("".join)
cells = st.builds(
    str.__add__, st.sampled_from(("", "GET /x", "GET /x?a=", "PUT /x\n", "POST /x/", "POST /x\n\n")), written
)


def read(cell: str, evaluate: Evaluate | None) -> Request | RequestSyntaxError:
    """Return the request that a cell is, or what is wrong with it."""
    try:
        return build_request(parse_message(cell, inserts=evaluate is not None), evaluate)
    except RequestSyntaxError as error:
        return error


def check_short(outcome: object) -> None:
    """Check that an error has one to three short lines."""
    if isinstance(outcome, RequestSyntaxError):
        assert 1 <= len(outcome.lines) <= 3
        assert not [line for line in outcome.lines if "\n" in line or "\r" in line or len(line) > 500]


@settings(deadline=None)
@given(cells, st.none() | VALUES.map(lambda value: lambda _: value))
@example("POST /x\n\n{{ v }}", lambda _: "< /etc/hostname")
@example("GET /x/%2{{ v }}", lambda _: "e")
def test_any_text_is_a_request_or_a_fault(cell: str, evaluate: Evaluate | None) -> None:
    """Nothing else comes of a cell, whatever is inserted, and it is always the same."""
    outcome = read(cell, evaluate)
    check_short(outcome)
    if isinstance(outcome, Request):
        assert outcome.method in METHODS
        assert outcome.target.startswith(("/", "http", "HTTP"))
        assert not (outcome.content and outcome.method in CONTENT_FREE)
        assert read(cell, evaluate) == outcome


@pytest.mark.parametrize(
    ("value", "start", "unit", "end"),
    [
        ("a", "GET /x?a={{ v }}", "&a={{ v }}", ""),
        ({"a": [1, None]}, "GET /x?", "&{{ v }}", ""),
        (["a", 1], "GET /x", "/{{ v }}", ""),
        (["a", 1], "GET /x\n", "&a={{ v }}\n", ""),
        ("a", "GET /x\n", "A: {{ v }}\n", ""),
        ({"a": 1}, "POST /x\n[", "{{ v }},\n", "1]"),
        ("a", "POST /x\n[", '"{{ v }}",\n', "1"),
        ("a", "POST /x\n\n", "{{ v }} text\n", ""),
        ("a", "POST /x\n\n", "{{ v }} ", "{{ v"),
        ("a", "POST /x\n[", '"\\"', "x"),
        ("a", "POST /x\n[", '"a",', "NaN]"),
    ],
)
def test_work_grows_with_the_text(value: object, start: str, unit: str, end: str) -> None:
    """A cell that is four times as long takes about four times the steps."""
    check_linear(lambda cell: read(cell, lambda _: value), start, unit, end)


contents = (
    st.lists(
        st.sampled_from(
            (
                "\n",
                "\r\n",
                "\r",
                " ",
                "\t",
                "< file",
                "# c",
                "A: b",
                "{",
                "[",
                "{{ x }}",
                "{{",
                "\0",
                "GET /y",
                "é",
                "\x85",
            )
        )
        | st.text(max_size=5),
        max_size=8,
    )
    .map("".join)
    .map(str.encode)
)
headers = st.lists(
    st.tuples(
        st.text(string.ascii_letters + string.digits + "!$%'*+-.^_`|~", min_size=1, max_size=8),
        st.text(max_size=8).map(lambda value: value.translate({ord(end): None for end in "\r\n\0"}).strip()),
    ).filter(lambda field: field[0].lower() != "content-type"),
    max_size=3,
)
paths = st.text(max_size=10).map(lambda path: "/" + "".join(path.split()))
writable = st.one_of(
    st.builds(Request, st.sampled_from(METHODS), paths, headers.map(tuple)),
    st.builds(
        lambda method, target, fields, content: Request(
            method, target, (*fields, ("Content-Type", "text/plain; charset=utf-8")), content
        ),
        st.sampled_from([method for method in METHODS if method not in CONTENT_FREE]),
        paths | paths.map("https://h".__add__),
        headers,
        contents.filter(
            lambda content: bool(content.decode().strip()) and not content.decode().strip().startswith("<")
        ),
    ),
    st.builds(
        lambda fields, document: Request(
            "PUT",
            "/x",
            (("content-type", "application/json"), *fields),
            json.dumps(document, ensure_ascii=False).encode(),
        ),
        headers,
        st.recursive(st.none() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)),
    ),
)
any_request = st.one_of(
    st.builds(Request, st.text(max_size=5), paths),
    st.builds(Request, st.sampled_from(METHODS), paths | written | written.map("/".__add__)),
    st.builds(
        lambda fields, more: Request("PATCH", "/x", (*fields, *more), b"x"),
        headers,
        st.lists(st.tuples(st.sampled_from(("A", "#a", "&a", "Content-Type")) | written, written), max_size=2),
    ),
    st.builds(
        lambda kind, content: Request("POST", "/x", (("Content-Type", kind),), content),
        st.sampled_from(("text/csv", "", "application/json", "a/b; charset=utf-16")) | written,
        contents | st.binary(max_size=5),
    ),
)


@settings(deadline=None)
@given(writable)
def test_a_request_comes_back_from_its_cell(request_: Request) -> None:
    """What a program would usually send can be written, and is parsed to itself."""
    assert build_request(parse_message(write_request(request_), inserts=False), None) == request_


@settings(deadline=None)
@given(any_request)
def test_no_request_comes_back_as_another(request_: Request) -> None:
    """What cannot be written to the last byte is refused."""
    try:
        cell = write_request(request_)
    except RequestSyntaxError as error:
        check_short(error)
        return
    assert build_request(parse_message(cell, inserts=False), None) == request_


@settings(deadline=None)
@given(writable)
def test_ipython_hands_the_cell_on(request_: Request) -> None:
    """What IPython makes of the cell is the same request; but it empties lines of white space (`textwrap.dedent`)."""
    cell = write_request(request_)
    assume(all(line.strip() for line in cell.split("\n") if line))
    handed: list[str] = []

    class Shell:
        def run_cell_magic(self, _name: str, _line: str, body: str) -> None:
            handed.append(body)

    code = TransformerManager().transform_cell(f"%%apigw --no-vars\n{cell}")
    exec(code, {"get_ipython": Shell})  # noqa: S102 - IPython's own translation of a cell
    assert build_request(parse_message(handed[0], inserts=False), None) == request_


def quote(word: str) -> str:
    """Return a word as it is written on a magic line.

    Bare where nothing in it parts or groups; else in quotes that do not stand before white space in it; else as an
    expression, which is what remains for braces, and for both quotes before white space.
    """
    if "{{" not in word:
        if word and not any(char.isspace() or char in "'\"" for char in word):
            return word
        for mark in "'\"":
            if not any(first == mark and then.isspace() for first, then in pairwise(word)):
                return f"{mark}{word}{mark}"
    return f"{{{{ {word!r} }}}}"


words = st.lists(st.text(max_size=12) | st.text(alphabet="ab'\"{}= \\-\n\t/", max_size=12), max_size=6)


@settings(deadline=None)
@given(words)
@example(["a' b\" c", "{{", "}}", "--x='y'", "", "\\", "'", '"', "a'"])
def test_any_words_can_stand_on_a_line(words: list[str]) -> None:
    """A quoted word is the word again, once it is split off and expanded."""
    line = " ".join(map(quote, words))
    assert [expand_text(word, evaluate_in({})) for word in split_words(line)] == words


@settings(deadline=None)
@given(words)
def test_words_without_braces_need_no_expression(words: list[str]) -> None:
    """Splitting alone gives back words that are written bare or in quotes."""
    simple = [word for word in words if not quote(word).startswith("{{")]
    assert split_words(" ".join(map(quote, simple))) == simple


@settings(deadline=None)
@given(st.text(anything) | st.lists(st.sampled_from(PIECES)).map("".join))
def test_any_line_is_words_or_a_fault(line: str) -> None:
    """Nothing else comes of a line, and no word is invented."""
    try:
        split = split_words(line)
    except RequestSyntaxError as error:
        check_short(error)
        return
    assert all(len(word) <= len(line) and set(word) <= set(line) for word in split)
