"""Jobs side by side: how many, what an interrupt leaves, and that none ruins the others."""

from __future__ import annotations

import signal
from functools import partial
from threading import Barrier, Event, Lock

import pytest

from apigw_magic.access.running import MOST_AT_ONCE, run


def test_eight_at_a_time() -> None:
    """Eight are under way together, and never a ninth: each waits until there are eight."""
    lock, together = Lock(), Barrier(MOST_AT_ONCE, timeout=30)
    under_way, most = 0, 0

    def do(number: int) -> int:
        nonlocal under_way, most
        with lock:
            under_way += 1
            most = max(most, under_way)
        together.wait()
        with lock:
            under_way -= 1
        return number

    work = run([partial(do, number) for number in range(3 * MOST_AT_ONCE)])
    assert most == MOST_AT_ONCE == 8
    assert work.results == {number: number for number in range(24)}


@pytest.mark.parametrize("count", [0, 1, 3])
def test_fewer_than_eight(count: int) -> None:
    """Few jobs take few threads; none take none."""
    assert run([partial(int, number) for number in range(count)]).results == {number: number for number in range(count)}


def test_an_interrupt_within_a_job() -> None:
    """What is done is kept, and no other job is begun."""

    def interrupt() -> int:
        raise KeyboardInterrupt

    work = run([lambda: 1, interrupt, lambda: 3], most=1)
    assert work.results == {0: 1}
    assert work.begun == {0, 1}


def test_an_interrupt_while_waiting() -> None:
    """The signal reaches who waits; the job that is under way is not waited for."""
    end = Event()

    def signal_and_hang() -> int:
        signal.raise_signal(signal.SIGINT)
        end.wait(timeout=60)
        return 2

    try:
        work = run([lambda: 1, signal_and_hang, lambda: 3], most=1)
        assert not end.is_set()
        assert work.results == {0: 1}
        assert work.begun == {0, 1}
    finally:
        end.set()
