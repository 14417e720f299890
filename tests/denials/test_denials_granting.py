"""Whose policy would have to allow it, by whose account the API is in, and the smallest statement that would."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from apigw_magic.denials import explain
from apigw_magic.models import Circumstances, Explanation, Refusal

ACCOUNT, OTHER = "123456789012", "210987654321"
ROLE = f"arn:aws:sts::{ACCOUNT}:assumed-role/reader/ana"
ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/reader"
INVOKE = "execute-api:Invoke"
PLACE = "a1b2c3d4e5/prod/GET/orders/A-1"
OURS, THEIRS = (f"arn:aws:execute-api:eu-west-1:{account}:{PLACE}" for account in (ACCOUNT, OTHER))
MASKED, MASKED_OTHER = (f"arn:aws:execute-api:eu-west-1:********{digits}:{PLACE}" for digits in ("9012", "4321"))

IDENTITY = " because no identity-based policy allows the execute-api:Invoke action"
RESOURCE = " because no resource-based policy allows the execute-api:Invoke action"
BOUNDARY = " because no permissions boundary allows the execute-api:Invoke action"
SESSION = " because no session policy allows the execute-api:Invoke action"
VPCE = " because no VPC endpoint policy allows the execute-api:Invoke action"

URL = Circumstances(
    who="reader",
    request="GET /orders/A-1",
    method="GET",
    principal=ROLE,
    host="a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com",
    path="/prod/orders/A-1",
    service="execute-api",
    region="eu-west-1",
    host_region="eu-west-1",
)
LOCAL = replace(URL, host="127.0.0.1", path="/_aws/execute-api/c4ed69e0/v1/orders/A-1", host_region="", is_local=True)
CUSTOM = replace(URL, host="api.example.com", path="/v1/orders/A-1", host_region="")


def refuse(  # noqa: PLR0913 - what the sentence has
    reason: str = "",
    resource: str = OURS,
    *,
    principal: str = ROLE,
    around: Circumstances = URL,
    action: str = INVOKE,
    api: str = "",
) -> Explanation:
    """Explain IAM's sentence."""
    target = f" on resource: {resource}" if resource else ""
    message = f"User: {principal} is not authorized to perform: {action}{target}{reason}"
    return explain(Refusal(403, "AccessDeniedException", message, api=api), around)


def allow(resource: str | list[str], principal: object = None, action: object = INVOKE) -> dict[str, Any]:
    """Return the statement that is expected."""
    whom = {} if principal is None else {"Principal": principal}
    return {"Effect": "Allow", **whom, "Action": action, "Resource": resource}


ENOUGH = "in one account either is enough"
ACCOUNTS = [
    # same account, told in full or by its last digits: either policy is enough
    (refuse(IDENTITY, OURS), ENOUGH, OURS, None),
    (refuse(IDENTITY, MASKED), ENOUGH, OURS, None),
    (refuse("", MASKED), ENOUGH, OURS, None),
    # another account: both have to
    (refuse(IDENTITY, THEIRS), "of another account", THEIRS, ROLE_ARN),
    (
        refuse(IDENTITY, MASKED_OTHER),
        "of another account",
        f"arn:aws:execute-api:eu-west-1:ACCOUNT-ENDING-4321:{PLACE}",
        ROLE_ARN,
    ),
    (refuse("", THEIRS), "in the role's policy and in the API's resource policy", THEIRS, ROLE_ARN),
    # whose account it is the answer does not say: the URL says where, not whose
    (
        refuse(IDENTITY, ""),
        "or, in the same account, in the API's resource policy",
        f"arn:aws:execute-api:eu-west-1:ACCOUNT-ID:{PLACE}",
        None,
    ),
    (refuse("", ""), "Another account: in both", f"arn:aws:execute-api:eu-west-1:ACCOUNT-ID:{PLACE}", None),
    (
        refuse(IDENTITY, "", around=CUSTOM),
        "in the same account",
        "arn:aws:execute-api:eu-west-1:ACCOUNT-ID:API-ID/STAGE/METHOD/PATH",
        None,
    ),
    # this machine: all is of one account, and the URL names the API
    (
        refuse(IDENTITY, "", around=LOCAL),
        ENOUGH,
        f"arn:aws:execute-api:eu-west-1:{ACCOUNT}:c4ed69e0/v1/GET/orders/A-1",
        None,
    ),
    # an HTTP API has no resource policy
    (refuse(IDENTITY, OURS, api="http"), "an HTTP API has no resource policy", OURS, None),
    (refuse(IDENTITY, THEIRS, api="http"), "Assume a role of the API's account", THEIRS, None),
]


