"""Role sessions that really end, in the local account: renewed in time under many threads, and at the API's word."""

from __future__ import annotations

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from threading import Barrier, local
from typing import TYPE_CHECKING

from botocore.config import Config

from apigw_magic.connection import Connection
from apigw_magic.demo.sessions import make_session
from apigw_magic.http import freeze, scope_of, send_with
from apigw_magic.identity import Base, Caller, RoleOptions, assume_role
from apigw_magic.identity.caller import now
from apigw_magic.identity.chain import freeze_credentials
from apigw_magic.identity.sts import Sts

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_sts.type_defs import AssumeRoleRequestTypeDef, AssumeRoleResponseTypeDef

    from apigw_magic.demo import Shop
    from apigw_magic.models import Credentials, Reply, SignedRequest

TARGET = "/orders?limit=1"  # /health is for everybody, whatever has ended
THREADS = 8
RUN = 11.0
"""Seconds of requests without a break."""


@dataclass(frozen=True, slots=True)
class ShortSts(Sts):
    """An STS whose role sessions last for seconds, which neither AWS nor the SDK would do.

    Attributes:
        seconds: that a session lasts.
        given: the access key ids of the sessions that were given out, and when each ends.
    """

    seconds: int = 5
    given: list[tuple[str, datetime]] = field(default_factory=list)

    def assume_role(self, credentials: Credentials, request: AssumeRoleRequestTypeDef) -> AssumeRoleResponseTypeDef:
        """Ask for a short role session."""
        answer = super(ShortSts, self).assume_role(credentials, {**request, "DurationSeconds": self.seconds})
        self.given.append((answer["Credentials"]["AccessKeyId"], answer["Credentials"]["Expiration"]))
        return answer


@dataclass
class Wire:
    """Sends, and keeps by which session each request was signed and what the API said.

    Attributes:
        signed: requests by the access key id that signed them.
        refused: the error types that came back.
        on_reply: called with each answer in hand.
    """

    send: Callable[..., Reply] = field(default_factory=send_with)
    signed: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    on_reply: Callable[[], None] = lambda: None

    def __call__(self, request: SignedRequest, *, timeout: float) -> Reply:
        """Send."""
        key_id = dict(request.headers)["Authorization"].partition("Credential=")[2].partition("/")[0]
        reply: Reply = self.send(request, timeout=timeout)
        self.signed[key_id] += 1
        if reply.status_code != 200:
            self.refused[reply.headers.get("x-amzn-errortype", "")] += 1
        self.on_reply()
        return reply


def open_short(shop: Shop, seconds: int) -> Base:
    """Return the shop's user as a base whose role sessions are short."""
    keys = shop.session.get_credentials()
    assert keys is not None
    session = make_session(keys.access_key, keys.secret_key, region=shop.region)
    # The SDK would refuse less than 900 s.
    session._session.set_default_client_config(Config(parameter_validation=False))
    sts = ShortSts(session, shop.region, shop.sts_endpoint, seconds=seconds)
    return Base(Caller(lambda _: freeze_credentials(session.get_credentials), sts.identify), sts)


def given_by(base: Base) -> list[tuple[str, datetime]]:
    """Return the sessions that were given out."""
    assert isinstance(base.sts, ShortSts)
    return base.sts.given


def await_end(base: Base) -> None:
    """Wait until the first session has ended, which the account tells in whole seconds, without the rest."""
    ends = given_by(base)[0][1] + timedelta(seconds=1.1)
    time.sleep(max(0.0, (ends - now()).total_seconds()))


def connect(shop: Shop, base: Base, wire: Wire, clock: Callable[[], datetime] = now) -> Connection:
    """Connect to the shop as `reader`."""
    url = freeze(shop.url)
    return Connection(
        name="reader",
        url=url,
        scope=scope_of(url, shop.region),
        base=base,
        caller=assume_role(base, RoleOptions(shop.roles["reader"], session_name="tests"), clock=clock),
        transport=wire,
    )


def test_sessions_of_seconds_under_load(shop: Shop) -> None:
    """Eight threads send for 11 s on sessions of 5 s: none fails, and STS is asked once for each session used."""
    base, wire = open_short(shop, 5), Wire()
    connection = connect(shop, base, wire)
    end = time.monotonic() + RUN

    def send(_: int) -> Counter[int]:
        tries: Counter[int] = Counter()
        while time.monotonic() < end:
            tries[connection.get(TARGET).tries] += 1
        return tries

    with ThreadPoolExecutor(THREADS) as pool:
        tries = sum(pool.map(send, range(THREADS)), Counter[int]())
    given = given_by(base)
    assert [key_id for key_id, _ in given] == list(wire.signed)
    assert len(given) >= 3
    assert tries.total() > 50
    assert tries.total() + tries[2] == wire.signed.total()
    # On a machine that stalls, a request may reach the account after the end: it is renewed at the account's word then.
    assert wire.refused == ({"ExpiredTokenException": tries[2]} if tries[2] else {})
    assert tries[2] <= 0.1 * tries.total()
    # None was asked for before the last quarter of the one before; the account tells their ends in whole seconds.
    assert [b for (_, a), (_, b) in pairwise(given) if (b - a).total_seconds() < 2] == []
    assert connection.trouble is None


def test_sessions_that_ended_unseen(shop: Shop) -> None:
    """By a clock that is an hour behind it seems to last: each of eight requests is sent twice, and STS asked once."""
    base, wire = open_short(shop, 2), Wire()
    connection = connect(shop, base, wire, lambda: now() - timedelta(hours=1))
    assert connection.get(TARGET).tries == 1
    assert connection.seconds_left is not None
    assert connection.seconds_left > 3_000
    await_end(base)
    # The account forgets sessions that have ended when it gives out another. So all are to be refused before.
    barrier, first = Barrier(THREADS, timeout=30), local()

    def on_reply() -> None:
        if first.is_next:
            first.is_next = False
            barrier.wait()

    def send(_: int) -> int:
        first.is_next = True
        return connection.get(TARGET).tries

    wire.on_reply = on_reply
    with ThreadPoolExecutor(THREADS) as pool:
        assert list(pool.map(send, range(THREADS))) == [2] * THREADS
    assert len(given_by(base)) == 2
    assert wire.refused == {"ExpiredTokenException": THREADS}


def test_a_session_that_ended_is_renewed_by_one_retry(shop: Shop) -> None:
    """One request on a session that has really ended: one AssumeRole, one retry, and the response says so."""
    base, wire = open_short(shop, 1), Wire()
    connection = connect(shop, base, wire, lambda: now() - timedelta(hours=1))
    await_end(base)
    response = connection.get(TARGET)
    assert (response.status_code, response.tries) == (200, 2)
    assert len(given_by(base)) == 2
    assert list(wire.signed) == [key_id for key_id, _ in given_by(base)]
