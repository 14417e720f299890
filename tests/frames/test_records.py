"""Where the rows are: tables of (document, path), and what cannot be told."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias

import pytest

from apigw_magic.errors import FrameError
from apigw_magic.frames.evidence import has_identity
from apigw_magic.frames.found import subtract
from apigw_magic.frames.records import find_records
from apigw_magic.frames.select import select

if TYPE_CHECKING:
    from apigw_magic.models import Json

    Document: TypeAlias = dict[str, Json] | list[Json]

BOATS: list[Json] = [{"hull": "A1", "crew": 4}, {"hull": "B2", "crew": 2}]
CREWS: list[Json] = [{"boss": "Noor"}]

SIGNS = [
    # document, last URL segment, path, number of rows
    (BOATS, "", "$", 2),
    ([], "", "$", 0),
    (["x", None], "", "$", 2),
    ({}, "", "$", 1),
    ({"hull": "A1", "crew": 4}, "", "$", 1),
    ({"boats": BOATS}, "", "boats", 2),
    ({"boats": []}, "", "boats", 0),
    ({"names": ["Ida", "Eva"]}, "", "names", 2),
    ({"boats": BOATS, "asOf": "2026-01-01"}, "", "boats", 2),
    ({"boats": BOATS, "tags": ["wood"]}, "", "boats", 2),
    ({"boats": BOATS, "warnings": []}, "", "boats", 2),
    ({"boats": BOATS, "errors": CREWS}, "", "boats", 2),
    ({"boats": BOATS, "link": [{"rel": "next", "href": "/b?page=2"}]}, "", "boats", 2),
    ({"errors": CREWS, "ok": False}, "errors", "errors", 1),
    ({"errors": CREWS}, "", "errors", 1),
    ({"data": BOATS, "crews": CREWS}, "", "data", 2),
    ({"boats": BOATS, "crews": CREWS}, "crews", "crews", 1),
    ({"boats": BOATS, "crews": CREWS, "antall": 2}, "", "boats", 2),
    ({"Items": BOATS, "Count": 2, "LastEvaluatedKey": {"id": "B2"}}, "", "Items", 2),
    ({"Items": [], "Count": 0, "ScannedCount": 40}, "", "Items", 0),
    ({"items": [], "total": 0, "next": None}, "", "items", 0),
    ({"TableNames": ["a", "b"], "LastEvaluatedTableName": "b"}, "tablenames", "TableNames", 2),
    ({"data": {"boats": BOATS}, "ok": True}, "", "data.boats", 2),
    ({"fleet": {"boats": BOATS}}, "", "fleet.boats", 2),
    ({"requestId": "9f1c", "boats": BOATS}, "", "boats", 2),
    ({"account_id": 7, "boats": BOATS, "next_token": "t"}, "", "boats", 2),
    ({"boats": BOATS, "pagination": {"page": 1}, "crews": []}, "boats", "boats", 2),
    ({"fleet": {"boats": BOATS, "count": 2, "asOf": "now"}}, "", "fleet.boats", 2),
    ({"fleet": {"items": BOATS, "asOf": "now"}}, "", "fleet.items", 2),
    ({"fleet": {"boats": BOATS, "asOf": "now"}, "nextToken": "t"}, "", "fleet.boats", 2),
    ({"names": ["Ida"], "requestId": "9f1c"}, "", "names", 1),
    ({"warnings": CREWS, "next_token": "t"}, "", "warnings", 1),
    ({"messages": CREWS, "tags": ["a"], "next_token": "t"}, "", "messages", 1),
    ({"boats": BOATS, "loadErrors": CREWS}, "", "boats", 2),
    ({"transactionId": "t", "boats": BOATS}, "boats", "boats", 2),
    ({"order_id": 7, "lines": BOATS}, "lines", "lines", 2),
    ({"tenantId": "t", "boats": BOATS, "total": 2}, "boats", "boats", 2),
    # one thing, whose lists are its properties
    ({"order_id": 7, "lines": BOATS}, "", "$", 1),
    ({"id": "x", "items": BOATS, "total": 30}, "7", "$", 1),
    ({"id": "x", "harbour": {"boats": BOATS}}, "boats", "$", 1),
    ({"FunctionArn": "arn:aws:lambda:eu-west-1:123456789012:function:f", "Layers": CREWS}, "", "$", 1),
    ({"uuid": "6d1e", "detail": {"items": BOATS}}, "", "$", 1),
    ({"name": "Ida", "age": 2, "roles": ["a", "b"]}, "", "$", 1),
    ({"name": "Ida", "config": {"rules": BOATS}}, "", "$", 1),
    ({"a": {"b": 1}, "c": [[1, 2], [3, 4]]}, "", "$", 1),
    ({"ok": True, "warnings": []}, "", "$", 1),
    ({"fleet": {"boats": BOATS, "asOf": "now"}}, "", "$", 1),
    ({"fleet": {"flag": "NO", "plan": {"nodes": BOATS}}}, "", "$", 1),
    ({"id": 7, "homePage": "/x", "pageCount": 300, "chapters": BOATS}, "", "$", 1),
    ({"id": 7, "utcOffset": 60, "legs": BOATS}, "", "$", 1),
    ({"id": "d1", "offset": "+01:00", "channels": BOATS}, "", "$", 1),
    ({"id": "s1", "isLast": True, "actions": BOATS}, "", "$", 1),
    ({"id": 5, "title": "T", "next": {"id": 6}, "tags": BOATS}, "", "$", 1),
    ({"id": "s1", "next": 7, "actions": BOATS}, "", "$", 1),
    ({"id": "s1", "next": 7, "previous": 5, "actions": BOATS}, "", "$", 1),
    ({"id": "d1", "offset": 0.5, "channels": BOATS}, "", "$", 1),
    ({"id": "d1", "offset": 5, "channels": BOATS}, "", "$", 1),
    ({"id": 7, "position": 3, "legs": BOATS}, "", "$", 1),
    ({"id": 7, "skip": 0, "limit": 3, "total": 9, "legs": BOATS}, "", "$", 1),
    ({"id": 7, "from": 0, "size": 5, "total": 9, "legs": BOATS}, "", "$", 1),
    ({"id": 7, "cursor": "arrow", "buttons": BOATS}, "", "$", 1),
    ({"id": 7, "link": {"next": "/chapters/8"}, "verses": BOATS}, "", "$", 1),
    ({"id": 7, "link": [{"relation": "next", "url": "/chapters/8"}], "verses": BOATS}, "", "$", 1),
    # one thing, of whose properties one comes in pages
    ({"id": "t_1", "total": 2000, "legs": {"object": "list", "has_more": False, "data": BOATS}}, "t_1", "$", 1),
    ({"id": "t_1", "amount": 70, "fees": {"object": "list", "has_more": False, "data": [], "url": "/f"}}, "", "$", 1),
    ({"id": "a1", "name": "Sea", "songs": {"items": BOATS, "next": None, "offset": 0, "total": 2}}, "a1", "$", 1),
    ({"id": "9", "title": "T", "children": {"page": {"results": BOATS, "start": 0, "limit": 25}}}, "9", "$", 1),
    ({"id": "9", "fields": {"notes": {"notes": BOATS, "startAt": 0, "maxResults": 2, "total": 2}}}, "9", "$", 1),
    ({"tripId": "A1", "total": 5, "history": {"events": BOATS, "nextToken": "z"}}, "A1", "$", 1),
    ({"id": 7, "boat": {"id": 8, "crews": {"items": CREWS, "page": 1}}}, "", "$", 1),
    ({"next_token": "t", "fleet": {"id": 7, "boats": BOATS}}, "", "fleet.boats", 2),
]

AMBIGUOUS = [
    ({"boats": BOATS, "crews": CREWS}, "--records boats or --records crews"),
    ({"boats": [], "crews": CREWS}, "--records crews or --records boats"),
    ({"boats": [], "crews": []}, "--records boats or --records crews"),
    ({"boats": BOATS, "crews": CREWS, "next": None}, "--records boats or --records crews"),
    ({"items": BOATS, "results": CREWS}, "--records items or --records results"),
    ({"data": {"our boats": BOATS, "crews": CREWS}}, "--records 'data.our boats' or --records data.crews"),
]

PATHS = [
    ("boats", [{"hull": "A1"}], ["a.b", "deep"]),
    ("a.b", [1, 2], ["boats", "deep"]),
    ("deep.a.b", [{"x": 1}], ["boats", "a.b", "deep"]),
    ("deep.one", [{"y": 2}], ["boats", "a.b", "deep"]),
    ("deep.none", [], ["boats", "a.b", "deep"]),
]
BY_PATH: dict[str, Json] = {
    "boats": [{"hull": "A1"}],
    "a.b": [1, 2],
    "deep": {"a.b": [{"x": 1}], "one": {"y": 2}, "none": None},
}


@pytest.mark.parametrize(("document", "segment", "path", "count"), SIGNS)
def test_rows_are_told_by_evidence(document: Document, segment: str, path: str, count: int) -> None:
    """Each sign finds the rows; an id without paging makes one row."""
    found = find_records(document, segment=segment)
    assert (found.path, len(found.rows)) == (path, count)


@pytest.mark.parametrize(("document", "choices"), AMBIGUOUS)
def test_ties_are_not_guessed(document: dict[str, Json], choices: str) -> None:
    """The error lists the options that choose, and each of them works."""
    with pytest.raises(FrameError) as caught:
        find_records(document)
    assert choices in caught.value.fix
    assert len(caught.value.lines) == 3
    for choice in choices.split(" or "):
        path = choice.removeprefix("--records ").strip("'")
        assert find_records(document, records=path).path == path


@pytest.mark.parametrize(("records", "rows", "meta"), PATHS)
def test_the_user_says_where(records: str, rows: list[Json], meta: list[str]) -> None:
    """A path leads through keys, dotted keys too; a dict there is one row, null none."""
    found = find_records(BY_PATH, records=records)
    assert (found.path, found.rows, list(found.meta)) == (records, rows, meta)


def test_the_root_can_be_asked_for() -> None:
    """`$` is the whole document as one row, whatever it contains."""
    assert find_records(BY_PATH, records="$").rows == [BY_PATH]
    assert find_records(BOATS, records="$").rows == BOATS


@pytest.mark.parametrize(
    ("document", "records", "line"),
    [
        (BY_PATH, "boat", "Say --records boats."),
        (BY_PATH, "zzz", "Say --records boats or --records a.b or --records deep.a.b."),
        (BY_PATH, "boats.hull", "--records boats"),
        ({"a": 1}, "a", "leave --records out"),
        (BOATS, "hull", "Leave --records out"),
    ],
)
def test_a_wrong_path_names_near_ones(document: Document, records: str, line: str) -> None:
    """The error says which paths there are."""
    with pytest.raises(FrameError) as caught:
        find_records(document, records=records)
    assert records in caught.value.what
    assert line in caught.value.fix


def test_lists_left_in_cells_are_named() -> None:
    """One row that holds records of its own says how to get at them."""
    found = find_records({"id": 1, "tags": ["a"], "lines": BOATS})
    assert found.warnings == (
        "one row, with lists in cells: lines (2), tags (1); for rows of one of them say --records lines",
    )
    assert find_records({"id": 1, "tags": ["a"]}).warnings == ()


@pytest.mark.parametrize("document", [{"users": [], "groups": BOATS}, {"groups": BOATS, "users": []}])
def test_a_list_with_rows_is_named_before_an_empty_one(document: dict[str, Json]) -> None:
    """Where an empty list could be the rows as well, the error offers the other one first."""
    with pytest.raises(FrameError) as tie:
        find_records(document)
    assert tie.value.what == "2 lists could be the rows: groups (2), users (0)."
    assert tie.value.fix == "Choose one: --records groups or --records users."


@pytest.mark.parametrize(
    ("document", "fix"),
    [
        ([[{"a": 1}], [{"a": 2}]], "Leave --records out; --query '[0]' gives the rows of a list inside."),
        ([{"page": 1}, [{"a": 1}]], "Leave --records out; --query '[1]' gives the rows of a list inside."),
        ([[], [1, 2], [{"a": 1}]], "Leave --records out; --query '[2]' gives the rows of a list inside."),
        ([[], [1, 2]], "Leave --records out; --query '[1]' gives the rows of a list inside."),
        ([{"page": 1}, []], "Leave --records out; --query '[1]' gives the rows of a list inside."),
        ([{"boats": [{"a": 1}]}, {"boats": []}], "Say --records '[].boats[]'."),
        ([{"a": 1}, {"boats": {"a": 2}}], "Leave --records out."),
        ([1, 2], "Leave --records out."),
        ([], "Leave --records out."),
    ],
)
def test_a_path_into_a_list_says_what_to_do(document: list[Json], fix: str) -> None:
    """No path leads into a list at the root; what is said to do instead gives rows."""
    with pytest.raises(FrameError) as caught:
        find_records(document, records="boats")
    assert caught.value.what == "There is nothing at boats: the answer is a list."
    assert caught.value.fix == fix
    query, records = re.search(r"--query '(.+)'", fix), re.search(r"--records '(.+)'", fix)
    selected = select(document, query[1]) if query else document
    assert isinstance(selected, list)
    rows = find_records(selected, records=records[1] if records else "").rows
    assert rows == ([{"a": 1}] if records else selected)


@pytest.mark.parametrize("records", ["", "$"])
def test_an_empty_dict_is_in_the_metadata(records: str) -> None:
    """What gives no column, in the one row that an answer is, is not lost."""
    document: dict[str, Json] = {"UnprocessedItems": {}, "rest": {"a": {}, "b": {"c": {}}}, "id": 7, "tags": []}
    document["half"] = {"a": {}, "b": 1}
    found = find_records(document, records=records)
    assert found.rows == [document]
    assert found.meta == {"UnprocessedItems": {}, "rest": {"a": {}, "b": {"c": {}}}}


def test_messages_name_few_lists() -> None:
    """However many lists there are, five are named, and how many more there are."""
    lists: dict[str, Json] = {f"list{number}": BOATS for number in range(1200)}
    (hint,) = find_records({"id": 1, **lists}).warnings
    assert "lists in cells: list0 (2), list1 (2), list2 (2), list3 (2), list4 (2) and 1,195 more;" in hint
    with pytest.raises(FrameError) as tie:
        find_records(lists)
    assert "1200 lists could be the rows: list0 (2)," in tie.value.what
    assert tie.value.what.endswith("list4 (2) and 1,195 more.")
    assert tie.value.fix.endswith(" or --records list4.")
    with pytest.raises(FrameError) as miss:
        find_records(lists, records="zzz")
    assert miss.value.fix.endswith(" or --records list4; there are 1,195 more.")


def test_a_doubtful_empty_list_is_named() -> None:
    """No rows, told by nothing but an empty list beside other keys, says how to get the rest as a row."""
    assert "--records '$'" in find_records({"name": "Ida", "roles": []}).warnings[0]
    assert find_records({"items": [], "total": 0}).warnings == ()


@pytest.mark.parametrize(
    ("key", "value", "names_one_thing"),
    [
        ("id", 1, True),
        ("_id", "x", True),
        ("ID", "x", True),
        ("order_id", 1, True),
        ("orderId", 1, True),
        ("orderID", 1, True),
        ("order-id", 1, True),
        ("RoleArn", "arn:aws:iam::123456789012:role/r", True),
        ("uuid", "6d1e", True),
        ("id", None, False),
        ("id", True, False),
        ("id", {"x": 1}, False),
        ("paid", 1, False),
        ("valid", "yes", False),
        ("learn", "x", False),
        ("ids", "1,2", False),
        ("RequestId", "9f1c", False),
        ("trace_id", "9f1c", False),
    ],
)
def test_what_names_one_thing(key: str, value: Json, names_one_thing: bool) -> None:  # noqa: FBT001 - a column of a table
    """An id or ARN with a text or integer, but not the request's own."""
    assert has_identity({key: value}) is names_one_thing


