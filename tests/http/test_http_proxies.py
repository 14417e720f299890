"""Proxies: which one, what it is told, what it may not be told, and how it fails."""

from __future__ import annotations

import base64
import pickle
import select
import socket
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from apigw_magic.http import freeze, send_with
from apigw_magic.http.environment import find_ca_file, find_proxy
from apigw_magic.http.pools import Pool
from apigw_magic.http.proxies import Proxy, parse_proxy
from tests.http.certificates import Authority
from tests.http.sending import (
    CREDENTIALS,
    FIELDS,
    PASSWORD,
    PASSWORD_ENCODED,
    SIGNER,
    TIMEOUT,
    answer_ok,
    fail,
    find_secrets,
    hold,
    recorded,
    reset,
    serve,
    take,
)

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable
    from typing import TypeAlias

    from apigw_magic.models import SignedRequest

    Scene: TypeAlias = Callable[[socket.socket], object]

API = "a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com"
AUTHORIZATION = f"Basic {base64.b64encode(f'me@o.example:{PASSWORD}'.encode()).decode()}"
USER = f"me%40o.example:{PASSWORD_ENCODED}"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Make an authority."""
    return Authority(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="module")
def context(authority: Authority) -> ssl.SSLContext:
    """Make a certificate for the API and the proxy."""
    return authority.context(f"DNS:{API},DNS:localhost")


def to_api(method: str = "GET", content: bytes = b"") -> SignedRequest:
    """Sign a request for an API that only a proxy leads to."""
    return SIGNER.sign(method, freeze(f"https://{API}/prod/x"), FIELDS, content, CREDENTIALS)


def tunnel(context: ssl.SSLContext, heads: list[bytes], answer: bytes = b"HTTP/1.1 200 OK\r\n\r\n") -> Scene:
    """Make a scene: a proxy that takes CONNECT, and is the API behind it as well."""

    def scene(connection: socket.socket) -> None:
        heads.append(take(connection))
        connection.sendall(answer)
        with context.wrap_socket(connection, server_side=True) as talk:
            answer_ok(talk)

    return scene


def then(head: bytes, act: Callable[[socket.socket], object]) -> Scene:
    """Make a scene: a proxy that takes CONNECT, answers it, and then does something."""

    def scene(connection: socket.socket) -> None:
        take(connection)
        connection.sendall(head)
        act(connection)

    return scene


PROXIES = [
    ("http://proxy.example:3128", Proxy("http", "proxy.example", 3128)),
    ("http://proxy.example", Proxy("http", "proxy.example", 80)),
    ("https://proxy.example/", Proxy("https", "proxy.example", 443)),
    ("HTTP://Proxy.Example:8080", Proxy("http", "proxy.example", 8080)),
    ("proxy.example:3128", Proxy("http", "proxy.example", 3128)),
    ("//proxy.example:3128", Proxy("http", "proxy.example", 3128)),
    (" http://10.0.0.1:3128 ", Proxy("http", "10.0.0.1", 3128)),
    ("http://[::1]:3128", Proxy("http", "::1", 3128)),
    (f"http://{USER}@proxy.example:3128", Proxy("http", "proxy.example", 3128, AUTHORIZATION)),
    (f"{USER}@proxy.example:3128", Proxy("http", "proxy.example", 3128, AUTHORIZATION)),
    ("http://me:\udcff@proxy.example:1", Proxy("http", "proxy.example", 1, "Basic bWU6/w==")),
    ("http://me@proxy.example:1", Proxy("http", "proxy.example", 1, "Basic bWU6")),
]


@pytest.mark.parametrize(("text", "proxy"), PROXIES)
def test_parse_proxy(text: str, proxy: Proxy) -> None:
    """A proxy is read as botocore reads it."""
    assert parse_proxy(text) == proxy


@pytest.mark.parametrize(
    "text",
    [
        f"socks5://{USER}@proxy.example:1080",
        f"http://{USER}@proxy.example:99999",
        f"http://{USER}@proxy.example:0",
        f"http://{USER}@",
        f"http://me:{PASSWORD}@proxy.example:1",  # the slash, not encoded, ends the authority
        f"http://{USER}@[::1",
        f"http://{USER}@pro xy:1",
        f"http://{USER}@proxy\r\nX:1",
        "http://",
    ],
)
def test_what_is_no_proxy(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """The message says what to write, and not what was written: it may hold a password."""
    monkeypatch.setenv("HTTPS_PROXY", text)
    error = fail(send_with(), to_api())
    assert "HTTPS_PROXY" in error.what
    assert (error.was_sent, error.is_transient) == (False, False)


def test_the_password_is_not_shown() -> None:
    """Neither repr nor str nor pickle tells it."""
    proxy = parse_proxy(f"http://{USER}@proxy.example:3128")
    assert str(proxy) == "proxy.example:3128"
    assert "Basic" not in repr(proxy)
    assert AUTHORIZATION not in repr(proxy)
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(proxy)


FOUND = [
    ({}, f"https://{API}", None),
    ({"HTTPS_PROXY": "http://p:1"}, f"https://{API}", "p:1"),
    ({"https_proxy": "http://p:1"}, f"https://{API}", "p:1"),
    ({"HTTP_PROXY": "http://p:1"}, f"https://{API}", None),
    ({"ALL_PROXY": "http://p:1"}, f"https://{API}", None),  # as botocore, which does not ask for it
    ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "*"}, f"https://{API}", None),
    ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "o.example, .amazonaws.com"}, f"https://{API}", None),
    ({"HTTPS_PROXY": "http://p:1", "no_proxy": API}, f"https://{API}", None),
    ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "o.example"}, f"https://{API}", "p:1"),
    ({"HTTPS_PROXY": "http://p:1", "HTTP_PROXY": "http://p:1"}, "http://127.0.0.1:1", None),
    ({"HTTPS_PROXY": "http://p:1"}, "https://localhost:1", None),
    ({"HTTPS_PROXY": "http://p:1"}, "https://127.1.2.3:1", None),
    ({"HTTPS_PROXY": "http://p:1"}, "https://[::1]:1", None),
    ({"HTTPS_PROXY": "http://p:1"}, "https://localhost.example:1", "p:1"),
]


@pytest.mark.parametrize(("environment", "url", "proxy"), FOUND)
def test_find_proxy(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], url: str, proxy: str | None) -> None:
    """The proxy is the environment's, by botocore's rules; loopback has none."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    found = find_proxy(freeze(url))
    assert (str(found) if found else None) == proxy


