"""An answer that is read within an attempt's time."""

from __future__ import annotations

import io
import ssl
from http.client import BadStatusLine, HTTPResponse, IncompleteRead
from typing import TYPE_CHECKING

from apigw_magic.http.attempt import Stage

if TYPE_CHECKING:
    import socket

    from _typeshed import WriteableBuffer

    from apigw_magic.http.attempt import Attempt

_BUFFER = 2**14
_CONTINUE, _SWITCHING, _OK = 100, 101, 200


class Answer(HTTPResponse):
    """An answer that is read within an attempt's time; made by `http.client` as its `response_class`.

    A socket's own timeout is for one receipt: a server that drips a byte now and then would hold the kernel for ever.

    Args:
        sock: to read from.
        attempt: whose time it is.
        stage: that begins now, to wait for the proxy's answer or for the API's.
        method: of the request.

    Attributes:
        stream: what is received, buffered.
    """

    def __init__(self, sock: socket.socket, *, attempt: Attempt, stage: Stage, method: str | None = None) -> None:
        super().__init__(sock, method=method)
        attempt.enter(stage)
        self._attempt = attempt
        self.fp.close()
        self._receiver = _Receiver(sock, attempt)
        self.stream = self.fp = io.BufferedReader(self._receiver, _BUFFER)

    def begin(self) -> None:
        """Read the head. `http.client` takes one that is cut off for a whole one.

        Raises:
            IncompleteRead: the connection ended within it.
        """
        super().begin()
        if self._receiver.is_ended:
            raise IncompleteRead(b"")

    def is_at_end(self) -> bool:
        """Tell whether nothing has come after what was read; nothing more is received then."""
        self._receiver.is_ended = True
        return not self.stream.peek(1) and not self._receiver.has_pending()

    def _read_status(self) -> tuple[str, int, str]:
        """Read a status line, a proxy's to CONNECT too.

        `http.client` skips 100 alone and would take 103 for the answer, and the answer for the next request's.
        """
        version, status, reason = super()._read_status()  # type: ignore[misc] # undocumented, and as old as httplib
        if self._attempt.stage is Stage.PROXY and status == _OK:
            self._attempt.enter(Stage.TLS)
        if status == _SWITCHING:
            raise BadStatusLine(f"{status}\n")  # what follows is no HTTP, and was not asked for
        return version, _CONTINUE if _CONTINUE <= status < _OK else status, reason


class _Receiver(io.RawIOBase):
    """Receives from a socket within an attempt's time."""

    def __init__(self, sock: socket.socket, attempt: Attempt) -> None:
        self._sock = sock
        self._raw = sock.makefile("rb", buffering=0)
        self._attempt = attempt
        self.is_ended = False

    def has_pending(self) -> bool:
        """Tell whether TLS holds what was decrypted and not yet asked for."""
        return isinstance(self._sock, ssl.SSLSocket) and self._sock.pending() > 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int | None:
        if self.is_ended:
            return 0
        attempt = self._attempt
        self._sock.settimeout(attempt.time_left())
        try:
            size = self._raw.readinto(buffer)
        except TimeoutError:
            attempt.time_left()  # raises what it was, if it was that
            raise
        if size == 0:
            self.is_ended = True
        elif attempt.stage is Stage.WAIT:
            attempt.enter(Stage.HEAD)
        return size

    def close(self) -> None:
        self._raw.close()
        super().close()
