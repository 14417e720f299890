"""Connections that are kept: shared, used again, closed when they were idle too long, never shared with a fork."""

from __future__ import annotations

import os
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from apigw_magic.http import send_with
from apigw_magic.http.connections import connect, tls_context
from apigw_magic.http.environment import find_ca_file
from apigw_magic.http.pools import IDLE_LIMIT, PROCESS_POOL, Pool, Way
from tests.http.sending import answer_ok, serve, signed
from tests.http.wire import Answer, Wire, reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from urllib3.connection import HTTPConnection

    from apigw_magic.http.attempt import Attempt


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        """Tell the time."""
        return self.now


def test_two_transports_share_connections() -> None:
    """Two connections to one API have one TCP connection between them."""
    with Wire(reply(b"ok")) as wire:
        for _ in range(3):
            send_with()(signed(wire.port), timeout=1)
            send_with(max_bytes=10)(signed(wire.port), timeout=1)
    assert wire.connections == 1
    assert len(wire.requests) == 6


def test_those_that_trust_others_do_not_share() -> None:
    """Another file of CA certificates is another way, and so is another host, port or scheme."""
    way = Way("a.pem", None, "https", "h", 443)
    others = [
        way._replace(ca_file="b.pem"),
        way._replace(port=444),
        way._replace(scheme="http"),
        way._replace(host="i"),
    ]
    assert len({way, *others}) == 5


@pytest.mark.parametrize(("idle", "connections"), [(IDLE_LIMIT - 1, 1), (IDLE_LIMIT + 1, 2)])
def test_idle_connections_are_not_used(idle: float, connections: int) -> None:
    """What was idle for longer than a NAT gateway remembers is closed before use."""
    clock = Clock()
    with Wire(reply(b"ok")) as wire:
        send = send_with(pool=Pool(clock))
        send(signed(wire.port), timeout=1)
        clock.now += idle
        send(signed(wire.port), timeout=1)
    assert wire.connections == connections


def test_idle_connections_to_others_are_closed_too() -> None:
    """A pool does not hold on to what nobody asks for any more."""
    clock = Clock()
    pool = Pool(clock)
    with Wire(reply(b"ok")) as one, Wire(reply(b"ok")) as other:
        send = send_with(pool=pool)
        send(signed(one.port), timeout=1)
        clock.now += IDLE_LIMIT + 1
        send(signed(other.port), timeout=1)
        assert [way.port for way in pool._idle] == [other.port]


def test_what_the_server_closed_is_not_used() -> None:
    """A connection that ended meanwhile is replaced without a word."""
    with Wire(Answer(reply(b"ok"), "close")) as wire:
        send = send_with(pool=Pool())
        for _ in range(3):
            assert send(signed(wire.port), timeout=1).content == b"ok"
            time.sleep(0.05)
    assert wire.connections == 3


@pytest.mark.parametrize("fields", ["Connection: close\r\n", "connection: Close\r\n"])
def test_what_the_server_will_close_is_not_kept(fields: str) -> None:
    """A server that says so is believed."""
    pool = Pool()
    with Wire(reply(b"ok", fields=fields)) as wire:
        send_with(pool=pool)(signed(wire.port), timeout=1)
    assert not pool._idle


def test_no_more_is_kept_than_is_of_use() -> None:
    """Twenty requests at once open twenty connections; eight of them stay."""
    pool = Pool()
    with Wire(reply(b"ok")) as wire, ThreadPoolExecutor(20) as threads:
        send = send_with(pool=pool)

        def slow(number: int) -> bytes:
            return send(signed(wire.port, f"/{number}"), timeout=5).content

        assert set(threads.map(slow, range(200))) == {b"ok"}
        (idle,) = pool._idle.values()
        assert 1 <= len(idle) <= 8
    assert wire.connections <= 200


def test_threads_get_their_own_answers() -> None:
    """No thread reads another's answer."""

    def echo(connection: socket.socket) -> None:
        while got := connection.recv(2**16):
            target = got.split(b" ", 2)[1]
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(target), target))

    with serve(echo) as port, ThreadPoolExecutor(8) as threads:
        send = send_with()

        def ask(number: int) -> bool:
            return send(signed(port, f"/{number}"), timeout=5).content == f"/prod/{number}".encode()

        assert all(threads.map(ask, range(200)))


def test_nodelay(monkeypatch: pytest.MonkeyPatch) -> None:
    """A small POST is not held back for the acknowledgement of its header."""
    made: list[HTTPConnection] = []

    def spy(way: Way, attempt: Attempt) -> HTTPConnection:
        made.append(connect(way, attempt))
        return made[-1]

    # The option is read back from the very socket that sent, and the transport hands no socket out.
    monkeypatch.setattr("apigw_magic.http.transport.connect", spy)
    pool = Pool()
    with Wire(reply(b"ok")) as wire:
        send_with(pool=pool)(signed(wire.port, method="POST", content=b"{}"), timeout=1)
        assert made[0].sock is not None
        assert made[0].sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def in_child(act: Callable[[], object]) -> int:
    """Return the exit code of a forked process."""
    child = os.fork()
    if child == 0:
        try:
            act()
        except BaseException:  # noqa: BLE001 - pytest must not go on in the child
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows does not fork")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_fork_opens_its_own() -> None:
    """Parent and child do not read each other's answers, and the child's lock is free."""
    with serve(answer_ok) as port:
        send = send_with()
        send(signed(port), timeout=1)
        assert PROCESS_POOL._idle

        def act() -> None:
            assert not PROCESS_POOL._idle
            assert send(signed(port), timeout=1).content == b"ok"

        with PROCESS_POOL._lock:
            assert in_child(act) == 0
        assert send(signed(port), timeout=1).content == b"ok"


def test_nothing_is_built_twice() -> None:
    """A transport costs nothing: its TLS context is the process's."""
    ca_file = find_ca_file(None)
    before = tls_context(ca_file)
    for _ in range(20):
        send_with()
    assert tls_context(find_ca_file(None)) is before
