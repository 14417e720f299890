"""A response: what came, as text, as JSON and as a DataFrame."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from pandas import DataFrame

from apigw_magic.connection import Response
from apigw_magic.errors import FrameError
from apigw_magic.http import freeze
from apigw_magic.models import Headers, Reply, Request

if TYPE_CHECKING:
    from apigw_magic.models import Fields

URL = freeze("https://h.example/prod/orders?status=open")


def make(content: bytes = b"", content_type: str | None = None, fields: Fields = ()) -> Response:
    """Make a response."""
    typed = () if content_type is None else (("Content-Type", content_type),)
    request = Request("GET", "/orders?status=open", (("x-api-key", "invented-api-key"),))
    return Response(request, URL, "reader", Reply(200, "OK", Headers((*fields, *typed)), content, 0.1234))


def test_what_came_can_be_read() -> None:
    """Status, reason, headers, content and time are the reply's."""
    response = make(b"\xff", "a/b", (("X-A", "1"),))
    assert (response.status_code, response.reason, response.content) == (200, "OK", b"\xff")
    assert (response.headers["x-a"], response.elapsed) == ("1", 0.1234)
    assert (response.connection, response.url, response.explanation) == ("reader", URL, None)


def test_the_repr_is_short_and_shows_no_secret() -> None:
    """It says status, method, URL and size."""
    response = make(b"x" * 1234)
    assert repr(response) == "<Response 200 OK: GET https://h.example/prod/orders?status=open, 1,234 bytes>"


@pytest.mark.parametrize(
    ("content", "content_type", "text"),
    [
        ("é".encode(), None, "é"),
        ("é".encode(), "text/plain", "é"),
        ("é".encode("latin-1"), "text/plain; charset=iso-8859-1", "é"),
        ("é".encode("latin-1"), 'text/plain; Charset="ISO-8859-1"', "é"),
        ("é".encode("latin-1"), "text/plain;charset=latin1;x=y", "é"),
        ("é".encode("latin-1"), "text/plain; CHARSET = 'latin-1' ; x=y", "é"),
        ("é".encode("utf-16"), "text/plain; charset=utf-16", "é"),
        ("é".encode(), "text/plain; charset=", "é"),
        ("é".encode(), "text/plain; charset=no-such", "é"),
        ("é".encode(), "text/plain; charset=undefined", "é"),
        ("é".encode(), "text/plain; charset=idna", "é"),
        ("é".encode(), "text/plain; charset=rot13", "é"),
        ("é".encode(), "text/plain; charset=hex", "é"),
        ("é".encode(), "text/plain; charset=a\x00b", "é"),
        ("é".encode(), "text/plain; xcharset=latin-1", "é"),
        (b"caf\xe9", None, "caf\ufffd"),
        (b"", "text/plain; charset=latin-1", ""),
    ],
)
def test_text(content: bytes, content_type: str | None, text: str) -> None:
    """The charset is the Content-Type's if Python knows it, else UTF-8; a bad byte is replaced."""
    assert make(content, content_type).text == text


@pytest.mark.parametrize(
    ("content", "content_type", "is_json"),
    [
        (b"x", "application/json", True),
        (b"x", "Application/JSON; charset=utf-8", True),
        (b"x", "application/problem+json", True),
        (b"{}", None, True),
        (b" \n[1]", "text/plain", True),
        (b"{}", "application/octet-stream", True),
        (b"{}", "text/html", False),
        (b"x", None, False),
        (b"", None, False),
        (b"[1]", "text/csv", False),
        (b"{}", "application/jsonp", False),
        (b"x", "application/x-amz-json-1.0", True),
        (b"x", "text/json", True),
        (b"{}\n{}", "application/x-ndjson", True),
        (b"x", "application/jsonl; charset=utf-8", True),
        (b'{"a": 1}\n{"a": 2}\n', "text/plain", True),
        (b"[INFO] started\n[WARN] slow\n", "text/plain", False),
        (b"[INFO] started\n", None, False),
        (b"{cut", "application/octet-stream", False),
    ],
)
def test_is_json(content: bytes, content_type: str | None, is_json: bool) -> None:  # noqa: FBT001 - the expectation
    """The Content-Type decides; where it says nothing of use, the content does."""
    assert make(content, content_type).is_json is is_json