@pytest.mark.parametrize(("told", "remedy", "resource", "counterpart"), ACCOUNTS, ids=range(len(ACCOUNTS)))
def test_the_account_decides(told: Explanation, remedy: str, resource: str, counterpart: str | None) -> None:
    """The caller's policy and, across accounts, the resource policy: each with its statement."""
    assert remedy in told.remedy
    assert json.loads(told.statement) == allow(resource)
    other = json.loads(told.counterpart) if told.counterpart else None
    assert other == (None if counterpart is None else allow(resource, {"AWS": counterpart}))


def test_the_resource_policy() -> None:
    """Across accounts the API's owner lets the role in, and the role's policy has to allow it, too."""
    told = refuse(RESOURCE, THEIRS)
    assert f"adds {ROLE_ARN} to the resource policy" in told.remedy
    assert json.loads(told.statement) == allow(THEIRS, {"AWS": ROLE_ARN})
    assert json.loads(told.counterpart) == allow(THEIRS)
    told = refuse(RESOURCE, OURS)
    assert ENOUGH in told.remedy
    assert (json.loads(told.statement), told.counterpart) == (allow(OURS, {"AWS": ROLE_ARN}), "")


@pytest.mark.parametrize(
    ("told", "statement"),
    [
        (refuse(BOUNDARY), allow(OURS)),
        (refuse(SESSION), allow(OURS)),
        (refuse(VPCE), allow(OURS, {"AWS": ROLE_ARN})),
        (refuse(principal="anonymous"), allow(OURS, "*")),
        (
            refuse(
                IDENTITY, OURS.replace("GET/orders/A-1", "POST/@connections/x="), action="execute-api:ManageConnections"
            ),
            allow(OURS.replace("GET/orders/A-1", "POST/@connections/x="), action="execute-api:ManageConnections"),
        ),
        # signs that a policy would take for a pattern or a variable
        (refuse(IDENTITY, f"{OURS}/a*b?c${{d}}$e"), allow(f"{OURS}/a${{*}}b${{?}}c${{$}}{{d}}$e")),
        (
            refuse(IDENTITY, OURS.replace("GET/orders/A-1", "$connect")),
            allow(OURS.replace("GET/orders/A-1", "$connect")),
        ),
        (refuse(IDENTITY, OURS.replace("GET/orders/A-1", "GET/")), allow(OURS.replace("GET/orders/A-1", "GET/"))),
        (
            refuse(
                " because no network-based policy allows the vpc-lattice-svcs:Invoke action",
                f"arn:aws:vpc-lattice:eu-west-1:{OTHER}:service/svc-0/x",
                action="vpc-lattice-svcs:Invoke",
                around=replace(URL, service="vpc-lattice-svcs"),
            ),
            allow(
                f"arn:aws:vpc-lattice:eu-west-1:{OTHER}:service/svc-0/x",
                {"AWS": ROLE_ARN},
                "vpc-lattice-svcs:Invoke",
            ),
        ),
    ],
)
def test_statements(told: Explanation, statement: dict[str, Any]) -> None:
    """The statement names this action on this ARN, and nothing more; a policy of the other side names the caller."""
    assert json.loads(told.statement) == statement


@pytest.mark.parametrize(
    ("refusal", "statement"),
    [
        (
            Refusal(403, "AccessDeniedException", "Forbidden", api="lambda-url"),
            allow(
                "arn:aws:lambda:eu-west-1:ACCOUNT-ID:function:FUNCTION-NAME",
                action=["lambda:InvokeFunctionUrl", "lambda:InvokeFunction"],
            ),
        ),
        (
            Refusal(401, "UnauthorizedException", "Permission denied"),
            allow("arn:aws:appsync:eu-west-1:ACCOUNT-ID:apis/API-ID/*", action="appsync:GraphQL"),
        ),
        (
            Refusal(403, "", "Forbidden", api="http"),
            allow(
                [  # the stage may be $default, which stands in no path
                    f"arn:aws:execute-api:eu-west-1:ACCOUNT-ID:{PLACE}",
                    "arn:aws:execute-api:eu-west-1:ACCOUNT-ID:a1b2c3d4e5/$default/GET/prod/orders/A-1",
                ]
            ),
        ),
        (
            Refusal(403, "", "server rejected WebSocket connection: HTTP 403"),
            allow("arn:aws:execute-api:eu-west-1:ACCOUNT-ID:API-ID/STAGE/$connect"),
        ),
    ],
)
def test_statements_for_what_names_nothing(refusal: Refusal, statement: dict[str, Any]) -> None:
    """Where the answer names nothing, what is not known stands in capitals."""
    around = replace(URL, service="appsync") if refusal.status_code == 401 else URL
    assert json.loads(explain(refusal, around).statement) == statement


WRITER = f"arn:aws:iam::{OTHER}:role/team/writer"
STS = [
    (
        "sts:AssumeRole",
        " because no identity-based policy allows the sts:AssumeRole action",
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": WRITER},
    ),
    (
        "sts:AssumeRole",
        " because no role trust policy allows the sts:AssumeRole action",
        {"Effect": "Allow", "Principal": {"AWS": ROLE_ARN}, "Action": "sts:AssumeRole"},
    ),
    (
        "sts:TagSession",
        "",
        {"Effect": "Allow", "Principal": {"AWS": ROLE_ARN}, "Action": ["sts:AssumeRole", "sts:TagSession"]},
    ),
]


