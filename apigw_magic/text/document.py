"""JSON content, checked before it is sent."""

from __future__ import annotations

import json
from typing import NoReturn

from apigw_magic.errors import RequestSyntaxError
from apigw_magic.text.faults import show

_BEFORE = 40
"""Characters shown before the place of a fault."""

_REMEDIES = (
    ("'", 'JSON strings take double quotes: "…"'),
    ("True", "JSON writes true."),
    ("False", "JSON writes false."),
    ("None", "JSON writes null."),
    ("}", "Take away the comma before it."),
    ("]", "Take away the comma before it."),
    ("#", "JSON has no comments."),
    ("//", "JSON has no comments."),
)


def check_json(text: str) -> None:
    """Check that the text is a JSON document (RFC 8259).

    Raises:
        RequestSyntaxError: it is none; names the line and column of the content, and shows the place.
    """
    try:
        json.loads(text, parse_int=str, parse_float=str, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise _describe(error) from None
    except _NotANumberError as error:
        raise RequestSyntaxError(f"The content is not valid JSON: it holds {error}.", fix="JSON writes null.") from None
    except RecursionError:
        raise RequestSyntaxError("The content is JSON nested too deeply.") from None


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


def _describe(error: json.JSONDecodeError) -> RequestSyntaxError:
    """Return the error that shows where the JSON ends to be any."""
    here = error.doc[error.pos :]
    rest = show(here.partition("\n")[0])
    before = error.doc[max(0, error.pos - _BEFORE) : error.pos].rpartition("\n")[2]
    fix = next((remedy for start, remedy in _REMEDIES if here.startswith(start)), "")
    if here[:1] in ("}", "]") and not error.doc[: error.pos].rstrip().endswith(","):
        fix = ""
    place = f"{show(before)} ⟵ here: {rest}" if rest else f"{show(before)} ⟵ here"
    return RequestSyntaxError(
        f"The content is not valid JSON: line {error.lineno}, column {error.colno}: {place.lstrip()}",
        why=f"{error.msg}.",
        fix=fix or "Text that is not JSON needs a Content-Type, such as text/plain; charset=utf-8",
    )
