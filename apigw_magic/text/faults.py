"""How a fault in the user's text is shown: on one line, whatever is in it, after the number of its line in the cell."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Self

_WIDTH = 100
"""Characters of the user's text that an error line shows."""

_LONGEST_NAME = 60
"""Longer words are not compared with others: similarity costs the product of the lengths."""


class Argument(str):
    """What a Python call, not a cell, names: an argument or a part of one, such as `params['status']`."""

    __slots__ = ()


class Located(str):
    """An expression of a cell.

    Attributes:
        line: the number of the line that it starts on; 1 is the magic line.
    """

    __slots__ = ("line",)
    line: int

    def __new__(cls, text: str, line: int) -> Self:
        """Note the line."""
        made = super().__new__(cls, text)
        made.line = line
        return made


def tell(line: int, what: str) -> str:
    """Return what is wrong, after the number of its line; 0 is none."""
    return f"Line {line}: {what}" if line else f"{what[0].upper()}{what[1:]}"


def show(text: str) -> str:
    """Return the text as one printable line, cut where it is long."""
    cut = text.strip()[: _WIDTH + 1]
    line = "".join(char if char.isprintable() else ascii(char)[1:-1] for char in cut[:_WIDTH])
    return f"{line}…" if len(cut) > _WIDTH else line


def show_expression(source: str) -> str:
    """Return how an error about an expression begins: as it stands in the cell, after its line; bare in a call."""
    if isinstance(source, Argument):
        return show(source)
    return tell(source.line if isinstance(source, Located) else 0, f"{{{{ {show(source)} }}}}")


def show_type(value: object) -> str:
    """Return the name of a value's type, with its article."""
    name = show(type(value).__name__)
    return f"{'an' if name[:1].lower() in set('aeiou') else 'a'} {name}"


def show_exception(error: Exception) -> str:
    """Return the name of an exception and the first line of its text, on one line.

    The exception is the user's, and its text may itself fail.
    """
    try:
        said = show(str(error).partition("\n")[0])
    except Exception as broken:  # noqa: BLE001 - see above: nothing may hide the error that is being shown
        said = f"(its message raised {type(broken).__name__})"
    return f"{type(error).__name__}: {said}" if said else type(error).__name__


def nearest(word: str, known: Iterable[str], *, cutoff: float = 0.65) -> str:
    """Return the known word that looks most like this one, or nothing."""
    if len(word) > _LONGEST_NAME:
        return ""
    near = get_close_matches(word, (name for name in known if len(name) <= _LONGEST_NAME), n=1, cutoff=cutoff)
    return near[0] if near else ""
