"""How a fault in the user's text is shown: on one line, whatever is in it."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_WIDTH = 100
"""Characters of the user's text that an error line shows."""

_LONGEST_NAME = 60
"""Longer words are not compared with others: similarity costs the product of the lengths."""


class Argument(str):
    """What a Python call, not a cell, names: an argument or a part of one, such as `params['status']`."""

    __slots__ = ()


def show(text: str) -> str:
    """Return the text as one printable line, cut where it is long."""
    cut = text.strip()[: _WIDTH + 1]
    line = "".join(char if char.isprintable() else ascii(char)[1:-1] for char in cut[:_WIDTH])
    return f"{line}…" if len(cut) > _WIDTH else line


def show_expression(source: str) -> str:
    """Return the expression as it stands in the user's text: in braces in a cell, bare in a call."""
    return show(source) if isinstance(source, Argument) else f"{{{{ {show(source)} }}}}"


def nearest(word: str, known: Iterable[str]) -> str:
    """Return the known word that looks most like this one, or nothing."""
    if len(word) > _LONGEST_NAME:
        return ""
    near = get_close_matches(word, (name for name in known if len(name) <= _LONGEST_NAME), n=1, cutoff=0.65)
    return near[0] if near else ""
