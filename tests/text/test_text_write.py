"""Requests written as cells: to the last byte, or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from apigw_magic.errors import RequestSyntaxError
from apigw_magic.models import Request
from apigw_magic.text import build_request, parse_message, write_head, write_request

if TYPE_CHECKING:
    from pathlib import Path

JSON = ("Content-Type", "application/json")
TEXT = ("Content-Type", "text/plain; charset=utf-8")


def post(content: str, *headers: tuple[str, str]) -> Request:
    """Return a POST of text, typed unless a header does so."""
    return Request("POST", "/x", headers or (TEXT,), content.encode())


WRITTEN = [
    (Request("GET", "/orders?status=open"), "GET /orders?status=open"),
    (Request("DELETE", "/x", (("A", "b"), ("A", "c"), ("Empty", ""))), "DELETE /x\nA: b\nA: c\nEmpty: "),
    (Request("POST", "https://h.example/x#y"), "POST https://h.example/x#y"),
    (post('{"a": 1}', JSON), 'POST /x\nContent-Type: application/json\n\n{"a": 1}'),
    (post("hello"), "POST /x\nContent-Type: text/plain; charset=utf-8\n\nhello"),
    (post("a\n"), "POST /x\nContent-Type: text/plain; charset=utf-8\n\na\n\n"),
    (post("a\r"), "POST /x\nContent-Type: text/plain; charset=utf-8\n\na\r\r\n"),
    (post("a\r\n"), "POST /x\nContent-Type: text/plain; charset=utf-8\n\na\r\n\n"),
    (post("\n\n a"), "POST /x\nContent-Type: text/plain; charset=utf-8\n\n\n\n a"),
]


@pytest.mark.parametrize(("request_", "cell"), WRITTEN)
def test_writes(request_: Request, cell: str) -> None:
    """Request line, headers, a blank line, content; a line end at its end twice, as a cell loses one."""
    assert write_request(request_) == cell
    assert build_request(parse_message(cell, inserts=False), None) == request_


KEPT = [
    post("# a comment\nA: b\n\nGET /y"),
    post("{{ x }} and {{ y"),
    post("{ {{ }} }"),
    post("<a/>"),
    post("< a\n< b"),
    post("a\rb\r\nc\0d\x0b\u2028e\x85"),
    post("\ufeffé \U0001f30d \r"),
    post(" [draft"),
    post('"a"', JSON),
    post("[1,\n\n2]\n\n", JSON),
    post("a: 1", ("content-type", "application/yaml; charset=utf-8")),
    Request("GET", "/a/{{b}}?c={{d"),
    Request("GET", "/x?"),
    Request("GET", "/x?&&a=b&"),
    Request("GET", "/%2e%2e/..//a;b=c\0é\ud800"),
    Request("OPTIONS", "HTTPS://H.example"),
    Request("PUT", "/x", (("A", "{{ b"), ("-o", "b"), ("X'", "'"), ("A", "é {} \x0b \ud800x"))),
    Request("GET", "/x", (("Accept", "a: b"), ("GET", "/y"), ("https", "//z"))),
]


@pytest.mark.parametrize("request_", KEPT, ids=repr)
def test_what_is_written_is_parsed_to_it_again(request_: Request) -> None:
    """Nothing in content, target or headers is taken for something else."""
    assert build_request(parse_message(write_request(request_), inserts=False), None) == request_


UNWRITABLE = [
    (
        Request("POST", "/x", (TEXT,), b"\xff"),
        "Its content is not text in UTF-8.\nSend the content from a file: < path",
    ),
    (post(" \n"), "Its content is white space alone."),
    (post("< /etc/hostname"), "Its content looks like the path of a file.\nSend the content from a file: < path"),
    (Request("POST", "/x", (), b"a"), "Its content has no Content-Type, and a cell's always gets one."),
    (Request("POST", "/x", (("Content-Type", ""),), b"a"), "Its content has no Content-Type"),
    (post("{'a': 1}", JSON), "Line 5: the content is not valid JSON: { ⟵ here: 'a': 1}\nJSON strings take"),
    (post("é", ("Content-Type", "text/csv; charset=latin-1")), "Line 3: Content-Type says charset=latin-1"),
    (Request("GET", "/x", (TEXT,), b"a"), "Line 5: a GET request has no content: a\nPut the values into the query"),
    (Request("REPORT", "/x"), "Line 2: REPORT is no method: REPORT /x"),
    (Request("get", "/x"), "Its method would be read otherwise: GET"),
    (Request("GET", "x"), "Line 2: the target is neither a path nor a URL: GET x\nWrite GET /x"),
    (Request("GET", "?a=b"), "Line 2: the target is neither a path nor a URL"),
    (Request("GET", "/a b"), "Line 2: a space in the target"),
    (Request("GET", "/a "), "Its target would be read otherwise: /a"),
    (Request("GET", "/a HTTP/1.1"), "Its target would be read otherwise: /a"),
    (Request("GET", "/a\n&b=c"), "Its target would be read otherwise: /a?b=c"),
    (Request("GET", "/x", (("#A", "b"),)), "Its headers would be read otherwise: ()"),
    (Request("GET", "/x", (("&A", "b"),)), "Line 3: a space in the target: &A: b"),
    (Request("GET", "/x", (("&A:b", ""),)), "Its target would be read otherwise: /x?A:b:"),
    (Request("GET", "/x", (("A B", "c"),)), "Line 3: 'A B' is no header name"),
    (Request("GET", "/x", (("A", " b"),)), "Its headers would be read otherwise: (('A', 'b'),)"),
    (Request("GET", "/x", (("A", "b\nC: d"),)), "Its headers would be read otherwise"),
    (Request("GET", "/x", (("A", "b\rc"),)), "Line 3: the header A holds a line break or NUL."),
    (Request("POST", "/x", (("A", "b\n\nc"),)), "Its headers would be read otherwise"),
]


@pytest.mark.parametrize(("request_", "said"), UNWRITABLE, ids=repr)
def test_says_why_no_cell_says_a_request(request_: Request, said: str) -> None:
    """What would be parsed to another request is refused, with the reason."""
    with pytest.raises(RequestSyntaxError, match=r"\ANo cell says this request.\n") as caught:
        write_request(request_)
    assert said in str(caught.value)
    assert len(caught.value.lines) <= 3


def test_opens_no_file(tmp_path: Path) -> None:
    """Content that looks like the path of a file is not read from there."""
    (tmp_path / "a").write_text("secret")
    with pytest.raises(RequestSyntaxError, match="looks like the path of a file"):
        write_request(post(f"< {tmp_path / 'a'}"))


def test_writes_the_head_of_any_request() -> None:
    """The head is for people: it is written where the request itself cannot be."""
    assert write_head(Request("POST", "/x", (("A", "b"),), b"\xff")) == "POST /x\nA: b"
