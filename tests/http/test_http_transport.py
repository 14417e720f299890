"""The transport against real sockets: the bytes sent are those signed, and every failure is short, clear and over."""

from __future__ import annotations

import gzip
import logging
import shutil
import socket
import ssl
import subprocess
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apigw_magic.errors import ApigwError, InvalidRequestError, TransportError
from apigw_magic.http import Signer, Transport, freeze, resolve, send_with
from apigw_magic.models import Credentials, Reply, SignedRequest, SigningScope, Url
from tests.http.wire import Answer, Wire, reply

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TOKEN = "invented/session+token=="
CREDENTIALS = Credentials("AKIDEXAMPLE", "invented secret key", TOKEN)
SIGNER = Signer(SigningScope("execute-api", "eu-west-1"))
TIMEOUT = 0.3
FIELDS = (("Content-Type", "a/b"), ("X-Note", "caf\xe9"))


def signed(
    port: int, target: str = "/x", *, method: str = "GET", content: bytes = b"", host: str = "http://127.0.0.1"
) -> SignedRequest:
    """Sign a request for a port on loopback."""
    url = resolve(freeze(f"{host}:{port}/prod"), target)
    return SIGNER.sign(method, url, FIELDS, content, CREDENTIALS)


def fail(send: Transport, request: SignedRequest) -> TransportError:
    """Send what must fail: with our error alone, in bounded time."""
    started = time.perf_counter()
    with pytest.raises(TransportError) as caught:
        send(request, timeout=TIMEOUT)
    assert time.perf_counter() - started < 3
    assert caught.value.__cause__ is caught.value.__context__ is None
    assert len(caught.value.lines) == 3
    assert TOKEN not in str(caught.value)
    assert request.url.authority in caught.value.what or "MB" in caught.value.what
    return caught.value


def exchange(answer: Answer | bytes, *, method: str = "GET") -> Reply:
    """Return what the transport makes of an answer."""
    with Wire(answer) as wire:
        return send_with()(signed(wire.port, method=method), timeout=TIMEOUT)


TARGETS = [
    ("/orders", "/prod/orders"),
    ("/a%2Fb/c%20d", "/prod/a%2Fb/c%20d"),
    ("/a%2fb", "/prod/a%2Fb"),
    ("/a+b", "/prod/a+b"),
    ("/a;v=1/b", "/prod/a%3Bv=1/b"),
    ("/a:b@c!$&'()*,=~", "/prod/a:b@c!$&'()*,=~"),
    ("/%7Ea", "/prod/%7Ea"),
    ("/a/../b/./c", "/prod/b/c"),
    ("/%25%32%65%25%32%65/x", "/prod/%25%32%65%25%32%65/x"),
    ("/日本", "/prod/%E6%97%A5%E6%9C%AC"),
    ("/[x]{y}|z^`", "/prod/%5Bx%5D%7By%7D%7Cz%5E%60"),
    ("/x?b=2&a=1+2&c=d e&f", "/prod/x?b=2&a=1%2B2&c=d%20e&f="),
    ("/x?u=https://o.example/?a=b", "/prod/x?u=https%3A%2F%2Fo.example%2F%3Fa%3Db"),
    ("/x?a=%7e&b=%2f..%2F", "/prod/x?a=~&b=%2F..%2F"),
]


@pytest.mark.parametrize(("target", "sent"), TARGETS)
def test_the_bytes_sent_are_those_signed(target: str, sent: str) -> None:
    """Request line, fields and content on the wire are the signed ones, in the signed spelling."""
    with Wire(reply()) as wire:
        request = signed(wire.port, target, method="POST", content=b"\x00\xff{}")
        send_with()(request, timeout=TIMEOUT)
    head, _, content = wire.requests[0].partition(b"\r\n\r\n")
    line, *fields = head.decode("latin-1").split("\r\n")
    assert line == f"POST {sent} HTTP/1.1"
    assert sent == request.url.target
    assert content == request.content
    received = [tuple(field.split(": ", 1)) for field in fields]
    assert set(request.headers) <= set(received)
    assert {name.lower() for name, _ in set(received) - set(request.headers)} <= {
        "accept-encoding",
        "user-agent",
        "content-length",
    }
    assert len(received) == len({name.lower() for name, _ in received})


@pytest.fixture(scope="module")
def echo() -> Iterator[tuple[Wire, Transport]]:
    """Run a server and a transport for many requests."""
    with Wire(reply(b"ok")) as wire:
        yield wire, send_with()


