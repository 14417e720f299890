"""Content → frame: a long list of records slice by slice, all else in one piece, and the same frame either way."""

from __future__ import annotations

import codecs
import contextlib
import sys
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, TypeAlias, cast

from apigw_magic.errors import FrameError
from apigw_magic.frames.collector import pause_collector
from apigw_magic.frames.columns import assemble
from apigw_magic.frames.decoder import RecordDecoder
from apigw_magic.frames.envelope import enclose, guess_rest
from apigw_magic.frames.head import Head
from apigw_magic.frames.lines import is_lines, read_lines
from apigw_magic.frames.merge import merge
from apigw_magic.frames.parse import parse
from apigw_magic.frames.records import find_records
from apigw_magic.frames.slices import open_list
from apigw_magic.frames.storage import Storage
from apigw_magic.frames.tabulate import Tabulated, finish, tabulate
from apigw_magic.frames.transpose import Dicts, UnfitError, transpose
from apigw_magic.frames.typed import is_typed
from apigw_magic.frames.typed_columns import transpose_items

if TYPE_CHECKING:
    from collections.abc import Callable

    from apigw_magic.frames.decoder import Records
    from apigw_magic.frames.found import Found
    from apigw_magic.frames.transpose import Part
    from apigw_magic.models import Json

    Find: TypeAlias = Callable[[dict[str, Json] | list[Json]], Found]

SLICE = 3 << 16
"""Bytes of a slice: what is made of them stays in the cache until it is packed."""

_FEWEST = 4
"""Content of less than such a part of a slice is read in one piece."""

_TOO_FEW = 3
"""With so many slices it does not pay to learn what their records are like."""

_LONG = 8
"""From so many slices on it pays to look ahead."""

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
        if len(content) > size // _FEWEST:
            # Whatever does not fit is for the exact way to tell.
            with contextlib.suppress(UnfitError, FrameError):
                storage = Storage()
                reader = SliceReader(storage, RecordDecoder(learns=len(content) > _TOO_FEW * size), size)
                found, parts = reader.read(
                    content, partial(find_records, records=records, segment=segment), lines=lines
                )
                return finish(found, *assemble(merge(parts, storage), len(found.rows), storage))
        return tabulate(parse(content, lines=lines), records=records, segment=segment)


@dataclass(frozen=True, slots=True)
class SliceReader:
    """Reads long lists of records, one slice in memory at a time.

    Attributes:
        storage: how pandas keeps columns.
        decoder: reads the records, quicker if it has read such before.
        size: of the slices in bytes.
    """

    storage: Storage
    decoder: RecordDecoder
    size: int

    def read(self, content: bytes, find: Find, *, lines: bool = False) -> tuple[Found, list[Part]]:
        """Return what the search for rows finds in a content, and the rows packed.

        Args:
            content: as in `tabulate_content`.
            find: searches a document for its rows.
            lines: whether it is lines of JSON.

        Returns:
            What is found, with no more than the length of its rows; and the rows.

        Raises:
            UnfitError: that is not possible, or not surely the same.
            FrameError: as `parse` and `tabulate`, if not surely with the same words.
        """
        content = content.removeprefix(codecs.BOM_UTF8)
        if is_lines(content):
            slices, pieces = None, read_lines(content, self.size, self.decoder)
        elif lines:
            raise UnfitError
        else:
            slices, pieces = open_list(content, self.size, self.decoder)
        before = content[: slices.begin] if slices else b""
        taste = next(pieces, [])
        first = cast("list[Json]", taste[:_KEPT])
        typed = bool(first) and is_typed(first[0])
        if slices and len(content) > _LONG * self.size:
            # Rows that are no plain records are found out before all of them are read.
            likely = Head(first, _MANY, _RECORDS, is_typed=typed)
            document = enclose(before, likely, guess_rest(before))
            if find(document).rows is not likely:
                raise UnfitError
        parts: list[Part] = list(map(partial(self._pack, typed=typed), chain([taste], pieces)))
        head = Head(first, sum(part.count for part in parts), _RECORDS, is_typed=typed)
        document = enclose(before, head, content[slices.end + 1 :]) if slices else head
        found = find(document)
        if found.rows is not head or _is_in(head, found.meta):
            raise UnfitError
        return found, parts

    def _pack(self, records: Records, *, typed: bool) -> Dicts:
        """Return what is in the records of one slice.

        Raises:
            UnfitError: not all are dicts, or as `transpose`.
        """
        self.decoder.learn(records, nullable=not typed)
        part = transpose_items(records, self.storage) if typed else transpose(records, self.storage)
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
