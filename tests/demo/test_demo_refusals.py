"""Refusals of the local account, over the wire: each of its kinds, read as what it is."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

import apigw_magic
from apigw_magic.errors import CredentialsError, StatusError
from apigw_magic.http import send_with
from apigw_magic.identity import wrap_session

if TYPE_CHECKING:
    from apigw_magic import Connection, Explanation
    from apigw_magic.demo import Shop
    from apigw_magic.models import Reply, SignedRequest

ONLY_POST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "*/POST/*"}],
}


@pytest.fixture
def base(shop: Shop) -> object:
    """The demo's user."""
    return wrap_session(shop.session, shop.region, shop.sts_endpoint)


def connect(shop: Shop, base: object, role: str | None, **options: object) -> Connection:
    """Connect to the shop as a role, or as the user."""
    return apigw_magic.connect(shop.url, role=role, region=shop.region, base=base, **options)  # type: ignore[arg-type] # any


def refuse(connection: Connection, method: str, path: str, **parts: object) -> Explanation:
    """Return the explanation of what is refused."""
    with pytest.raises(StatusError) as caught:
        connection.request(method, path, **parts)  # type: ignore[arg-type] # any
    assert caught.value.explanation is not None
    return caught.value.explanation


def test_who_may_not(shop: Shop, base: object) -> None:
    """Nothing allows it: the statement is exact, as all here is of one account."""
    told = refuse(connect(shop, base, "reader"), "DELETE", "/orders/A-1001")
    assert (told.kind, told.allowed, told.role) == ("denied_identity_implicit", False, "reader")
    arn = f"arn:aws:execute-api:{shop.region}:{shop.account_id}:{shop.api_id}/v1/DELETE/orders/A-1001"
    assert json.loads(told.statement) == {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": arn}
    assert "in one account either is enough" in told.remedy


def test_denials_of_both_kinds_of_policy(shop: Shop, base: object) -> None:
    """A Deny of the role's own policy, and one of the API's."""
    told = refuse(connect(shop, base, "writer"), "DELETE", "/orders/A-1001")
    assert (told.kind, told.statement) == ("denied_identity_explicit", "")
    partner = connect(shop, base, "partner", external_id=shop.external_id)
    told = refuse(partner, "GET", "/customers")
    assert (told.kind, told.policy, told.effect) == ("denied_resource_explicit", "resource", "explicit")
    assert (told.api, told.stage, told.method, told.path) == (shop.api_id, "v1", "GET", "/customers")
    assert partner.get("/customers", expect="denied").status_code == 403


def test_a_session_policy(shop: Shop, base: object) -> None:
    """The account does not tell a session policy from the role's own; that there is one is told."""
    told = refuse(connect(shop, base, "reader", policy=ONLY_POST), "GET", "/orders")
    assert told.allowed is False
    assert "Connect again without --policy, or allow it there" in told.remedy


def test_the_user(shop: Shop, base: object) -> None:
    """The user is no role."""
    told = refuse(connect(shop, base, None), "GET", "/orders")
    assert told.cause == "No policy of the user allows execute-api:Invoke."


def test_who_was_allowed(shop: Shop, base: object) -> None:
    """What the shop itself refuses was allowed by IAM."""
    writer = connect(shop, base, "writer")
    for method, path, status, cause in (
        ("GET", "/orders/nope", 404, "No order nope"),
        ("GET", "/orders?limit=-1", 400, "limit is a number from 1 to 100"),
        ("POST", "/orders", 422, "The order is not valid: 2 fields cannot be taken as sent (field customer"),
    ):
        told = refuse(writer, method, path, **({"json": {}} if method == "POST" else {}))
        assert (told.kind, told.allowed, told.status_code) == ("backend_4xx", True, status)
        assert told.cause.startswith(cause)
        with pytest.raises(StatusError, match="which is no refusal by a policy"):
            writer.request(method, path, json={} if method == "POST" else None, expect="denied")


def test_what_is_not_there(shop: Shop, base: object) -> None:
    """A path or method that is not deployed is not the role's problem."""
    told = refuse(connect(shop, base, "reader"), "GET", "/nope")
    assert (told.kind, told.allowed) == ("missing_auth_token", None)
    assert "the role is not the problem" in told.summary


def test_signatures_that_do_not_hold(shop: Shop, base: object) -> None:
    """A spoilt signature, and a session token of nobody."""
    send = send_with()

    def spoil(name: str, value: str) -> Connection:
        def transport(request: SignedRequest, *, timeout: float) -> Reply:
            fields = ((key, value if key.lower() == name else old) for key, old in request.headers)
            return send(replace(request, headers=tuple(fields)), timeout=timeout)

        return connect(shop, base, "reader", transport=transport)

    assert refuse(spoil("x-amz-date", "20300101T000000Z"), "GET", "/orders").kind in {
        "signature_mismatch",
        "signature_future",
        "scope_date",
    }
    assert refuse(spoil("x-amz-security-token", "nobody's"), "GET", "/orders").about in {"credentials", "signature"}


@pytest.mark.parametrize("role", ["locked", "nobody"])
def test_roles_that_may_not_be_assumed(shop: Shop, base: object, role: str) -> None:
    """STS's refusal is STS's."""
    with pytest.raises(CredentialsError) as caught:
        connect(shop, base, role)
    assert caught.value.explanation is not None
    assert caught.value.explanation.kind.startswith("sts_")
