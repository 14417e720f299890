"""One request on its way, over an API that answers by a script."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING

import pytest

from apigw_magic.connection import Connection, SendingInterrupted
from apigw_magic.errors import CredentialsError, InvalidRequestError, StatusError, TransportError
from apigw_magic.http import Pace, freeze, scope_of
from apigw_magic.identity import Caller, Grant
from apigw_magic.models import Credentials, Headers, Reply, Request
from tests.identity.fakes import FakeSts, make_base, never_identify

if TYPE_CHECKING:
    from apigw_magic.identity.mfa import Ask
    from apigw_magic.models import SignedRequest

OLD = Credentials("ASIAOLD", "invented-old-key", "invented-old-token")
NEW = Credentials("ASIANEW", "invented-new-key", "invented-new-token")

REFUSED = TransportError("api.example refused the connection.", was_sent=False, is_transient=True)
BROKEN = TransportError("The connection broke off.", was_sent=True, is_transient=True)


def answer(status: int, error_type: str = "", message: str = "", **headers: str) -> Reply:
    """Return an answer as API Gateway writes it."""
    fields = {"Content-Type": "application/json", "x-amzn-ErrorType": error_type, **headers}
    return Reply(status, "", Headers(fields.items()), f'{{"message": "{message}"}}'.encode(), 0.01)


OK = answer(200, message="done")
THROTTLED = answer(429, "TooManyRequestsException", "Too Many Requests")
EXPIRED = answer(403, "ExpiredTokenException", "The security token included in the request is expired")
AHEAD = timedelta(days=2)
CLOCK = answer(
    403,
    "InvalidSignatureException",
    "Signature expired: x is now earlier than y",
    Date=format_datetime(datetime.now(UTC) + AHEAD, usegmt=True),
)


@dataclass
class Script:
    """Answers one thing after the other, the last one for ever, and keeps what was sent and how long was waited.

    Gives credentials, too: from the second time on what comes later.
    """

    outcomes: list[Reply | TransportError]
    sent: list[SignedRequest] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    obtained: int = 0
    later: Credentials | CredentialsError = NEW

    def __call__(self, request: SignedRequest, *, timeout: float) -> Reply:
        """Give the next answer."""
        assert timeout > 0
        self.sent.append(request)
        outcome = self.outcomes[min(len(self.sent), len(self.outcomes)) - 1]
        if isinstance(outcome, TransportError):
            raise outcome
        return outcome

    def obtain(self, _: Ask) -> Grant:
        """Give credentials, new ones from the second time on."""
        self.obtained += 1
        if self.obtained == 1:
            return Grant(OLD)
        if isinstance(self.later, CredentialsError):
            raise self.later
        return Grant(self.later)

    @property
    def renewals(self) -> int:
        """How often new credentials were given."""
        return self.obtained - 1


def open_over(script: Script) -> Connection:
    """Return a connection that waits only in the script's book."""
    url = freeze("https://abc.execute-api.eu-west-1.amazonaws.com/prod")
    return Connection(
        name="reader",
        url=url,
        scope=scope_of(url),
        base=make_base(FakeSts()),
        caller=Caller(script.obtain, never_identify),
        transport=script,
        pace=Pace(clock=lambda: sum(script.waits), sleep=script.waits.append, dice=lambda: 1.0),
    )


def test_refused_then_answered() -> None:
    """A connection that is refused is tried again; the response says how often."""
    script = Script([REFUSED, REFUSED, OK])
    response = open_over(script).post("/orders", json={})
    assert (response.status_code, response.tries) == (200, 3)
    assert script.waits == [0.5, 1.0]


def test_refused_for_good() -> None:
    """What cannot be reached is said after three tries, in bounded time."""
    script = Script([REFUSED])
    with pytest.raises(TransportError, match="refused the connection"):
        open_over(script).get("/orders")
    assert len(script.sent) == 3
    assert sum(script.waits) < 2


def test_each_try_is_signed_anew() -> None:
    """A signed request is never sent twice."""
    script = Script([THROTTLED, OK])
    open_over(script).get("/orders")
    first, second = script.sent
    assert first is not second


