"""What an answer says of its pages: that it comes in some, that another follows, how many rows there are in all.

Looks at the dicts around the rows and never at the rows; each key is read once.
"""

from __future__ import annotations

import re
from collections import deque
from typing import TYPE_CHECKING

from apigw_magic.frames.found import LONGEST_KEY, fold, split_words
from apigw_magic.frames.names import BESIDE, ENDS, PAGING, PREFERRED, TOTALS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apigw_magic.models import Json

_NEAR = 2
"""How deep below the dicts around the rows what tells of pages stands: `meta.page.total` (JSON:API)."""

_TURNS = frozenset({"next", "prev", "previous"})
"""Words that name another page, whatever stands between them and the end of the key."""

_SHORTEST_TOKEN = 16

_HINT = re.compile("|".join(sorted({"links", *PAGING})))
"""Is in every key of paging, folded: most keys need no closer look."""

_PLAIN = frozenset({"count", "total"})
"""Totals that may also be an amount, or the size of a page."""


def has_paging(place: dict[str, Json]) -> bool:
    """Say whether a key of the dict tells that a list comes in pages."""
    return any(_is_paging(key, value) for key, value in place.items())


def find_total(document: Json, keys: tuple[str, ...], count: int) -> int | None:
    """Return how many rows there are in all, if the answer says so beyond doubt.

    An integer counts that is no less than the rows that came and stands beside or above them, or in a dict that tells
    about them, under a key that means nothing else (`total_count`, `totalElements`). Under a plain `total` or `count`
    it counts only where paging is spoken of, too, and not only further inside: an order has a total, and may have
    lines that come in pages. If two keys say different things, nothing is known.

    Args:
        document: the answer.
        keys: that lead to what holds the rows.
        count: how many rows came.
    """
    places = list(_surround(document, keys))
    outermost = min((_count_common(path, keys) for path, place in places if has_paging(place)), default=len(keys) + 1)
    above = {keys[:depth] for depth in range(outermost)}
    told = {
        (fold(key), value)
        for path, place in places
        for key, value in place.items()
        if type(value) is int and value >= count and _is_total(key, is_sure=path not in above)
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
    told: list[str] = []
    for path, place in _surround(document, keys):
        for key, value in place.items():
            says = _says_more(key, value)
            if says is False:
                return ""
            if says:
                told.append(".".join((*path, key, "next") if split_words(key) == ["links"] else (*path, key)))
    return told[0] if told else ""


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
                and not BESIDE.isdisjoint(split_words(key)[-1:])
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


def _is_paging(key: str, value: Json) -> bool:
    """Say whether a key speaks of pages; its value decides where the words alone could mean something else."""
    if len(key) > LONGEST_KEY or _HINT.search(fold(key)) is None:
        return False
    words = split_words(key)
    if words == ["links"]:
        return bool(_find_next(value))
    if len(words) > 1 and fold(key) in PAGING:
        return True
    if not words or words[-1] not in PAGING | ENDS or PAGING.isdisjoint(words):
        return False
    if not _TURNS.isdisjoint(words):
        return len(words) > 1 or not isinstance(value, str) or _is_address(value)
    # One word more is usual (`per_page`, `hasMore`, `endCursor`), but not with what is no word of paging alone.
    most = 0 if "offset" in words or "marker" in words else 1
    fits = bool if "more" in words else int | dict if "page" in words else object
    return len(set(words) - PAGING - ENDS) <= most and isinstance(value, fits)


def _says_more(key: str, value: Json) -> bool | None:
    """Say whether a key says that another page follows (True), that none does (False), or neither (None)."""
    words = split_words(key)
    if words == ["links"]:
        return True if any(_find_next(value)) else None
    if isinstance(value, bool):
        is_flag = "more" in words or words[:2] == ["has", "next"] or words == ["is", "truncated"]
        return value if is_flag and _is_paging(key, value) else None
    if {"next", "evaluated"}.isdisjoint(words) or not _is_paging(key, value):
        return None
    return True if value else None


def _find_next(links: Json) -> list[Json]:
    """Return the links to the next page, null among them: of an object by name, of a list by `rel` (RFC 8288)."""
    if isinstance(links, dict):
        return [links["next"]] if "next" in links else []
    if isinstance(links, list):
        return [link.get("href") for link in links if isinstance(link, dict) and link.get("rel") == "next"]
    return []


def _is_address(text: str) -> bool:
    """Say whether a text could be a URL or a token, not a word."""
    return any(sign in text for sign in "/?=") or len(text) >= _SHORTEST_TOKEN
