"""Who said no: the gateway, the backend behind it, or somebody of whom nothing is known."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from apigw_magic.denials import explain, read_refusal
from apigw_magic.models import Circumstances

ROLE = "arn:aws:sts::123456789012:assumed-role/dev/ana"
OTHER = "arn:aws:sts::123456789012:assumed-role/fn-role/fn"
ARN = "arn:aws:execute-api:eu-west-1:********9012:a1b2c3d4e5/prod/GET/orders"
TABLE = "arn:aws:dynamodb:eu-west-1:123456789012:table/Orders"
REST = {"x-amz-apigw-id": "x=", "x-amzn-requestid": "y"}
TYPE = "x-amzn-ErrorType"
DENIED = {TYPE: "AccessDeniedException"}
NONE = "because no identity-based policy allows the {} action"
EXPIRED = "The security token included in the request is expired"

DEV = Circumstances(
    who="dev",
    request="GET /orders",
    method="GET",
    principal=ROLE,
    host="a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com",
    path="/prod/orders",
    service="execute-api",
    region="eu-west-1",
    host_region="eu-west-1",
)
CUSTOM = replace(DEV, host="api.example.com", host_region="")


def deny(principal: str = ROLE, action: str = "execute-api:Invoke", resource: str = ARN) -> str:
    """Return IAM's sentence."""
    return f"User: {principal} is not authorized to perform: {action} on resource: {resource} {NONE.format(action)}"


def say(message: str) -> str:
    """Return it in the gateway's form."""
    return json.dumps({"message": message})


OURS = [
    (DENIED | REST, say(deny())),
    (DENIED, say(deny())),
    ({}, say(deny())),
    (DENIED | REST, say(deny(ROLE.replace("123456789012", "********9012")))),
    # the sentence in other words, or in a form of the API's own
    (DENIED | REST, json.dumps({"error": {"message": deny()}})),
    (DENIED | REST, json.dumps({"error": {"text": deny(), "code": 7}})),
    (DENIED | REST, say(f"Access denied - {deny()}")),
]


@pytest.mark.parametrize(("headers", "content"), OURS, ids=range(len(OURS)))
@pytest.mark.parametrize("around", [DEV, CUSTOM])
def test_ours(headers: dict[str, str], content: str, around: Circumstances) -> None:
    """What IAM says of the caller's own call is the caller's."""
    told = explain(read_refusal(403, headers, content), around)
    assert (told.kind, told.allowed) == ("denied_identity_implicit", False)
    assert (told.role, told.resource) == ("dev", ARN)


BACKENDS = [
    (403, REST, say(deny(OTHER, "dynamodb:GetItem", TABLE)), "role fn-role may not dynamodb:GetItem"),
    (500, REST, say(deny(OTHER, "dynamodb:GetItem", TABLE)), "role fn-role may not dynamodb:GetItem"),
    (403, REST, say(deny(ROLE, "s3:GetObject", TABLE)), "role dev may not s3:GetObject"),
    (403, DENIED | REST, say(deny(OTHER)), "role fn-role may not execute-api:Invoke"),
    (403, DENIED | REST, say(deny(resource=ARN.replace("a1b2", "zzzz"))), "role dev may not execute-api:Invoke"),
    (403, {"apigw-requestid": "x="}, say(deny(OTHER)), "role fn-role may not execute-api:Invoke"),
    (
        400,
        REST,
        json.dumps({"__type": "com.amazon#AccessDeniedException", "Message": deny(OTHER, "dynamodb:PutItem", TABLE)}),
        "role fn-role may not dynamodb:PutItem",
    ),
]


@pytest.mark.parametrize(("status", "headers", "content", "words"), BACKENDS, ids=range(len(BACKENDS)))
def test_what_the_backend_may_not(status: int, headers: dict[str, str], content: str, words: str) -> None:
    """A sentence about another role, service or API is about the backend: the caller was allowed."""
    told = explain(read_refusal(status, headers, content), DEV)
    assert (told.kind, told.allowed, told.about) == ("backend_denied", True, "backend")
    assert f"dev was allowed; the backend's own {words}." in told.summary
    assert (told.principal, told.action, told.resource) == (ROLE, "", "")
    assert (told.policy, told.effect, told.policy_arn, told.statement) == ("", "", "", "")
    assert told.remedy == "Allow it in that role's policy; the role's own is not the problem."


@pytest.mark.parametrize(
    ("status", "content"),
    [
        (403, say(EXPIRED)),
        (400, json.dumps({"__type": "x#ExpiredTokenException", "message": EXPIRED})),
        (403, say("Missing Authentication Token")),
        (403, say("Forbidden")),
        (400, say("Invalid request body")),
        (403, say(deny())),
    ],
)
def test_a_rest_api_tells_the_type(status: int, content: str) -> None:
    """What came through a REST API without a type in its header is the backend's, whatever it says."""
    told = explain(read_refusal(status, REST, content), DEV)
    assert (told.kind, told.allowed) == ("backend_4xx", True)
    assert (told.action, told.policy, told.effect) == ("", "", "")


STRANGERS = [
    (401, {"www-authenticate": "Basic", "server": "nginx"}, "Unauthorized"),
    (401, {}, '{"detail":"Unauthorized"}'),
    (403, {"server": "nginx"}, "Forbidden"),
    (403, {}, '{"timestamp":"x","status":403,"error":"Forbidden","path":"/orders"}'),
    (404, {}, '{"detail":"Not Found"}'),
    (405, {"server": "awselb/2.0"}, "<html>405 Not Allowed</html>"),
    (407, {"via": "squid"}, ""),
    (429, {}, "Too Many Requests"),
    (451, {"server": "zscaler"}, "<html>blocked</html>"),
    (500, {"server": "Werkzeug"}, '{"message": "Internal Server Error"}'),
    (502, {"content-type": "application/problem+json"}, '{"title":"Bad Gateway"}'),
    (503, {"server": "squid"}, "Service Unavailable"),
    (
        403,
        {},
        "<Error><Code>SignatureDoesNotMatch</Code><Message>The request signature we calculated</Message></Error>",
    ),
    (400, {"x-amzn-requestid": "x"}, '{"__type":"x#ExpiredTokenException"}'),
]


@pytest.mark.parametrize(("status", "headers", "content"), STRANGERS, ids=range(len(STRANGERS)))
@pytest.mark.parametrize("around", [CUSTOM, Circumstances()])
def test_strangers(status: int, headers: dict[str, str], content: str, around: Circumstances) -> None:
    """Of what shows nothing of AWS is neither said that the caller was allowed nor that a policy refused."""
    told = explain(read_refusal(status, headers, content), around)
    assert told.allowed is None
    assert told.kind in {"unknown", "backend_4xx", "backend_5xx", "http_api_500", "service_credentials"}
    assert "was allowed" not in str(told)


@pytest.mark.parametrize("content", ["", '{"error":{"code":"E17"}}', "no"])
@pytest.mark.parametrize(
    ("headers", "kind", "allowed"),
    [
        (DENIED | REST, "denied_by_type", False),
        (DENIED, "denied_by_type", False),
        (DENIED | {"x-amzn-requestid": "y"}, "unknown", None),  # a service of AWS, or what speaks as they do
    ],
)
def test_the_type_alone(headers: dict[str, str], content: str, kind: str, allowed: bool | None) -> None:  # noqa: FBT001 - a column
    """The gateway's type is enough to know that it was a refusal, whatever its owner made of the words."""
    told = explain(read_refusal(403, headers, content), CUSTOM)
    assert (told.kind, told.allowed) == (kind, allowed)
