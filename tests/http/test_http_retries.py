"""What is sent again, how often, and after how long."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from apigw_magic.errors import TransportError
from apigw_magic.http import Pace, Tries, freeze, plan_retry
from apigw_magic.models import Headers, Refusal, Reply, SignedRequest

SIGNED = SignedRequest("GET", freeze("https://api.example/x"), (("X-Amz-Date", "20260101T120000Z"),), b"", "", "")
THROTTLED = (429, "TooManyRequestsException", "Too Many Requests")
EXPIRED = (403, "ExpiredTokenException", "The security token included in the request is expired")
OLD = (403, "InvalidSignatureException", "Signature expired: 20260101T120000Z is now earlier than 20260101T121000Z")
EARLY = (403, "InvalidSignatureException", "Signature not yet current: 20260101T120000Z is still later than 20260101")
DATE = "Thu, 01 Jan 2026 12:15:00 GMT"
NOT_SENT = TransportError("refused", was_sent=False, is_transient=True)
CUT_OFF = TransportError("cut off", was_sent=True, is_transient=True)
BAD_CERTIFICATE = TransportError("certificate", was_sent=False, is_transient=False)
TOO_LARGE = TransportError("too large", was_sent=True, is_transient=False)


def plan(
    method: str,
    outcome: tuple[int, str, str] | TransportError,
    tries: Tries | None = None,
    *,
    headers: dict[str, str] | None = None,
    now: float = 0.0,
) -> Tries | None:
    """Plan a retry at a time, with dice that always show the highest number."""
    pace = Pace(clock=lambda: now, dice=lambda: 1.0)
    signed = replace(SIGNED, method=method)
    if isinstance(outcome, TransportError):
        return plan_retry(signed, outcome, None, tries or Tries(started=0.0), pace)
    status, error_type, message = outcome
    reply = Reply(status, "", Headers({"Date": DATE, **(headers or {})}.items()), b"", 0.1)
    refusal = Refusal(status, error_type, message) if status >= 400 else None
    return plan_retry(signed, reply, refusal, tries or Tries(started=0.0), pace)


@pytest.mark.parametrize(
    ("outcome", "safe", "unsafe"),
    [
        # nothing was sent, or the gateway itself refused: any method
        (NOT_SENT, True, True),
        (THROTTLED, True, True),
        (EXPIRED, True, True),
        (OLD, True, True),
        (EARLY, True, True),
        # it may have done something: safe methods only
        (CUT_OFF, True, False),
        ((500, "", "Internal server error"), True, False),
        ((502, "InternalServerErrorException", "Internal server error"), True, False),
        ((503, "", "Service Unavailable"), True, False),
        ((504, "InternalServerErrorException", "Endpoint request timed out"), True, False),
        ((429, "", "Too Many Requests"), True, False),
        ((429, "TooManyRequestsException", "slow down, said the backend"), True, False),
        ((429, "TooManyRequestsException", "Too Many Requests: order 7 was written, its mail was not"), True, False),
        # a retry cannot help
        (BAD_CERTIFICATE, False, False),
        (TOO_LARGE, False, False),
        ((429, "LimitExceededException", "Limit Exceeded"), False, False),
        ((429, "", "Limit Exceeded"), False, False),
        ((403, "AccessDeniedException", "User: x is not authorized"), False, False),
        ((403, "ExpiredTokenException", "said by a backend"), False, False),
        ((403, "ExpiredTokenException", f"{EXPIRED[2]}, but the order was written"), False, False),
        ((403, "InvalidSignatureException", "The request signature we calculated does not match"), False, False),
        ((400, "", "bad"), False, False),
        ((404, "", "none"), False, False),
        ((200, "", ""), False, False),
        ((301, "", ""), False, False),
    ],
)
def test_what_is_sent_again(outcome: tuple[int, str, str] | TransportError, *, safe: bool, unsafe: bool) -> None:
    """Safe methods may be repeated; others only where the gateway did nothing."""
    for method in ("GET", "HEAD", "OPTIONS"):
        assert (plan(method, outcome) is not None) is safe
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        assert (plan(method, outcome) is not None) is unsafe


@pytest.mark.parametrize(
    ("outcome", "most"),
    [
        (NOT_SENT, 2),
        (CUT_OFF, 3),
        ((503, "", ""), 3),
        ((502, "", ""), 2),
        (EXPIRED, 1),
        (OLD, 1),
        (THROTTLED, 8),
    ],
)
def test_how_often(outcome: tuple[int, str, str] | TransportError, most: int) -> None:
    """Each kind of failure is met with a bounded number of tries."""
    tries = Tries(started=0.0)
    for count in range(1, most + 1):
        planned = plan("GET", outcome, tries)
        assert planned is not None
        assert planned.count == count + 1
        tries = planned
    assert plan("GET", outcome, tries) is None


def test_waits_grow_and_are_capped() -> None:
    """Full jitter: the highest wait doubles from half a second to eight."""
    waits = []
    tries = Tries(started=0.0)
    for _ in range(7):
        planned = plan("GET", THROTTLED, tries)
        assert planned is not None
        waits.append(planned.wait)
        tries = planned
    assert waits == [0.5, 1.0, 2.0, 4.0, 8.0, 8.0, 8.0]


def test_dice_scale_the_wait() -> None:
    """The wait is anything from zero up to its bound."""
    pace = Pace(clock=lambda: 0.0, dice=lambda: 0.25)
    planned = plan_retry(SIGNED, NOT_SENT, None, Tries(started=0.0), pace)
    assert planned is not None
    assert planned.wait == 0.125


@pytest.mark.parametrize(
    ("asked", "wait"),
    [
        ("7", 7.0),
        ("0", 0.5),
        ("Thu, 01 Jan 2026 12:15:20 GMT", 20.0),
        ("Thu, 01 Jan 2026 12:14:00 GMT", 0.5),
        ("soon", 0.5),
        ("", 0.5),
        ("-3", 0.5),
        ("٣", 0.5),
    ],
)
def test_retry_after(asked: str, wait: float) -> None:
    """`Retry-After` is honoured, as seconds or as a date; nonsense is passed over."""
    planned = plan("GET", (503, "", ""), headers={"Retry-After": asked})
    assert planned is not None
    assert planned.wait == wait


def test_budget() -> None:
    """After 60 s in all, waits included, nothing is sent again."""
    assert plan("GET", THROTTLED, now=59.4) is not None
    assert plan("GET", THROTTLED, now=59.6) is None
    assert plan("GET", THROTTLED, headers={"Retry-After": "61"}) is None
    assert plan("GET", THROTTLED, headers={"Retry-After": "999999999999"}) is None


def test_expired_token_wants_new_credentials() -> None:
    """At once, and with new credentials."""
    planned = plan("POST", EXPIRED)
    assert planned is not None
    assert planned.renew
    assert planned.wait == 0.0


@pytest.mark.parametrize("outcome", [OLD, EARLY])
def test_clock_is_set_by_the_answer(outcome: tuple[int, str, str]) -> None:
    """At once, with the offset that the answer's `Date` tells; without one, not at all."""
    planned = plan("POST", outcome)
    assert planned is not None
    assert planned.skew == timedelta(minutes=15)
    assert planned.wait == 0.0
    assert not planned.renew
    for date in (
        "yesterday",
        "Mon, 01 Jan 2024 00:00:00 +99999999999999",
        "Fri, 31 Dec 9999 23:59:59 GMT",
        "Thu, 01 Jan 2026 12:01:00 GMT",  # less than AWS forgives: another try would not help
    ):
        assert plan("POST", outcome, headers={"Date": date}) is None


def test_offset_is_kept() -> None:
    """A failure after the clock was set keeps the offset, and wants no new credentials."""
    once = plan("GET", OLD)
    assert once is not None
    twice = plan("GET", (503, "", ""), once)
    assert twice is not None
    assert (twice.skew, twice.renew, twice.count) == (timedelta(minutes=15), False, 3)
