"""The text of an answer, shown as it is: never rendered, never obeyed by a terminal, cut where it is long."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from IPython.lib.pretty import RepresentationPrinter

MOST_BYTES = 256_000
"""Bytes of UTF-8 that one form of a value may have on the screen; a page with megabytes of output dies."""

UNSEEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0 but tab and line feed, DEL, C1: what a terminal obeys
    r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # what reorders the text around it (Unicode TR 36 §2.3)
    r"\xad\u180e\u200b\u2028\u2029\u2060-\u2065\u206a-\u206f\ufeff\ufff9-\ufffb"  # what has no width, or breaks lines
    r"\U0001d173-\U0001d17a\U000e0000-\U000e007f"  # formats of music; tags, a hidden alphabet
    r"\ud800-\udfff]"  # lone surrogates, which UTF-8 cannot hold: the message to the notebook would be lost
)
"""Characters that are not seen, or do what no text should; not among them are the joiners of emoji and many scripts."""

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


def make_visible(text: str) -> str:
    r"""Return the text with the number of each character that is not seen, or that a terminal would obey, in its place.

    Tabs and line feeds stay; `\r\n` is a line feed.
    """
    return UNSEEN.sub(_name, text.replace("\r\n", "\n"))


def _name(found: re.Match[str]) -> str:
    return f"<U+{ord(found[0]):04X}>"


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
