"""Content → frame: slice by slice or in one piece, the same frame, to the last bit."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apigw_magic.errors import FrameError
from apigw_magic.frames.columns import assemble, build_exactly
from apigw_magic.frames.content import SliceReader, tabulate_content
from apigw_magic.frames.decoder import RecordDecoder
from apigw_magic.frames.merge import merge
from apigw_magic.frames.parse import parse
from apigw_magic.frames.records import find_records
from apigw_magic.frames.storage import Storage
from apigw_magic.frames.tabulate import Tabulated, finish, tabulate
from apigw_magic.frames.transpose import UnfitError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from apigw_magic.models import Json


def tabulate_exactly(content: bytes, records: str = "", *, lines: bool = False) -> Tabulated:
    """Return what is to come of a content, by the shortest way: parsed, flattened, built, all of it at once."""
    document = parse(content, lines=lines)
    if not isinstance(document, dict | list):
        return tabulate(document, records=records)
    found = find_records(document, records=records)
    storage = Storage()
    return finish(found, *assemble(build_exactly(found.rows, storage), len(found.rows), storage))


def tabulate_quickly(content: bytes, size: int) -> Tabulated:
    """Return what comes of a content that is read slice by slice."""
    storage = Storage()
    found, parts = SliceReader(storage, RecordDecoder(learns=True), size).read(content, find_records)
    return finish(found, *assemble(merge(parts, storage), len(found.rows), storage))


def describe(outcome: Callable[[], Tabulated]) -> list[str]:
    """Return all that there is to see of an outcome: dtypes, labels, each value with its type; or the error."""
    try:
        done = outcome()
    except FrameError as error:
        return [str(error)]
    value = done.value
    rest = [done.records, repr(done.meta), repr(done.total), done.more, *done.warnings]
    if not isinstance(value, pd.DataFrame):
        return [repr(value), *rest]
    labels = [repr(value.index), repr(value.index.tolist()), repr(value.columns.tolist()), repr(value.columns.dtype)]
    columns = [value.iloc[:, number] for number in range(value.shape[1])]
    return [*labels, *(f"{column.dtype!r} {column.tolist()!r}" for column in columns), *rest]


QUICK = [
    # content that is read slice by slice
    b'[{"a": 1}, {"a": 2}, {"a": 3}, {"a": 4}]',
    b'{"items": [{"a": 1}, {"a": 2}, {"a": 3}, {"a": 4}], "next": "x", "count": 4}',
    b'\xef\xbb\xbf {"items":[{"a":1},{"a":2},{"a":3},{"a":4}]} \n',
    b'{"items": [\n  {\n    "a": 1\n  },\n  {\n    "a": [2, 3]\n  },\n  {\n    "a": null\n  }\n]\n}',
    (
        b'{"facets":[{"f":1}],"items":[{"a":1,"l":[{"a":1},{"a":2}]},{"a":2,"l":[{"a":1},{"a":2},{"a":3}]},{"a":4}],'
        b'"included":[{"a":1}]}'
    ),
    b'{"items":[{"a":NaN},{"a":1.5},{"a":Infinity},{"a":"\\ud83d"},{"a":36893488147419103232},{"b":1}]}',
    b'{"items":[{"a":"},{\\"a\\":[["},{"a":"]"},{"a":"[0,1)"},{"a":"]]"}],"other":{"x":"]}"}}',
    b'{"a":1}\n{"a":2}\n\n{"b":3}\r\n{"a":"\xe2\x80\xa8"}\n{"a":NaN}',
    b'{"items":[{"a":{"b":1,"c":{"d":2}}},{"a":null},{"a":{"c":{"e":[]}}},{"a":{}},{"x":{}}],"total":5}',
    b'{"a":[],"items":[{"a":1},{"a":1.5},{"a":null},{"a":2},{"b":true},{"b":null},{"b":"x"}]}',
    b'{"x":{"items":[{"a":9007199254740993},{"a":0.5},{"a":1},{"a":2},{"a":3}]}}',
    b'{"items":"old","items":[{"a":1,"a":2},{"a":3},{"a":4},{"a":5}]}',
    b'[{"a":{"b":{}}},{"a":null},{},{"a":{}},{"a":{"b":null}},{"a":{"b":{"c":1}}},{"a":{"d":1}},{"a\\"":1}]',
    b'{"Items":[{"k":{"S":"a"}},{"k":{"S":"b"}},{"k":{"N":"1"}}]}',
    (
        b'{"Items":[{"k":{"S":"a"},"n":{"N":"1"}},{"k":{"S":"b"},"n":{"N":"2.5"}},{"k":{"S":"c"},"f":{"BOOL":true}},'
        b'{"k":{"S":"d"},"m":{"M":{"x":{"N":"007"},"l":{"L":[{"S":"y"},{"NULL":true}]}}},"z":{"NULL":true}},'
        b'{"k":{"S":"e"},"m":{"M":{}},"s":{"NS":["1","2"]},"b":{"B":"aGk="},"n":{"N":"-1e2"}}],"Count":5}'
    ),
]

EXACT = [
    # content that must go the exact way
    b'{"items":[{"a":1},{"a":2},{"a":3},{"a":4}],"items":[{"a":5}]}',
    b'{"items":[{"a":{"b":1}},{"a":{"b":2}},{"a":3},{"a":{"c":4}}]}',
    b'{"items":[{"a":1},{"a":2},null,{"a":4},{"a":5}]}',
    b'[{"a":1},{"a":2},3,{"a":4},{"a":5},[],{"a":6}]',
    b'{"items":[{"a":1},{"a":2},{"a":3},{"a":4}',
    b'{"items":[{"a":1},{"a":2},{"a":3},{"a":4}]} more',
    b'{"items":[{"a":1},{"a":2}] ,{"a":3},{"a":4}]}',
    b'{"items":[{"a":1e999},{"a":2},{"a":3},{"a":4}]}',
    b'{"id":7,"lines":[{"a":1},{"a":2},{"a":3},{"a":4}]}',
    b'{"one":[{"a":1},{"a":2},{"a":3},{"a":4}],"two":[{"a":1},{"a":2},{"a":3},{"a":4}]}',
    b'{"x":[{"items":[{"a":1},{"a":2},{"a":3},{"a":4}]}]}',
    b'{"a":1}\n{"a":2}\n[3]\n{"a":4}\n{"a":5}',
    b'{"a":1}\n{"a":2},{"a":3}\n{"a":4}\n{"a":5}',
    b'"' + b'},{"a":1' * 9 + b'"',
    '[{"ü": 1}, {"ü": 2}, {"ü": 3}]'.encode("utf-16"),
    b'{"Items":[{"k":{"S":"a"}},{"k":{"S":"b"}},{"k":{"N":"1","S":"c"}}]}',
    b'{"Items":[{"k":{"S":"a"}},{"k":{"S":"b"}},{"k":{"S":null}}]}',
    b'{"Items":[{"k":{"S":"a"}},{"k":{"S":"b"}},{"k":null}]}',
    b'{"Items":[{"k":{"S":"a"}},{"k":{"S":"b"}},{"k":{}}]}',
    b'{"Items":[{"k":{"N":"1"}},{"k":{"N":"2"}},{"k":{"N":"2,3"}}]}',
    b'{"Items":[{"k":{"N":"1"}},{"k":{"N":"2"}},{"k":{"N":"3 "}}]}',
]


@pytest.mark.parametrize("content", QUICK)
@pytest.mark.parametrize("size", [4, 12, 30])
def test_slices_give_the_same_frame(content: bytes, size: int) -> None:
    """What is read slice by slice is what is read at once, wherever the cuts fall."""
    assert describe(lambda: tabulate_quickly(content, size)) == describe(lambda: tabulate_exactly(content))


@pytest.mark.parametrize("content", EXACT)
def test_what_is_unusual_goes_the_exact_way(content: bytes) -> None:
    """Where slices cannot be proved to be the rows, nothing is made of them."""
    with pytest.raises((UnfitError, FrameError)):
        tabulate_quickly(content, 12)
    assert describe(lambda: tabulate_content(content, size=12)) == describe(lambda: tabulate_exactly(content))


LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([2**53 + 1, 2**63, -(2**63) - 1, 2**64, 0.5, -0.0, 1e300, 2.0**63, float("nan"), float("inf")])
    | st.floats()
    | st.text(max_size=3)
    | st.sampled_from(["]", "[", '"', "}", "},{", '},{"', "\\", "\u2028", "\ud800", "a\nb"])
)
KEYS = st.sampled_from(["a", "b", "c", "a.b", "a.b_", "", ".", "id", "\ud800", "_links", "N"])
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=5
)
ALIKE = st.fixed_dictionaries({"a": LEAVES, "b": st.integers(0, 3), "c": st.text(max_size=2) | st.none()})
NESTED = st.fixed_dictionaries({"a": LEAVES, "n": st.none() | ALIKE}, optional={"m": ALIKE, "x": VALUES})
NUMERALS = st.sampled_from(
    ["1", "-7", "0.5", "1e3", "007", "-0", "9" * 38, "0.1", ".5", "1.", " 1", "1,2", "", "x", "1" * 130]
)
ATTRIBUTES: st.SearchStrategy[Any] = st.recursive(
    st.fixed_dictionaries({"S": st.text(max_size=2)})
    | st.fixed_dictionaries({"N": st.integers().map(str) | st.sampled_from(["0.5", "-2", "1e3", "9" * 38])})
    | st.fixed_dictionaries({"BOOL": st.booleans()})
    | st.just({"NULL": True})
    | st.fixed_dictionaries({"SS": st.lists(st.text(max_size=1), max_size=2)}),
    lambda inner: (
        st.fixed_dictionaries({"L": st.lists(inner, max_size=2)})
        | st.fixed_dictionaries({"M": st.dictionaries(st.sampled_from("ab"), inner, max_size=2)})
    ),
    max_leaves=4,
)
UNTYPED: st.SearchStrategy[Any] = st.sampled_from(
    [
        None,
        {},
        {"S": None},
        {"S": 1},
        {"S": "a", "N": "1"},
        {"NULL": False},
        {"NULL": 1},
        {"N": 1},
        {"X": "a"},
        {"M": []},
    ]
)
TYPED = st.fixed_dictionaries(
    {"S": st.fixed_dictionaries({"S": st.text(max_size=2)}), "N": st.fixed_dictionaries({"N": st.integers().map(str)})},
    optional={
        "B": st.fixed_dictionaries({"BOOL": st.booleans()}),
        "m": st.fixed_dictionaries(
            {"M": st.fixed_dictionaries({"a": st.just({"S": "x"})}, optional={"b": ATTRIBUTES})}
        ),
        "any": ATTRIBUTES,
    },
)
RECORDS: st.SearchStrategy[Sequence[Any]] = (
    st.lists(NESTED, max_size=20)
    | st.lists(TYPED, max_size=20)
    | st.lists(st.dictionaries(KEYS, ATTRIBUTES, max_size=3), max_size=8)
    | st.lists(TYPED | st.fixed_dictionaries({"N": st.fixed_dictionaries({"N": NUMERALS})}), max_size=8)
    | st.lists(TYPED | st.fixed_dictionaries({"S": UNTYPED}), max_size=8)
    | st.lists(st.dictionaries(KEYS, VALUES, max_size=4), max_size=8)
    | st.lists(ALIKE, max_size=12)
    | st.lists(st.fixed_dictionaries({"l": st.lists(ALIKE, max_size=3)}, optional={"a": st.integers()}), max_size=8)
    | st.lists(st.dictionaries(KEYS, VALUES, max_size=4) | VALUES, max_size=8)
)
AROUND = st.dictionaries(st.sampled_from(["count", "next", "id", "total", "errors", "d"]), VALUES, max_size=3)
SPACING = st.sampled_from([(",", ":", None), (", ", ": ", None), (",", ": ", 2), (" ,\t", " :\r\n", None)])


@st.composite
def contents(draw: st.DrawFn) -> bytes:
    """Return the JSON text of a document with records in it, in any spelling, or of lines."""
    rows: list[Json] = list(draw(RECORDS))
    comma, colon, indent = draw(SPACING)
    encoder = json.JSONEncoder(separators=(comma, colon), indent=indent, ensure_ascii=draw(st.booleans()))
    shape = draw(st.sampled_from(["lines", "root", "key", "deep", "twice", "list"]))
    if shape == "lines":
        lines = [json.dumps(row, ensure_ascii=False) for row in rows]
        return draw(st.sampled_from(["\n", "\r\n", "\n\n"])).join(lines).encode("utf-8", "surrogatepass")
    before, after, key = draw(AROUND), draw(AROUND), draw(st.sampled_from(["items", "data", "Items", "x", "_embedded"]))
    document: Json = rows
    if shape != "root":
        document = {**before, key: rows, **after}
    if shape == "deep":
        document = {"result": document, **draw(AROUND)}
    elif shape == "twice":
        document = {**before, "other": list(draw(RECORDS)), key: rows, **after}
    elif shape == "list":
        document = {**before, key: [document], **after}
    text = encoder.encode(document)
    if draw(st.integers(0, 9)) == 0:
        text = text.replace('"b"', '"a"')  # keys that come twice
    return text.encode("utf-8", "surrogatepass")


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """Return the same with a byte more, less or other, or cut off, or with one more such text behind it."""
    content = draw(contents())
    place = draw(st.integers(0, len(content)))
    match draw(st.integers(0, 4)):
        case 0:
            return content[:place]
        case 1:
            return content[:place] + content[place + 1 :]
        case 2:
            return content + draw(contents())
        case 3:
            return (
                content[:place]
                + draw(st.sampled_from([b",", b"]", b"}", b"[", b"{", b'"', b"\n", b"\xff", b"\0"]))
                + content[place:]
            )
    return content[:place] + draw(st.binary(min_size=1, max_size=2)) + content[place + 1 :]


@settings(max_examples=200, deadline=None)
@given(contents() | damaged(), st.sampled_from([1, 5, 20, 60]), st.sampled_from(["", "", "", "items", "$", "x.y"]))
def test_no_content_shows_how_it_was_read(content: bytes, size: int, records: str) -> None:
    """Whatever the content, and wherever the cuts: the frame, the path, the metadata and the error are the same."""
    quick = describe(lambda: tabulate_content(content, records=records, size=size))
    assert quick == describe(lambda: tabulate_exactly(content, records))


def test_one_line_is_lines_where_that_is_said() -> None:
    """One object that comes as lines of JSON is one row, whatever is in it, at any length."""
    content = b'{"items": [%s]}' % b",".join([b'{"a": 1}'] * 20)
    assert len(tabulate_content(content, size=16).value) == 20  # type: ignore[arg-type] # a frame
    done = tabulate_content(content, lines=True, size=16)
    assert isinstance(done.value, pd.DataFrame)
    assert done.value.shape == (1, 1)
