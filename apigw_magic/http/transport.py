"""Signed requests out, replies back, over urllib3: the only place that knows its exceptions."""

from __future__ import annotations

import os
import socket
import ssl
from contextlib import suppress
from functools import cache
from time import perf_counter
from typing import TYPE_CHECKING, NoReturn, Protocol

import urllib3
from botocore.httpsession import get_cert_path
from urllib3 import exceptions

from apigw_magic.errors import TransportError
from apigw_magic.models import Headers, Reply

if TYPE_CHECKING:
    from urllib3.response import BaseHTTPResponse

    from apigw_magic.models import SignedRequest, Url

CONNECT_TIMEOUT = 5.0
"""Seconds to wait for a TCP and TLS connection."""

MAX_BYTES = 100 * 2**20
"""The largest decoded content that is read."""

_CHUNK = 2**16
_POOL_SIZE = 8


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
    ca_bundle: str | None = None, max_bytes: int = MAX_BYTES, connect_timeout: float = CONNECT_TIMEOUT
) -> Transport:
    """Return a transport with a connection pool of its own.

    Args:
        ca_bundle: a file of CA certificates; `AWS_CA_BUNDLE`, else the ones that botocore trusts.
        max_bytes: the largest decoded content that is read.
        connect_timeout: seconds to wait for a TCP and TLS connection.

    Raises:
        TransportError: the file of CA certificates cannot be read.
    """
    tls_context = _open_tls_context(ca_bundle or os.environ.get("AWS_CA_BUNDLE"))
    pools = urllib3.PoolManager(maxsize=_POOL_SIZE, ssl_context=tls_context, retries=False)

    def send(request: SignedRequest, *, timeout: float) -> Reply:
        started = perf_counter()
        try:
            response = _open(pools, request, urllib3.Timeout(connect=connect_timeout, read=timeout))
            try:
                content = _read(response, max_bytes)
            except BaseException:
                response.close()  # what is left unread must not be taken for the next answer
                raise
            response.release_conn()
        except (exceptions.HTTPError, OSError) as error:
            cause = error
        else:
            return Reply(
                status_code=response.status,
                reason=response.reason or "",
                headers=Headers(response.headers.items()),
                content=content,
                elapsed=perf_counter() - started,
            )
        _translate(cause, request.url, connect_timeout, timeout)

    return send


def _open_tls_context(ca_bundle: str | None) -> ssl.SSLContext:
    with suppress(OSError):  # ssl.SSLError is one
        return _tls_context(ca_bundle)
    raise TransportError(
        f"The CA certificates in {ca_bundle} cannot be read.",
        why="The file is absent, or is not PEM.",
        fix="Correct AWS_CA_BUNDLE, or unset it.",
    )


@cache
def _tls_context(ca_bundle: str | None) -> ssl.SSLContext:
    """Build the TLS context once per process: it takes 15 ms."""
    return ssl.create_default_context(cafile=ca_bundle or get_cert_path(verify=True))


def _open(pools: urllib3.PoolManager, request: SignedRequest, timeout: urllib3.Timeout) -> BaseHTTPResponse:
    url = request.url
    # Not `pools.request(url)`: that would parse and write the URL anew.
    pool = pools.connection_from_host(url.host.strip("[]"), url.port, url.scheme)
    return pool.urlopen(
        request.method,
        url.target,
        body=request.content or None,
        headers=dict(request.headers),
        timeout=timeout,
        retries=False,
        redirect=False,  # X-Amz-Security-Token must not reach another host
        assert_same_host=False,
        preload_content=False,
        enforce_content_length=True,
    )


def _read(response: BaseHTTPResponse, max_bytes: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    for part in response.stream(_CHUNK, decode_content=True):
        size += len(part)
        if size > max_bytes:
            raise TransportError(
                f"The answer is larger than {max_bytes // 2**20} MB.",
                why="Reading stopped there, so that the kernel's memory lasts.",
                fix="Ask for less: a page size, a filter, fewer fields.",
            )
        parts.append(part)
    return b"".join(parts)


def _translate(error: Exception, url: Url, connect_timeout: float, read_timeout: float) -> NoReturn:
    """Raise what a foreign exception means to the user, without the exception, which may show the request."""
    if isinstance(error.__context__, socket.gaierror):
        raise TransportError(
            f"{url.authority} cannot be found.",
            why="The name does not resolve; a private API's resolves only inside its VPC.",
            fix="Check the host in %apigw, and the network or VPN.",
        )
    if isinstance(error, exceptions.ReadTimeoutError) and "handshake" in str(error.__context__):
        raise TransportError(
            f"{url.authority} did not finish the TLS handshake within {connect_timeout:g} s.",
            why="Nothing was sent.",
            fix="Check the port, the network, VPN and proxy.",
        )
    for kinds, what, why, fix in (
        (
            exceptions.NewConnectionError,
            f"{url.authority} {'refused the connection' if _is_refused(error) else 'cannot be reached'}.",
            "Nothing was sent.",
            "Check the host and port in %apigw.",
        ),
        (
            exceptions.ConnectTimeoutError,
            f"{url.authority} did not accept a connection within {connect_timeout:g} s.",
            "Nothing was sent.",
            "Check the network, VPN and proxy.",
        ),
        (
            exceptions.ReadTimeoutError,
            f"{url.authority} did not answer within {read_timeout:g} s.",
            "The server may have processed the request.",
            "Wait longer with --timeout, or ask for less.",
        ),
        (
            (exceptions.SSLError, ssl.SSLError),
            f"The TLS connection to {url.authority} failed.",
            _tls_reason(error),
            "Behind a proxy that opens TLS, name its CA file in AWS_CA_BUNDLE.",
        ),
        (
            exceptions.DecodeError,
            f"The answer of {url.authority} cannot be decoded.",
            "Its Content-Encoding is not what the bytes are.",
            "Try again; if it stays so, the API or a proxy is at fault.",
        ),
    ):
        if isinstance(error, kinds):
            raise TransportError(what, why=why, fix=fix)
    raise TransportError(
        f"The connection to {url.authority} broke off.",
        why="Only a part of the answer came, or none; the server may have processed the request.",
        fix="Try again.",
    )


def _is_refused(error: Exception) -> bool:
    return isinstance(error.__context__, ConnectionRefusedError)


def _tls_reason(error: Exception) -> str:
    """Return OpenSSL's reason, without the file and line it was found at."""
    for cause in (error, *error.args):
        reason = getattr(cause, "verify_message", None) or getattr(cause, "reason", None)
        if isinstance(reason, str):
            return f"{reason[:1].upper()}{reason[1:].lower().replace('_', ' ')}."
        if isinstance(reason, Exception):
            return _tls_reason(reason)
    return "The server's certificate or protocol was not accepted."
