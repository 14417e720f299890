"""DynamoDB's typed attribute values → plain values: `{"N": "3"}` is 3.

Source: Amazon DynamoDB API Reference, data type `AttributeValue`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from apigw_magic.models import Json

_DEEPEST = 32
"""DynamoDB nests documents up to 32 levels (Developer Guide, "Quotas")."""

_NUMBER = re.compile(r"-?[0-9]{1,126}(?:\.[0-9]{1,130})?(?:[eE][+-]?[0-9]{1,2})?")
"""A DynamoDB number has 38 significant digits and lies within 1e-130 … 1e126; the pattern keeps floats finite."""


_SHORT = 20
"""Digits that are read at once."""


class NotTypedError(Exception):
    """A value that is no attribute value."""


def is_typed(item: Json) -> bool:
    """Say whether an item is one of the low-level DynamoDB API, whose every value names its type."""
    try:
        unwrap_item(item)
    except NotTypedError:
        return False
    return True


def unwrap_item(item: Json) -> Json:
    """Return an item with the plain value of each attribute.

    Integers are exact at any size; other numbers are the nearest float. Binary values stay base64 text, sets are lists.

    Raises:
        NotTypedError: it is no item: one of its values is no attribute value, as deep as it goes, or it has none.
    """
    if not isinstance(item, dict) or not item:
        raise NotTypedError
    return {key: unwrap(value) for key, value in item.items()}


def unwrap(value: Json, depth: int = 0) -> Json:
    """Return the plain value of an attribute value.

    Raises:
        NotTypedError: as `unwrap_item`.
    """
    if not isinstance(value, dict) or len(value) != 1 or depth > _DEEPEST:
        raise NotTypedError
    ((kind, inner),) = value.items()
    if isinstance(inner, str):
        return inner if kind == "S" else _read_text(kind, inner)
    if kind == "M" and isinstance(inner, dict):
        return {key: unwrap(child, depth + 1) for key, child in inner.items()}
    if kind == "L" and isinstance(inner, list):
        return [unwrap(child, depth + 1) for child in inner]
    if kind in _SETS and isinstance(inner, list):
        return [_read_text(kind[0], child) for child in inner]
    if isinstance(inner, bool) and (kind == "BOOL" or (kind == "NULL" and inner)):
        return inner if kind == "BOOL" else None
    raise NotTypedError


def _read_text(kind: str, text: Json) -> Json:
    """Return the value of a text, a number or a binary value; each comes as text."""
    reader = _TEXTS.get(kind)
    if reader is None or not isinstance(text, str):
        raise NotTypedError
    return reader(text)


def read_number(text: str) -> int | float:
    """Return an int where the text is one, else the nearest float."""
    if len(text) < _SHORT and text.isdecimal() and text.isascii():
        return int(text)
    if _NUMBER.fullmatch(text) is None:
        raise NotTypedError
    return int(text) if text.lstrip("-").isdigit() else float(text)


_SETS = frozenset({"SS", "NS", "BS"})

_TEXTS: dict[str, Callable[[str], int | float | str]] = {"S": str, "N": read_number, "B": str}
