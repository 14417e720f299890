"""Records whose keys are known: structs, as exact as dicts, and dicts again where they do not fit."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from apigw_magic.errors import FrameError
from apigw_magic.frames.decoder import RecordDecoder

if TYPE_CHECKING:
    from apigw_magic.models import Json

KNOWN: list[Json] = [{"a": 1, "n": {"x": 1, "y": {}}}, {"a": None, "b c": [], "n": None}, {"n": {"z": {"q": "t"}}}]


def make_decoder() -> RecordDecoder:
    """Return a decoder that knows the keys of `KNOWN`."""
    decoder = RecordDecoder(learns=True)
    decoder.learn(KNOWN)
    return decoder


def spell(record: Any) -> Any:
    """Return what a record holds, keys in the order they were learned; structs as dicts, of what is not None."""
    if isinstance(record, msgspec.Struct):
        values = zip(record.__struct_encode_fields__, msgspec.structs.astuple(record), strict=True)
        return {key: spell(value) for key, value in values if value is not None}
    return record


@pytest.mark.parametrize(
    "rows",
    [
        [{"a": 2**70, "n": {"x": 1.5, "y": {"any": [1]}}}, {}, {"b c": {"d": [{}]}}],
        [{"n": {"z": {"q": None}, "x": "\U0001f600"}, "a": -0.0}],
        [],
    ],
)
def test_records_with_known_keys_are_structs(rows: list[Json]) -> None:
    """They hold the same values under the same keys, whatever their types and order, and none of them is a dict."""
    read = make_decoder().read(json.dumps(rows).encode())
    assert not any(isinstance(record, dict) for record in read)
    dropped = json.loads(json.dumps(rows), object_hook=lambda one: {k: v for k, v in one.items() if v is not None})
    assert [spell(record) for record in read] == dropped


@pytest.mark.parametrize("row", [{"c": 1}, {"n": {"w": 1}}, {"n": []}, 3, None, {"n": {"z": "q"}}])
def test_what_does_not_fit_is_read_as_it_is(row: Json) -> None:
    """One more key, or something else where dicts were, makes dicts of all records of the list."""
    assert make_decoder().read(json.dumps([{"a": 1}, row]).encode()) == [{"a": 1}, row]
    assert make_decoder().read_lines([b'{"a": 1}', json.dumps(row).encode()]) == [{"a": 1}, row]


def test_keys_that_were_missed_are_learned() -> None:
    """A list that did not fit teaches its keys, behind those that are known."""
    decoder = make_decoder()
    decoder.learn([{"late": 1}])
    assert isinstance(decoder.read(b'[{"a":1}]')[0], msgspec.Struct)
    missed = decoder.read(b'[{"late":1,"a":2,"n":{"w":1,"x":2}}]')
    decoder.learn(missed)
    record = decoder.read(b'[{"n":{"w":5},"late":6,"a":7}]')[0]
    assert list(spell(record)) == ["a", "n", "late"]
    assert spell(record) == {"late": 6, "a": 7, "n": {"w": 5}}


@pytest.mark.parametrize(
    "rows",
    [
        [{'quo"te': 1}],
        [{"back\\slash": 1}],
        [{"\ud800": 1}],
        [{f"k{number}": 1} for number in range(9)],
        [{f"k{number}": 1 for number in range(501)}],
        [{}],
        [1],
    ],
)
def test_keys_that_are_not_worth_it_are_left(rows: list[Json]) -> None:
    """Keys that msgspec does not take, very many, or many that most records lack: dicts are read."""
    decoder = RecordDecoder(learns=True)
    decoder.learn(rows)
    content = json.dumps([row for row in rows if isinstance(row, dict)]).encode()
    if b"ud800" not in content:
        assert decoder.read(content) == json.loads(content)
    assert decoder.read_lines([json.dumps(row).encode() for row in rows]) == rows


def test_lessons_come_to_an_end() -> None:
    """Where each list brings new keys, it is given up."""
    decoder = RecordDecoder(learns=True)
    for number in range(20):
        decoder.learn(decoder.read(b'[{"k%d":1}]' % number))
    assert not decoder.learns
    assert decoder.read(b'[{"k1":1}]') == [{"k1": 1}]


def test_structs_may_be_wanted_where_no_null_is() -> None:
    """Where null is not the same as nothing, a record with null for a dict is read as it is."""
    decoder = RecordDecoder(learns=True)
    decoder.learn(KNOWN, nullable=False)
    assert isinstance(decoder.read(b'[{"n":{}}]')[0], msgspec.Struct)
    assert decoder.read(b'[{"n":null}]') == [{"n": None}]


def test_lines_that_are_no_json_are_an_error() -> None:
    """What neither reads is an error; what the standard library reads is read."""
    assert make_decoder().read_lines([b'{"a": 1}', b'{"a": "\\ud800"}']) == [{"a": 1}, {"a": "\ud800"}]
    with pytest.raises(FrameError, match="not JSON"):
        make_decoder().read_lines([b'{"a": 1}', b"{]"])
