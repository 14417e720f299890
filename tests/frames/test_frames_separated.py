"""Separated values: cells as they are, and what is no table."""

from __future__ import annotations

import csv
import gc
import io
import sys
from concurrent.futures import ThreadPoolExecutor

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apigw_magic.errors import FrameError
from apigw_magic.frames import encode_rows, read_separated

TABLES: list[tuple[bytes, dict[str, list[str]]]] = [
    (b"hull,crew\nA1,4\nB2,2\n", {"hull": ["A1", "B2"], "crew": ["4", "2"]}),
    (b"hull,crew\r\nA1,4", {"hull": ["A1"], "crew": ["4"]}),
    (b"\xef\xbb\xbfhull\nA1\n", {"hull": ["A1"]}),
    (b"code,n\n007,NA\n,null\nNaN,1e3\n", {"code": ["007", "", "NaN"], "n": ["NA", "null", "1e3"]}),
    (b'a,b\n"x, ""y""\nz"," q "\n', {"a": ['x, "y"\nz'], "b": [" q "]}),
    (b"\n\na,b\n\n1,2\n\n", {"a": ["1"], "b": ["2"]}),
    (b'a\n""\nx\n', {"a": ["", "x"]}),
    (b"a,a,\n1,2,3\n", {"a": ["1"], "a_": ["2"], "": ["3"]}),
    (b"a;b\n1,5;2\n", {"a": ["1,5"], "b": ["2"]}),
    (b"a\tb\n1\t2\n", {"a": ["1"], "b": ["2"]}),
    (b"a,b;c\n1,2\n", {"a": ["1"], "b;c": ["2"]}),
    (b"a\x00,b\n\x00,1\n", {"a\x00": ["\x00"], "b": ["1"]}),
    (b"a,b\n", {"a": [], "b": []}),
    (b"", {}),
    (b"\n\n", {}),
    ("navn\nBåt\n".encode(), {"navn": ["Båt"]}),
]


@pytest.mark.parametrize(("content", "columns"), TABLES)
def test_cells_are_text(content: bytes, columns: dict[str, list[str]]) -> None:
    """Nothing becomes a number, a date or a missing value; columns have pandas' own dtype for text."""
    frame = read_separated(content)
    assert {str(name): frame[name].tolist() for name in frame.columns} == columns
    assert list(frame.columns) == list(columns)
    assert {str(dtype) for dtype in frame.dtypes} <= {str(pd.Series(["a"]).dtype)}
    assert isinstance(frame.index, pd.RangeIndex)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"a,b\n1,2\n3\n", "ends in line 3 cannot be read: it has 1 cell where the header has 2 cells."),
        (b'a,b\n"1\n2",x,y\n', "ends in line 3 cannot be read: it has 3 cells where the header has 2 cells."),
        (b'a,b\n1,"2\n', "ends in line 2 cannot be read: a quoted cell is not closed."),
        (b'a,b\n"1"x,2\n', "ends in line 2 cannot be read: "),
        (b"a,b\n\xff,2\n", "The content is not text: byte 4 is no UTF-8"),
        (b"a\n" * 5000 + b"1,2\n", "ends in line 5,001 cannot be read: it has 2 cells where the header has 1 cell."),
    ],
)
def test_what_is_no_table(content: bytes, what: str) -> None:
    """The error names the line, and no cell is moved or lost instead."""
    limit = csv.field_size_limit()
    with pytest.raises(FrameError) as caught:
        read_separated(content)
    assert what in caught.value.what
    assert "--raw" in caught.value.fix
    assert csv.field_size_limit() == limit
    assert gc.isenabled()


@pytest.mark.parametrize("charset", ["latin-1", "ISO-8859-1", "utf-16", "no-such", "rot13", "a\x00b"])
def test_the_charset_is_what_the_server_says(charset: str) -> None:
    """One that Python does not know is taken for UTF-8."""
    is_known = charset not in {"no-such", "rot13", "a\x00b"}
    frame = read_separated("navn\nBåt\n".encode(charset if is_known else "utf-8"), charset=charset)
    assert frame["navn"].tolist() == ["Båt"]


def test_a_cell_may_be_long() -> None:
    """Python's reader would refuse more than 128 kB."""
    assert read_separated(b"a,b\n" + b"x" * 10**6 + b",1\n")["a"].str.len().tolist() == [10**6]


def test_tabs_are_asked_for() -> None:
    """In tab-separated values a comma is text."""
    assert read_separated(b"a,b\tc\n1,2\t3\n", delimiter="\t").columns.tolist() == ["a,b", "c"]


CELLS = st.text(st.characters(exclude_categories=["Cs"]), max_size=4)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(CELLS, CELLS), max_size=4))
def test_what_python_writes_is_read(rows: list[tuple[str, str]]) -> None:
    """Any table comes back cell by cell."""
    written = io.StringIO(newline="")
    csv.writer(written, quoting=csv.QUOTE_ALL).writerows([("left", "right"), *rows])
    frame = read_separated(written.getvalue().encode())
    assert list(zip(frame["left"], frame["right"], strict=True)) == rows


def test_what_is_saved_is_read() -> None:
    """`--save FILE.csv` writes what comes back as the same text."""
    frame = pd.DataFrame({"a": ["x,y", "", 'q"'], "b": ["1", "2\n", "NA"]})
    assert read_separated(encode_rows(frame, ".csv")).equals(frame)


def test_threads_read_long_cells_at_once() -> None:
    """The limit of Python's reader, one for all threads, is in nobody's way, and afterwards as it was."""
    limit = csv.field_size_limit()
    contents = [b"a,b\n" + b"x" * length + b",y\n" + b"1,2\n" * 3_000 for length in (10, 140_000, 200_000)] * 12
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        with ThreadPoolExecutor(6) as threads:
            frames = list(threads.map(read_separated, contents))
    finally:
        sys.setswitchinterval(interval)
    assert [len(frame) for frame in frames] == [3_001] * len(contents)
    assert csv.field_size_limit() == limit
    assert gc.isenabled()
