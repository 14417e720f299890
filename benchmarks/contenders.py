"""The ways to send a signed request, each as its own documentation shows it, and the limit they are held against.

All verify the server's certificate, all but one keep the connection open, and all read the content. What a script
might do for each request but need not (find credentials, build a TLS context) is done once, in its favour.
"""

from __future__ import annotations

import socket
import ssl
from dataclasses import dataclass
from http.client import HTTPSConnection
from typing import TYPE_CHECKING
from urllib.request import Request, urlopen

import httpx
import requests
import urllib3
from botocore.auth import SigV4Auth  # noqa: TID251 - what others sign with
from botocore.awsrequest import AWSRequest  # noqa: TID251 - what others sign
from botocore.credentials import Credentials  # noqa: TID251 - what others sign as
from botocore.httpsession import URLLib3Session  # noqa: TID251 - what others send with
from requests_aws4auth import AWS4Auth  # type: ignore[import-untyped] # it has no types

import apigw_magic
from benchmarks.server import KEYS, ROLE_ARN, TOKEN

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

REGION = "eu-west-1"
_NODELAY = [(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)]


@dataclass(frozen=True, slots=True)
class Contender:
    """A way to send requests.

    Attributes:
        name: for the table.
        how: what it does, for the table.
        send: method, target below the stage, content → content of the answer.
    """

    name: str
    how: str
    send: Callable[[str, str, bytes], bytes]


def limit(origin: str, ca_bundle: Path) -> Contender:
    """Return what nothing in Python's standard library is quicker than: `http.client`, without a signature."""
    connection = HTTPSConnection(origin.removeprefix("https://"), context=_trust(ca_bundle))

    def send(method: str, target: str, content: bytes) -> bytes:
        connection.request(method, f"/prod{target}", body=content or None)
        return connection.getresponse().read()

    return Contender("limit", "`http.client`, keep-alive, unsigned", send)


def ours(origin: str, ca_bundle: Path) -> Contender:  # noqa: ARG001 - found by AWS_CA_BUNDLE, as users have it
    """Return `Connection.get` and `Connection.post`."""
    connection = apigw_magic.connect(f"{origin}/prod", role=ROLE_ARN, region=REGION, sts_endpoint=origin)

    def send(method: str, target: str, content: bytes) -> bytes:
        if method == "GET":
            return connection.get(target).content
        return connection.post(target, content=content).content

    return Contender("**apigw_magic**", "`apigw_magic.connect`, keep-alive, a role session", send)


def unsigned_urllib3(origin: str, ca_bundle: Path) -> Contender:
    """Return urllib3 without a signature: what a client over urllib3 can reach."""
    pool = urllib3.PoolManager(ssl_context=_trust(ca_bundle))

    def send(method: str, target: str, content: bytes) -> bytes:
        return pool.request(method, f"{origin}/prod{target}", body=content or None).data

    return Contender("urllib3", "`PoolManager.request`, keep-alive, unsigned", send)


def aws4auth(origin: str, ca_bundle: Path) -> Contender:  # noqa: ARG001 - found by REQUESTS_CA_BUNDLE, as users have it
    """Return requests with requests-aws4auth."""
    session = requests.Session()
    auth = AWS4Auth(*KEYS, REGION, "execute-api", session_token=TOKEN)

    def send(method: str, target: str, content: bytes) -> bytes:
        return session.request(method, f"{origin}/prod{target}", data=content or None, auth=auth).content

    return Contender("requests-aws4auth", "`requests.Session`, keep-alive", send)


def httpx_client(origin: str, ca_bundle: Path) -> Contender:
    """Return httpx, signed by botocore."""
    client = httpx.Client(verify=_trust(ca_bundle))

    def send(method: str, target: str, content: bytes) -> bytes:
        url = f"{origin}/prod{target}"
        return client.request(method, url, content=content, headers=dict(_sign(method, url, content).headers)).content

    return Contender("httpx + botocore", "`httpx.Client`, keep-alive, `SigV4Auth`", send)


def botocore_session(origin: str, ca_bundle: Path, *, nodelay: bool = True) -> Contender:
    """Return botocore's own HTTP session, signed by botocore.

    Args:
        origin: of the server.
        ca_bundle: that it trusts.
        nodelay: whether small writes leave at once; as botocore comes, they do not.
    """
    session = URLLib3Session(
        verify=str(ca_bundle),  # type: ignore[arg-type] # the stubs leave out the file of certificates
        socket_options=_NODELAY if nodelay else None,  # type: ignore[arg-type] # they mean text; urllib3 wants triples
    )

    def send(method: str, target: str, content: bytes) -> bytes:
        answer: bytes = session.send(_sign(method, f"{origin}/prod{target}", content).prepare()).content
        return answer

    how = "`URLLib3Session`, keep-alive, `SigV4Auth`"
    return Contender("botocore", how if nodelay else f"{how}, as it comes: without `TCP_NODELAY`", send)


def script(origin: str, ca_bundle: Path) -> Contender:
    """Return the script of many an article: botocore signs, `urlopen` sends, over a new connection each time."""
    context = _trust(ca_bundle)

    def send(method: str, target: str, content: bytes) -> bytes:
        url = f"{origin}/prod{target}"
        headers = dict(_sign(method, url, content).headers)
        with urlopen(  # noqa: S310 - an https URL of our own
            Request(url, data=content or None, headers=headers, method=method),  # noqa: S310 - as above
            context=context,
        ) as answer:
            received: bytes = answer.read()
            return received

    return Contender("script", "`SigV4Auth` and `urlopen`, a new connection each time", send)


def _trust(ca_bundle: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(ca_bundle))


_CREDENTIALS = Credentials(*KEYS, TOKEN)


def _sign(method: str, url: str, content: bytes) -> AWSRequest:
    request = AWSRequest(method=method, url=url, data=content or None)
    SigV4Auth(_CREDENTIALS, "execute-api", REGION).add_auth(request)
    return request