@pytest.mark.parametrize(
    ("content", "content_type", "rows", "columns"),
    [
        (b'{"items": [{"a": 1}, {"a": 2}]}', "application/json", 2, ["a"]),
        (b'{"items": [{"a": 1}, {"a": 2}]}', "application/x-ndjson", 1, ["items"]),
        (b'{"items": [{"a": 1}, {"a": 2}]}\n{"b": 1}', "application/json", 2, ["items", "b"]),
        (b'{"a": "\xe2\x80\xa8"}\r\n\r\n{"a": "\xc2\x85"}\r\n', "application/jsonl", 2, ["a"]),
        (b'{\n"items": [\n{"a": 1}\n]\n}', "application/x-ndjson", 1, ["a"]),
    ],
)
def test_lines_are_rows(content: bytes, content_type: str, rows: int, columns: list[str]) -> None:
    """Lines of JSON end at line feeds alone; one line is one row, if the Content-Type says that it is a line."""
    response = make(content, content_type)
    frame = response.frame()
    assert isinstance(frame, DataFrame)
    assert (len(frame), list(frame.columns)) == (rows, columns)


def test_meta_and_json_are_whole_after_a_long_frame() -> None:
    """A frame that was read slice by slice takes nothing from what is read later."""
    rows = [{"id": number, "name": "x" * 50} for number in range(10_000)]
    document = {"request": "r-1", "items": rows, "next": "n-1"}
    response = make(json.dumps(document).encode(), "application/json")
    frame = response.frame()
    assert isinstance(frame, DataFrame)
    assert len(frame) == len(rows)
    assert response.meta == {"request": "r-1", "next": "n-1"}
    assert response.json() == document


@pytest.mark.parametrize(
    ("fields", "request_id"),
    [
        ((), None),
        ((("x-amzn-RequestId", "a"),), "a"),
        ((("Apigw-Requestid", "b"),), "b"),
        ((("x-amz-apigw-id", "c"),), "c"),
        ((("X-Amz-Request-Id", "d"),), "d"),
        ((("x-amz-apigw-id", "c"), ("x-amzn-requestid", "a")), "a"),
    ],
)
def test_request_id(fields: Fields, request_id: str | None) -> None:
    """The id that the API's owner asks for is found under each of its names."""
    assert make(fields=fields).request_id == request_id


def test_json_and_frame() -> None:
    """The document is given as it is, its rows as a DataFrame, the rest as meta."""
    response = make(b'{"items":[{"id":1},{"id":2}],"total":2}', "application/json", (("x-amzn-requestid", "id-1"),))
    assert response.json() == {"items": [{"id": 1}, {"id": 2}], "total": 2}
    frame = response.frame()
    assert isinstance(frame, DataFrame)
    assert frame["id"].tolist() == [1, 2]
    assert frame.attrs["apigw"] == {"status": 200, "request_id": "id-1", "ms": 123, "records": "items"}
    assert response.meta["total"] == 2
    frame["added"] = 0
    again = response.frame()
    assert isinstance(again, DataFrame)
    assert list(again.columns) == ["id"]  # what is done to a frame does not reach the response


def test_frame_of_named_records() -> None:
    """The rows can be named, and each choice is kept apart."""
    response = make(b'{"a":[{"x":1}],"b":[{"x":1},{"x":2}]}')
    assert [len(response.frame(path)) for path in ("a", "b", "a")] == [1, 2, 1]  # type: ignore[arg-type]  # frames
    with pytest.raises(FrameError):
        response.frame("c")


@pytest.mark.parametrize(("content", "value"), [(b"42", 42), (b'"x"', "x"), (b"null", None), (b"true", True)])
def test_frame_of_a_scalar(content: bytes, value: object) -> None:
    """A scalar document is its value."""
    assert make(content).frame() == value


