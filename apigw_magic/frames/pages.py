"""Several answers → one frame: the pages of a list, whose rows stand at the same path in each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from apigw_magic.errors import FrameError
from apigw_magic.frames.collector import pause_collector
from apigw_magic.frames.columns import assemble, build_exactly, transpose_all
from apigw_magic.frames.content import SLICE, SliceReader
from apigw_magic.frames.decoder import RecordDecoder
from apigw_magic.frames.found import ROOT, Found
from apigw_magic.frames.merge import merge
from apigw_magic.frames.parse import parse
from apigw_magic.frames.records import find_records, take_records
from apigw_magic.frames.storage import Storage
from apigw_magic.frames.tabulate import Tabulated, finish
from apigw_magic.frames.transpose import UnfitError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from apigw_magic.frames.transpose import Part


@dataclass(frozen=True, slots=True)
class Page:
    """What is found in one answer.

    Attributes:
        found: its rows and where they are.
        is_list: whether the answer is a list, or lines.
        parts: the rows packed; empty where `found` has them.
    """

    found: Found
    is_list: bool
    parts: list[Part]


def tabulate_pages(contents: Sequence[bytes], *, records: str = "", segment: str = "", size: int = SLICE) -> Tabulated:
    """Return the rows of several answers, one after the other, as if all of them had been in one.

    Args:
        contents: one page each, in order; at least one.
        records: as in `tabulate_content`, like the others; if empty, where the rows of the first page are, those of all
            others have to be.
        segment: of the URL.
        size: of the slices.

    Returns:
        The frame; labels of rows are left out. The warnings are those of all pages, the rest is what the last one says.

    Raises:
        FrameError: as `tabulate_content`, or if a page is a single value, or has no rows where the first has its; it
            names the page.
    """
    storage = Storage()
    reader = SliceReader(storage, RecordDecoder(learns=sum(map(len, contents)) > size), size)

    def read_quickly(content: bytes, path: str, keys: tuple[str, ...] | None) -> Page:
        search = partial(find_records, records=path, segment=segment)
        try:
            found, parts = reader.read(content, search if keys is None else partial(take_records, keys=keys))
        except (UnfitError, FrameError):
            page = read_exactly(content, path, keys)
            return replace(page, found=replace(page.found, rows=[]), parts=transpose_all(page.found.rows, storage))
        return Page(found, found.path == ROOT, parts)

    def read_exactly(content: bytes, path: str, _keys: tuple[str, ...] | None) -> Page:
        document = parse(content)
        if not isinstance(document, dict | list):
            raise FrameError(f"It holds no rows: it is a single value ({type(document).__name__}).")
        return Page(find_records(document, records=path, segment=segment), isinstance(document, list), [])

    with pause_collector():
        try:
            pages = list(_read_alike(contents, records, read_quickly))
            parts = [part for page in pages for part in page.parts]
            columns, count = merge(parts, storage), sum(part.count for part in parts)
        except UnfitError:
            pages = list(_read_alike(contents, records, read_exactly))
            rows = [row for page in pages for row in page.found.rows]
            columns, count = build_exactly(rows, storage), len(rows)
        warnings = tuple(dict.fromkeys(warning for page in pages for warning in page.found.warnings))
        found = replace(pages[-1].found, index=None, warnings=warnings)
        return finish(found, *assemble(columns, count, storage))


def _read_alike(
    contents: Sequence[bytes], records: str, read: Callable[[bytes, str, tuple[str, ...] | None], Page]
) -> Iterator[Page]:
    """Yield what is in each page, the rows where they are in the first.

    Raises:
        FrameError: one is not like the first, or cannot be read.
    """
    first: Page | None = None
    keys: tuple[str, ...] | None = None
    for number, content in enumerate(contents, 1):
        path = records if first is None or first.found.path == ROOT else first.found.path
        try:
            page = read(content, path, keys if number < len(contents) else None)
        except FrameError as error:
            raise FrameError(f"Page {number:,}: {error.what}", why=error.why, fix=error.fix) from None
        if first is None:
            first = page
            # What a page in the middle says of further ones is not asked for, if only keys lead to its rows.
            keys = page.found.keys if (".".join(page.found.keys) or ROOT) == page.found.path else None
        if (page.found.path, page.is_list) != (first.found.path, first.is_list):
            where = page.found.path if page.found.path != first.found.path else "one of them is no list"
            what = f"Page {number:,} is not like the first, whose rows are at {first.found.path}: {where}."
            raise FrameError(what, fix="Say where the rows of all pages are, with --records.")
        yield page
