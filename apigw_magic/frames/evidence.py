"""Which list of a document holds the rows, told by what stands around it.

A list is a candidate if it is reached through dicts only. An id beside or above it, with no paging key, says that it is
a part of one thing; otherwise its evidence is added up. To know one more sign, add it to `EVIDENCE`.

Of the lists all elements are looked at, for their types alone; the time is linear in what the document holds outside of
them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from apigw_magic.frames.found import fold, split_words
from apigw_magic.frames.head import find_kinds
from apigw_magic.frames.names import ASIDE, OF_THE_CALL, PREFERRED, WRAPPERS
from apigw_magic.frames.paging import has_paging

if TYPE_CHECKING:
    from apigw_magic.models import Json


_IDENTITY = re.compile(
    r"(?i:_?id|@id|arn|urn|uuid|guid)"  # the whole key
    r"|.*(?:[_-](?i:id|arn|uuid|guid)|[a-z0-9](?:I[dD]|A(?:rn|RN)|U(?:uid|UID)|G(?:uid|UID)))",  # its last word
    re.DOTALL,
)


_MOST_LONE = 8
"""Keys of a dict that may all but one name the call."""

_LAST_LETTERS = frozenset("dDnN")
"""Of the words above: most keys need no closer look."""

_CALLS = tuple(OF_THE_CALL)

_DEEPEST = 12
"""Dicts that a list may be inside of; nobody wraps an answer that often."""


@dataclass(frozen=True, slots=True)
class Place:
    """What the dict that holds a list tells about it.

    Attributes:
        paging: whether a paging key stands in the dict.
        paging_above: whether one stands in it or above.
        owned: whether the dict is, or is in, one thing that a key identifies, with no paging key beside that or above.
        owned_above: whether that is so of the dict around it already.
        buried: whether it, or a dict above it, is a thing of its own, not a wrapper around the answer.
        only_key: whether the dict has one key only, but for what names the call.
        integers: the integers that stand in the dict.
    """

    paging: bool
    paging_above: bool
    owned: bool
    owned_above: bool
    buried: bool
    only_key: bool
    integers: frozenset[int]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A list that may be the rows.

    Attributes:
        path: the keys that lead to it.
        rows: its elements.
        place: what stands around it.
    """

    path: tuple[str, ...]
    rows: list[Json]
    place: Place

    @property
    def word(self) -> str:
        """The key it stands under, folded."""
        return fold(self.path[-1])

    @property
    def tabular(self) -> bool:
        """Whether its elements could be records: dicts (and nulls), or none at all."""
        kinds = find_kinds(self.rows)
        return not self.rows or (dict in kinds and kinds <= {dict, type(None)})


Sign: TypeAlias = Callable[[Candidate, str], bool]
"""A sign for a candidate, given the last segment of the URL's path, folded."""


def is_paged(candidate: Candidate, _segment: str) -> bool:
    """Say whether a paging key stands beside it."""
    return candidate.place.paging


def is_counted(candidate: Candidate, _segment: str) -> bool:
    """Say whether an integer beside it equals its length, whatever it is called in whatever language."""
    return len(candidate.rows) in candidate.place.integers


def is_preferred(candidate: Candidate, _segment: str) -> bool:
    """Say whether its key is one that APIs use for rows."""
    return candidate.word in PREFERRED


def is_asked_for(candidate: Candidate, segment: str) -> bool:
    """Say whether its key is the last segment of the URL: `orders` in the answer to `/orders`."""
    return candidate.word == segment


def is_wrapped(candidate: Candidate, _segment: str) -> bool:
    """Say whether it stands in nothing but wrappers, at least one."""
    return len(candidate.path) > 1 and not candidate.place.buried


def is_tabular(candidate: Candidate, _segment: str) -> bool:
    """Say whether its elements could be records."""
    return candidate.tabular


def is_aside(candidate: Candidate, _segment: str) -> bool:
    """Say whether its key ends with a word for what comes with rows: `warnings`, `queryErrors`."""
    return candidate.word in ASIDE or not ASIDE.isdisjoint(split_words(candidate.path[-1])[-1:])


