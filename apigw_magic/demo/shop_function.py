"""The Lambda function behind the demo's API: a small shop's orders over HTTP.

It is zipped as it stands, with `shop_orders`, and runs inside MiniStack: it knows the standard library only.
"""

from __future__ import annotations

import base64
import json
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from apigw_magic.demo import shop_orders
from apigw_magic.demo.shop_orders import CUSTOMERS, STATUSES, Document, Json

if TYPE_CHECKING:
    from collections.abc import Mapping

LIMIT = 100
"""The largest page, and the usual one."""

_CURRENCIES = ("EUR", "JPY", "USD")
_PROBLEM = "https://shop.example/problems/invalid-order"


@dataclass(frozen=True)
class Answer:
    """An HTTP response.

    Attributes:
        status: three digits.
        document: what is sent as JSON; no content if None.
        media_type: its content type.
    """

    status: int
    document: Document | None = None
    media_type: str = "application/json"


@dataclass(frozen=True)
class Call:
    """What the shop looks at in the event that API Gateway hands over.

    Attributes:
        method: upper case.
        path: below the stage.
        query: the last value of each name.
        content: the content as text; empty for none.
    """

    method: str
    path: str
    query: Mapping[str, str]
    content: str


class RefusedError(Exception):
    """A call that is answered with a refusal, from wherever that shows."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


def answer(event: Mapping[str, object], _context: object) -> Document:
    """Answer one call: the function's entry (AWS_PROXY, payload format 1.0)."""
    try:
        given = route(read_call(event))
    except RefusedError as refused:
        given = refused.answer
    # MiniStack waits 50 ms for a log line unless there is one.
    sys.stderr.write(f"{given.status}\n")
    if given.document is None:
        return {"statusCode": given.status, "headers": {}, "body": ""}
    body = json.dumps(given.document, ensure_ascii=False)
    return {"statusCode": given.status, "headers": {"Content-Type": given.media_type}, "body": body}


def read_call(event: Mapping[str, object]) -> Call:
    """Take from an event what the shop looks at."""
    content, query = event.get("body"), event.get("queryStringParameters")
    text = content if isinstance(content, str) else ""
    if event.get("isBase64Encoded"):
        text = base64.b64decode(text).decode(errors="replace")
    return Call(
        method=str(event.get("httpMethod", "")),
        path=str(event.get("path", "")),
        query={str(name): str(value) for name, value in query.items()} if isinstance(query, dict) else {},
        content=text,
    )


def route(call: Call) -> Answer:  # noqa: PLR0911 - a return for each method of the API
    """Find what answers a call."""
    match call.method, call.path.strip("/").split("/"):
        case "GET", ["health"]:
            return Answer(200, {"status": "ok"})
        case "GET", ["customers"]:
            return Answer(200, {"customers": list(CUSTOMERS)})
        case "GET", ["orders"]:
            return list_orders(call.query)
        case "POST", ["orders"]:
            return create_order(read_object(call.content))
        case "GET", ["orders", order_id]:
            return show_order(order_id)
        case "PUT", ["orders", order_id]:
            return change_order(order_id, read_object(call.content))
        case "DELETE", ["orders", order_id]:
            return delete_order(order_id)
    raise refuse(404, f"Nothing answers {call.method} {call.path}")


def refuse(status: int, message: str) -> RefusedError:
    """Return a refusal with a short message."""
    return RefusedError(Answer(status, {"message": message}))


def list_orders(query: Mapping[str, str]) -> Answer:
    """Return one page of the orders that match `status` and `customer`."""
    limit, after = read_limit(query.get("limit", str(LIMIT))), read_token(query.get("after"))
    with shop_orders.open_store() as store:
        every = shop_orders.read_all(store)
    matching = [(number, order) for number, order in every if is_wanted(order, query)]
    rest = [(number, order) for number, order in matching if number > after]
    page = rest[:limit]
    document: Document = {"items": [order for _, order in page], "count": len(page), "total": len(matching)}
    if len(rest) > limit:
        document["next"] = write_token(page[-1][0])
    return Answer(200, document)


