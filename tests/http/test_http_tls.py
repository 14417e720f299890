"""TLS: whom the transport trusts, and what it says of whom it does not."""

from __future__ import annotations

import gc
import signal
import socket
import ssl
import threading
from typing import TYPE_CHECKING

import pytest

from apigw_magic.errors import TransportError
from apigw_magic.http import send_with
from apigw_magic.http.connections import tls_context
from tests.http.certificates import Authority
from tests.http.sending import TIMEOUT, answer_ok, fail, hold, reset, serve, signed, take
from tests.http.wire import Wire, reply

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

HOST = "https://localhost"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Make an authority."""
    return Authority(tmp_path_factory.mktemp("tls"))


def test_a_trusted_certificate(authority: Authority) -> None:
    """With the file of CA certificates given, the connection stands, and is kept."""
    with Wire(reply(b"ok"), tls=authority.context()) as wire:
        send = send_with(ca_bundle=authority.ca_file)
        for _ in range(2):
            assert send(signed(wire.port, host=HOST), timeout=TIMEOUT).content == b"ok"
    assert wire.connections == 1


@pytest.mark.filterwarnings("ignore:ssl.match_hostname:DeprecationWarning")  # by urllib3 1.26
def test_an_address_in_the_url(authority: Authority) -> None:
    """An IP address is compared with the certificate's; urllib3 1.26 alone fails at it."""
    with Wire(reply(b"ok"), tls=authority.context("IP:127.0.0.1")) as wire:
        send = send_with(ca_bundle=authority.ca_file)
        assert send(signed(wire.port, host="https://127.0.0.1"), timeout=TIMEOUT).content == b"ok"


@pytest.mark.filterwarnings("ignore:ssl.match_hostname:DeprecationWarning")  # by urllib3 1.26
def test_another_address_in_the_certificate(authority: Authority) -> None:
    """A certificate of another address is refused, by whoever compares."""
    with Wire(reply(b"ok"), tls=authority.context("IP:127.0.0.2,DNS:localhost")) as wire:
        send = send_with(ca_bundle=authority.ca_file)
        error = fail(send, signed(wire.port, host="https://127.0.0.1"))
    assert "belongs to another host" in error.what
    assert wire.requests == []


REFUSED: dict[str, tuple[Callable[[Authority], ssl.SSLContext], str, str, str]] = {
    "expired": (lambda made: made.context(days=-1), "has expired", "Certificate has expired.", "clock"),
    "another host": (lambda made: made.context("DNS:o.example"), "belongs to another host", "not valid for", "%apigw"),
    "unknown CA": (
        lambda made: made.context(is_self_signed=True),
        "not trusted",
        "Self-signed certificate.",
        "AWS_CA_BUNDLE",
    ),
}


@pytest.mark.parametrize(("make", "what", "why", "fix"), REFUSED.values(), ids=REFUSED)
def test_a_certificate_that_is_refused(
    authority: Authority, make: Callable[[Authority], ssl.SSLContext], what: str, why: str, fix: str
) -> None:
    """What is wrong with a certificate is said; nothing was sent, and trying again is of no use."""
    with Wire(reply(b"ok"), tls=make(authority)) as wire, Wire(reply(b"ok"), tls=authority.context()) as good:
        send = send_with(ca_bundle=authority.ca_file)
        error = fail(send, signed(wire.port, host=HOST))
        assert what in error.what
        assert f"localhost:{wire.port}" in error.what
        assert why in error.why
        assert error.why.endswith("Nothing was sent.")
        assert fix in error.fix
        assert (error.was_sent, error.is_transient) == (False, False)
        assert wire.requests == []
        assert send(signed(good.port, host=HOST), timeout=TIMEOUT).content == b"ok"


def test_the_public_authorities_do_not_vouch_for_it(authority: Authority) -> None:
    """Without the file of its CA, the server is not trusted."""
    with Wire(reply(b"ok"), tls=authority.context()) as wire:
        error = fail(send_with(), signed(wire.port, host=HOST))
    assert "from an authority that is not trusted" in error.what
    assert "AWS_CA_BUNDLE" in error.fix


