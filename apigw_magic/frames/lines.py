"""Lines of JSON objects (NDJSON), read slice by slice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from apigw_magic.errors import FrameError
from apigw_magic.frames.parse import SPACE, load_line, split_lines
from apigw_magic.frames.transpose import UnfitError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apigw_magic.models import Json

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


def read_lines(content: bytes, size: int) -> Iterator[tuple[bytes, list[Json]]]:
    """Yield the text of each slice, and its records, as orjson reads them (or `parse`, if that refuses).

    Args:
        content: as `is_lines` wants it.
        size: of a slice in bytes; the line in which it would end is in it.

    Raises:
        UnfitError: not every line is an object.
        FrameError: as `parse`.
    """
    begin = 0
    while begin < len(content):
        stop = content.find(b"\n", begin + size) + 1 or len(content)
        piece = content[begin:stop]
        lines = [line for _, line in split_lines(piece)]
        try:
            records: list[Json] = list(map(orjson.loads, lines))
        except orjson.JSONDecodeError:
            records = [load_line(line) for line in lines]
        if not set(map(type, records)) <= {dict}:
            raise UnfitError
        if records:
            yield piece, records
        begin = stop
