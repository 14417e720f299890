"""Frame → the content of a file: JSON, lines of JSON, CSV, or Parquet (by `parquet`)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from apigw_magic.errors import CommandError, FrameError
from apigw_magic.frames.cells import is_utf8, show, to_cells, to_json
from apigw_magic.frames.found import name_some
from apigw_magic.frames.labels import put_key_first
from apigw_magic.frames.parquet import check_pyarrow, encode_parquet

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from apigw_magic.models import Json

ROW_SUFFIXES = (".parquet", ".csv", ".ndjson", ".json")
"""The suffixes of files that hold rows; in any other the content is kept as received."""

_TO_QUOTE = re.compile(r'[",\r\n]')
"""What a CSV cell holds in quotes only (RFC 4180 §2)."""

_EMPTY_TEXT = '""'

_NESTED = "\n"
"""Stands for a list or an object; no cell is written like that."""


def check_suffix(suffix: str) -> None:
    """Refuse a suffix whose rows cannot be written with what is installed; others, known or not, pass.

    Args:
        suffix: such as `.parquet`, in any case.

    Raises:
        CommandError: if it takes pyarrow, which is not installed or does not work.
    """
    if suffix.lower() == ".parquet":
        check_pyarrow()


def encode_rows(frame: pd.DataFrame, suffix: str) -> bytes:
    """Return the content of a file with the rows of a frame, every value exact.

    | suffix | content |
    |---|---|
    | `.json` | a list of objects, one per line |
    | `.ndjson` | an object per line |
    | `.csv` | RFC 4180 with a header, lines that end in a line feed; lists and objects as JSON text |
    | `.parquet` | what pandas writes with pyarrow, columns checked to come back as they were |

    Text is UTF-8 and as it is; integers have all their digits, floats those that `repr` gives; date-times are RFC 3339
    in UTC. A missing value, NaN too, is null; in CSV it is empty, and an empty text is `""`. (Where CSV has one column
    only, both are `""`, since readers skip empty lines.) Labels of the rows are the first column, `key`.

    Args:
        frame: it is not changed.
        suffix: one of `ROW_SUFFIXES`, in any case.

    Raises:
        CommandError: if it is none of them, or as `check_suffix`.
        FrameError: if that form cannot hold the rows; it names the column, and a form that can.
    """
    check_suffix(suffix)
    rows = put_key_first(frame)
    names = [str(name) for name in rows.columns]
    _refuse_columns(names, len(rows), suffix)
    match suffix.lower():
        case ".parquet":
            return encode_parquet(rows)
        case ".csv":
            return _encode_csv(rows, names)
        case ".ndjson":
            return "".join(f"{line}\n" for line in _write_objects(rows, names)).encode()
        case ".json":
            lines = ",\n".join(_write_objects(rows, names))
            return f"[\n{lines}\n]\n".encode() if lines else b"[]\n"
    raise CommandError(f"Rows cannot be saved as {show(suffix)}.", fix=f"Write one of {' '.join(ROW_SUFFIXES)}")


def _refuse_columns(names: list[str], count: int, suffix: str) -> None:
    """Refuse two columns of one name, and rows without columns where the form has no place for them."""
    twice = [name for name in dict.fromkeys(names) if names.count(name) > 1] if len(set(names)) < len(names) else []
    if twice:
        raise FrameError(f"Several columns have the same name: {name_some([show(name) for name in twice])}.")
    if count and not names and suffix.lower() in {".csv", ".parquet"}:
        what = f"No column in {count:,} row{'s' if count > 1 else ''}: {suffix.lower()} would hold nothing of them."
        raise FrameError(what, fix="Write --save FILE.ndjson")


def _write_objects(rows: pd.DataFrame, names: list[str]) -> Iterable[str]:
    """Return one JSON object per row."""
    if not names:
        return ["{}"] * len(rows)
    keys = [f"{key}: " for key in to_json(list(names), "of names")]
    columns = [to_json(cells, name) for name, cells in zip(names, _read_columns(rows), strict=True)]
    members = [[f"{key}{text}" for text in texts] for key, texts in zip(keys, columns, strict=True)]
    return (f"{{{', '.join(row)}}}" for row in zip(*members, strict=True))


def _encode_csv(rows: pd.DataFrame, names: list[str]) -> bytes:
    """Return the header and the rows as CSV."""
    if not names:
        return b""
    columns = [_write_column(cells, name) for name, cells in zip(names, _read_columns(rows), strict=True)]
    lines = columns[0] if len(columns) == 1 else map(",".join, zip(*columns, strict=True))
    return "".join(f"{line or _EMPTY_TEXT}\n" for line in lines).encode()


def _write_column(cells: list[Json], name: str) -> list[str]:
    """Return the cells of a column of CSV, its name first.

    Raises:
        FrameError: if UTF-8 cannot hold one of them, or as `to_json`.
    """
    column = [_write_cell(name), *map(_write_cell, cells)]
    if _NESTED in column:
        texts = to_json([None if isinstance(cell, str | int | float) else cell for cell in cells], name)
        written = zip(column, ["", *texts], strict=True)
        column = [_quote(text) if cell == _NESTED else cell for cell, text in written]
    if not is_utf8("".join(column)):
        what = f"The column {show(name)} holds text that UTF-8 cannot hold."
        raise FrameError(what, why="A surrogate stands alone in it.", fix="Write --save FILE.ndjson")
    return column


def _write_cell(cell: Json) -> str:
    """Return a CSV cell; `_NESTED` for what is to be written as JSON text."""
    match cell:
        case None:
            return ""
        case str():
            return _quote(cell)
        case bool():
            return "true" if cell else "false"
        case int() | float():
            return repr(cell)
    return _NESTED


def _quote(text: str) -> str:
    """Return text as a CSV cell."""
    if not text:
        return _EMPTY_TEXT
    return '"{}"'.format(text.replace('"', '""')) if _TO_QUOTE.search(text) else text


def _read_columns(rows: pd.DataFrame) -> Iterable[list[Json]]:
    """Return the values of each column."""
    return (to_cells(rows.iloc[:, position]) for position in range(rows.shape[1]))