def test_a_proxy_set_later_holds_for_the_next_request(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is mended in one cell holds in the next one."""
    assert find_proxy(freeze(f"https://{API}")) is None
    monkeypatch.setenv("HTTPS_PROXY", "http://p:1")
    assert find_proxy(freeze(f"https://{API}")) is not None


def test_find_ca_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was asked for comes first, then AWS_CA_BUNDLE, then REQUESTS_CA_BUNDLE, then botocore's."""
    for name in ("AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    assert find_ca_file(None).endswith("cacert.pem")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/r.pem")
    assert find_ca_file(None) == "/r.pem"
    monkeypatch.setenv("AWS_CA_BUNDLE", "/a.pem")
    assert find_ca_file(None) == "/a.pem"
    assert find_ca_file("/b.pem") == "/b.pem"
    assert "~" not in find_ca_file("~/b.pem")
    monkeypatch.setenv("AWS_CA_BUNDLE", "")
    assert find_ca_file(None) == "/r.pem"


@pytest.mark.parametrize("user", ["", f"{USER}@"])
def test_through_a_proxy(
    monkeypatch: pytest.MonkeyPatch, authority: Authority, context: ssl.SSLContext, user: str
) -> None:
    """HTTPS goes through a tunnel that is kept; the proxy sees neither path nor token, the API not the password."""
    heads: list[bytes] = []
    with serve(tunnel(context, heads)) as port, recorded() as shown:
        monkeypatch.setenv("HTTPS_PROXY", f"http://{user}127.0.0.1:{port}")
        pool = Pool()
        send = send_with(ca_bundle=authority.ca_file, pool=pool)
        for _ in range(2):
            assert send(to_api("POST", b"{}"), timeout=TIMEOUT).content == b"ok"
        ((_, kept),) = next(iter(pool._idle.values()))[:1]
        assert kept.sock is not None
        sock = kept.sock if isinstance(kept.sock, socket.socket) else kept.sock.socket
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        pool.start_anew()
    (head,) = heads
    assert head.startswith(f"CONNECT {API}:443 HTTP/1.".encode())
    assert (f"Proxy-Authorization: {AUTHORIZATION}".encode() in head) is bool(user)
    assert b"prod" not in head
    assert not find_secrets(to_api(), head.decode())
    assert not find_secrets(to_api(), "\n".join(shown))
    assert AUTHORIZATION not in "\n".join(shown)


def test_through_a_proxy_that_speaks_tls(
    monkeypatch: pytest.MonkeyPatch, authority: Authority, context: ssl.SSLContext
) -> None:
    """TLS within TLS: the proxy's password is not on the wire in clear."""
    heads: list[bytes] = []

    def scene(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as outer:
            heads.append(take(outer))
            outer.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            near, far = socket.socketpair()
            copying = threading.Thread(target=relay, args=(outer, far))
            copying.start()
            with suppress(OSError), context.wrap_socket(near, server_side=True) as inner:
                answer_ok(inner)
            copying.join(5)

    with serve(scene) as port:
        monkeypatch.setenv("HTTPS_PROXY", f"https://{USER}@localhost:{port}")
        pool = Pool()
        send = send_with(ca_bundle=authority.ca_file, pool=pool)
        for _ in range(2):
            assert send(to_api("POST", b"{}"), timeout=2).content == b"ok"
        pool.start_anew()
    assert len(heads) == 1
    assert AUTHORIZATION.encode() in heads[0]


def relay(outer: ssl.SSLSocket, far: socket.socket) -> None:
    """Copy both ways until one ends; in one thread, as TLS on one socket in two is undefined."""
    with suppress(OSError), far:
        while True:
            ready = [outer] if outer.pending() else select.select([outer, far], [], [], 5)[0]
            for source, target in ((outer, far), (far, outer)):
                if source in ready:
                    part = source.recv(2**16)
                    if not part:
                        return
                    target.sendall(part)


OK = b"HTTP/1.1 200 Connection established\r\nX: y\r\n\r\n"


def hang_up(connection: socket.socket) -> None:
    """Close after having read what came."""
    connection.recv(2**16)


def answer_plainly(connection: socket.socket) -> None:
    """Answer a TLS greeting in HTTP."""
    connection.recv(2**16)
    connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")


FAILURES: dict[str, tuple[Scene, str, bool]] = {
    "wants authentication": (then(b"HTTP/1.1 407 No\r\n\r\n", hang_up), "wants a user name and password", False),
    "forbids": (then(b"HTTP/1.1 403 No\r\n\r\n", hang_up), f"did not connect to {API}: 403 Forbidden", False),
    "cannot": (then(b"HTTP/1.1 502 Oh\r\n\r\n", hang_up), f"did not connect to {API}: 502 Bad Gateway", True),
    "odd status": (then(b"HTTP/1.1 599 Oh\r\n\r\n", hang_up), f"did not connect to {API}: 599", True),
    "closes": (then(b"", lambda _: None), f"broke off before it had connected to {API}", True),
    "resets": (then(b"", reset), f"broke off before it had connected to {API}", True),
    "is none": (then(b"SSH-2.0-OpenSSH\r\n", hang_up), f"broke off before it had connected to {API}", False),
    "is silent": (then(b"", hold), f"did not connect to {API} within 0.3 s", True),
    "is silent within its answer": (then(b"HTTP/1.1 2", hold), f"did not connect to {API} within 0.3 s", True),
    "gives up after CONNECT": (then(OK, lambda _: None), "closed the connection during the TLS handshake", True),
    "gives up within TLS": (then(OK, hang_up), "closed the connection during the TLS handshake", True),
    "resets within TLS": (then(OK, reset), "closed the connection during the TLS handshake", True),
    "is silent after CONNECT": (then(OK, hold), "did not finish the TLS handshake within 0.3 s", True),
    "answers in clear": (then(OK, answer_plainly), "does not speak TLS", False),
}


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # wrap_socket leaves it to the collector
@pytest.mark.parametrize(("scene", "what", "is_transient"), FAILURES.values(), ids=FAILURES)
def test_a_proxy_that_fails(  # noqa: PLR0913, PLR0917 - a table's columns and what a proxy needs
    monkeypatch: pytest.MonkeyPatch,
    authority: Authority,
    context: ssl.SSLContext,
    scene: Scene,
    what: str,
    is_transient: bool,  # noqa: FBT001 - a table's column
) -> None:
    """Who failed is said, nothing was sent, the password is not shown; and the next request finds its way."""
    with serve(scene, tunnel(context, [])) as port:
        monkeypatch.setenv("HTTPS_PROXY", f"http://{USER}@127.0.0.1:{port}")
        send = send_with(ca_bundle=authority.ca_file, connect_timeout=0.3)
        error = fail(send, to_api("POST", b"{}"))
        assert what in error.what
        assert error.what.startswith((f"The proxy 127.0.0.1:{port} ", API))
        assert error.why.endswith("Nothing was sent.")
        assert (error.was_sent, error.is_transient) == (False, is_transient)
        assert AUTHORIZATION not in str(error)
        assert send(to_api(), timeout=TIMEOUT).content == b"ok"


def test_a_proxy_that_drips(monkeypatch: pytest.MonkeyPatch) -> None:
    """The proxy's answer as a whole has the time for a connection."""

    def scene(connection: socket.socket) -> None:
        take(connection)
        while True:
            connection.sendall(b"H")
            threading.Event().wait(0.05)

    with serve(scene) as port:
        monkeypatch.setenv("HTTPS_PROXY", f"http://{USER}@127.0.0.1:{port}")
        assert "within 0.3 s" in fail(send_with(connect_timeout=0.3), to_api()).what


def test_a_proxy_that_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy where nobody listens is told from an API that is away."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = int(listener.getsockname()[1])
    monkeypatch.setenv("HTTPS_PROXY", f"http://{USER}@127.0.0.1:{port}")
    error = fail(send_with(), to_api())
    assert error.what == f"The proxy 127.0.0.1:{port} refused the connection."
    assert "HTTPS_PROXY" in error.fix
    assert (error.was_sent, error.is_transient) == (False, True)


def test_a_proxy_whose_name_does_not_resolve(monkeypatch: pytest.MonkeyPatch) -> None:
    """The name that cannot be found is the proxy's."""
    name = ".".join(["x" * 60] * 5)  # longer than DNS has names, so that nobody is asked
    monkeypatch.setenv("HTTPS_PROXY", f"http://{USER}@{name}:3128")
    error = fail(send_with(), to_api())
    assert error.what == f"The proxy {name}:3128 cannot be found."
    assert (error.was_sent, error.is_transient) == (False, True)


def test_a_proxy_that_should_not_be_asked_by_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    """An http proxy written as https is a common mistake, and is said to be."""
    with serve(answer_plainly) as port:
        monkeypatch.setenv("HTTPS_PROXY", f"https://{USER}@localhost:{port}")
        error = fail(send_with(connect_timeout=0.3), to_api())
    assert error.what == f"The proxy localhost:{port} does not speak TLS."
    assert "http://" in error.fix


def test_a_reset_within_the_tunnel_may_have_been_processed(
    monkeypatch: pytest.MonkeyPatch, authority: Authority, context: ssl.SSLContext
) -> None:
    """What breaks after the request was sent is not taken for a proxy that refused: it must not be sent twice."""

    def scene(connection: socket.socket) -> None:
        take(connection)
        connection.sendall(OK)
        talk = context.wrap_socket(connection, server_side=True)
        take(talk)
        reset(talk)

    with serve(scene, tunnel(context, [])) as port:
        monkeypatch.setenv("HTTPS_PROXY", f"http://{USER}@127.0.0.1:{port}")
        send = send_with(ca_bundle=authority.ca_file)
        error = fail(send, to_api("POST", b"{}"))
        assert error.was_sent
        assert "may have processed" in error.why
        assert send(to_api(), timeout=TIMEOUT).content == b"ok"