EVIDENCE: tuple[tuple[int, Sign], ...] = (
    (5, is_asked_for),
    (4, is_paged),
    (4, is_preferred),
    (3, is_counted),
    (2, is_tabular),
    (1, is_wrapped),
    (-1, is_aside),
)
"""What each sign weighs."""


def weigh(candidate: Candidate, segment: str) -> int:
    """Return the sum of the evidence for a candidate."""
    return sum(weight for weight, sign in EVIDENCE if sign(candidate, segment))


def is_eligible(candidate: Candidate, segment: str) -> bool:
    """Say whether a candidate may be the rows at all, were it the only one."""
    place = candidate.place
    if is_asked_for(candidate, segment) or place.paging or (place.only_key and not place.buried):
        return True
    if is_aside(candidate, segment):
        return False
    return not place.buried and (candidate.tabular or is_preferred(candidate, segment))


def is_part_of_one_thing(candidate: Candidate, segment: str) -> bool:
    """Say whether an id beside or above the list makes it a property of what the id identifies.

    A paging key below the id says nothing against that: what one thing has many of may come in pages, too. But an id
    beside the list that the URL names says whose it is: `{"tenantId": 7, "users": [...]}` in the answer to `/users`.
    """
    place = candidate.place
    return place.owned and (place.owned_above or not is_asked_for(candidate, segment))


def find_candidates(document: dict[str, Json]) -> list[Candidate]:
    """Return all lists that are reached through few dicts only, in order of appearance."""
    candidates: list[Candidate] = []
    outermost = survey(document, None, wrapper=True)
    pending: list[tuple[tuple[str, ...], Json, Place]] = [
        ((key,), value, outermost) for key, value in reversed(document.items())
    ]
    while pending:
        path, value, place = pending.pop()
        if isinstance(value, list):
            candidates.append(Candidate(path, value, place))
        elif isinstance(value, dict) and len(path) < _DEEPEST:
            wrapper = fold(path[-1]) in WRAPPERS or (place.only_key and is_envelope(value))
            inner = survey(value, place, wrapper=wrapper)
            pending.extend(((*path, key), child, inner) for key, child in reversed(value.items()))
    return candidates


def survey(place: dict[str, Json], above: Place | None, *, wrapper: bool) -> Place:
    """Return what a dict tells about the lists in it; read once per dict, however many lists it holds."""
    paging = has_paging(place)
    paging_above = paging or (above is not None and above.paging_above)
    owned_above = above is not None and above.owned
    return Place(
        paging=paging,
        paging_above=paging_above,
        owned=owned_above or (not paging_above and has_identity(place)),
        owned_above=owned_above,
        buried=not wrapper or (above is not None and above.buried),
        only_key=_is_lone(place),
        integers=frozenset(value for value in place.values() if type(value) is int),
    )


def is_envelope(place: dict[str, Json]) -> bool:
    """Say whether a dict, which is all that the one around it holds, is put around a list: `{"fleet": {"boats": …}}`.

    It is if it holds nothing else, pages, a list of a preferred name, or one whose length it tells.
    """
    if _is_lone(place) or has_paging(place):
        return True
    integers = {value for value in place.values() if type(value) is int}
    return any(
        isinstance(value, list) and (len(value) in integers or fold(key) in PREFERRED) for key, value in place.items()
    )


def has_identity(place: dict[str, Json]) -> bool:
    """Say whether a key of the dict, with a text or an integer as its value, names one thing."""
    return any(type(value) in {str, int} and is_identity(key) for key, value in place.items())


def is_identity(key: str) -> bool:
    """Say whether a key names one thing, and not the call."""
    return key[-1:] in _LAST_LETTERS and _IDENTITY.fullmatch(key) is not None and not _names_call(key)


def _names_call(key: str) -> bool:
    """Say whether a key names the call that was made."""
    return fold(key).endswith(_CALLS)


def _is_lone(place: dict[str, Json]) -> bool:
    """Say whether a dict has one key only, but for what names the call."""
    return len(place) == 1 or (len(place) <= _MOST_LONE and len(place) - sum(map(_names_call, place)) == 1)
