"""A cell as a list of request lines."""

from __future__ import annotations

import pytest

from apigw_magic.errors import RequestSyntaxError
from apigw_magic.models import Request
from apigw_magic.text import build_requests, evaluate_in

NAMES: dict[str, object] = {"order": "A 1", "tag": " #1", "ids": [1, 2], "seen": []}
EVALUATE = evaluate_in(NAMES, None)


@pytest.mark.parametrize(
    ("cell", "requests"),
    [
        ("", ()),
        ("\n  \n# GET /orders\n   # more\n", ()),
        ("GET /orders", (("GET", "/orders"),)),
        ("/orders\npost /orders\n\n", (("GET", "/orders"), ("POST", "/orders"))),
        ("DELETE /orders/1 HTTP/1.1\n", (("DELETE", "/orders/1"),)),
        ("  /orders   # all of them\r\n\t/x\t# {tab}", (("GET", "/orders"), ("GET", "/x"))),
        ("/orders/{{ order }}?tag={{ tag }} # {{ one }}", (("GET", "/orders/A%201?tag=%20%231"),)),
        ('/x?a={{ " # " }}', (("GET", "/x?a=%20%23%20"),)),
        ("/orders?id={{ ids }}", (("GET", "/orders?id=1&id=2"),)),
        ("/a\n/b\n/a", (("GET", "/a"), ("GET", "/b"))),
        ("https://abc.example/x#y", (("GET", "https://abc.example/x#y"),)),
    ],
)  # fmt: skip
def test_lines(cell: str, requests: tuple[tuple[str, str], ...]) -> None:
    """Each line is a request; comments and blank lines are none; what stands twice is one."""
    assert build_requests(cell, EVALUATE) == tuple(Request(method, target) for method, target in requests)


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ("/orders\nGET orders", "Line 3: the target is neither a path nor a URL"),
        ("/orders /x", "Line 2: a space in the target"),
        ("?a=b", "Line 2: a query line, and no request line above it"),
        ("\n\nAccept: a/b", "Line 4: a header, and no request line above it"),
        ('POST /x\n{"a": 1}', "Line 3: content, and no request line above it"),
        ("/x/{{ nope }}", "nope"),
        ("/x/{{ 1", "Line 2"),
    ],
)
def test_what_is_none(cell: str, told: str) -> None:
    """The error names the line; 1 is the magic line."""
    with pytest.raises(RequestSyntaxError) as caught:
        build_requests(cell, EVALUATE)
    assert told in str(caught.value)


def test_nothing_is_evaluated_before_all_is_read() -> None:
    """A line that is none stops those above it."""
    with pytest.raises(RequestSyntaxError):
        build_requests("/x/{{ seen.append(1) or 2 }}\nGET orders", EVALUATE)
    assert NAMES["seen"] == []
