"""Rows as the content of a file: what is written is read back, equal."""

from __future__ import annotations

import csv
import importlib
import io
import json
import math
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apigw_magic.errors import CommandError, FrameError
from apigw_magic.frames import ROW_SUFFIXES, check_suffix, encode_rows, parse_dates, to_frame

if TYPE_CHECKING:
    from pathlib import Path

    from apigw_magic.models import Json


def has_pyarrow() -> bool:
    """Say whether Parquet can be written."""
    try:
        check_suffix(".parquet")
    except CommandError:
        return False
    return True


needs_pyarrow = pytest.mark.skipif(not has_pyarrow(), reason="pyarrow is taken away, to test without it")

ROWS: list[Json] = [
    {"id": 2**70, "n": 1, "x": 0.1, "on": True, "text": 'a, "b"\n', "at": "2026-03-01T19:00:00.5+09:00", "l": [1]},
    {"id": -(2**70), "n": None, "x": 1e22, "on": None, "text": "é😀\u2028\r", "at": None, "l": {"k": [None, 2**64]}},
    {"id": 0, "n": 2**63 - 1, "x": None, "on": False, "text": "", "at": "0001-01-01T00:00:00Z", "l": None},
]

WRITTEN = [
    # suffix, the file of ROWS
    (
        ".ndjson",
        [
            (
                '{"id": 1180591620717411303424, "n": 1, "x": 0.1, "on": true, "text": "a, \\"b\\"\\n",'
                ' "at": "2026-03-01T10:00:00.500Z", "l": [1]}'
            ),
            (
                '{"id": -1180591620717411303424, "n": null, "x": 1e+22, "on": null, "text": "é😀\u2028\\r",'
                ' "at": null, "l": {"k": [null, 18446744073709551616]}}'
            ),
            (
                '{"id": 0, "n": 9223372036854775807, "x": null, "on": false, "text": "",'
                ' "at": "0001-01-01T00:00:00.000Z", "l": null}'
            ),
        ],
    ),
    (
        ".csv",
        [
            "id,n,x,on,text,at,l",
            '1180591620717411303424,1,0.1,true,"a, ""b""\n",2026-03-01T10:00:00.500Z,[1]',
            '-1180591620717411303424,,1e+22,,"é😀\u2028\r",,"{""k"": [null, 18446744073709551616]}"',
            '0,9223372036854775807,,false,"",0001-01-01T00:00:00.000Z,',
        ],
    ),
]

REFUSED = [
    # values of a column `c`, suffix, what, fix
    ([math.inf], ".json", "'c' cannot be written as JSON", ".parquet"),
    ([-math.inf, 1.5], ".ndjson", "'c' cannot be written as JSON", ".parquet"),
    ([[1, {"a": math.inf}]], ".json", "'c' cannot be written as JSON", ".parquet"),
    ([[math.inf]], ".csv", "'c' cannot be written as JSON", ".parquet"),
    (["\ud83d"], ".csv", "'c' holds text that UTF-8 cannot hold", ".ndjson"),
    ([{}], ".csv", "No column in 1 row", ".ndjson"),
    ([{}], ".parquet", "No column in 1 row", ".ndjson"),
    ([2**63], ".parquet", "'c' cannot be written as Parquet", ".ndjson"),
    ([1, "2"], ".parquet", "'c' cannot be written as Parquet", ".ndjson"),
    ([1, True], ".parquet", "'c' cannot be written as Parquet", ".ndjson"),
    ([1.0, True], ".parquet", "'c' cannot be written as Parquet", ".ndjson"),
    ([0.5, 2**53 + 1], ".parquet", "'c' cannot be written as Parquet", ".ndjson"),
    ([[1], {"a": 1}], ".parquet", "'c' cannot be written as Parquet", ".ndjson"),
    ([[{}]], ".parquet", "'c' cannot be written as Parquet", ".ndjson"),
    ([["\ud83d"]], ".parquet", "'c' cannot be written as Parquet", ".ndjson"),
    ([[2**64]], ".parquet", "'c' cannot be written as Parquet", ".ndjson"),
]


def frame_of(rows: list[Json]) -> pd.DataFrame:
    """Return a frame as an answer would give it, dates read."""
    frame = to_frame(rows)
    assert isinstance(frame, pd.DataFrame)
    return parse_dates(frame)[0]


