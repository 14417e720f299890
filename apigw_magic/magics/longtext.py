"""The text of an answer, shown as it is: never rendered, never obeyed by a terminal, cut where it is long."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from apigw_magic.magics.visible import make_visible

if TYPE_CHECKING:
    from collections.abc import Callable

    from IPython.lib.pretty import RepresentationPrinter

MOST_BYTES = 256_000
"""Bytes of UTF-8 that one form of a value may have on the screen; a page with megabytes of output dies."""

_MOST_LINES = 400
_LONGEST_INSIDE = 200
_PIECE = 1000

_PRE = (
    "margin: 0; padding: 0 4px 0 0; max-height: 40em; overflow: auto; white-space: pre-wrap; overflow-wrap: anywhere; "
    "word-break: normal; tab-size: 4; color: var(--jp-content-font-color1, inherit); background: none; "
    "font-family: var(--jp-code-font-family, monospace); font-size: var(--jp-code-font-size, 13px); line-height: 1.5"
)
_NOTE = (
    "color: var(--jp-ui-font-color2, color-mix(in srgb, currentColor 65%, transparent)); "
    "font-size: var(--jp-code-font-size, 13px); line-height: 1.5; "
    "border-top: 1px solid var(--jp-border-color2, color-mix(in srgb, currentColor 25%, transparent))"
)


class LongText(str):
    """The text of an answer, equal to and usable as the plain `str`, which its methods, `copy` and `pickle` give.

    As the value of a cell it is shown as text, not as Python would quote it; inside a container, and by `repr`, it is
    quoted as any text is.
    """

    __slots__ = ()

    def _repr_html_(self) -> str | None:
        if not self:
            return None
        shown, note = _cut(self, escape)
        region = f'<pre tabindex="0" role="region" aria-label="Text of the answer" style="{_PRE}">\n{shown}</pre>'
        return region + (f'<div style="{_NOTE}">{note}</div>' if note else "")

    def _repr_pretty_(self, printer: RepresentationPrinter, _cycle: bool) -> None:  # noqa: FBT001 - IPython's call
        is_inside = len(printer.stack) > 1
        told = _quote(self) if is_inside or not self else "\n".join(filter(None, _cut(self, str)))
        printer.text(told)  # type: ignore[no-untyped-call] # IPython's own

    def __reduce__(self) -> tuple[type[str], tuple[str]]:
        return str, (str(self),)


def _quote(text: str) -> str:
    if len(text) <= _LONGEST_INSIDE:
        return repr(str(text))
    return f"{text[:_LONGEST_INSIDE]!r}… ({len(text):,} characters)"


def _cut(text: str, mark_up: Callable[[str], str]) -> tuple[str, str]:
    """Return what of the text is shown, ready for the screen, and what is to be said if that is not all."""
    start = make_visible(text[:MOST_BYTES]).removesuffix("\n")
    lines = "\n".join(start.split("\n", _MOST_LINES)[:_MOST_LINES])
    pieces: list[str] = []
    left = MOST_BYTES - len(_PRE) - len(_NOTE) - _PIECE  # for what stands around it
    for piece in (mark_up(lines[at : at + _PIECE]) for at in range(0, len(lines), _PIECE)):
        left -= len(piece.encode())
        if left < 0:
            break
        pieces.append(piece)
    whole = left >= 0 and len(lines) == len(start) and len(text) <= MOST_BYTES
    return "".join(pieces), "" if whole else f"… cut: {_measure(text)} in all; the value holds it whole"


def _measure(text: str) -> str:
    lines = text.count("\n") + (not text.endswith("\n"))
    return f"{len(text):,} characters, {lines:,} line{'' if lines == 1 else 's'}"
