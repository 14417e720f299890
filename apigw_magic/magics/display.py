"""What is shown of an answer and of the connections: in HTML for light and dark, and as plain text."""

from __future__ import annotations

import math
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
from IPython.display import display

from apigw_magic import text
from apigw_magic.denials import to_line
from apigw_magic.magics.longtext import MOST_BYTES, LongText
from apigw_magic.magics.visible import clean_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import timedelta

    from apigw_magic.connection import Connection, Response

_KILO = 1000
_MINUTE = 60
_REQUEST_ID_SHOWN = 8
_LONGEST_PATH = 80
# JupyterLab's own colours; elsewhere what the page has, and a grey that is legible on white and on black.
_FONT = "font-size: var(--jp-code-font-size, 13px); line-height: 1.5; overflow-wrap: anywhere"
_TEXT = f"color: var(--jp-ui-font-color1, inherit); {_FONT}"
_QUIET = f"color: var(--jp-ui-font-color2, #767676); {_FONT}"


class Lines:
    """Lines of text that stand over an output.

    Args:
        lines: plain text; cleaned of what is not seen, and escaped in HTML.
        status: a line above them that steps back; empty for none.
    """

    def __init__(self, lines: Iterable[str], status: str = "") -> None:
        self._lines = tuple(map(clean_line, lines))
        self._status = clean_line(status)

    def __repr__(self) -> str:
        return "\n".join(filter(None, (self._status, *self._lines)))

    def _repr_html_(self) -> str:
        told = [(_QUIET, self._status), *((_TEXT, line) for line in self._lines)]
        return "".join(f'<div style="{style}">{escape(line)}</div>' for style, line in told if line)


def show_object(value: object) -> None:
    """Show an object over the output of the cell."""
    display(value)  # type: ignore[no-untyped-call] # IPython's own


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


def describe_exchange(response: Response, redact: Callable[[str], str]) -> tuple[str, ...]:
    """Return the head of the request and of the answer, a line each.

    Args:
        response: the answer.
        redact: takes secrets out of what a server wrote.
    """
    status = f"{response.status_code} {response.reason}"
    told = (f"{name}: {value}" for name, value in response.headers.items())
    sent = (f"> {line}" for line in redact(text.write_head(response.request)).splitlines())
    came = (f"< {to_line(redact(line))}" for line in (status, *told))
    return (f"{to_line(redact(str(response.url)))}", *sent, *came)


def show_answer(response: Response, redact: Callable[[str], str]) -> None:
    """Show an answer as it came: the head of request and answer, and its text, cut where it is long."""
    show(*describe_exchange(response, redact))
    if response.is_json or text.is_text_type(response.headers.get("content-type", "")):
        show_object(LongText(redact(response.text[:MOST_BYTES])))


def describe_value(value: object, path: str, total: int | None = None, more: str = "") -> str:
    """Return what a value is, in a few words.

    Args:
        value: a DataFrame, or anything else.
        path: where its rows came from; `$` for the whole document.
        total: how many rows there are in all, as the answer says; None if it does not.
        more: what says that another page follows; empty for nothing.
    """
    if not isinstance(value, pd.DataFrame):
        return ""
    rows, columns = value.shape
    is_part = total is not None and total > rows
    told = f"{rows:,} of {_count(total, 'row')}" if is_part and total is not None else _count(rows, "row")
    shape = f"{told} \N{MULTIPLICATION SIGN} {_count(columns, 'column')}"
    if path not in {"", "$"}:
        shape += f" from {_cut(path)}"
    return f"{shape}, more pages by {_cut(more)}" if more and not is_part else shape


def _cut(path: str) -> str:
    return f"{path[:_LONGEST_PATH]}{'…' if path[_LONGEST_PATH:] else ''}"


def describe_connection(connection: Connection) -> str:
    """Return one line that says who a connection is, and the file that it was described in."""
    line = f"{connection.name}: {connection.url} as {tell_identity(connection)}{_time_left(connection)}"
    if connection.settings is not None:
        line += f", from {shorten_path(connection.settings)}"
    return f"{line} · {', '.join(connection.brings)}" if connection.brings else line


def describe_trouble(connection: Connection) -> tuple[str, ...]:
    """Return lines that say why credentials were not renewed; none if they were."""
    trouble = connection.trouble
    if trouble is None or connection.seconds_left is None:
        return ()
    left = count_minutes(connection.seconds_left)
    head = f"{connection.name} could not be renewed; its credentials last {left} min more, and it is tried again."
    return (head, f"{trouble.what} {trouble.fix}".strip())


def tell_identity(connection: Connection) -> str:
    """Return the ARN of who signs."""
    return connection.identity.arn if connection.identity else "unknown (STS cannot be reached)"


def count_minutes(seconds: float) -> int:
    """Return the minutes that are left, a begun one in full."""
    return max(0, math.ceil(seconds / _MINUTE))


def shorten_path(path: Path) -> str:
    """Return a path as one would write it: below the working directory or the home directory without those."""
    if path.is_relative_to(Path.cwd()):
        return str(path.relative_to(Path.cwd()))
    return f"~/{path.relative_to(Path.home())}" if path.is_relative_to(Path.home()) else str(path)


def _describe_skew(skew: timedelta) -> str:
    seconds = round(skew.total_seconds())
    return f"this clock is {abs(seconds):,} s {'slow' if seconds > 0 else 'fast'}" if seconds else ""


def _time_left(connection: Connection) -> str:
    return "" if connection.seconds_left is None else f" ({count_minutes(connection.seconds_left)} min left)"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
