"""How long each part of an exchange may take: a silence at every stage, and servers that drip."""

from __future__ import annotations

import contextlib
import socket
import time
from typing import TYPE_CHECKING

import pytest

from apigw_magic.errors import TransportError
from apigw_magic.http import send_with
from apigw_magic.http.attempt import Attempt, DeadlineError, Stage
from apigw_magic.http.pools import Pool
from tests.http.sending import TIMEOUT, answer_ok, drip, fail, hold, say, serve, signed
from tests.http.wire import reply

if TYPE_CHECKING:
    from collections.abc import Callable

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
GZIP_HEAD = b"\x1f\x8b\x08\0\0\0\0\0\0\x03"

DRIPS: dict[str, Callable[[socket.socket], object]] = {
    "the header": drip(b"HTTP/1.1 200 OK\r\nX: ", b"x"),
    "fields": drip(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n", every=0.02),
    "interim answers": drip(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "the content": drip(reply(length=999), b"x"),
    "content without a length": drip(b"HTTP/1.1 200 OK\r\n\r\n", b"x"),
    "chunks": drip(CHUNKED, b"1\r\nx\r\n"),
    "within a chunk": drip(CHUNKED + b"999\r\n", b"x"),
    "a chunk's extension": drip(CHUNKED + b"999;", b"x"),
    "trailers": drip(CHUNKED + b"0\r\n", b"X: y\r\n"),
    "gzip of nothing": drip(reply(GZIP_HEAD, length=999, fields="Content-Encoding: gzip\r\n"), b"\0\0\0\xff\xff"),
}


@pytest.mark.parametrize("scene", DRIPS.values(), ids=DRIPS)
def test_a_drip_ends_at_the_deadline(scene: Callable[[socket.socket], object]) -> None:
    """Each drop comes within the time for one receipt; the answer as a whole does not come in its time."""
    with serve(scene, answer_ok) as port:
        send = send_with(deadline=0.25)
        started = time.perf_counter()
        error = fail(send, signed(port))
        assert 0.2 < time.perf_counter() - started < 1
        assert error.what == f"127.0.0.1:{port} did not finish its answer within 0.25 s."
        assert error.why == "The server may have processed the request."
        assert (error.was_sent, error.is_transient) == (True, True)
        assert send(signed(port), timeout=TIMEOUT).content == b"ok"


def test_the_deadline_begins_with_the_answer() -> None:
    """A backend may think as long as the timeout lets it."""
    with serve(say(reply(b"ok"), pause=0.3)) as port:
        assert send_with(deadline=0.1)(signed(port), timeout=2).content == b"ok"


def test_an_answer_in_time_is_whole() -> None:
    """Pieces that come slowly make an answer, as long as each and all come in time."""
    with serve(say(reply(length=5), *[b"x"] * 5, pause=0.05)) as port:
        assert send_with(deadline=2)(signed(port), timeout=0.3).content == b"xxxxx"


def test_the_clock_of_the_pool_tells() -> None:
    """The deadline is by the clock handed in: five minutes pass in no time."""
    now = [0.0]

    def later(connection: socket.socket) -> None:
        drip(reply(length=9999), b"x", every=0.01)(connection)

    def clock() -> float:
        now[0] += 20
        return now[0]

    with serve(later, answer_ok) as port:
        started = time.perf_counter()
        with pytest.raises(TransportError, match="within 300 s"):
            send_with(pool=Pool(clock))(signed(port), timeout=5)
        assert time.perf_counter() - started < 2


def test_a_request_that_is_not_taken() -> None:
    """A server that reads nothing: sending stops after the time for one piece."""

    def sleep(connection: socket.socket) -> None:
        connection.recv(1)
        time.sleep(0.6)

    with serve(sleep, answer_ok) as port:
        send = send_with()
        error = fail(send, signed(port, method="POST", content=bytes(2**24)))
        assert error.what == f"127.0.0.1:{port} took nothing more for 0.3 s."
        assert (error.was_sent, error.is_transient) == (True, True)
        assert send(signed(port), timeout=TIMEOUT).content == b"ok"


def test_a_request_that_is_taken_by_drops() -> None:
    """A server that reads a little now and then: sending stops at the deadline."""

    def sip(connection: socket.socket) -> None:
        while connection.recv(2**12):
            time.sleep(0.02)

    with serve(sip, answer_ok) as port:
        send = send_with(deadline=0.3)
        error = fail(send, signed(port, method="POST", content=bytes(2**24)), timeout=0.29)
        assert "did not take the request within 0.3 s" in error.what or "took nothing more" in error.what
        assert send(signed(port), timeout=TIMEOUT).content == b"ok"


def test_a_connection_that_is_not_accepted() -> None:
    """A listener whose backlog is full lets a connection wait: given up, and nothing was sent."""
    with contextlib.ExitStack() as opened:
        listener = opened.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        port = int(listener.getsockname()[1])
        for _ in range(3):
            filler = opened.enter_context(socket.socket())
            filler.settimeout(0)
            filler.connect_ex(("127.0.0.1", port))
        error = fail(send_with(connect_timeout=0.2), signed(port))
    if "refused" not in error.what:  # as some systems do instead
        assert error.what == f"127.0.0.1:{port} did not accept a connection within 0.2 s at any of its addresses."
        assert error.why == "Nothing was sent."
    assert (error.was_sent, error.is_transient) == (False, True)


def test_a_handshake_that_is_not_finished() -> None:
    """A port that says nothing to a TLS greeting: given up after the time to connect, and nothing was sent."""
    with serve(hold) as port:
        error = fail(send_with(connect_timeout=0.2), signed(port, host="https://localhost"))
    assert error.what == f"localhost:{port} did not finish the TLS handshake within 0.2 s."
    assert error.why == "Nothing was sent."
    assert (error.was_sent, error.is_transient) == (False, True)


@pytest.mark.parametrize(
    ("stage", "at", "left"),
    [
        (Stage.CONNECT, 0, 5),
        (Stage.TLS, 2, 3),
        (Stage.SEND, 0, 30),
        (Stage.SEND, 290, 10),
        (Stage.WAIT, 9999, 30),
        (Stage.HEAD, 280, 20),
    ],
)
def test_time_left(stage: Stage, at: float, left: float) -> None:
    """What a stage may still take is the least of what is left for it and the time for one receipt."""
    now = [0.0]
    attempt = Attempt("h", "", 5, 30, 300, 1, clock=lambda: now[0])
    attempt.enter(stage)
    now[0] = at
    assert attempt.time_left() == left


def test_the_content_has_no_time_of_its_own() -> None:
    """Header and content together are the answer."""
    now = [0.0]
    attempt = Attempt("h", "", 5, 30, 300, 1, clock=lambda: now[0])
    attempt.enter(Stage.HEAD)
    now[0] = 299
    attempt.enter(Stage.CONTENT)
    assert attempt.time_left() == 1
    now[0] = 300
    with pytest.raises(DeadlineError):
        attempt.time_left()
