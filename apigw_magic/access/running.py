"""Jobs side by side, a few at a time, each for itself; an interrupt keeps what is done."""

from __future__ import annotations

from collections import deque
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

T = TypeVar("T")

MOST_AT_ONCE = 8
"""Requests that are under way at a time."""

_GLANCE = 0.2
"""Seconds after which a wait is looked up from: some systems interrupt none."""


class Work(Generic[T]):
    """Jobs, and what became of them.

    Args:
        jobs: of which none raises anything but a KeyboardInterrupt, which is taken as one of the caller's.

    Attributes:
        results: by the job's number.
        begun: the numbers of the jobs that were begun.
    """

    def __init__(self, jobs: Sequence[Callable[[], T]]) -> None:
        self.results: dict[int, T] = {}
        self.begun: set[int] = set()
        self._waiting = deque(enumerate(jobs))
        self._done: SimpleQueue[tuple[int, T | None]] = SimpleQueue()

    def go_on(self) -> None:
        """Do jobs until there are none; in a thread of its own."""
        while self._waiting:
            try:
                number, job = self._waiting.popleft()
            except IndexError:  # another thread took the last one
                return
            self.begun.add(number)
            try:
                self._done.put((number, job()))
            except KeyboardInterrupt:
                self._done.put((number, None))
                return

    def take(self) -> None:
        """Wait for the next result.

        Raises:
            KeyboardInterrupt: a job was interrupted, or this is.
        """
        while True:
            try:
                number, result = self._done.get(timeout=_GLANCE)
            except Empty:
                continue
            if result is None:
                raise KeyboardInterrupt
            self.results[number] = result
            return

    def stop(self) -> None:
        """Begin no more jobs, and take the results that are there."""
        self._waiting.clear()
        while not self._done.empty():
            number, result = self._done.get()
            if result is not None:
                self.results[number] = result


def run(jobs: Sequence[Callable[[], T]], most: int = MOST_AT_ONCE) -> Work[T]:
    """Run jobs in threads and wait for them; after an interrupt none is begun, and none is waited for.

    Args:
        jobs: as of `Work`.
        most: how many are under way at a time.
    """
    work = Work(jobs)
    try:
        for _ in range(min(most, len(jobs))):
            # A daemon: the kernel can end though an answer is waited for.
            Thread(target=work.go_on, daemon=True, name="apigw access").start()
        for _ in jobs:
            work.take()
    except KeyboardInterrupt:
        work.stop()
    return work
