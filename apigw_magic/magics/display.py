"""What is shown of an answer and of the connections: in HTML for light and dark, and as plain text."""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING

import pandas as pd
from IPython.display import display

from apigw_magic.denials import to_line

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import timedelta

    from apigw_magic.connection import Connection, Response

_KILO = 1000
_MINUTE = 60
_REQUEST_ID_SHOWN = 8
# JupyterLab's own colours; elsewhere what the page has, and a grey that is legible on white and on black.
_FONT = "font-size: var(--jp-code-font-size, 13px); line-height: 1.5"
_TEXT = f"color: var(--jp-ui-font-color1, inherit); {_FONT}"
_QUIET = f"color: var(--jp-ui-font-color2, #767676); {_FONT}"

_NO_CONNECTIONS = "No connections. Make one: %apigw connect URL --role NAME. To try without an AWS account: %apigw demo"


class Lines:
    """Lines of text that stand over an output.

    Args:
        lines: plain text; escaped in HTML.
        status: a line above them that steps back; empty for none.
    """

    def __init__(self, lines: Iterable[str], status: str = "") -> None:
        self._lines = tuple(lines)
        self._status = status

    def __repr__(self) -> str:
        return "\n".join(filter(None, (self._status, *self._lines)))

    def _repr_html_(self) -> str:
        told = [(_QUIET, self._status), *((_TEXT, line) for line in self._lines)]
        return "".join(f'<div style="{style}">{escape(line)}</div>' for style, line in told if line)


class ConnectionTable(pd.DataFrame):
    """One row per connection. What is derived from it is a plain DataFrame."""

    def __repr__(self) -> str:
        return self.to_string(index=False) if len(self) else _NO_CONNECTIONS

    def _repr_html_(self) -> str:
        if not len(self):
            return Lines([_NO_CONNECTIONS])._repr_html_()
        # An ARN cut short is of no use, so nothing is.
        with pd.option_context("display.max_colwidth", None):
            return self.to_html(index=False, border=0, notebook=True, justify="left")


def show(*lines: str, status: str = "") -> None:
    """Show lines over the output of the cell, below a status line if there is one."""
    display(Lines(lines, status))  # type: ignore[no-untyped-call] # IPython's own


def describe(response: Response, connection: Connection, shape: str) -> str:
    """Return the status line: status, shape, time, who, request id.

    Args:
        response: the answer.
        connection: it was sent over.
        shape: what the value is, such as `41 rows x 5 columns from Items`; empty for nothing.
    """
    request_id = response.request_id
    parts = (
        to_line(f"{response.status_code} {response.reason}"),
        shape,
        f"{response.elapsed * _KILO:.0f} ms",
        f"{response.tries} tries" if response.tries > 1 else "",
        _describe_skew(response.skew),
        f"as {connection.name}{_time_left(connection)}",
        f"req {to_line(request_id)[:_REQUEST_ID_SHOWN]}…" if request_id else "",
    )
    return " · ".join(part for part in parts if part)


def describe_value(value: object, path: str) -> str:
    """Return what a value is, in a few words.

    Args:
        value: a DataFrame, or anything else.
        path: where its rows came from; `$` for the whole document.
    """
    if not isinstance(value, pd.DataFrame):
        return ""
    rows, columns = value.shape
    shape = f"{_count(rows, 'row')} \N{MULTIPLICATION SIGN} {_count(columns, 'column')}"
    return shape if path in {"", "$"} else f"{shape} from {path}"


def tabulate_connections(connections: Iterable[Connection], current: Connection | None) -> ConnectionTable:
    """Return the connections as a frame: `*` on the current one, who signs, where, how many minutes are left."""
    rows = [
        {
            "": "*" if connection is current else "",
            "name": connection.name,
            "service": connection.service,
            "region": connection.region,
            "base URL": connection.url,
            "identity": _tell_identity(connection),
            "minutes left": "" if connection.seconds_left is None else str(_minutes(connection.seconds_left)),
        }
        for connection in connections
    ]
    return ConnectionTable(rows)


def describe_connection(connection: Connection) -> str:
    """Return one line that says who a connection is."""
    return f"{connection.name}: {connection.url} as {_tell_identity(connection)}{_time_left(connection)}"


def _tell_identity(connection: Connection) -> str:
    return connection.identity.arn if connection.identity else "unknown (STS cannot be reached)"


def _describe_skew(skew: timedelta) -> str:
    seconds = round(skew.total_seconds())
    return f"this clock is {abs(seconds):,} s {'slow' if seconds > 0 else 'fast'}" if seconds else ""


def _time_left(connection: Connection) -> str:
    return "" if connection.seconds_left is None else f" ({_minutes(connection.seconds_left)} min left)"


def _minutes(seconds: float) -> int:
    return max(0, math.ceil(seconds / _MINUTE))


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
