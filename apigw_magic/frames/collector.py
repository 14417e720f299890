"""The garbage collector, off while millions of values are made and none of them is garbage."""

from __future__ import annotations

import gc
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class _Pauses:
    """The pauses that are under way in all threads, and what was before the first of them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._count = 0
        self._was_on = False

    def begin(self) -> None:
        """Turn the collector off, if it is not yet."""
        with self._lock:
            if not self._count:
                self._was_on = gc.isenabled()
                gc.disable()
            self._count += 1

    def end(self) -> None:
        """Turn it on after the last pause, if it was on before the first."""
        with self._lock:
            self._count -= 1
            if not self._count and self._was_on:
                gc.enable()


_PAUSES = _Pauses()


@contextmanager
def pause_collector() -> Iterator[None]:
    """Keep the cyclic garbage collector off; afterwards it is as it was.

    Parsed JSON has no cycles, but looks to the collector like ever more to search: with it on, parsing a large document
    takes up to five times as long. Pauses may be nested, and overlap in several threads.
    """
    _PAUSES.begin()
    try:
        yield
    finally:
        _PAUSES.end()
