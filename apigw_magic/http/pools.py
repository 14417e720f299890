"""Connections that are kept for the next request, shared by all that go the same way."""

from __future__ import annotations

import os
import threading
import time
import weakref
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from urllib3.util.connection import is_connection_dropped

if TYPE_CHECKING:
    from collections.abc import Callable

    from urllib3.connection import HTTPConnection

    from apigw_magic.http.proxies import Proxy

    _Idle: TypeAlias = "defaultdict[Way, list[tuple[float, HTTPConnection]]]"

IDLE_LIMIT = 60.0
"""Seconds after which an idle connection is not used again: NAT gateways drop it without a word to either end."""

_MOST_IDLE = 8


class Way(NamedTuple):
    """A way that a connection goes.

    Attributes:
        ca_file: the CA certificates that are trusted.
        proxy: None for none.
        scheme: of the origin (RFC 9110 §4.3.1), as are host and port.
        host: without brackets.
        port: never left out.
    """

    ca_file: str
    proxy: Proxy | None
    scheme: str
    host: str
    port: int


class Pool:
    """Idle connections, each with the way that it goes. Threads may share it.

    Args:
        clock: in seconds, monotonic; says how long a connection was idle, and when a deadline has passed.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self._lock = threading.Lock()
        self._idle: _Idle = defaultdict(list)
        weakref.finalize(self, _close, self._idle)

    def take(self, way: Way) -> HTTPConnection | None:
        """Take the connection last used, if there is one that the server has not closed."""
        self._close_stale()
        while True:
            with self._lock:
                idle = self._idle.get(way)
                connection = idle.pop()[1] if idle else None
            if connection is None or not is_connection_dropped(connection):
                return connection
            connection.close()

    def keep(self, way: Way, connection: HTTPConnection) -> None:
        """Keep a connection whose answer was read to its end."""
        with self._lock:
            idle = self._idle[way]
            has_room = len(idle) < _MOST_IDLE
            if has_room:
                idle.append((self.clock(), connection))
        if not has_room:
            connection.close()

    def _close_stale(self) -> None:
        oldest = self.clock() - IDLE_LIMIT
        stale: list[HTTPConnection] = []
        with self._lock:
            for way, idle in list(self._idle.items()):
                while idle and idle[0][0] < oldest:
                    stale.append(idle.pop(0)[1])
                if not idle:
                    del self._idle[way]
        for connection in stale:
            connection.close()

    def start_anew(self) -> None:
        """Close what is kept, in this process alone; the lock may be held by a thread that is gone."""
        self._lock = threading.Lock()
        _close(self._idle)


def _close(idle: _Idle) -> None:
    for kept in list(idle.values()):
        for _, connection in kept:
            connection.close()
    idle.clear()


PROCESS_POOL = Pool()
"""The pool of this process."""

if hasattr(os, "register_at_fork"):  # not on Windows, which does not fork
    # Two processes on one socket would read each other's answers.
    os.register_at_fork(after_in_child=PROCESS_POOL.start_anew)
