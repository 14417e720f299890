"""Answers that are not the wanted ones, as errors."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from apigw_magic import denials
from apigw_magic.errors import StatusError

if TYPE_CHECKING:
    from apigw_magic.connection.expectation import Expectation
    from apigw_magic.connection.response import Response
    from apigw_magic.models import Circumstances, Explanation, Refusal

_FIRST_REDIRECT = 300
_UNTOLD = frozenset({"backend_4xx", "backend_5xx", "bad_request", "denied_by_type", "signature_by_type"})
"""Kinds of which an answer without content does not say why."""
_UNDECIDED = frozenset({"", "permissions"})
"""Where it may have been a policy, and the answer does not say so."""


def explain_answer(refusal: Refusal, around: Circumstances) -> Explanation:
    """Explain an answer to one of our requests."""
    told = denials.explain(refusal, around)
    if around.method == "HEAD" and not refusal.message and told.kind in _UNTOLD | {"unknown"}:
        cause = "An answer to HEAD has no content, so it does not say why."
        return replace(told, cause=cause, remedy="Send a GET to read the reason.")
    if told.kind == "unknown":
        return replace(told, remedy="The whole answer: %apigw last (in Python: error.response)")
    return told


def describe_failure(response: Response) -> StatusError:
    """Return the error for an answer that says no, or that points elsewhere."""
    told = response.explanation
    if told is not None:
        why = add_tries(told.cause, response.tries) if response.tries > 1 else told.cause
        return StatusError(told.summary, why=why, fix=told.remedy, response=response, explanation=told)
    location = denials.to_line(response.headers.get("location", "elsewhere"))
    return StatusError(
        f"{_status(response)}: the API redirects to {location}.",
        why="A signed request is not sent on: its session token must not reach another host.",
        fix="If that is the API, connect to it: %apigw connect URL",
        response=response,
    )


def describe_surprise(response: Response, expect: Expectation, asked: str) -> StatusError:
    """Return the error for an answer that is not the one that was named."""
    came = _status(response)
    told = response.explanation
    if told and told.error_type:
        came = f"{response.status_code}/{told.error_type}"
    if expect.denied and told and (told.allowed or told.about not in _UNDECIDED):
        came += ", which is no refusal by a policy"
    return StatusError(
        f"Expected {expect}, but {asked} as {response.connection} was answered {came}.",
        why=told.cause if told else _of_no_refusal(response),
        fix=told.remedy if told else "",
        response=response,
        explanation=told,
    )


def add_tries(why: str, tries: int) -> str:
    """Add to the reason how often it was tried; a backend's own words may lack their full stop."""
    return f"{why}{'' if not why or why.endswith('.') else '.'} Tried {tries} times.".strip()


def _status(response: Response) -> str:
    return denials.to_line(f"{response.status_code} {response.reason}")


def _of_no_refusal(response: Response) -> str:
    if response.status_code < _FIRST_REDIRECT:
        return "The request was allowed and processed."
    return "A redirect is not followed: the session token must not reach another host."
