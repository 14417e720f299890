"""Who the connections are: as frames, in HTML for light and dark, and as plain text."""

from __future__ import annotations

from dataclasses import asdict, fields
from html import escape
from typing import TYPE_CHECKING

import pandas as pd

from apigw_magic.magics.display import Lines, count_minutes, describe_trouble, tell_identity
from apigw_magic.magics.history import Entry

if TYPE_CHECKING:
    from collections.abc import Iterable

    from apigw_magic.connection import Connection
    from apigw_magic.magics.history import History

_NO_CONNECTIONS = "No connections. Make one: %apigw connect URL --role NAME. To try without an AWS account: %apigw demo"

# JupyterLab's own colours; elsewhere what the page has.
_TABLE = (
    "border-collapse: collapse; font-size: var(--jp-code-font-size, 13px); color: var(--jp-ui-font-color1, inherit)"
)
_CELL = "text-align: left; vertical-align: top; padding: 3px 14px 3px 0; white-space: nowrap"
_LINE = "border-bottom: 1px solid var(--jp-border-color2, #bdbdbd)"
_QUIET = "color: var(--jp-ui-font-color2, #767676); font-weight: normal"


class ConnectionTable(pd.DataFrame):
    """One row per connection. What is derived from it is a plain DataFrame."""

    def __repr__(self) -> str:
        if not len(self):
            return _NO_CONNECTIONS
        rows = _read_rows(self)
        width = max(len(row["name"]) for row in rows)
        return "\n".join(line for row in rows for line in _write_connection(row, width))

    def _repr_html_(self) -> str:
        if not len(self):
            return Lines([_NO_CONNECTIONS])._repr_html_()
        titles = ("", "name", "identity", "time left", "base URL", "signed for")
        head = "".join(f'<th scope="col" style="{_CELL}; {_QUIET}">{title}</th>' for title in titles)
        body = "".join(map(_mark_connection, _read_rows(self)))
        return f'<table style="{_TABLE}"><thead><tr style="{_LINE}">{head}</tr></thead><tbody>{body}</tbody></table>'


class IdentityTable(pd.DataFrame):
    """One row: who signs, how, where, how long. What is derived from it is a plain DataFrame."""

    def __repr__(self) -> str:
        lines = _list_identity(self)
        width = max(len(title) for title, _ in lines)
        return "\n".join(f"{title:<{width}}  {text}" for title, text in lines)

    def _repr_html_(self) -> str:
        rows = "".join(
            f'<tr><th scope="row" style="{_CELL}; {_QUIET}">{title}</th><td style="{_CELL}">{escape(text)}</td></tr>'
            for title, text in _list_identity(self)
        )
        return f'<table style="{_TABLE}"><tbody>{rows}</tbody></table>'


def tabulate_connections(connections: Iterable[Connection], current: Connection | None) -> ConnectionTable:
    """Return the connections as a frame: `*` on the current one, who signs, where, how many minutes are left."""
    rows = [
        {
            "": "*" if connection is current else "",
            "name": connection.name,
            "service": connection.service,
            "region": connection.region,
            "base URL": connection.url,
            "identity": tell_identity(connection),
            "minutes left": _minutes_left(connection),
        }
        for connection in connections
    ]
    return ConnectionTable(pd.DataFrame(rows).astype({"minutes left": "Int64"})) if rows else ConnectionTable()


def tabulate_identity(connection: Connection) -> IdentityTable:
    """Return who signs as a frame of one row: account, ARN, how the credentials came about, their end."""
    row = {
        "connection": connection.name,
        "account": connection.identity.account if connection.identity else None,
        "arn": tell_identity(connection),
        "credentials": " → ".join(connection.source),
        "expires": pd.Timestamp(connection.expires) if connection.expires else pd.NaT,
        "minutes left": _minutes_left(connection),
        "renewal": _tell_renewal(connection),
        "base URL": connection.url,
        "service": connection.service,
        "region": connection.region,
    }
    return IdentityTable(pd.DataFrame([row]).astype({"minutes left": "Int64"}))


def tabulate_history(history: History, most: int | None = None) -> pd.DataFrame:
    """Return the requests of the kernel as a frame, a row each, oldest first; the last `most` of them."""
    entries = list(history)[-most:] if most else list(history)
    frame = pd.DataFrame([asdict(entry) for entry in entries], columns=[field.name for field in fields(Entry)])
    whole = dict.fromkeys(("status", "rows", "bytes", "ms"), "Int64")
    return frame.astype({**whole, "time": "datetime64[ms, UTC]"})


def _minutes_left(connection: Connection) -> int | None:
    return None if connection.seconds_left is None else count_minutes(connection.seconds_left)


def _tell_renewal(connection: Connection) -> str:
    if connection.trouble is not None:
        return " ".join(describe_trouble(connection))
    if connection.expires is None:
        return "not needed"
    return "%apigw renew, with an MFA code" if connection.asks else "by itself, before they end"


def _read_rows(table: pd.DataFrame) -> list[dict[str, str]]:
    """Return the rows as texts; what is missing is empty."""
    return [
        {
            str(title): "" if value is pd.NA or value is pd.NaT or value is None else str(value)
            for title, value in row.items()
        }
        for row in table.to_dict("records")
    ]


def _list_identity(table: pd.DataFrame) -> list[tuple[str, str]]:
    """Return what is shown of the row, as (title, text)."""
    (row,) = _read_rows(table)
    left = row.pop("minutes left")
    row["expires"] = f"{row['expires'][:16]} UTC, in {left} min" if left else "never"
    return list(row.items())


def _write_connection(row: dict[str, str], width: int) -> tuple[str, str]:
    """Return a connection as two lines of text: an ARN and a URL are too long to stand side by side."""
    first = f"{row['']:<1} {row['name']:<{width}}  {row['identity']}{_tell_left(row)}"
    return first, f"  {'':<{width}}  {row['base URL']} ({row['service']}, {row['region']})"


def _mark_connection(row: dict[str, str]) -> str:
    mark = '<span title="current" aria-label="current">*</span>' if row[""] else ""
    name = f"<strong>{escape(row['name'])}</strong>" if row[""] else escape(row["name"])
    name = f'<th scope="row" style="{_CELL}; font-weight: normal">{name}</th>'
    texts = (row["identity"], _tell_left(row).strip(" ()"), row["base URL"], f"{row['service']}, {row['region']}")
    cells = "".join(f'<td style="{_CELL}">{escape(text)}</td>' for text in texts)
    return f'<tr style="{_LINE}"><td style="{_CELL}">{mark}</td>{name}{cells}</tr>'


def _tell_left(row: dict[str, str]) -> str:
    return f" ({row['minutes left']} min left)" if row["minutes left"] else ""
