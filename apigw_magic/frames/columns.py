"""Columns → DataFrame: a dtype for each column, and no value changed by it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd

from apigw_magic.frames.flatten import flatten

if TYPE_CHECKING:
    from collections.abc import Sequence

    from apigw_magic.frames.flatten import Column
    from apigw_magic.models import Json

Series: TypeAlias = "pd.Series[bool] | pd.Series[int] | pd.Series[float] | pd.Series[str]"
"""A column with its dtype; the type parameter is pandas-stubs' word for what is in it, `object` included."""


def build(rows: Sequence[Json]) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return the rows as a DataFrame, and the names of the columns that are mixed.

    The columns are those of `flatten`; each gets the dtype that `to_series` finds.

    Args:
        rows: the records, of any JSON type.

    Returns:
        A frame of `len(rows)` rows with a `RangeIndex`, and the names of `object` columns that hold values of more than
        one type, or integers that a float would round.

    Raises:
        FrameError: as `flatten`.
    """
    index = pd.RangeIndex(len(rows))
    columns = flatten(rows)
    series = [to_series(column.values, index) for column in columns]
    # By position: the names go on last, since a name that is no valid Unicode needs an index of its own.
    frame = pd.DataFrame(dict(enumerate(series)), index=index)
    frame.columns = _label(columns)
    return frame, tuple(
        column.name
        for column, cells in zip(columns, series, strict=True)
        if cells.dtype == np.object_ and _is_mixed(column.values)
    )


def to_series(values: list[Json], index: pd.RangeIndex) -> Series:
    """Return the values as a Series of the narrowest dtype that keeps each of them exactly.

    | values | dtype | with missing values |
    |---|---|---|
    | bool | `bool` | `boolean` |
    | int of 64 bits | `int64` | `Int64` |
    | int beyond | `object` of int | `object` with None |
    | float, or int and float with every int exact | `float64` | `float64` with NaN |
    | text | what pandas makes of text: `str`, or `object` before pandas 3 | missing as pandas has it |
    | lists, mixed, only missing | `object` as received | `object` with None |

    Args:
        values: one per row; None is a missing value.
        index: the rows.

    Returns:
        A Series of `len(index)` values.
    """
    kinds = set(map(type, values))
    missing = type(None) in kinds
    kinds.discard(type(None))
    if kinds == {bool}:
        return _from_flags(values, index, missing=missing)
    if kinds == {int} and _fit_int64(values):
        return _from_integers(values, index, missing=missing)
    if kinds == {float} or (kinds == {int, float} and _fit_float64(values)):
        # NumPy reads None as NaN.
        return pd.Series(np.array(values, dtype=np.float64), index=index)
    if kinds == {str}:
        return _from_text(values, index)
    return _as_received(values, index)


def _is_mixed(values: list[Json]) -> bool:
    """Say whether an `object` column holds values of several types, missing ones aside."""
    return len(set(map(type, values)) - {type(None)}) > 1


def _fit_int64(values: list[Json]) -> bool:
    """Say whether every integer is a signed integer of 64 bits."""
    integers = [value for value in values if isinstance(value, int)]
    return min(integers) >= -(2**63) and max(integers) < 2**63


def _fit_float64(values: list[Json]) -> bool:
    """Say whether every integer is the same number as a float."""
    try:
        return all(float(value) == value for value in values if isinstance(value, int))
    except OverflowError:
        return False


def _from_flags(values: list[Json], index: pd.RangeIndex, *, missing: bool) -> Series:
    """Return `bool`, or `boolean` with missing values."""
    flags = np.array(values, dtype=np.bool_)
    if not missing:
        return pd.Series(flags, index=index)
    return pd.Series(pd.arrays.BooleanArray(flags, _mask(values)), index=index)


def _from_integers(values: list[Json], index: pd.RangeIndex, *, missing: bool) -> Series:
    """Return `int64`, or `Int64` with missing values: a float with NaN would round 2**53+1."""
    if not missing:
        return pd.Series(np.array(values, dtype=np.int64), index=index)
    filled = np.array([0 if value is None else value for value in values], dtype=np.int64)
    return pd.Series(pd.arrays.IntegerArray(filled, _mask(values)), index=index)


def _from_text(values: list[Json], index: pd.RangeIndex) -> Series:
    """Return the dtype that this pandas gives to text by itself."""
    try:
        return pd.Series(values, index=index)
    except UnicodeEncodeError:
        # Arrow-backed text is UTF-8, which cannot hold the lone surrogates that JSON allows (RFC 8259 §8.2).
        return _as_received(values, index)


def _as_received(values: list[Json], index: pd.RangeIndex) -> Series:
    """Return `object`; one value per cell, also where the values are lists of one length."""
    cells = np.fromiter(values, dtype=np.object_, count=len(values))
    return pd.Series(cells, index=index, dtype=object)


def _mask(values: list[Json]) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Return True where a value is missing."""
    return np.array([value is None for value in values], dtype=np.bool_)


def _label(columns: list[Column]) -> pd.Index[str]:
    """Return the names as pandas would label columns with them."""
    names = [column.name for column in columns]
    try:
        return pd.Index(names)
    except UnicodeEncodeError:
        return pd.Index(names, dtype=object)
