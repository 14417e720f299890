"""Headers, content and other text with values in them."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apigw_magic.errors import RequestSyntaxError
from apigw_magic.text import Evaluate, Message, build_request, evaluate_in, expand_text

EVALUATE = evaluate_in(
    {
        "n": 42,
        "s": "O'\"B\\\n{{ n }}",
        "none": None,
        "nan": float("nan"),
        "d": {"a": [1, None]},
        "df": pd.DataFrame({"id": [1, 2]}),
        "crlf": "a\r\nX: y",
    }
)


def expand_content(template: str, evaluate: Evaluate, *, is_json: bool) -> str:
    """Return the content of the request that a POST of this template becomes."""
    kind = "application/json" if is_json else "text/plain"
    return build_request(Message("POST", "/x", (("Content-Type", kind),), template), evaluate).content.decode()


def expand_header(name: str, template: str, evaluate: Evaluate) -> str:
    """Return the header field of the request that a GET with this template becomes."""
    ((_, value),) = build_request(Message("GET", "/x", ((name, template),)), evaluate).headers
    return value


@pytest.mark.parametrize(
    ("template", "content"),
    [
        ('{"id": {{ n }}}', '{"id": 42}'),
        ('{"id": {{ s }}}', '{"id": "O\'\\"B\\\\\\n{{ n }}"}'),
        ('{"id": "x-{{ s }}-{{ n }}"}', '{"id": "x-O\'\\"B\\\\\\n{{ n }}-42"}'),
        ('{"a": {{ none }}, "b": {{ nan }}}', '{"a": null, "b": null}'),
        ('{"a": {{ d }}}', '{"a": {"a": [1, null]}}'),
        ("{{ df }}", '[{"id": 1}, {"id": 2}]'),
        ('{"q\\"": {{ n }}}', '{"q\\"": 42}'),
        ('{"q\\\\": {{ n }}}', '{"q\\\\": 42}'),
        ('{"q\\\\{{ n }}": 1}', '{"q\\\\42": 1}'),
        ('{ {{ "n" }}: 1}', '{ "n": 1}'),
        ('{"a": "$x {y} %"}', '{"a": "$x {y} %"}'),
    ],
)
def test_json_content(template: str, content: str) -> None:
    """In JSON a value is a JSON value, and inside quotes an escaped part of the string."""
    assert expand_content(template, EVALUATE, is_json=True) == content
    json.loads(content)


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ('{"a": "{{ none }}"}', "is missing"),
        ('{"a": "{{ d }}"}', "a single value goes here"),
        ('{"a": "\\{{ n }}"}', "after a lone backslash"),
        ('{"a": {{ float("inf") }}}', "infinite"),
        ('{"a": {{ nope }}}', "NameError"),
        ('{{{ "n" }}: 1}', "stands apart from them"),
        ('{"a": {{{ n }}}}', "is a set"),
    ],
)
def test_json_content_refuses(template: str, said: str) -> None:
    """A value without a form where it stands is an error."""
    with pytest.raises(RequestSyntaxError, match=said):
        expand_content(template, EVALUATE, is_json=True)


@settings(deadline=None)
@given(st.text(), st.text())
def test_a_string_part_never_leaves_its_string(before: str, value: str) -> None:
    """Whatever the text, the document keeps its shape."""
    template = json.dumps({"k": before.replace("{", "")})[:-2] + '{{ x }}"}'
    document = json.loads(expand_content(template, lambda _: value, is_json=True))
    assert document == {"k": before.replace("{", "") + value}


def test_text_content() -> None:
    """Other content takes text as it is."""
    assert expand_content("a '{{ s }}' {{ n }}\n", EVALUATE, is_json=False) == "a 'O'\"B\\\n{{ n }}' 42\n"


@pytest.mark.parametrize("template", ["{{ none }}", "{{ nan }}", "{{ d }}", "{{ df }}"])
def test_text_is_of_single_values(template: str) -> None:
    """A missing value or a table has no text."""
    with pytest.raises(RequestSyntaxError):
        expand_text(template, EVALUATE)
    with pytest.raises(RequestSyntaxError):
        expand_header("X", template, EVALUATE)


def test_text() -> None:
    """An argument is text with values in it."""
    assert expand_text("arn:{{ n }}:{x}", EVALUATE) == "arn:42:{x}"
    assert expand_text("", EVALUATE) == ""


def test_header() -> None:
    """A header value is text with values in it."""
    assert expand_header("X-Id", "id {{ n }}", EVALUATE) == "id 42"


@pytest.mark.parametrize("template", ["{{ crlf }}", "{{ chr(0) }}", "{{ chr(10) }}", "a\rb"])
def test_header_cannot_start_another(template: str) -> None:
    """A line break or NUL is refused, and the value, maybe a secret, not shown."""
    with pytest.raises(RequestSyntaxError, match="The header X-A holds a line break or NUL") as caught:
        expand_header("X-A", template, EVALUATE)
    assert "X: y" not in str(caught.value)
