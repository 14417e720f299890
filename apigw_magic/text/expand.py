"""Values encoded for where they stand: in a header, in content, or in any other text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from apigw_magic.errors import RequestSyntaxError
from apigw_magic.text.faults import show, show_expression, tell
from apigw_magic.text.template import evaluate_template
from apigw_magic.text.values import quote_json, to_json, to_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from apigw_magic.text.template import Evaluate, Part

_LINE_ENDERS = re.compile(r"[\r\n\0]")
"""What would end a field, or start another one (RFC 9110 §5.5)."""

_STRING_EDGE = re.compile(r'\\.|"', re.DOTALL)
"""An escaped character of a JSON string, or a quote (RFC 8259 §7)."""


def expand_text(template: str, evaluate: Evaluate | None) -> str:
    """Return the text, such as an argument of a command.

    Raises:
        RequestSyntaxError: an expression fails, or its value is missing or not a single one.
    """
    return join_text(evaluate_template(template, evaluate))


def expand_value(template: str, evaluate: Evaluate | None) -> object:
    """Return the value as it is, where the text is one `{{ expr }}` and nothing else; the expanded text otherwise.

    Raises:
        RequestSyntaxError: as `expand_text`.
    """
    parts = evaluate_template(template.strip(), evaluate)
    if len(parts) == 1 and not isinstance(parts[0], str):
        return parts[0].value
    return join_text(parts)


def join_text(parts: Iterable[Part]) -> str:
    """Return the text from its evaluated parts.

    Raises:
        RequestSyntaxError: a value is missing or not a single one.
    """
    return "".join(_write(parts))


def encode_header(name: str, parts: Iterable[Part], line: int = 0) -> str:
    """Return the value of a header field, which stands on this line of the cell, from its evaluated parts."""
    value = join_text(parts)
    if _LINE_ENDERS.search(value):
        raise RequestSyntaxError(
            tell(line, f"the header {show(name)} holds a line break or NUL."),
            why="It would start a header of its own.",
            fix="Take it out, such as with .strip(), or encode the value as the API expects.",
        )
    return value


def encode_content(parts: tuple[Part, ...], *, is_json: bool) -> list[str]:
    """Return the content from its evaluated parts, a piece for each of them."""
    return _write_json(parts) if is_json else _write(parts)


def _write(parts: Iterable[Part]) -> list[str]:
    return [part if isinstance(part, str) else to_text(part.value, part.source) for part in parts]


def _write_json(parts: Iterable[Part]) -> list[str]:
    in_string = False
    written: list[str] = []
    for part in parts:
        if isinstance(part, str):
            in_string = _ends_in_string(part, in_string=in_string)
            written.append(part)
        elif in_string:
            _check_not_escaped(written[-1], part.source)
            written.append(quote_json(to_text(part.value, part.source))[1:-1])
        else:
            written.append(to_json(part.value, part.source))
    return written


def _ends_in_string(text: str, *, in_string: bool) -> bool:
    """Whether a piece of JSON text ends inside a string, given whether it starts in one."""
    for edge in _STRING_EDGE.finditer(text):
        if edge[0] == '"' or (edge[0] == '\\"' and not in_string):
            in_string = not in_string
    return in_string


def _check_not_escaped(before: str, source: str) -> None:
    """Refuse a value after a lone backslash, which would make an escape of its first character."""
    if (len(before) - len(before.rstrip("\\"))) % 2:
        raise RequestSyntaxError(
            f"{show_expression(source)} stands after a lone backslash, in a JSON string.",
            fix="A backslash in a JSON string is written \\\\",
        )
