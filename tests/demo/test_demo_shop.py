"""The shop over the wire: what each role may do, and how a refusal reads."""

from __future__ import annotations

import os
import pickle
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError

from apigw_magic.demo import attach, provision, start
from apigw_magic.demo.sessions import DIRECT
from apigw_magic.errors import DemoError

if TYPE_CHECKING:
    from apigw_magic.demo import LocalAccount, Shop
    from tests.demo.conftest import Call

ORDER = {"customer": "C-07", "total": 12.5}
NO_ALLOW = "because no identity-based policy allows the execute-api:Invoke action"
DENIED = "with an explicit deny in an identity-based policy"
DENIED_BY_API = "with an explicit deny in a resource-based policy"

MATRIX: list[tuple[str | None, str, str, int, str]] = [
    # who, method, target, status, how the refusal ends
    (None, "GET", "/health", 200, ""),
    ("reader", "GET", "/health", 200, ""),
    (None, "GET", "/orders", 403, "Missing Authentication Token"),
    ("analyst", "GET", "/orders", 403, NO_ALLOW),
    ("reader", "GET", "/orders", 200, ""),
    ("reader", "GET", "/orders/A-1003", 200, ""),
    ("reader", "GET", "/customers", 200, ""),
    ("reader", "POST", "/orders", 403, NO_ALLOW),
    ("reader", "PUT", "/orders/A-1003", 403, NO_ALLOW),
    ("reader", "DELETE", "/orders/A-1003", 403, NO_ALLOW),
    ("writer", "GET", "/customers", 200, ""),
    ("writer", "POST", "/orders", 201, ""),
    ("writer", "PUT", "/orders/A-1003", 200, ""),
    ("writer", "DELETE", "/orders/A-1003", 403, DENIED),
    ("partner", "GET", "/orders", 200, ""),
    ("partner", "GET", "/customers", 403, DENIED_BY_API),
    ("partner", "POST", "/orders", 403, NO_ALLOW),
    ("reader", "GET", "/nothing", 403, "Missing Authentication Token"),
]


@pytest.mark.parametrize("row", MATRIX, ids=lambda row: " ".join(str(part) for part in row[:4]))
def test_who_may_do_what(call: Call, row: tuple[str | None, str, str, int, str]) -> None:
    """Every role may do what its policies say, and is told which kind of policy refused it."""
    who, method, target, status, ending = row
    document = {"POST": ORDER, "PUT": {"note": "Paid by card"}}.get(method)
    got = call(who, method, target, document)
    assert got.status == status
    if status == 403:
        assert got.document["message"].endswith(ending)
        missing = ending.startswith("Missing")
        assert got.error_type == ("MissingAuthenticationTokenException" if missing else "AccessDeniedException")


@pytest.mark.parametrize(("role", "external_id"), [("partner", None), ("partner", "shop-stranger"), ("locked", None)])
def test_roles_that_are_not_given(shop: Shop, role: str, external_id: str | None) -> None:
    """A trust policy that does not name the caller, or wants another external id, gives AccessDenied."""
    sts = shop.session.client("sts", endpoint_url=shop.sts_endpoint, config=DIRECT)
    arn = shop.roles[role]
    ask = partial(sts.assume_role, RoleArn=arn, RoleSessionName="tests")
    with pytest.raises(ClientError) as refused:
        ask() if external_id is None else ask(ExternalId=external_id)
    assert refused.value.response["Error"] == {
        "Type": "Sender",
        "Code": "AccessDenied",
        "Message": f"User: arn:aws:iam::{shop.account_id}:user/analyst is not authorized to perform: "
        f"sts:AssumeRole on resource: {shop.roles[role]}",
    }


def test_pages(call: Call) -> None:
    """Following the token to its end gives every order once."""
    whole = call("reader", "GET", "/orders?status=shipped").document
    target: str | None = "/orders?status=shipped&limit=7"
    seen = []
    while target:
        page = call("reader", "GET", target).document
        assert page["count"] == len(page["items"]) <= 7
        assert page["total"] == len(whole["items"])
        seen += page["items"]
        token = page.get("next", "").replace("=", "%3D")
        target = token and f"/orders?status=shipped&limit=7&after={token}"
    assert seen == whole["items"]


def test_an_order_from_birth_to_death(shop: Shop, account: LocalAccount, call: Call) -> None:
    """What one worker writes, another reads, and root may delete what the writer must not."""
    born = call("writer", "POST", "/orders", ORDER | {"note": "Gift"})
    target = f"/orders/{born.document['id']}"
    assert call("writer", "PUT", target, {"status": "paid"}).document == born.document | {"status": "paid"}
    assert call("reader", "GET", target).document["note"] == "Gift"
    root = account.session(shop.region)
    # The function is asked directly: every role of the shop is refused here.
    functions = root.client("lambda", endpoint_url=account.endpoint, config=DIRECT)
    event = f'{{"httpMethod": "DELETE", "path": "{target}"}}'.encode()
    assert b'"statusCode": 204' in functions.invoke(FunctionName="apigw-magic-shop", Payload=event)["Payload"].read()
    gone = call("reader", "GET", target)
    assert (gone.status, gone.document) == (404, {"message": f"No order {born.document['id']}"})


def test_a_problem_comes_with_its_type(call: Call) -> None:
    """A refused order is described as RFC 9457 wants it."""
    got = call("writer", "POST", "/orders", {"customer": "C-99"})
    assert (got.status, got.media_type) == (422, "application/problem+json")
    assert [error["field"] for error in got.document["errors"]] == ["customer", "total"]


def test_concurrent_workers_agree(call: Call) -> None:
    """Orders created at once get numbers of their own."""
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: call("writer", "POST", "/orders", ORDER), range(8)))
    assert {got.status for got in made} == {201}
    assert len({got.document["id"] for got in made}) == 8


def test_a_shop_shows_no_secret(shop: Shop) -> None:
    """Neither its repr nor a pickle takes the keys out of the process."""
    credentials = shop.session.get_credentials()
    assert credentials is not None
    assert credentials.secret_key not in repr(shop)
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(shop)


def test_the_users_own_configuration_does_not_count(account: LocalAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    """A profile that does not exist, a proxy and another endpoint in the environment change nothing."""
    for name in ("AWS_ENDPOINT_URL", "HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_PROFILE", "missing")
    monkeypatch.setenv("AWS_CA_BUNDLE", os.devnull + "/missing")
    iam = account.session("eu-west-1").client("iam", endpoint_url=account.endpoint, config=DIRECT)
    assert iam.list_account_aliases()["AccountAliases"] == []


def test_building_again() -> None:
    """An attached account gets the shop anew, with its first orders, unless a name is somebody else's."""
    with start() as own, attach(own.endpoint) as account:
        first, second = provision(account), provision(account)
        assert first.api_id != second.api_id
        root = account.session(second.region)
        apis = root.client("apigateway", endpoint_url=account.endpoint, config=DIRECT)
        assert [api["id"] for api in apis.get_rest_apis()["items"]] == [second.api_id]
        iam = root.client("iam", endpoint_url=account.endpoint, config=DIRECT)
        iam.untag_user(UserName="analyst", TagKeys=["made-by"])
        with pytest.raises(DemoError, match="The account has a user analyst that the demo did not make"):
            provision(account)
        account.stop()
        assert account.alive
    with pytest.raises(DemoError, match="The shop cannot be built"):
        provision(own)
