"""Templates: text in which `{{ expr }}` stands for the value of a Python expression.

An expression ends at the first `}}` before which the text compiles, so dicts, sets and braces in strings need no care:
`{{ {"a": {"b": 1}} }}`, `{{ "}}" }}`. Hence `{{{ x }}}` is the set `{x}`, not `x` in braces. Single braces and `$` mean
nothing. Two braces that are to be sent are inserted themselves: `{{ "{{" }}`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from apigw_magic.errors import RequestSyntaxError
from apigw_magic.text.faults import Located, show, tell

Evaluate: TypeAlias = Callable[[str], object]
"""Gives the value of an expression, or raises `RequestSyntaxError`."""

_MOST_TRIED = 1_000_000
"""Characters compiled in vain, over a whole text, before the search for an end is given up: well below a second."""

_FORMAT = re.compile(r"(?:!([rsa]))?(?::([^:]*))?\Z")
_CONVERSIONS = {"r": "repr", "s": "str", "a": "ascii"}

_LITERAL_BRACES = 'braces that are text are inserted: {{ "{{" }}'
_FIX_OPEN = f"Close it with }}}}; {_LITERAL_BRACES}"
_FIX_EXPRESSION = f"Write an expression, such as {{{{ order_id }}}}; {_LITERAL_BRACES}"


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression that is not evaluated yet.

    Attributes:
        text: as written, with its braces.
        line: the number of the line of the cell that it starts on; 0 if it stands in none.
    """

    text: str
    line: int = 0

    @property
    def source(self) -> str:
        """The Python expression alone."""
        source = self.text[2:-2].strip()
        return Located(source, self.line) if self.line else source


@dataclass(frozen=True, slots=True)
class Inserted:
    """A value that stands in a text; it is never looked at as a template again.

    Attributes:
        source: the expression it came from.
        value: what the expression gave.
    """

    source: str
    value: object


Part: TypeAlias = str | Inserted
"""A piece of an evaluated template."""


def split_template(text: str, line: int = 0) -> tuple[str | Expression, ...]:
    """Cut a text into what stands there and what is to be inserted.

    Args:
        text: a template.
        line: the number of the line of the cell that it starts on; 0 if it stands in none.

    Raises:
        RequestSyntaxError: a `{{` without an end, or without a Python expression in it.
    """
    parts: list[str | Expression] = []
    start = tried = 0
    while (opening := text.find("{{", start)) >= 0:
        if opening > start:
            parts.append(text[start:opening])
        if line:
            line += text.count("\n", start, opening)
        end, failed = _find_end(text, opening, tried, line)
        tried += failed
        parts.append(Expression(text[opening:end], line))
        if line:
            line += text.count("\n", opening, end)
        start = end
    if start < len(text):
        parts.append(text[start:])
    return tuple(parts)


def evaluate_template(text: str, evaluate: Evaluate | None, line: int = 0) -> tuple[Part, ...]:
    """Cut a text at its expressions and evaluate each, once, in order; None takes the text as it is.

    Args:
        text: a template.
        evaluate: gives the values.
        line: as of `split_template`.

    Raises:
        RequestSyntaxError: the text is no template, before anything is evaluated; or an expression fails.
    """
    if evaluate is None:
        return (text,) if text else ()
    return tuple(
        part if isinstance(part, str) else Inserted(part.source, evaluate(part.source))
        for part in split_template(text, line)
    )


def _find_end(text: str, opening: int, tried: int, line: int) -> tuple[int, int]:
    """Return where the expression that opens here ends, and how many characters were compiled in vain for it."""
    first = end = text.find("}}", opening + 2)
    if first < 0:
        raise RequestSyntaxError(tell(line, f"{{{{ without }}}}: {show(text[opening:])}"), fix=_FIX_OPEN)
    if not text[opening + 2 : first].strip():
        raise RequestSyntaxError(tell(line, "{{ }} without an expression in it."), fix=_FIX_EXPRESSION)
    failed = 0
    while end >= 0:
        source = text[opening + 2 : end].strip()
        if not _reason_against(source):
            return end + 2, failed
        failed += len(source)
        if tried + failed > _MOST_TRIED:
            raise RequestSyntaxError(
                tell(line, f"too many }}}} to tell where this ends: {show(text[opening:])}"),
                fix="Put the value into a variable first, and insert that.",
            )
        end = text.find("}}", end + 1)
    raise _describe_failure(text[opening + 2 : first].strip(), line)


def _reason_against(source: str) -> str:
    """Say why a text is no Python expression; nothing if it is one.

    Warnings of the compiler are let through: the user's own code gets the same ones.
    """
    try:
        compile(source, "<{{ }}>", "eval")
    except SyntaxError as error:
        return error.msg or "invalid syntax"
    except (ValueError, RecursionError, MemoryError) as error:  # NUL, a lone surrogate, absurd nesting
        return str(error) or "too deeply nested"
    return ""


def _describe_failure(source: str, line: int) -> RequestSyntaxError:
    """Return the error for an expression for which no end was found."""
    form = _FORMAT.search(source)
    value = source[: form.start()].rstrip() if form else source
    if form and value and value != source and not _reason_against(value):
        fix = (
            f"There are no conversions or formats in {{{{ }}}}: {{{{ {_write_format(show(value), *form.groups())} }}}}"
        )
    elif source.startswith("{"):
        fix = "A brace that is text stands apart from them: { {{ … }}"
    else:
        fix = _FIX_EXPRESSION
    return RequestSyntaxError(
        tell(line, f"not a Python expression: {{{{ {show(source)} }}}}"),
        why=f"Python says: {_reason_against(source)}.",
        fix=fix,
    )


def _write_format(value: str, conversion: str | None, spec: str | None) -> str:
    """Return the expression for what `!r` and `:.2f` after a value are in an f-string."""
    converted = f"{_CONVERSIONS[conversion]}({value})" if conversion else value
    return f"format({converted}, {show(spec)!r})" if spec else converted
