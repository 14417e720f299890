"""What of a text is not seen, or would be obeyed by a terminal, made visible."""

from __future__ import annotations

import re

_LONGEST_LINE = 1000

UNSEEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0 but tab and line feed, DEL, C1: what a terminal obeys
    r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # what reorders the text around it (Unicode TR 36 §2.3)
    r"\xad\u180e\u200b\u2028\u2029\u2060-\u2065\u206a-\u206f\ufeff\ufff9-\ufffb"  # what has no width, or breaks lines
    r"\U0001d173-\U0001d17a\U000e0000-\U000e007f"  # formats of music; tags, a hidden alphabet
    r"\ud800-\udfff]"  # lone surrogates, which UTF-8 cannot hold: the message to the notebook would be lost
)
"""Characters that are not seen, or do what no text should; not among them are the joiners of emoji and many scripts."""


def make_visible(text: str) -> str:
    r"""Return the text with the number of each character that is not seen, or that a terminal would obey, in its place.

    Tabs and line feeds stay; `\r\n` is a line feed.
    """
    return UNSEEN.sub(_name, text.replace("\r\n", "\n"))


def clean_line(text: str) -> str:
    """Return a text that a server may have had a hand in as one line of what can be seen, cut at 1,000 characters."""
    line = make_visible(" ".join(text[: 2 * _LONGEST_LINE].split("\n")))
    return line if len(line) <= _LONGEST_LINE else f"{line[: _LONGEST_LINE - 1]}…"


def _name(found: re.Match[str]) -> str:
    return f"<U+{ord(found[0]):04X}>"
