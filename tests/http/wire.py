"""A small server on loopback that says byte for byte what a test wants, and keeps what it was sent."""

from __future__ import annotations

import math
import socket
import struct
import threading
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import ssl
    from types import TracebackType
    from typing import Self

_HEAD_END = b"\r\n\r\n"
_NO_LINGER = struct.pack("ii", 1, 0)  # closing then resets the connection


@dataclass(frozen=True)
class Answer:
    """What the server does with a request.

    Attributes:
        content: the bytes that it sends.
        then: keep the connection, close it, reset it, or hold it open and say nothing more.
    """

    content: bytes
    then: Literal["keep", "close", "reset", "hold"] = "keep"


def reply(content: bytes = b"", *, status: str = "200 OK", fields: str = "", length: int | None = None) -> bytes:
    """Write an HTTP/1.1 answer with a Content-Length, the right one unless told otherwise."""
    head = f"HTTP/1.1 {status}\r\n{fields}Content-Length: {len(content) if length is None else length}\r\n\r\n"
    return head.encode() + content


class Wire:
    """Answers requests one after the other, over all connections; the last answer is repeated.

    Args:
        answers: in order; the last one is given again and again.
        tls: a server's context, for https.

    Attributes:
        port: where it listens, on 127.0.0.1.
        requests: as received, head and content.
        connections: how many were opened.
        received: how many bytes came in all, those of unfinished requests too.
    """

    def __init__(self, *answers: Answer | bytes, tls: ssl.SSLContext | None = None) -> None:
        self._answers = [given if isinstance(given, Answer) else Answer(given) for given in answers]
        self._tls = tls
        self._ended = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._threads = [threading.Thread(target=self._accept)]
        self._open: list[socket.socket] = []
        self.requests: list[bytes] = []
        self.connections = 0
        self.received = 0

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._ended.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self._open:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)

    def _accept(self) -> None:
        while not self._ended.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._threads.append(threading.Thread(target=self._serve, args=(connection,)))
            self._threads[-1].start()

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError), connection:
            talk = connection if self._tls is None else self._tls.wrap_socket(connection, server_side=True)
            self._open.append(talk)
            with talk:
                while request := self._receive(talk):
                    answer = self._answers[min(len(self.requests), len(self._answers) - 1)]
                    self.requests.append(request)
                    talk.sendall(answer.content)
                    if answer.then == "hold":
                        self._ended.wait(10)
                    if answer.then == "reset":
                        talk.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
                    if answer.then != "keep":
                        return

    def _receive(self, connection: socket.socket) -> bytes:
        """Receive one request by its Content-Length, and what came with it; empty at the end of the connection."""
        got = b""
        while len(got) < _length_of(got):
            part = connection.recv(2**16)
            if not part:
                return b""
            self.received += len(part)
            got += part
        return got


def _length_of(got: bytes) -> float:
    """Tell how long a request is by what has come of it."""
    head, end, _ = got.partition(_HEAD_END)
    if not end:
        return math.inf
    lengths = [line.partition(b":")[2] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
    return len(head) + len(end) + sum(map(int, lengths))
