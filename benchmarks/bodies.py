"""Invented answers of APIs, the same at each run: what the readers of `frame_readers` are given."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from apigw_magic.models import Json

    Row = dict[str, Json]


@dataclass(frozen=True, slots=True)
class Body:
    """What is to be read.

    Attributes:
        title: for the report.
        kind: of its rows; `readers` goes by it.
        contents: one, or that of each page.
        rows: in all of them.
    """

    title: str
    kind: str
    contents: tuple[bytes, ...]
    rows: int

    @property
    def size(self) -> int:
        """Bytes."""
        return sum(map(len, self.contents))


def make_flat(count: int) -> list[Row]:
    """Return records of 10 columns: four numbers, a flag, five texts."""
    draw = random.Random(1)  # noqa: S311 - data, not secrets
    return [
        {
            "id": number,
            "name": f"customer {draw.randrange(10**6)}",
            "email": f"u{draw.randrange(10**6)}@example.com",
            "amount": draw.randrange(1, 10**5) / 100 + 0.001,
            "quantity": draw.randrange(100),
            "active": _hit(draw, 50),
            "status": draw.choice(["open", "paid", "shipped"]),
            "created": f"2026-0{draw.randrange(1, 9)}-1{draw.randrange(9)}T09:12:{draw.randrange(10, 60)}Z",
            "score": draw.random(),
            "country": draw.choice(["NO", "SE", "JP"]),
        }
        for number in range(count)
    ]


def make_nested(count: int) -> list[Row]:
    """Return records of 9 columns, of which 8 stand two or three levels deep."""
    draw = random.Random(2)  # noqa: S311 - data, not secrets
    return [
        {
            "id": number,
            "customer": {
                "id": draw.randrange(10**6),
                "name": f"name {draw.randrange(10**6)}",
                "address": {"city": draw.choice(["Oslo", "Bergen", "Hamar"]), "zip": f"{draw.randrange(10**4):04}"},
            },
            "total": {"amount": draw.randrange(1, 10**5) / 100 + 0.001, "currency": draw.choice(["NOK", "SEK"])},
            "flags": {"gift": _hit(draw, 50), "express": _hit(draw, 10)},
        }
        for number in range(count)
    ]


def make_listed(count: int) -> list[Row]:
    """Return nested records with a list of texts and a list of objects in each, which stay in cells."""
    draw = random.Random(3)  # noqa: S311 - data, not secrets
    return [
        {
            **row,
            "tags": ["new", "gift", "web"][: draw.randrange(4)],
            "lines": [{"sku": f"A-{draw.randrange(999)}", "count": n} for n in range(draw.randrange(1, 4))],
        }
        for row in make_nested(count)
    ]


def make_ragged(count: int) -> list[Row]:
    """Return flat records of which each lacks three keys of ten, with nulls for a tenth of the values."""
    draw = random.Random(4)  # noqa: S311 - data, not secrets
    return [
        {key: None if _hit(draw, 10) else value for key, value in row.items() if _hit(draw, 70)}
        for row in make_flat(count)
    ]


def make_typed(count: int) -> list[Row]:
    """Return items of the low-level DynamoDB API, whose every value names its type."""
    types: dict[type, Callable[[Json], Row]] = {
        bool: lambda value: {"BOOL": value},
        int: lambda value: {"N": str(value)},
        float: lambda value: {"N": repr(value)},
        str: lambda value: {"S": value},
    }
    return [{key: types[type(value)](value) for key, value in row.items()} for row in make_flat(count)]


def _hit(draw: random.Random, percent: int) -> bool:
    return draw.randrange(100) < percent


def make_bodies(*, quick: bool) -> list[Body]:
    """Return all that is measured; `quick` is a tenth of it."""
    scale = 10 if quick else 1
    k = 1_000 // scale
    bodies = [
        *(
            _make_list(f"Flat, {rows:,} records of 10 columns", "flat", make_flat(rows))
            for rows in (10, 10 * k, 100 * k, 1_000 * k)
        ),
        *(
            _make_list(f"Nested 2 to 3 levels, {rows:,} records of 9 columns", "nested", make_nested(rows))
            for rows in (10 * k, 100 * k)
        ),
        _make_list(f"Ragged, {100 * k:,} records of 10 columns", "ragged", make_ragged(100 * k)),
        _make_list(f"Nested, with lists in cells, {100 * k:,} records of 11 columns", "listed", make_listed(100 * k)),
    ]
    flat = make_flat(200 * k)
    lines = b"".join(_encode(row) + b"\n" for row in flat[: 100 * k])
    bodies.append(Body(f"Lines of JSON (NDJSON), {100 * k:,} records of 10 columns", "lines", (lines,), 100 * k))
    pages = tuple(_encode({"items": flat[start : start + k], "next": f"p{start}"}) for start in range(0, 200 * k, k))
    bodies.append(Body(f"200 pages of {k:,} records of 10 columns", "pages", pages, 200 * k))
    typed = _encode({"Items": make_typed(100 * k), "Count": 100 * k, "ScannedCount": 100 * k})
    return [
        *bodies,
        Body(f"DynamoDB's typed attributes, {100 * k:,} records of 10 columns", "typed", (typed,), 100 * k),
    ]


def _make_list(title: str, kind: str, rows: list[Row]) -> Body:
    return Body(title, kind, (_encode(rows),), len(rows))


def _encode(document: Json | list[Row] | dict[str, str | list[Row]]) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode()
