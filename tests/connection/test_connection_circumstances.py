"""What is known beside an answer reaches its explanation: who signed, what narrows the session, what was signed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from apigw_magic.connection import connect
from apigw_magic.errors import StatusError
from apigw_magic.models import Headers, Reply
from tests.connection.fakes import SECRET_KEY, TOKEN, URL, FakeApi, open_over
from tests.identity.fakes import ACCOUNT, USER_ARN, FakeSts, make_base

if TYPE_CHECKING:
    from apigw_magic.models import SignedRequest

DENIED = {"x-amzn-ErrorType": "AccessDeniedException"}
POLICY_ARN = "arn:aws:iam::aws:policy/ReadOnlyAccess"
POLICY = {"Version": "2012-10-17", "Statement": []}


def deny(principal: str, policy: str, resource: str = "") -> str:
    """Return the body of a refusal."""
    target = f" on resource: {resource}" if resource else ""
    reason = f"because no {policy} policy allows the execute-api:Invoke action"
    return json.dumps(
        {"Message": f"User: {principal} is not authorized to perform: execute-api:Invoke{target} {reason}"}
    )


def test_the_options_that_narrow_a_session() -> None:
    """Who was refused through a session policy is told which of his options did it."""
    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/reader/ana"
    api = FakeApi(403, deny(session, "session"), "Forbidden", DENIED)
    connection = connect(
        URL, role="reader", policy=POLICY, policy_arns=[POLICY_ARN], base=make_base(FakeSts()), transport=api
    )
    with pytest.raises(StatusError) as caught:
        connection.get("/orders")
    assert f"The session policy (--policy and --policy-arn {POLICY_ARN})" in caught.value.why
    assert caught.value.fix.startswith(f"Connect again without --policy and --policy-arn {POLICY_ARN}")


def test_a_base_user_has_no_role() -> None:
    """Without a role it is the user's policy, and the statement is exact by the URL."""
    api = FakeApi(403, deny(USER_ARN, "identity-based"), "Forbidden", DENIED)
    with pytest.raises(StatusError) as caught:
        connect(URL, base=make_base(FakeSts()), transport=api).delete("/orders/A-1")
    error = caught.value
    assert error.explanation is not None
    assert error.why == "No policy of the user allows execute-api:Invoke."
    assert "in the user's policy" in error.fix
    assert json.loads(error.explanation.statement)["Resource"] == (
        "arn:aws:execute-api:eu-west-1:ACCOUNT-ID:a1b2c3d4e5/prod/DELETE/orders/A-1"
    )


def test_who_was_refused_where_the_answer_does_not_say() -> None:
    """STS has told who signs, so an answer that says nothing is of that role."""
    told = open_over(FakeApi(403, '{"message":"Forbidden"}')).get("/orders", expect=403).explanation
    assert told is not None
    assert (told.role, told.session) == ("reader", "ana")
    assert "the role's policy" in told.remedy


def answer_mismatch(spoil: str, *, value: str) -> type[FakeApi]:
    """Return an API that shows the canonical request it computed, one line of it spoilt."""

    class Mismatching(FakeApi):
        def __call__(self, request: SignedRequest, *, timeout: float) -> Reply:
            super().__call__(request, timeout=timeout)
            lines = (value if line.startswith(spoil) else line for line in request.canonical_request.split("\n"))
            newline = "\n"
            message = (
                "The request signature we calculated does not match the signature you provided. Check your key.\n\n"
                f"The Canonical String for this request should have been\n'{newline.join(lines)}'\n\n"
                f"The String-to-Sign should have been\n'{request.string_to_sign}'\n"
            )
            fields = Headers([("x-amzn-ErrorType", "InvalidSignatureException")])
            return Reply(403, "Forbidden", fields, json.dumps({"message": message}).encode(), 0.1)

    return Mismatching


@pytest.mark.parametrize(
    ("spoil", "value", "cause"),
    [
        ("host:", "host:proxy.example", "the host, differs"),
        ("/prod/orders", "/v1/orders", "the path, differs: sent '/prod/orders', AWS saw '/v1/orders'"),
        ("x-amz-security-token:", f"x-amz-security-token:{TOKEN[:700]}", "its value is a secret"),
        ("nothing", "", "AWS computed the same canonical request"),
    ],
)
def test_the_canonical_request_of_both(spoil: str, value: str, cause: str) -> None:
    """The server's canonical request is compared with ours; neither the token nor a part of it is shown."""
    with pytest.raises(StatusError) as caught:
        open_over(answer_mismatch(spoil, value=value)()).get("/orders")
    error = caught.value
    assert error.explanation is not None
    shown = f"{error} {error.explanation!r} {error.explanation.details}"
    assert cause in error.why
    assert SECRET_KEY not in shown
    assert [part for at in range(0, len(TOKEN), 50) if (part := TOKEN[at : at + 20]) in shown] == []


def test_the_host_names_its_region() -> None:
    """What was signed for stands beside what the host says."""
    body = '{"message":"Credential should be scoped to a valid region, not \'eu-west-1\'. "}'
    api = FakeApi(403, body, "", {"x-amzn-ErrorType": "InvalidSignatureException"})
    with pytest.raises(StatusError, match="what stands behind it is in another Region") as caught:
        open_over(api).get("/orders")
    assert "It was signed for eu-west-1" in caught.value.why