def is_wanted(order: Document, query: Mapping[str, str]) -> bool:
    """Return whether an order is one of those asked for."""
    customer = order["customer"]
    customer_id = customer["id"] if isinstance(customer, dict) else None
    return query.get("status") in {None, order["status"]} and query.get("customer") in {None, customer_id}


def read_limit(text: str) -> int:
    """Read the size of a page."""
    size = int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(LIMIT)) else 0
    if not 1 <= size <= LIMIT:
        raise refuse(400, f"limit is a number from 1 to {LIMIT}, not {text!r}")
    return size


def write_token(number: int) -> str:
    """Return the token of the page after an order."""
    return base64.urlsafe_b64encode(f"after {number}".encode()).decode()


def read_token(token: str | None) -> int:
    """Return the number of the order that a page comes after; 0 before the first."""
    if token is None:
        return 0
    try:
        return int(base64.urlsafe_b64decode(token).decode().removeprefix("after "))
    except ValueError:
        raise refuse(400, "after is a token that this API gave, or nothing") from None


def read_object(content: str) -> Document:
    """Read the content as a JSON object."""
    try:
        document = json.loads(content)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise refuse(400, "A JSON object is wanted as content")
    return document


def check(*fields: tuple[str, bool, str]) -> None:
    """Refuse if a field is wrong, and name all that are (RFC 9457).

    Args:
        fields: each with its name, whether it is right, and what is wrong with it otherwise.
    """
    errors: list[Json] = [{"field": name, "message": message} for name, is_right, message in fields if not is_right]
    if errors:
        problem: Document = {
            "type": _PROBLEM,
            "title": "The order is not valid",
            "status": 422,
            "detail": f"{len(errors)} field{'s' if len(errors) > 1 else ''} cannot be taken as sent",
            "errors": errors,
        }
        raise RefusedError(Answer(422, problem, "application/problem+json"))


def is_number(value: Json) -> bool:
    """Return whether a JSON value is a number; true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def create_order(given: Document) -> Answer:
    """Add an order of a known customer."""
    named = given.get("customer")
    customer_id = named.get("id") if isinstance(named, dict) else named
    customer = shop_orders.find_customer(customer_id)
    usual: Document = {"items": 1, "currency": "EUR", "express": False, "note": None}
    details = usual | given
    check(
        ("customer", customer is not None, f"No customer {customer_id}"),
        ("total", is_number(given.get("total")), "A number is wanted"),
        ("items", isinstance(details["items"], int) and is_number(details["items"]), "A whole number is wanted"),
        ("currency", details["currency"] in _CURRENCIES, f"One of {', '.join(_CURRENCIES)} is wanted"),
        ("express", isinstance(details["express"], bool), "true or false is wanted"),
        ("note", isinstance(details["note"], str | None), "Text or null is wanted"),
    )
    kept: Document = {name: details[name] for name in ("currency", "items", "express", "note")}
    kept["total"] = float(str(given["total"]))
    with shop_orders.open_store() as store:
        number = shop_orders.reserve_number(store)
        order = shop_orders.make_order(number, customer or {}, kept)
        shop_orders.write(store, number, order)
    return Answer(201, order)


def show_order(order_id: str) -> Answer:
    """Return one order."""
    with shop_orders.open_store() as store:
        found = shop_orders.read(store, order_id)
    if found is None:
        raise refuse(404, f"No order {order_id}")
    return Answer(200, found[1])


def change_order(order_id: str, given: Document) -> Answer:
    """Change the status or the note of an order; the rest of what is sent is not looked at."""
    check(
        ("status", given.get("status", "open") in STATUSES, f"One of {', '.join(STATUSES)} is wanted"),
        ("note", isinstance(given.get("note"), str | None), "Text or null is wanted"),
    )
    with shop_orders.open_store() as store:
        found = shop_orders.read(store, order_id)
        if found is None:
            raise refuse(404, f"No order {order_id}")
        order = found[1] | {name: given[name] for name in ("status", "note") if name in given}
        shop_orders.write(store, found[0], order)
    return Answer(200, order)


def delete_order(order_id: str) -> Answer:
    """Delete an order."""
    with shop_orders.open_store() as store:
        found = shop_orders.read(store, order_id)
        if found is None:
            raise refuse(404, f"No order {order_id}")
        shop_orders.delete(store, found[0])
    return Answer(204)
