"""Whatever the document: nothing is lost, and the order of keys decides nothing but the order of columns."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from apigw_magic.errors import FrameError
from apigw_magic.frames.records import find_records

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
DOCUMENTS = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=5),
    max_leaves=14,
)


def list_leaves(value: Json, *, with_keys: bool = False) -> Iterator[str]:
    """Yield the scalars of a document that are not null, and its keys if asked for."""
    pending = [value]
    while pending:
        part = pending.pop()
        if isinstance(part, dict):
            pending += part.values()
            if with_keys:
                yield from map(repr, part)
        elif isinstance(part, list):
            pending += part
        elif part is not None:
            yield repr(part)


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


@settings(max_examples=200, deadline=None)
@given(DOCUMENTS.filter(lambda document: isinstance(document, dict | list)))
def test_every_leaf_is_found_again(document: Json) -> None:
    """Each value that is not null stands in the rows, their names or labels, or in the metadata."""
    found = find(document)
    if found is not None:
        kept = set(list_leaves([found.rows, found.meta, found.index], with_keys=True))
        assert set(list_leaves(document)) <= kept


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
