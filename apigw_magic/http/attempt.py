"""One attempt to send a request: how far it came, and how long it may still take."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Stage(IntEnum):
    """How far an attempt came. From `SEND` on the API may have got something of the request."""

    CONNECT = 0
    PROXY = 1
    TLS = 2
    READY = 3
    SEND = 4
    WAIT = 5
    HEAD = 6
    CONTENT = 7


class DeadlineError(TimeoutError):
    """What is not over in time, though something comes now and then."""


@dataclass(slots=True)
class Attempt:
    """One attempt to send a request.

    Attributes:
        authority: of the request's URL.
        proxy: what to call the proxy; empty for none.
        connect_timeout: seconds to wait for each of a TCP connection, a proxy's answer and a TLS connection.
        timeout: seconds to wait for each receipt.
        deadline: seconds to wait for the whole answer, from its first byte; for the whole request, too.
        max_bytes: the largest decoded content that is read.
        clock: in seconds, monotonic.
        stage: how far it came.
        is_reused: whether the connection served another request before.
        expires: when the present stage must be over, by the clock; None for a stage that waits for one receipt only.
    """

    authority: str
    proxy: str
    connect_timeout: float
    timeout: float
    deadline: float
    max_bytes: int
    clock: Callable[[], float]
    stage: Stage = Stage.CONNECT
    is_reused: bool = False
    expires: float | None = None

    def enter(self, stage: Stage) -> None:
        """Enter a stage, and set when it must be over. The content must be over when the head was to be."""
        self.stage = stage
        if stage is Stage.WAIT:
            self.expires = None
        elif stage is not Stage.CONTENT:
            self.expires = self.clock() + (self.deadline if stage >= Stage.SEND else self.connect_timeout)

    def time_left(self) -> float:
        """Return seconds to wait for the next receipt.

        Raises:
            DeadlineError: the stage should be over.
        """
        patience = self.connect_timeout if self.stage < Stage.SEND else self.timeout
        if self.expires is None:
            return patience
        left = self.expires - self.clock()
        if left <= 0:
            raise DeadlineError
        return min(patience, left)