def test_subtract_keeps_the_rest() -> None:
    """What is around the rows stays where it stood; a wrapper that held only them goes."""
    document: Json = {"a": {"b": {"rows": [1]}, "x": 1}, "y": 2}
    assert subtract(document, ("a", "b", "rows")) == {"a": {"x": 1}, "y": 2}
    assert subtract({"a": {"b": {"rows": [1]}}}, ("a", "b", "rows")) == {}
    assert document == {"a": {"b": {"rows": [1]}, "x": 1}, "y": 2}


TABLES: list[tuple[str, list[Json], list[Json] | None, list[str]]] = [
    # path, rows, labels, keys of the metadata
    (
        "hourly",
        [{"time": "09:00", "mm": 1}, {"time": "10:00", "mm": 2}],
        None,
        ["lat", "daily", "rates", "in", "hourly"],
    ),
    ("daily", [{"day": "mo", "mm": 3}, {"day": "tu", "mm": 4}], None, ["lat", "hourly", "rates", "in"]),
    ("rates", [{"buy": 1}, {"buy": 2}], ["EUR", "SEK"], ["lat", "hourly", "daily", "in"]),
    ("in.x", [{"a": 1, "b": 2}], None, ["lat", "hourly", "daily", "rates", "in"]),
    (
        "in",
        [{"x": {"columns": ["a", "b"], "data": [[1, 2]], "took": 5}, "y": 1}],
        None,
        ["lat", "hourly", "daily", "rates"],
    ),
]
HOLDS_TABLES: dict[str, Json] = {
    "lat": 59.9,
    "hourly": {"time": ["09:00", "10:00"], "mm": [1, 2], "model": "x"},
    "daily": {"day": ["mo", "tu"], "mm": [3, 4]},
    "rates": {"EUR": {"buy": 1}, "SEK": {"buy": 2}},
    "in": {"x": {"columns": ["a", "b"], "data": [[1, 2]], "took": 5}, "y": 1},
}


@pytest.mark.parametrize(("path", "rows", "labels", "meta"), TABLES)
def test_tables_in_other_shapes_can_be_asked_for(
    path: str, rows: list[Json], labels: list[Json] | None, meta: list[str]
) -> None:
    """A path may lead to lists side by side, or to records under ids; the path that is told leads there again."""
    found = find_records(HOLDS_TABLES, records=path)
    assert (found.path, found.rows, found.index, list(found.meta)) == (path, rows, labels, meta)


def test_tables_in_other_shapes_are_named() -> None:
    """Of an answer that holds several, a line says how to get one."""
    found = find_records(HOLDS_TABLES)
    assert found.path == "$"
    assert found.warnings == ("one row, with tables inside: hourly, daily, rates; for rows say --records hourly",)


def test_the_likeliest_list_is_offered() -> None:
    """Of the lists in cells that one is offered for which most evidence speaks."""
    (line,) = find_records({"id": 7, "tags": [{"a": 1}], "entries": [{"b": 2}]}).warnings
    assert line == "one row, with lists in cells: entries (1), tags (1); for rows of one of them say --records entries"
