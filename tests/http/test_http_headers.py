"""Header fields and methods: what may be set, and what may stand in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apigw_magic.errors import InvalidRequestError
from apigw_magic.http import check_fields, check_method

if TYPE_CHECKING:
    from collections.abc import Callable

FORBIDDEN = [
    "Authorization",
    "Connection",
    "Content-Length",
    "Date",
    "Host",
    "Transfer-Encoding",
    "X-Amz-Content-SHA256",
    "X-Amz-Date",
    "X-Amz-Security-Token",
]

ACCEPTED = [
    ("Accept", "text/csv", "text/csv"),
    ("X-Note", "  spaced \t", "spaced"),
    ("X-Note", "a\tb  c", "a\tb  c"),
    ("X-Note", "", ""),
    ("X-Note", "caf\xe9", "caf\xe9"),
    ("x-amz-meta", "plain", "plain"),
    ("!#$%&'*+.^_`|~-9aZ", "v", "v"),
]

BAD_NAMES = ["", " ", "X Note", "X-Note:", "X-Nöte", "X\nNote", "X(Note)", "X/Note", '"X"', "X-Note ", "Ｘ"]  # noqa: RUF001 - a wide X

BAD_VALUES = ["a\r\nX: y", "a\nb", "a\rb", "a\x00b", "a\x1bb", "a\x7fb", "a\x80b", "\x85", "日本", "a\u2028b", "\ud800"]


@pytest.mark.parametrize("name", FORBIDDEN)
@pytest.mark.parametrize("spell", [str, str.lower, str.upper])
def test_fields_that_are_ours(name: str, spell: Callable[[str], str]) -> None:
    """What signing and sending set cannot be set by hand, in no spelling; the reason is given."""
    with pytest.raises(InvalidRequestError, match="cannot be set") as caught:
        check_fields(((spell(name), "x"),))
    assert caught.value.why.startswith("Signing needs it")


@pytest.mark.parametrize(("name", "value", "sent"), ACCEPTED)
def test_fields_that_pass(name: str, value: str, sent: str) -> None:
    """White space around a value is removed, what is within stays."""
    assert check_fields(((name, value),)) == ((name, sent),)


@pytest.mark.parametrize("name", BAD_NAMES)
def test_names_that_are_no_tokens(name: str) -> None:
    """A name is an RFC 9110 token; one with a space or a colon could become two fields."""
    with pytest.raises(InvalidRequestError, match="is not a header name"):
        check_fields(((name, "v"),))


@pytest.mark.parametrize("value", BAD_VALUES)
def test_values_that_http_cannot_carry(value: str) -> None:
    """No control character and nothing beyond latin-1; the message does not repeat the value, which may be a key."""
    with pytest.raises(InvalidRequestError, match="cannot carry") as caught:
        check_fields((("X-Note", value),))
    assert value not in str(caught.value)


@pytest.mark.parametrize("name", ["Content-Type", "x-api-key", "X-Apigw-Api-Id", "X-Amz-Meta"])
def test_signed_values_are_ascii(name: str) -> None:
    """A signed value is hashed as UTF-8 and sent as latin-1: only ASCII is the same in both."""
    with pytest.raises(InvalidRequestError, match="not ASCII"):
        check_fields(((name, "caf\xe9"),))


def test_fields_that_stand_twice() -> None:
    """A field is given once, in whatever case: a signature covers one value."""
    with pytest.raises(InvalidRequestError, match="X-NOTE stands twice"):
        check_fields((("X-Note", "a"), ("Accept", "b"), ("X-NOTE", "a")))


def test_the_order_of_fields_is_kept() -> None:
    """Fields are sent in the order given, spelt as given."""
    fields = (("b", "1"), ("A", "2"), ("c", "3"))
    assert check_fields(fields) == fields
    assert check_fields(()) == ()


@given(st.text(), st.text())
def test_any_field_is_one_line_on_the_wire(name: str, value: str) -> None:
    """Whatever is given is refused by our error or is exactly one line of bytes."""
    try:
        fields = check_fields(((name, value),))
    except InvalidRequestError:
        return
    ((sent_name, sent_value),) = fields
    line = f"{sent_name}: {sent_value}".encode("latin-1")
    assert len(line.splitlines()) == 1
    assert line.partition(b":")[0] == sent_name.encode("ascii")


@pytest.mark.parametrize(
    ("method", "checked"), [("get", "GET"), ("Patch", "PATCH"), ("M-SEARCH", "M-SEARCH"), ("DELETE", "DELETE")]
)
def test_methods_are_upper_case(method: str, checked: str) -> None:
    """Policies spell methods in upper case, and so do we."""
    assert check_method(method) == checked


@pytest.mark.parametrize("method", ["", "GET /x", "GET\r\n", "GÉT", " GET", "GET:", "ſet"])  # noqa: RUF001 - a long s
def test_methods_that_are_no_tokens(method: str) -> None:
    """What is not a token could begin another request."""
    with pytest.raises(InvalidRequestError, match="is not an HTTP method"):
        check_method(method)


def test_all_that_cannot_be_set_is_named_at_once() -> None:
    """A request pasted from elsewhere brings several."""
    pasted = (("Host", "h.example"), ("Accept", "*/*"), ("Connection", "close"), ("Content-Length", "3"))
    with pytest.raises(InvalidRequestError, match="The headers Host, Connection and Content-Length cannot be set"):
        check_fields(pasted)


@pytest.mark.parametrize("method", ["TRACE", "trace", "CONNECT"])
def test_methods_for_proxies_are_refused(method: str) -> None:
    """TRACE asks for the request back, session token and all; CONNECT opens a tunnel."""
    with pytest.raises(InvalidRequestError, match="is not sent"):
        check_method(method)
