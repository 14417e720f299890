"""What a search for the rows of a document gives back, and the words it uses for keys and paths."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from apigw_magic.models import Json

ROOT = "$"
"""The path of the document itself."""

MOST_NAMED = 5
"""How many columns or lists a message names; a line of thousands is read by nobody."""

_PUNCTUATION = str.maketrans("", "", " _-.@$:")

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^\W\d_A-Z]+|[0-9]+")
"""A word of a key in any of the usual spellings: `nextToken`, `NextToken`, `next_token`, `NEXT-TOKEN`."""

LONGEST_KEY = 100
"""Longer keys are data, not words."""


@dataclass(frozen=True, slots=True)
class Found:
    """Where the rows of a document are.

    Attributes:
        path: the keys to the rows joined by dots, such as `Items` or `data.users`; `$` for the document itself.
        rows: the records, one per row.
        meta: what lies outside the rows, and navigation keys dropped from them.
        index: the labels of the rows, where the document brings some.
        warnings: what the user should know about the choice, a line each.
        keys: the keys that lead to what holds the rows, one by one.
        total: how many rows there are in all, where the document says so beyond doubt; None if not.
        more: the path of the key that says that another page follows, such as `NextToken`; empty if none does.
    """

    path: str
    rows: list[Json]
    meta: dict[str, Json] = field(default_factory=dict)
    index: list[Json] | None = None
    warnings: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    total: int | None = None
    more: str = ""


def fold(key: str) -> str:
    """Return a key without case and punctuation: `NextToken`, `next_token` and `next-token` are one word."""
    return key.casefold().translate(_PUNCTUATION)


def split_words(key: str) -> list[str]:
    """Return the words of a key in lower case: `NextToken` and `next_token` are `next`, `token`; of a long key none."""
    return [word.lower() for word in _WORD.findall(key)] if len(key) <= LONGEST_KEY else []


def free_name(name: str, *taken: dict[str, Json]) -> str:
    """Return a name with as many `_` appended as it takes to be in none of the dicts."""
    while any(name in held for held in taken):
        name += "_"
    return name


def name_some(names: Sequence[str]) -> str:
    """Return the names joined by commas, or the first of them and how many more there are."""
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {more:,} more" if more > 0 else "")


def subtract(document: Json, path: tuple[str, ...]) -> dict[str, Json]:
    """Return a dict without what stands at a path, and without wrappers that held nothing else.

    The document itself is not changed; what is kept is not copied.
    """
    outer: list[dict[str, Json]] = []
    inner = document
    for key in path:
        if not isinstance(inner, dict):
            return {}
        outer.append(inner)
        inner = inner[key]
    rest: dict[str, Json] = {}
    for key, place in zip(reversed(path), reversed(outer), strict=True):
        # Built inside out: the innermost dict loses its key, the others get their shortened child or none.
        kept = {name: (rest if name == key else value) for name, value in place.items() if name != key or rest}
        rest = kept
    return rest