@pytest.mark.parametrize("content", [b"", b"<html>", b'{"cut', b"\xff\xfe\x00"])
def test_what_is_no_json(content: bytes) -> None:
    """Content that is not JSON is our error, and can be read as text still."""
    response = make(content)
    for read in (response.json, response.frame, lambda: response.meta):
        with pytest.raises(FrameError):
            read()
    assert isinstance(response.text, str)


def test_rows_inside_of_rows() -> None:
    """A path with brackets gives the inner rows, with the ids of the outer ones."""
    response = make(b'{"orders":[{"id":1,"lines":[{"sku":"A"},{"sku":"B"}]}],"total_count":9}')
    frame = response.frame("orders[].lines[]")
    assert isinstance(frame, DataFrame)
    assert frame.to_dict("list") == {"orders.id": [1, 1], "sku": ["A", "B"]}
    assert frame.attrs["apigw"]["records"] == "orders[].lines[]"


def test_rows_that_did_not_come() -> None:
    """The document says how many there are, or that a page follows; else the Link field may."""
    assert response_more(b'{"items":[{"id":1}],"total_count":9}') == (9, "")
    assert response_more(b'{"items":[{"id":1}],"nextToken":"t"}') == (None, "nextToken")
    link = (("Link", '<https://h.example/p1>; rel="prev", <https://h.example/p3>; rel="next"'),)
    assert response_more(b'[{"id":1}]', link) == (None, "the Link header")
    assert response_more(b'[{"id":1}]', (("Link", "</p1>; rel=prev"),)) == (None, "")


def response_more(content: bytes, fields: Fields = ()) -> tuple[int | None, str]:
    """Return what an answer says of further rows."""
    table = make(content, "application/json", fields).tabulate()
    return table.total, table.more


@pytest.mark.parametrize(
    ("content", "content_type", "columns"),
    [
        (b"hull,crew\nA1,04\n", "text/csv", {"hull": ["A1"], "crew": ["04"]}),
        (b"hull,crew\nB\xe5,NA\n", "text/csv; charset=latin-1; header=present", {"hull": ["Bå"], "crew": ["NA"]}),
        (b"hull\tcrew\nA1\t,\n", "text/tab-separated-values", {"hull": ["A1"], "crew": [","]}),
        (b'{"hull":"A1","lines":[{"no":1}]}\n', "application/x-ndjson", {"hull": ["A1"], "lines": [[{"no": 1}]]}),
    ],
)
def test_other_tables(content: bytes, content_type: str, columns: dict[str, list[str]]) -> None:
    """Separated values are text, and a single line of JSON is one row whatever is in it."""
    response = make(content, content_type)
    assert response.has_rows
    frame = response.frame()
    assert isinstance(frame, DataFrame)
    assert frame.to_dict("list") == columns
    assert response.meta == {}


def test_separated_values_have_no_paths() -> None:
    """What is for JSON is refused, and a broken table is our error."""
    response = make(b"a,b\n1,2\n", "text/csv")
    for path, query in (("a", ""), ("", "a")):
        with pytest.raises(FrameError, match="--records and --query are for JSON"):
            response.frame(path, query=query)
    with pytest.raises(FrameError, match="ends in line 2"):
        make(b"a,b\n1\n", "text/csv").frame()
    assert not make(b"a,b\n1,2\n", "text/plain").has_rows


def test_meta_is_of_what_was_asked_for_last() -> None:
    """It is not searched for again, and is there where only the user can say where the rows are."""
    response = make(b'{"boats": [{"hull": "A1"}], "crews": [{"boss": "Noor"}], "asOf": 7}', "application/json")
    with pytest.raises(FrameError, match="could be the rows"):
        _ = response.meta
    response.frame("boats")
    assert response.meta == {"crews": [{"boss": "Noor"}], "asOf": 7}
    assert response.meta is response.meta
