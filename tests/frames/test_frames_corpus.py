"""Answers that the operations of AWS would give, made from their models: is the right list found, is one thing one row?

The names that evidence goes by (`names`) are from elsewhere. Services are split by a hash of their name: one half was
looked at while the rules were made, the other was not, and the thresholds hold for that one.
"""

from __future__ import annotations

from collections import Counter
from functools import cache

import pytest

from apigw_magic.errors import FrameError
from apigw_magic.frames import names
from apigw_magic.frames.records import find_records
from tests.frames.corpus import Sample, is_held_out, make_samples, read_services


def judge(sample: Sample) -> str:
    """Return whether the rows of an answer are found where they are."""
    try:
        path = find_records(sample.document).path
    except FrameError:
        return "undecided"
    return "right" if path == sample.path else "wrong"


@cache
def score() -> dict[tuple[bool, str], Counter[str]]:
    """Return how often the rows are found, for each half and kind of operation."""
    scores = {(half, kind): Counter[str]() for half in (False, True) for kind in ("list", "entity")}
    for service, model, pagination in read_services():
        for sample in make_samples(service, model, pagination):
            scores[is_held_out(service), "entity" if sample.path == "$" else "list"][judge(sample)] += 1
    return scores


@pytest.mark.parametrize("held_out", [False, True])
def test_lists_are_found(held_out: bool) -> None:  # noqa: FBT001 - a column of a table
    """Of the paginated operations at least 98.5 % are read right and at most 0.3 % wrong."""
    found = score()[held_out, "list"]
    assert found.total() > 1000
    assert found["right"] >= 0.985 * found.total()
    assert found["wrong"] <= 0.003 * found.total()


@pytest.mark.parametrize("held_out", [False, True])
def test_one_thing_is_one_row(held_out: bool) -> None:  # noqa: FBT001 - a column of a table
    """Of the operations that describe one thing at most 2 % are taken for a table."""
    found = score()[held_out, "entity"]
    assert found.total() > 400
    assert found["wrong"] <= 0.02 * found.total()
    assert found["undecided"] <= 0.02 * found.total()


def test_there_are_few_names() -> None:
    """Evidence is structure; at most 60 names tell apart what structure leaves open."""
    assert len(frozenset[str]().union(*(table for table in vars(names).values() if isinstance(table, frozenset)))) <= 60
