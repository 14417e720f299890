"""Who may do what as a grid: requests by connections, in words and colour, in HTML and as plain text."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from textwrap import wrap
from typing import TYPE_CHECKING

from apigw_magic.magics.visible import clean_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_WIDEST = 110
"""Characters of a line of plain text; a wider grid is written as a list."""

_MOST_COLUMNS = 8
"""Columns of HTML that stand at ease. Where connections are more, and more than the requests, they are the rows."""

_MOST_REASONS = 30
_LETTERS = 26
_KINDS = ("allowed", "denied", "undetermined", "error", "not")
_LONGEST_TARGET = 120

# JupyterLab's own rules for tables name one class: two outweigh them.
_STYLE = """<style>
.apigw-access { overflow-x: auto; outline-offset: -2px; color: var(--jp-content-font-color1, inherit);
  font: var(--jp-code-font-size, 13px)/1.5 var(--jp-ui-font-family, sans-serif) }
.apigw-access .grid { border-collapse: separate; border-spacing: 2px; margin: 4px 0; color: inherit; font: inherit }
.apigw-access .grid.dense { font-size: 11px; border-spacing: 1px }
.apigw-access caption { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%) }
.apigw-access .grid tr:nth-child(n), .apigw-access .grid tr:nth-child(n):hover { background: none }
.apigw-access .grid th, .apigw-access .grid td { text-align: left; vertical-align: top; padding: 2px 8px;
  border: 0; font-weight: normal; max-width: none; white-space: normal }
.apigw-access .grid.dense th, .apigw-access .grid.dense td { padding: 1px 3px }
.apigw-access .grid thead th { vertical-align: bottom; overflow-wrap: anywhere; min-width: 4em }
.apigw-access .grid tbody th { overflow-wrap: anywhere; min-width: 7em; max-width: 32em; position: sticky; left: 0;
  background: var(--jp-layout-color0, Canvas) }
.apigw-access .grid td[class] { border-left: 3px solid var(--c); border-radius: 2px;
  background: color-mix(in srgb, var(--c) 18%, transparent) }
