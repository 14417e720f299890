"""The answers to one request over several connections → one frame that says which row is whose."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd

from apigw_magic.frames.columns import to_series
from apigw_magic.frames.labels import KEY, find_free, is_labelled, to_columns

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from apigw_magic.frames.columns import Series
    from apigw_magic.frames.tabulate import Value
    from apigw_magic.models import Json

    Piece: TypeAlias = tuple[int, Series | None]

_CONNECTION = "connection"
_VALUE = "value"

_NULLABLE = {"int64": "Int64", "bool": "boolean"}
"""The dtypes that cannot hold a missing value, and those that hold the same values and missing ones."""


def stack(named: Mapping[str, Value]) -> pd.DataFrame:
    """Return the answers under one another, with a first column `connection` that says whose each row is.

    A scalar or None is one row of a column `value`. Labels of rows become a column `key` after the first. Where the
    data has a column of such a name, ours gets `_` appended. The other columns stand in order of first appearance.

    A column gets the dtype that `to_series` would find for its values in one document, so none of them changes: with
    rows that lack it int64 becomes Int64 and bool becomes boolean, int with float is float64 only if every int is exact
    in it, and what does not go together is `object`, as received. Date-times stay date-times. Where there is no value
    at all, as in answers without rows, a column keeps the dtype it had.

    Args:
        named: what `tabulate` gave as value, by the name of the connection; column names of a frame are unique.

    Returns:
        A frame of all rows, in order, with a `RangeIndex`.
    """
    parts = {name: _to_part(value) for name, value in named.items()}
    columns: dict[str, None] = dict.fromkeys(label for part in parts.values() for label in part.columns)
    index = pd.RangeIndex(sum(map(len, parts.values())))
    names = [find_free(_CONNECTION, columns)]
    series = [_name_rows(parts, index)]
    if any(map(is_labelled, parts.values())):
        names.append(find_free(KEY, columns))
        keys = [(len(part), pd.Series(part.index) if is_labelled(part) else None) for part in parts.values()]
        series.append(_join(keys, index))
    for label in columns:
        names.append(label)
        series.append(_join([(len(part), part.get(label)) for part in parts.values()], index))
    frame = pd.DataFrame(dict(enumerate(series)), index=index)
    frame.columns = to_columns(names)
    return frame


def _to_part(value: Value) -> pd.DataFrame:
    """Return a frame as it is, anything else as one row."""
    return value if isinstance(value, pd.DataFrame) else pd.DataFrame({_VALUE: to_series([value], pd.RangeIndex(1))})


def _name_rows(parts: Mapping[str, pd.DataFrame], index: pd.RangeIndex) -> Series:
    """Return the name of each row's connection."""
    if not len(index):
        return pd.Series([], index=index, dtype=str)
    return to_series([name for name, part in parts.items() for _ in range(len(part))], index)


def _join(pieces: Sequence[Piece], index: pd.RangeIndex) -> Series:
    """Return the pieces of a column under one another.

    Args:
        pieces: for each part the number of its rows, and the column, or None if the part lacks it.
        index: the rows of all parts.
    """
    there = [column for _, column in pieces if column is not None]
    filled = {str(column.dtype) for column in there if column.notna().any()}
    if not filled:
        return _join_missing(there, index)
    dtype = filled.pop()
    if not filled and dtype != "object":
        fitting = [_fit(count, column, dtype) for count, column in pieces if count]
        if all(str(column.dtype) == dtype for column in fitting):
            return pd.concat(fitting, ignore_index=True)
    return to_series([value for count, column in pieces for value in _to_values(count, column)], index)


def _join_missing(columns: Sequence[Series], index: pd.RangeIndex) -> Series:
    """Return a column without any value, in the dtype of the first that says more than `object`."""
    dtypes = [str(column.dtype) for column in columns]
    dtype = next((dtype for dtype in dtypes if dtype != "object"), "object")
    return pd.Series([None] * len(index), index=index, dtype=_NULLABLE.get(dtype, dtype) if len(index) else dtype)


def _fit(count: int, column: Series | None, dtype: str) -> Series:
    """Return the column, or `object` if there is none; date-times that are all missing as date-times."""
    if dtype.startswith("datetime64") and (column is None or column.isna().all()):
        return pd.Series([pd.NaT] * count, dtype=dtype)
    return pd.Series([None] * count, dtype=object) if column is None else column


def _to_values(count: int, column: Series | None) -> list[Json]:
    """Return the values of a column as JSON has them, None for each missing one."""
    if column is None:
        return [None] * count
    values: list[Json] = list(column.tolist())
    missing = column.isna().to_numpy(dtype=np.bool_)
    return [None if gone else value for value, gone in zip(values, missing, strict=True)] if missing.any() else values