@pytest.mark.parametrize("name", ["AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE"])
def test_the_ca_bundle_of_the_environment(authority: Authority, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """What the environment says is trusted, as by boto3."""
    monkeypatch.setenv(name, authority.ca_file)
    with Wire(reply(b"ok"), tls=authority.context()) as wire:
        assert send_with()(signed(wire.port, host=HOST), timeout=TIMEOUT).content == b"ok"


def answer_plainly(connection: socket.socket) -> None:
    """Answer a TLS greeting in HTTP."""
    connection.recv(2**16)
    connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")


def hang_up(connection: socket.socket) -> None:
    """Close after the greeting."""
    connection.recv(2**16)


def greet_and_reset(connection: socket.socket) -> None:
    """Reset after the greeting."""
    connection.recv(2**16)
    reset(connection)


def alert(connection: socket.socket) -> None:
    """Refuse with the alert handshake_failure (RFC 8446 §6.2)."""
    connection.recv(2**16)
    connection.sendall(b"\x15\x03\x03\0\x02\x02\x28")


BROKEN: dict[str, tuple[Callable[[socket.socket], object], str, bool]] = {
    "plain HTTP": (answer_plainly, "does not speak TLS", False),
    "closed": (hang_up, "closed the connection during the TLS handshake", True),
    "reset": (greet_and_reset, "closed the connection during the TLS handshake", True),
    "refused": (alert, "The TLS connection to", False),
    "silence": (hold, "did not finish the TLS handshake within 0.3 s", True),
}


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # wrap_socket leaves it to the collector
@pytest.mark.parametrize(("scene", "what", "is_transient"), BROKEN.values(), ids=BROKEN)
def test_a_handshake_that_fails(
    authority: Authority,
    scene: Callable[[socket.socket], object],
    what: str,
    is_transient: bool,  # noqa: FBT001 - a table's column
) -> None:
    """How the handshake ended is said; nothing was sent, and the next one may succeed."""
    context = authority.context()

    def good(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as talk:
            answer_ok(talk)

    with serve(scene, good) as port:
        send = send_with(ca_bundle=authority.ca_file, connect_timeout=0.3)
        error = fail(send, signed(port, host=HOST))
        assert what in error.what
        assert f"localhost:{port}" in error.what
        assert (error.was_sent, error.is_transient) == (False, is_transient)
        assert send(signed(port, host=HOST), timeout=TIMEOUT).content == b"ok"


@pytest.mark.parametrize("then", ["close", "reset", "alert"])
def test_tls_that_breaks_after_the_request(authority: Authority, then: str) -> None:
    """What breaks once the request is out may have been processed."""
    context = authority.context()

    def bad(connection: socket.socket) -> None:
        talk = context.wrap_socket(connection, server_side=True)
        take(talk)
        if then == "reset":
            reset(talk)
        elif then == "alert":
            plain = socket.socket(fileno=talk.detach())
            plain.sendall(b"\x17\x03\x03\0\x20" + bytes(32))  # a record that does not decrypt
            plain.close()
        talk.close()

    def good(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as talk:
            answer_ok(talk)

    with serve(bad, good) as port:
        send = send_with(ca_bundle=authority.ca_file)
        error = fail(send, signed(port, method="POST", host=HOST))
        assert "may have processed" in error.why
        assert error.was_sent
        assert error.is_transient is (then != "alert")
        assert send(signed(port, host=HOST), timeout=TIMEOUT).content == b"ok"


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="the test interrupts itself by a POSIX signal")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # wrap_socket leaves it to the collector
def test_interrupted_within_the_handshake(authority: Authority) -> None:
    """The interrupt of a kernel ends a handshake, and the next request has one of its own."""
    context = authority.context()

    def good(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as talk:
            answer_ok(talk)

    main = threading.main_thread().ident
    assert main is not None
    with serve(hold, good) as port:
        send = send_with(ca_bundle=authority.ca_file)
        timer = threading.Timer(0.1, signal.pthread_kill, (main, signal.SIGINT))
        timer.start()
        with pytest.raises(KeyboardInterrupt):
            send(signed(port, host=HOST), timeout=5)
        timer.join()
        gc.collect()
        assert send(signed(port, host=HOST), timeout=TIMEOUT).content == b"ok"


@pytest.mark.parametrize("content", [None, "", "not PEM"])
def test_a_ca_bundle_that_cannot_be_read(tmp_path: Path, content: str | None) -> None:
    """A file that is absent or no PEM is an error of ours that names it, each time."""
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_text(content)
    for _ in range(2):
        with pytest.raises(TransportError) as caught:
            send_with(ca_bundle=str(file))
        assert str(file) in caught.value.what
        assert caught.value.__cause__ is caught.value.__context__ is None
        assert not caught.value.was_sent


def test_what_the_context_asks_for(authority: Authority) -> None:
    """Certificates are required, TLS is 1.2 at least, and a company's CA need not be strict about RFC 5280."""
    context = tls_context(authority.ca_file)
    assert context is tls_context(authority.ca_file)
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2
    assert not context.verify_flags & ssl.VERIFY_X509_STRICT
