"""Explaining an answer from anywhere."""

from __future__ import annotations

import email.message
import http.client
import io
import json
import urllib.error
from types import SimpleNamespace

import pytest
from botocore.exceptions import ClientError, UnauthorizedSSOTokenError
from hypothesis import given
from hypothesis import strategies as st
from urllib3._collections import HTTPHeaderDict

from apigw_magic import explain
from apigw_magic.errors import StatusError
from apigw_magic.models import Explanation
from tests.connection.fakes import FakeApi, open_over

TYPED = {"X-Amzn-Errortype": "MissingAuthenticationTokenException"}
BODY = '{"message":"Missing Authentication Token"}'
ASSUME = (
    "User: arn:aws:iam::123456789012:user/ana is not authorized to perform: sts:AssumeRole on resource: "
    "arn:aws:iam::210987654321:role/team/writer"
)
STS_XML = f"""<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <Error><Type>Sender</Type><Code>AccessDenied</Code><Message>{ASSUME}</Message></Error>
  <RequestId>0a1b</RequestId>
</ErrorResponse>"""
GRAPHQL = "User: arn:aws:sts::123456789012:assumed-role/reader/ana is not authorized to perform: appsync:GraphQL"


@pytest.mark.parametrize(
    "content", [BODY, BODY.encode(), bytearray(BODY.encode()), memoryview(BODY.encode()), json.loads(BODY)]
)
def test_an_answer_of_somebody_elses(content: object) -> None:
    """Status, headers and content are enough, in any case and as bytes, text or parsed JSON."""
    told = explain(403, TYPED, content)
    assert told.kind == "missing_auth_token"
    assert told.error_type == "MissingAuthenticationTokenException"
    assert "this request is not deployed" in told.summary


@pytest.mark.parametrize(
    "headers",
    [
        TYPED,
        list(TYPED.items()),
        tuple(TYPED.items()),
        HTTPHeaderDict(TYPED),
        [(b"x-amzn-errortype", b"MissingAuthenticationTokenException")],
        {"X-AMZN-ERRORTYPE": ["MissingAuthenticationTokenException:http://x/"]},
        {"x-amzn-errortype": "MissingAuthenticationTokenException", 7: None},
    ],
)
def test_headers_of_any_library(headers: object) -> None:
    """A mapping or pairs, text or bytes, one value or a list of them."""
    assert explain(403, headers, BODY).error_type == "MissingAuthenticationTokenException"


@pytest.mark.parametrize(
    "status", [403, "403", b"403", http.client.FORBIDDEN, "403 Forbidden", "HTTP/1.1 403", "HTTP/2 403"]
)
def test_a_status_of_any_kind(status: object) -> None:
    """A number, its text, or a status line."""
    assert explain(status, TYPED, BODY).status_code == 403  # type: ignore[call-overload] # a log line's status


def test_by_keyword() -> None:
    """The arguments have names."""
    assert explain(status=403, headers=TYPED, content=BODY).kind == "missing_auth_token"


def test_a_whole_answer_of_requests_or_urllib3() -> None:
    """An object that has status, headers and content is enough."""
    requests = SimpleNamespace(status_code=403, headers=TYPED, content=BODY.encode(), text=BODY)
    urllib3 = SimpleNamespace(status=403, headers=HTTPHeaderDict(TYPED), data=BODY.encode())
    assert explain(requests) == explain(urllib3) == explain(403, TYPED, BODY)


