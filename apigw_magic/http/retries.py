"""When a request is sent again, and after how long.

A request that may have done something is not sent again. What the gateway itself refused, by its own error type and
text, did nothing; a backend may answer 429 after writing.
"""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from apigw_magic.errors import TransportError
from apigw_magic.models import SAFE_METHODS

if TYPE_CHECKING:
    from collections.abc import Callable

    from apigw_magic.models import Refusal, Reply, SignedRequest

BUDGET = 60.0
"""Seconds in which a request may be sent again, counted from the first try."""

_FIRST_WAIT, _LONGEST_WAIT = 0.5, 8.0
_FIRST_REDIRECT, _FIRST_SERVER_ERROR = 300, 500

# AWS takes five minutes either way; a server that is years off is not believed.
_LEAST_SKEW, _MOST_SKEW = timedelta(minutes=4), timedelta(days=366)

# How often each kind of failure is met with another try. A backend that answers 502 fails the same way each time.
_MOST = {"connect": 2, "broken": 3, "server": 3, "bad gateway": 2, "cut": 1, "throttle": 8, "token": 1, "clock": 1}


@dataclass(frozen=True, slots=True)
class Pace:
    """What waiting needs, handed in so that tests do not wait.

    Attributes:
        clock: seconds, from any start.
        sleep: waits for seconds.
        dice: a number from 0 to 1.
    """

    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    dice: Callable[[], float] = random.random


DEFAULT_PACE = Pace()
"""The real clock, sleep and dice."""


@dataclass(frozen=True, slots=True)
class Tries:
    """How a request went so far.

    Attributes:
        started: when the first try was, by the pace's clock.
        met: how often each kind of failure was met.
        skew: what the signing clock is off by, as the server told; zero if it did not.
        wait: seconds to wait before the next try.
        renew: whether the next try wants new credentials.
    """

    started: float
    met: dict[str, int] = field(default_factory=dict)
    skew: timedelta = timedelta()
    wait: float = 0.0
    renew: bool = False

    @property
    def count(self) -> int:
        """How many tries there were, the one under way included."""
        return 1 + sum(self.met.values())


def plan_retry(
    signed: SignedRequest, outcome: Reply | TransportError, refusal: Refusal | None, tries: Tries, pace: Pace
) -> Tries | None:
    """Plan the next try, or None if there is to be none.

    Args:
        signed: what was sent.
        outcome: what came of it.
        refusal: the reply's, read; None for a reply that says yes, and for no reply.
        tries: so far.
        pace: the clock and the dice.
    """
    kind = _tell_kind(signed, outcome, refusal)
    if kind is None or tries.met.get(kind, 0) >= _MOST[kind]:
        return None
    skew = timedelta()
    if kind == "clock":
        told = _tell_skew(signed, outcome)
        if told is None:
            return None
        skew = told
    wait = 0.0 if kind in {"token", "clock"} else _tell_wait(outcome, tries, pace)
    if pace.clock() - tries.started + wait >= BUDGET:
        return None
    met = {**tries.met, kind: tries.met.get(kind, 0) + 1}
    return replace(tries, met=met, wait=wait, renew=kind == "token", skew=skew or tries.skew)


def _tell_kind(signed: SignedRequest, outcome: Reply | TransportError, refusal: Refusal | None) -> str | None:
    """Name the kind of failure that another try may mend; None for all others."""
    is_safe = signed.method in SAFE_METHODS
    if isinstance(outcome, TransportError):
        return _judge_error(outcome, is_safe=is_safe)
    if refusal is None:
        return "cut" if signed.method == "GET" and _is_cut(outcome) else None
    return _tell_gateway_refusal(refusal) or (_judge_answer(refusal) if is_safe else None)


def _is_cut(reply: Reply) -> bool:
    """Tell at a glance whether JSON ends before it should, though as many bytes came as the server said."""
    if reply.status_code >= _FIRST_REDIRECT or "json" not in reply.headers.get("content-type", "").lower():
        return False
    # A document of a million rows is not looked through; what was cut within brackets is found by its reader.
    start, end = reply.content[:64].lstrip()[:1], reply.content[-64:].rstrip()[-1:]
    return (start, end) not in {(b"{", b"}"), (b"[", b"]")} and start in {b"{", b"["}


def _judge_error(error: TransportError, *, is_safe: bool) -> str | None:
    if not error.is_transient:
        return None
    if not error.was_sent:
        return "connect"
    return "broken" if is_safe else None


def _judge_answer(refusal: Refusal) -> str | None:
    """Judge an answer that may be the backend's; only asked for safe methods."""
    match refusal.status_code:
        case 429:
            return None if _is_quota(refusal) else "throttle"
        case 502:
            return "bad gateway"
        case status if status >= _FIRST_SERVER_ERROR:
            return "server"
    return None


def _tell_gateway_refusal(refusal: Refusal) -> str | None:
    """Recognise the refusals that come from the gateway before any backend, by type and text.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
    """
    message = refusal.message.removesuffix(".")
    match refusal.error_type:
        case "TooManyRequestsException" if message == "Too Many Requests":
            return "throttle"
        case "ExpiredTokenException" if message == "The security token included in the request is expired":
            return "token"
        case "InvalidSignatureException" if refusal.message.startswith(
            ("Signature expired: ", "Signature not yet current: ")
        ):
            return "clock"
    return None


def _is_quota(refusal: Refusal) -> bool:
    """Tell whether a usage plan's quota is spent: it stays so for the day, week or month."""
    return refusal.error_type == "LimitExceededException" or refusal.message.startswith("Limit Exceeded")


def _tell_wait(outcome: Reply | TransportError, tries: Tries, pace: Pace) -> float:
    """Return seconds to wait: full jitter, and at least what `Retry-After` asks for (RFC 9110 §10.2.3).

    https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/
    """
    jitter = pace.dice() * min(_LONGEST_WAIT, _FIRST_WAIT * 2.0 ** (tries.count - 1))
    if isinstance(outcome, TransportError):
        return jitter
    asked = outcome.headers.get("retry-after", "").strip()
    if asked.isascii() and asked.isdigit():
        return max(jitter, float(asked[:9]))
    until, now = _parse_date(asked), _parse_date(outcome.headers.get("date", ""))
    return max(jitter, (until - now).total_seconds()) if until and now else jitter


def _tell_skew(signed: SignedRequest, outcome: Reply | TransportError) -> timedelta | None:
    """Return how far the server's clock is ahead of the signature's; None if the answer does not say."""
    if isinstance(outcome, TransportError):
        return None
    theirs = _parse_date(outcome.headers.get("date", ""))
    ours = next((value for name, value in signed.headers if name.lower() == "x-amz-date"), None)
    if theirs is None or ours is None:
        return None
    skew = theirs - datetime.strptime(ours, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    return skew if _LEAST_SKEW <= abs(skew) <= _MOST_SKEW else None


def _parse_date(text: str) -> datetime | None:
    """Parse an HTTP date (RFC 9110 §5.6.7); None for anything else."""
    try:
        parsed = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
