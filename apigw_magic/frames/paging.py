"""What an answer says of its pages: that it comes in some, that another follows, how many rows there are in all.

Looks at the dicts around the rows and never at the rows; each key is read once.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from apigw_magic.frames.found import fold
from apigw_magic.frames.names import BESIDE, PREFERRED, TOTALS
from apigw_magic.frames.paging_keys import LINKS, SURE, is_last, is_turn, rate, read_words, says_more

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apigw_magic.models import Json

_NEAR = 2
"""How deep below the dicts around the rows what tells of pages stands: `meta.page.total` (JSON:API)."""

_BEGIN_AND_SIZE = (("from", "size"), ("start", "rows"))
"""Words for the part of a list that was asked for which say so together only: of Elasticsearch and Solr."""

_PLAIN = frozenset({"count", "total"})
"""Totals that may also be an amount, or the size of a page."""


def has_paging(place: dict[str, Json]) -> bool:
    """Say whether a key of the dict tells that a list comes in pages, or two that bear each other out."""
    weak: set[str] = set()
    for key, value in place.items():
        rated = rate(key, value)
        if rated >= SURE:
            return True
        if rated:  # a thing may have a next and a previous one
            weak.add("next" if is_turn(key) else key)
    return len(weak) >= SURE


def find_total(document: Json, keys: tuple[str, ...], count: int) -> int | None:
    """Return how many rows there are in all, if the answer says so beyond doubt.

    An integer counts that is no less than the rows that came and stands beside or above them, or in a dict that tells
    about them, under a key that means nothing else (`total_count`, `totalElements`). Under a plain `total` or `count`
    it counts only where paging is spoken of, too, and not only further inside: an order has a total, and may have
    lines that come in pages. A plain `count` that is larger than what came may be the size of a page: it counts if
    there is another page, or that size stands beside it. If two keys say different things, nothing is known.

    Args:
        document: the answer.
        keys: that lead to what holds the rows.
        count: how many rows came.
    """
    places = list(_surround(document, keys))
    outermost = min((_count_common(path, keys) for path, place in places if has_paging(place)), default=len(keys) + 1)
    above = {keys[:depth] for depth in range(outermost)}
    follows = any(_goes_on(key, value) for _, place in places for key, value in place.items())
    told = {
        (fold(key), value)
        for path, place in places
        for key, value in place.items()
        if type(value) is int
        and value >= count
        and _is_total(key, is_sure=path not in above or _is_window(place, count, value))
        and (fold(key) != "count" or value == count or follows or _has_size(place, count, value - 1))
    }
    # Beside a total, a count as large as the page is the page's.
    totals = {value for _, value in told - {("count", count)}} or {value for _, value in told}
    return totals.pop() if len(totals) == 1 else None


def find_more(document: Json, keys: tuple[str, ...]) -> str:
    """Return the path of the key that says that another page follows; empty if none does, or one says the opposite.

    Args:
        document: the answer.
        keys: that lead to what holds the rows.
    """
    told: list[tuple[bool, str]] = []
    for path, place in _surround(document, keys):
        for key, value in place.items():
            says = says_more(key, value)
            if says is False:
                return ""
            if says:
                steps = (*path, key, "next") if read_words(key) in LINKS else (*path, key)
                told.append((isinstance(value, bool), ".".join(steps)))
    # What leads to the next page says more than that there is one.
    return min(told, key=lambda pair: pair[0])[1] if told else ""


def _surround(document: Json, keys: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], dict[str, Json]]]:
    """Yield the dicts from the document to the rows, and those beside that tell about the rows, with their paths."""
    inner = document
    for depth in range(len(keys) + 1):
        if not isinstance(inner, dict):
            return
        next_key = keys[depth] if depth < len(keys) else None
        pending = deque([(keys[:depth], inner)])
        while pending:
            path, place = pending.popleft()
            yield path, place
            pending.extend(
                ((*path, key), child)
                for key, child in place.items()
                if isinstance(child, dict)
                and len(path) < depth + _NEAR
                and (key != next_key or len(path) > depth)
                and not BESIDE.isdisjoint(read_words(key)[-1:])
            )
        inner = inner.get(next_key) if next_key is not None else None


def _count_common(path: tuple[str, ...], keys: tuple[str, ...]) -> int:
    """Return how many keys from the document on two paths have in common."""
    return next((depth for depth, pair in enumerate(zip(path, keys, strict=False)) if pair[0] != pair[1]), len(path))


def _is_total(key: str, *, is_sure: bool) -> bool:
    """Say whether a key names the number of all rows; plain ones only where it is sure that rows are meant."""
    word = fold(key)
    if word in _PLAIN:
        return is_sure
    if word in TOTALS or word == "odatacount":
        return True
    noun = word.removeprefix("total")
    return noun != word and (noun in PREFERRED or noun in {"count", "size"})


def _is_window(place: dict[str, Json], count: int, total: int) -> bool:
    """Say whether beside a total stands which part of that was asked for, and the rows that came fit in it."""
    if any(type(value) is int and _is_size(key) for key, value in place.items()):
        return _has_size(place, count, total)
    numbers = {fold(key): value for key, value in place.items() if type(value) is int}
    for begin, size in _BEGIN_AND_SIZE:
        # The first row is number 0, or 1.
        if numbers.get(size, -1) >= count and 0 <= numbers.get(begin, -1) <= total - count + 1:
            return True
    return any(type(value) is int and read_words(key) == ["offset"] for key, value in place.items())


def _has_size(place: dict[str, Json], least: int, most: int) -> bool:
    """Say whether the size of a page stands in a dict, between two numbers."""
    return any(type(value) is int and least <= value <= most and _is_size(key) for key, value in place.items())


def _is_size(key: str) -> bool:
    """Say whether a key names how many rows a page has at most."""
    words = read_words(key)
    return words in (["limit"], ["page", "size"], ["per", "page"], ["max", "results"])


def _goes_on(key: str, value: Json) -> bool:
    """Say whether a key says that there is another page, before or after this one."""
    words = read_words(key)
    if says_more(key, value) or (is_last(words, value) and not value):
        return True
    if words[-1:] == ["pages"]:
        return type(value) is int and value > 1
    return "prev" in words and bool(value) and rate(key, value) == SURE
