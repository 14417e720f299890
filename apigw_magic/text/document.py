"""JSON content, checked before it is sent."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, NoReturn

from apigw_magic.errors import RequestSyntaxError
from apigw_magic.text.faults import show, tell

if TYPE_CHECKING:
    from collections.abc import Callable

_SHOWN = 40
"""Characters looked at before and at the place of a fault."""

_CONSTANT = re.compile(r'"(?:[^"\\]|\\.)*"|(-?Infinity|NaN)', re.DOTALL)
"""A string, or what Python reads and JSON does not know."""

_REMEDIES = (
    ("", r"'", 'JSON strings take double quotes: "…"'),
    ("", r"True\b", "JSON writes true."),
    ("", r"False\b", "JSON writes false."),
    ("", r"None\b", "JSON writes null."),
    ("", r"#|//|/\*", "JSON has no comments."),
    ("Expecting property name", r"[A-Za-z_]\w*", 'JSON names take double quotes: "{0}"'),
    ("Expecting ','", r'["{\[]', "Put a comma before it."),
    ("Expecting ':'", r"\S", "Put a colon before it."),
    ("Extra data", r"[{\[]", "For one document on each line, add the header Content-Type: application/x-ndjson"),
    ("Extra data", r"[}\]]", "Take it away."),
    ("Illegal trailing comma", "", "Take the comma away."),
    ("Invalid control", "", "A line break in a JSON string is written \\n, a tab \\t"),
    ("Invalid \\", "", "A backslash in a JSON string is written \\\\"),
    ("Unterminated string", "", 'Close the string with "'),
    ("", r"\Z", "Close what is open: a }} or ] is missing at the end."),
)
"""What Python calls a fault, what stands at its place, and what to write instead."""


def check_json(text: str, find_line: Callable[[int], int] = lambda _: 0) -> None:
    """Check that the text is a JSON document (RFC 8259).

    Args:
        text: the content.
        find_line: gives the number of the line of the cell for a place in the text; 0 if it came from none.

    Raises:
        RequestSyntaxError: it is none; names the line of the cell, or line and column of the text, and shows the place.
    """
    try:
        json.loads(text, parse_int=str, parse_float=str, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        place = min(error.pos, len(text.rstrip()))
        raise _describe(json.JSONDecodeError(error.msg, text, place), find_line(place)) from None
    except _NotANumberError as error:
        place = next((found.start() for found in _CONSTANT.finditer(text) if found[1]), 0)
        raise RequestSyntaxError(
            tell(find_line(place), f"the content is not valid JSON: it holds {error}."), fix="JSON writes null."
        ) from None
    except RecursionError:
        raise RequestSyntaxError(
            tell(find_line(0), "the content is JSON nested too deeply."),
            fix="Send it from a file, which is not looked into: < orders.json",
        ) from None


def is_json_document(text: str) -> bool:
    """Whether the text is a JSON object or array."""
    if text.lstrip()[:1] not in ("{", "["):
        return False
    try:
        check_json(text)
    except RequestSyntaxError:
        return False
    return True


class _NotANumberError(Exception):
    """`NaN` or `Infinity`, which Python reads and JSON does not know."""


def _refuse_constant(name: str) -> NoReturn:
    raise _NotANumberError(name)


def _describe(error: json.JSONDecodeError, line: int) -> RequestSyntaxError:
    """Return the error that shows where the JSON ends to be any."""
    rest = show(error.doc[error.pos :].partition("\n")[0])
    before = show(error.doc[max(0, error.pos - _SHOWN) : error.pos].rpartition("\n")[2])
    shown = f"{before} ⟵ here: {rest}" if rest else f"{before} ⟵ here"
    place = "" if line else f"line {error.lineno}, column {error.colno}: "
    return RequestSyntaxError(
        tell(line, f"the content is not valid JSON: {place}{shown.lstrip()}"),
        why=f"{error.msg.removesuffix(' at')}.",
        fix=_mend(error),
    )


def _mend(error: json.JSONDecodeError) -> str:
    """Return what to write instead, by what Python calls the fault and what stands at its place."""
    here = error.doc[error.pos : error.pos + _SHOWN].rstrip()
    if here[:1] in ("}", "]") and error.doc[: error.pos].rstrip().endswith(","):
        return "Take away the comma before it."
    for said, standing, fix in _REMEDIES:
        found = re.match(standing, here)
        if found and error.msg.startswith(said):
            return fix.format(found[0])
    return "Text that is not JSON needs a Content-Type, such as text/plain; charset=utf-8"
