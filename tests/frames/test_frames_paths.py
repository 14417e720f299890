"""`--records` with `[]`: a row per inner element, and whose it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest

from apigw_magic.errors import FrameError
from apigw_magic.frames import tabulate
from apigw_magic.frames.records import find_records

if TYPE_CHECKING:
    from apigw_magic.models import Json

FLEET: dict[str, Json] = {
    "result": {
        "trips": [
            {"trip_id": 1, "boat_id": "A1", "to": "Moss", "legs": [{"no": 1, "nm": 3.5}, {"no": 2}]},
            {"trip_id": 2, "boat_id": None, "to": "Oslo", "legs": []},
            {"trip_id": 3, "boat_id": "B2", "to": "Horten", "legs": [{"no": 1, "nm": 2.0, "crew": {"id": 9}}]},
        ],
        "took": 5,
    },
    "next": "https://api.example/trips?page=2",
}


def rows_at(document: Json, path: str) -> list[Json]:
    """Return the rows at a path."""
    assert isinstance(document, dict | list)
    return find_records(document, records=path).rows


@pytest.mark.parametrize("path", ["result.trips[].legs[]", "result.trips[].legs"])
def test_each_inner_element_is_a_row(path: str) -> None:
    """Its outer element's ids come first; an outer one without inner ones gives no row, and is counted."""
    table = tabulate(FLEET, records=path)
    assert isinstance(table.value, pd.DataFrame)
    assert table.records == "result.trips[].legs[]"
    assert list(table.value.columns) == ["trips.trip_id", "trips.boat_id", "no", "nm", "crew.id"]
    assert table.value["trips.trip_id"].tolist() == [1, 1, 3]
    assert table.value["no"].tolist() == [1, 2, 1]
    assert table.value.dtypes.astype(str)["trips.trip_id"] == "int64"
    assert table.warnings == ("1 of 3 in result.trips have nothing at legs, and so no row",)
    assert table.meta["result.trips[]"] == [
        {"trip_id": 1, "boat_id": "A1", "to": "Moss"},
        {"trip_id": 2, "boat_id": None, "to": "Oslo"},
        {"trip_id": 3, "boat_id": "B2", "to": "Horten"},
    ]
    assert table.meta["result"] == {"took": 5}
    assert (table.total, table.more) == (None, "next")


NESTED: list[tuple[Json, str, list[Json]]] = [
    # a list at the root
    ([{"id": 1, "legs": [{"no": 5}]}], "[].legs[]", [{"parent.id": 1, "no": 5}]),
    ([{"id": 1, "legs": [{"no": 5}]}], "$[].legs[]", [{"parent.id": 1, "no": 5}]),
    # without ids all scalars tell whose it is
    (
        {"a": [{"to": "Moss", "far": True, "at": {}, "legs": [1]}]},
        "a[].legs[]",
        [{"a.to": "Moss", "a.far": True, "value": 1}],
    ),
    # nothing is overwritten
    ({"a": [{"id": 1, "b": [{"a.id": 7, "id": 2}]}]}, "a[].b[]", [{"a.id_": 1, "a.id": 7, "id": 2}]),
    # scalars, nulls, one object, deeper keys
    ({"a": [{"id": 1, "b": ["x", None]}]}, "a[].b[]", [{"a.id": 1, "value": "x"}, {"a.id": 1, "value": None}]),
    ({"a": [{"id": 1, "b": [{"c": 1}, None]}]}, "a[].b[]", [{"a.id": 1, "c": 1}, {"a.id": 1}]),
    ({"a": [{"id": 1, "b": {"c": 1}}, {"id": 2}]}, "a[].b[]", [{"a.id": 1, "c": 1}]),
    ({"a": {"id": 1, "b": [{"c": 1}]}}, "a[].b[]", [{"a.id": 1, "c": 1}]),
    ({"a": [{"id": 1, "d": {"b": [{"c": 1}]}}]}, "a[].d.b[]", [{"a.id": 1, "c": 1}]),
    ({"a": [{"id": 1, "d.b": [{"c": 1}]}]}, "a[].d.b[]", [{"a.id": 1, "c": 1}]),
    # rows that a specification lays out, outside and inside
    ({"Items": [{"id": {"N": "1"}, "b": {"L": [{"S": "x"}]}}]}, "Items[].b[]", [{"Items.id": 1, "value": "x"}]),
    ({"data": [{"type": "t", "id": "1", "attributes": {"b": [2]}}]}, "data[].b[]", [{"data.id": "1", "value": 2}]),
    (
        {"data": [{"type": "t", "id": "1", "attributes": {"b": [2]}}]},
        "data[].attributes.b[]",
        [{"data.id": "1", "value": 2}],
    ),
    ({"a": [{"id": 1, "b": [{"_links": {}, "c": 1}]}]}, "a[].b[]", [{"a.id": 1, "c": 1}]),
    # one level of brackets is the list itself, and a key may be called so
    ({"a": [{"id": 1}], "b": 1}, "a[]", [{"id": 1}]),
    ([{"id": 1}], "[]", [{"id": 1}]),
    ({"a[].b": [{"id": 1}]}, "a[].b", [{"id": 1}]),
]


@pytest.mark.parametrize(("document", "path", "rows"), NESTED)
def test_rows_of_a_path(document: Json, path: str, rows: list[Json]) -> None:
    """What stands where, and which columns tell whose it is."""
    assert rows_at(document, path) == rows


@pytest.mark.parametrize(
    ("path", "what", "fix"),
    [
        ("result.trips.legs", "leads into a list", "Say --records 'result.trips[].legs[]'."),
        ("result.trips.legs[]", "leads into a list", "Say --records 'result.trips[].legs[]'."),
        ("trips[].legs[]", "no list of objects at trips", "Say --records 'result.trips[].legs[]'."),
        ("result.trips[].leg[]", "nothing at leg in result.trips", "Say --records 'result.trips[].legs[]'."),
        ("result.trips[].to[]", "At to stands a single value (str)", "Say --records 'result.trips[].legs[]'."),
        ("result.trips[].legs[].crew[]", "not one level of nesting", "--query"),
        ("result[].took[].x", "not one level of nesting", "--query"),
        ("a[].", "not one level of nesting", "--query"),
        (".".join("a" * 5000), "There is nothing at", "--records result.trips"),
    ],
)
def test_a_wrong_path_says_what_to_write(path: str, what: str, fix: str) -> None:
    """The error names the lists there are, ready to paste."""
    with pytest.raises(FrameError) as caught:
        find_records(FLEET, records=path)
    assert what in caught.value.what
    assert fix in caught.value.fix
    assert len(caught.value.lines) <= 3


def test_order_and_number_are_those_of_the_document() -> None:
    """A thousand parents of zero to four elements each: as many rows, in order."""
    parents: list[Json] = [
        {"id": number, "kids": [{"at": f"{number}/{kid}"} for kid in range(number % 5)]} for number in range(1000)
    ]
    frame = tabulate({"list": parents}, records="list[].kids[]").value
    assert isinstance(frame, pd.DataFrame)
    expected = [f"{number}/{kid}" for number in range(1000) for kid in range(number % 5)]
    assert frame["at"].tolist() == expected
    assert frame["list.id"].tolist() == [int(at.partition("/")[0]) for at in expected]
