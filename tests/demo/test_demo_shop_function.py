"""The function's own rules, without an account around it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from apigw_magic.demo.shop_function import answer

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def fresh_shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give every test a shop of its own."""
    monkeypatch.setenv("SHOP_ID", tmp_path.name)
    # Where it keeps its orders is Lambda's temporary directory, which the function cannot be handed.
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))


def ask(method: str, path: str, content: object = None, **query: str) -> tuple[int, Any]:
    """Call the function as API Gateway does."""
    body = content if isinstance(content, str | None) else json.dumps(content)
    given = answer({"httpMethod": method, "path": path, "body": body, "queryStringParameters": query or None}, None)
    return int(str(given["statusCode"])), json.loads(str(given["body"]) or "null")


def test_the_first_orders() -> None:
    """Forty orders of eight customers, of every status, and the same every time."""
    _, document = ask("GET", "/orders")
    orders = document["items"]
    assert (document["count"], document["total"], "next" in document) == (40, 40, False)
    assert {order["status"] for order in orders} == {"open", "paid", "shipped", "cancelled"}
    assert {order["customer"]["id"] for order in orders} == {f"C-0{n}" for n in range(1, 9)}
    assert {order["express"] for order in orders} == {True, False}
    assert {type(order["note"]) for order in orders} == {str, type(None)}
    assert orders[0] == {
        "id": "A-1001",
        "status": "shipped",
        "customer": {"id": "C-01", "name": "Abel & Filhas", "country": "PT"},
        "total": 228.0,
        "currency": "EUR",
        "items": 4,
        "express": True,
        "placed_at": "2026-01-05T08:30:00Z",
        "note": None,
    }


def test_filters() -> None:
    """Both filters hold at once, and what nothing matches is an empty page."""
    _, document = ask("GET", "/orders", status="open", customer="C-07")
    assert {(order["status"], order["customer"]["id"]) for order in document["items"]} == {("open", "C-07")}
    assert ask("GET", "/orders", status="lost") == (200, {"items": [], "count": 0, "total": 0})


@pytest.mark.parametrize("limit", ["0", "-1", "101", "ten", "", "1.5", "٣"])
def test_bad_limits(limit: str) -> None:
    """A limit that is no number from 1 to 100 is refused."""
    status, document = ask("GET", "/orders", limit=limit)
    assert (status, document["message"][:5]) == (400, "limit")


@pytest.mark.parametrize("token", ["x", "YWZ0ZXI=", "é"])
def test_bad_tokens(token: str) -> None:
    """A token that the shop did not give is refused."""
    assert ask("GET", "/orders", after=token)[0] == 400


def test_numbers_go_on() -> None:
    """A new order gets the next number, and the number of a deleted one is not given again."""
    assert ask("POST", "/orders", {"customer": {"id": "C-02"}, "total": 3})[1]["id"] == "A-1041"
    assert ask("DELETE", "/orders/A-1041") == (204, None)
    status, order = ask("POST", "/orders", {"customer": "C-02", "total": 3, "items": 2, "id": "A-1"})
    assert (status, order["id"], order["items"], order["total"]) == (201, "A-1042", 2, 3.0)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("customer", "C-99"),
        ("customer", ["C-01"]),
        ("total", "12"),
        ("total", True),
        ("items", 1.5),
        ("items", False),
        ("currency", ["EUR"]),
        ("express", 1),
        ("note", 7),
    ],
)
def test_what_an_order_must_be(field: str, value: object) -> None:
    """A wrong field is named in a problem document."""
    status, problem = ask("POST", "/orders", {"customer": "C-01", "total": 1, field: value})
    assert status == problem["status"] == 422
    assert set(problem) == {"type", "title", "status", "detail", "errors"}
    assert [error["field"] for error in problem["errors"]] == [field]


@pytest.mark.parametrize("content", [None, "", "{", "[]", "7"])
def test_what_is_no_order_at_all(content: str | None) -> None:
    """Content that is no JSON object is refused."""
    assert ask("POST", "/orders", content)[0] == 400


def test_changes() -> None:
    """Status and note change, nothing else does, and a wrong status is refused."""
    assert ask("PUT", "/orders/A-1002", {"status": "sold"})[0] == 422
    status, order = ask("PUT", "/orders/A-1002", {"status": "cancelled", "total": 0})
    assert (status, order["status"], order["total"]) == (200, "cancelled", 278.0)
    assert ask("GET", "/orders/A-1002") == (200, order)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_an_order_that_is_not_there(method: str) -> None:
    """What is done to an unknown order is refused by its name."""
    assert ask(method, "/orders/A-9999", {"note": None}) == (404, {"message": "No order A-9999"})


@pytest.mark.parametrize(("method", "path"), [("GET", "/"), ("PATCH", "/orders"), ("GET", "/orders/A-1001/items")])
def test_anything_else(method: str, path: str) -> None:
    """There is nothing at any other path."""
    assert ask(method, path)[0] == 404