def read_lines(content: bytes) -> list[Json]:
    """Read lines of JSON, as any reader would: lines end in a line feed, and in nothing else."""
    text = content.decode()
    assert text == "" or text.endswith("\n")
    return [json.loads(line) for line in text.split("\n")[:-1]]


def read_parquet(content: bytes) -> list[dict[str, Json]]:
    """Read Parquet without pandas."""
    rows: list[dict[str, Json]] = importlib.import_module("pyarrow.parquet").read_table(io.BytesIO(content)).to_pylist()
    return rows


@pytest.mark.parametrize(("suffix", "lines"), WRITTEN)
def test_what_is_written(suffix: str, lines: list[str]) -> None:
    """All digits, date-times in UTC, missing values, nested ones, UTF-8 and line feeds."""
    assert encode_rows(frame_of(ROWS), suffix).decode() == "".join(f"{line}\n" for line in lines)


def test_json_is_a_list_with_a_row_per_line() -> None:
    """The rows of `.json` are those of `.ndjson`, in brackets."""
    frame = frame_of(ROWS)
    content = encode_rows(frame, ".json")
    assert json.loads(content) == read_lines(encode_rows(frame, ".ndjson"))
    assert content.count(b"\n") == len(ROWS) + 2
    assert encode_rows(frame, ".JSON") == content


def test_csv_is_read_back() -> None:
    """Another reader of CSV finds the same cells; an empty text is told from a missing value."""
    content = encode_rows(frame_of(ROWS), ".csv")
    header, *rows = csv.reader(io.StringIO(content.decode(), newline=""))
    assert header == ["id", "n", "x", "on", "text", "at", "l"]
    assert [row[4] for row in rows] == ['a, "b"\n', "é😀\u2028\r", ""]
    assert [json.loads(row[6]) if row[6] else None for row in rows] == [[1], {"k": [None, 2**64]}, None]
    assert content.endswith(b',false,"",0001-01-01T00:00:00.000Z,\n')


def test_a_row_of_one_missing_value_is_no_empty_line() -> None:
    """Readers of CSV skip empty lines."""
    content = encode_rows(frame_of([{"a": "x"}, {"a": None}]), ".csv")
    assert content == b'a\nx\n""\n'
    assert len(pd.read_csv(io.BytesIO(content))) == 2


@needs_pyarrow
def test_parquet_is_read_back() -> None:
    """Types and values come back, with the time zone; a key that one object lacks comes back as null."""
    rows: list[Json] = [
        {"n": 2**53 + 1, "x": 0.1, "on": True, "text": "é", "at": "2026-03-01T10:00:00.000001Z", "l": [{"a": 1}]},
        {"n": None, "x": math.inf, "on": None, "text": None, "at": None, "l": [{"b": 2}]},
    ]
    frame = frame_of(rows)
    frame.attrs["apigw"] = {"status": 200}
    content = encode_rows(frame, ".parquet")
    first, second = read_parquet(content)
    assert first == {
        "n": 2**53 + 1,
        "x": 0.1,
        "on": True,
        "text": "é",
        "at": frame["at"].iloc[0],
        "l": [{"a": 1, "b": None}],
    }
    assert second == {"n": None, "x": math.inf, "on": None, "text": None, "at": None, "l": [{"a": None, "b": 2}]}
    read = pd.read_parquet(io.BytesIO(content))
    assert str(read["n"].dtype) == "Int64"
    assert str(read["at"].dtype) == "datetime64[us, UTC]"
    assert read.attrs == frame.attrs


@needs_pyarrow
@pytest.mark.parametrize("values", [[None], [[], None], [[None]], [1.5, None], ["", None], [[1, 2.5]], [[[1], None]]])
def test_parquet_of_odd_columns(values: list[Json]) -> None:
    """Columns that say little of their type are written and read."""
    assert [row["c"] for row in read_parquet(encode_rows(frame_of([{"c": v} for v in values]), ".parquet"))] == values


@pytest.mark.parametrize(("values", "suffix", "what", "fix"), REFUSED)
def test_what_a_form_cannot_hold(values: list[Json], suffix: str, what: str, fix: str) -> None:
    """The error names the column and a form that can, in at most three lines; nothing is rounded silently."""
    if suffix == ".parquet" and not has_pyarrow():
        pytest.skip("pyarrow is taken away, to test without it")
    frame = frame_of([value if value == {} else {"c": value} for value in values])
    with pytest.raises(FrameError) as caught:
        encode_rows(frame, suffix)
    assert what in caught.value.what
    assert fix in caught.value.fix
    assert len(str(caught.value).splitlines()) == len(caught.value.lines) <= 3
    assert len(str(caught.value)) < 400
    if fix == ".ndjson":
        assert encode_rows(frame, fix)


