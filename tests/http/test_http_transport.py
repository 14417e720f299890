"""The transport against real sockets: the bytes sent are those signed, and every failure is short, clear and over."""

from __future__ import annotations

import gzip
import re
import signal
import socket
import threading
import time
import zlib
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apigw_magic.errors import InvalidRequestError
from apigw_magic.http import Transport, send_with
from apigw_magic.models import Reply, SignedRequest, Url
from tests.http.sending import (
    CREDENTIALS,
    FIELDS,
    SIGNER,
    TIMEOUT,
    answer_ok,
    fail,
    find_secrets,
    hold,
    recorded,
    reset,
    say,
    serve,
    signed,
    take,
)
from tests.http.wire import Answer, Wire, reply

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


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
    assert {name.lower() for name, _ in set(received) - set(request.headers)} == {"content-length"}
    assert len(received) == len({name.lower() for name, _ in received})


@pytest.fixture(scope="module")
def echo() -> Iterator[tuple[Wire, Transport]]:
    """Run a server and a transport for many requests."""
    with Wire(reply(b"ok")) as wire:
        yield wire, send_with()


HOSTILE = [
    "//x:y@z",
    "/a//b/../c",
    "/%2e%2E/%zz%",
    "/?a=b?c=%7e&+;,",
    "/[x]|^`{}",
    "/%e6%97",
    "http://o.example/x",
    "*",
]


@pytest.mark.parametrize("target", HOSTILE)
def test_even_what_no_freezing_would_leave_is_sent_as_it_is(echo: tuple[Wire, Transport], target: str) -> None:
    """The transport has no opinion about targets: it writes nothing anew, whatever came into the URL."""
    wire, send = echo
    path, _, query = target.partition("?")
    request = SIGNER.sign("GET", Url("http", f"127.0.0.1:{wire.port}", path, query), FIELDS, b"", CREDENTIALS)
    send(request, timeout=5)
    assert wire.requests[-1].startswith(f"GET {target} HTTP/1.1\r\n".encode())


@pytest.mark.parametrize("target", ["/a b", "/a\r\nX: y", "/caf\xe9"])
def test_a_target_that_would_break_the_request_is_an_error_of_ours(echo: tuple[Wire, Transport], target: str) -> None:
    """What no frozen URL holds does not smuggle a header in."""
    wire, send = echo
    before = len(wire.requests)
    url = Url("http", f"127.0.0.1:{wire.port}", target)
    error = fail(send, SignedRequest("GET", url, FIELDS, b"", "", ""))
    assert "cannot be sent" in error.what
    assert not error.was_sent
    assert len(wire.requests) == before


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
    send(signed(wire.port), timeout=5)
    before = wire.connections
    for _ in range(3):
        send(signed(wire.port), timeout=5)
    assert wire.connections == before


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
RAW_DEFLATE = zlib.compress(b"x" * 99)[2:-4]
GZIP = "Content-Encoding: gzip\r\n"
DEFLATE = "Content-Encoding: deflate\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

