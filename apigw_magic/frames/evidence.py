"""Which list of a document holds the rows, told by what stands around it.

A list is a candidate if it is reached through dicts only. An id beside or above it, with no paging key, says that it is
a part of one thing; otherwise its evidence is added up. To know one more sign, add it to `EVIDENCE`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from apigw_magic.frames.found import fold
from apigw_magic.frames.head import find_kinds

if TYPE_CHECKING:
    from apigw_magic.models import Json


def _read(words: str) -> frozenset[str]:
    """Return words that stand in a text as a set."""
    return frozenset(words.split())


PAGING = _read(
    "continuation continuationtoken cursor endcursor hasmore hasnext hasnextpage hasprevious incompleteresults "
    "istruncated lastevaluatedkey limit marker next nextcontinuationtoken nextcursor nextlink nextmarker nextpage "
    "nextpagetoken nexttoken nexturl odatanextlink offset page pageinfo pagination paging pagenumber pages pagesize "
    "perpage prev previous prevpage scannedcount startat totalcount totalelements totalhits totalpages "
    "totalresults truncated"
)
"""Keys, folded, that say a list comes in pages. `total` and `count` are not among them: an order has a total."""

PREFERRED = _read(
    "content contents data documents elements entities entries features hits items list members nodes objects "
    "records resources result results rows value values"
)
"""Keys, folded, that say nothing but: here are the rows."""

WRAPPERS = _read("body data embedded output payload response result results")
"""Keys, folded, of dicts that are put around an answer."""

ASIDE = _read("aggregations alerts errors facets included links messages notices warnings")
"""Keys, folded, of lists that come with the rows, not instead of them."""

OF_THE_CALL = _read(
    "awsrequestid correlationid operationid requestid spanid traceid xamznrequestid xamzntraceid xrequestid"
)
"""Keys, folded, that look like an id but name the request, not a thing."""

_IDENTITY = re.compile(
    r"(?i:_?id|@id|arn|urn|uuid|guid)"  # the whole key
    r"|.*(?:[_-](?i:id|arn|uuid|guid)|[a-z0-9](?:I[dD]|A(?:rn|RN)|U(?:uid|UID)|G(?:uid|UID)))",  # its last word
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Place:
    """What the dict that holds a list tells about it.

    Attributes:
        paging: whether a paging key stands in the dict.
        paging_above: whether one stands in it or above.
        identity_above: whether a key that identifies one thing stands in the dict or above.
        buried: whether there is a dict above it that is no mere wrapper.
        only_key: whether the dict has one key only.
        integers: the integers that stand in the dict.
    """

    paging: bool
    paging_above: bool
    identity_above: bool
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


EVIDENCE: tuple[tuple[int, Sign], ...] = (
    (5, is_asked_for),
    (4, is_paged),
    (4, is_preferred),
    (3, is_counted),
    (2, is_tabular),
    (1, is_wrapped),
)
"""What each sign weighs."""


def weigh(candidate: Candidate, segment: str) -> int:
    """Return the sum of the evidence for a candidate."""
    return sum(weight for weight, sign in EVIDENCE if sign(candidate, segment))


def is_eligible(candidate: Candidate, segment: str) -> bool:
    """Say whether a candidate may be the rows at all, were it the only one."""
    alone = candidate.place.only_key and not candidate.place.buried
    asked_for = is_asked_for(candidate, segment)
    if candidate.word in ASIDE:
        return asked_for or alone
    if asked_for or alone or is_preferred(candidate, segment) or candidate.place.paging:
        return True
    # An integer that equals the length is no accident for records; for ["a", "b"] beside an age of 2 it may be.
    return candidate.tabular and (not candidate.place.buried or is_counted(candidate, segment))


def is_part_of_one_thing(candidate: Candidate) -> bool:
    """Say whether an id beside or above the list makes it a property of what the id identifies."""
    return candidate.place.identity_above and not candidate.place.paging_above


def find_candidates(document: dict[str, Json]) -> list[Candidate]:
    """Return all lists that are reached through dicts only, in order of appearance."""
    candidates: list[Candidate] = []
    outermost = survey(document, None, wrapper=True)
    pending: list[tuple[tuple[str, ...], Json, Place]] = [
        ((key,), value, outermost) for key, value in reversed(document.items())
    ]
    while pending:
        path, value, place = pending.pop()
        if isinstance(value, list):
            candidates.append(Candidate(path, value, place))
        elif isinstance(value, dict):
            wrapper = place.only_key or fold(path[-1]) in WRAPPERS
            inner = survey(value, place, wrapper=wrapper)
            pending.extend(((*path, key), child, inner) for key, child in reversed(value.items()))
    return candidates


def survey(place: dict[str, Json], above: Place | None, *, wrapper: bool) -> Place:
    """Return what a dict tells about the lists in it; read once per dict, however many lists it holds."""
    paging = has_paging(place)
    return Place(
        paging=paging,
        paging_above=paging or (above is not None and above.paging_above),
        identity_above=has_identity(place) or (above is not None and above.identity_above),
        buried=not wrapper or (above is not None and above.buried),
        only_key=len(place) == 1,
        integers=frozenset(value for value in place.values() if type(value) is int),
    )


def has_paging(place: dict[str, Json]) -> bool:
    """Say whether a key of the dict tells that a list comes in pages."""
    return any(fold(key) in PAGING or (fold(key) == "links" and _has_next(value)) for key, value in place.items())


def has_identity(place: dict[str, Json]) -> bool:
    """Say whether a key of the dict, with a text or an integer as its value, names one thing."""
    return any(
        type(value) in {str, int} and _IDENTITY.fullmatch(key) is not None and fold(key) not in OF_THE_CALL
        for key, value in place.items()
    )


def _has_next(links: Json) -> bool:
    """Say whether links lead to a next page."""
    return isinstance(links, dict) and "next" in links
