"""Document → frame in one call: whole answers of invented APIs."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apigw_magic import frames
from apigw_magic.errors import FrameError
from apigw_magic.frames import Tabulated, parse, tabulate, to_frame

if TYPE_CHECKING:
    from apigw_magic.models import Json

TEXT = str(pd.Series(["a"]).dtype)

ANSWERS = [
    # content, path of the rows, number of rows, columns and dtypes, keys of the metadata
    (
        (
            b'{"Items": [{"pk": "B#1", "temp": 3.5, "crew": 4, "tags": ["x", "y"], "port": {"code": "OSL", "pier": 3}},'
            b' {"pk": "B#1", "temp": null, "crew": 2, "tags": [], "port": {"code": "BGO", "pier": 1}, "fault": "oil"}],'
            b' "Count": 2, "ScannedCount": 9, "LastEvaluatedKey": {"pk": "B#1"}}'
        ),
        "Items",
        2,
        {
            "pk": TEXT,
            "temp": "float64",
            "crew": "int64",
            "tags": "object",
            "port.code": TEXT,
            "port.pier": "int64",
            "fault": TEXT,
        },
        ["Count", "ScannedCount", "LastEvaluatedKey"],
    ),
    (
        (
            b'{"total_count": 812, "incomplete_results": false, "items": [{"id": 5, "port": {"id": 1}, "flag": null},'
            b' {"id": 6, "port": {"id": 2}, "flag": {"iso": "NO"}}]}'
        ),
        "items",
        2,
        {"id": "int64", "port.id": "int64", "flag.iso": TEXT},
        ["total_count", "incomplete_results"],
    ),
    (
        (
            b'{"object": "list", "has_more": true, "data": [{"id": "b_1", "notes": {"k": "v"}, "legs": {"data": [{}],'
            b' "has_more": false}}, {"id": "b_2", "notes": {}, "legs": {"data": [], "has_more": false}}]}'
        ),
        "data",
        2,
        {"id": TEXT, "notes.k": TEXT, "legs.data": "object", "legs.has_more": "bool"},
        ["object", "has_more"],
    ),
    (
        b'{"id": 77, "name": "Ida", "port": {"geo": {"lat": 59.9}}, "roles": ["mate"], "trips": [{"n": 1}]}',
        "$",
        1,
        {"id": "int64", "name": TEXT, "port.geo.lat": "float64", "roles": "object", "trips": "object"},
        [],
    ),
    (
        (
            b'{"data": [{"id": 9007199254740993, "ref": "1344900117571260918", "wei": 36893488147419103232, "seq": 1},'
            b' {"id": 9007199254740995, "ref": "1344900117571260919", "wei": 1, "seq": null}]}'
        ),
        "data",
        2,
        {"id": "int64", "ref": TEXT, "wei": "object", "seq": "Int64"},
        [],
    ),
    (b'["NOK", "SEK", null]', "$", 3, {"value": TEXT}, []),
    (b'{"items": [], "total": 0, "page": 1, "next": null}', "items", 0, {}, ["total", "page", "next"]),
    (
        b'{"ts": "09:00", "user": {"id": 1}, "ms": 12}\n\n{"ts": "09:01", "user": {"id": 2}, "ms": null, "rows": 3}\n',
        "$",
        2,
        {"ts": TEXT, "user.id": "int64", "ms": "Int64", "rows": "Int64"},
        [],
    ),
]


@pytest.mark.parametrize(("content", "path", "count", "dtypes", "meta"), ANSWERS)
def test_whole_answers(content: bytes, path: str, count: int, dtypes: dict[str, str], meta: list[str]) -> None:
    """Rows, columns, dtypes and metadata of answers as they come."""
    table = tabulate(parse(content))
    assert isinstance(table.value, pd.DataFrame)
    assert (table.records, len(table.value), list(table.meta)) == (path, count, meta)
    assert {str(name): str(dtype) for name, dtype in table.value.dtypes.items()} == dtypes
    assert list(table.value.columns) == list(dtypes)


@pytest.mark.parametrize("scalar", [42.5, 1, True, "text", "", None])
def test_scalars_are_themselves(scalar: float | str | None) -> None:
    """A document that is one value gives that value, no frame."""
    assert tabulate(scalar) == Tabulated(scalar, "$")
    assert to_frame(scalar) is scalar


def test_a_scalar_has_no_paths() -> None:
    """Asking for rows inside a scalar is an error."""
    with pytest.raises(FrameError, match="nothing at items: the answer is null"):
        tabulate(None, records="items")


def test_mixed_columns_are_named() -> None:
    """Values of several types stay as received, and a warning names their columns."""
    table = tabulate([{"id": 1, "on": True, "n": 1}, {"id": "2", "on": 0, "n": 2}])
    assert isinstance(table.value, pd.DataFrame)
    assert table.warnings == ("mixed types, kept as received: id, on",)
    assert table.value["on"].tolist() == [True, 0]
    assert table.value["on"].tolist()[0] is True


def test_a_warning_names_few_columns() -> None:
    """Thousands of mixed columns are one short line."""
    names = [f"c{number}" for number in range(3005)]
    table = tabulate([dict.fromkeys(names, 1), dict.fromkeys(names, "1")])
    assert table.warnings == ("mixed types, kept as received: c0, c1, c2, c3, c4 and 3,000 more",)
    assert tabulate([dict.fromkeys(names[:5], 1), dict.fromkeys(names[:5], "1")]).warnings == (
        "mixed types, kept as received: c0, c1, c2, c3, c4",
    )


def test_labels_of_the_rows_become_the_index() -> None:
    """The split layout brings its own index."""
    frame = to_frame({"columns": ["mm"], "index": ["mo", "tu"], "data": [[1], [2]]})
    assert isinstance(frame, pd.DataFrame)
    assert frame.index.tolist() == ["mo", "tu"]


def test_text_of_json_is_parsed_first() -> None:
    """`to_frame` takes the text of a document, or of one object per line."""
    for text in ('[{"a": 1}, {"a": 2}]', '\ufeff{"a": 1}\n{"a": 2}\n'):
        frame = to_frame(text)
        assert isinstance(frame, pd.DataFrame)
        assert frame["a"].tolist() == [1, 2]


def test_the_url_breaks_a_tie() -> None:
    """The last segment of the URL says which of two lists was asked for."""
    document = parse(b'{"boats": [{"hull": "A1"}], "crews": [{"boss": "Noor"}]}')
    assert tabulate(document, segment="crews").records == "crews"
    assert tabulate(document, records="boats").records == "boats"
    with pytest.raises(FrameError, match="--records boats or --records crews"):
        tabulate(document)


def test_the_document_is_not_changed() -> None:
    """Tabulating twice gives the same."""
    content = b'{"_embedded": {"boats": [{"_links": {}, "hull": {"no": 1}}]}, "_links": {"next": {}}}'
    document = parse(content)
    tabulate(document)
    assert document == parse(content)


def test_the_table_of_contents_is_true() -> None:
    """Every public name exists, and is sorted."""
    assert frames.__all__ == sorted(frames.__all__)
    assert all(hasattr(frames, name) for name in frames.__all__)


WORDS = st.sampled_from(
    ["items", "data", "id", "next", "count", "_embedded", "value", "columns", "Items", "S", "N", "x"]
)
DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None)
@given(DOCUMENTS, st.sampled_from(["", "$", "data", "data.items", "value.x"]), st.sampled_from(["", "items"]))
def test_nothing_but_a_frame_error_is_raised(document: Json, records: str, segment: str) -> None:
    """Any document is a value, a frame or a `FrameError`."""
    with contextlib.suppress(FrameError):
        table = tabulate(document, records=records, segment=segment)
        assert isinstance(table.value, pd.DataFrame) == isinstance(document, dict | list)


LABELS = [
    # labels of rows, dtype of the index
    ([0, 1], "int64"),
    ([9007199254740993, None], "Int64"),
    ([36893488147419103232, 1], "object"),
    (["01", "02"], TEXT),
    (["\ud83d", "a"], None),
    ([0.5, 9007199254740993], "object"),
    ([True, False], "bool"),
]


@pytest.mark.parametrize(("labels", "dtype"), LABELS)
def test_labels_of_rows_keep_their_values(labels: list[Json], dtype: str | None) -> None:
    """An index is as exact as a column."""
    document: Json = {"columns": ["a"], "data": [[1], [2]], "index": labels}
    frame = to_frame(document)
    assert isinstance(frame, pd.DataFrame)
    assert dtype is None or str(frame.index.dtype) == dtype
    assert [None if label is pd.NA else label for label in frame.index] == labels
