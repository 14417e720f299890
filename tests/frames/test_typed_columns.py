"""DynamoDB's items by columns: what comes of each item alone, or nothing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from apigw_magic.frames.decoder import RecordDecoder
from apigw_magic.frames.merge import merge
from apigw_magic.frames.storage import Storage
from apigw_magic.frames.transpose import UnfitError
from apigw_magic.frames.typed import unwrap_item
from apigw_magic.frames.typed_columns import transpose_items

if TYPE_CHECKING:
    from apigw_magic.frames.decoder import Records
    from apigw_magic.models import Json


def read_both(items: list[Json]) -> list[Records]:
    """Return items as dicts, and as structs."""
    decoder = RecordDecoder(learns=True)
    decoder.learn(items, nullable=False)
    return [items, decoder.read(json.dumps(items).encode())]


@pytest.mark.parametrize(
    "items",
    [
        [{"k": {"S": "a"}}, {"k": {"S": ""}}],
        [{"k": {"N": "1"}}, {"k": {"N": "-2"}}],
        [{"k": {"N": "1"}}, {"k": {"N": "0.25"}}],
        [{"k": {"N": "1e2"}}, {"k": {"N": "007"}}],
        [{"k": {"N": "9" * 38}}, {"k": {"N": "1"}}],
        [{"k": {"BOOL": True}, "b": {"B": "aGk="}}, {"k": {"BOOL": False}}, {"b": {"B": ""}}],
        [{"k": {"NULL": True}}, {"k": {"NULL": True}}],
        [{"k": {"NULL": True}}, {"k": {"S": "a"}}, {"k": {"N": "1"}}, {"x": {"N": "2"}}],
        [{"k": {"SS": ["a"]}}, {"k": {"NS": ["1", "2.5"]}}, {"k": {"L": [{"N": "1"}, {"M": {"a": {"S": "b"}}}]}}],
        [{"k": {"M": {"a": {"S": "b"}, "n": {"M": {"x": {"N": "1"}}}}}}, {"k": {"M": {}}}, {"x": {"S": "y"}}],
    ],
    ids=str,
)
def test_columns_hold_what_the_items_do(items: list[Json]) -> None:
    """By columns as one by one."""
    plain = [unwrap_item(item) for item in items]
    for rows in read_both(items):
        part = transpose_items(rows, Storage())
        assert part.count == part.dicts == len(items)
        values = {merged.name: list(merged.array) for merged in merge([part], Storage())}
        assert values.keys() == {"k", "b", "x", "k.a", "k.n.x"} & values.keys()
        for key in values.keys() & {"k", "b", "x"}:
            there = [row.get(key) if isinstance(row, dict) else None for row in plain]
            assert [
                None if pd.api.types.is_scalar(value) and pd.isna(value) else value for value in values[key]
            ] == there
        if "k.n.x" in values:
            assert values["k.n.x"][0] == 1


@pytest.mark.parametrize(
    "items",
    [
        [{"k": {"S": "a"}}, {"k": {"S": None}}],
        [{"k": {"S": "a"}}, {"k": None}],
        [{"k": {"S": "a"}}, {"k": {}}],
        [{"k": {"S": "a"}}, {"k": {"S": "a", "N": "1"}}, {"k": {}}],
        [{"k": {"S": "a"}}, {"k": {"S": 1}}],
        [{"k": {"S": "a"}}, {}],
        [{}],
        [{"k": {"S": "a"}}, {"k": "a"}],
        [{"k": {"NULL": True}}, {"k": {"NULL": False}}],
        [{"k": {"NULL": True}}, {"k": {"NULL": 1}}],
        [{"k": {"BOOL": 1}}],
        [{"k": {"N": "1"}}, {"k": {"N": "1,2"}}, {"k": {"N": ""}}],
        [{"k": {"N": "1"}}, {"k": {"N": "2 "}}],
        [{"k": {"N": "1" * 127}}],
        [{"k": {"N": "1."}}],
        [{"k": {"N": "true"}}],
        [{"k": {"N": "[1"}}, {"k": {"N": "2]"}}],
        [{"k": {"X": "a"}}],
        [{"k": {"M": []}}],
        [{"k": {"M": {"a": 1}}}],
        [{"k": {"L": ["a"]}}],
    ],
    ids=str,
)
def test_what_is_no_item_is_unfit(items: list[Json]) -> None:
    """One value that is none, and the exact way has to tell."""
    for rows in read_both(items):
        with pytest.raises(UnfitError):
            transpose_items(rows, Storage())


def test_maps_go_only_so_deep() -> None:
    """As deep as DynamoDB nests, and no deeper."""
    value: Json = {"S": "a"}
    for _ in range(40):
        value = {"M": {"a": value}}
    with pytest.raises(UnfitError):
        transpose_items([{"k": value}], Storage())
