"""Whatever the document: nothing is lost, and the order of keys decides nothing but the order of columns."""

from __future__ import annotations

import contextlib
import itertools
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from apigw_magic.errors import FrameError
from apigw_magic.frames.labels import is_labelled
from apigw_magic.frames.records import find_records
from apigw_magic.frames.tabulate import tabulate

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator

    from apigw_magic.frames.found import Found
    from apigw_magic.models import Json

WORDS = re.findall(
    r"\S+",
    """
    items data id next total_count _embedded _links value @odata.context columns rows index hits _source _id edges node
    cursor pageInfo hasNextPage features geometry properties type attributes relationships object has_more d results
    MetricDataResults Timestamps Values B-1 B-2 body statusCode errors name
    """,
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.floats(allow_nan=False)
    | st.sampled_from(["Feature", "FeatureCollection", "list", "x", "https://h.example/2"])
)
KEPT = ("Feature", "FeatureCollection", "Bundle", "list")
FIRST = 1_000
LEAF = re.compile(r"leaf-[0-9]+|[0-9]{4}\.[05]|^[0-9]{4}$")
DOCUMENTS = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=5),
    max_leaves=14,
)

ROW: st.SearchStrategy[Any] = st.dictionaries(
    st.sampled_from(["a", "id", "name", "cursor", "links"]), SCALARS | st.lists(SCALARS, max_size=2), max_size=3
)
LINKS: st.SearchStrategy[Any] = st.fixed_dictionaries(
    {"next": st.none() | st.just("x")}, optional={"self": st.just("x")}
)


def rows_of(fixed: dict[str, st.SearchStrategy[Any]], **optional: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Return lists of records with these keys, and perhaps those."""
    return st.lists(st.fixed_dictionaries(fixed, optional=optional), min_size=1, max_size=3)


LAID_OUT: st.SearchStrategy[Any] = st.one_of(
    st.fixed_dictionaries(
        {
            "data": rows_of(
                {"type": st.just("x"), "id": st.just("x"), "attributes": ROW}, relationships=ROW, links=LINKS
            )
        },
        optional={"links": LINKS, "included": st.lists(ROW, max_size=1), "meta": ROW},
    ),
    st.fixed_dictionaries(
        {"_embedded": st.fixed_dictionaries({"x": rows_of({"a": SCALARS}, _links=LINKS, _templates=ROW)})}
    ),
    st.fixed_dictionaries({"@odata.context": st.just("x"), "value": rows_of({"a": SCALARS, "@odata.id": SCALARS})}),
    st.fixed_dictionaries(
        {
            "type": st.just("FeatureCollection"),
            "features": rows_of(
                {"type": st.just("Feature"), "geometry": st.none() | ROW, "properties": st.none() | ROW},
                id=SCALARS,
                bbox=ROW,
            ),
        },
        optional={"name": SCALARS},
    ),
    st.fixed_dictionaries(
        {
            "hits": st.fixed_dictionaries(
                {"max_score": SCALARS, "hits": rows_of({"_id": SCALARS, "_source": ROW}, _score=SCALARS)}
            )
        }
    ),
    st.fixed_dictionaries(
        {
            "data": st.fixed_dictionaries(
                {
                    "boats": st.fixed_dictionaries(
                        {"edges": rows_of({"node": ROW}, cursor=SCALARS, weight=SCALARS), "pageInfo": ROW}
                    )
                }
            )
        }
    ),
    st.fixed_dictionaries(
        {"resourceType": st.just("Bundle"), "entry": rows_of({"fullUrl": SCALARS, "resource": ROW})},
        optional={"link": ROW},
    ),
    st.fixed_dictionaries({"Items": rows_of({"S": st.fixed_dictionaries({"S": st.just("x")})}, B=ROW)}),
)


def mark(value: Json, numbers: Iterator[int]) -> Json:
    """Return a document with another value at each leaf: numbers from 1,000 on and texts that begin with `leaf-`.

    Null, booleans and the words that layouts go by stay.
    """
    if isinstance(value, dict):
        return {key: mark(part, numbers) for key, part in value.items()}
    if isinstance(value, list):
        return [mark(part, numbers) for part in value]
    if isinstance(value, bool) or value is None or value in KEPT:
        return value
    number = next(numbers)
    return f"leaf-{number}" if isinstance(value, str) else number if isinstance(value, int) else number + 0.5


def list_leaves(value: object) -> Iterator[str]:
    """Yield the leaves that `mark` made, wherever they are, once for each time; a number as the float it equals."""
    pending = [value]
    while pending:
        part = pending.pop()
        if isinstance(part, dict):
            pending += part.values()
        elif isinstance(part, list):
            pending += part
        elif isinstance(part, str):
            yield from LEAF.findall(part)
        elif isinstance(part, int | float) and part >= FIRST:
            yield str(float(part))


def shuffle(value: Json, chance: random.Random) -> Json:
    """Return a document with the keys of all its objects in another order."""
    if isinstance(value, list):
        return [shuffle(part, chance) for part in value]
    if not isinstance(value, dict):
        return value
    keys = list(value)
    chance.shuffle(keys)
    return {key: shuffle(value[key], chance) for key in keys}


def find(document: Json) -> Found | None:
    """Return what is found, or None if it cannot be told."""
    assert isinstance(document, dict | list)
    try:
        return find_records(document)
    except FrameError:
        return None


@settings(max_examples=400, deadline=None)
@given(LAID_OUT | DOCUMENTS.filter(lambda document: isinstance(document, dict | list)))
def test_every_leaf_is_found_again(document: Json) -> None:
    """Each value stands in a cell, a label or the metadata, and none stands there twice."""
    marked = mark(document, itertools.count(FIRST))
    with contextlib.suppress(FrameError):
        table = tabulate(marked)
        frame = table.value
        assert isinstance(frame, pd.DataFrame)
        cells = [frame.iloc[:, place].tolist() for place in range(frame.shape[1])]
        labels = [frame.index.tolist() if is_labelled(frame) else [], frame.columns.tolist()]
        assert Counter(list_leaves([cells, labels, table.meta])) == Counter(list_leaves(marked))


@settings(max_examples=200, deadline=None)
@given(DOCUMENTS.filter(lambda document: isinstance(document, dict | list)), st.randoms(use_true_random=False))
def test_the_order_of_keys_decides_nothing(document: Json, chance: random.Random) -> None:
    """The same rows are found, and as many; records under ids stand in the order of these."""
    found, other = find(document), find(shuffle(document, chance))
    assert (found is None) == (other is None)
    if found is None or other is None:
        return
    if found.index is None or other.index is None:
        assert found.rows == other.rows
    else:
        labelled = list(zip(other.index, other.rows, strict=True))
        assert len(found.rows) == len(labelled)
        assert all(pair in labelled for pair in zip(found.index, found.rows, strict=True))
    assert found.total == other.total
    assert bool(found.more) is bool(other.more)
    assert found.path.partition(" (")[0] == other.path.partition(" (")[0]
