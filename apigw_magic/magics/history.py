"""What this kernel has asked, and what it was answered."""

from __future__ import annotations

from collections import deque
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator


class Entry(NamedTuple):
    """One request.

    Attributes:
        time: when its answer came, in UTC.
        connection: the name of the one it was sent over.
        method: upper case.
        target: as it was asked for.
        status: of the answer; None if none came.
        error: the answer's error type, or what kept it from coming; empty if all went well.
        rows: of the frame that was made of it; None for anything else.
        bytes: of the content; None if no answer came.
        ms: from sending to the last byte; None if no answer came.
        request_id: what the API's owner finds it by.
    """

    time: datetime
    connection: str
    method: str
    target: str
    status: int | None = None
    error: str = ""
    rows: int | None = None
    bytes: int | None = None
    ms: int | None = None
    request_id: str | None = None


class History:
    """The last requests, oldest first."""

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque()

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def add(self, entry: Entry, most: int) -> None:
        """Add an entry; the oldest go where there are more than `most`."""
        self._entries.append(entry)
        while len(self._entries) > most:
            self._entries.popleft()


def now() -> datetime:
    """Return the time, in UTC."""
    return datetime.now(UTC)
