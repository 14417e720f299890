"""The history as it is shown."""

from __future__ import annotations

from datetime import UTC, datetime

import pandas as pd
import pytest

from apigw_magic.magics.history import Entry, History
from apigw_magic.magics.past import tabulate_history

NOON = datetime(2026, 1, 5, 12, 0, 1, 500_000, tzinfo=UTC)
READ = Entry(NOON, "reader", "GET", "/orders?status=open", 200, "", 9, 2148, 12, "9f1c22ab-0001")
REFUSED = Entry(NOON, "writer", "DELETE", "/orders/A-1", 403, "AccessDeniedException", None, 210, 3, "9f1c22ab-0002")
SILENT = Entry(NOON, "reader", "GET", "/health", error="TransportError")


def fill(*entries: Entry) -> History:
    """Return a history of these requests."""
    history = History()
    for entry in entries:
        history.add(entry, most=1000)
    return history


def test_text() -> None:
    """Each request is one line that fits a terminal; what is missing is blank."""
    assert repr(tabulate_history(fill(READ, REFUSED, SILENT))) == (
        "time      request                  as      answer                     rows  bytes  ms\n"
        "12:00:01  GET /orders?status=open  reader  200                           9  2,148  12\n"
        "12:00:01  DELETE /orders/A-1       writer  403 AccessDeniedException          210   3\n"
        "12:00:01  GET /health              reader  TransportError"
    )


def test_html() -> None:
    """The same as a table, escaped."""
    evil = READ._replace(target="/<img src=x onerror=alert(1)>\x1b[31m")
    shown = tabulate_history(fill(evil, REFUSED))._repr_html_() or ""
    assert "<img" not in shown
    assert "\x1b" not in shown
    assert shown.count("<tr>") == 3
    assert "403 AccessDeniedException" in shown


@pytest.mark.parametrize(("entries", "told"), [((), "No requests yet."), ((READ,) * 60, "… and 10 before")])
def test_none_and_many(entries: tuple[Entry, ...], told: str) -> None:
    """Nothing is said as nothing; of very many the last are shown."""
    table = tabulate_history(fill(*entries))
    assert told in repr(table)
    assert told in (table._repr_html_() or "")
    assert len(table) == len(entries)


def test_the_frame_has_all() -> None:
    """What is not shown is in the frame; a part of it is a plain frame."""
    table = tabulate_history(fill(READ, REFUSED, SILENT))
    assert table["request_id"].tolist()[:2] == ["9f1c22ab-0001", "9f1c22ab-0002"]
    assert str(table["time"].dtype) == "datetime64[ms, UTC]"
    part = table[["target", "status"]]
    assert type(part) is pd.DataFrame
    assert "No requests" not in repr(part)