@pytest.mark.parametrize(("action", "reason", "statement"), STS)
def test_statements_for_sts(action: str, reason: str, statement: dict[str, Any]) -> None:
    """The caller's policy names the role, the role's trust policy the caller."""
    message = f"User: {ROLE} is not authorized to perform: {action} on resource: {WRITER}{reason}"
    assert json.loads(explain(Refusal(403, "AccessDenied", message)).statement) == statement


@pytest.mark.parametrize(
    "told",
    [
        refuse(" with an explicit deny in an identity-based policy"),
        refuse(" with an explicit deny in a resource-based policy"),
        refuse(" with an explicit deny"),
        refuse(" because no service control policy allows the execute-api:Invoke action"),
        refuse(" because no moon-based policy allows the execute-api:Invoke action"),
        explain(Refusal(403, "ForbiddenException", "Forbidden"), URL),
        explain(Refusal(429, "LimitExceededException", "Limit Exceeded"), URL),
    ],
    ids=range(7),
)
def test_where_no_statement_would_help(told: Explanation) -> None:
    """No Allow overrides a Deny, and none of the account's own an organization."""
    assert (told.statement, told.counterpart) == ("", "")


ANYWHERE = Circumstances()
NARROWED = replace(URL, session_policies=("--policy", "--policy-arn arn:aws:iam::aws:policy/X"))


def test_a_session_policy_that_was_given() -> None:
    """Who narrowed the session is told so, by the options that did it."""
    told = refuse(SESSION, around=NARROWED)
    assert told.policy == "session"
    assert "session policy (--policy and --policy-arn arn:aws:iam::aws:policy/X)" in told.cause
    assert told.remedy.startswith("Connect again without --policy and --policy-arn")
    assert "role's policy" not in f"{told.cause} {told.remedy}"
    assert "(--policy" not in refuse(SESSION).cause


@pytest.mark.parametrize(
    ("reason", "around"),
    [("", NARROWED), (IDENTITY, replace(LOCAL, session_policies=NARROWED.session_policies))],
)
def test_a_session_policy_that_may_be_it(reason: str, around: Circumstances) -> None:
    """Where the answer does not tell a session policy from the role's own, both are named, the session's first."""
    told = refuse(reason, around=around)
    assert "role's policy or the session policy (--policy and --policy-arn" in told.cause
    assert told.remedy.startswith("Connect again without --policy")
    assert told.remedy.endswith("allow it in the role's policy.")


@pytest.mark.parametrize("name", ["AWSReservedSSO_Analyst_0123456789abcdef", "reader"])
def test_the_path_of_a_role(name: str) -> None:
    """A session does not tell its role's path: a permission set's is known, and of another role it is said."""
    principal = f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/ana"
    told = refuse(IDENTITY, THEIRS, principal=principal, around=replace(URL, principal=principal))
    is_set = name != "reader"
    assert (f"role/aws-reserved/sso.amazonaws.com/REGION/{name}" in told.counterpart) is is_set
    assert any("If the role has a path" in line for line in told.evidence) is not is_set


def test_a_websocket_route() -> None:
    """A WebSocket API has no resource policy, either."""
    told = refuse(IDENTITY, OURS.replace("GET/orders/A-1", "$connect"))
    assert told.remedy == "Allow it in the role's policy: a WebSocket API has no resource policy."


def test_a_masked_account_stays_masked() -> None:
    """A caller's account that is masked itself fills nothing in."""
    masked = f"arn:aws:sts::********{ACCOUNT[-4:]}:assumed-role/reader/ana"
    told = refuse(IDENTITY, OURS.replace(ACCOUNT, f"********{ACCOUNT[-4:]}"), principal=masked, around=ANYWHERE)
    assert f":ACCOUNT-ENDING-{ACCOUNT[-4:]}:" in told.statement


@pytest.mark.parametrize("reason", [IDENTITY])
def test_a_session_policy_besides(reason: str) -> None:
    """Where nothing allows it, a session policy that was given has to allow it, too."""
    told = refuse(reason, around=NARROWED)
    assert told.remedy.endswith(
        "the session policy (--policy and --policy-arn arn:aws:iam::aws:policy/X) has to allow it, too."
    )


def test_a_user() -> None:
    """A base user has no role: it is the user's policy."""
    user = f"arn:aws:iam::{ACCOUNT}:user/team/ana"
    told = refuse(IDENTITY, principal=user, around=replace(URL, principal=user))
    assert told.cause.startswith("No policy of the user allows")
    assert "in the user's policy" in told.remedy
    assert "role" not in str(told)
    assert (told.role, told.session) == ("", "")