def test_a_lone_surrogate_is_escaped() -> None:
    """JSON can hold it, in names, in text and deeper; what else is in the column stays readable."""
    frame = frame_of([{"\ud83d": ["\ud83d"], "t": "\ud83d"}, {"t": "é"}])
    content = encode_rows(frame, ".ndjson")
    assert read_lines(content) == [{"\ud83d": ["\ud83d"], "t": "\ud83d"}, {"\ud83d": None, "t": "é"}]
    assert "é".encode() in content
    assert encode_rows(frame_of([{"c": ["\ud83d"]}, {"c": None}]), ".csv") == b'c\n"[""\\ud83d""]"\n""\n'


def test_nan_is_a_missing_value_at_any_depth() -> None:
    """NaN is null, beside exact integers and inside of lists too; in CSV an infinity is what `repr` says."""
    rows: list[Json] = [{"c": [math.nan, {"a": math.nan, "n": 2**70}], "x": math.nan}]
    assert read_lines(encode_rows(frame_of(rows), ".ndjson")) == [{"c": [None, {"a": None, "n": 2**70}], "x": None}]
    assert encode_rows(frame_of([{"x": -math.inf, "y": 1}]), ".csv") == b"x,y\n-inf,1\n"


def test_labels_of_rows_are_the_first_column() -> None:
    """An index that says something is `key`, or `key_` where the data has one; numbers of rows are not written."""
    frame = to_frame({"columns": ["key"], "index": ["mo", "tu"], "data": [[1], [2]]})
    assert isinstance(frame, pd.DataFrame)
    assert encode_rows(frame, ".csv") == b"key_,key\nmo,1\ntu,2\n"
    assert frame.index.tolist() == ["mo", "tu"]
    assert encode_rows(frame.iloc[:0], ".csv") == b"key_,key\n"
    assert encode_rows(frame.reset_index(drop=True), ".csv") == b"key\n1\n2\n"


@pytest.mark.parametrize(
    ("dtype", "instant", "text"),
    [
        ("datetime64[s, UTC]", "2026-03-01T10:00:00Z", "2026-03-01T10:00:00Z"),
        ("datetime64[us, UTC]", "2026-03-01T10:00:00.25Z", "2026-03-01T10:00:00.250Z"),
        ("datetime64[ns, UTC]", "2026-03-01T10:00:00.000000001Z", "2026-03-01T10:00:00.000000001Z"),
        ("datetime64[us, Asia/Tokyo]", "2026-03-01T19:00:00+09:00", "2026-03-01T10:00:00Z"),
        ("datetime64[us]", "2026-03-01T10:00:00", "2026-03-01T10:00:00"),
    ],
)
def test_date_times_of_any_zone(dtype: str, instant: str, text: str) -> None:
    """Date-times are in UTC with as many digits as they need; those without a zone get none."""
    frame = pd.DataFrame({"at": pd.Series([pd.Timestamp(instant), None], dtype=dtype)})
    assert read_lines(encode_rows(frame, ".ndjson")) == [{"at": text}, {"at": None}]


def test_date_times_beside_text() -> None:
    """Stacked answers may have both in a column."""
    cells = [pd.Timestamp("2026-03-01T19:00:00.5+09:00"), pd.Timestamp("2026-03-01T10:00:00"), "text", None]
    content = encode_rows(pd.DataFrame({"at": cells}, dtype=object), ".csv")
    assert content == b'at\n2026-03-01T10:00:00.500000Z\n2026-03-01T10:00:00\ntext\n""\n'


@pytest.mark.parametrize(("suffix", "content"), [(".json", b"[]\n"), (".ndjson", b""), (".csv", b"")])
def test_no_rows(suffix: str, content: bytes) -> None:
    """No rows are an empty list, no lines, or a header."""
    assert encode_rows(frame_of([]), suffix) == content
    assert encode_rows(frame_of([{"a": 1}]).iloc[:0], suffix) == (content or (b"a\n" if suffix == ".csv" else b""))


