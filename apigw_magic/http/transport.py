"""Signed requests out, replies back."""

from __future__ import annotations

import re
from time import perf_counter
from typing import TYPE_CHECKING, Protocol

from apigw_magic.http.attempt import Attempt, Stage
from apigw_magic.http.connections import connect, exchange, tls_context
from apigw_magic.http.content import read_content
from apigw_magic.http.environment import find_ca_file, find_proxy
from apigw_magic.http.faults import FOREIGN, translate
from apigw_magic.http.pools import PROCESS_POOL, Pool, Way
from apigw_magic.models import DEFAULT_PORTS, Headers, Reply

if TYPE_CHECKING:
    from urllib3.connection import HTTPConnection

    from apigw_magic.models import SignedRequest, Url

CONNECT_TIMEOUT = 5.0
"""Seconds to wait for each of a TCP connection, a proxy's answer and a TLS connection."""

DEADLINE = 300.0
"""Seconds to wait for a whole answer, from its first byte."""

MAX_BYTES = 100 * 2**20
"""The largest decoded content that is read."""

_FOLDED = re.compile(r"[ \t]*\r?\n[ \t]+")  # RFC 9112 §5.2


class Transport(Protocol):
    """Sends a signed request; a test hands in a function of its own."""

    def __call__(self, request: SignedRequest, *, timeout: float) -> Reply:
        """Send the request and read the whole answer.

        Args:
            request: sent byte for byte.
            timeout: seconds to wait for each part of the answer.

        Raises:
            TransportError: no answer, or only a part of one.
        """
        ...


def send_with(
    ca_bundle: str | None = None,
    max_bytes: int = MAX_BYTES,
    connect_timeout: float = CONNECT_TIMEOUT,
    *,
    deadline: float = DEADLINE,
    pool: Pool = PROCESS_POOL,
) -> Transport:
    """Return a transport; it may be shared by threads, and shares its connections with all others of the pool.

    Proxies are those of HTTPS_PROXY and NO_PROXY, or the system's, as for boto3; never for loopback. Nothing is sent
    twice, no redirect is followed.

    Args:
        ca_bundle: a file of CA certificates; else `AWS_CA_BUNDLE`, `REQUESTS_CA_BUNDLE` or what botocore trusts.
        max_bytes: the largest decoded content that is read.
        connect_timeout: seconds to wait for each of a TCP connection, a proxy's answer and a TLS connection.
        deadline: seconds to wait for the whole answer, from its first byte: a server may drip. So long may the sending
            of the request take, too.
        pool: keeps connections; its clock tells when the deadline has passed.

    Raises:
        TransportError: the file of CA certificates cannot be read.
    """
    ca_file = find_ca_file(ca_bundle)
    tls_context(ca_file)  # so that a file that cannot be read is known now

    def send(request: SignedRequest, *, timeout: float) -> Reply:
        way = _find_way(request.url, ca_file)
        attempt = Attempt(
            authority=request.url.authority,
            proxy=str(way.proxy or ""),
            connect_timeout=connect_timeout,
            timeout=timeout,
            deadline=deadline,
            max_bytes=max_bytes,
            clock=pool.clock,
        )
        try:
            return _attempt(request, way, attempt, pool)
        except FOREIGN as error:
            cause = error
        # Raised out here, so that the foreign exception does not hang on ours.
        try:
            raise translate(cause, attempt)
        finally:
            del cause  # its frames hold what was received, and this frame would hold it until the next collection

    return send


def _find_way(url: Url, ca_file: str) -> Way:
    port = url.port or DEFAULT_PORTS[url.scheme]
    return Way(ca_file, find_proxy(url), url.scheme, url.host.strip("[]"), port)


def _attempt(request: SignedRequest, way: Way, attempt: Attempt, pool: Pool) -> Reply:
    connection = pool.take(way)
    attempt.is_reused = connection is not None
    if connection is None:
        connection = connect(way, attempt)
    try:
        reply, is_reusable = _exchange(connection, request, attempt)
    except BaseException:
        connection.close()  # what is left unread must not be taken for the next answer
        raise
    if is_reusable:
        pool.keep(way, connection)
    else:
        connection.close()
    return reply


def _exchange(connection: HTTPConnection, request: SignedRequest, attempt: Attempt) -> tuple[Reply, bool]:
    """Send a request and read its answer; tell, too, whether the connection can serve again."""
    started = perf_counter()
    with exchange(connection, request, attempt) as answer:
        attempt.enter(Stage.CONTENT)
        content = read_content(answer, attempt.max_bytes)
        reply = Reply(
            status_code=answer.status,
            reason=answer.reason or "",
            headers=Headers((name, _FOLDED.sub(" ", value)) for name, value in answer.headers.items()),
            content=content,
            elapsed=perf_counter() - started,
        )
        return reply, not answer.will_close and answer.is_at_end()
