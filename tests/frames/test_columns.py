"""Rows → DataFrame: names, order and dtypes of the columns, values unchanged."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apigw_magic.errors import FrameError
from apigw_magic.frames.columns import build

if TYPE_CHECKING:
    from apigw_magic.models import Json

TEXT = str(pd.Series(["a"]).dtype)
"""What this pandas makes of text."""

NAMES = [
    # rows, columns in order
    ([{"a": 1, "b": 2}, {"c": 3, "a": 4}], ["a", "b", "c"]),
    ([{"a": {"x": 1}, "b": 2}, {"a": {"y": {"z": 3}}}], ["a.x", "a.y.z", "b"]),
    ([{"a": None, "b": 1}, {"a": {"x": 1}}], ["a.x", "b"]),
    ([{"a": {}, "b": 1}, {"a": {"x": 1}}], ["a.x", "b"]),
    ([{"a": {"x": 1}}, {"a": 2}], ["a"]),
    ([{"a": {"x": {"y": 1}}}, {"a": {"x": 2}}], ["a.x"]),
    ([{"a": [{"x": 1}]}], ["a"]),
    ([{"a": {"b": 1}, "a.b": 2}], ["a.b_", "a.b"]),
    ([{"a.b": 2, "a.b_": 3, "a": {"b": 1}}], ["a.b", "a.b_", "a.b__"]),
    ([{"a": {"b.c": 1}, "a.b": {"c": 2}}], ["a.b.c", "a.b.c_"]),
    ([{"": {"": 1}, ".": 2}], ["._", "."]),
    ([{}, {}], []),
    ([{"a": {}}], []),
    ([1, "x", None], ["value"]),
    ([None, {"a": 1}], ["a"]),
    ([{"a": 1}, 5], ["value"]),
    ([[1, 2], [3, 4]], ["value"]),
    ([], []),
]

DTYPES = [
    # values, dtype, mixed
    ([1, 2], "int64", False),
    ([1, None], "Int64", False),
    ([2**53 + 1, None], "Int64", False),
    ([2**63 - 1, -(2**63)], "int64", False),
    ([2**63, 1], "object", False),
    ([-(2**63) - 1, None], "object", False),
    ([True, False], "bool", False),
    ([True, None], "boolean", False),
    ([1.5, None], "float64", False),
    ([1.5, 2], "float64", False),
    ([1.5, 2, None], "float64", False),
    ([0.5, 2**53 + 1], "object", True),
    ([0.5, 10**400], "object", True),
    ([1.0, 2**60], "float64", False),
    (["01234", "5"], TEXT, False),
    (["2026-01-01", None], TEXT, False),
    (["NaN", ""], TEXT, False),
    (["\ud83d", "a"], None, False),
    ([1, "2"], "object", True),
    ([1, True], "object", True),
    ([1.0, True, None], "object", True),
    ([[1, 2], [3, 4]], "object", False),
    ([[1], None], "object", False),
    ([[1], {"a": 1}], "object", True),
    ([None, None], "object", False),
]


@pytest.mark.parametrize(("rows", "names"), NAMES)
def test_columns_are_named_in_order_of_appearance(rows: list[Json], names: list[str]) -> None:
    """Dicts flatten where all values are dicts, in place; nothing is overwritten; rows stay rows."""
    frame, _ = build(rows)
    assert list(frame.columns) == names
    assert len(frame) == len(rows)


@pytest.mark.parametrize(("values", "dtype", "mixed"), DTYPES)
def test_no_dtype_changes_a_value(values: list[Json], dtype: str | None, mixed: bool) -> None:  # noqa: FBT001 - a column of a table
    """Each column has the narrowest dtype that keeps its values, and they come out as they went in."""
    frame, names = build([{"c": value} for value in values])
    assert dtype is None or str(frame["c"].dtype) == dtype
    assert names == (("c",) if mixed else ())
    for went_in, came_out in zip(values, frame["c"].tolist(), strict=True):
        assert is_same(went_in, came_out)


def test_missing_is_missing_as_null_is() -> None:
    """A key that a row lacks and a null are the same missing value."""
    frame, _ = build([{"n": 1, "t": "a", "d": {"x": True}}, {"n": None, "t": None, "d": None}, {}])
    assert frame.isna().to_numpy().tolist() == [[False] * 3, [True] * 3, [True] * 3]
    assert [str(dtype) for dtype in frame.dtypes] == ["Int64", TEXT, "boolean"]


def test_received_objects_keep_none() -> None:
    """An `object` column has None, never NaN, where nothing came."""
    frame, _ = build([{"a": [1], "b": None}, {"b": None}])
    assert frame["a"].tolist() == [[1], None]
    assert frame["b"].tolist() == [None, None]


def test_names_may_be_no_valid_unicode() -> None:
    """A lone surrogate in a key is a column like any other."""
    frame, _ = build([{"\ud83d": 1, "a": 2}])
    assert list(frame.columns) == ["\ud83d", "a"]


def test_keys_that_are_data_do_not_fill_the_memory() -> None:
    """Many rows with no key in common are refused, not built cell by empty cell."""
    with pytest.raises(FrameError, match="so few keys in common"):
        build([{f"k{row}": 1} for row in range(8_000)])
    with pytest.raises(FrameError, match="so few keys in common"):
        build([{"a": {f"k{row}": 1}} for row in range(8_000)])


def test_depth_is_no_danger() -> None:
    """Dicts flatten deeper than Python recurses."""
    deep: Json = 1
    for _ in range(3_000):
        deep = {"a": deep}
    frame, _ = build([deep, {"a": None}])
    assert frame.shape == (2, 1)


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(min_value=2**53 - 2, max_value=2**53 + 2)
    | st.floats(allow_nan=False)
    | st.text(max_size=3)
)
KEYS = st.sampled_from(["a", "b", "a.b", "a.b_", "", "."])
INNER = SCALARS | st.lists(SCALARS, max_size=2) | st.dictionaries(KEYS, SCALARS, max_size=2)
VALUES = INNER | st.dictionaries(KEYS, INNER, max_size=2)
ROWS = st.lists(st.dictionaries(KEYS, VALUES, max_size=3), max_size=4)


def is_same(went_in: object, came_out: object) -> bool:
    """Say whether a value came out of a frame as it went in: any missing value for None, True never for 1."""
    if went_in is None:
        return came_out is None or came_out is pd.NA or (isinstance(came_out, float) and math.isnan(came_out))
    if type(went_in) is int and type(came_out) is float:
        return came_out == went_in
    return type(went_in) is type(came_out) and went_in == came_out


def leaves(row: object) -> list[object]:
    """Return the values of a row that are not missing and not dicts."""
    if isinstance(row, dict):
        return [leaf for value in row.values() for leaf in leaves(value)]
    return [] if row is None else [row]


def is_missing(cell: object) -> bool:
    """Say whether a cell holds no value."""
    return is_same(None, cell)


@settings(max_examples=60, deadline=None)
@given(ROWS)
def test_rows_in_rows_out(rows: list[Json]) -> None:
    """There are as many rows as records, and no column name comes twice."""
    frame, mixed = build(rows)
    assert len(frame) == len(rows)
    assert frame.columns.is_unique
    assert set(mixed) <= set(frame.columns)


@settings(max_examples=60, deadline=None)
@given(ROWS)
def test_every_value_is_found_again(rows: list[Json]) -> None:
    """The values of each row, and no others, are in its cells, unchanged."""
    frame, _ = build(rows)
    cells = [frame[name].tolist() for name in frame.columns]
    for number, row in enumerate(rows):
        in_cells = [leaf for column in cells if not is_missing(column[number]) for leaf in leaves(column[number])]
        expected = leaves(row)
        assert len(in_cells) == len(expected)
        for leaf in expected:
            # An int may have become a float: look for its own type first.
            same = [place for place, cell in enumerate(in_cells) if is_same(leaf, cell)]
            in_cells.pop(min(same, key=lambda place: type(in_cells[place]) is not type(leaf)))
