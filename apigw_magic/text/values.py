"""Python values as text and as JSON, exactly.

None, NaN, NaT and `pandas.NA` are missing. Integers keep all their digits, floats are written as Python's `repr` writes
them (the shortest text that reads back the same), a Decimal keeps the digits it has.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, KeysView, Mapping, ValuesView
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import PurePath
from typing import TypeAlias
from uuid import UUID

from apigw_magic.errors import RequestSyntaxError
from apigw_magic.text.faults import show, show_exception, show_expression, show_type
from apigw_magic.text.loaded import is_pandas_missing, leave_numpy, leave_pandas

Scalar: TypeAlias = bool | int | float | Decimal | str
Plain: TypeAlias = "Scalar | list[Plain] | dict[str, Plain] | None"
"""A value as JSON knows it; a Decimal is a number, None is a missing value."""

_DEEPEST = 100
"""Levels of lists and dicts; what goes deeper most likely contains itself."""

_MOST_BITS = 10_000
"""Longer integers are written by way of Decimal: Python refuses to write more than 4,300 digits itself."""

_BYTES = (bytes, bytearray, memoryview)

_REMEDIES: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (_BYTES, "{0}.decode() for text, base64.b64encode({0}).decode() for base64."),
    ((set, frozenset), "sorted({0}): a set has no order."),
    (timedelta, "{0}.total_seconds(), or str({0})"),
    (Iterable, "list({0})"),
)


def to_plain(value: object, source: str) -> Plain:
    """Return the value in the terms of JSON; `source` is the expression it came from.

    Raises:
        RequestSyntaxError: infinity, text that is no Unicode, a type that has no form in JSON, a value whose own code
            fails.
    """
    try:
        return _to_plain(value, source, 0)
    except RequestSyntaxError:
        raise
    except Exception as error:
        raise RequestSyntaxError(
            f"{show_expression(source)} cannot be read: {show_exception(error)}",
            why=f"It is {show_type(value)}, and its own code failed.",
            fix="Insert its text, or a plain value.",
        ) from error


def to_text(value: object, source: str) -> str:
    """Return the text of a single value: `true` and `false` for bools, ISO 8601 for dates and times.

    Raises:
        RequestSyntaxError: a missing value, several values, or what `to_plain` refuses.
    """
    plain = to_plain(value, source)
    if plain is None:
        raise RequestSyntaxError(
            f"{show_expression(source)} is missing: its value is {value!s:.20}.",
            fix="Give it a value first; an empty text is ''",
        )
    if isinstance(plain, list | dict):
        raise RequestSyntaxError(
            f"{show_expression(source)} is {show_type(value)}, and a single value goes here.",
            fix=f"Pick one value of it{_write_whole(value, f'{source:.40}')}",
        )
    return write_scalar(plain)


def to_json(value: object, source: str) -> str:
    """Return the value as JSON text; a missing one is `null`.

    Raises:
        RequestSyntaxError: what `to_plain` refuses.
    """
    return _write_json(to_plain(value, source))


def write_scalar(value: Scalar) -> str:
    """Return the text of a plain value."""
    if isinstance(value, str):
        return value
    return _write_json(value)


def quote_json(text: str) -> str:
    """Return the text as a JSON string (RFC 8259 §7), letters of all scripts kept as they are."""
    return json.dumps(text, ensure_ascii=False)


def _write_whole(value: object, source: str) -> str:
    """Return how the text of several values is written, as the end of a fix."""
    if isinstance(value, list | tuple):
        return f", or write its text: ','.join({source}), json.dumps({source})"
    return f", or write its text: json.dumps({source})" if isinstance(value, dict) else "."


def _write_json(value: Plain) -> str:
    if isinstance(value, str):
        return quote_json(value)
    if isinstance(value, list):
        return f"[{', '.join(map(_write_json, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{quote_json(key)}: {_write_json(item)}' for key, item in value.items())}}}"
    if isinstance(value, Decimal):
        return str(value)
    return json.dumps(value)


def _to_plain(value: object, source: str, depth: int) -> Plain:
    if depth > _DEEPEST:
        raise RequestSyntaxError(
            f"{show_expression(source)} is nested over {_DEEPEST} levels, or contains itself.",
            fix="Insert a part of it, or the text: json.dumps(…)",
        )
    while isinstance(value, Enum):
        value = value.value
    try:
        known = leave_pandas(leave_numpy(value))
    except ValueError as error:
        raise RequestSyntaxError(
            f"{show_expression(source)} cannot be read as records: {error}.", fix="Name its columns apart."
        ) from None
    if _is_missing(known):
        return None
    scalar = _to_number(known, source)
    if scalar is None:
        scalar = _to_words(known, source)
    if scalar is not None:
        return scalar
    if isinstance(known, Mapping):
        return _to_dict(known, source, depth)
    if isinstance(known, list | tuple | range | KeysView | ValuesView):
        return [_to_plain(item, source, depth + 1) for item in known]
    raise _refuse(known, source)


def _to_dict(value: Mapping[object, object], source: str, depth: int) -> dict[str, Plain]:
    """Return a dict whose keys are text, as JSON wants them."""
    plain: dict[str, Plain] = {}
    for label, item in value.items():
        key = _to_plain(label, source, depth + 1)
        if key is None or isinstance(key, list | dict):
            raise RequestSyntaxError(
                f"{show_expression(source)} has a key that is no text: {show(repr(label))}",
                fix="Name its keys or columns.",
            )
        name = write_scalar(key)
        if name in plain:
            raise RequestSyntaxError(
                f"{show_expression(source)} has the key {show(repr(name))} twice.",
                fix="Name its keys or columns apart.",
            )
        plain[name] = _to_plain(item, source, depth + 1)
    return plain


def _to_number(value: object, source: str) -> Scalar | None:
    """Return a bool or a number as a plain one, None if it is something else."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return int(value) if value.bit_length() <= _MOST_BITS else Decimal(value)
    if not isinstance(value, float | Decimal):
        return None
    if value in (float("inf"), float("-inf")):
        raise RequestSyntaxError(
            f"{show_expression(source)} holds an infinite number.",
            why="Neither JSON nor a URL has a form for it.",
            fix="Insert a finite number, or text.",
        )
    return float(value) if isinstance(value, float) else value


def _to_words(value: object, source: str) -> str | None:
    """Return what is written as text, None if it is something else."""
    if isinstance(value, str):
        return _check_unicode(str.__str__(value), source)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, UUID | PurePath):
        return _check_unicode(str(value), source)
    return None


def _is_missing(value: object) -> bool:
    if value is None or (isinstance(value, Decimal) and value.is_nan()):
        return True
    if isinstance(value, float) and value != value:  # noqa: PLR0124 - only NaN differs from itself
        return True
    return is_pandas_missing(value)


def _check_unicode(text: str, source: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise RequestSyntaxError(
            f"{show_expression(source)} holds half a character ({text[error.start]!a}): it cannot be sent as UTF-8.",
            fix=f"Write {source:.40}.encode(errors='replace').decode()",
        ) from None
    return text


def _refuse(value: object, source: str) -> RequestSyntaxError:
    remedy = next((remedy for kinds, remedy in _REMEDIES if isinstance(value, kinds)), "str({0}) for its text.")
    return RequestSyntaxError(
        f"{show_expression(source)} is {show_type(value)}, which has no form in a request.",
        fix=f"Write {remedy.format(show(source))}",
    )
