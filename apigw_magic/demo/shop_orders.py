"""The shop's customers and orders, all of them invented, and where they are kept.

Part of the Lambda function: it knows the standard library only. Every worker process of the function opens the same
database, so orders outlive a worker and concurrent workers agree.
"""

from __future__ import annotations

import json
import os
import sqlite3
import tempfile
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
Document: TypeAlias = dict[str, Json]

SHOP_VARIABLE = "SHOP_ID"
"""The environment variable that tells the database of one shop from that of the next."""

STATUSES = ("open", "paid", "shipped", "cancelled")
CUSTOMERS: tuple[Document, ...] = (
    {"id": "C-01", "name": "Abel & Filhas", "country": "PT", "since": "2019-03-04", "vip": True},
    {"id": "C-02", "name": "Blauregen GmbH", "country": "DE", "since": "2020-11-23", "vip": False},
    {"id": "C-03", "name": "Casa Violeta", "country": "ES", "since": "2021-01-15", "vip": False},
    {"id": "C-04", "name": "Dune Books", "country": "IE", "since": "2021-06-30", "vip": True},
    {"id": "C-05", "name": "Élan Vélos", "country": "FR", "since": "2022-02-28", "vip": False},
    {"id": "C-06", "name": "Fjordlys AS", "country": "NO", "since": "2023-09-01", "vip": False},
    {"id": "C-07", "name": "Girassol Lda", "country": "PT", "since": "2024-05-17", "vip": True},
    {"id": "C-08", "name": "Hoshi Coffee", "country": "JP", "since": "2025-12-24", "vip": False},
)

_NOTES = (None, None, "Gift: no invoice, please", None, None, None, "Leave with the neighbour", None, None)
_FIRST, _SEEDED = 1001, 40
_OPENED = datetime(2026, 1, 5, 8, 30, tzinfo=UTC)
_BETWEEN = timedelta(hours=53, minutes=17, seconds=41)


def name_order(number: int) -> str:
    """Return the id of an order."""
    return f"A-{number}"


def date_order(number: int) -> str:
    """Return when an order was placed: told from its number, so that a demo is the same every time."""
    placed = _OPENED + (number - _FIRST) * _BETWEEN
    return placed.isoformat().replace("+00:00", "Z")


def find_customer(customer_id: Json) -> Document | None:
    """Return the customer of that id, if there is one."""
    return next((customer for customer in CUSTOMERS if customer["id"] == customer_id), None)


def make_order(number: int, customer: Document, details: Document) -> Document:
    """Return a new order; what the details do not say is as in most orders."""
    order: Document = {
        "id": name_order(number),
        "status": "open",
        "customer": {name: customer[name] for name in ("id", "name", "country")},
        "total": 0.0,
        "currency": "EUR",
        "items": 1,
        "express": False,
        "placed_at": date_order(number),
        "note": None,
    }
    return order | details


def make_first_orders() -> Iterator[tuple[int, Document]]:
    """Yield the orders that every shop opens with, by number. The factors have no meaning: they only mix."""
    for number in range(_FIRST, _FIRST + _SEEDED):
        step = number - _FIRST
        cents = 990 + (step + 3) ** 3 * 7919 % 48_000 // 10 * 10
        details: Document = {
            # The older ones are done with, as in a real shop.
            "status": "cancelled"
            if not (step + 6) % 11
            else ("shipped", "shipped", "paid", "open")[step * 4 // _SEEDED],
            "total": cents / 100,
            "items": 1 + cents // 100 % 5,
            "express": (step + 2) ** 3 % 7 == 1,
            "note": _NOTES[step % len(_NOTES)],
        }
        yield number, make_order(number, CUSTOMERS[(step * step + step * 6 // 5) % len(CUSTOMERS)], details)


@contextmanager
def open_store() -> Iterator[sqlite3.Connection]:
    """Open the shop's database for one transaction, which is given up if anything fails in it."""
    path = Path(tempfile.gettempdir()) / f"shop-{os.environ.get(SHOP_VARIABLE, 'local')}.sqlite3"
    store = sqlite3.connect(path, timeout=10, isolation_level=None)
    try:
        store.execute("PRAGMA synchronous = OFF")
        # Readers queue as well: the transactions are short, and no reader then meets a shop without its orders.
        store.execute("BEGIN IMMEDIATE")
        seed(store)
        yield store
        store.execute("COMMIT")
    finally:
        store.close()


def seed(store: sqlite3.Connection) -> None:
    """Fill a new database."""
    if store.execute("PRAGMA user_version").fetchone() == (1,):
        return
    store.execute("CREATE TABLE orders (number INTEGER PRIMARY KEY AUTOINCREMENT, document TEXT NOT NULL)")
    for number, order in make_first_orders():
        write(store, number, order)
    store.execute("PRAGMA user_version = 1")


def reserve_number(store: sqlite3.Connection) -> int:
    """Return the number of the next order; one of a deleted order is not used again."""
    number: int = store.execute("INSERT INTO orders (document) VALUES ('null') RETURNING number").fetchone()[0]
    return number


def write(store: sqlite3.Connection, number: int, order: Document) -> None:
    """Write an order over the one of that number, if there is one."""
    store.execute("INSERT OR REPLACE INTO orders VALUES (?, ?)", (number, json.dumps(order)))


def read(store: sqlite3.Connection, order_id: str) -> tuple[int, Document] | None:
    """Return the number and the order of that id, if there is one."""
    return next(((number, order) for number, order in read_all(store) if order["id"] == order_id), None)


def read_all(store: sqlite3.Connection) -> list[tuple[int, Document]]:
    """Return all orders by their numbers."""
    rows = store.execute("SELECT number, document FROM orders ORDER BY number").fetchall()
    return [(number, json.loads(document)) for number, document in rows]


def delete(store: sqlite3.Connection, number: int) -> None:
    """Delete the order of that number."""
    store.execute("DELETE FROM orders WHERE number = ?", (number,))
