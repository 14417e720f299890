"""Where an expression starts and ends."""

from __future__ import annotations

import contextlib
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apigw_magic.errors import RequestSyntaxError
from apigw_magic.text.template import Expression, Inserted, evaluate_template, split_template

CUT: list[tuple[str, list[str | tuple[str]]]] = [
    ("", []),
    ("plain { x } $y ${z} }}", ["plain { x } $y ${z} }}"]),
    ("{{ a }}", [("a",)]),
    ("{{a}}{{b}}", [("a",), ("b",)]),
    ('{"id": {{ order_id }}}', ['{"id": ', ("order_id",), "}"]),
    ('{"a": {"b": {{ x }}}}', ['{"a": {"b": ', ("x",), "}}"]),
    ('{{ {"a": {"b": 1}} }}', [('{"a": {"b": 1}}',)]),
    ('{{ {"a": {"b": 1}}}}', [('{"a": {"b": 1}}',)]),
    ("{{{ x }}}", [("{ x }",)]),
    ('{{ "}}" }}', [('"}}"',)]),
    ('{{ "{{" }}', [('"{{"',)]),
    ("{{ {} }}", [("{}",)]),
    ("{{ [\n 1,\n 2] }}", [("[\n 1,\n 2]",)]),
    ("{{ f'{x}' }}", [("f'{x}'",)]),
    ("a {{ x }} }} b", ["a ", ("x",), " }} b"]),
]


@pytest.mark.parametrize(("text", "parts"), CUT)
def test_cuts_at_the_first_end_that_compiles(text: str, parts: list[str | tuple[str]]) -> None:
    """An expression ends at the first braces before which the text is Python."""
    seen = [(part.source,) if isinstance(part, Expression) else part for part in split_template(text)]
    assert seen == parts


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{{ a", "{{ without }}: {{ a"),
        ("{{}}", "{{ }} without an expression"),
        ("{{   }}", "{{ }} without an expression"),
        ("{{ order id }}", "Not a Python expression: {{ order id }}"),
        ("{{ a = 1 }}", "Python says: "),
        ("{{ x:.2f }}", "format(x, "),
        ("{{ x!r }}", "no conversions or formats"),
        ("{{ \0 }}", "\\x00"),
        ("{{ \ud800 }}", "\\ud800"),
        ("{{ " + "(" * 500 + " }}", "too many nested parentheses"),
    ],
)
def test_says_what_is_no_expression(text: str, said: str) -> None:
    """The error shows the expression, and never breaks its line."""
    with pytest.raises(RequestSyntaxError) as caught:
        split_template(text)
    assert said in str(caught.value)
    assert all("\n" not in line for line in caught.value.lines)


def test_evaluates_once_in_order() -> None:
    """Each expression is evaluated once, and its value kept as it is."""
    asked: list[str] = []

    def evaluate(source: str) -> object:
        asked.append(source)
        return "{{ again }}"

    parts = evaluate_template("a{{ x }}b{{ y }}", evaluate)
    assert asked == ["x", "y"]
    assert parts == ("a", Inserted("x", "{{ again }}"), "b", Inserted("y", "{{ again }}"))


def test_evaluates_nothing_of_a_broken_template() -> None:
    """A template that does not end is found before the first expression runs."""
    asked: list[str] = []
    with pytest.raises(RequestSyntaxError):
        evaluate_template("{{ x }}{{ y", asked.append)
    assert asked == []


def test_leaves_the_text_alone_without_evaluation() -> None:
    """Without something that evaluates, braces mean nothing."""
    assert evaluate_template("{{ no", None) == ("{{ no",)
    assert evaluate_template("", None) == ()


@given(st.text(alphabet="a{} '\"1,:[]", max_size=60))
def test_loses_nothing(text: str) -> None:
    """The parts joined are the text."""
    try:
        parts = split_template(text)
    except RequestSyntaxError:
        return
    assert "".join(part.text if isinstance(part, Expression) else part for part in parts) == text


@pytest.mark.parametrize(
    "text",
    [
        "{{ (" + "}}" * 100_000,
        "{{ x( " + "a }} " * 50_000,
        "{{ a }}" * 20_000,
        "{{" * 100_000,
        '{{ "' + "}}" * 50_000,
        "{{ " + "1+" * 50_000 + "1 }}",
        "{{ " + "-" * 100_000 + "1 }}",
    ],
)
def test_is_bounded(text: str) -> None:
    """Thousands of braces are cut or refused at once."""
    start = time.perf_counter()
    with contextlib.suppress(RequestSyntaxError):
        split_template(text)
    assert time.perf_counter() - start < 3
