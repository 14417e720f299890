"""Contenders measured in turn, so that what disturbs the machine disturbs all alike."""

from __future__ import annotations

import random
from dataclasses import dataclass
from statistics import median, quantiles
from time import perf_counter_ns
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.contenders import Contender


@dataclass(frozen=True, slots=True)
class Task:
    """What every contender is to do.

    Attributes:
        title: for the report.
        method: of the request.
        target: below the stage.
        content: that is sent.
        size: of the answer's content, in bytes.
    """

    title: str
    method: str
    target: str
    size: int
    content: bytes = b""

    def run(self, contender: Contender) -> int:
        """Send it once.

        Returns:
            nanoseconds.

        Raises:
            RuntimeError: the answer is not the wanted one.
        """
        started = perf_counter_ns()
        received = contender.send(self.method, self.target, self.content)
        took = perf_counter_ns() - started
        if len(received) != self.size:
            msg = f"{contender.name}: {len(received)} bytes of {self.size}: {received[:200]!r}"
            raise RuntimeError(msg)
        return took


@dataclass(frozen=True, slots=True)
class Measured:
    """What one contender took for one task.

    Attributes:
        contender: whose it is.
        rounds: the nanoseconds of each request, by round.
    """

    contender: Contender
    rounds: tuple[tuple[int, ...], ...]

    @property
    def microseconds(self) -> list[float]:
        """Of all requests, in rising order."""
        return sorted(took / 1000 for block in self.rounds for took in block)

    @property
    def quartiles(self) -> tuple[float, float, float]:
        """In microseconds; the second is the median."""
        first, second, third = quantiles(self.microseconds, n=4)
        return first, second, third

    def percentile(self, share: float) -> float:
        """Return the microseconds that this share of the requests stayed below."""
        took = self.microseconds
        return took[min(int(share * len(took)), len(took) - 1)]

    def ratio_to(self, other: Measured) -> float:
        """Return how many times as long as the other it took.

        Compared round by round, as both met the same machine there, and by the lower quartile of each: what disturbs a
        request only ever adds to it.
        """
        return median(
            quantiles(mine, n=4)[0] / quantiles(its, n=4)[0]
            for mine, its in zip(self.rounds, other.rounds, strict=True)
        )


def measure(task: Task, contenders: Sequence[Contender], *, rounds: int, block: int) -> list[Measured]:
    """Measure a task.

    Args:
        task: what each does.
        contenders: in any order; the order is drawn anew for each round.
        rounds: how often each has its turn.
        block: requests at each turn.
    """
    order = list(range(len(contenders)))
    draw = random.Random(0)  # noqa: S311 - an order, not a secret
    taken: list[list[tuple[int, ...]]] = [[] for _ in contenders]
    for contender in contenders:
        for _ in range(block):
            task.run(contender)
    for _ in range(rounds):
        draw.shuffle(order)
        for index in order:
            task.run(contenders[index])  # the others have emptied the caches
            taken[index].append(tuple(task.run(contenders[index]) for _ in range(block)))
    return [Measured(contender, tuple(blocks)) for contender, blocks in zip(contenders, taken, strict=True)]
