"""Date-times: which columns become such, and that nothing else does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apigw_magic.frames import parse_dates, to_frame

if TYPE_CHECKING:
    from apigw_magic.models import Json

DATE_TIMES = [
    # text, the same in UTC
    ("2026-03-01T10:00:00Z", "2026-03-01T10:00:00+00:00"),
    ("2026-03-01t10:00:00z", "2026-03-01T10:00:00+00:00"),
    ("2026-03-01 10:00:00Z", "2026-03-01T10:00:00+00:00"),
    ("2026-03-01T10:00:00.5Z", "2026-03-01T10:00:00.500000+00:00"),
    ("2026-03-01T10:00:00.123456Z", "2026-03-01T10:00:00.123456+00:00"),
    ("2026-03-01T10:00:00.123456000Z", "2026-03-01T10:00:00.123456+00:00"),
    ("2026-03-01T10:00:00.000000000000000000Z", "2026-03-01T10:00:00+00:00"),
    ("2026-03-01T10:00:00+09:00", "2026-03-01T01:00:00+00:00"),
    ("2026-03-01T00:30:00.25-03:30", "2026-03-01T04:00:00.250000+00:00"),
    ("2026-03-01T10:00:00-00:00", "2026-03-01T10:00:00+00:00"),
    ("2024-02-29T23:59:59Z", "2024-02-29T23:59:59+00:00"),
    ("1600-01-01T00:00:00Z", "1600-01-01T00:00:00+00:00"),
    ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00+00:00"),
    ("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999+00:00"),
    ("0000-12-31T23:30:00-01:00", "0001-01-01T00:30:00+00:00"),
]

NO_DATE_TIMES = [
    "2026-03-01",
    "10:00:00Z",
    "2026-03-01T10:00:00",
    "2026-03-01T10:00Z",
    "2026-03-01T10:00:00+0900",
    "2026-03-01T10:00:00+09",
    "2026-03-01T10:00:00+09:60",
    "2026-03-01T10:00:00+24:00",
    "2026-03-01T10:00:00.Z",
    "2026-03-01T10:00:00,5Z",
    "2026-03-01T10:00:00.1234567Z",
    "2026-03-01T10:00:000Z",
    "2026-03-01T24:00:00Z",
    "2026-03-01T10:60:00Z",
    "2016-12-31T23:59:60Z",
    "2026-02-30T10:00:00Z",
    "2025-02-29T10:00:00Z",
    "2026-13-01T10:00:00Z",
    "2026-00-01T10:00:00Z",
    "0000-06-01T10:00:00Z",
    "0001-01-01T00:00:00+00:01",
    "9999-12-31T23:59:59-00:01",
    "10000-01-01T00:00:00Z",
    "-2026-03-01T10:00:00Z",
    "20260301T100000Z",
    "2026-W09-7T10:00:00Z",
    "Sun, 01 Mar 2026 10:00:00 GMT",
    "2026-03-01T10:00:00Z ",
    " 2026-03-01T10:00:00Z",
    "2026-03-01T10:00:00Z\n",
    "2026-03-01T10:00:00Z\0",
    "２026-03-01T10:00:00Z",  # noqa: RUF001 - a digit, but none of RFC 3339's
    "1772359200",
    "",
]


def frame_of(**columns: list[Json]) -> pd.DataFrame:
    """Return a frame as an answer would give it."""
    frame = to_frame([dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)])
    assert isinstance(frame, pd.DataFrame)
    return frame


@pytest.mark.parametrize(("text", "instant"), DATE_TIMES)
def test_date_times_are_read_exactly(text: str, instant: str) -> None:
    """Every form of RFC 3339 is the instant it says, to the microsecond."""
    frame, names = parse_dates(frame_of(at=[text]))
    assert names == ("at",)
    assert str(frame["at"].dtype) == "datetime64[us, UTC]"
    assert frame["at"].tolist()[0].isoformat() == instant


@pytest.mark.parametrize("text", NO_DATE_TIMES)
def test_one_other_value_leaves_the_column(text: str) -> None:
    """What is no full date-time, or would have to be rounded, keeps its whole column as it is."""
    frame = frame_of(at=["2026-03-01T10:00:00Z", text])
    same, names = parse_dates(frame)
    assert names == ()
    assert same is frame
    assert same["at"].tolist() == ["2026-03-01T10:00:00Z", text]


def test_columns_are_told_one_by_one() -> None:
    """Missing values are NaT; other columns, the order, the index and `attrs` stay; the frame given is not changed."""
    at = "2026-03-01T10:00:00Z"
    frame = frame_of(
        id=[1, None, 3],
        at=[None, at, "2026-03-01T19:00:00+09:00"],
        text=["a", None, at],
        nothing=[None, None, None],
        mixed=[at, 1, at],
        lists=[[at], [at], None],
        then=[at, at, at],
    )
    frame.attrs["apigw"] = {"status": 200}
    frame.index = pd.Index(["a", "b", "c"])
    before = frame.copy()
    turned, names = parse_dates(frame)
    assert names == ("at", "then")
    assert turned["at"].isna().tolist() == [True, False, False]
    assert turned["at"].iloc[1] == turned["at"].iloc[2] == datetime(2026, 3, 1, 10, tzinfo=UTC)
    assert turned.attrs == {"apigw": {"status": 200}}
    others = [name for name in frame.columns if name not in names]
    pd.testing.assert_frame_equal(turned[others], before[others])
    pd.testing.assert_frame_equal(frame, before)
    assert list(turned.columns) == list(frame.columns)
    assert parse_dates(turned)[1] == ()


def test_columns_of_one_name_are_told_apart() -> None:
    """Columns are taken by position."""
    frame = frame_of(a=["2026-03-01T10:00:00Z"], b=["x"])
    frame.columns = pd.Index(["a", "a"])
    turned, names = parse_dates(frame)
    assert names == ("a",)
    assert [str(dtype)[:8] for dtype in turned.dtypes] == ["datetime", str(frame.dtypes.iloc[1])[:8]]


@pytest.mark.parametrize("frame", [pd.DataFrame(), pd.DataFrame({"a": []}, dtype=object)])
def test_no_rows_no_dates(frame: pd.DataFrame) -> None:
    """A frame without values stays the same object."""
    same, names = parse_dates(frame)
    assert same is frame
    assert names == ()


INSTANTS = st.datetimes(
    min_value=datetime(1, 1, 2),  # noqa: DTZ001 - hypothesis adds the zone
    max_value=datetime(9999, 12, 30),  # noqa: DTZ001 - as above
    timezones=st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes))),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(INSTANTS, min_size=1, max_size=5))
def test_what_python_writes_is_read_back(instants: list[datetime]) -> None:
    """Any instant of any offset comes out as it went in."""
    frame, names = parse_dates(frame_of(at=[instant.isoformat() for instant in instants]))
    assert names == ("at",)
    assert frame["at"].tolist() == instants
