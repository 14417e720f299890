"""An API and an STS on loopback over TLS: as quick as the standard library makes it, in a process of its own.

A thread to each connection and answers written beforehand, so that what is measured is the client.
"""

from __future__ import annotations

import json
import socket
import ssl
import subprocess
import sys
import threading
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROLE_ARN = "arn:aws:iam::111122223333:role/reader"
"""The role that the STS hands out a session of."""

KEYS = ("ASIAEXAMPLEOFTHEBENCH", "invented/secret/key/of/the/role/session0")
"""Access key id and secret access key of that session: invented."""

TOKEN = "invented+session+token/" * 36
"""Its session token, as long as AWS's are."""

SIZES = {10: 1_000, 1000: 100_000}
"""What `GET /prod/orders?limit=N` answers, in bytes."""

_HEAD_END = b"\r\n\r\n"
_CHUNK = 2**16

_ASSUMED = """<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult>
<AssumedRoleUser><AssumedRoleId>AROAEXAMPLE:bench</AssumedRoleId>
<Arn>arn:aws:sts::111122223333:assumed-role/reader/bench</Arn></AssumedRoleUser>
<Credentials><AccessKeyId>{0}</AccessKeyId><SecretAccessKey>{1}</SecretAccessKey><SessionToken>{2}</SessionToken>
<Expiration>{3}</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"""


@contextmanager
def run_server(certificate: Path) -> Iterator[int]:
    """Run the server in a process of its own; it ends with its standard input.

    Args:
        certificate: a PEM file of private key and chain, for 127.0.0.1.

    Yields:
        its port on 127.0.0.1.
    """
    process = subprocess.Popen(  # noqa: S603 - this very file
        [sys.executable, str(Path(__file__)), str(certificate)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with process:
        if process.stdout is None:
            raise RuntimeError("The server cannot tell its port.")
        yield int(process.stdout.readline())


def main(certificate: str) -> None:
    """Serve until standard input ends; the port is the only line of output."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    answers = {f"GET /prod/orders?limit={limit} ".encode(): _ok(_orders(size)) for limit, size in SIZES.items()}
    answers[b"POST /prod/orders "] = _ok(b'{"id":4711}')
    answers[b"POST / "] = _ok(_assumed_role(), "text/xml")
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    threading.Thread(target=_accept, args=(listener, tls, answers), daemon=True).start()
    sys.stdout.write(f"{listener.getsockname()[1]}\n")
    sys.stdout.flush()
    sys.stdin.read()


def _accept(listener: socket.socket, tls: ssl.SSLContext, answers: dict[bytes, bytes]) -> None:
    while True:
        connection, _ = listener.accept()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=_serve, args=(connection, tls, answers), daemon=True).start()


def _serve(connection: socket.socket, tls: ssl.SSLContext, answers: dict[bytes, bytes]) -> None:
    with suppress(OSError), connection, tls.wrap_socket(connection, server_side=True) as talk:
        while head := _receive(talk):
            line = head.partition(b"HTTP/1.1")[0]
            talk.sendall(answers.get(line, _NOT_FOUND))


def _receive(talk: ssl.SSLSocket) -> bytes:
    """Receive a head, then its content, which nobody reads; empty at the end of the connection."""
    received = b""
    while (end := received.find(_HEAD_END)) < 0:
        part = talk.recv(_CHUNK)
        if not part:
            return b""
        received += part
    if received.startswith(b"POST"):
        fields = received[:end].lower().split(b"\r\n")[1:]
        length = next(int(field.partition(b":")[2]) for field in fields if field.startswith(b"content-length:"))
        while len(received) < end + len(_HEAD_END) + length:
            received += talk.recv(_CHUNK)
    return received


def _answer(status: str, content: bytes, media_type: str) -> bytes:
    """Write an answer with the fields that API Gateway's have."""
    fields = (
        f"HTTP/1.1 {status}",
        "Date: Thu, 01 Jan 2026 00:00:00 GMT",
        f"Content-Type: {media_type}",
        f"Content-Length: {len(content)}",
        "Connection: keep-alive",
        "x-amzn-RequestId: 7c1f0a52-8a0e-4f6e-9d0b-5a3f1c2d4e6f",
        "x-amz-apigw-id: AbCdEfGhIjKlMnO=",
        "X-Amzn-Trace-Id: Root=1-65a1b2c3-0123456789abcdef01234567",
    )
    return "\r\n".join((*fields, "", "")).encode() + content


def _ok(content: bytes, media_type: str = "application/json") -> bytes:
    return _answer("200 OK", content, media_type)


_NOT_FOUND = _answer("404 Not Found", b'{"message":"Not Found"}', "application/json")


def _orders(size: int) -> bytes:
    """Return a JSON document of orders, of that many bytes."""
    rows = [{"id": i, "status": "open", "total": i * 1.25, "customer": f"customer-{i:04}"} for i in range(size // 80)]
    document = json.dumps({"items": rows, "note": ""})
    return json.dumps({"items": rows, "note": "." * (size - len(document))}).encode()


def _assumed_role() -> bytes:
    expiration = datetime.now(UTC) + timedelta(hours=1)
    return _ASSUMED.format(*KEYS, TOKEN, expiration.strftime("%Y-%m-%dT%H:%M:%SZ")).encode()


if __name__ == "__main__":
    main(sys.argv[1])