@settings(deadline=None)  # a socket may take its time
@given(target=st.text(st.one_of(st.sampled_from("/.%2eE:@?&=+;~ '*!|"), st.characters()), max_size=30))
def test_any_target_is_sent_as_signed(echo: tuple[Wire, Transport], target: str) -> None:
    """No target that freezes is written anew on its way to the wire."""
    wire, send = echo
    try:
        request = signed(wire.port, f"/{target}")
    except InvalidRequestError:
        return
    send(request, timeout=5)
    assert wire.requests[-1].startswith(f"GET {request.url.target} HTTP/1.1\r\n".encode())


def test_any_target_goes_over_one_connection(echo: tuple[Wire, Transport]) -> None:
    """A connection is kept and used again."""
    wire, send = echo
    for _ in range(3):
        send(signed(wire.port), timeout=5)
    assert wire.connections == 1


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_no_content_has_a_length(method: str) -> None:
    """A POST without content says so, or servers would wait or refuse it."""
    with Wire(reply()) as wire:
        send_with()(signed(wire.port, method=method), timeout=TIMEOUT)
    assert b"\r\nContent-Length: 0\r\n" in wire.requests[0]


def test_a_get_has_no_length() -> None:
    """A GET without content has no Content-Length and nothing after its head."""
    with Wire(reply()) as wire:
        send_with()(signed(wire.port), timeout=TIMEOUT)
    assert b"content-length" not in wire.requests[0].lower()
    assert wire.requests[0].endswith(b"\r\n\r\n")


GZIPPED = gzip.compress(b'{"a": 1}')

ANSWERS: list[tuple[str, Answer | bytes, int, str, bytes]] = [
    ("plain", reply(b"ok"), 200, "OK", b"ok"),
    ("empty", reply(), 200, "OK", b""),
    ("no reason", reply(b"ok", status="200 "), 200, "", b"ok"),
    ("odd status", reply(b"ok", status="599 Odd"), 599, "Odd", b"ok"),
    ("no content", b"HTTP/1.1 204 No Content\r\n\r\n", 204, "No Content", b""),
    ("not modified", b"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", 304, "Not Modified", b""),
    ("gzip", reply(GZIPPED, fields="Content-Encoding: gzip\r\n"), 200, "OK", b'{"a": 1}'),
    ("deflate", reply(zlib.compress(b"x" * 99), fields="Content-Encoding: deflate\r\n"), 200, "OK", b"x" * 99),
    ("unknown coding", reply(b"ok", fields="Content-Encoding: odd\r\n"), 200, "OK", b"ok"),
    (
        "chunked",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\no\r\n1\r\nk\r\n0\r\n\r\n",
        200,
        "OK",
        b"ok",
    ),
    ("until close", Answer(b"HTTP/1.1 200 OK\r\n\r\nok", "close"), 200, "OK", b"ok"),
    ("HTTP/1.0", Answer(b"HTTP/1.0 200 OK\r\n\r\nok", "close"), 200, "OK", b"ok"),
    ("after 100", b"HTTP/1.1 100 Continue\r\n\r\n" + reply(b"ok"), 200, "OK", b"ok"),
    ("large", reply(b"x" * 300_000), 200, "OK", b"x" * 300_000),
]


@pytest.mark.parametrize(
    ("answer", "status", "reason", "content"), [row[1:] for row in ANSWERS], ids=[row[0] for row in ANSWERS]
)
def test_answers(answer: Answer | bytes, status: int, reason: str, content: bytes) -> None:
    """A whole answer is read and decoded, in every form that HTTP gives it."""
    got = exchange(answer)
    assert (got.status_code, got.reason, got.content) == (status, reason, content)
    assert 0 < got.elapsed < 1


def test_head_has_a_length_and_no_content() -> None:
    """The Content-Length of an answer to HEAD counts what is not sent."""
    got = exchange(reply(length=1234), method="HEAD")
    assert (got.status_code, got.content, got.headers["content-length"]) == (200, b"", "1234")


def test_repeated_fields_are_joined() -> None:
    """What came twice is one value."""
    got = exchange(reply(fields="X-A: 1\r\nx-a: 2\r\nx-amzn-ErrorType: T\r\n"))
    assert got.headers["X-A"] == "1, 2"
    assert got.headers["x-amzn-errortype"] == "T"


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
def test_redirects_are_not_followed(status: str) -> None:
    """The session token must not reach where an answer points to, not even the same host."""
    with (
        Wire(reply()) as other,
        Wire(reply(status=status, fields=f"Location: http://127.0.0.1:{other.port}/\r\n")) as wire,
    ):
        got = send_with()(signed(wire.port), timeout=TIMEOUT)
    assert got.status_code == int(status[:3])
    assert got.headers["location"].endswith("/")
    assert (len(wire.requests), other.connections) == (1, 0)


