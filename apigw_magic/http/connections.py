"""One connection: TCP, a proxy's tunnel, TLS; then a request out, byte for byte as signed, and its answer's head in."""

from __future__ import annotations

import ssl
import threading
from contextlib import suppress
from functools import partial
from http.client import HTTPConnection as StandardConnection
from http.client import HTTPException, HTTPResponse
from typing import TYPE_CHECKING, NamedTuple, cast

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.util.ssl_ import is_ipaddress
from urllib3.util.url import parse_url

from apigw_magic.errors import TransportError
from apigw_magic.http.answer import Answer
from apigw_magic.http.attempt import Stage

if TYPE_CHECKING:
    from urllib3.connection import ProxyConfig

    from apigw_magic.http.attempt import Attempt
    from apigw_magic.http.pools import Way
    from apigw_magic.http.proxies import Proxy
    from apigw_magic.models import SignedRequest

_IS_URLLIB3_1 = hasattr(HTTPSConnection, "tls_in_tls_required")
_PIECE = 2**16
_METHODS_WITH_LENGTH = frozenset({"PATCH", "POST", "PUT"})  # RFC 9110 §8.6: they say so even if it is zero


class _ProxyTls(NamedTuple):
    """How TLS with the proxy itself is made: urllib3's `ProxyConfig`, which 1.26 has elsewhere and with less in it."""

    ssl_context: ssl.SSLContext
    use_forwarding_for_https: bool = False
    assert_hostname: None = None
    assert_fingerprint: None = None


_tls_contexts: dict[tuple[str, bool], ssl.SSLContext] = {}
_tls_lock = threading.Lock()


def tls_context(ca_file: str, *, names_in_openssl: bool = True) -> ssl.SSLContext:
    """Return the TLS context of a file of CA certificates, built once per process: it takes 15 ms.

    Args:
        ca_file: PEM.
        names_in_openssl: whether OpenSSL compares the host with the certificate; else urllib3 does.

    Raises:
        TransportError: the file cannot be read; nothing was sent.
    """
    with _tls_lock, suppress(OSError):  # ssl.SSLError is one
        context = _tls_contexts.get((ca_file, names_in_openssl))
        if context is None:
            context = ssl.create_default_context(cafile=ca_file)
            # Python 3.13 sets it. Botocore does not, and the CAs of many a company's proxy would fail it.
            context.verify_flags &= ~ssl.VERIFY_X509_STRICT
            context.check_hostname = names_in_openssl
            _tls_contexts[ca_file, names_in_openssl] = context
        return context
    raise TransportError(
        f"The CA certificates in {ca_file} cannot be read.",
        why="The file is absent, or is not PEM.",
        fix="Correct AWS_CA_BUNDLE, or unset it.",
        was_sent=False,
    )


def connect(way: Way, attempt: Attempt) -> HTTPConnection:
    """Open a connection, over the proxy if there is one. What goes wrong is for the caller to translate.

    Raises:
        TransportError: the file of CA certificates cannot be read.
    """
    connection = _make(way, attempt.connect_timeout)
    connection.set_debuglevel(0)  # whoever set it for all of http.client would see the session token printed
    if way.proxy is not None:
        _answer_within(connection, attempt, Stage.PROXY)
    try:
        connection.connect()
    except BaseException:
        connection.close()
        raise
    return connection


def exchange(connection: HTTPConnection, request: SignedRequest, attempt: Attempt) -> Answer:
    """Send a request and receive the head of its answer. What goes wrong is for the caller to translate."""
    attempt.enter(Stage.READY)
    _write_head(connection, request)
    attempt.enter(Stage.SEND)
    try:
        _send(connection, request.content, attempt)
    except (BrokenPipeError, ConnectionResetError):
        # A server may say "too large" and close before it has read all. If it said nothing, the first error counts.
        with suppress(HTTPException, OSError):
            answer = _receive(connection, attempt)
            answer.will_close = True
            return answer
        attempt.stage = Stage.SEND
        raise
    return _receive(connection, attempt)


def _make(way: Way, connect_timeout: float) -> HTTPConnection:
    nodelay = HTTPConnection.default_socket_options  # said here, since urllib3 leaves it off over a proxy
    if way.scheme == "http":
        return HTTPConnection(way.host, way.port, timeout=connect_timeout, socket_options=nodelay)
    connection = HTTPSConnection(
        way.proxy.host if way.proxy else way.host,
        way.proxy.port if way.proxy else way.port,
        timeout=connect_timeout,
        socket_options=nodelay,
        # For an IP address urllib3 1.26 gives OpenSSL no name, so that it fails; it then compares by itself.
        ssl_context=tls_context(way.ca_file, names_in_openssl=not (_IS_URLLIB3_1 and is_ipaddress(way.host))),
        proxy=parse_url(f"{way.proxy.scheme}://{way.proxy}") if way.proxy else None,
        proxy_config=cast("ProxyConfig", _ProxyTls(tls_context(way.ca_file))) if way.proxy else None,
    )
    if _IS_URLLIB3_1:
        connection.set_cert(cert_reqs="CERT_REQUIRED")  # else it lacks attributes that it reads
    if way.proxy is not None:
        _set_tunnel(connection, way, way.proxy)
    return connection


def _set_tunnel(connection: HTTPSConnection, way: Way, proxy: Proxy) -> None:
    """Have the connection ask the proxy for the API's host and port."""
    target = f"[{way.host}]" if ":" in way.host else way.host
    if _IS_URLLIB3_1:
        connection.tls_in_tls_required = proxy.scheme == "https"  # type: ignore[attr-defined] # 1.26 alone has it
        connection.set_tunnel(target, way.port, proxy.headers)
    else:
        connection.set_tunnel(target, way.port, proxy.headers, scheme=proxy.scheme)


def _write_head(connection: HTTPConnection, request: SignedRequest) -> None:
    """Write what was signed, the request line and fields as they are, into the connection's buffer."""
    names = {name.lower() for name, _ in request.headers}
    connection.putrequest(request.method, request.url.target, skip_host="host" in names, skip_accept_encoding=True)
    for name, value in request.headers:
        connection.putheader(name, value)
    if request.content or request.method in _METHODS_WITH_LENGTH:
        connection.putheader("Content-Length", str(len(request.content)))


def _send(connection: HTTPConnection, content: bytes, attempt: Attempt) -> None:
    _set_patience(connection, attempt)
    connection.endheaders()
    view = memoryview(content)
    for start in range(0, len(view), _PIECE):  # piece by piece, as Python's timeout is for all that is sent at once
        _set_patience(connection, attempt)
        connection.send(view[start : start + _PIECE])


def _set_patience(connection: HTTPConnection, attempt: Attempt) -> None:
    if connection.sock is not None:
        connection.sock.settimeout(attempt.time_left())


def _receive(connection: HTTPConnection, attempt: Attempt) -> Answer:
    _answer_within(connection, attempt, Stage.WAIT)
    # The standard library's own answer: what urllib3 wraps around it decodes without a bound, before 2.6.
    return cast("Answer", StandardConnection.getresponse(connection))


def _answer_within(connection: HTTPConnection, attempt: Attempt, stage: Stage) -> None:
    """Have the connection read its next answer within the attempt's time."""
    made = partial(Answer, attempt=attempt, stage=stage)
    connection.response_class = cast("type[HTTPResponse]", made)  # it is called, and nothing else
