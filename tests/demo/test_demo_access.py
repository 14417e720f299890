"""Who may do what in the local account: findings that are known, and a simulator that is right where it speaks."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from apigw_magic import connect
from apigw_magic.access import try_access
from apigw_magic.demo.deployment import FUNCTION, deploy_api
from apigw_magic.demo.policies import STAGE, invoke, trust, write_document, write_statement
from apigw_magic.demo.sessions import DIRECT, make_session
from apigw_magic.identity import wrap_session
from apigw_magic.models import Request

if TYPE_CHECKING:
    from apigw_magic import Connection
    from apigw_magic.access import Finding
    from apigw_magic.demo import LocalAccount, Shop
    from apigw_magic.identity import Base

REQUESTS = [
    Request(method, target)
    for method, target in (
        ("GET", "/orders"),
        ("GET", "/orders/A-1001"),
        ("GET", "/orders/A-0000"),
        ("GET", "/customers"),
        ("GET", "/health"),
        ("GET", "/nothing"),
        ("POST", "/orders"),
        ("PUT", "/orders/A-1001"),
        ("DELETE", "/orders/A-1001"),
    )
]
ROLES = ("reader", "writer", "partner")
RESOURCE = "The API has a resource policy, which the simulator does not judge."
SILENT = "No policy of the role allows execute-api:Invoke."
DENY = "A Deny in the role's own policies matches execute-api:Invoke."
SHUT_OUT = "A Deny in the API's resource policy matches execute-api:Invoke."

# By role: the verdict on each request if all are sent, and if what may change something is asked of IAM.
SENT = {
    "GET /orders": ("allowed", "allowed", "allowed"),
    "GET /orders/A-1001": ("allowed", "allowed", "allowed"),
    "GET /orders/A-0000": ("allowed", "allowed", "allowed"),  # which the shop does not have: 404
    "GET /customers": ("allowed", "allowed", "denied"),
    "GET /health": ("allowed", "allowed", "allowed"),
    "GET /nothing": ("undetermined", "undetermined", "undetermined"),
    "POST /orders": ("denied", "allowed", "denied"),
    "PUT /orders/A-1001": ("denied", "allowed", "denied"),
    "DELETE /orders/A-1001": ("denied", "denied", "denied"),
}
ASKED = {
    "POST /orders": ("undetermined", "undetermined", "undetermined"),
    "PUT /orders/A-1001": ("undetermined", "undetermined", "undetermined"),
    "DELETE /orders/A-1001": ("undetermined", "denied", "undetermined"),
}


@pytest.fixture(scope="module")
def base(shop: Shop) -> Base:
    """The demo's user."""
    return wrap_session(shop.session, shop.region, shop.sts_endpoint)


@pytest.fixture(scope="module")
def connections(shop: Shop, base: Base) -> list[Connection]:
    """A connection as each role that may be assumed."""
    given = {"partner": shop.external_id}
    return [connect(shop.url, role=role, region=shop.region, external_id=given.get(role), base=base) for role in ROLES]


def tabulate(findings: list[Finding]) -> dict[str, tuple[str, ...]]:
    """Return the verdicts by request."""
    found: dict[str, tuple[str, ...]] = {}
    for one in findings:
        name = f"{one.request.method} {one.request.target}"
        found[name] = (*found.get(name, ()), str(one.verdict))
    return found


def pick(findings: list[Finding], method: str, target: str, role: str) -> Finding:
    """Return one of them."""
    (found,) = [f for f in findings if (f.request, f.connection.name) == (Request(method, target), role)]
    return found


def test_the_roles_of_the_demo(connections: list[Connection]) -> None:
    """All requests sent: who may do what, and by which policy not."""
    found = try_access(REQUESTS, connections, send_all=True)
    assert tabulate(found) == SENT
    assert {one.how for one in found} == {"sent"}
    assert {(one.reason, one.policy) for one in found if one.verdict == "denied"} == {
        (SILENT, "identity"),
        (DENY, "identity"),
        (SHUT_OUT, "resource"),
    }
    assert pick(found, "GET", "/customers", "partner").policy == "resource"
    assert pick(found, "GET", "/orders/A-0000", "reader").reason == "The backend itself answers 404 Not Found."
    assert pick(found, "POST", "/orders", "writer").status == 400


def test_nothing_that_may_change_something_is_sent(connections: list[Connection]) -> None:
    """Asked of IAM, a Deny is certain, and the rest is open, since the shop has a resource policy."""
    found = try_access(REQUESTS, connections)
    assert tabulate(found) == SENT | ASKED
    unsafe = [one for one in found if one.request.method != "GET"]
    assert {one.status for one in unsafe} == {None}
    assert {one.reason for one in unsafe} == {RESOURCE, DENY}


def test_who_has_no_rights_to_ask(shop: Shop, account: LocalAccount) -> None:
    """Without the rights the verdict is open, and says which right is missing."""
    iam = account.session(shop.region).client("iam", endpoint_url=account.endpoint, config=DIRECT)
    iam.create_user(UserName="nobody")
    try:
        key = iam.create_access_key(UserName="nobody")["AccessKey"]
        assume = write_statement("Allow", "sts:AssumeRole", shop.roles["reader"])
        iam.put_user_policy(UserName="nobody", PolicyName="x", PolicyDocument=json.dumps(write_document(assume)))
        who = trust({"AWS": [f"arn:aws:iam::{shop.account_id}:user/{name}" for name in ("analyst", "nobody")]})
        iam.update_assume_role_policy(RoleName="reader", PolicyDocument=json.dumps(who))
        session = make_session(key["AccessKeyId"], key["SecretAccessKey"], region=shop.region)
        base = wrap_session(session, shop.region, shop.sts_endpoint)
        reader = connect(shop.url, role="reader", region=shop.region, base=base)
        (found,) = try_access([Request("POST", "/orders")], [reader])
        assert found.verdict == "undetermined"
        assert found.reason == "Not judged: the base identity may not ask iam:SimulatePrincipalPolicy."
    finally:
        analyst = trust({"AWS": f"arn:aws:iam::{shop.account_id}:user/analyst"})
        iam.update_assume_role_policy(RoleName="reader", PolicyDocument=json.dumps(analyst))


