"""Python values as text and JSON."""

from __future__ import annotations

import datetime as dt
import enum
import json
import subprocess
import sys
from collections import OrderedDict, UserString
from decimal import Decimal
from fractions import Fraction
from pathlib import PurePosixPath
from typing import NamedTuple
from uuid import UUID

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apigw_magic.errors import RequestSyntaxError
from apigw_magic.text.values import to_json, to_plain, to_text


class Point(NamedTuple):
    """A tuple with names."""

    x: int
    y: int


class Colour(enum.Enum):
    """An enumeration of texts."""

    RED = "red"


class Level(enum.IntEnum):
    """An enumeration of numbers."""

    HIGH = 3


MISSING: list[object] = [
    None,
    float("nan"),
    np.nan,
    np.float32("nan"),
    pd.NA,
    pd.NaT,
    np.datetime64("NaT", "ns"),
    Decimal("NaN"),
]
MISSING += [Decimal("sNaN"), np.timedelta64("NaT", "ns"), np.ma.masked]

TEXT = [
    ("a b", "a b"),
    ("", ""),
    (np.str_("x"), "x"),
    (True, "true"),
    (np.False_, "false"),
    (0, "0"),
    (2**70, str(2**70)),
    (np.int64(2**62), str(2**62)),
    (np.uint8(7), "7"),
    (0.1, "0.1"),
    (np.float64(42), "42.0"),
    (1e22, "1e+22"),
    (Decimal("1.10"), "1.10"),
    (Decimal("1E+3"), "1E+3"),
    (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
    (Colour.RED, "red"),
    (Level.HIGH, "3"),
    (PurePosixPath("a/b"), "a/b"),
    (dt.date(2024, 2, 29), "2024-02-29"),
    (dt.time(1, 2), "01:02:00"),
    (dt.datetime(2024, 1, 1, tzinfo=dt.UTC), "2024-01-01T00:00:00+00:00"),
    (pd.Timestamp("2024-01-01T00:00:00.000000001"), "2024-01-01T00:00:00.000000001"),
    (np.datetime64("2024-01-01T00:00:00.500000000"), "2024-01-01T00:00:00.5"),
    (np.datetime64("2024-01-01T00:00:00.000000000"), "2024-01-01T00:00:00"),
    (np.datetime64("2024-01"), "2024-01"),
    (np.array(5), "5"),
    (np.array("2024-01-01", dtype="M8[ns]"), "2024-01-01T00:00:00"),
]

JSON: list[tuple[object, str]] = [
    ('é\n"\u2028', '"é\\n\\"\u2028"'),
    (True, "true"),
    (2**70, str(2**70)),
    (0.1, "0.1"),
    (1.0, "1.0"),
    (Decimal("0.10"), "0.10"),
    ([1, None, np.nan], "[1, null, null]"),
    ((1, "a"), '[1, "a"]'),
    (Point(1, 2), "[1, 2]"),
    (range(3), "[0, 1, 2]"),
    ({"a": 1}.keys(), '["a"]'),
    (OrderedDict(a={"b": Decimal("1.0")}), '{"a": {"b": 1.0}}'),
    ({1: "a", dt.date(2024, 1, 1): "b", Colour.RED: "c"}, '{"1": "a", "2024-01-01": "b", "red": "c"}'),
    ({}, "{}"),
    ([], "[]"),
    (np.array([[1, 2], [3, 4]]), "[[1, 2], [3, 4]]"),
    (np.array(["2024-01-01", "NaT"], dtype="M8[ns]"), '["2024-01-01T00:00:00", null]'),
    (pd.Series([1, None], dtype="Int64"), "[1, null]"),
    (pd.Series([2**53 + 1, None], dtype="Int64"), "[9007199254740993, null]"),
    (pd.Series(["a", None]), '["a", null]'),
    (pd.Series(["b", "b"]).unique(), '["b"]'),
    (pd.Series(["x", "y"], dtype="category"), '["x", "y"]'),
    (pd.Index([3, 4]), "[3, 4]"),
    (pd.DatetimeIndex(["2024-01-01", "NaT"]), '["2024-01-01T00:00:00", null]'),
    (pd.DataFrame({"id": [1, 2], "x": ["a", None]}), '[{"id": 1, "x": "a"}, {"id": 2, "x": null}]'),
    (pd.DataFrame({0: [1.5], True: [True]}), '[{"0": 1.5, "true": true}]'),
    (pd.DataFrame({"id": []}), "[]"),
]

REFUSED: list[tuple[object, str]] = [
    (float("inf"), "infinite"),
    (np.float64("-inf"), "infinite"),
    (Decimal("Infinity"), "infinite"),
    ([1, [float("inf")]], "infinite"),
    (b"x", "{{ v }} is a bytes"),
    (b"x", "v.decode()"),
    (np.bytes_(b"x"), "bytes"),
    ({1, 2}, "sorted(v)"),
    (iter([1]), "list(v)"),
    (dt.timedelta(1), "v.total_seconds()"),
    (pd.Timedelta(1, "s"), "v.total_seconds()"),
    (np.timedelta64(1, "s"), "str(v)"),
    (1j, "complex"),
    (Fraction(1, 3), "Fraction"),
    (pd.Period("2024"), "Period"),
    (object(), "{{ v }} is an object"),
    (UserString("a"), "UserString"),
    ({None: 1}, "a key that is no text: None"),
    ({(1, 2): 1}, "(1, 2)"),
    ({1: 0, "1": 0}, "'1' twice"),
    (pd.DataFrame([[1, 2]], columns=["a", "a"]), "Name its columns apart"),
    ("\ud800", "half a character"),
]


@pytest.mark.parametrize("value", MISSING, ids=repr)
def test_missing(value: object) -> None:
    """All that means no value is null in JSON, and refused as text."""
    assert to_json(value, "v") == "null"
    with pytest.raises(RequestSyntaxError, match=r"\{\{ v \}\} is missing"):
        to_text(value, "v")


@pytest.mark.parametrize(("value", "text"), TEXT, ids=repr)
def test_text(value: object, text: str) -> None:
    """A single value has one exact text."""
    assert to_text(value, "v") == text


@pytest.mark.parametrize(("value", "text"), JSON, ids=lambda value: type(value).__name__)
def test_json(value: object, text: str) -> None:
    """A value becomes exact JSON."""
    assert to_json(value, "v") == text
    json.loads(text)


def test_integers_of_any_length() -> None:
    """An integer keeps its digits where Python refuses to write them."""
    assert to_json(10**6000 + 7, "v") == "1" + "0" * 5999 + "7"


@pytest.mark.parametrize(("value", "said"), REFUSED, ids=lambda value: type(value).__name__)
def test_refused(value: object, said: str) -> None:
    """What has no form is refused, with its type and what to write."""
    with pytest.raises(RequestSyntaxError) as caught:
        to_json(value, "v")
    assert said in str(caught.value)


@pytest.mark.parametrize("value", [[1], {"a": 1}, pd.DataFrame({"a": [1]}), np.array([1])])
def test_text_is_of_one_value(value: object) -> None:
    """Several values have no text of their own."""
    with pytest.raises(RequestSyntaxError, match=f"is a {type(value).__name__}, and a single value goes here"):
        to_text(value, "v")


class Broken(PurePosixPath):
    """A path whose text cannot be had."""

    def __str__(self) -> str:
        raise RuntimeError("no\ntext")


@pytest.mark.parametrize("value", [Broken("a"), [Broken("a")], {"a": Broken("a")}])
def test_a_value_whose_own_code_fails(value: object) -> None:
    """What a value of the user's raises is told as what it is: no fault of ours."""
    with pytest.raises(RequestSyntaxError) as caught:
        to_json(value, "v")
    assert str(caught.value) == (
        f"{{{{ v }}}} cannot be read: RuntimeError: no\nIt is a {type(value).__name__}, and its own code failed.\n"
        "Insert its text, or a plain value."
    )


def test_a_list_that_contains_itself() -> None:
    """Nesting without end is refused."""
    endless: list[object] = []
    endless.append(endless)
    with pytest.raises(RequestSyntaxError, match="contains itself"):
        to_plain(endless, "v")


@settings(deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=20,
    )
)
def test_json_reads_back_the_same(value: object) -> None:
    """What JSON can say comes back equal."""
    assert json.loads(to_json(value, "v")) == value


def test_imports_neither_numpy_nor_pandas() -> None:
    """The package works in a process that has loaded neither."""
    code = (
        "import sys, apigw_magic.text as t\n"
        "assert t.expand_text('{{ 1 }}', eval) == '1'\n"
        "assert not {'numpy', 'pandas', 'boto3', 'IPython'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
