"""Answers that are errors, as they come over the wire: how often each is asked for, and what is told of it."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from apigw_magic.errors import FrameError, StatusError
from tests.connection.fakes import FakeApi, open_over

CLOCK = "Signature expired: 20300101T090000Z is now earlier than 20300101T090312Z (20300101T090812Z - 5 min.)"
DENIED = (
    "User: arn:aws:sts::123456789012:assumed-role/reader/ana is not authorized to perform: execute-api:Invoke on "
    "resource: arn:aws:execute-api:eu-west-1:********9012:a1b2c3d4e5/prod/GET/orders"
)
PROBLEM = (
    '{"type":"https://api.example/problems/limits","title":"Bad parameter","status":422,"detail":'
    '"limit is 500 at most","errors":[{"field":"limit","code":"max"}]}'
)


@dataclass(frozen=True)
class Case:
    """An answer that is an error, and what becomes of it."""

    name: str
    status: int
    body: str
    kind: str
    gets: int
    posts: int
    told: tuple[str, ...]
    error_type: str = ""
    media_type: str = "application/json"
    allowed: bool | None = None
    fields: dict[str, str] = field(default_factory=dict)

    @property
    def headers(self) -> dict[str, str]:
        """The answer's header."""
        typed = {"x-amzn-ErrorType": self.error_type} if self.error_type else {}
        return {"Content-Type": self.media_type} | typed | self.fields


CASES = [
    Case(
        "throttle",
        429,
        '{"message":"Too Many Requests"}',
        "throttled",
        9,
        9,
        ("rate limit stopped", "nothing was processed"),
        "TooManyRequestsException",
    ),
    Case("quota", 429, '{"message":"Limit Exceeded"}', "quota", 1, 1, ("quota is used up",), "LimitExceededException"),
    Case(
        "expired token",
        403,
        '{"message":"The security token included in the request is expired"}',
        "token_expired",
        1,  # twice where the credentials can be renewed, which these cannot
        1,
        ("has expired",),
        "ExpiredTokenException",
    ),
    Case(
        "clock",
        403,
        f'{{"message":"{CLOCK}"}}',
        "signature_expired",
        1,  # twice where the answer has a Date
        1,
        ("It is 8 minutes behind",),
        "InvalidSignatureException",
    ),
    Case(
        "denied",
        403,
        f'{{"Message":"{DENIED}"}}',
        "denied_implicit_untyped",
        1,
        1,
        ("No policy of the role allows execute-api:Invoke, nor does the API's.",),
        "AccessDeniedException",
        allowed=False,
    ),
    Case(
        "timeout",
        504,
        '{"message":"Endpoint request timed out"}',
        "integration_timeout",
        4,
        1,
        ("was allowed", "smaller page"),
        "InternalServerErrorException",
        allowed=True,
    ),
    Case(
        "bad function",
        502,
        '{"message": "Internal server error"}',
        "backend_502",
        3,
        1,
        ("was allowed", "in a form that API Gateway cannot read"),
        "InternalServerErrorException",
        allowed=True,
    ),
    Case(
        "error of a function",
        200,
        '{"errorMessage":"division by zero","errorType":"ZeroDivisionError","requestId":"6f","stackTrace":["line 3"]}',
        "lambda_error",
        1,
        1,
        ("the function behind", "ZeroDivisionError: division by zero"),
        allowed=True,
    ),
    Case(
        "problem",
        422,
        PROBLEM,
        "backend_4xx",
        1,
        1,
        ("was allowed", "Bad parameter: limit is 500 at most (field limit, code max)"),
        media_type="application/problem+json",
        allowed=True,
        fields={"x-amz-apigw-id": "x="},
    ),
    Case(
        "GraphQL",
        200,
        '{"errors":[{"message":"Field \'foo\' does not exist","path":["q"]}],"data":null}',
        "graphql_errors",
        1,
        1,
        ("has errors and no data", "Field 'foo' does not exist"),
    ),
    Case(
        "page",
        502,
        f"<html><body><h1>502 Bad Gateway</h1>{'x' * 300}</body></html>",
        "unknown",
        3,
        1,
        ("is not known", "<html><body><h1>502 Bad Gateway</h1>"),
        media_type="text/html",
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_each_is_asked_for_as_often_as_is_safe_and_told(case: Case, method: str) -> None:
    """It is an error, told by its cause; what may have run is not sent again."""
    api = FakeApi(case.status, case.body, "", case.headers)
    with pytest.raises(StatusError) as caught:
        open_over(api).request(method, "/orders")
    error = caught.value
    assert error.explanation is not None
    assert (error.explanation.kind, error.explanation.allowed) == (case.kind, case.allowed)
    assert len(api.requests) == (case.gets if method == "GET" else case.posts)
    assert all(words in str(error) for words in case.told)
    assert len(error.lines) <= 3
    if error.explanation.ran in {"maybe", "yes"} and case.kind not in {"backend_4xx", "graphql_errors"}:
        assert ("look what it did before it is sent again" in str(error)) is (method == "POST")
    if case.media_type == "text/html":
        assert len(error.why.partition(" Tried")[0]) <= 201


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_each_may_be_expected(case: Case) -> None:
    """An error that is wanted is no error, and keeps its explanation."""
    api = FakeApi(case.status, case.body, "", case.headers)
    response = open_over(api).get("/orders", expect=case.status)
    assert response.explanation is not None
    assert response.explanation.kind == case.kind
    assert len(api.requests) == 1


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_only_refusals_are_denied(case: Case) -> None:
    """`denied` is met by a refusal of who asked alone; what came else is told."""
    connection = open_over(FakeApi(case.status, case.body, "", case.headers))
    if case.allowed is False:
        response = connection.get("/orders", expect="denied")
        assert response.explanation is not None
        return
    with pytest.raises(StatusError, match="Expected denied, but GET /orders as reader was answered") as caught:
        connection.get("/orders", expect="denied")
    assert ("which is no refusal by a policy" in caught.value.what) is (case.kind != "unknown")


def test_no_content() -> None:
    """204 is an answer without content, and no error."""
    response = open_over(FakeApi(204, b"", "No Content")).get("/orders")
    assert (response.content, response.explanation) == (b"", None)


@pytest.mark.parametrize(("method", "times"), [("GET", 2), ("POST", 1)])
def test_json_that_ends_early(method: str, times: int) -> None:
    """JSON that ends early is asked for once more if that is safe; its rows are never given as if they were all."""
    body = '{"items":[{"id":1},{"id":2},{"id"'
    api = FakeApi(200, body, "OK", {"Content-Type": "application/json"})
    response = open_over(api).request(method, "/orders")
    assert len(api.requests) == times
    with pytest.raises(FrameError, match=f"{len(body)} bytes came"):
        response.frame()


@pytest.mark.parametrize(
    "body",
    [
        '{"errorMessage":"x","errorType":"y","items":[]}',  # a function's error has nothing beside it
        '{"errors":[{"message":"x"}]}',  # rows of a log
        '{"errors":[{"message":"x"}],"count":1}',
        '{"errors":[],"data":null}',
        '{"errors":[{"message":"x"}],"data":{"q":1}}',  # a part of the data
        '[{"errorMessage":"x","errorType":"y"}]',
        '{"data":null}',
    ],
)
def test_data_that_looks_like_an_error(body: str) -> None:
    """Rows about errors are rows."""
    api = FakeApi(200, body, "OK", {"Content-Type": "application/json"})
    assert open_over(api).get("/errors").explanation is None
