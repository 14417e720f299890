"""Frame → Parquet, by pandas and pyarrow, where Arrow can hold every value."""

from __future__ import annotations

import importlib
import io
import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from apigw_magic.errors import CommandError, FrameError
from apigw_magic.frames.cells import show

if TYPE_CHECKING:
    from apigw_magic.models import Json

_LONGEST_REASON = 160
"""Characters of what pyarrow says that an error quotes."""


def check_pyarrow() -> None:
    """Refuse to go on where pandas cannot write Parquet by pyarrow; it takes some 100 ms, once.

    Raises:
        CommandError: if pyarrow is not installed, too old for pandas, or does not load.
    """
    try:
        importlib.import_module("pyarrow")
        pd.DataFrame().to_parquet(engine="pyarrow")
    except ModuleNotFoundError:
        what = "Parquet is written by pyarrow, which is not installed."
        raise CommandError(what, fix="Run %pip install pyarrow") from None
    except ImportError as error:
        what = "Parquet is written by pyarrow, which does not work here."
        raise CommandError(what, why=_read_reason(error), fix="Run %pip install --upgrade pyarrow") from None


def encode_parquet(frame: pd.DataFrame) -> bytes:
    """Return the frame as the content of a Parquet file.

    A column of `object` is written alone first and read back: Arrow would turn `[1.0, true]` into two numbers and drop
    what it has no type for. A key that some objects of a column lack comes back as null, which to this package is the
    same.

    Raises:
        FrameError: if Arrow cannot hold a column; it names the column.
    """
    arrow = importlib.import_module("pyarrow")
    # Of Arrow's own errors some are ValueError, TypeError or NotImplementedError too, and some nothing else.
    faults = (arrow.ArrowException, ValueError, TypeError, OverflowError, NotImplementedError, RecursionError)
    for position, name in enumerate(frame.columns):
        column = frame.iloc[:, [position]]
        if column.dtypes.iloc[0] != np.object_:
            continue
        try:
            content = column.to_parquet(engine="pyarrow")
            table = importlib.import_module("pyarrow.parquet").read_table(io.BytesIO(content))
            read: list[Json] = table.column(0).to_pylist()
        except faults as error:
            raise _explain(name, _read_reason(error)) from None
        if not _are_same(column.iloc[:, 0].tolist(), read):
            raise _explain(name, "Values of several types stand in it, and one would be changed.")
    try:
        return frame.to_parquet(engine="pyarrow")
    except faults as error:
        fix = "Write --save FILE.ndjson"
        raise FrameError("The rows cannot be written as Parquet.", why=_read_reason(error), fix=fix) from None


def _explain(name: str, reason: str) -> FrameError:
    """Say which column Arrow cannot hold, and why."""
    what = f"The column {show(name)} cannot be written as Parquet."
    return FrameError(what, why=reason, fix="Write --save FILE.ndjson")


def _read_reason(error: Exception) -> str:
    """Return what pyarrow says as one sentence; pandas adds to it."""
    reason = next((part for part in error.args if isinstance(part, str) and " " in part), str(error))
    return f"{ascii(reason.strip()[:_LONGEST_REASON])[1:-1].rstrip('.')}."


def _are_same(sent: list[Json], read: list[Json]) -> bool:
    """Say whether all values came back; a key that is missing and null are the same, and so are 1 and 1.0."""
    pending: list[tuple[Json, Json]] = [(sent, read)]
    while pending:
        one, other = pending.pop()
        if isinstance(one, dict) and isinstance(other, dict):
            pending.extend((one.get(key), value) for key, value in other.items())
            if not one.keys() <= other.keys():
                return False
        elif isinstance(one, list) and isinstance(other, list):
            if len(one) != len(other):
                return False
            pending.extend(zip(one, other, strict=True))
        elif not _is_same(one, other):
            return False
    return True


def _is_same(one: Json, other: Json) -> bool:
    """Say whether two values that hold no others are the same; NaN is a missing value."""
    if _is_missing(one) or _is_missing(other):
        return _is_missing(one) and _is_missing(other)
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    return one == other


def _is_missing(value: Json) -> bool:
    """Say whether a value is null or NaN."""
    return value is None or (isinstance(value, float) and math.isnan(value))
