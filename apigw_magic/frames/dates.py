"""Columns of RFC 3339 date-times as text → `datetime64[us, UTC]`, all of a column or nothing of it.

Source: RFC 3339 §5.6, with the space that its note allows between date and time.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterable

    Instants: TypeAlias = np.ndarray[tuple[int], np.dtype[np.datetime64]]

_DATE_TIME = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ](?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,6})?)"
    r"(?:(?<=\.[0-9]{6})0+)?"  # zeros beyond the microseconds say nothing
    r"(?:[Zz]|([+-](?:[01][0-9]|2[0-3]):[0-5][0-9]))"
)
"""Local time and offset. A leap second does not match, as no dtype holds it."""

_UNIT = "datetime64[us]"
_EARLIEST = np.datetime64("0001-01-01T00:00:00", "us")
_LATEST = np.datetime64("9999-12-31T23:59:59.999999", "us")
"""The first and the last instant that has a form in RFC 3339 and in Python's `datetime`."""


def parse_dates(frame: pd.DataFrame) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return the frame with its columns of date-times as `datetime64[us, UTC]`, and the names of those columns.

    A column is one of date-times if it is text and every value that is not missing is a full RFC 3339 date-time: date,
    `T` or a space, time with seconds, and `Z` or an offset. A column with one other value stays as it is; so does one
    with an impossible date, a leap second, a fraction finer than microseconds, an instant before the year 1 or after
    9999 in UTC, or nothing but missing values. Nothing is guessed and nothing is rounded.

    Args:
        frame: it is not changed.

    Returns:
        A new frame, missing values NaT in the columns turned, `attrs` kept; the same frame if no column was turned.
    """
    turned: dict[int, pd.Series[pd.Timestamp]] = {}
    for position, dtype in enumerate(frame.dtypes):
        if dtype == np.object_ or isinstance(dtype, pd.StringDtype):
            column = _parse_column(frame.iloc[:, position])
            if column is not None:
                turned[position] = column
    if not turned:
        return frame, ()
    result = frame.copy(deep=False)
    for position, column in turned.items():
        result.isetitem(position, column)  # type: ignore[arg-type] # the stubs forget the Series
    return result, tuple(str(frame.columns[position]) for position in turned)


def _parse_column(column: pd.Series[str]) -> pd.Series[pd.Timestamp] | None:
    """Return the column as instants, or None if one of its values is not one."""
    present = column.notna().to_numpy(dtype=np.bool_)
    if not present.any():
        return None
    texts: list[object] = column.to_numpy(dtype=np.object_)[present].tolist()
    instants = _parse_all(texts)
    if instants is None:
        return None
    filled = np.full(len(column), np.datetime64("NaT"), dtype=_UNIT)
    filled[present] = instants
    return pd.Series(pd.DatetimeIndex(filled, tz="UTC"), index=column.index)


def _parse_all(texts: Iterable[object]) -> Instants | None:
    """Return an instant in UTC for each text, or None if one of them is not a date-time."""
    local: list[str] = []
    offsets: list[str | None] = []
    for text in texts:
        match = _DATE_TIME.fullmatch(text) if isinstance(text, str) else None
        if match is None:
            return None
        local.append(match[1])
        offsets.append(match[2])
    try:
        instants = np.array([text.replace("t", "T") for text in local], dtype=_UNIT)
    except ValueError:  # no such day
        return None
    distinct = set(offsets)
    if distinct != {None}:
        minutes = {offset: _read_offset(offset) for offset in distinct}
        instants -= np.array([minutes[offset] for offset in offsets], dtype="timedelta64[m]")
    return instants if instants.min() >= _EARLIEST and instants.max() <= _LATEST else None


def _read_offset(offset: str | None) -> int:
    """Return the minutes that local time is ahead of UTC."""
    if offset is None:
        return 0
    minutes = int(offset[1:3]) * 60 + int(offset[4:6])
    return -minutes if offset[0] == "-" else minutes
