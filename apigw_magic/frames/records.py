"""Finds the rows of a document: where the user says, by a known layout, or by evidence; never by a guess."""

from __future__ import annotations

import difflib
import shlex
from typing import TYPE_CHECKING

from apigw_magic.errors import FrameError
from apigw_magic.frames.evidence import Candidate, find_candidates, is_eligible, is_part_of_one_thing, weigh
from apigw_magic.frames.found import MOST_NAMED, ROOT, Found, fold, name_some, subtract
from apigw_magic.frames.signatures import recognise

if TYPE_CHECKING:
    from apigw_magic.models import Json

_LONE_SIGNS = 3
"""Up to here the evidence for an empty list is that it is a list and the only one."""


def find_records(document: dict[str, Json] | list[Json], *, records: str = "", segment: str = "") -> Found:
    """Return the rows of a document.

    In this order: the path that the user names; a list at the root; a known layout (`signatures`); the list for which
    most evidence speaks (`evidence`); else the document is one row. A list that is part of one thing, which an id
    beside or above it tells where no paging key does, stays in a cell of that row.

    Args:
        document: a dict or a list, as parsed.
        records: the path of the rows, keys joined by dots, such as `Items` or `data.users`; `$` takes the document
            itself; empty to search.
        segment: the last segment of the path of the URL that was asked, such as `orders`; empty if not known.

    Returns:
        The path, the rows and what lies outside them.

    Raises:
        FrameError: if two lists have the same evidence, or the path leads to no rows; it names the choices.
    """
    if records:
        return _take(document, records)
    if isinstance(document, list):
        return Found(ROOT, document)
    return recognise(document) or _judge(document, fold(segment))


def _take(document: dict[str, Json] | list[Json], records: str) -> Found:
    """Return the rows at the path that the user names; a dict there is one row, and null no rows.

    Raises:
        FrameError: if nothing is there, or a scalar.
    """
    if records == ROOT:
        return Found(ROOT, document if isinstance(document, list) else [document])
    known = recognise(document) if isinstance(document, dict) else None
    if known is not None and known.path == records:
        return known
    path = _resolve(document, tuple(records.split(".")))
    if path is None:
        raise _explain_miss(document, records)
    rows: Json = document
    for key in path:
        rows = rows[key] if isinstance(rows, dict) else None
    if rows is not None and not isinstance(rows, list | dict):
        raise FrameError(
            f"At {records} stands a single value ({type(rows).__name__}), not rows.", fix=_suggest(_paths(document))
        )
    if not isinstance(rows, list):
        rows = [] if rows is None else [rows]
    return Found(records, rows, subtract(document, path))


def _resolve(document: Json, parts: tuple[str, ...]) -> tuple[str, ...] | None:
    """Return the keys that lead along a dotted path, since a key may contain dots itself; None if none do."""
    if not parts:
        return ()
    if not isinstance(document, dict):
        return None
    for length in range(len(parts), 0, -1):
        key = ".".join(parts[:length])
        if key in document and (rest := _resolve(document[key], parts[length:])) is not None:
            return (key, *rest)
    return None


def _judge(document: dict[str, Json], segment: str) -> Found:
    """Return the rows for which most evidence speaks; the document as one row if there are none.

    Raises:
        FrameError: if the best two have the same evidence.
    """
    candidates = find_candidates(document)
    free = [one for one in candidates if not is_part_of_one_thing(one)]
    eligible = [(weigh(one, segment), one) for one in free if is_eligible(one, segment)]
    if not eligible:
        return Found(ROOT, [document], warnings=_hint_at(candidates))
    most = max(weight for weight, _ in eligible)
    best = [one for weight, one in eligible if weight == most]
    if len(best) > 1:
        raise _explain_tie(best)
    chosen = best[0]
    path = ".".join(chosen.path)
    doubt = not chosen.rows and most <= _LONE_SIGNS and not chosen.place.only_key
    warnings = (f"{path} is empty; if the answer is one thing, --records {shlex.quote(ROOT)} gives it as one row",)
    return Found(path, chosen.rows, subtract(document, chosen.path), warnings=warnings if doubt else ())


def _hint_at(candidates: list[Candidate]) -> tuple[str, ...]:
    """Return a line that names the lists left in cells, if there are any worth a table of their own."""
    nested = [one for one in candidates if one.rows]
    if not any(one.tabular for one in nested):
        return ()
    names = name_some([_count(one) for one in nested])
    best = max(nested, key=lambda one: one.tabular)
    return (f"one row, with lists in cells: {names}; for rows of one of them say {_option(best)}",)


def _explain_tie(best: list[Candidate]) -> FrameError:
    """Say which lists could be the rows, and how to choose one."""
    return FrameError(
        f"{len(best)} lists could be the rows: {name_some([_count(one) for one in best])}.",
        why="Nothing in the answer tells them apart.",
        fix=f"Choose one: {' or '.join(_option(one) for one in best[:MOST_NAMED])}.",
    )


def _explain_miss(document: Json, records: str) -> FrameError:
    """Say that nothing stands at a path, and what is near."""
    paths = _paths(document)
    near = difflib.get_close_matches(records, paths, n=1) or paths
    return FrameError(f"There is nothing at {records} in the answer.", fix=_suggest(near))


def _paths(document: Json) -> list[str]:
    """Return the paths of all lists that `--records` could name."""
    return [".".join(one.path) for one in find_candidates(document)] if isinstance(document, dict) else []


def _suggest(paths: list[str]) -> str:
    """Return the sentence that names paths to use instead."""
    if not paths:
        return "The answer has no lists inside; leave --records out."
    more = f"; there are {len(paths) - MOST_NAMED:,} more" if len(paths) > MOST_NAMED else ""
    return f"Say {' or '.join(f'--records {shlex.quote(path)}' for path in paths[:MOST_NAMED])}{more}."


def _option(candidate: Candidate) -> str:
    """Return the option that chooses a candidate."""
    return f"--records {shlex.quote('.'.join(candidate.path))}"


def _count(candidate: Candidate) -> str:
    """Return a candidate's path and length."""
    return f"{'.'.join(candidate.path)} ({len(candidate.rows)})"
