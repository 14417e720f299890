"""DynamoDB's typed attribute values → plain values: `{"N": "3"}` is 3.

Source: Amazon DynamoDB API Reference, data type `AttributeValue`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from apigw_magic.models import Json

_DEEPEST = 32
"""DynamoDB nests documents up to 32 levels (Developer Guide, "Quotas")."""

_NUMBER = re.compile(r"-?[0-9]{1,126}(?:\.[0-9]{1,130})?(?:[eE][+-]?[0-9]{1,2})?")
"""A DynamoDB number has 38 significant digits and lies within 1e-130 … 1e126; the pattern keeps floats finite."""


def is_typed(value: Json, depth: int = 0) -> bool:
    """Say whether a value is one attribute value, as deep as it goes."""
    if not isinstance(value, dict) or len(value) != 1 or depth > _DEEPEST:
        return False
    ((kind, inner),) = value.items()
    if kind == "M":
        return isinstance(inner, dict) and all(is_typed(child, depth + 1) for child in inner.values())
    if kind == "L":
        return isinstance(inner, list) and all(is_typed(child, depth + 1) for child in inner)
    if kind in {"SS", "NS", "BS"}:
        return isinstance(inner, list) and all(_is_leaf(kind[0], child) for child in inner)
    return _is_leaf(kind, inner)


def unwrap(value: Json) -> Json:
    """Return the plain value of an attribute value for which `is_typed` holds.

    Integers are exact at any size; other numbers are the nearest float. Binary values stay base64 text, sets are lists.
    """
    if not isinstance(value, dict):
        return value
    ((kind, inner),) = value.items()
    if isinstance(inner, dict):
        return {key: unwrap(child) for key, child in inner.items()}
    if isinstance(inner, list):
        return [_to_number(child) if kind == "NS" else unwrap(child) for child in inner]
    if kind == "NULL":
        return None
    return _to_number(inner) if kind == "N" else inner


def _is_leaf(kind: str, inner: Json) -> bool:
    """Say whether an attribute value of this type can hold this."""
    if kind == "N":
        return isinstance(inner, str) and _NUMBER.fullmatch(inner) is not None
    return (kind in {"S", "B"} and isinstance(inner, str)) or (
        isinstance(inner, bool) and (kind == "BOOL" or (kind == "NULL" and inner))
    )


def _to_number(text: Json) -> Json:
    """Return an int where the text is one, else the nearest float."""
    if not isinstance(text, str):
        return text
    return int(text) if text.lstrip("-").isdigit() else float(text)
