"""Who the connections are: as frames, in HTML for light and dark, and as plain text."""

from __future__ import annotations

from abc import abstractmethod
from html import escape
from typing import TYPE_CHECKING

import pandas as pd

from apigw_magic.magics.display import Lines, count_minutes, describe_trouble

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from apigw_magic.connection import Connection

_NO_CONNECTIONS = "No connections. Make one: %apigw connect URL --role NAME. To try without an AWS account: %apigw demo"

_UNKNOWN = "unknown (STS cannot be reached)"

# The dtype of each column; `str` is whatever pandas has for text.
_CONNECTION = {
    "current": "bool",
    "name": "str",
    "service": "str",
    "region": "str",
    "base URL": "str",
    "identity": "str",
    "minutes left": "Int64",
    "with": "str",
}
_IDENTITY = {
    "connection": "str",
    "account": "str",
    "arn": "str",
    "credentials": "str",
    "expires": "datetime64[us, UTC]",
    "minutes left": "Int64",
    "renewal": "str",
    "with": "str",
    "base URL": "str",
    "service": "str",
    "region": "str",
}

# JupyterLab's own colours; elsewhere what the page has.
_TABLE = (
    "border-collapse: collapse; font-size: var(--jp-code-font-size, 13px); color: var(--jp-ui-font-color1, inherit)"
)
_CELL = "text-align: left; vertical-align: top; line-height: 1.5; padding: 4px 20px 4px 0; font-weight: normal"
_SLIM = "padding: 2px 20px 2px 0"
_WHOLE = f"{_CELL}; white-space: nowrap"
_LONG = f"{_CELL}; overflow-wrap: anywhere"  # an ARN or a URL goes on in the next line, and nothing is cut
_MARK = f"{_WHOLE}; padding: 4px 8px"
_CURRENT = ' aria-current="true"'
_LINE = "border-bottom: 1px solid var(--jp-border-color2, #bdbdbd)"
_QUIET = "color: var(--jp-ui-font-color2, #767676)"
_EVEN = "background: transparent"  # one record has no stripes


class Table(pd.DataFrame):
    """A frame that is shown in a way of its own. What is derived from it is a plain DataFrame."""

    def __repr__(self) -> str:
        return self._write() if self._is_whole() else super().__repr__()

    def _repr_html_(self) -> str | None:
        if self._is_whole() and pd.get_option("display.notebook_repr_html"):
            return self._mark_up()
        plain: str | None = super()._repr_html_()  # type: ignore[misc] # the stubs do not have it
        return plain

    @abstractmethod
    def _is_whole(self) -> bool:
        """Tell whether it has what is shown of it: a frame can be changed in place."""

    @abstractmethod
    def _write(self) -> str:
        """Return it as plain text."""

    @abstractmethod
    def _mark_up(self) -> str:
        """Return it as HTML."""


class ConnectionTable(Table):
    """One row per connection."""

    def _is_whole(self) -> bool:
        return list(self.columns) == list(_CONNECTION)

    def _write(self) -> str:
        if not len(self):
            return _NO_CONNECTIONS
        rows = read_rows(self)
        width = max(len(row["name"]) for row in rows)
        return "\n".join(line for row in rows for line in _write_connection(row, width))

    def _mark_up(self) -> str:
        if not len(self):
            return Lines([_NO_CONNECTIONS])._repr_html_()
        titles = (("name", _WHOLE), ("identity and base URL", _LONG), ("time left", _WHOLE))
        head = "".join(f'<th scope="col" style="{style}; {_QUIET}">{title}</th>' for title, style in titles)
        body = "".join(map(_mark_up_connection, read_rows(self)))
        return (
            f'<table style="{_TABLE}"><thead><tr style="{_LINE}"><td style="{_MARK}"></td>{head}</tr></thead>'
            f"<tbody>{body}</tbody></table>"
        )


class IdentityTable(Table):
    """One row: who signs, how, where, how long."""

    def _is_whole(self) -> bool:
        return list(self.columns) == list(_IDENTITY) and len(self) == 1

    def _write(self) -> str:
        lines = _list_identity(self)
        width = max(len(title) for title, _ in lines)
        return "\n".join(f"{title:<{width}}  {text}" for title, text in lines)

    def _mark_up(self) -> str:
        rows = "".join(
            f'<tr style="{_EVEN}"><th scope="row" style="{_WHOLE}; {_SLIM}; {_QUIET}">{title}</th>'
            f'<td style="{_LONG}; {_SLIM}">{escape(text)}</td></tr>'
            for title, text in _list_identity(self)
        )
        return f'<table style="{_TABLE}"><tbody>{rows}</tbody></table>'


