"""A column → its values as JSON has them, and each as text. No value is rounded."""

from __future__ import annotations

import datetime as dt
import json
import math
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np
import pandas as pd

from apigw_magic.errors import FrameError

if TYPE_CHECKING:
    from apigw_magic.frames.columns import Series
    from apigw_magic.models import Json

    Instants: TypeAlias = np.ndarray[tuple[int], np.dtype[np.datetime64]]
    Unit: TypeAlias = Literal["s", "ms", "us", "ns"]

_EXACT = json.JSONEncoder(ensure_ascii=False, allow_nan=False)
_ASCII = json.JSONEncoder(ensure_ascii=True, allow_nan=False)
"""For text that UTF-8 cannot hold, the lone surrogates that JSON allows (RFC 8259 §8.2)."""

_UNITS: tuple[Unit, ...] = ("s", "ms", "us", "ns")

_CONSTANTS = {None: "null", True: "true", False: "false"}

_REMEDY = "Write --save FILE.parquet, or --save FILE.txt for the content as received."


def to_cells(column: Series) -> list[Json]:
    """Return the values of a column, None for each missing one, date-times as RFC 3339 text.

    Date-times with a zone are in UTC and end in `Z`; those without one have no offset, as none is known. All of a
    column have as many digits of a second as the finest of them needs.
    """
    dtype: object = column.dtype
    if isinstance(dtype, pd.DatetimeTZDtype):
        return _write_instants(np.asarray(column, dtype=f"datetime64[{dtype.unit}]"), "Z")
    if column.dtype.kind == "M":
        return _write_instants(np.asarray(column, dtype=np.datetime64), "")
    cells: list[Json] = list(column.tolist())
    missing = column.isna().to_numpy(dtype=np.bool_)
    if missing.any():
        cells = [None if gone else cell for cell, gone in zip(cells, missing, strict=True)]
    if column.dtype == np.object_:
        # Two answers of which one has date-times and the other text, stacked.
        return [_write_instant(cell) for cell in cells]
    return cells


def to_json(cells: list[Json], name: str) -> list[str]:
    """Return each value as JSON text on one line, UTF-8 wherever that can hold it.

    NaN, which is how pandas has a missing value, is null, inside of lists and objects too.

    Args:
        cells: the values of a column.
        name: the column's, for the error.

    Raises:
        FrameError: it names the column that holds what JSON cannot: an infinity, or a value that is none of JSON's.
    """
    try:
        if _is_plain(cells):
            return ["null" if cell is None else repr(cell) for cell in cells]
        texts = [_encode(cell) for cell in cells]
        if not is_utf8("".join(texts)):
            texts = [text if is_utf8(text) else _encode(cell, _ASCII) for text, cell in zip(texts, cells, strict=True)]
    except (TypeError, ValueError, RecursionError) as error:
        why = "It is nested too deep." if isinstance(error, RecursionError) else f"{error}."
        raise FrameError(f"The column {show(name)} cannot be written as JSON.", why=why, fix=_REMEDY) from None
    return texts


def is_utf8(text: str) -> bool:
    """Say whether UTF-8 can hold a text."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def show(name: str) -> str:
    """Return the name of a column as a message says it: printable, and on one line."""
    return ascii(name)


def _is_plain(cells: list[Json]) -> bool:
    """Say whether all values are integers, or all are finite floats, whose `repr` is their JSON text."""
    kinds = set(map(type, cells)) - {type(None)}
    return kinds == {int} or (
        kinds == {float} and all(math.isfinite(cell) for cell in cells if isinstance(cell, float))
    )


def _encode(cell: Json, encoder: json.JSONEncoder = _EXACT) -> str:
    """Return the JSON text of a value."""
    if cell is None or isinstance(cell, bool):
        return _CONSTANTS[cell]
    try:
        return encoder.encode(cell)
    except ValueError:
        # A NaN or an infinity somewhere inside: the one is null, the other has no form.
        clean: Json = json.loads(json.dumps(cell), parse_constant=_read_constant)
        return encoder.encode(clean)


def _read_constant(word: str) -> None:
    """Read NaN as null.

    Raises:
        ValueError: if it is an infinity.
    """
    if word != "NaN":
        raise ValueError(f"It holds {word}, which is no number of JSON's")


def _write_instants(instants: Instants, suffix: str) -> list[Json]:
    """Return date-times as text, all with as many digits as the finest of them needs."""
    unit = next(unit for unit in _UNITS if _is_exact(instants, unit))
    texts: list[str] = np.datetime_as_string(instants, unit=unit).tolist()
    return [None if text == "NaT" else f"{text}{suffix}" for text in texts]


def _is_exact(instants: Instants, unit: Unit) -> bool:
    """Say whether a unit of time holds all the instants."""
    coarse = instants.astype(f"datetime64[{unit}]").astype(instants.dtype)
    return bool((coarse.view(np.int64) == instants.view(np.int64)).all())


def _write_instant(cell: Json | dt.datetime) -> Json:
    """Return a date-time as text, with no fraction of a second if it has none; anything else as it is."""
    if not isinstance(cell, dt.datetime):
        return cell
    if cell.tzinfo is None:
        return cell.isoformat()
    return cell.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")
