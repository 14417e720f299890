"""Whole answers in the shapes that APIs use: every frame as a person would have built it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from apigw_magic.errors import FrameError
from apigw_magic.frames import Tabulated, parse, tabulate

SHAPES = Path(__file__).parent / "shapes"
TEXT = str(pd.Series(["a"]).dtype)

FRAMES = [
    # file, path of the rows, number of rows, columns and dtypes, keys of the metadata
    (
        "dynamodb-plain.json",
        "Items",
        3,
        {
            "pk": TEXT,
            "sk": TEXT,
            "wave_m": "float64",
            "battery": "int64",
            "flags": "object",
            "berth.code": TEXT,
            "berth.pier": "int64",
            "alarm": TEXT,
        },
        ["Count", "ScannedCount", "LastEvaluatedKey"],
    ),
    (
        "json-api.json",
        "data",
        2,
        {
            "id": TEXT,
            "type": TEXT,
            "title": TEXT,
            "miles": "int64",
            "left_at": TEXT,
            "skipper.id": TEXT,
            "stops.id": "object",
        },
        ["jsonapi", "included", "links", "meta", "data[].links", "data[].relationships"],
    ),
    (
        "hal.json",
        "_embedded.trips",
        2,
        {"tripNumber": "int64", "fare": "float64", "currency": TEXT, "state": TEXT},
        ["_links", "page", "_embedded.trips[]._links"],
    ),
    (
        "odata.json",
        "value",
        2,
        {"Code": TEXT, "Level": "float64", "Since": TEXT, "Place.Lat": "float64", "Place.Lon": "float64"},
        ["@odata.context", "@odata.count", "@odata.nextLink", "value[].@odata.etag"],
    ),
    (
        "stripe-like.json",
        "data",
        2,
        {
            "id": TEXT,
            "object": TEXT,
            "fare_due": "int64",
            "currency": TEXT,
            "created": "int64",
            "paid": "bool",
            "metadata.desk": TEXT,
            "legs.object": TEXT,
            "legs.data": "object",
            "legs.has_more": "bool",
        },
        ["object", "url", "has_more"],
    ),
    (
        "search.json",
        "items",
        2,
        {
            "id": "int64",
            "name": TEXT,
            "private": "bool",
            "keeper.login": TEXT,
            "keeper.id": "int64",
            "stars": "int64",
            "topics": "object",
            "licence.key": TEXT,
            "licence.name": TEXT,
            "pushed_at": TEXT,
            "score": "float64",
        },
        ["total_count", "incomplete_results"],
    ),
    ("time-series.json", "$ (times, levels)", 4, {"times": TEXT, "levels": "float64"}, ["metric", "unit", "gauge"]),
    ("split.json", "$ (columns+data)", 3, {"day": TEXT, "port": TEXT, "rain": "float64"}, []),
    (
        "one-thing.json",
        "$",
        1,
        {
            "id": "int64",
            "name": TEXT,
            "mail": TEXT,
            "aboard": "bool",
            "joined_at": TEXT,
            "home.street": TEXT,
            "home.town": TEXT,
            "home.geo.lat": "float64",
            "home.geo.lng": "float64",
            "duties": "object",
            "papers": "object",
        },
        [],
    ),
    ("words.json", "$", 4, {"value": TEXT}, []),
    ("empty.json", "items", 0, {}, ["total", "page", "page_size", "next"]),
    ("mixed.json", "results", 4, dict.fromkeys(("id", "reading", "at", "ok", "more"), "object"), []),
    (
        "large-numbers.json",
        "data",
        2,
        {"id": "int64", "ref": TEXT, "grains": "object", "share": "float64", "seq": "Int64"},
        [],
    ),
    (
        "lines.ndjson",
        "$",
        3,
        {"ts": TEXT, "event": TEXT, "crew.id": "int64", "ms": "Int64", "bags": "Int64"},
        [],
    ),
    (
        "dynamodb-typed.json",
        "Items",
        2,
        {
            "pk": TEXT,
            "wave": "float64",
            "serial": "object",
            "lit": "bool",
            "remark": "object",
            "flags": "object",
            "berth.code": TEXT,
            "berth.pier": "Int64",
            "past": "object",
            "photo": TEXT,
        },
        ["Count", "ScannedCount"],
    ),
    (
        "order.json",
        "$",
        1,
        {"booking_id": "int64", "guest": TEXT, "status": TEXT, "cabins": "object", "total": "float64"},
        [],
    ),
]


def read(name: str) -> Tabulated:
    """Return the answer of a file as a frame."""
    return tabulate(parse((SHAPES / name).read_bytes()))


@pytest.mark.parametrize(("name", "path", "count", "dtypes", "meta"), FRAMES, ids=[frame[0] for frame in FRAMES])
def test_each_shape_has_its_frame(name: str, path: str, count: int, dtypes: dict[str, str], meta: list[str]) -> None:
    """Rows, columns in order, dtypes, index and metadata."""
    table = read(name)
    assert isinstance(table.value, pd.DataFrame)
    assert (table.records, len(table.value), list(table.meta)) == (path, count, meta)
    assert list(map(str, table.value.columns)) == list(dtypes)
    assert {str(column): str(dtype) for column, dtype in table.value.dtypes.items()} == dtypes
    assert table.value.index.tolist() == ([4, 5, 6] if name == "split.json" else list(range(count)))


@pytest.mark.parametrize(("name", "value"), [("number.json", 17.25), ("null.json", None)])
def test_a_value_is_itself(name: str, value: float | None) -> None:
    """A document that is one value is no frame."""
    assert read(name).value == value


def test_two_lists_are_not_guessed() -> None:
    """The error names both, each with the option that chooses it."""
    with pytest.raises(FrameError) as caught:
        read("two-lists.json")
    assert caught.value.fix == "Choose one: --records boats or --records crews."


def test_values_are_exact() -> None:
    """Integers, text and mixed values come out as they stand in the answer."""
    large = read("large-numbers.json").value
    assert isinstance(large, pd.DataFrame)
    assert large["id"].tolist() == [9007199254740993, 9007199254740995]
    assert large["grains"].tolist() == [36893488147419103232, 2]
    assert large["ref"].tolist() == ["00123", "00124"]
    typed = read("dynamodb-typed.json").value
    assert isinstance(typed, pd.DataFrame)
    assert typed["serial"].tolist() == [98765432109876543210987654321098765432, 9]
    assert typed["past"].tolist() == [[1, "x"], []]
    mixed = read("mixed.json")
    assert isinstance(mixed.value, pd.DataFrame)
    assert mixed.value["id"].tolist() == [1, "2", 3, 4]
    assert mixed.warnings == ("mixed types, kept as received: id, reading, at, ok, more",)
    related = read("json-api.json").value
    assert isinstance(related, pd.DataFrame)
    assert related["stops.id"].tolist() == [["11", "12"], []]


def test_what_is_known_of_more_rows() -> None:
    """The envelope says how many there are, or by which key the next page follows."""
    told = {name: (table.total, table.more) for name, *_ in FRAMES if (table := read(name)).total or table.more}
    assert told == {
        "dynamodb-plain.json": (None, "LastEvaluatedKey"),
        "json-api.json": (14, "links.next"),
        "hal.json": (9, "_links.next"),
        "odata.json": (97, "@odata.nextLink"),
        "stripe-like.json": (None, "has_more"),
        "search.json": (845, ""),
    }


def test_lists_of_one_thing_are_named() -> None:
    """One row that holds records of its own says how to get at them."""
    assert read("one-thing.json").warnings == (
        "one row, with lists in cells: papers (2), duties (2); for rows of one of them say --records papers",
    )