# What a role of an API without a resource policy may do: methods that are allowed, methods that are denied.
GIVEN = {
    "all": ("*", ""),
    "none": ("", ""),
    "gets": ("GET", ""),
    "posts": ("POST", ""),
    "all-but-delete": ("*", "DELETE"),
    "denied-all": ("*", "*"),
}


@pytest.fixture(scope="module")
def open_shop(shop: Shop, account: LocalAccount, base: Base) -> list[Connection]:
    """An API like the shop's, without a resource policy, and connections as roles that may do different things."""
    root = account.session(shop.region)
    iam, apis, functions = (
        root.client("iam", endpoint_url=account.endpoint, config=DIRECT),
        root.client("apigateway", endpoint_url=account.endpoint, config=DIRECT),
        root.client("lambda", endpoint_url=account.endpoint, config=DIRECT),
    )
    function_arn = functions.get_function(FunctionName=FUNCTION)["Configuration"]["FunctionArn"]
    api = deploy_api(apis, function_arn, write_document(), mark="Without a resource policy")
    apis.update_rest_api(restApiId=api, patchOperations=[{"op": "replace", "path": "/policy", "value": ""}])
    where = f"arn:aws:execute-api:{shop.region}:{shop.account_id}:{api}"
    user = f"arn:aws:iam::{shop.account_id}:user/analyst"
    names = [f"open-{name}" for name in GIVEN]
    for name, (allowed, denied) in zip(names, GIVEN.values(), strict=True):
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust({"AWS": user})))
        said = [
            *([invoke("Allow", where, allowed)] if allowed else []),
            *([invoke("Deny", where, denied)] if denied else []),
        ]
        if said:
            iam.put_role_policy(RoleName=name, PolicyName="x", PolicyDocument=json.dumps(write_document(*said)))
    roles = [f"arn:aws:iam::{shop.account_id}:role/{name}" for name in names]
    document = write_document(
        write_statement("Allow", "sts:AssumeRole", *roles),
        write_statement("Allow", "iam:GetRole", *roles),
        write_statement("Allow", "apigateway:GET", f"arn:aws:apigateway:{shop.region}::/restapis/{api}"),
    )
    iam.put_user_policy(UserName="analyst", PolicyName="open", PolicyDocument=json.dumps(document))
    url = f"{account.endpoint}/_aws/execute-api/{api}/{STAGE}"
    return [connect(url, role=name, region=shop.region, base=base) for name in names]


def test_the_simulator_is_right(open_shop: list[Connection]) -> None:
    """Without a resource policy each of its words is a verdict, and what is sent is answered so."""
    unsafe = [
        Request(method, path)
        for method, path in (("POST", "/orders"), ("PUT", "/orders/A-1"), ("DELETE", "/orders/A-1"))
    ]
    asked, sent = try_access(unsafe, open_shop), try_access(unsafe, open_shop, send_all=True)
    assert [(one.verdict, one.reason, one.policy) for one in asked if one.verdict == "denied"] == [
        (one.verdict, one.reason, one.policy) for one in sent if one.verdict == "denied"
    ]
    assert tabulate(asked) == tabulate(sent)
    assert tabulate(asked) == {
        "POST /orders": ("allowed", "denied", "denied", "allowed", "allowed", "denied"),
        "PUT /orders/A-1": ("allowed", "denied", "denied", "denied", "allowed", "denied"),
        "DELETE /orders/A-1": ("allowed", "denied", "denied", "denied", "denied", "denied"),
    }
    assert {one.how for one in asked} == {"simulated"}


def test_a_session_policy_is_not_judged(shop: Shop, open_shop: list[Connection], base: Base) -> None:
    """What the role is allowed, its session may still be denied; what the role is denied, it is."""
    narrow = write_document(write_statement("Allow", "execute-api:Invoke", "arn:aws:execute-api:*:*:*/*/GET/*"))
    assert isinstance(narrow, dict)
    url = open_shop[0].url
    narrowed = [
        connect(url, role=role, name=role, region=shop.region, base=base, policy=narrow)
        for role in ("open-all", "open-none")
    ]
    first, second = try_access([Request("POST", "/orders")], narrowed)
    assert (first.verdict, first.how) == ("undetermined", "")
    assert first.reason == "The session policy (--policy) is not judged by the simulator."
    assert (second.verdict, second.reason) == ("denied", SILENT)


def test_the_simulator_of_the_local_account_answers_for_one(shop: Shop, account: LocalAccount) -> None:
    """It answers for the first resource alone, of however many it is asked about: which is why more is asked for."""
    iam = account.session(shop.region).client("iam", endpoint_url=account.endpoint, config=DIRECT)
    where = f"arn:aws:execute-api:{shop.region}:{shop.account_id}:{shop.api_id}/{STAGE}"
    answer = iam.simulate_principal_policy(
        PolicySourceArn=shop.roles["reader"],
        ActionNames=["execute-api:Invoke"],
        ResourceArns=[f"{where}/GET/orders", f"{where}/POST/orders"],
    )
    assert [one["EvalResourceName"] for one in answer["EvaluationResults"]] == [f"{where}/GET/orders"]
