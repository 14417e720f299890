"""What an answer and the request it answers show of the cause: clocks, Regions, the canonical request, limits.

Times, scope and canonical request stand in AWS's own words:
https://docs.aws.amazon.com/IAM/latest/UserGuide/signature-v4-troubleshooting.html
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from apigw_magic.denials.canonical import compare_signed
from apigw_magic.denials.reading import to_line
from apigw_magic.models import SAFE_METHODS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from apigw_magic.models import Circumstances, Explanation, Json, Refusal

_TIME = r"(\d{8}T\d{6}Z)"
_CLOCKS = re.compile(rf"Signature [a-z ]+: {_TIME} is [a-z ]+ (\S+)(?: \({_TIME} [+-] (?P<minutes>\d+) min)?")
_OTHER_REGION = re.compile(r"not '(?P<region>[\w-]*)'")
_WANTED = re.compile(r"correct service: '(?P<service>[\w-]*)'")
_MOST_ERRORS = 5
# The shortest time off that is told in each unit.
_UNITS = (
    (timedelta(days=2), timedelta(days=1), "days"),
    (timedelta(hours=2), timedelta(hours=1), "hours"),
    (timedelta(0), timedelta(minutes=1), "minutes"),
)


def weigh(told: Explanation, refusal: Refusal, around: Circumstances) -> Explanation:
    """Add what answer and request show of the cause.

    Args:
        told: the explanation by the catalogue.
        refusal: as read from the answer.
        around: what is known beside it.
    """
    judge = _JUDGES.get(told.kind)
    if judge is not None:
        told = judge(told, refusal, around)
    return _warn_of_repeating(told, around) if told.ran in {"maybe", "yes"} else told


def _tell_skew(message: str) -> str:
    """Tell how far this machine's clock is off, by the times in the message; an empty string if it has none."""
    clocks = _CLOCKS.search(message)
    if clocks is None:
        return ""
    try:
        signed, server = (datetime.strptime(time, "%Y%m%dT%H%M%S%z") for time in (clocks[1], clocks[3] or clocks[2]))
    except ValueError:  # digits that are no time
        return ""
    off = abs(signed - server)
    unit, name = next((unit, name) for least, unit, name in _UNITS if off >= least)
    least = "" if clocks[3] else "more than "
    if off < unit:
        return f"It is {'behind' if signed < server else 'ahead'}; the credentials are fine."
    return f"It is {least}{off / unit:.0f} {name} {'behind' if signed < server else 'ahead'}; the credentials are fine."


def _judge_clock(told: Explanation, refusal: Refusal, around: Circumstances) -> Explanation:
    skew = _tell_skew(refusal.words)
    clocks = _CLOCKS.search(refusal.words)
    if not skew or clocks is None:
        return told
    evidence = [f"Signed at {clocks[1]}; AWS's clock showed {clocks[3] or f'a time beyond {clocks[2]}'}."]
    if around.server_time:
        evidence.append(f"The answer's Date: {to_line(around.server_time)}.")
    return replace(told, cause=skew, evidence=tuple(evidence))


def _judge_scope(told: Explanation, refusal: Refusal, around: Circumstances) -> Explanation:
    """Set the Region and the service that were signed for beside those of the host."""
    wanted = _WANTED.search(refusal.words)
    if wanted is not None:
        signed = f"the service {around.service}" if around.service else "another service"
        cause = f"It was signed for {signed}; the API wants {wanted['service']}."
        return replace(told, cause=cause, remedy=f"Connect with --service {wanted['service']}")
    other = _OTHER_REGION.search(refusal.words)
    region = around.region or (other["region"] if other else "")
    if not region:
        return told
    if around.host_region and around.host_region != region:
        cause = f"It was signed for {region}, and the host {around.host} is in {around.host_region}."
        return replace(told, cause=cause, remedy=f"Connect with --region {around.host_region}")
    where = f"the host {around.host} does not say where it is" if around.host else "the API is in another Region"
    if around.host_region:
        where = f"the host {around.host} says the same: what stands behind it is in another Region"
    return replace(
        told, cause=f"It was signed for {region}; {where}.", remedy="Connect with the API's own: --region REGION"
    )


def _judge_mismatch(told: Explanation, refusal: Refusal, around: Circumstances) -> Explanation:
    found = compare_signed(refusal.text or refusal.message, around.canonical_request, around.string_to_sign)
    if found is None:
        return told
    return replace(told, cause=found.cause, remedy=found.remedy, evidence=found.evidence, causes=())


def _judge_throttle(told: Explanation, _refusal: Refusal, around: Circumstances) -> Explanation:
    if not around.retry_after:
        return told
    return replace(told, evidence=(f"The answer's Retry-After: {to_line(around.retry_after)}.",))


def _judge_backend(told: Explanation, refusal: Refusal, _around: Circumstances) -> Explanation:
    """Show the backend's own words; of a problem (RFC 9457) its title, detail and errors."""
    problem = _read_problem(refusal)
    return replace(told, cause=problem) if problem else told


def _read_problem(refusal: Refusal) -> str:
    try:
        document: Json = json.loads(refusal.body) if refusal.form == "problem" else None
    except (ValueError, RecursionError):
        return ""
    if not isinstance(document, dict):
        return ""
    head = ": ".join(part for key in ("title", "detail") if isinstance(part := document.get(key), str))
    errors = document.get("errors")
    listed = errors if isinstance(errors, list) else []
    rows = [
        ", ".join(f"{name} {value}" for name, value in error.items()) for error in listed if isinstance(error, dict)
    ][:_MOST_ERRORS]
    return to_line(f"{head} ({'; '.join(rows)})" if rows else head)


def _warn_of_repeating(told: Explanation, around: Circumstances) -> Explanation:
    """Say whether the request may have run, where it may have changed something."""
    if not around.method or told.kind == "backend_4xx":
        return told
    if around.method in SAFE_METHODS:
        return replace(told, evidence=(*told.evidence, f"A {around.method} changes nothing: it can be sent again."))
    has = "has" if told.ran == "yes" else "may have"
    remedy = f"It {has} run: look what it did before it is sent again. {told.remedy}"
    return replace(told, remedy=remedy)


_JUDGES: Mapping[str, Callable[[Explanation, Refusal, Circumstances], Explanation]] = {
    "backend_4xx": _judge_backend,
    "backend_5xx": _judge_backend,
    "signature_expired": _judge_clock,
    "signature_future": _judge_clock,
    "signature_mismatch": _judge_mismatch,
    "sts_clock": _judge_clock,
    "throttled": _judge_throttle,
    "wrong_scope": _judge_scope,
}
