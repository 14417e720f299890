"""Where an expression starts and ends."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apigw_magic.errors import RequestSyntaxError
from apigw_magic.text.template import (
    _MOST_TRIED,
    Expression,
    Inserted,
    _reason_against,
    evaluate_template,
    split_template,
)
from tests.text.steps import VERY_MANY, check_linear, count_characters

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
        ("{{ x:.2f }}", "There are no conversions or formats in {{ }}: {{ format(x, '.2f') }}"),
        ("{{ x!r }}", "{{ repr(x) }}"),
        ("{{ x!s:>5 }}", "{{ format(str(x), '>5') }}"),
        ("a\n{{ x", "Close it with }}"),
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


def test_notes_the_line() -> None:
    """An expression knows the line that it starts on, if its text stands on one."""
    text = "a\n{{ b }}\n\n{{ c\n }}{{ d }}"
    assert [part.line for part in split_template(text, 3) if isinstance(part, Expression)] == [4, 6, 7]
    assert [part.line for part in split_template(text) if isinstance(part, Expression)] == [0, 0, 0]
    with pytest.raises(RequestSyntaxError, match=r"\ALine 5: \{\{ without"):
        split_template("\n\n{{ b", 3)


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


@settings(deadline=None)
@given(st.text(alphabet="a{} '\"1,:[]", max_size=60))
def test_loses_nothing(text: str) -> None:
    """The parts joined are the text."""
    try:
        parts = split_template(text)
    except RequestSyntaxError:
        return
    assert "".join(part.text if isinstance(part, Expression) else part for part in parts) == text


@pytest.mark.parametrize(
    ("start", "unit", "end"),
    [
        ("{{ (", "}}", ""),
        ("{{ x( ", "a }} ", ""),
        ("", "{{ a }}", ""),
        ("", "{{ a }}\n", ""),
        ("", "{{", ""),
        ('{{ "', "}}", ""),
        ("{{ ", "1+", "1 }}"),
        ("{{ ", "-", "1 }}"),
        ("{{ ", "a:", "}}"),
        ("{{ ", "!r", "}}"),
        ("", '{{ "' + "}}" * 60 + '" }}', ""),
    ],
)
def test_is_bounded(start: str, unit: str, end: str) -> None:
    """Thousands of braces are cut or refused: in as many steps, and not much of them is compiled in vain."""
    check_linear(lambda text: split_template(text, 1), start, unit, end)
    text = start + unit * VERY_MANY + end
    assert count_characters(split_template, text, _reason_against.__code__, "source") <= _MOST_TRIED + 2 * len(text)
