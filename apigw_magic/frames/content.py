"""Content → frame: a long list of records slice by slice, all else in one piece, and the same frame either way."""

from __future__ import annotations

import codecs
import sys
from typing import TYPE_CHECKING

from apigw_magic.errors import FrameError
from apigw_magic.frames.collector import pause_collector
from apigw_magic.frames.columns import assemble
from apigw_magic.frames.envelope import enclose, guess_rest
from apigw_magic.frames.head import Head
from apigw_magic.frames.lines import is_lines, read_lines
from apigw_magic.frames.merge import merge
from apigw_magic.frames.parse import may_round, parse
from apigw_magic.frames.records import find_records
from apigw_magic.frames.slices import open_list
from apigw_magic.frames.tabulate import Tabulated, Value, finish, tabulate
from apigw_magic.frames.texts import Texts
from apigw_magic.frames.transpose import Dicts, UnfitError, find_cells, may_be_rounded, transpose

if TYPE_CHECKING:
    from apigw_magic.frames.transpose import Part
    from apigw_magic.models import Json

SLICE = 1 << 17
"""Bytes of a slice: what is made of them stays in the cache until it is packed."""

_RECORDS = frozenset({dict})

_KEPT = 8
"""Records that the search for rows may look at."""

_MANY = sys.maxsize
"""The length of a list that is not known yet."""


def tabulate_content(
    content: bytes, *, records: str = "", segment: str = "", lines: bool = False, size: int = SLICE
) -> Tabulated:
    """Return what `tabulate` makes of what `parse` makes of a content, most often without all of it in memory.

    Args:
        content: as in `parse`.
        records: as in `tabulate`, like the next.
        segment: of the URL.
        lines: as in `parse`.
        size: of the slices that a longer content is read in, in bytes.

    Raises:
        FrameError: as `parse` and `tabulate`.
    """
    with pause_collector():
        if len(content) > 2 * size:
            try:
                return tabulate_slices(content, records=records, segment=segment, size=size)
            except (UnfitError, FrameError):
                pass  # whatever it is, the exact way tells
        return tabulate(parse(content, lines=lines), records=records, segment=segment)


def to_frame(document: Json, *, records: str = "") -> Value:
    """Return a JSON document as a DataFrame, one row per record; a scalar or null as it is.

    Args:
        document: as parsed, or its text: text that starts with `{` or `[` is parsed first (lines of JSON objects too).
        records: the path of the rows, such as `Items` or `data.users`; `$` for the document itself; empty to search.

    Returns:
        What `tabulate` gives as the value.

    Raises:
        FrameError: as `tabulate` and `parse`.
    """
    if isinstance(document, str) and document.lstrip("\ufeff \t\r\n").startswith(("{", "[")):
        return tabulate_content(document.encode("utf-8", "surrogatepass"), records=records).value
    return tabulate(document, records=records).value


def tabulate_slices(content: bytes, *, records: str = "", segment: str = "", size: int = SLICE) -> Tabulated:
    """Return what `tabulate_content` gives, with one slice in memory at a time.

    Raises:
        UnfitError: that is not possible, or not surely the same.
        FrameError: as `parse` and `tabulate`, if not surely with the same words.
    """
    content = content.removeprefix(codecs.BOM_UTF8)
    slices, pieces = (None, read_lines(content, size)) if is_lines(content) else open_list(content, size)
    before = content[: slices.begin] if slices else b""
    texts = Texts()
    parts: list[Part] = []
    first: list[Json] = []
    for piece, rows in pieces:
        if not first:
            first = rows[:_KEPT]
            likely = Head(first, _MANY, _RECORDS)
            document = enclose(before, likely, guess_rest(before)) if slices else likely
            if find_records(document, records=records, segment=segment).rows is not likely:
                raise UnfitError
        parts.append(_pack(piece, rows, texts))
    count = sum(part.count for part in parts)
    head = Head(first, count, _RECORDS)
    document = enclose(before, head, content[slices.end + 1 :]) if slices else head
    found = find_records(document, records=records, segment=segment)
    if found.rows is not head or _is_in(head, found.meta):
        raise UnfitError
    return finish(found, *assemble(merge(parts, texts), count))


def _pack(piece: bytes, rows: list[Json], texts: Texts) -> Part:
    """Return what is in the records of one slice.

    Raises:
        UnfitError: not all are dicts, or as `transpose`.
        FrameError: as `parse`.
    """
    part = transpose(rows, texts)
    if any(map(may_be_rounded, find_cells(part))) and may_round(piece):
        exact = parse(piece, lines=True)
        part = transpose(exact if isinstance(exact, list) else [], texts)
    if not isinstance(part, Dicts) or part.dicts < part.count:
        raise UnfitError
    return part


def _is_in(head: Head, meta: Json) -> bool:
    """Say whether the stand-in is in what is left of the document."""
    pending = [meta]
    while pending:
        place = pending.pop()
        if place is head:
            return True
        if isinstance(place, dict | list):
            pending.extend(place.values() if isinstance(place, dict) else place)
    return False
