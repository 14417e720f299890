"""Finds the rows of a document: where the user says, by a known layout, or by evidence; never by a guess."""

from __future__ import annotations

import difflib
import shlex
from dataclasses import replace
from typing import TYPE_CHECKING

from apigw_magic.errors import FrameError
from apigw_magic.frames.columnar import read_table
from apigw_magic.frames.evidence import Candidate, find_candidates, is_eligible, is_part_of_one_thing, weigh
from apigw_magic.frames.found import MOST_NAMED, ROOT, Found, fold, name_some
from apigw_magic.frames.head import find_kinds
from apigw_magic.frames.paging import find_more, find_total
from apigw_magic.frames.paths import EACH, is_nested, look, resolve, suggest_nested, take_nested
from apigw_magic.frames.refused import read_errors, refuse_errors, unwrap_proxy
from apigw_magic.frames.signatures import nest, recognise, settle

if TYPE_CHECKING:
    from apigw_magic.models import Json

_LONE_SIGNS = 3
"""Up to here the evidence for an empty list is that it is a list and the only one."""

_MOST_LOOKED_AT = 20
"""Elements that a suggestion is made from."""


def find_records(document: dict[str, Json] | list[Json], *, records: str = "", segment: str = "") -> Found:
    """Return the rows of a document.

    In this order: the path that the user names; a list at the root; a known layout (`signatures`); the list for which
    most evidence speaks (`evidence`); else the document is one row. A list that is part of one thing, which an id
    beside or above it tells where no paging key does, stays in a cell of that row. Rows that are laid out by a
    specification are read as that says (`layouts`). A document that is an error is none of rows.

    Args:
        document: a dict or a list, as parsed.
        records: the path of the rows, keys joined by dots, such as `Items` or `data.users`; with `[]` between them, of
            rows inside of rows (`orders[].lines[]`); `$` takes the document itself; empty to search.
        segment: the last segment of the path of the URL that was asked, such as `orders`; empty if not known.

    Returns:
        The path, the rows, what lies outside them, and what the document says of further ones.

    Raises:
        FrameError: if two lists have the same evidence, the path leads to no rows, or the document is an error.
    """
    proxied = unwrap_proxy(document)
    if records:
        return _take(proxied or document, records)
    refuse_errors(document)
    if proxied is not None and isinstance(body := proxied["body"], dict | list):
        return nest(proxied, "body", find_records(body, segment=segment))
    if isinstance(document, list):
        return settle(document, (), document)
    found = recognise(document) or _judge(document, fold(segment))
    if reason := read_errors(document):
        found = replace(found, warnings=(*found.warnings, f"GraphQL reports errors beside the data: {reason}"))
    return _count_pages(document, found)


def take_records(document: dict[str, Json] | list[Json], keys: tuple[str, ...]) -> Found:
    """Return the list that the keys lead to as `find_records` does, but not what the document says of further rows.

    Raises:
        FrameError: no list is there.
    """
    rows = look(document, keys)
    if not isinstance(rows, list):
        raise FrameError(f"There is no list at {'.'.join(keys)} in the answer.")
    return settle(document, keys, rows)


def _count_pages(document: dict[str, Json] | list[Json], found: Found) -> Found:
    """Return what was found with what the document says of more rows than came."""
    is_one = len(found.rows) == 1 and isinstance(look(document, found.keys), dict)
    if is_one or isinstance(document, list) or found.path == ROOT:
        return found  # one thing, or nothing stands around it
    total = find_total(document, found.keys, len(found.rows)) if found.total is None else found.total
    more = find_more(document, found.keys)
    # The count of a page that another one follows is not that of all.
    return replace(found, total=None if more and total == len(found.rows) else total, more=more)


def _take(document: dict[str, Json] | list[Json], records: str) -> Found:
    """Return the rows at the path that the user names; a dict there that is no table is one row, and null no rows.

    Raises:
        FrameError: if nothing is there, or a scalar.
    """
    if records == ROOT:
        return settle(document, (), document if isinstance(document, list) else [document])
    known = recognise(document) if isinstance(document, dict) else None
    if known is not None and known.path == records:
        return _count_pages(document, known)
    keys = resolve(document, records)
    if keys is None and is_nested(records):
        nested = take_nested(document, records)
        return replace(nested, more=find_more(document, nested.keys))
    path = records.removesuffix(EACH)
    if keys is None:
        keys = () if path == "" else resolve(document, path)
    if keys is None:
        raise _explain_miss(document, records)
    rows = look(document, keys)
    if rows is not None and not isinstance(rows, list | dict):
        raise FrameError(
            f"At {path} stands a single value ({type(rows).__name__}), not rows.", fix=_suggest(_paths(document))
        )
    if isinstance(rows, dict) and (table := read_table(rows)) is not None:
        for depth in reversed(range(len(keys))):
            place = look(document, keys[:depth])
            table = nest(place if isinstance(place, dict) else {}, keys[depth], table)
        return _count_pages(document, replace(table, path=path, keys=keys))
    if not isinstance(rows, list):
        rows = [] if rows is None else [rows]
    return _count_pages(document, replace(settle(document, keys, rows), path=path or ROOT))


