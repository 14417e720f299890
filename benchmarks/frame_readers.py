"""The ways from the bytes of an answer to a pandas DataFrame, each as its own documentation shows it."""

from __future__ import annotations

import io
import json
import math
from dataclasses import dataclass
from pathlib import Path
from tempfile import gettempdir
from typing import TYPE_CHECKING

import duckdb
import orjson
import pandas as pd
import polars as pl
import pyarrow.json

from apigw_magic.frames import tabulate_content, tabulate_pages
from apigw_magic.frames.typed import unwrap

if TYPE_CHECKING:
    from collections.abc import Callable

    from apigw_magic.models import Json
    from benchmarks.bodies import Body


@dataclass(frozen=True, slots=True)
class Reader:
    """A way to read a body.

    Attributes:
        name: for the table.
        how: what it does, for the table.
        read: the contents → a frame.
    """

    name: str
    how: str
    read: Callable[[Body], pd.DataFrame]


def _ours(body: Body) -> pd.DataFrame:
    done = tabulate_pages(body.contents) if len(body.contents) > 1 else tabulate_content(body.contents[0])
    if not isinstance(done.value, pd.DataFrame):
        raise TypeError(body.title)
    return done.value


def _load(body: Body, loads: Callable[[bytes], Json]) -> list[dict[str, Json]]:
    """Return the rows of a body, as a script would take them out of it."""
    match body.kind:
        case "lines":
            return [loads(line) for line in body.contents[0].splitlines()]
        case "pages":
            return [row for content in body.contents for row in loads(content)["items"]]
        case "typed":
            return [{key: unwrap(value) for key, value in row.items()} for row in loads(body.contents[0])["Items"]]
    return loads(body.contents[0])


def _duckdb(body: Body) -> pd.DataFrame:
    path = Path(gettempdir()) / f"apigw_magic-bench-{body.kind}-{body.rows}.json"
    if not path.exists() or path.stat().st_size != body.size:
        path.write_bytes(body.contents[0])  # in the first round, which is not counted
    return duckdb.read_json(str(path), maximum_object_size=1 << 30).df()


BASELINE = Reader(
    "json_normalize", "`pd.json_normalize(json.loads(…))`", lambda body: pd.json_normalize(_load(body, json.loads))
)
OURS = Reader("**apigw_magic**", "bytes to frame, dtypes checked", _ours)
NORMALIZE = Reader(
    "orjson, json_normalize",
    "`pd.json_normalize(orjson.loads(…))`",
    lambda body: pd.json_normalize(_load(body, orjson.loads)),
)
FRAME = Reader(
    "orjson, DataFrame", "`pd.DataFrame(orjson.loads(…))`", lambda body: pd.DataFrame(_load(body, orjson.loads))
)
READ_JSON = Reader(
    "read_json",
    "`pd.read_json`, conversions off",
    lambda body: pd.read_json(
        io.BytesIO(body.contents[0]), lines=body.kind == "lines", dtype=False, convert_dates=False
    ),
)
POLARS = Reader(
    "polars",
    "`pl.read_json(…).to_pandas()`",
    lambda body: pl.read_json(io.BytesIO(body.contents[0])).to_pandas(),
)
POLARS_LINES = Reader(
    "polars",
    "`pl.read_ndjson(…).to_pandas()`, on all cores",
    lambda body: pl.read_ndjson(io.BytesIO(body.contents[0])).to_pandas(),
)
POLARS_NESTED = Reader(
    "polars",
    "`pl.read_json(…)`, structs unnested, `to_pandas()`",
    lambda body: _unnest(pl.read_json(io.BytesIO(body.contents[0]))).to_pandas(),
)
ARROW = Reader(
    "pyarrow",
    "`pyarrow.json.read_json(…).to_pandas()`",
    lambda body: pyarrow.json.read_json(io.BytesIO(body.contents[0])).to_pandas(),
)
DUCKDB = Reader("duckdb", "`duckdb.read_json(file).df()`, the file in the page cache", _duckdb)

READERS = {
    "flat": [NORMALIZE, FRAME, READ_JSON, POLARS, DUCKDB],
    "nested": [NORMALIZE, POLARS_NESTED],
    "listed": [NORMALIZE, POLARS_NESTED],
    "ragged": [NORMALIZE, FRAME, READ_JSON, POLARS, DUCKDB],
    "lines": [NORMALIZE, FRAME, READ_JSON, POLARS_LINES, ARROW, DUCKDB],
    "pages": [NORMALIZE, FRAME],
    "typed": [NORMALIZE, FRAME],
}
"""Who reads what, beside the baseline and us: those that can read it at all."""


def find_difference(wanted: pd.DataFrame, got: pd.DataFrame) -> str:
    """Return in what two frames differ, dtypes and the order of columns aside; empty if in nothing."""
    if len(wanted) != len(got):
        return f"{len(got):,} rows"
    if set(wanted.columns) != set(got.columns):
        return f"other columns ({len(got.columns)})"
    for name in wanted.columns:
        if not all(map(_is_same, wanted[name].tolist(), got[name].tolist())):
            return f"other values in {name}"
    return ""


def _is_same(wanted: object, got: object) -> bool:
    if isinstance(wanted, list):
        return wanted == (got if isinstance(got, list) else list(got))  # type: ignore[call-overload] # an array
    if _is_missing(wanted) or _is_missing(got):
        return _is_missing(wanted) and _is_missing(got)
    return wanted == got and isinstance(wanted, str) == isinstance(got, str)


def _is_missing(cell: object) -> bool:
    return cell is None or cell is pd.NA or (isinstance(cell, float) and math.isnan(cell))


def _unnest(frame: pl.DataFrame) -> pl.DataFrame:
    while nested := [name for name, dtype in frame.schema.items() if isinstance(dtype, pl.Struct)]:
        frame = frame.unnest(nested, separator=".")
    return frame
