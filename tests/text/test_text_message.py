"""A cell read as one HTTP message."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from apigw_magic.errors import RequestSyntaxError
from apigw_magic.text import CONTENT_FREE, METHODS, Message, parse_message
from tests.text.steps import FEW, VERY_MANY, check_linear

READ = [
    ("GET /orders\n", Message("GET", "/orders")),
    ("/orders", Message("GET", "/orders")),
    ("https://h/x", Message("GET", "https://h/x")),
    ("{{ next_url }}", Message("GET", "{{ next_url }}")),
    ("get /x HTTP/1.1\n", Message("GET", "/x")),
    ("DELETE   /x\tHTTP/2", Message("DELETE", "/x")),
    ("delete /x", Message("DELETE", "/x")),
    ("  GET /x  ", Message("GET", "/x")),
    ("\n\n# why\n  # and how\nGET /x\n", Message("GET", "/x")),
    ("GET /x\n\n\n", Message("GET", "/x")),
    ('GET /x/{{ d["a b"] }}?q={{ f(1, 2) }}', Message("GET", '/x/{{ d["a b"] }}?q={{ f(1, 2) }}')),
    ("GET {{ urls [0] }}", Message("GET", "{{ urls [0] }}")),
    ("GET /x\n?a=1\n  &b=2\n# c\n\t&c={{ d['x y'] }}", Message("GET", "/x?a=1&b=2&c={{ d['x y'] }}")),
    ("GET /x?a=1\n?b=2\n&\n", Message("GET", "/x?a=1&b=2")),
    ('GET /x/{{ "?" }}\n&b=2', Message("GET", '/x/{{ "?" }}?b=2')),
    (
        "GET /x\nAccept: a/b\n# c\nX-A:  {{ d['a:b'] }}  \nX-E:",
        Message("GET", "/x", (("Accept", "a/b"), ("X-A", "{{ d['a:b'] }}"), ("X-E", ""))),
    ),
    ("GET /x\r\n&a=1\r\nA: b\r\n", Message("GET", "/x?a=1", (("A", "b"),))),
    ('POST /x\n{"a": 1}\n', Message("POST", "/x", content='{"a": 1}')),
    ("POST /x\n  [1,\n\n2]\n\n", Message("POST", "/x", content="  [1,\n\n2]\n")),
    ("POST /x\nA: b\n{{ order }}\n", Message("POST", "/x", (("A", "b"),), "{{ order }}")),
    ("POST /x\n\n# no comment\nA: b\n\n", Message("POST", "/x", content="# no comment\nA: b\n")),
    ("POST /x\n\n  two  \r\nlines\r\n", Message("POST", "/x", content="  two  \r\nlines")),
    ("POST /x\n\n\n\n", Message("POST", "/x")),
    ("POST /x\n\nGET /y", Message("POST", "/x", content="GET /y")),
    ("PUT /x\n\n< data/my file.csv\n", Message("PUT", "/x", file="data/my file.csv")),
    ("PUT /x\n\n<\t{{ path }}", Message("PUT", "/x", file="{{ path }}")),
    ("PUT /x\n\n<a/>", Message("PUT", "/x", content="<a/>")),
    ("PUT /x\n\n< a\n< b", Message("PUT", "/x", content="< a\n< b")),
    ("GET /x\n-o: b", Message("GET", "/x", (("-o", "b"),))),
    ("POST /x\n\n{{ a\n}}\x0b\u2028z", Message("POST", "/x", content="{{ a\n}}\x0b\u2028z")),
]


@pytest.mark.parametrize(("text", "message"), READ)
def test_reads(text: str, message: Message) -> None:
    """A cell is comments, a request line, query lines, headers and content."""
    assert parse_message(text) == message


@pytest.mark.parametrize(
    ("line", "text", "message"),
    [
        ("GET /x", "", Message("GET", "/x")),
        ("/x", "?a=1\nA: b", Message("GET", "/x?a=1", (("A", "b"),))),
        ("POST /x", '{"a": 1}\n', Message("POST", "/x", content='{"a": 1}')),
        ("POST /x", "\nhello\n", Message("POST", "/x", content="hello")),
        ("POST /x", "{{ body }}", Message("POST", "/x", content="{{ body }}")),
        ("  ", "GET /x", Message("GET", "/x")),
    ],
)
def test_takes_the_request_line_from_the_magic_line(line: str, text: str, message: Message) -> None:
    """The request line may stand on the magic line instead."""
    assert parse_message(text, request_line=line) == message


def test_braces_may_be_text() -> None:
    """Where nothing is inserted, `{{` in a target is text as any other."""
    assert parse_message("/x/{{b\n&a={{", inserts=False) == Message("GET", "/x/{{b?a={{")
    assert parse_message("/x/{{'?'}}\n&a=b", inserts=False) == Message("GET", "/x/{{'?'}}&a=b")
    with pytest.raises(RequestSyntaxError, match="a space in the target"):
        parse_message("/x/{{ b }}", inserts=False)


@pytest.mark.parametrize("method", METHODS)
def test_knows_every_method_in_any_case(method: str) -> None:
    """A method is sent in upper case, however it is written."""
    assert parse_message(f"{method.lower()} /x").method == method


FAULTS = [
    ("", "There is no request line"),
    ("# only this\n\n", "There is no request line"),
    ("GTE /x", "Line 2: GTE is no method: GTE /x\nDid you mean GET /x?"),
    ("# c\nPOTS /x", "Line 3: POTS is no method: POTS /x\nDid you mean POST /x?"),
    ("BREW /x", "BREW is no method: BREW /x\nMethods are GET, HEAD,"),
    ("delet", "Did you mean DELETE /orders?"),
    ("orders", "Line 2: not a request line: orders"),
    ("GET", "Line 2: a method without a target: GET\nWrite GET /orders"),
    (
        "GET orders",
        "neither a path nor a URL: GET orders\nA path starts with a slash, and a URL with its scheme.\nWrite GET",
    ),
    ("GET /a b", "Line 2: a space in the target: GET /a b\nA space is %20: GET /a%20b"),
    ("/a?x={{ f(1, 2) }} b", "A space is %20: GET /a?x={{ f(1, 2) }}%20b"),
    ("GET /a -o df", "an option in the request line: GET /a -o df\nOptions stand on the magic line"),
    ("GET /a/{{ b", "Line 2: {{ without }}: {{ b"),
    ("GET /a\n&x=a b", "Line 3: a space in the target: &x=a b\nA space is %20: &x=a%20b"),
    ("GET /a\n&x={{ a", "Line 3: {{ without }}"),
    ("?a=1\nGET /x", "Line 2: a query line, and no request line above it"),
    ("Accept: x\nGET /x", "Line 2: a header, and no request line above it: Accept: x"),
    ('{"a": 1}', 'Line 2: content, and no request line above it: {"a": 1}'),
    ("GET /a\nGET /b", "Line 3: a second request line: GET /b\nThe first one is on line 2"),
    ("GET /a\nhttps://h/b", "Line 3: a second request line"),
    ("GET /a\n\nGET /b", "Line 4: a second request line: GET /b\nOne cell is one request"),
    ("GET /a\nA: b\n&c=d", "Line 4: a query line below a header: &c=d"),
    ("GET /a\nAccept=json", "Line 3: a header without a colon: Accept=json\nWrite Accept: json"),
    ("POST /a\nhello there", "Line 3: neither a header nor a query line: hello there\nContent starts after a blank"),
    ("POST /a\n<a/>", "Put a blank line above the content"),
    ("GET /a\nMy Header: b", "Line 3: 'My Header' is no header name: My Header: b"),
    ("GET /a\nAccept : b", "\nWrite Accept: b"),
    ("GET /a\n: b", "'' is no header name"),
    ("GET /a\nÄ: b", "is no header name"),
    ("GET /a\n\nhello", "Line 4: a GET request has no content: hello\nAPI Gateway"),
    ("HEAD /a\n{}", "Line 3: a HEAD request has no content: {}"),
    ("GET /a\n\n\nAccept: x", "Line 5: a blank line above it makes this content: Accept: x\nRemove the blank line"),
    ("GET /a\n\n&x=1", "Remove the blank line"),
    ("GET /a\n\n< file", "Line 4: a GET request has no content: < file"),
    ("GET /a\0b\nx\0y", "Line 3: neither a header nor a query line: x\\x00y"),
    ("GET /a\n" + "x" * 5000, "x…"),
    ("GET /a\n'" + "x " * 5000 + ": b", "x…"),
    ("POST/orders", "Line 2: no space after the method: POST/orders\nWrite POST /orders"),
    ("get:/orders", "Write GET /orders"),
    ("GEThttps://h/x", "Write GET https://h/x"),
    ("GET '/a'", "Write GET /a"),
    ("GET h.example.com/a", "Write GET https://h.example.com/a"),
    ("GET ftp://h/a", "Write GET https://h/a"),
    ("GET ../a", "Write GET /a"),
    ("`GET /a`", "Did you mean GET /a?"),
    ("GET /a # all", "Line 2: a comment in the request line: GET /a # all\nA comment has a line of its own"),
    ("GET /a\n-o df", "Line 3: an option in the cell: -o df\nOptions stand on the magic line: %%apigw -o df"),
    ("GET /a\n-H 'A: b'", "Options stand on the magic line: %%apigw -H 'A: b'"),
    ('GET /a\n"X-A": "b",', "\nWrite X-A: b"),
]


@pytest.mark.parametrize(("text", "said"), FAULTS)
def test_says_what_is_wrong_where_and_how_it_should_look(text: str, said: str) -> None:
    """Each fault names its line, shows it, and shows a right one."""
    with pytest.raises(RequestSyntaxError) as caught:
        parse_message(text)
    assert said in str(caught.value)
    assert all("\n" not in line for line in caught.value.lines)
    assert not caught.value.why or caught.value.why.endswith(".")


@pytest.mark.parametrize("method", METHODS)
def test_methods_without_content(method: str) -> None:
    """GET and HEAD have none, all others may."""
    outcome = read(f"{method} /x\n\nhello")
    assert isinstance(outcome, RequestSyntaxError) == (method in CONTENT_FREE)


@pytest.mark.parametrize(
    ("line", "text", "said"),
    [
        ("GET /a", "GET /b", "Line 2: a second request line: GET /b\nThe first one is on the magic line"),
        ("GTE /a", "", "Line 1: GTE is no method"),
        ("GET /a", "\nhello", "Line 3: a GET request has no content"),
    ],
)
def test_counts_lines_from_the_magic_line(line: str, text: str, said: str) -> None:
    """Line 1 is the magic line."""
    with pytest.raises(RequestSyntaxError) as caught:
        parse_message(text, request_line=line)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("GTE /a", "GTE is no method: GTE /a"),
        ("POST", "A method without a target: POST"),
        ("GET /a b", "A space in the target: GET /a b"),
        ("GET /a/{{ b c }}", "Not a Python expression: {{ b c }}"),
    ],
)
def test_a_line_that_is_alone_has_no_number(line: str, said: str) -> None:
    """`%apigw` is one line, whatever its place in a cell."""
    with pytest.raises(RequestSyntaxError) as caught:
        parse_message("", request_line=line, number=0)
    assert caught.value.what == said


def read(text: str, line: str = "") -> Message | RequestSyntaxError:
    """Return the message, or the fault."""
    try:
        return parse_message(text, request_line=line)
    except RequestSyntaxError as error:
        return error


PIECES = [
    "GET /x",
    "POST",
    " ",
    "\n",
    "\n\n",
    "\r\n",
    "?a=1",
    "&",
    "A: b",
    "{",
    "}}",
    "{{ x }}",
    "# c",
    "< f",
    "/",
    ":",
]


@settings(deadline=None)
@given(st.text() | st.lists(st.sampled_from(PIECES), max_size=12).map("".join), st.sampled_from(["", "POST /x", "z"]))
@example("\ud800", "")
@example("\x85GET /x\u2028", "")
def test_any_text_is_a_message_or_a_fault(text: str, line: str) -> None:
    """No cell raises anything else."""
    outcome = read(text, line)
    if isinstance(outcome, Message):
        assert outcome.method in METHODS
        assert outcome.content is None or outcome.content in text
    else:
        assert 1 <= len(outcome.lines) <= 3
        assert all("\n" not in shown and len(shown) < 500 for shown in outcome.lines)


@pytest.mark.parametrize(
    ("start", "unit", "end"),
    [
        ("GET /x\n", "&a=1\n", ""),
        ("GET /x\n", "A: b\n", ""),
        ("GET /x", " ", "y"),
        ("GET /x", " ", "-"),
        ("GET ", "{{ 1 }}", ""),
        ("POST /x\n\n<", " ", ""),
        ("POST /x\n\n<", " \n", ""),
        ("POST /x\n", "{", ""),
        ("", "# c\n", ""),
        ("", "\n", ""),
        ("", "x", ""),
        ("", "GET", ""),
        ("", "GET /", ""),
        ("GET /x\n", "x=", ""),
        ("GET /x\n", "-a", ""),
        ("GET /x\n", "'a ", ": b"),
        ("GET ", "a.", "/"),
        ("GET ", "a-", "!"),
        ("GET /x\n\n", "\n", ""),
    ],
)
def test_is_linear(start: str, unit: str, end: str) -> None:
    """A hostile cell takes no more work than its length allows."""
    check_linear(read, start, unit, end)
    assert len(str(read(start + unit * VERY_MANY + end))) < 1000 or isinstance(read(start + unit * FEW + end), Message)