@needs_pyarrow
def test_no_rows_as_parquet() -> None:
    """A file without rows keeps its columns."""
    assert read_parquet(encode_rows(frame_of([]), ".parquet")) == []
    read = pd.read_parquet(io.BytesIO(encode_rows(frame_of([{"a": 1}]).iloc[:0], ".parquet")))
    assert [(name, str(dtype)) for name, dtype in read.dtypes.items()] == [("a", "int64")]


def test_columns_of_one_name_are_refused() -> None:
    """One of them would be lost."""
    frame = frame_of([{"a": 1, "b": 2}])
    frame.columns = pd.Index(["a", "a"])
    for suffix in (".json", ".csv"):
        with pytest.raises(FrameError, match="same name: 'a'"):
            encode_rows(frame, suffix)


def test_values_that_are_none_of_jsons() -> None:
    """What somebody put into a frame is named, not guessed at."""
    frame = pd.DataFrame({"c": [{1, 2}]})
    for suffix in (".ndjson", ".csv"):
        with pytest.raises(FrameError, match="'c' cannot be written as JSON"):
            encode_rows(frame, suffix)


def test_other_suffixes_hold_no_rows() -> None:
    """Only the four suffixes do; any other passes the check, since the content is saved under it."""
    with pytest.raises(CommandError, match=r"\.txt"):
        encode_rows(frame_of(ROWS), ".txt")
    for suffix in ("", ".txt", *ROW_SUFFIXES[1:]):
        check_suffix(suffix)


def test_parquet_takes_pyarrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it the check says what to install; pyarrow cannot be taken away otherwise."""
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    for suffix in (".parquet", ".PARQUET"):
        with pytest.raises(CommandError, match="pip install pyarrow"):
            check_suffix(suffix)
        with pytest.raises(CommandError, match="pip install pyarrow"):
            encode_rows(pd.DataFrame({"a": [1]}), suffix)


@pytest.mark.parametrize(
    ("code", "what"),
    [
        ("raise ImportError('pyarrow requires NumPy 2.0 or newer, found 1.26')", "pyarrow requires NumPy 2.0 or newer"),
        ("__version__ = '1.0.0'", "requires version"),
    ],
)
def test_a_pyarrow_that_does_not_work(tmp_path: Path, code: str, what: str) -> None:
    """One that does not load, or is too old for pandas, is told before anything is sent, with the reason."""
    (tmp_path / "pyarrow.py").write_text(code)
    done = subprocess.run(
        [sys.executable, "-c", "from apigw_magic.frames import check_suffix; check_suffix('.parquet')"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "CommandError: Parquet is written by pyarrow, which does not work here." in done.stderr
    assert what in done.stderr
    assert done.stderr.endswith("Run %pip install --upgrade pyarrow\n")


SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_infinity=False) | st.text(max_size=4)
VALUES = SCALARS | st.lists(SCALARS, max_size=2) | st.dictionaries(st.text(max_size=2), SCALARS, max_size=2)
TABLES = st.lists(st.dictionaries(st.sampled_from(["a", "b", "é"]), VALUES, min_size=1), min_size=1, max_size=3)


def without_nan(value: Json) -> Json:
    """Return a value as JSON has it."""
    if isinstance(value, list):
        return [without_nan(inner) for inner in value]
    if isinstance(value, dict):
        return {key: without_nan(inner) for key, inner in value.items()}
    return None if isinstance(value, float) and math.isnan(value) else value


@settings(max_examples=60, deadline=None)
@given(TABLES)
def test_every_value_is_read_back(rows: list[dict[str, Json]]) -> None:
    """Whatever the rows hold, lines of JSON give it back, and CSV gives each text back."""
    document: Json = [{"row": [row]} for row in rows]  # in a list, so that it is not flattened
    frame = to_frame(document)
    assert isinstance(frame, pd.DataFrame)
    assert read_lines(encode_rows(frame, ".ndjson")) == [{"row": [without_nan(row)]} for row in rows]
    document = [{"i": 1, **{key: value for key, value in row.items() if not isinstance(value, dict)}} for row in rows]
    flat = to_frame(document)
    assert isinstance(flat, pd.DataFrame)
    read = read_lines(encode_rows(flat, ".ndjson"))
    cells = list(csv.DictReader(io.StringIO(encode_rows(flat, ".csv").decode(), newline="")))
    for row, line, cell in zip(rows, read, cells, strict=True):
        for key, value in row.items():
            if isinstance(value, dict):
                continue
            assert isinstance(line, dict)
            assert line[key] == without_nan(value)
            if isinstance(value, str):
                assert cell[key] == value
