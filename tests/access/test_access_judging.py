"""Answers, and what came instead of one, as verdicts."""

from __future__ import annotations

import pytest

from apigw_magic.access import Finding, Verdict
from apigw_magic.access.judging import judge_answer, judge_error
from apigw_magic.errors import ApigwError, TransportError
from apigw_magic.models import Reply, Request
from tests.access.fakes import Api, FakeAccount, answer_with, blank, make_base, open_as

ARN = "arn:aws:execute-api:eu-west-1:********9012:a1b2c3d4e5/prod/GET/orders"
_USER = "User: arn:aws:sts::123456789012:assumed-role/reader/ana is not authorized to perform: execute-api:Invoke"
IMPLICIT = (
    f'{{"Message": "{_USER} on resource: {ARN} because no identity-based policy allows the execute-api:Invoke action"}}'
)
EXPLICIT = f'{{"Message": "{_USER} on resource: {ARN} with an explicit deny in a resource-based policy"}}'
TYPE = ("x-amzn-ErrorType", "AccessDeniedException")


def judge(reply: Reply | Exception) -> Finding:
    """Send a request that is answered so, and judge."""
    connection = open_as("reader", Api(orders=reply), make_base(FakeAccount()))
    empty = blank(connection, "GET", "/orders")
    try:
        return judge_answer(empty, connection.send(Request("GET", "/orders")))
    except ApigwError as error:
        return judge_error(empty, error)


@pytest.mark.parametrize(
    ("reply", "verdict", "reason", "policy"),
    [
        (answer_with(200), "allowed", "", ""),
        (answer_with(200, b"{}", ("Location", "https://x/y")), "allowed", "", ""),
        (answer_with(302, b"", ("Location", "https://x/y")), "allowed", "The API redirects to https://x/y.", ""),
        (
            answer_with(404, b'{"message": "no such order"}', ("x-amzn-RequestId", "1"), ("x-amz-apigw-id", "2")),
            "allowed",
            "The backend itself answers 404 Not Found.",
            "",
        ),
        (
            answer_with(403, IMPLICIT.encode(), TYPE),
            "denied",
            "No policy of the role allows execute-api:Invoke.",
            "identity",
        ),
        (
            answer_with(403, EXPLICIT.encode(), TYPE),
            "denied",
            "A Deny in the API's resource policy matches execute-api:Invoke.",
            "resource",
        ),
        (
            answer_with(429, b'{"message": "Too Many Requests"}', ("x-amzn-ErrorType", "TooManyRequestsException")),
            "undetermined",
            "429 TooManyRequestsException: ",
            "",
        ),
        (answer_with(403, b"<html>no</html>"), "undetermined", "403 Forbidden: ", ""),
    ],
)
def test_answers(reply: Reply, verdict: str, reason: str, policy: str) -> None:
    """What the backend refuses was allowed; what a policy refuses is denied; the rest says nothing of the role."""
    found = judge(reply)
    assert (found.verdict, found.policy, found.how, found.status) == (verdict, policy, "sent", reply.status_code)
    assert found.reason == reason or (reason.endswith(": ") and found.reason.startswith(reason))
    assert found.ms == 12
    assert found.response is not None


def test_the_reason_leaves_the_resource_out() -> None:
    """The same cause on two paths is the same reason."""
    assert ARN not in judge(answer_with(403, IMPLICIT.encode(), TYPE)).reason


def test_no_answer() -> None:
    """A connection that fails is an error, with what is known of it."""
    found = judge(TransportError("No connection.", why="Refused.", was_sent=False))
    assert (found.verdict, found.how, found.status, found.error) == (Verdict.ERROR, "sent", None, "TransportError")
    assert found.reason == "No connection. Refused."


def test_a_fault_of_ours() -> None:
    """Of a fault of ours no more than its name is told: its text may hold anything."""
    connection = open_as("reader", Api(), make_base(FakeAccount()))
    found = judge_error(blank(connection, "GET", "/orders"), ZeroDivisionError("a secret"))
    assert found.verdict is Verdict.ERROR
    assert found.reason == "apigw_magic failed: ZeroDivisionError. Please report it."