def test_errors_are_answers() -> None:
    """A status that says no is not the transport's business, and is not tried again."""
    with Wire(reply(b"{}", status="503 Busy", fields="Retry-After: 1\r\n")) as wire:
        assert send_with()(signed(wire.port), timeout=TIMEOUT).status_code == 503
    assert len(wire.requests) == 1


PARTIAL = "broke off"
FAILURES: list[tuple[str, Answer | bytes, str]] = [
    ("closed", Answer(b"", "close"), PARTIAL),
    ("reset", Answer(b"", "reset"), PARTIAL),
    ("half a status line", Answer(b"HTTP/1.1 20", "close"), PARTIAL),
    ("not HTTP", Answer(b"SSH-2.0-OpenSSH\r\n", "close"), PARTIAL),
    ("reset within", Answer(reply(b"ok", length=9), "reset"), PARTIAL),
    ("short", Answer(reply(b"short", length=9), "close"), PARTIAL),
    ("no content but a length", Answer(reply(length=9), "close"), PARTIAL),
    (
        "short chunk",
        Answer(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nshort", "close"),
        PARTIAL,
    ),
    (
        "no last chunk",
        Answer(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n", "close"),
        PARTIAL,
    ),
    (
        "bad chunk",
        Answer(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nok\r\n", "close"),
        PARTIAL,
    ),
    ("two lengths", Answer(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nok"), PARTIAL),
    ("endless head", Answer(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000 + b"\r\n\r\n", "close"), PARTIAL),
    ("silence", Answer(b"", "hold"), "did not answer within 0.3 s"),
    ("silence within the head", Answer(b"HTTP/1.1 200 OK\r\nX: ", "hold"), "did not answer within 0.3 s"),
    ("silence within", Answer(reply(b"short", length=9), "hold"), "did not answer within 0.3 s"),
    ("not gzip", reply(b"plain", fields="Content-Encoding: gzip\r\n"), "cannot be decoded"),
    ("damaged gzip", reply(GZIPPED[:-9] + b"\xff" * 9, fields="Content-Encoding: gzip\r\n"), "cannot be decoded"),
    ("too large", reply(b"x" * 2**20 + b"x"), "larger than 1 MB"),
    ("gzip bomb", reply(gzip.compress(bytes(2**26)), fields="Content-Encoding: gzip\r\n"), "larger than 1 MB"),
]


@pytest.mark.parametrize(("answer", "what"), [row[1:] for row in FAILURES], ids=[row[0] for row in FAILURES])
def test_failures(answer: Answer | bytes, what: str) -> None:
    """Each failure has its message and no foreign exception, and the next request over the same transport works."""
    with Wire(answer, reply(b"ok")) as wire:
        send = send_with(max_bytes=2**20)
        assert what in fail(send, signed(wire.port)).what
        assert send(signed(wire.port), timeout=TIMEOUT).content == b"ok"
    assert len(wire.requests) == 2


@pytest.mark.parametrize("answer", [Answer(b"", "hold"), Answer(b"", "reset"), Answer(b"", "close")])
def test_a_request_that_was_sent_is_said_to_be(answer: Answer) -> None:
    """Once the request went out nobody knows what came of it, and it is not sent twice."""
    with Wire(answer) as wire:
        error = fail(send_with(), signed(wire.port, method="POST", content=b"{}"))
    assert "may have processed" in error.why
    assert len(wire.requests) == 1


def test_refused() -> None:
    """A port where nobody listens: nothing was sent, and later it works."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = int(listener.getsockname()[1])
    send = send_with()
    error = fail(send, signed(port))
    assert error.what == f"127.0.0.1:{port} refused the connection."
    assert error.why == "Nothing was sent."
    with Wire(reply(b"ok")) as wire:
        assert send(signed(wire.port), timeout=TIMEOUT).content == b"ok"


def test_a_name_that_does_not_resolve() -> None:
    """A private API's name resolves only inside its VPC: the message says so."""
    name = ".".join(["x" * 60] * 5)  # longer than DNS has names, so that nobody is asked
    request = SIGNER.sign("GET", Url("http", name, "/"), (), b"", CREDENTIALS)
    error = fail(send_with(), request)
    assert error.what.endswith("cannot be found.")
    assert "VPC" in error.why


def test_a_connection_closed_meanwhile_is_replaced() -> None:
    """A server that closes after its answer, without a word, does not fail the next request."""
    with Wire(Answer(reply(b"ok"), "close")) as wire:
        send = send_with()
        for _ in range(3):
            assert send(signed(wire.port), timeout=TIMEOUT).content == b"ok"
            time.sleep(0.05)
    assert wire.connections == 3


def test_bytes_after_an_answer_are_not_the_next_one() -> None:
    """What a server says too much is not taken for the answer to the next request."""
    with Wire(reply(b"ok") + reply(b"smuggled"), reply(b"second")) as wire:
        send = send_with()
        assert send(signed(wire.port), timeout=TIMEOUT).content == b"ok"
        time.sleep(0.05)
        assert send(signed(wire.port), timeout=TIMEOUT).content == b"second"


def test_nothing_secret_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """At DEBUG, over success and failure, no record holds the token, the secret or the signature."""
    with caplog.at_level(logging.DEBUG), Wire(reply(b"ok"), Answer(b"", "close")) as wire:
        request = signed(wire.port)
        send = send_with()
        send(request, timeout=TIMEOUT)
        fail(send, request)
    shown = "\n".join(f"{record.getMessage()} {record.args} {record.exc_text}" for record in caplog.records)
    assert not [secret for secret in (*request.secrets, CREDENTIALS.secret_access_key) if secret in shown]


def make_certificate(folder: Path, host: str) -> Path:
    """Make a self-signed certificate, with its key in the same file."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("the openssl command makes the certificate")
    key, pem = folder / "key.pem", folder / "both.pem"
    kind = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    name = ["-subj", f"/CN={host}", "-addext", f"subjectAltName=DNS:{host}"]
    command = [openssl, "req", *kind, *name, "-keyout", str(key), "-out", str(pem)]
    subprocess.run(command, check=True, capture_output=True)
    pem.write_text(pem.read_text() + key.read_text())
    return pem


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a certificate of localhost."""
    return make_certificate(tmp_path_factory.mktemp("tls"), "localhost")


def server_context(certificate: Path) -> ssl.SSLContext:
    """Return a server's side of TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def test_tls_with_a_trusted_certificate(certificate: Path) -> None:
    """With the file of CA certificates given, the connection stands."""
    with Wire(reply(b"ok"), tls=server_context(certificate)) as wire:
        send = send_with(ca_bundle=str(certificate))
        for _ in range(2):
            got = send(signed(wire.port, host="https://localhost"), timeout=TIMEOUT)
            assert got.content == b"ok"
    assert wire.connections == 1


def test_the_ca_bundle_of_the_environment(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """AWS_CA_BUNDLE is trusted, as by the AWS command line."""
    monkeypatch.setenv("AWS_CA_BUNDLE", str(certificate))
    with Wire(reply(b"ok"), tls=server_context(certificate)) as wire:
        assert send_with()(signed(wire.port, host="https://localhost"), timeout=TIMEOUT).content == b"ok"


def test_tls_that_is_not_trusted(certificate: Path) -> None:
    """A self-signed certificate is named as one; nothing of the request was sent."""
    with Wire(reply(b"ok"), tls=server_context(certificate)) as wire:
        error = fail(send_with(), signed(wire.port, host="https://localhost"))
    assert error.what == f"The TLS connection to localhost:{wire.port} failed."
    assert error.why == "Self-signed certificate."
    assert "AWS_CA_BUNDLE" in error.fix
    assert wire.requests == []


def test_tls_of_another_host(tmp_path: Path) -> None:
    """A certificate of another host is refused, with the host's name."""
    other = make_certificate(tmp_path, "other.example")
    with Wire(reply(b"ok"), tls=server_context(other)) as wire:
        error = fail(send_with(ca_bundle=str(other)), signed(wire.port, host="https://localhost"))
    assert "certificate is not valid for 'localhost'" in error.why
    assert wire.requests == []


def test_tls_where_nobody_answers_it() -> None:
    """A port that says nothing to a TLS greeting: given up after the time to connect, and nothing was sent."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        request = signed(int(silent.getsockname()[1]), host="https://localhost")
        error = fail(send_with(connect_timeout=0.2), request)
    assert "TLS handshake within 0.2 s" in error.what
    assert error.why == "Nothing was sent."


def test_tls_where_there_is_none() -> None:
    """A server that speaks plain HTTP is told from one that is away."""
    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor() as threads:
        request = signed(int(listener.getsockname()[1]), host="https://localhost")
        failed = threads.submit(fail, send_with(), request)
        connection, _ = listener.accept()
        with connection:
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            error = failed.result(5)
    assert "TLS connection" in error.what
    assert error.why == "Wrong version number."


@pytest.mark.parametrize("content", [None, "", "not PEM"])
def test_a_ca_bundle_that_cannot_be_read(tmp_path: Path, content: str | None) -> None:
    """A file that is absent or no PEM is an error of ours that names it."""
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_text(content)
    with pytest.raises(ApigwError) as caught:
        send_with(ca_bundle=str(file))
    assert str(file) in caught.value.what
    assert caught.value.__cause__ is caught.value.__context__ is None
