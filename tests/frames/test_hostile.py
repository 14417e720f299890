"""Content that means harm, or was made without care: a faithful value or a clear error, in bounded memory."""

from __future__ import annotations

import contextlib
import json
import tracemalloc

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apigw_magic.errors import FrameError
from apigw_magic.frames import read_separated, tabulate_content, to_frame

ROW = b'{"id": 1, "name": "Fram", "crew": 13.5}'
MANY = b", ".join([ROW] * 10_000)

FAITHFUL = [
    # what it is, content, cells of the last row
    ("NaN tokens", b'[%s, {"id": NaN, "crew": -Infinity}]' % MANY, ["nan", "-inf"]),
    ("a key twice", b'{"items": [1], "items": [%s, {"id": 8, "id": 9}]}' % MANY, ["9"]),
    ("a byte order mark", b"\xef\xbb\xbf[%s]" % MANY, ["1", "Fram", "13.5"]),
    ("UTF-16", b"\xff\xfe" + f"[{MANY.decode()}]".encode("utf-16-le"), ["1", "Fram", "13.5"]),
    ("a lone surrogate", b'[%s, {"name": "\\ud83d"}]' % MANY, ["\ud83d"]),
    ("a lone surrogate in a key", b'[%s, {"\\ud83d": 1}]' % MANY, ["1"]),
    ("an integer of 4,000 digits", b'[%s, {"id": %s}]' % (MANY, b"9" * 4_000), ["9" * 4_000]),
    ("a list that ends in a text", b'[%s, {"name": "}], [{"}]' % MANY, ["}], [{"]),
    ("lines with U+2028 and U+0085", b'{"name": "a"}\n{"name": "\xe2\x80\xa8\xc2\x85"}\n' * 9_000, ["\u2028\u0085"]),
    ("a text of 10 MB", b'[%s, {"name": "%s"}]' % (ROW, b"x" * 10_000_000), ["x" * 10_000_000]),
    ("a text of 10 MB with brackets", b'[%s, {"name": "%s"}]' % (MANY, b"},{[]" * 2_000_000), ["},{[]" * 2_000_000]),
    ("a list of a million numbers", b'[%s, {"id": [%s]}]' % (MANY, b",".join([b"7"] * 10**6)), [str([7] * 10**6)]),
]

CLEAR = [
    # what it is, content, words of the error
    ("cut short", b'{"items": [%s' % MANY, "ends early"),
    ("cut short in a text", b'{"items": [%s, {"name": "Fra' % MANY, "ends early"),
    ("lines cut short", (ROW + b"\n") * 9_000 + b'{"id": 1, "na', "Line 9,001 of 9,001: The JSON ends early"),
    ("latin-1", b'[%s, {"name": "\xe5"}]' % MANY, "is no UTF-8"),
    ("100,000 levels of lists", b'{"items": [%s, %s' % (MANY, b"[" * 100_000), "nested too deep"),
    ("100,000 levels of objects", b'[{"a":' * 100_000, "nested too deep"),
    ("an integer of 5,000 digits", b'[%s, {"id": %s}]' % (MANY, b"9" * 5_000), "5,000 digits"),
    ("a float beyond all", b'[%s, {"id": 1e999}]' % MANY, "beyond the largest float"),
    ("something behind it", b'{"items": [%s]} {"items": []}' % MANY, "Extra data"),
    ("two values in a line", (ROW + b"\n") * 9_000 + ROW + ROW, "Line 9,001"),
    ("keys that are data", b"[%s]" % b",".join(b'{"k%d": 1}' % key for key in range(50_000)), "so few keys in common"),
    (
        "keys that are data, inside",
        b'{"items": [%s]}' % b",".join(b'{"a": {"k%d": {}}}' % key for key in range(50_000)),
        "so few keys in common",
    ),
]


def measure_memory(content: bytes) -> int:
    """Return the bytes that reading a content takes at most, whatever comes of it."""
    tracemalloc.start()
    try:
        tabulate_content(content)
    except FrameError:
        pass
    finally:
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    return peak


@pytest.mark.parametrize(("content", "cells"), [row[1:] for row in FAITHFUL], ids=[row[0] for row in FAITHFUL])
def test_values_are_faithful(content: bytes, cells: list[str]) -> None:
    """The last row holds what came, and all rows are there."""
    frame = tabulate_content(content).value
    assert isinstance(frame, pd.DataFrame)
    last = [str(cell) for cell in frame.iloc[-1].astype(object) if cell is not None and cell is not pd.NA]
    missing = [cell for cell in last if cell == "nan"]
    assert [cell for cell in last if cell != "nan"] == [cell for cell in cells if cell != "nan"]
    assert len(missing) >= cells.count("nan")
    assert len(frame) >= 2


@pytest.mark.parametrize(("content", "words"), [row[1:] for row in CLEAR], ids=[row[0] for row in CLEAR])
def test_errors_are_clear(content: bytes, words: str) -> None:
    """What cannot be held is said, in three short lines."""
    with pytest.raises(FrameError, match=words) as caught:
        tabulate_content(content)
    lines = str(caught.value).splitlines()
    assert len(lines) <= 3
    assert max(map(len, lines)) < 250


@pytest.mark.parametrize(
    "content", [row[1] for row in (*FAITHFUL, *CLEAR)], ids=[row[0] for row in (*FAITHFUL, *CLEAR)]
)
def test_memory_is_bounded(content: bytes) -> None:
    """Nothing takes more than some times its own size, so that a small content cannot fill a large memory."""
    assert measure_memory(content) < 40 * len(content) + 20_000_000


@pytest.mark.parametrize("name", ["", "_", "a"])
def test_names_that_come_often_stay_short(name: str) -> None:
    """Thousands of columns of one name are named apart in linear time, by names of some characters."""
    columns = [name] * 20_000
    split = tabulate_content(json.dumps({"columns": columns, "data": [columns]}).encode()).value
    for frame in (split, read_separated(",".join(["x", *columns[:2000]]).encode())):
        assert isinstance(frame, pd.DataFrame)
        assert frame.columns.is_unique
        assert max(map(len, frame.columns)) < 12


def test_long_lists_are_not_held_in_memory() -> None:
    """Of a long list of records, the columns are in memory, and the values of one slice at a time."""
    rows = 60_000
    content = b'{"items": [%s]}' % b",".join(b'{"id": %d, "x": %d.5, "ok": true}' % (row, row) for row in range(rows))
    of_columns = rows * (8 + 8 + 1)
    assert measure_memory(content) < 4 * of_columns + 4_000_000
    assert len(json.loads(content)["items"]) == rows


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
    max_leaves=20,
)


@settings(max_examples=100, deadline=None)
@given(JSON, st.sampled_from(["", "", "$", "a", "a.b"]))
def test_any_document_is_a_value_or_a_frame_error(document: object, records: str) -> None:
    """Whatever the document, as an object or as text: nothing else is raised."""
    for form in (document, json.dumps(document)):
        with contextlib.suppress(FrameError):
            to_frame(form, records=records)  # type: ignore[arg-type] # JSON
