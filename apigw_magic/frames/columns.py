"""Records → DataFrame: the quick way, and the exact one where the quick one does not lead to the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd

from apigw_magic.frames.arrays import NONE, is_object, to_array
from apigw_magic.frames.flatten import flatten
from apigw_magic.frames.labels import to_columns
from apigw_magic.frames.merge import Merged, merge
from apigw_magic.frames.storage import Storage
from apigw_magic.frames.transpose import UnfitError, transpose

if TYPE_CHECKING:
    from collections.abc import Sequence

    from apigw_magic.frames.storage import Array
    from apigw_magic.frames.transpose import Part
    from apigw_magic.models import Json

Series: TypeAlias = "pd.Series[bool] | pd.Series[int] | pd.Series[float] | pd.Series[str]"
"""A column with its dtype; the type parameter is pandas-stubs' word for what is in it, `object` included."""

_MOST_BLOCKS = 64
"""Up to so many columns stay where they are in memory; pandas warns of frames of many such pieces."""

_SLICE = 1_000
"""Records that are transposed at a time."""


def build(rows: Sequence[Json], size: int = _SLICE) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return the rows as a DataFrame, and the names of the columns that are mixed.

    Args:
        rows: the records, of any JSON type.
        size: how many are transposed at a time.

    Returns:
        A frame of `len(rows)` rows with a `RangeIndex`, and the names of `object` columns that hold values of more than
        one type, or integers that a float would round.

    Raises:
        FrameError: as `flatten`.
    """
    if not rows:
        return assemble([], 0, Storage())
    storage = Storage()
    try:
        columns = merge(transpose_all(rows, storage, size), storage)
    except UnfitError:
        columns = build_exactly(rows, storage)
    return assemble(columns, len(rows), storage)


def transpose_all(rows: Sequence[Json], storage: Storage, size: int = _SLICE) -> list[Part]:
    """Return records in parts of so many each.

    Raises:
        UnfitError: as `transpose`.
    """
    return [transpose(rows[begin : begin + size], storage) for begin in range(0, len(rows), size)]


def build_exactly(rows: Sequence[Json], storage: Storage) -> list[Merged]:
    """Return the columns that `flatten` finds, each with the dtype that `to_array` finds."""
    merged: list[Merged] = []
    for column in flatten(rows):
        values = to_array(column.values, storage)
        mixed = is_object(values) and len(set(map(type, column.values)) - {NONE}) > 1
        merged.append(Merged(column.name, values, mixed))
    return merged


def assemble(columns: Sequence[Merged], count: int, storage: Storage) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return columns of `count` values as a DataFrame, and the names of those that are mixed."""
    index = pd.RangeIndex(count)
    names = to_columns([column.name for column in columns], storage)
    arrays = [column.array for column in columns]
    frame = _join_blocks(arrays, index, names) if 0 < len(arrays) <= _MOST_BLOCKS else None
    if frame is None:
        protected = dict(enumerate(_protect(values, index) for values in arrays))
        # By position: the names, which may be no valid Unicode, go on last.
        frame = pd.DataFrame(protected, index=index, copy=len(arrays) > _MOST_BLOCKS)
        frame.columns = names
    return frame, tuple(column.name for column in columns if column.mixed)


def _join_blocks(arrays: Sequence[Array], index: pd.RangeIndex, names: pd.Index[str]) -> pd.DataFrame | None:
    """Return the columns as a frame, each where it is in memory; None before pandas 3.

    The constructor looks at each of them again, which for few rows takes half of the time.
    """
    create = getattr(getattr(pd.api, "internals", None), "create_dataframe_from_blocks", None)
    if create is None:
        return None
    blocks = [values.reshape(1, -1) if isinstance(values, np.ndarray) else values for values in arrays]
    frame: pd.DataFrame = create([(block, np.array([place])) for place, block in enumerate(blocks)], index, names)
    return frame


def _protect(values: Array, index: pd.RangeIndex) -> Array | Series:
    """Return values as received in a form in which pandas does not look for text in them; others as they are."""
    return pd.Series(values, index=index, dtype=object, copy=False) if is_object(values) else values


def to_series(values: Sequence[Json], index: pd.RangeIndex) -> Series:
    """Return the values as a Series with the dtype that `to_array` finds."""
    array = to_array(values)
    series: Series = pd.Series(array, index=index, dtype=array.dtype)  # which pandas else looks for itself, in `object`
    return series