.apigw-access .allowed { --c: var(--jp-success-color1, #388e3c) }
.apigw-access .denied { --c: var(--jp-error-color1, #d32f2f) }
.apigw-access .undetermined { --c: var(--jp-warn-color1, #f57c00) }
.apigw-access .error { --c: var(--jp-accent-color1, #8e24aa) }
.apigw-access .not { --c: var(--jp-border-color1, #9e9e9e) }
.apigw-access b { font-weight: 600 }
.apigw-access span, .apigw-access i { white-space: nowrap; font-style: normal }
.apigw-access i { color: color-mix(in srgb, currentColor 75%, transparent) }
.apigw-access p { margin: 2px 0; padding-left: 1.6em; text-indent: -1.6em; overflow-wrap: anywhere }
.apigw-access p b { display: inline-block; min-width: 1.6em; text-indent: 0 }
</style>"""


@dataclass(frozen=True, slots=True)
class _Mark:
    """What stands in a place of the grid.

    Attributes:
        verdict: a word, such as `allowed`.
        how: the status, or `simulated`; empty for neither.
        letter: of the reason below the grid; empty for none.
    """

    verdict: str
    how: str = ""
    letter: str = ""

    def __str__(self) -> str:
        return " ".join(filter(None, (self.verdict, self.how, self.letter and f"[{self.letter}]")))

    def mark_up(self) -> str:
        """Return it as the content of a cell."""
        how = f" <i>{escape(self.how)}</i>" if self.how else ""
        letter = f" <i>[{escape(self.letter)}]</i>" if self.letter else ""
        return f"<span>{escape(self.verdict)}</span>{how}{letter}"


@dataclass(frozen=True, slots=True)
class Grid:
    """What is shown of the frame.

    Attributes:
        requests: method and target of each.
        connections: the names.
        marks: by request and connection.
        reasons: by letter, with the verdict.
        more: how many reasons there are beside these.
    """

    requests: tuple[tuple[str, str], ...]
    connections: tuple[str, ...]
    marks: dict[tuple[tuple[str, str], str], _Mark]
    reasons: dict[str, tuple[str, str]]
    more: int

    @property
    def summary(self) -> str:
        """What the grid is, for who cannot see it."""
        return f"Who may do what: {len(self.requests)} requests, each as {len(self.connections)} connections."


def read_grid(rows: Iterable[dict[str, str]]) -> Grid:
    """Read rows of texts, with what is not seen made visible, and give each reason a letter.

    Args:
        rows: by column; each request stands with each connection.
    """
    requests: dict[tuple[str, str], None] = {}
    connections: dict[str, None] = {}
    marks: dict[tuple[tuple[str, str], str], _Mark] = {}
    letters: dict[tuple[str, str], str] = {}
    for row in rows:
        target = clean_line(row["target"])
        request = (clean_line(row["method"]), _shorten(target))
        connection = clean_line(row["connection"])
        reason = (clean_line(row["verdict"]), clean_line(row["reason"]))
        if reason[1] and reason not in letters:
            letters[reason] = _name_letter(len(letters))
        how = row["status"] or (row["how"] if row["how"] == "simulated" else "")
        requests[request] = connections[connection] = None
        marks[request, connection] = _Mark(reason[0], clean_line(how), letters.get(reason, ""))
    shown = {letter: reason for reason, letter in list(letters.items())[:_MOST_REASONS]}
    return Grid(tuple(requests), tuple(connections), marks, shown, len(letters) - len(shown))


def write(grid: Grid) -> str:
    """Return a grid as plain text; one that is too wide as a list."""
    lines = list(_write_rows(grid))
    if max(map(len, lines)) > _WIDEST:
        lines = list(_write_list(grid))
    return "\n".join((*lines, *_write_reasons(grid)))


def mark_up(grid: Grid) -> str:
    """Return a grid as HTML."""
    is_turned = len(grid.connections) > max(_MOST_COLUMNS, len(grid.requests))
    body = _mark_up_turned(grid) if is_turned else _mark_up_rows(grid)
    columns = len(grid.requests) if is_turned else len(grid.connections)
    kind = "grid dense" if columns > _MOST_COLUMNS else "grid"
    reasons = "".join(
        f"<p><b>{escape(letter)}</b>{escape(verdict)}: {escape(reason)}</p>"
        for letter, (verdict, reason) in grid.reasons.items()
    )
    more = f"<p>{_tell_more(grid)}</p>" if grid.more else ""
    return (
        f'{_STYLE}<div class="apigw-access" tabindex="0" role="region" aria-label="Who may do what">'
        f'<table class="{kind}"><caption>{escape(grid.summary)}</caption>{body}</table>{reasons}{more}</div>'
    )


def _shorten(target: str) -> str:
    return target if len(target) <= _LONGEST_TARGET else f"{target[: _LONGEST_TARGET - 1]}…"


def _name_letter(number: int) -> str:
    """Return a for 0, z for 25, aa for 26."""
    name = ""
    while number >= 0:
        number, letter = number // _LETTERS - 1, number % _LETTERS
        name = f"{chr(ord('a') + letter)}{name}"
    return name


def _tell_more(grid: Grid) -> str:
    return f"… and {grid.more:,} more: the column reason has them all."


def _write_rows(grid: Grid) -> Iterator[str]:
    """Yield the grid as lines: a head, then one for each request."""
    texts = [["", *grid.connections]]
    texts += [
        [" ".join(request), *(str(grid.marks[request, name]) for name in grid.connections)] for request in grid.requests
    ]
    widths = [max(map(len, column)) for column in zip(*texts, strict=True)]
    for row in texts:
        yield "  ".join(f"{text:<{width}}" for text, width in zip(row, widths, strict=True)).rstrip()


def _write_list(grid: Grid) -> Iterator[str]:
    """Yield, where the grid is too wide, each request and below it who is answered how."""
    for request in grid.requests:
        yield " ".join(request)
        alike: dict[str, list[str]] = {}
        for name in grid.connections:
            alike.setdefault(str(grid.marks[request, name]), []).append(name)
        for mark, names in alike.items():
            yield from wrap(f"{mark}: {', '.join(names)}", _WIDEST, initial_indent="  ", subsequent_indent="      ")


def _write_reasons(grid: Grid) -> Iterator[str]:
    """Yield the reasons, below an empty line."""
    if grid.reasons:
        yield ""
    for letter, (verdict, reason) in grid.reasons.items():
        head = f"[{letter}] {verdict}: "
        yield from wrap(f"{head}{reason}", _WIDEST, subsequent_indent="    ")
    if grid.more:
        yield _tell_more(grid)


def _mark_up_rows(grid: Grid) -> str:
    """Return the grid as rows of requests."""
    head = "".join(f'<th scope="col"><b>{escape(name)}</b></th>' for name in grid.connections)
    rows = "".join(
        f'<tr><th scope="row">{_mark_up_request(request)}</th>'
        + "".join(_mark_up_mark(grid.marks[request, name]) for name in grid.connections)
        + "</tr>"
        for request in grid.requests
    )
    return f"<thead><tr><td></td>{head}</tr></thead><tbody>{rows}</tbody>"


def _mark_up_turned(grid: Grid) -> str:
    """Return the grid as rows of connections."""
    head = "".join(f'<th scope="col">{_mark_up_request(request)}</th>' for request in grid.requests)
    rows = "".join(
        f'<tr><th scope="row"><b>{escape(name)}</b></th>'
        + "".join(_mark_up_mark(grid.marks[request, name]) for request in grid.requests)
        + "</tr>"
        for name in grid.connections
    )
    return f"<thead><tr><td></td>{head}</tr></thead><tbody>{rows}</tbody>"


def _mark_up_request(request: tuple[str, str]) -> str:
    return f"<b>{escape(request[0])}</b> {escape(request[1])}"


def _mark_up_mark(mark: _Mark) -> str:
    """Return a place of the grid; its class is one of ours, whatever stands in the frame."""
    kind = next((kind for kind in _KINDS if mark.verdict.startswith(kind)), "not")
    return f'<td class="{kind}">{mark.mark_up()}</td>'
