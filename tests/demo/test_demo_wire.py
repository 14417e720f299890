"""Hostile requests against the local account, which verifies signatures: another judge that shares no code with us."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

import pytest

import apigw_magic
from apigw_magic.errors import StatusError
from apigw_magic.http import send_with
from apigw_magic.identity import wrap_session
from tests.http.hostile import REFUSALS, Asked, on_each

if TYPE_CHECKING:
    from apigw_magic import Connection
    from apigw_magic.demo import Shop
    from apigw_magic.http import Transport
    from apigw_magic.models import Reply, SignedRequest
    from tests.demo.conftest import Call

TRIED, SENT = 400, 200
NO_SIGNATURE = {"InvalidSignatureException", "IncompleteSignatureException"}


def connect_as_writer(shop: Shop, transport: Transport | None = None) -> Connection:
    """Connect to the shop as a role that may write."""
    base = wrap_session(shop.session, shop.region, shop.sts_endpoint)
    return apigw_magic.connect(shop.url, role="writer", region=shop.region, base=base, transport=transport)


def spoil(send: Transport) -> Transport:
    """Return a transport that changes the last digit of each signature."""

    def send_spoilt(request: SignedRequest, *, timeout: float) -> Reply:
        fields = dict(request.headers)
        kept, last = fields["Authorization"][:-1], fields["Authorization"][-1]
        fields["Authorization"] = kept + ("0" if last != "0" else "1")
        return send(replace(request, headers=tuple(fields.items())), timeout=timeout)

    return send_spoilt


def ask(connection: Connection, asked: Asked) -> tuple[str, str]:
    """Return the query that was sent, and the error type of the answer; empty if it has none."""
    try:
        return asked.send(connection).url.query, ""
    except StatusError as error:
        response = error.response
        assert isinstance(response, apigw_magic.Response)
        return response.url.query, response.headers.get("x-amzn-errortype", "")


def at_shop(asked: Asked) -> Asked:
    """Turn a request to a resource that the shop has, where it has one for the method."""
    method = asked.method.upper()
    if method == "POST":
        return replace(asked, path="/orders")
    if method in {"GET", "PUT", "DELETE"}:
        return replace(asked, path=f"/orders/{asked.path.strip('/').replace('/', '%2F')}")
    return asked


def is_misread(query: str) -> bool:
    """Tell whether MiniStack takes a query for another one: it replaces escaped bytes that are not UTF-8."""
    try:
        unquote_to_bytes(query).decode()
    except UnicodeDecodeError:
        return True
    return False


def test_the_local_account_accepts_hostile_signatures(shop: Shop) -> None:
    """Every signature is accepted, whatever else the account says, and the same request with a spoilt one is not."""
    writer, spoilt = connect_as_writer(shop), connect_as_writer(shop, spoil(send_with()))
    tally: Counter[str] = Counter()

    @on_each(TRIED)
    def send(asked: Asked) -> None:
        asked = at_shop(asked)
        try:
            query, error_type = ask(writer, asked)
        except REFUSALS:
            tally["refused"] += 1
            return
        tally["sent"] += 1
        if is_misread(query):
            tally["misread"] += 1
        else:
            assert error_type not in NO_SIGNATURE
        assert ask(spoilt, asked)[1] in NO_SIGNATURE

    send()
    assert tally["sent"] - tally["misread"] >= SENT
    assert tally["misread"] <= 0.2 * tally["sent"]


@pytest.mark.parametrize(("query", "error_type"), [("a=%FF", "InvalidSignatureException"), ("a=%C3%BF", None)])
def test_the_local_account_misreads_botocores_own_requests(call: Call, query: str, error_type: str | None) -> None:
    """A query that is not UTF-8 is refused when botocore alone has signed it, too: the fault is the account's."""
    assert call("writer", "GET", f"/orders?{query}").error_type == error_type