ANSWERS: list[tuple[str, Answer | bytes, int, str, bytes]] = [
    ("plain", reply(b"ok"), 200, "OK", b"ok"),
    ("empty", reply(), 200, "OK", b""),
    ("no reason", reply(b"ok", status="200 "), 200, "", b"ok"),
    ("odd status", reply(b"ok", status="599 Odd"), 599, "Odd", b"ok"),
    ("no content", b"HTTP/1.1 204 No Content\r\n\r\n", 204, "No Content", b""),
    ("not modified", b"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", 304, "Not Modified", b""),
    ("gzip", reply(GZIPPED, fields="Content-Encoding: gzip\r\n"), 200, "OK", b'{"a": 1}'),
    ("gzip of several members", reply(GZIPPED * 3, fields=GZIP), 200, "OK", b'{"a": 1}' * 3),
    ("gzip with padding", reply(GZIPPED + bytes(9), fields=GZIP), 200, "OK", b'{"a": 1}'),
    ("gzip with something after it", reply(GZIPPED + b"bye", fields=GZIP), 200, "OK", b'{"a": 1}'),
    ("gzip of nothing", reply(gzip.compress(b""), fields=GZIP), 200, "OK", b""),
    ("gzip on no content", reply(fields=GZIP), 200, "OK", b""),
    ("x-gzip", reply(GZIPPED, fields="Content-Encoding: X-GZip\r\n"), 200, "OK", b'{"a": 1}'),
    ("identity", reply(b"ok", fields="Content-Encoding: identity\r\n"), 200, "OK", b"ok"),
    ("gzip twice", reply(gzip.compress(GZIPPED), fields="Content-Encoding: gzip, gzip\r\n"), 200, "OK", b'{"a": 1}'),
    ("gzip, large", reply(gzip.compress(b"ab" * 10**6), fields=GZIP), 200, "OK", b"ab" * 10**6),
    ("deflate", reply(zlib.compress(b"x" * 99), fields=DEFLATE), 200, "OK", b"x" * 99),
    ("deflate without its frame", reply(RAW_DEFLATE, fields=DEFLATE), 200, "OK", b"x" * 99),
    ("deflate of nothing", reply(fields=DEFLATE), 200, "OK", b""),
    ("text named as a coding", reply(b"ok", fields="Content-Encoding: utf-8\r\n"), 200, "OK", b"ok"),
    ("a length twice", reply(b"ok", fields="Content-Length: 2\r\n"), 200, "OK", b"ok"),
    (
        "a length and chunks",
        CHUNKED.replace(b"\r\n", b"\r\nContent-Length: 9\r\n", 1) + b"2\r\nok\r\n0\r\n\r\n",
        200,
        "OK",
        b"ok",
    ),
    (
        "chunks with all there is",
        CHUNKED + b'02;a="b"\r\nok\r\nA\r\n0123456789\r\n0\r\nX: y\r\n\r\n',
        200,
        "OK",
        b"ok0123456789",
    ),
    (
        "chunked gzip",
        CHUNKED.replace(b"\r\n", b"\r\n" + GZIP.encode(), 1) + b"%x\r\n%s\r\n0\r\n\r\n" % (len(GZIPPED), GZIPPED),
        200,
        "OK",
        b'{"a": 1}',
    ),
    ("after 103", b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + reply(b"ok"), 200, "OK", b"ok"),
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


HEADER, CONTENT, NO_END = "broke off within its header", "broke off within its content", "end of the answer"

RESET = "broke off|without an answer"  # some systems drop what came before a reset

# Each with what the error says, and whether sending again may help.
FAILURES: list[tuple[str, Answer | bytes, str, bool]] = [
    ("closed", Answer(b"", "close"), "without an answer", True),
    ("reset", Answer(b"", "reset"), "without an answer", True),
    ("half a status line", Answer(b"HTTP/1.1 20", "close"), HEADER, True),
    ("reset within the status line", Answer(b"HTTP/1.1 20", "reset"), RESET, True),
    ("half a header", Answer(b"HTTP/1.1 200 OK\r\nContent-Le", "close"), HEADER, True),
    ("a header without its end", Answer(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n", "close"), HEADER, True),
    ("not HTTP", Answer(b"SSH-2.0-OpenSSH\r\n", "close"), "does not answer in HTTP", False),
    ("HTTP of another kind", Answer(b"HTTP/3 200 OK\r\n\r\n", "close"), "does not answer in HTTP", False),
    ("another protocol", Answer(b"HTTP/1.1 101 Switching\r\n\r\n", "close"), "does not answer in HTTP", False),
    ("reset within", Answer(reply(b"ok", length=9), "reset"), RESET, True),
    ("short", Answer(reply(b"short", length=9), "close"), CONTENT, True),
    ("no content but a length", Answer(reply(length=9), "close"), CONTENT, True),
    ("short chunk", Answer(CHUNKED + b"9\r\nshort", "close"), CONTENT, True),
    ("no last chunk", Answer(CHUNKED + b"2\r\nok\r\n", "close"), CONTENT, True),
    ("half a chunk's size", Answer(CHUNKED + b"2", "close"), CONTENT, True),
    ("no end of the trailer", Answer(CHUNKED + b"0\r\nX: y\r\n", "close"), CONTENT, True),
    ("bad chunk", Answer(CHUNKED + b"zz\r\nok\r\n", "close"), NO_END, False),
    ("negative chunk", Answer(CHUNKED + b"-1\r\nok\r\n", "close"), NO_END, False),
    ("chunk longer than it says", Answer(CHUNKED + b"1\r\nok\r\n0\r\n\r\n"), NO_END, False),
    ("endless chunk size", Answer(CHUNKED + b"0" * 70_000, "close"), NO_END, False),
    ("two lengths", Answer(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nok"), NO_END, False),
    ("negative length", Answer(b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nok"), NO_END, False),
    ("odd transfer coding", Answer(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"), NO_END, False),
    ("no colon", Answer(b"HTTP/1.1 200 OK\r\nX y\r\nContent-Length: 2\r\n\r\nok"), NO_END, False),
    ("endless line", Answer(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000 + b"\r\n\r\n", "close"), "too large", False),
    ("many fields", Answer(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n", "close"), "too large", False),
    ("silence", Answer(b"", "hold"), "did not answer within 0.3 s", True),
    ("silence within the head", Answer(b"HTTP/1.1 200 OK\r\nX: ", "hold"), "sent nothing more for 0.3 s", True),
    ("silence within", Answer(reply(b"short", length=9), "hold"), "sent nothing more for 0.3 s", True),
    ("silence within a chunk", Answer(CHUNKED + b"9\r\nshort", "hold"), "sent nothing more for 0.3 s", True),
    ("not gzip", reply(b"plain", fields=GZIP), "cannot be decoded", False),
    ("damaged gzip", reply(GZIPPED[:-9] + b"\xff" * 9, fields=GZIP), "cannot be decoded", False),
    ("truncated gzip", reply(GZIPPED[:-9], fields=GZIP), CONTENT, True),
    ("too large", Answer(reply(b"x" * 2**20 + b"x")), "larger than 1 MB", False),
    ("too large by what it says", Answer(reply(length=2**40), "hold"), "larger than 1 MB", False),
    ("too large in chunks", Answer(CHUNKED + b"200000\r\n" + b"x" * 2**21, "hold"), "larger than 1 MB", False),
    ("gzip bomb", reply(gzip.compress(bytes(2**26)), fields=GZIP), "larger than 1 MB", False),
]


@pytest.mark.parametrize(
    ("answer", "what", "is_transient"), [row[1:] for row in FAILURES], ids=[row[0] for row in FAILURES]
)
def test_failures(answer: Answer | bytes, what: str, is_transient: bool) -> None:  # noqa: FBT001 - a table's column
    """Each failure has its message and no foreign exception, and the next request over the same transport works."""
    with Wire(answer, reply(b"ok")) as wire:
        send = send_with(max_bytes=2**20)
        request = signed(wire.port)
        error = fail(send, request)
        assert re.search(what, error.what)
        assert request.url.authority in error.what
        assert (error.was_sent, error.is_transient) == (True, is_transient)
        assert send(request, timeout=TIMEOUT).content == b"ok"
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
    assert (error.was_sent, error.is_transient) == (False, True)
    with Wire(reply(b"ok")) as wire:
        assert send(signed(wire.port), timeout=TIMEOUT).content == b"ok"


def test_a_name_that_does_not_resolve() -> None:
    """A private API's name resolves only inside its VPC: the message says so."""
    name = ".".join(["x" * 60] * 5)  # longer than DNS has names, so that nobody is asked
    request = SIGNER.sign("GET", Url("http", name, "/"), (), b"", CREDENTIALS)
    error = fail(send_with(), request)
    assert error.what.endswith("cannot be found.")
    assert "VPC" in error.why
    assert (error.was_sent, error.is_transient) == (False, True)


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


def test_nothing_secret_is_logged() -> None:
    """At DEBUG no record of an exchange holds the token, the secret or the signature."""
    with recorded() as shown, Wire(reply(b"ok")) as wire:
        request = signed(wire.port)
        send_with()(request, timeout=TIMEOUT)
    assert not find_secrets(request, "\n".join(shown))


def test_nothing_secret_is_printed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever has all of http.client print what it sends does not see the token."""
    # What a user does to see all traffic; it is the standard library's class that they set.
    monkeypatch.setattr("http.client.HTTPConnection.debuglevel", 1)
    with Wire(reply(b"ok")) as wire:
        send_with()(signed(wire.port), timeout=TIMEOUT)
    assert capsys.readouterr().out == ""


def test_a_field_over_several_lines_is_one_value() -> None:
    """The folding of old (RFC 9112 §5.2) leaves no line break in a value."""
    assert exchange(reply(fields="X-A: 1\r\n  2\r\n\t3\r\n")).headers["x-a"] == "1 2 3"


def test_a_kept_connection_that_breaks() -> None:
    """A request over a kept connection that ends without an answer may have been processed, and says so."""

    def once(connection: socket.socket) -> None:
        take(connection)
        connection.sendall(reply(b"ok"))
        take(connection)
        reset(connection)

    with serve(once, answer_ok) as port:
        send = send_with()
        send(signed(port), timeout=TIMEOUT)
        error = fail(send, signed(port))
        assert "kept from an earlier request" in error.why
        assert "may have processed" in error.why
        assert (error.was_sent, error.is_transient) == (True, True)
        assert send(signed(port), timeout=TIMEOUT).content == b"ok"


def test_an_answer_before_the_request_was_whole() -> None:
    """A server that says "too large" without reading it all is heard."""

    def refuse(connection: socket.socket) -> None:
        connection.recv(100)
        connection.sendall(reply(b"no", status="413 Content Too Large"))
        connection.shutdown(socket.SHUT_WR)
        hold(connection)

    with serve(refuse, answer_ok) as port:
        send = send_with()
        got = send(signed(port, method="POST", content=bytes(2**22)), timeout=2)
        assert (got.status_code, got.content) == (413, b"no")
        assert send(signed(port), timeout=TIMEOUT).content == b"ok"


def test_a_reset_while_the_request_is_sent() -> None:
    """What a server has got of a request it may have processed."""

    def refuse(connection: socket.socket) -> None:
        connection.recv(100)
        reset(connection)

    with serve(refuse, answer_ok) as port:
        send = send_with()
        error = fail(send, signed(port, method="POST", content=bytes(2**24)))
        assert "before it had the whole request" in error.what
        assert (error.was_sent, error.is_transient) == (True, True)
        assert send(signed(port), timeout=TIMEOUT).content == b"ok"


INTERRUPTIONS: dict[str, tuple[Callable[[socket.socket], object], int]] = {
    "while it is sent": (lambda _: threading.Event().wait(0.5), 2**24),
    "before an answer": (hold, 0),
    "within the header": (say(b"HTTP/1.1 200 OK\r\nContent-"), 0),
    "within the content": (say(reply(b"short", length=9)), 0),
    "within gzip": (say(reply(GZIPPED[:-2], fields=GZIP, length=len(GZIPPED))), 0),
}


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="the test interrupts itself by a POSIX signal")
@pytest.mark.parametrize(("scene", "size"), INTERRUPTIONS.values(), ids=INTERRUPTIONS)
def test_interrupted(scene: Callable[[socket.socket], object], size: int) -> None:
    """The interrupt of a kernel goes through, and the next request does not get what was left unread."""
    main = threading.main_thread().ident
    assert main is not None
    with serve(scene, answer_ok) as port:
        send = send_with()
        timer = threading.Timer(0.1, signal.pthread_kill, (main, signal.SIGINT))
        timer.start()
        with pytest.raises(KeyboardInterrupt):
            send(signed(port, method="POST", content=bytes(size)), timeout=5)
        timer.join()
        assert send(signed(port), timeout=TIMEOUT).content == b"ok"