def test_broken_write_is_not_repeated() -> None:
    """A POST that may have been processed is sent once."""
    script = Script([BROKEN, OK])
    with pytest.raises(TransportError, match="broke off"):
        open_over(script).post("/orders", json={})
    assert len(script.sent) == 1
    assert open_over(Script([BROKEN, OK])).get("/orders").tries == 2


def test_expired_token_is_renewed_once() -> None:
    """The next try has new credentials; a second refusal is believed."""
    script = Script([EXPIRED, OK])
    response = open_over(script).delete("/orders/1")
    assert (response.status_code, script.renewals) == (200, 1)
    assert [dict(signed.headers)["X-Amz-Security-Token"] for signed in script.sent] == [
        "invented-old-token",
        "invented-new-token",
    ]
    script = Script([EXPIRED])
    with pytest.raises(StatusError, match="has expired"):
        open_over(script).get("/orders")
    assert (len(script.sent), script.renewals) == (2, 1)


def test_clock_offset_is_used_and_told() -> None:
    """A signature that is too old is made again by the server's clock, once, and the response says so."""
    script = Script([CLOCK, OK])
    response = open_over(script).put("/orders/1", json={})
    assert abs(response.skew - AHEAD) < timedelta(minutes=5)
    first, second = (
        datetime.strptime(dict(signed.headers)["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        for signed in script.sent
    )
    assert abs(second - first - AHEAD) < timedelta(minutes=5)


def test_expected_refusal_is_not_repeated() -> None:
    """An answer that is wanted is taken at once."""
    script = Script([THROTTLED])
    assert open_over(script).get("/orders", expect="429/TooManyRequestsException").tries == 1
    assert script.waits == []


def test_refusal_after_retries_is_the_last_one() -> None:
    """When the tries are used up, the last answer is the error."""
    script = Script([answer(503), answer(502), answer(502), answer(502)])
    with pytest.raises(StatusError) as caught:
        open_over(script).get("/orders")
    assert len(script.sent) == 4
    assert caught.value.response.tries == 4  # type: ignore[attr-defined]  # a Response, which errors cannot name


def test_renewal_that_is_refused() -> None:
    """Credentials that cannot be renewed are an error of credentials."""
    script = Script([EXPIRED, OK], later=CredentialsError("STS says no."))
    connection = open_over(script)
    with pytest.raises(CredentialsError, match="STS says no"):
        connection.get("/orders")
    assert len(script.sent) == 1


def test_interrupt_while_waiting() -> None:
    """An interrupt between two tries comes through."""
    script = Script([THROTTLED])
    connection = open_over(script)

    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    connection._courier = type(connection._courier)(
        "reader",
        connection._caller,
        connection._courier.signer,
        script,
        Pace(sleep=interrupt),
    )
    with pytest.raises(KeyboardInterrupt):
        connection.get("/orders")


def test_errors_say_how_often_it_was_sent() -> None:
    """After several tries, the error says so; after one, it does not."""
    refused = TransportError("refused", why="Nothing was sent.", was_sent=False, is_transient=True)
    with pytest.raises(TransportError, match=r"Nothing was sent\. Tried 3 times\."):
        open_over(Script([refused])).get("/orders")
    with pytest.raises(StatusError, match=r"away\. Tried 4 times\."):
        open_over(Script([answer(503, message="away")])).get("/orders")
    with pytest.raises(StatusError) as caught:
        open_over(Script([answer(503, message="away")])).post("/orders", json={})
    assert "times" not in str(caught.value)


def test_credentials_that_cannot_be_renewed_are_not_sent_again() -> None:
    """Keys from the environment have no others behind them: the refusal is told at once."""
    script = Script([EXPIRED, OK], later=OLD)
    connection = open_over(script)
    with pytest.raises(StatusError, match="has expired"):
        connection.get("/orders")
    assert len(script.sent) == 1


def test_later_tries_are_given_what_is_left() -> None:
    """60 s in all: a try that begins late does not wait for its whole timeout."""
    now = [0.0]
    timeouts: list[float] = []

    def drag(request: SignedRequest, *, timeout: float) -> Reply:
        assert request.method == "GET"
        timeouts.append(timeout)
        now[0] += timeout
        raise TransportError("slow", was_sent=True, is_transient=True)

    connection = open_over(Script([OK]))
    pace = Pace(clock=lambda: now[0], sleep=lambda _: None, dice=lambda: 0.0)
    connection._courier = replace(connection._courier, transport=drag, pace=pace)
    with pytest.raises(TransportError):
        connection.get("/orders", timeout=40)
    assert timeouts == [40.0, 20.0]


def test_a_vpc_endpoint_is_told_which_api() -> None:
    """Without `Host` or `x-apigw-api-id` a VPC endpoint knows no API; nothing is sent."""
    script = Script([OK])
    url = freeze("https://vpce-0a1b2c3d-4e5f.execute-api.us-east-1.vpce.amazonaws.com/prod")
    connection = Connection(
        name="private",
        url=url,
        scope=scope_of(url),
        base=make_base(FakeSts()),
        caller=Caller(script.obtain, never_identify),
        transport=script,
    )
    with pytest.raises(InvalidRequestError, match="serves many private APIs"):
        connection.get("/orders")
    assert script.sent == []
    assert connection.get("/orders", headers={"x-apigw-api-id": "a1b2c3d4e5"}).status_code == 200


@pytest.mark.parametrize(
    "key", ["invented-api-key", "k3y", "k3y-aB/+c d  e-longer", "my-long-secret-Signature=abc", "a%b c"]
)
def test_no_api_key_is_shown(key: str) -> None:
    """However it is spelt, and however short: it is taken out where it stands."""
    request = Request("GET", "/orders", (("X-Api-Key", key), ("X-Amz-Meta", "seen")))
    shown = open_over(Script([OK])).show_signed(request)
    assert "X-Api-Key: …\n" in shown
    assert "x-api-key:…\n" in shown
    assert "x-amz-meta:seen" in shown
    for spelt in (key, " ".join(key.split())):
        assert spelt not in shown


def test_show_signed_sends_nothing_and_hides_secrets() -> None:
    """What would be sent is shown with the canonical request, without token, key and signature."""
    script = Script([OK])
    shown = open_over(script).show_signed(Request("GET", "/orders?b=2&a=1", (("X-Api-Key", "invented-api-key"),)))
    assert script.sent == []
    assert shown.startswith("GET https://abc.execute-api.eu-west-1.amazonaws.com/prod/orders?b=2&a=1\n")
    assert "Canonical request\nGET\n/prod/orders\na=1&b=2\nhost:abc.execute-api" in shown
    assert "String to sign\nAWS4-HMAC-SHA256\n" in shown
    assert "Credential=ASIAOLD/" in shown
    for secret in ("invented-old-token", "invented-old-key", "invented-api-key"):
        assert secret not in shown
    assert "Signature=…" in shown


def test_an_interrupt_says_whether_something_was_under_way() -> None:
    """One that comes while a request is on its way is told from one that comes before it."""
    connection = open_over(Script([OK]))

    def interrupt(request: SignedRequest, *, timeout: float) -> Reply:
        raise KeyboardInterrupt(request.method, timeout)

    connection._courier = replace(connection._courier, transport=interrupt)
    with pytest.raises(SendingInterrupted):
        connection.post("/orders", json={})

    def give_up(_: Ask) -> Grant:
        raise KeyboardInterrupt

    connection._courier = replace(connection._courier, caller=Caller(give_up, never_identify))
    with pytest.raises(KeyboardInterrupt) as caught:
        connection.post("/orders", json={})
    assert not isinstance(caught.value, SendingInterrupted)


def test_nothing_is_sent_again_when_nobody_waits() -> None:
    """Whether it may be is asked after the wait, and what came then stands."""
    script = Script([REFUSED, REFUSED, OK])
    with pytest.raises(TransportError) as caught:
        open_over(script).send(Request("GET", "/orders"), may_retry=lambda: len(script.sent) < 2)
    assert len(script.sent) == 2
    assert "Tried 2 times." in caught.value.why


def test_credentials_are_there_before_a_request() -> None:
    """`prepare` obtains them, where they can be asked for; a request does not obtain them again."""
    script = Script([OK])
    connection = open_over(script)
    connection.prepare()
    connection.prepare()
    assert script.obtained == 1
    connection.get("/orders")
    assert script.obtained == 1


def test_where_a_request_goes() -> None:
    """`resolve` says it without sending."""
    script = Script([OK])
    assert str(open_over(script).resolve(Request("GET", "/orders?b=2"))).endswith(".amazonaws.com/prod/orders?b=2")
    assert script.sent == []
