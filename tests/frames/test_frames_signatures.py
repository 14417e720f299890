"""Layouts that are known: one row of the table for each, and near misses that are none."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from apigw_magic.errors import FrameError
from apigw_magic.frames import tabulate
from apigw_magic.frames.records import find_records

if TYPE_CHECKING:
    from apigw_magic.models import Json

BOATS: list[Json] = [{"hull": "A1", "crew": 4}, {"hull": "B2", "crew": 2}]

Row = dict[str, "Json"]

KNOWN: list[tuple[str, Row, str, list[Row], list[str]]] = [
    # what it is, document, path, rows, keys of the metadata
    (
        "JSON:API",
        {
            "data": [
                {
                    "type": "trips",
                    "id": "1",
                    "attributes": {"id": "x", "miles": 3},
                    "relationships": {"boat": {"data": {"type": "boats", "id": "9"}}, "log": {"links": {}}},
                    "links": {"self": "/trips/1"},
                },
                {"type": "trips", "id": "2", "meta": {"seen": 1}},
            ]
        },
        "data",
        [
            {"id": "1", "type": "trips", "id_": "x", "miles": 3, "boat.id": "9"},
            {"id": "2", "type": "trips", "meta": {"seen": 1}},
        ],
        ["data[].links", "data[].relationships"],
    ),
    (
        "JSON:API, one resource",
        {"data": {"type": "trips", "id": "1", "attributes": {"legs": [{"no": 1}]}}},
        "data",
        [{"id": "1", "type": "trips", "legs": [{"no": 1}]}],
        [],
    ),
    (
        "JSON:API, none",
        {"jsonapi": {"version": "1.1"}, "data": [], "included": [{"type": "x", "id": "1"}]},
        "data",
        [],
        ["jsonapi", "included"],
    ),
    (
        "FHIR",
        {
            "resourceType": "Bundle",
            "id": "b1",
            "type": "searchset",
            "total": 120,
            "link": [{"relation": "next", "url": "https://api.example/Boat?page=2"}],
            "entry": [
                {"fullUrl": "https://api.example/Boat/1", "resource": {"resourceType": "Boat", "id": "1"}},
                {
                    "resource": {"resourceType": "Boat", "id": "2", "name": [{"text": "Ada"}]},
                    "search": {"mode": "match"},
                },
            ],
        },
        "entry",
        [
            {"fullUrl": "https://api.example/Boat/1", "resource": {"resourceType": "Boat", "id": "1"}},
            {"resource": {"resourceType": "Boat", "id": "2", "name": [{"text": "Ada"}]}, "search": {"mode": "match"}},
        ],
        ["resourceType", "id", "type", "total", "link"],
    ),
    (
        "FHIR, none",
        {"resourceType": "Bundle", "type": "searchset", "total": 0, "link": [{"relation": "self", "url": "/Boat"}]},
        "entry",
        [],
        ["resourceType", "type", "total", "link"],
    ),
    (
        "HAL",
        {"_links": {}, "_embedded": {"boats": [{"_links": {"self": {"href": "/b/1"}}, "hull": "A1"}]}, "page": {}},
        "_embedded.boats",
        [{"hull": "A1"}],
        ["_links", "page", "_embedded.boats[]._links"],
    ),
    ("HAL, one resource", {"_links": {"self": {"href": "/b/1"}}, "hull": "A1"}, "$", [{"hull": "A1"}], ["_links"]),
    (
        "OData 4",
        {"@odata.context": "$metadata#Boats", "value": [{"@odata.etag": "W/1", "Hull": "A1", "Crew@odata.type": "#I"}]},
        "value",
        [{"Hull": "A1"}],
        ["@odata.context", "value[].@odata.etag", "value[].Crew@odata.type"],
    ),
    (
        "OData 2",
        {"d": {"results": [{"__metadata": {"uri": "/Boats(1)"}, "Hull": "A1"}], "__count": "9"}},
        "d.results",
        [{"Hull": "A1"}],
        ["d", "d.results[].__metadata"],
    ),
    (
        "GeoJSON",
        {
            "type": "FeatureCollection",
            "features": [
                {
                    "type": "Feature",
                    "id": 7,
                    "geometry": {"type": "Point", "coordinates": [10.7, 59.9]},
                    "properties": {"depth": 4, "id": "x"},
                },
                {"type": "Feature", "geometry": None, "properties": None},
            ],
        },
        "features",
        [
            {"id": 7, "geometry": {"type": "Point", "coordinates": [10.7, 59.9]}, "depth": 4, "id_": "x"},
            {"geometry": None},
        ],
        ["type", "features[].type"],
    ),
    (
        "Elasticsearch",
        {
            "took": 3,
            "_shards": {"total": 5},
            "hits": {
                "total": {"value": 2, "relation": "eq"},
                "hits": [{"_index": "b", "_id": "1", "_source": {"hull": "A1", "_id": "own"}, "sort": [1]}],
            },
        },
        "hits.hits",
        [{"_index": "b", "_id": "1", "hull": "A1", "_id_": "own", "sort": [1]}],
        ["took", "_shards", "hits"],
    ),
    (
        "GraphQL",
        {
            "data": {
                "fleet": {
                    "boats": {
                        "edges": [{"cursor": "a", "node": {"hull": "A1"}}, {"cursor": "b", "node": None}],
                        "pageInfo": {"hasNextPage": False},
                    }
                }
            }
        },
        "data.fleet.boats.edges",
        [{"hull": "A1"}, {}],
        ["data", "data.fleet.boats.edges[].cursor"],
    ),
    (
        "CloudWatch metric data",
        {
            "MetricDataResults": [
                {"Id": "m1", "Label": "load", "Timestamps": ["09:00", "09:05"], "Values": [1.5, 2.0], "Messages": []},
                {"Id": "m2", "Label": "heat", "Timestamps": ["09:00"], "Values": [30.0]},
                {"Id": "m3", "Label": "none", "Timestamps": [], "Values": []},
            ],
            "Messages": [],
        },
        "MetricDataResults",
        [
            {"Id": "m1", "Label": "load", "Timestamps": "09:00", "Values": 1.5},
            {"Id": "m1", "Label": "load", "Timestamps": "09:05", "Values": 2.0},
            {"Id": "m2", "Label": "heat", "Timestamps": "09:00", "Values": 30.0},
        ],
        ["MetricDataResults", "Messages"],
    ),
    (
        "Stripe-like list",
        {"object": "list", "url": "/v1/boats", "has_more": False, "data": BOATS, "id": "ls_1"},
        "data",
        [{"hull": "A1", "crew": 4}, {"hull": "B2", "crew": 2}],
        ["object", "url", "has_more", "id"],
    ),
    (
        "DynamoDB, typed",
        {
            "Items": [
                {
                    "pk": {"S": "A1"},
                    "n": {"N": "12345678901234567890123"},
                    "x": {"N": "1.5"},
                    "gone": {"NULL": True},
                    "m": {"M": {"k": {"BOOL": False}}},
                    "l": {"L": [{"N": "-1"}, {"S": "b"}]},
                    "ns": {"NS": ["1", "2.5"]},
                    "b": {"B": "aGk="},
                }
            ],
            "Count": 1,
        },
        "Items",
        [
            {
                "pk": "A1",
                "n": 12345678901234567890123,
                "x": 1.5,
                "gone": None,
                "m": {"k": False},
                "l": [-1, "b"],
                "ns": [1, 2.5],
                "b": "aGk=",
            }
        ],
        ["Count"],
    ),
    ("DynamoDB, one item", {"Item": {"pk": {"S": "A1"}}}, "Item", [{"pk": "A1"}], []),
    (
        "columns and data",
        {"columns": ["day", "mm", "mm"], "index": [10, 20], "data": [["mo", 3.5, 1], ["tu", None, 2]]},
        "$ (columns+data)",
        [{"day": "mo", "mm": 3.5, "mm_": 1}, {"day": "tu", "mm": None, "mm_": 2}],
        [],
    ),
    (
        "columns with types and rows, in a wrapper",
        {"result": {"columns": [{"name": "a", "type": "int"}], "rows": [[1], [2]], "took": 5}},
        "result.rows",
        [{"a": 1}, {"a": 2}],
        ["result"],
    ),
    (
        "parallel lists",
        {"gauge": "g1", "times": ["09:00", "09:15"], "levels": [1.5, None]},
        "$ (times, levels)",
        [{"times": "09:00", "levels": 1.5}, {"times": "09:15", "levels": None}],
        ["gauge"],
    ),
    (
        "parallel lists in a dict",
        {"lat": 59.9, "units": {"mm": "mm"}, "hourly": {"time": ["09:00", "10:00"], "mm": [1, 2], "model": "x"}},
        "hourly (time, mm)",
        [{"time": "09:00", "mm": 1}, {"time": "10:00", "mm": 2}],
        ["lat", "units", "hourly"],
    ),
    (
        "records under ids",
        {"B-1": {"hull": "A1", "crew": 4}, "B-2": {"hull": "B2"}},
        "$",
        [{"hull": "A1", "crew": 4}, {"hull": "B2"}],
        [],
    ),
    (
        "records under codes, beside a date",
        {"base": "NOK", "rates": {"EUR": {"buy": 11.5, "sell": 11.7}, "SEK": {"buy": 1.0, "sell": 1.1}}},
        "rates",
        [{"buy": 11.5, "sell": 11.7}, {"buy": 1.0, "sell": 1.1}],
        ["base"],
    ),
    (
        "a row of names",
        {"range": "A1:B3", "values": [["day", "mm"], ["mo", "3.5"], ["tu"]]},
        "values",
        [{"day": "mo", "mm": "3.5"}, {"day": "tu", "mm": None}],
        ["range"],
    ),
    (
        "a Lambda proxy answer",
        {"statusCode": 200, "headers": {"a": "b"}, "body": json.dumps({"Items": BOATS, "Count": 2})},
        "body.Items",
        [{"hull": "A1", "crew": 4}, {"hull": "B2", "crew": 2}],
        ["statusCode", "headers", "body"],
    ),
    (
        "a Lambda proxy answer in base64, of a list",
        {"statusCode": 200, "isBase64Encoded": True, "body": "W3siaHVsbCI6ICJBMSJ9XQ=="},
        "body",
        [{"hull": "A1"}],
        ["statusCode", "isBase64Encoded"],
    ),
]

UNKNOWN: list[tuple[Row, str]] = [
    # looks like a known layout, but is not: path by evidence
    ({"Items": [{"kind": {"S": 1}}], "Count": 1}, "Items"),
    ({"Items": [{"kind": {"N": "one"}}], "Count": 1}, "Items"),
    ({"name": "Ida", "roles": ["a", "b"], "tags": ["x", "y"]}, "$"),
    ({"id": 1, "xs": [1, 2], "ys": [3, 4]}, "$"),
    ({"columns": ["a", "b"], "data": [[1], [2]]}, "data"),
    ({"id": 1, "_embedded": {"boats": BOATS}}, "$"),
    ({"home": {"town": "Moss"}, "work": {"town": "Oslo"}}, "$"),
    ({"s3Store": {"name": "x"}, "ec2Store": {"name": "y"}}, "$"),
    ({"id": 1, "prices": {"EUR": {"buy": 1}, "SEK": {"buy": 2}}}, "$"),
    ({"statusCode": 200, "body": "plain text"}, "$"),
    ({"statusCode": 200, "body": "[1]", "boats": BOATS}, "boats"),
    ({"type": "FeatureCollection", "boats": BOATS}, "boats"),
    ({"object": "list", "data": BOATS, "id": 1}, "$"),
]


@pytest.mark.parametrize(
    ("document", "path", "rows", "meta"), [known[1:] for known in KNOWN], ids=[k[0] for k in KNOWN]
)
def test_known_layouts_are_recognised(document: Row, path: str, rows: list[Row], meta: list[str]) -> None:
    """Rows come out plain, and what is not data is in the metadata; the path that is told leads there again."""
    found = find_records(document)
    assert (found.path, found.rows, list(found.meta)) == (path, rows, meta)
    assert [list(row) for row in found.rows if isinstance(row, dict)] == [list(row) for row in rows]
    if path != "$":
        assert find_records(document, records=path).rows == rows


@pytest.mark.parametrize(("document", "path"), UNKNOWN)
def test_near_misses_are_not_recognised(document: Row, path: str) -> None:
    """A layout is recognised only where all of it is there."""
    assert find_records(document).path == path


@pytest.mark.parametrize(
    ("rows", "columns"),
    [
        ([["name", "n"], ["a", 1], ["b", 2]], ["name", "n"]),
        ([["name", "since"], ["a", "2026-01-01"], ["b", ""]], ["name", "since"]),
        ([["n", "n"], [1, 2], [3, 4]], ["n", "n_"]),
        ([["a", "b", "c"], ["x", "y", 1]], ["a", "b", "c"]),
        ([["content-type", "application/json"], ["content-length", "348"]], ["value"]),
        ([["n", "n", "n_", "n"], [1, 2, 3, 4]], ["n", "n__", "n_", "n___"]),
        ([["n", "n", "n", "n", "n", "n_4"], [1] * 6], ["n", "n_", "n__", "n___", "n_5", "n_4"]),
        ([["a", "b"], ["c", "d"]], ["value"]),
        ([["a"], [1]], ["value"]),
        ([["a", "b"], [1, 2, 3]], ["value"]),
        ([["a", "b"], {"a": 1}], ["value"]),
        ([["a", "b"]], ["value"]),
        ([[1, 2], [3, 4]], ["value"]),
        ([["a", None], [1, 2]], ["value"]),
        ([["1", "2"], ["3", "4"]], ["value"]),
    ],
)
def test_a_row_of_names(rows: Json, columns: list[str]) -> None:
    """The first row names the columns only if something below is what a name cannot be."""
    frame = tabulate(rows).value
    assert isinstance(frame, pd.DataFrame)
    assert list(frame.columns) == columns


@pytest.mark.parametrize(
    ("keys", "are_ids"),
    [
        (("7", "12"), True),
        (("sensor-1", "sensor-2"), True),
        (("B_2", "B_3"), True),
        (("ida@example.com", "eva@example.com"), True),
        (("2026-01-30", "2026-01-31"), True),
        (("EUR", "SEK"), True),
        (("home", "work"), False),
        (("billing-address", "shipping-address"), False),
        (("firstPort", "lastPort"), False),
        (("s3Store", "ec2Store"), False),
        (("7",), False),
        (("7", "home"), False),
    ],
)
def test_keys_that_are_data(keys: tuple[str, ...], are_ids: bool) -> None:  # noqa: FBT001 - a column of a table
    """Records stand under ids if all keys are data, and there are several."""
    found = find_records({key: {"town": "Moss", "pier": 4} for key in keys})
    assert (found.index == list(keys)) is are_ids


def test_ids_become_the_index() -> None:
    """Records under their ids keep them as labels; the document itself is one row only if asked for."""
    document: Json = {"B-1": {"crew": 4}, "B-2": {"crew": 2}}
    frame = tabulate(document).value
    assert isinstance(frame, pd.DataFrame)
    assert frame.index.tolist() == ["B-1", "B-2"]
    whole = tabulate(document, records="$").value
    assert isinstance(whole, pd.DataFrame)
    assert whole.columns.tolist() == ["B-1.crew", "B-2.crew"]


def test_several_connections_are_not_guessed() -> None:
    """Of two connections of GraphQL each can be chosen, and its nodes are the rows."""
    edges: Json = {"edges": [{"node": {"hull": "A1"}, "cursor": "a"}], "pageInfo": {}}
    document: dict[str, Json] = {"data": {"boats": edges, "rafts": edges}}
    with pytest.raises(FrameError, match=r"--records data\.boats\.edges or --records data\.rafts\.edges"):
        find_records(document)
    assert find_records(document, records="data.rafts.edges").rows == [{"hull": "A1"}]


@pytest.mark.parametrize(
    ("bundle", "path", "count", "total"),
    [
        ({"type": "searchset", "total": 5}, "entry", 0, 5),  # the count alone was asked for
        ({"type": "searchset", "total": 9, "entry": [{}, {}]}, "entry", 2, 9),
        ({"type": "searchset", "total": 9, "entry": [{"search": {"mode": "match"}}]}, "entry", 1, 9),
        ({"type": "searchset", "total": 9, "entry": [{}, {"search": {"mode": "include"}}]}, "entry", 2, None),
        ({"type": "searchset", "total": 1, "entry": [{}, {}]}, "entry", 2, None),
        ({"type": "searchset", "total": True, "entry": [{}]}, "entry", 1, None),
        ({"type": "transaction-response", "entry": [{"response": {"status": "201"}}]}, "entry", 1, None),
        ({"entry": [{}]}, "entry", 1, None),
        # another's
        ({"price": 5, "parts": BOATS}, "$", 1, None),
        ({"type": "searchset", "entry": {"a": 1}}, "$", 1, None),
    ],
)
def test_bundles_of_fhir(bundle: Row, path: str, count: int, total: int | None) -> None:
    """Its total counts what matches, not what is included with that; without entries its type tells it."""
    found = find_records({"resourceType": "Bundle", "id": "b1", **bundle})
    assert (found.path, len(found.rows), found.total) == (path, count, total)


def test_a_lower_bound_is_no_total() -> None:
    """Elasticsearch counts up to 10,000 only, unless told otherwise."""
    hits: list[Json] = [{"_id": "1", "_source": {}}]
    told: list[tuple[Json, int | None]] = [
        ({"value": 9, "relation": "eq"}, 9),
        ({"value": 9, "relation": "gte"}, None),
        (9, 9),
    ]
    for total, known in told:
        assert find_records({"hits": {"total": total, "hits": hits}}).total == known


def test_a_wide_layout_has_a_short_path() -> None:
    """Thousands of parallel lists are not all named in the path, which takes the same rows when it is given."""
    document: dict[str, Json] = {f"c{number}": [1, 2] for number in range(3000)}
    found = find_records(document)
    assert found.path == "$ (c0, c1, c2, c3, c4 and 2,995 more)"
    assert find_records(document, records=found.path) == found


@pytest.mark.parametrize("count", [40, 400])
def test_deep_documents_are_one_row(count: int) -> None:
    """What stands deeper than anyone wraps an answer is not searched, and costs no recursion."""
    document: Json = BOATS
    for _ in range(count):
        document = {"inner": document}
    assert isinstance(document, dict)
    assert find_records(document).path == "$"


def test_large_documents_are_read_once() -> None:
    """A hundred thousand levels, and as many keys, are searched without recursion."""
    document: dict[str, Json] = {"end": 1}
    for _ in range(100_000):
        document = {"a": document}
    assert find_records(document).path == "$"
    while isinstance(inner := document.get("a"), dict):  # Python would take the levels apart by recursion
        document = inner
    keyed: dict[str, Json] = {f"k{number}": {"hull": "A1"} for number in range(100_000)}
    assert len(find_records(keyed).rows) == 100_000
