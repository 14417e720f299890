"""What the tests of the transport share: signed requests, servers that misbehave by script, what each failure owes."""

from __future__ import annotations

import logging
import socket
import struct
import threading
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import pytest

from apigw_magic.errors import TransportError
from apigw_magic.http import Signer, Transport, freeze, resolve
from apigw_magic.http.pools import PROCESS_POOL
from apigw_magic.models import Credentials, SignedRequest, SigningScope

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TOKEN = "invented/session+token=="
CREDENTIALS = Credentials("AKIDEXAMPLE", "invented secret key", TOKEN)
SIGNER = Signer(SigningScope("execute-api", "eu-west-1"))
TIMEOUT = 0.3
FIELDS = (("Content-Type", "a/b"), ("X-Note", "caf\xe9"))
PASSWORD = "p@ss/w:rd%"
PASSWORD_ENCODED = "p%40ss%2Fw%3Ard%25"

_HEAD_END = b"\r\n\r\n"
_NO_LINGER = struct.pack("ii", 1, 0)  # closing then resets the connection


def signed(
    port: int, target: str = "/x", *, method: str = "GET", content: bytes = b"", host: str = "http://127.0.0.1"
) -> SignedRequest:
    """Sign a request for a port on loopback."""
    url = resolve(freeze(f"{host}:{port}/prod"), target)
    return SIGNER.sign(method, url, FIELDS, content, CREDENTIALS)


def fail(send: Transport, request: SignedRequest, *, timeout: float = TIMEOUT) -> TransportError:
    """Send what must fail: with our error alone, three lines of it, in bounded time, and no secret anywhere."""
    started = time.perf_counter()
    with recorded() as shown, pytest.raises(TransportError) as caught:
        send(request, timeout=timeout)
    error = caught.value
    assert time.perf_counter() - started < 3
    assert error.__cause__ is error.__context__ is None
    assert len(error.lines) == 3
    assert not [line for line in error.lines if "\n" in line or len(line) > 400]
    assert not find_secrets(request, "\n".join((str(error), repr(error), *shown)))
    if not error.was_sent:
        assert "may have processed" not in error.why
    return error


def find_secrets(request: SignedRequest, text: str) -> list[str]:
    """Return the secrets that a text holds."""
    secrets = (*request.secrets, TOKEN, CREDENTIALS.secret_access_key, PASSWORD, PASSWORD_ENCODED)
    return [secret for secret in secrets if secret in text]


@contextmanager
def recorded() -> Iterator[list[str]]:
    """Record what any logger says, at DEBUG."""
    shown: list[str] = []

    class Recorder(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            shown.append(f"{record.getMessage()} {record.args} {record.exc_text} {record.exc_info}")

    recorder, root = Recorder(), logging.getLogger()
    level = root.level
    root.setLevel(logging.DEBUG)
    root.addHandler(recorder)
    try:
        yield shown
    finally:
        root.removeHandler(recorder)
        root.setLevel(level)


@contextmanager
def serve(*scenes: Callable[[socket.socket], object]) -> Iterator[int]:
    """Listen on a port of loopback; each connection gets the next scene, and the last one again and again."""
    listener = socket.create_server(("127.0.0.1", 0))
    threads: list[threading.Thread] = []
    open_sockets: list[socket.socket] = []

    def play(scene: Callable[[socket.socket], object], connection: socket.socket) -> None:
        with suppress(OSError), connection:
            scene(connection)

    def accept() -> None:
        for number in range(100):
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            connection.settimeout(5)
            open_sockets.append(connection)
            scene = scenes[min(number, len(scenes) - 1)]
            threads.append(threading.Thread(target=play, args=(scene, connection)))
            threads[-1].start()

    threads.append(threading.Thread(target=accept))
    threads[0].start()
    try:
        yield int(listener.getsockname()[1])
    finally:
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        PROCESS_POOL.start_anew()  # a scene that speaks TLS has another socket, which only its peer can end
        for connection in open_sockets:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in threads:
            thread.join(6)


def take(connection: socket.socket) -> bytes:
    """Take a request's head, and what came with it."""
    got = b""
    while _HEAD_END not in got:
        part = connection.recv(2**16)
        if not part:
            break
        got += part
    return got


def say(*parts: bytes, pause: float = 0.0) -> Callable[[socket.socket], None]:
    """Make a scene: take a request, send the parts with a pause before each, then hold the connection open."""

    def scene(connection: socket.socket) -> None:
        take(connection)
        for part in parts:
            time.sleep(pause)
            connection.sendall(part)
        connection.recv(1)

    return scene


def drip(start: bytes, drop: bytes, *, every: float = 0.05) -> Callable[[socket.socket], None]:
    """Make a scene: take a request, send the start, then a drop now and then for ever."""

    def scene(connection: socket.socket) -> None:
        take(connection)
        connection.sendall(start)
        while True:
            time.sleep(every)
            connection.sendall(drop)

    return scene


def hold(connection: socket.socket) -> None:
    """Say nothing until the client goes away."""
    while connection.recv(2**16):
        pass


def reset(connection: socket.socket) -> None:
    """Reset a connection."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
    connection.close()


def answer_ok(connection: socket.socket) -> None:
    """Answer every request with `ok`."""
    while take(connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
