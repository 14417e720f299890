"""What a search for the rows of a document gives back, and the words it uses for keys and paths."""

from __future__ import annotations

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


@dataclass(frozen=True, slots=True)
class Found:
    """Where the rows of a document are.

    Attributes:
        path: the keys to the rows joined by dots, such as `Items` or `data.users`; `$` for the document itself.
        rows: the records, one per row.
        meta: what lies outside the rows, and navigation keys dropped from them.
        index: the labels of the rows, where the document brings some.
        warnings: what the user should know about the choice, a line each.
    """

    path: str
    rows: list[Json]
    meta: dict[str, Json] = field(default_factory=dict)
    index: list[Json] | None = None
    warnings: tuple[str, ...] = ()


def fold(key: str) -> str:
    """Return a key without case and punctuation: `NextToken`, `next_token` and `next-token` are one word."""
    return key.casefold().translate(_PUNCTUATION)


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
