"""The beginning of a list tells the truth about the list, or nothing."""

from __future__ import annotations

import copy
import itertools
from typing import TYPE_CHECKING, Any

import pytest

from apigw_magic.frames.head import Head, find_kinds
from apigw_magic.frames.transpose import UnfitError

if TYPE_CHECKING:
    from collections.abc import Callable

WHOLE: list[object] = [{"a": number} for number in range(9)]

TRUE: list[Callable[[Any], object]] = [
    len,
    bool,
    lambda rows: isinstance(rows, list),
    lambda rows: rows[0],
    lambda rows: rows[1],
    lambda rows: rows[:1],
    lambda rows: rows[0:2],
    lambda rows: next(iter(rows)),
    lambda rows: any(isinstance(row, dict) for row in rows),
    lambda rows: all(isinstance(row, int) for row in rows),
    lambda rows: list(itertools.islice(rows, 2)),
]

NOT_KNOWN: list[Callable[[Any], object]] = [
    list,
    tuple,
    sorted,
    copy.copy,
    copy.deepcopy,
    lambda rows: set(map(type, rows)),
    lambda rows: [*rows],
    lambda rows: WHOLE + rows,
    lambda rows: rows + WHOLE,
    lambda rows: rows * 2,
    lambda rows: rows[2],
    lambda rows: rows[-1],
    lambda rows: rows[1:],
    lambda rows: rows[:],
    lambda rows: rows[:-1],
    lambda rows: rows[::2],
    lambda rows: rows[:3],
    lambda rows: rows == WHOLE,
    lambda rows: rows == WHOLE[:2],
    lambda rows: {} in rows,
    lambda rows: rows.index(1),
    lambda rows: rows.count(1),
    lambda rows: rows.copy(),
    lambda rows: list(reversed(rows)),
    lambda rows: list(zip(rows, WHOLE, strict=True)),
    lambda rows: all(isinstance(row, dict) for row in rows),
    lambda rows: any(isinstance(row, int) for row in rows),
    [None].extend,
    lambda rows: rows.append(1),
    lambda rows: rows.pop(),
]


def make_head() -> list[object]:
    """Return the first two of nine."""
    head: list[object] = Head(WHOLE[:2], len(WHOLE), frozenset({dict}))  # type: ignore[arg-type, assignment] # objects
    return head


@pytest.mark.parametrize("ask", TRUE)
def test_what_is_known_is_told(ask: Callable[[list[object]], object]) -> None:
    """The answer is that of the whole list."""
    assert ask(make_head()) == ask(WHOLE)


@pytest.mark.parametrize("ask", NOT_KNOWN)
def test_what_is_not_known_is_refused(ask: Callable[[list[object]], object]) -> None:
    """What would take the whole list, or change it, is an error."""
    with pytest.raises(UnfitError):
        ask(make_head())


def test_kinds_are_those_of_all() -> None:
    """The types of all elements are known without reading them."""
    assert find_kinds(make_head()) == find_kinds(WHOLE) == {dict}  # type: ignore[arg-type] # objects