@pytest.mark.parametrize(
    ("kind", "status", "headers", "content"),
    [
        ("sts_assume_denied", 403, {}, STS_XML),
        ("sts_assume_denied", 403, {}, json.dumps({"Error": {"Code": "AccessDenied", "Message": ASSUME}})),
        (
            "sts_assume_denied",
            403,
            {},
            f"An error occurred (AccessDenied) when calling the AssumeRole operation: {ASSUME}",
        ),
        (
            "sts_expired",
            400,
            {},
            (
                "botocore.exceptions.ClientError: An error occurred (ExpiredToken) when calling the GetCallerIdentity "
                "operation: The security token included in the request is expired"
            ),
        ),
        (
            "lattice_denied",
            403,
            {"content-type": "text/plain"},
            (
                "AccessDeniedException: User: arn:aws:sts::123456789012:assumed-role/reader/ana is not authorized to "
                "perform: vpc-lattice-svcs:Invoke on resource: arn:aws:vpc-lattice:eu-west-1:123456789012:service/s/x "
                "because no service-based policy allows the vpc-lattice-svcs:Invoke action"
            ),
        ),
        (
            "appsync_unauthorized",
            401,
            {},
            '{"errors":[{"errorType":"UnauthorizedException","message":"Permission denied"}]}',
        ),
        (
            "denied_implicit_untyped",
            403,
            {},
            json.dumps({"errors": [{"errorType": "AccessDeniedException", "message": GRAPHQL}], "data": None}),
        ),
        (
            "token_invalid",
            403,
            {},
            (
                '{"__type":"com.amazon.coral.service#UnrecognizedClientException",'
                '"message":"The security token included in the request is invalid."}'
            ),
        ),
        ("forbidden_function_url", 403, {"x-amzn-errortype": "AccessDeniedException"}, '{"Message":"Forbidden"}'),
        (
            "forbidden_function_url",
            403,
            {"x-amzn-errortype": "AccessDeniedException", "x-amzn-requestid": "x"},
            '{"Message":"Forbidden"}',
        ),
        ("cloudfront_403", 403, {}, "<HTML><H2>The request could not be satisfied.</H2></HTML>"),
        ("forbidden_http_api", 403, {"apigw-requestid": "x="}, '{"message":"Forbidden"}'),
        ("backend_4xx", 403, {"x-amz-apigw-id": "x="}, '{"message":"Forbidden"}'),
        ("throttled", 429, {}, '{"message":"Too Many Requests"}'),
        ("backend_4xx", 429, {"x-amz-apigw-id": "x="}, '{"message":"Too Many Requests"}'),
    ],
)
def test_bodies_of_all_services(kind: str, status: int, headers: dict[str, str], content: str) -> None:
    """XML, JSON of all spellings, boto3's line and plain text are read; who wrote it is told by the answer itself."""
    assert explain(status, headers, content).kind == kind


def test_exceptions_of_boto3() -> None:
    """An exception of boto3's is explained by the answer in it, or by what the SDK says."""
    answer = {"Error": {"Code": "AccessDenied", "Message": ASSUME}, "ResponseMetadata": {"HTTPStatusCode": 403}}
    assert explain(ClientError(answer, "AssumeRole")).kind == "sts_assume_denied"  # type: ignore[arg-type] # as boto3's
    assert explain(UnauthorizedSSOTokenError()).kind == "sdk_sso_expired"
    assert explain(ValueError("no")).kind == "unknown"


def test_exceptions_of_other_clients() -> None:
    """An exception that holds an answer is explained by it: of requests, httpx and urllib."""
    error = ValueError("403 Client Error")
    error.response = SimpleNamespace(status_code=403, headers=TYPED, content=BODY.encode())  # type: ignore[attr-defined] # as requests has it
    fields = email.message.Message()
    fields["X-Amzn-Errortype"] = TYPED["X-Amzn-Errortype"]
    raised = urllib.error.HTTPError("https://x/", 403, "Forbidden", fields, io.BytesIO(BODY.encode()))
    assert explain(error) == explain(raised) == explain(403, TYPED, BODY)


def test_errors_of_our_own() -> None:
    """An error's own explanation is given again."""
    with pytest.raises(StatusError) as caught:
        open_over(FakeApi(403, BODY, headers=TYPED)).get("/x")
    assert explain(caught.value) is caught.value.explanation


def test_a_response_that_was_refused() -> None:
    """A response's own explanation is given again, with the connection's name in it."""
    response = open_over(FakeApi(403, BODY, headers=TYPED)).get("/x", expect=403)
    assert explain(response) is response.explanation
    assert "GET /x" in explain(response).summary


def test_a_response_that_says_yes() -> None:
    """Where nothing was refused nothing is guessed."""
    response = open_over(FakeApi(200, "[]", "OK")).get("/x")
    assert explain(response).kind == "unknown"
    assert explain(response).summary.startswith("200 OK")
    assert (explain(response).cause, explain(response).message) == ("", "")


ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(),
    st.binary(),
    st.lists(st.one_of(st.none(), st.text(), st.tuples(st.text(), st.text()), st.tuples(st.binary(), st.none()))),
    st.dictionaries(st.text(), st.one_of(st.none(), st.text(), st.integers(), st.lists(st.text()))),
)


@given(ANYTHING, ANYTHING, ANYTHING)
def test_whatever_is_handed_in(status: object, headers: object, content: object) -> None:
    """Nothing is raised, whatever is handed in; there is an explanation."""
    told = explain(status, headers, content)  # type: ignore[call-overload] # on purpose
    assert isinstance(told, Explanation)
    assert told.summary
    assert str(told)


class Odd:
    """What raises wherever it is touched, and knows no text."""

    def __str__(self) -> str:
        msg = "odd"
        raise ValueError(msg)

    __repr__ = __str__


@pytest.mark.parametrize("content", [Odd(), [Odd()], {"a": Odd()}, {1: {2, 3}}, object])
def test_objects_without_a_text(content: object) -> None:
    """Not even what has no text stops it."""
    assert explain(403, content, content).kind == "unknown"
    assert explain(403, {"x-amzn-errortype": content}, b"").kind == "unknown"