def _judge(document: dict[str, Json], segment: str) -> Found:
    """Return the rows for which most evidence speaks; the document as one row if there are none.

    Raises:
        FrameError: if the best two have the same evidence.
    """
    candidates = find_candidates(document)
    free = [one for one in candidates if not is_part_of_one_thing(one, segment)]
    eligible = [(weigh(one, segment), one) for one in free if is_eligible(one, segment)]
    if not eligible:
        # An answer that comes in pages has rows somewhere.
        eligible = [(weigh(one, segment), one) for one in free if one.place.paging_above and one.tabular]
    if not eligible:
        return replace(settle(document, (), [document]), warnings=_hint_at(document, candidates, segment))
    most = max(weight for weight, _ in eligible)
    best = [one for weight, one in eligible if weight == most]
    if len(best) > 1:
        raise _explain_tie(best)
    chosen = best[0]
    found = settle(document, chosen.path, chosen.rows)
    doubt = not chosen.rows and most <= _LONE_SIGNS and not chosen.place.only_key
    warnings = (
        f"{found.path} is empty; if the answer is one thing, --records {shlex.quote(ROOT)} gives it as one row",
    )
    return replace(found, warnings=warnings) if doubt else found


def _hint_at(document: dict[str, Json], candidates: list[Candidate], segment: str) -> tuple[str, ...]:
    """Return a line that names what is left in cells, if some of it is worth a table of its own."""
    nested = [one for one in candidates if one.rows]
    if any(one.tabular for one in nested):
        nested.sort(key=lambda one: (one.tabular, weigh(one, segment)), reverse=True)
        names = name_some([_count(one) for one in nested])
        return (f"one row, with lists in cells: {names}; for rows of one of them say {_option(nested[0])}",)
    tables = [key for key, value in document.items() if isinstance(value, dict) and read_table(value) is not None]
    if not tables:
        return ()
    return (f"one row, with tables inside: {name_some(tables)}; for rows say --records {shlex.quote(tables[0])}",)


def _explain_tie(best: list[Candidate]) -> FrameError:
    """Say which lists could be the rows, those with some first, and how to choose one."""
    best = sorted(best, key=lambda one: not one.rows)
    return FrameError(
        f"{len(best)} lists could be the rows: {name_some([_count(one) for one in best])}.",
        why="Nothing in the answer tells them apart.",
        fix=f"Choose one: {' or '.join(_option(one) for one in best[:MOST_NAMED])}.",
    )


def _explain_miss(document: Json, records: str) -> FrameError:
    """Say that nothing stands at a path, and what is near."""
    paths = _paths(document)
    nested = suggest_nested(document, records)
    if nested:
        return FrameError(f"{records} leads into a list.", fix=_suggest([nested]))
    if isinstance(document, list):
        what = f"There is nothing at {records}: the answer is a list."
        return FrameError(what, fix=_suggest_inner(document, records))
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


def _suggest_inner(document: list[Json], records: str) -> str:
    """Return the sentence that names what to use where the answer is a list: what is in its elements, or all of it."""
    ways = [(one, resolve(one, records)) for one in document[:_MOST_LOOKED_AT]]
    if any(isinstance(look(one, keys), list) for one, keys in ways if keys):
        return _suggest([f"{EACH}.{records}{EACH}"])
    lists = [(place, one) for place, one in enumerate(document) if isinstance(one, list)]
    if not lists:
        return "Leave --records out."
    place, _ = max(lists, key=lambda pair: (dict in find_kinds(pair[1]), bool(pair[1])))
    return f"Leave --records out; --query '[{place}]' gives the rows of a list inside."


def _option(candidate: Candidate) -> str:
    """Return the option that chooses a candidate."""
    return f"--records {shlex.quote('.'.join(candidate.path))}"


def _count(candidate: Candidate) -> str:
    """Return a candidate's path and length."""
    return f"{'.'.join(candidate.path)} ({len(candidate.rows)})"
