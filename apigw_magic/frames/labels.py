"""Labels of rows and columns: which say something, and names for columns of our own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from apigw_magic.frames.arrays import to_array
from apigw_magic.frames.storage import Storage

if TYPE_CHECKING:
    from collections.abc import Collection

    from apigw_magic.models import Json

KEY = "key"
"""The column that an index becomes."""


def is_labelled(frame: pd.DataFrame) -> bool:
    """Say whether the index of a frame holds more than the numbers of the rows."""
    return not isinstance(frame.index, pd.RangeIndex)


def find_free(name: str, taken: Collection[str]) -> str:
    """Return the name, with as many `_` appended as it takes to be none of those taken."""
    while name in taken:
        name += "_"
    return name


def put_key_first(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with the labels of its rows as the first column, `key`; the same frame if it has none."""
    if not is_labelled(frame):
        return frame
    keyed = frame.reset_index(drop=True)
    keyed.insert(0, find_free(KEY, set(frame.columns)), pd.Series(frame.index))
    return keyed


def to_columns(names: list[str], storage: Storage | None = None) -> pd.Index[str]:
    """Return the names as pandas would label columns with them."""
    if not names:
        return pd.Index(names, dtype=object)
    labels = (storage or Storage()).keep_text(names)  # pandas would find the same, but take three times as long
    return pd.Index(labels, dtype=labels.dtype)


def to_index(labels: list[Json]) -> pd.Index[int] | pd.Index[str]:
    """Return labels of rows as an index of the narrowest dtype that keeps each of them exactly."""
    values = to_array(labels)
    index: pd.Index[int] | pd.Index[str] = pd.Index(values, dtype=values.dtype)
    return index
