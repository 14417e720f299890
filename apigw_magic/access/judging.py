"""An answer, or what came instead of one → whether the request was allowed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from apigw_magic.access.findings import SENT, Finding, Verdict
from apigw_magic.connection import Response
from apigw_magic.denials import to_line
from apigw_magic.errors import ApigwError

if TYPE_CHECKING:
    from apigw_magic.models import Explanation

_MILLI = 1000
_FIRST_REDIRECT = 300


def judge_answer(blank: Finding, response: Response) -> Finding:
    """Tell what an answer says of the caller's rights; what the backend itself refuses was allowed.

    Args:
        blank: has request and connection.
        response: wanted or not.
    """
    told = response.explanation
    found = replace(
        blank, how=SENT, status=response.status_code, ms=round(response.elapsed * _MILLI), response=response
    )
    if told is None:
        location = response.headers.get("location", "") if response.status_code >= _FIRST_REDIRECT else ""
        reason = f"The API redirects to {to_line(location)}." if location else ""
        return replace(found, verdict=Verdict.ALLOWED, reason=reason)
    if told.allowed:
        status = to_line(f"{response.status_code} {response.reason}")
        return replace(found, verdict=Verdict.ALLOWED, reason=f"The backend itself answers {status}.")
    if told.allowed is False:
        return replace(found, verdict=Verdict.DENIED, reason=_name_cause(told), policy=told.policy)
    head = told.summary.partition(": ")[0]
    return replace(found, verdict=Verdict.UNDETERMINED, reason=f"{head}: {_name_cause(told)}".removesuffix(": "))


def judge_error(blank: Finding, error: Exception) -> Finding:
    """Tell what came instead of the wanted answer; another answer is judged as one.

    Args:
        blank: has request and connection.
        error: that sending raised; of a fault of ours no more than its name is told.
    """
    if isinstance(error, ApigwError):
        if isinstance(error.response, Response):
            return judge_answer(blank, error.response)
        reason = to_line(" ".join(filter(None, (error.what, error.why))))
    else:
        reason = f"apigw_magic failed: {type(error).__name__}. Please report it."
    return replace(blank, verdict=Verdict.ERROR, how=SENT, reason=reason, error=type(error).__name__)


def _name_cause(told: Explanation) -> str:
    """Return the cause without the resource, which differs from request to request where the cause is the same."""
    return told.cause.replace(f" on {told.resource}", "") if told.resource else told.cause
