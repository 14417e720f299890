"""Comma- and tab-separated text → DataFrame of text: what stands in a cell is kept as it is, nothing is guessed."""

from __future__ import annotations

import csv
import io
import threading
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from apigw_magic.errors import FrameError
from apigw_magic.frames.collector import pause_collector
from apigw_magic.frames.labels import to_columns
from apigw_magic.frames.layouts import distinguish

if TYPE_CHECKING:
    from collections.abc import Iterator

_OTHERS = ";\t|"
"""What stands between cells where it is no comma, in the files of spreadsheets of many countries and of databases."""

_AT_ONCE = 2000
"""Records that are turned into columns at a time, while they are in the processor's cache."""

_REASONS = {"unexpected end of data": "a quoted cell is not closed"}
"""What Python's reader says, in our words."""

_LIMIT = threading.Lock()
"""Held by who has changed the limit of Python's reader."""

_RAW = "Look at the content with --raw."


def read_separated(content: bytes, *, charset: str = "", delimiter: str = ",") -> pd.DataFrame:
    """Return separated values (RFC 4180) as a DataFrame of text, one row per record.

    The first record names the columns; a name that came before gets `_` appended. No cell becomes a number, a date or
    a missing value: `NA` is text, and an empty cell is an empty text. Blank lines are no records. Cells may be quoted,
    and then hold delimiters, line breaks and doubled quotes.

    Args:
        content: as received.
        charset: what its Content-Type says; UTF-8 if it says none or one that Python does not know.
        delimiter: between cells; where it is a comma and the first line has none, one of `; | tab` that it has.

    Returns:
        A frame with a `RangeIndex`; no columns if the content is empty.

    Raises:
        FrameError: it is not text of that charset, a record has more or fewer cells than the header, or a quote is not
            closed; it says in which line.
    """
    text = _decode(content, charset)
    first = text.lstrip("\r\n").partition("\n")[0]
    if delimiter == "," and "," not in first:
        delimiter = next((other for other in _OTHERS if other in first), delimiter)
    # None of the lists made here holds another: looking for circles would take longer than reading.
    with _allow_cells(len(text)), pause_collector():
        header, columns = _read_columns(text, delimiter)
    index = pd.RangeIndex(len(columns[0]) if columns else 0)
    series = {
        place: pd.Series(np.array(cells, dtype=np.object_), index=index, dtype=str)
        for place, cells in enumerate(columns)
    }
    frame = pd.DataFrame(series, index=index)
    frame.columns = to_columns(distinguish(list(header)))
    return frame


def _decode(content: bytes, charset: str) -> str:
    """Return the content as text, without a byte order mark.

    Raises:
        FrameError: it is none of its charset.
    """
    try:
        return content.decode(charset or "utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        what = f"The content is not text: byte {error.start:,} is no {error.encoding.upper()} ({error.reason})."
        raise FrameError(what, why=f"{len(content):,} bytes came.", fix=_RAW) from None
    except (LookupError, ValueError):  # a charset that Python does not know, or one that is none
        return _decode(content, "utf-8")


@contextmanager
def _allow_cells(length: int) -> Iterator[None]:
    """Let cells be as long as a content; the limit is one for the whole process, so contents are read in turn."""
    with _LIMIT:
        before = csv.field_size_limit()
        csv.field_size_limit(max(length, before))
        try:
            yield
        finally:
            csv.field_size_limit(before)


def _read_columns(text: str, delimiter: str) -> tuple[list[str], list[list[str]]]:
    """Return the names and the cells of each column.

    Raises:
        FrameError: a record has more or fewer cells than there are names, or is no record.
    """
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        records = filter(None, reader)
        header = next(records, [])
        columns: list[list[str]] = [[] for _ in header]
        while some := list(islice(records, _AT_ONCE)):
            if set(map(len, some)) != {len(header)}:
                raise _find_ragged(text, delimiter, len(header))
            for column, cells in zip(columns, zip(*some, strict=True), strict=True):
                column.extend(cells)
    except csv.Error as error:
        reason = str(error)
        raise _explain(reader.line_num, _REASONS.get(reason, reason)) from None
    return header, columns


def _find_ragged(text: str, delimiter: str, width: int) -> FrameError:
    """Say where the first record stands that is not as wide as the header."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    cells = next(len(record) for record in reader if record and len(record) != width)
    return _explain(reader.line_num, f"it has {_count(cells)} where the header has {_count(width)}")


def _explain(line: int, reason: str) -> FrameError:
    """Say in which line the content stops being separated values."""
    return FrameError(f"The record that ends in line {line:,} cannot be read: {reason}.", fix=_RAW)


def _count(cells: int) -> str:
    """Return a number of cells in words."""
    return f"{cells:,} cell{'' if cells == 1 else 's'}"
