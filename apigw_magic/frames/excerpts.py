"""Beginnings of texts, as errors quote them."""

from __future__ import annotations

WIDTH = 40
"""Characters of a content, a query or a value that an error quotes."""


def excerpt(text: str, width: int = WIDTH) -> str:
    """Return the beginning of a text on one line, printable in any encoding."""
    start = ascii(text[:width])[1:-1]
    return f"{start}…" if len(text) > width else start