def tabulate_connections(connections: Iterable[Connection], current: Connection | None) -> ConnectionTable:
    """Return the connections as a frame: which is current, who signs, where, how many minutes are left."""
    rows = [
        {
            "current": connection is current,
            "name": connection.name,
            "service": connection.service,
            "region": connection.region,
            "base URL": connection.url,
            "identity": connection.identity.arn if connection.identity else None,
            "minutes left": _minutes_left(connection),
            "with": ", ".join(connection.brings),
        }
        for connection in connections
    ]
    return ConnectionTable(make_frame(rows, _CONNECTION))


def tabulate_identity(connection: Connection) -> IdentityTable:
    """Return who signs as a frame of one row: account, ARN, how the credentials came about, their end."""
    row = {
        "connection": connection.name,
        "account": connection.identity.account if connection.identity else None,
        "arn": connection.identity.arn if connection.identity else None,
        "credentials": " → ".join(connection.source),
        "expires": connection.expires,
        "minutes left": _minutes_left(connection),
        "renewal": _tell_renewal(connection),
        "with": ", ".join(connection.brings),
        "base URL": connection.url,
        "service": connection.service,
        "region": connection.region,
    }
    return IdentityTable(make_frame([row], _IDENTITY))


def make_frame(rows: Sequence[Mapping[str, object]], dtypes: Mapping[str, str]) -> pd.DataFrame:
    """Return rows as a frame of these columns, alike whatever is missing and however many rows there are."""
    return pd.DataFrame(
        {title: pd.Series([row[title] for row in rows], dtype=dtype) for title, dtype in dtypes.items()}
    )


def _minutes_left(connection: Connection) -> int | None:
    return None if connection.seconds_left is None else count_minutes(connection.seconds_left)


def _tell_renewal(connection: Connection) -> str:
    if connection.trouble is not None:
        return " ".join(describe_trouble(connection))
    if connection.expires is None:
        return "not needed"
    return "%apigw renew, with an MFA code" if connection.asks else "by itself, before they end"


def read_rows(table: pd.DataFrame) -> list[dict[str, str]]:
    """Return the rows as texts; what is missing is empty."""
    return [
        {str(title): "" if pd.isna(value) else str(value) for title, value in row.items()}
        for row in table.to_dict("records")
    ]


def _list_identity(table: pd.DataFrame) -> list[tuple[str, str]]:
    """Return what is shown of the row, as (title, text)."""
    (row,) = read_rows(table)
    left = row.pop("minutes left")
    row["expires"] = f"{row['expires'][:16]} UTC, in {left} min" if left else "never"
    if not row["with"]:
        row.pop("with")
    row["account"], row["arn"] = row["account"] or _UNKNOWN, row["arn"] or _UNKNOWN
    return list(row.items())


def _write_connection(row: dict[str, str], width: int) -> tuple[str, str]:
    """Return a connection as two lines of text: an ARN and a URL are too long to stand side by side."""
    left = f" ({row['minutes left']} min left)" if row["minutes left"] else ""
    first = f"{_tell_current(row):<1} {row['name']:<{width}}  {row['identity'] or _UNKNOWN}{left}"
    return first, f"  {'':<{width}}  {_tell_place(row)}"


def _mark_up_connection(row: dict[str, str]) -> str:
    """Return a connection as a row of two lines, as in plain text."""
    mark = _tell_current(row)
    name = f"<strong>{escape(row['name'])}</strong>" if mark else escape(row["name"])
    left = f"{row['minutes left']} min left" if row["minutes left"] else ""
    who = escape(row["identity"] or _UNKNOWN)
    where = escape(_tell_place(row))
    return (
        f'<tr{_CURRENT if mark else ""}><td style="{_MARK}">{mark}</td><th scope="row" style="{_WHOLE}">{name}</th>'
        f'<td style="{_LONG}">{who}<br><span style="{_QUIET}">{where}</span></td><td style="{_WHOLE}">{left}</td></tr>'
    )


def _tell_place(row: dict[str, str]) -> str:
    """Return where a connection leads, and what goes with every request."""
    place = f"{row['base URL']} ({row['service']}, {row['region']})"
    return f"{place} · {row['with']}" if row["with"] else place


def _tell_current(row: dict[str, str]) -> str:
    return "*" if row["current"] == "True" else ""
