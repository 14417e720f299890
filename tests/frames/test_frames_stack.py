"""The answers of several connections as one frame: whose each row is, and no value changed."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apigw_magic.frames import parse_dates, stack, to_frame

if TYPE_CHECKING:
    from apigw_magic.frames import Value
    from apigw_magic.models import Json

TEXT = str(pd.Series(["a"]).dtype)
"""What this pandas makes of text."""

DATES = "datetime64[us, UTC]"

JOINED = [
    # values of the one, of the other ("no column" for none), dtype
    ([1], [2], "int64"),
    ([1], ["no column"], "Int64"),
    ([2**53 + 1], [None], "Int64"),
    ([1, None], [2], "Int64"),
    ([1, None], ["no column"], "Int64"),
    ([True], [False], "bool"),
    ([True], ["no column"], "boolean"),
    ([True, None], [False], "boolean"),
    ([1.5], [2.5], "float64"),
    ([1.5], ["no column"], "float64"),
    ([1.5], [2], "float64"),
    ([1.5, None], [2, None], "float64"),
    ([0.5], [2**53 + 1], "object"),
    ([0.5, None], [2**53 + 1], "object"),
    ([2**63], [1], "object"),
    ([1], [True], "object"),
    ([1], ["1"], "object"),
    (["a"], ["b"], TEXT),
    (["a"], ["no column"], TEXT),
    (["a", None], [None], TEXT),
    (["\ud83d"], ["a"], None),
    ([[1]], [[2]], "object"),
    ([[1]], ["no column"], "object"),
    ([{"a": [1]}, 1], [None], "object"),
    ([None], [None], "object"),
    ([None], [1], "Int64"),
    ([None], ["no column"], "object"),
]

EMPTY = [
    # values of an answer that has rows no more, of the other, dtype
    ([1], ["no column"], "Int64"),
    ([1], [None], "Int64"),
    ([True], ["no column"], "boolean"),
    ([0.5], ["no column"], "float64"),
    (["a"], ["no column"], TEXT),
    (["2026-03-01T10:00:00Z"], ["no column"], DATES),
    ([1], ["a"], TEXT),
    ([0.5], [1], "int64"),
    ([1], [], "int64"),
    ([True], [], "bool"),
    (["2026-03-01T10:00:00Z"], [], DATES),
]


def frame_of(values: list[Json]) -> pd.DataFrame:
    """Return a frame with a column `n`, and with a column `c` of the values unless they are said to have none."""
    rows: list[Json] = [{"n": 0} if value == "no column" else {"n": 0, "c": value} for value in values]
    frame = to_frame(rows)
    assert isinstance(frame, pd.DataFrame)
    return frame


def values_of(values: list[Json]) -> list[Json]:
    """Return what a column of these values holds."""
    return [None if value == "no column" else value for value in values]


def is_same(went_in: object, came_out: object) -> bool:
    """Say whether a value came out as it went in: any missing value for None or NaN, True never for 1."""
    if went_in is None or (isinstance(went_in, float) and math.isnan(went_in)):
        return came_out is None or came_out is pd.NA or (isinstance(came_out, float) and math.isnan(came_out))
    if type(went_in) is int and type(came_out) is float:
        return came_out == went_in
    return type(went_in) is type(came_out) and went_in == came_out


@pytest.mark.parametrize(("one", "other", "dtype"), JOINED)
def test_no_dtype_changes_a_value(one: list[Json], other: list[Json], dtype: str | None) -> None:
    """A column is what the values of both would be in one document, whichever comes first."""
    for first, second in ((one, other), (other, one)):
        frame = stack({"r": frame_of(first), "w": frame_of(second)})
        assert frame["connection"].tolist() == ["r"] * len(first) + ["w"] * len(second)
        assert dtype is None or str(frame["c"].dtype) == dtype
        for went_in, came_out in zip(values_of(first + second), frame["c"].tolist(), strict=True):
            assert is_same(went_in, came_out)


@pytest.mark.parametrize(("empty", "other", "dtype"), EMPTY)
def test_answers_without_rows_keep_dtypes(empty: list[Json], other: list[Json], dtype: str) -> None:
    """They add no rows; their dtype holds where no other value has a say."""
    gone = parse_dates(frame_of(empty))[0].iloc[:0]
    for named in ({"r": gone, "w": frame_of(other)}, {"w": frame_of(other), "r": gone}):
        frame = stack(named)
        assert str(frame["c"].dtype) == dtype
        assert len(frame) == len(other)


def test_rows_columns_and_index() -> None:
    """Rows stand in order, columns in order of first appearance, and the index is new."""
    one = to_frame([{"b": 1, "a": "x"}, {"b": 2, "a": "y"}])
    other = to_frame([{"c": True, "a": "z"}])
    frame = stack({"reader": one, "writer": other})
    assert list(frame.columns) == ["connection", "b", "a", "c"]
    assert frame["connection"].tolist() == ["reader", "reader", "writer"]
    assert frame["a"].tolist() == ["x", "y", "z"]
    assert isinstance(frame.index, pd.RangeIndex)
    assert frame.index.tolist() == [0, 1, 2]
    assert [str(dtype) for dtype in frame.dtypes] == [TEXT, "Int64", TEXT, "boolean"]


def test_names_that_are_taken() -> None:
    """Our columns give way to those of the data."""
    data = to_frame({"columns": ["connection", "connection_", "key"], "index": ["a"], "data": [[1, 2, 3]]})
    frame = stack({"r": data, "w": to_frame([{"value": 1}])})
    assert list(frame.columns) == ["connection__", "key_", "connection", "connection_", "key", "value"]


def test_names_may_be_no_valid_unicode() -> None:
    """A lone surrogate in a key is a column like any other."""
    frame = stack({"r": to_frame([{"\ud83d": 1, "a": 2}]), "w": to_frame([{"a": 3}])})
    assert list(frame.columns) == ["connection", "\ud83d", "a"]
    assert frame.iloc[:, 1].tolist()[0] == 1


def test_labels_of_rows_become_a_column() -> None:
    """An index that says something is `key`; rows of other answers have none."""
    labelled = to_frame({"columns": ["mm"], "index": ["mo", "tu"], "data": [[1], [2]]})
    frame = stack({"r": to_frame([{"mm": 0}]), "w": labelled})
    assert list(frame.columns) == ["connection", "key", "mm"]
    assert frame["key"].isna().tolist() == [True, False, False]
    assert frame["key"].tolist()[1:] == ["mo", "tu"]
    numbered = to_frame({"columns": ["mm"], "index": [7], "data": [[1]]})
    assert stack({"r": numbered, "w": labelled})["key"].tolist() == [7, "mo", "tu"]


@pytest.mark.parametrize(
    ("values", "dtype"),
    [
        ([5, None], "Int64"),
        ([5, "a"], "object"),
        ([2**70, 1], "object"),
        ([True, False], "bool"),
        (["a", None], TEXT),
        ([None, None], "object"),
        ([0.5, 2], "float64"),
    ],
)
def test_scalars_are_rows(values: list[Value], dtype: str) -> None:
    """A scalar or null is one row of a column `value`, and so is one between frames of scalars."""
    frame = stack(dict(zip(["r", "w"], values, strict=True)))
    assert list(frame.columns) == ["connection", "value"]
    assert str(frame["value"].dtype) == dtype
    assert all(map(is_same, values, frame["value"].tolist()))
    assert stack({"r": to_frame(["a", "b"]), "w": "c"})["value"].tolist() == ["a", "b", "c"]


def test_date_times_stay() -> None:
    """They are missing where an answer lacks them or has only missing ones, and beside other values they are kept."""
    dates, _ = parse_dates(frame_of(["2026-03-01T10:00:00.000001Z"]))
    instant = pd.Timestamp("2026-03-01T10:00:00.000001Z")
    for other in (None, "no column"):
        frame = stack({"r": frame_of([other]), "w": dates, "x": dates})
        assert str(frame["c"].dtype) == DATES
        assert frame["c"].isna().tolist() == [True, False, False]
        assert frame["c"].tolist()[1:] == [instant] * 2
    mixed = stack({"r": dates, "w": frame_of(["no date"])})["c"]
    assert mixed.tolist() == [instant, "no date"]


def test_nothing_to_stack() -> None:
    """No answers, or none with rows, are a frame without rows."""
    for named in ({}, {"r": to_frame([])}):
        frame = stack(named)
        assert frame.shape == (0, 1)
        assert str(frame["connection"].dtype) == TEXT


def test_parts_are_not_changed() -> None:
    """The frames given stay what they were."""
    one, other = to_frame([{"a": 1}]), to_frame({"columns": ["a"], "index": ["x"], "data": [[None]]})
    assert isinstance(one, pd.DataFrame)
    assert isinstance(other, pd.DataFrame)
    before = one.copy(), other.copy()
    stack({"r": one, "w": other})
    pd.testing.assert_frame_equal(one, before[0])
    pd.testing.assert_frame_equal(other, before[1])


def test_other_dtypes_are_kept_or_told_apart() -> None:
    """A frame that somebody made keeps dtypes that all parts share; else its values are kept."""
    narrow = pd.DataFrame({"c": np.array([1], dtype=np.int8)})
    assert str(stack({"r": narrow, "w": narrow})["c"].dtype) == "int8"
    assert stack({"r": narrow, "w": frame_of([2])})["c"].tolist() == [1, 2]


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(min_value=2**53 - 2, max_value=2**53 + 2)
    | st.floats()
    | st.text(max_size=2)
    | st.lists(st.integers(), max_size=1)
)
PARTS = st.lists(st.dictionaries(st.sampled_from(["a", "b", "key", "connection"]), SCALARS), max_size=3)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.sampled_from("rwx"), PARTS))
def test_every_value_is_found_again(named: dict[str, list[dict[str, Json]]]) -> None:
    """Whatever the parts hold, each cell of the stack is the value of its row, or missing."""
    frame = stack({name: to_frame(list(rows)) for name, rows in named.items()})
    rows = [(name, row) for name, part in named.items() for row in part]
    assert len(frame) == len(rows)
    assert frame.columns.is_unique
    assert frame.iloc[:, 0].tolist() == [name for name, _ in rows]
    for label in frame.columns[1:]:
        for (_, row), came_out in zip(rows, frame[label].tolist(), strict=True):
            assert is_same(row.get(label), came_out)
