"""Lines of JSON objects (NDJSON), read slice by slice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from apigw_magic.errors import FrameError
from apigw_magic.frames.parse import SPACE, load_line, split_lines
from apigw_magic.frames.slices import choose_size
from apigw_magic.frames.transpose import UnfitError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apigw_magic.frames.decoder import RecordDecoder, Records

_FARTHEST = 1 << 10
"""How far below the first line the next one begins."""


def is_lines(content: bytes) -> bool:
    """Say whether the first line is an object, and another line stands below: that is no document."""
    end = content.find(b"\n")
    if not content.startswith(b"{") or end < 0 or not content[end : end + _FARTHEST].strip(SPACE):
        return False
    try:
        return isinstance(load_line(content[:end]), dict)
    except FrameError:
        return False


def read_lines(content: bytes, size: int, decoder: RecordDecoder) -> Iterator[Records]:
    """Yield the records, slice by slice; the first slice is read as dicts.

    Args:
        content: as `is_lines` wants it.
        size: of a slice in bytes; the line in which it would end is in it.
        decoder: reads all slices but the first.

    Raises:
        UnfitError: not every line is an object.
        FrameError: as `parse`.
    """
    begin = 0
    while begin < len(content):
        is_first = begin == 0
        least = choose_size(content, size, decoder) if is_first else size
        stop = content.find(b"\n", begin + least) + 1 or len(content)
        lines = [line for _, line in split_lines(content[begin:stop])]
        records = [load_line(line) for line in lines] if is_first else decoder.read_lines(lines)
        if any(kind is not dict and not issubclass(kind, Struct) for kind in set(map(type, records))):
            raise UnfitError
        if records:
            yield records
        begin = stop
