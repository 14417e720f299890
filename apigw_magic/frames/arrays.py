"""Values of a column → an array of the narrowest dtype that keeps each of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd

from apigw_magic.frames.storage import Storage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from apigw_magic.frames.storage import Array
    from apigw_magic.models import Json

    Mask: TypeAlias = np.ndarray[tuple[int], np.dtype[np.bool_]]

NONE = type(None)


def to_array(values: Sequence[Json], storage: Storage | None = None) -> Array:
    """Return the values as an array of the narrowest dtype that keeps each of them exactly.

    | values | dtype | with missing values |
    |---|---|---|
    | bool | `bool` | `boolean` |
    | int of 64 bits | `int64` | `Int64` |
    | int beyond | `object` of int | `object` with None |
    | float, or int and float with every int exact | `float64` | `float64` with NaN |
    | text | what pandas makes of text: `str`, or `object` before pandas 3 | missing as pandas has it |
    | lists, mixed, only missing | `object` as received | `object` with None |

    Args:
        values: of any JSON type; None is a missing value.
        storage: how pandas keeps columns; found out if not given.
    """
    kinds = set(map(type, values))
    missing = NONE in kinds
    kinds.discard(NONE)
    if kinds == {bool}:
        flags = np.array(values, dtype=np.bool_)
        return pd.arrays.BooleanArray(flags, find_missing(values)) if missing else flags
    if kinds == {int} and _fit_int64(values):
        if not missing:
            return np.array(values, dtype=np.int64)
        filled = np.array([0 if value is None else value for value in values], dtype=np.int64)
        return pd.arrays.IntegerArray(filled, find_missing(values))
    if kinds == {float} or (kinds == {int, float} and _fit_float64(values)):
        return np.array(values, dtype=np.float64)  # NumPy reads None as NaN
    if kinds == {str}:
        return (storage or Storage()).keep_text(values)
    # One value per cell, also where the values are lists of one length.
    return np.fromiter(values, dtype=np.object_, count=len(values))


def is_object(array: Array) -> bool:
    """Say whether an array holds Python's objects; comparing the dtypes would take 50 times as long."""
    return isinstance(array, np.ndarray) and array.dtype.kind == "O"


def find_missing(values: Sequence[Json]) -> Mask:
    """Return True where a value is missing."""
    return np.array([value is None for value in values], dtype=np.bool_)


def _fit_int64(values: Sequence[Json]) -> bool:
    """Say whether every integer is a signed integer of 64 bits."""
    integers = [value for value in values if isinstance(value, int)]
    return min(integers) >= -(2**63) and max(integers) < 2**63


def _fit_float64(values: Sequence[Json]) -> bool:
    """Say whether every integer is the same number as a float."""
    try:
        return all(float(value) == value for value in values if isinstance(value, int))
    except OverflowError:
        return False
