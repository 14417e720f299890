"""What this kernel has asked, as a frame that is shown so that the requests can be read."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import pandas as pd

from apigw_magic.magics.history import Entry
from apigw_magic.magics.tables import Table, read_rows
from apigw_magic.magics.visible import clean_line

if TYPE_CHECKING:
    from apigw_magic.magics.history import History

_COLUMNS = list(Entry._fields)
_TITLES = ("time", "request", "as", "answer", "rows", "bytes", "ms")
_NUMBERS = frozenset({"rows", "bytes", "ms"})
_NONE = "No requests yet."
_MOST = 50
"""Rows that are shown; the frame has all."""

_LONGEST = 70
_STYLE = (
    "border-collapse: collapse; font-size: var(--jp-code-font-size, 13px); color: var(--jp-ui-font-color1, inherit)"
)
_CELL = "vertical-align: top; line-height: 1.5; padding: 2px 16px 2px 0; font-weight: normal"
_QUIET = "color: var(--jp-ui-font-color2, #767676)"


class HistoryTable(Table):
    """One row per request, oldest first."""

    def _is_whole(self) -> bool:
        return list(self.columns) == _COLUMNS

    def _write(self) -> str:
        rows = _read(self)
        if not rows:
            return _NONE
        widths = [max(map(len, column)) for column in zip(_TITLES, *rows, strict=True)]
        lines = [
            "  ".join(
                cell.rjust(width) if title in _NUMBERS else cell.ljust(width)
                for title, cell, width in zip(_TITLES, row, widths, strict=True)
            ).rstrip()
            for row in (_TITLES, *rows)
        ]
        return "\n".join((*lines, *_tell_more(self)))

    def _mark_up(self) -> str:
        rows = _read(self)
        if not rows:
            return f"<div>{_NONE}</div>"
        head = "".join(f'<th scope="col" style="{_align(title)}; {_QUIET}">{title}</th>' for title in _TITLES)
        body = "".join(
            "<tr>"
            + "".join(
                f'<td style="{_align(title)}">{escape(cell)}</td>' for title, cell in zip(_TITLES, row, strict=True)
            )
            + "</tr>"
            for row in rows
        )
        more = "".join(f'<div style="{_QUIET}">{escape(line)}</div>' for line in _tell_more(self))
        return f'<table style="{_STYLE}"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{more}'


def tabulate_history(history: History, most: int | None = None) -> HistoryTable:
    """Return the requests of the kernel as a frame, a row each, oldest first; the last `most` of them."""
    entries = list(history)[-most:] if most else list(history)
    frame = pd.DataFrame(entries, columns=_COLUMNS)
    whole = dict.fromkeys(("status", "rows", "bytes", "ms"), "Int64")
    return HistoryTable(frame.astype({**whole, "time": "datetime64[ms, UTC]"}))


def _read(table: pd.DataFrame) -> list[tuple[str, ...]]:
    """Return what is shown of the last rows, a text for each title."""
    return [
        (
            row["time"][11:19],
            _shorten(f"{row['method']} {row['target']}"),
            row["connection"],
            _shorten(" ".join(filter(None, (row["status"], row["error"]))) or "none"),
            *(f"{int(row[name]):,}" if row[name] else "" for name in ("rows", "bytes", "ms")),
        )
        for row in read_rows(table.tail(_MOST))
    ]


def _shorten(text: str) -> str:
    line = clean_line(text)
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"


def _tell_more(table: pd.DataFrame) -> tuple[str, ...]:
    more = len(table) - _MOST
    return (f"… and {more:,} before; the frame has all, with the request ids",) if more > 0 else ()


def _align(title: str) -> str:
    side = "right" if title in _NUMBERS else "left"
    whole = "overflow-wrap: anywhere" if title in {"request", "answer"} else "white-space: nowrap"
    return f"{_CELL}; text-align: {side}; {whole}"
