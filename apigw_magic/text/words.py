"""A magic line as words.

Words are parted by white space. `{{ … }}` stays whole and unexpanded, quotes inside included, wherever it stands. A
quote, single or double, groups, and is removed: it opens at the start of a word, or after the `=` of an option or a
plain name (`--name='a b'`, `K='a b'`), and closes at the same quote before white space or the end of the line. Any
other quote is a character like others, so `O'Brien`, `'it's'` and `/Orders('A')?name='B'` need no care. A backslash is
a backslash.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from apigw_magic.errors import RequestSyntaxError
from apigw_magic.text.faults import show
from apigw_magic.text.template import Expression, split_template

_OPTION = re.compile(r"[-\w]+=")

_LONGEST_NAME = 64
"""Characters of an option or name with its `=`; more are not looked at, so that reading stays linear."""


@dataclass(slots=True)
class _Words:
    """The words found so far, and the one being read.

    Attributes:
        done: whole words.
        pieces: of the word being read.
        begun: whether a word is being read; an empty quoted one has no pieces.
        quote: the quote that is open, or nothing.
    """

    done: list[str] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)
    begun: bool = False
    quote: str = ""

    def add(self, piece: str) -> None:
        self.pieces.append(piece)
        self.begun = True

    def end_word(self) -> None:
        if self.begun:
            self.done.append("".join(self.pieces))
        self.pieces.clear()
        self.begun = False

    def may_open(self) -> bool:
        """Whether a quote that stands here groups."""
        if not self.begun:
            return True
        if len(self.pieces) > _LONGEST_NAME or self.pieces[-1:] != ["="]:
            return False
        return _OPTION.fullmatch("".join(self.pieces)) is not None

    def read(self, char: str, *, before_space: bool) -> None:
        """Take one character of the line."""
        if self.quote:
            if char == self.quote and before_space:
                self.quote = ""
            else:
                self.add(char)
        elif char.isspace():
            self.end_word()
        elif char in "'\"" and self.may_open():
            self.quote = char
            self.begun = True
        else:
            self.add(char)


def split_words(line: str, *, inserts: bool = True) -> list[str]:
    """Split a magic line into its arguments.

    Args:
        line: what stands behind the magic.
        inserts: whether `{{ }}` is to be expanded; else it is text as any other.

    Raises:
        RequestSyntaxError: a quote or a `{{` that is not closed.
    """
    words = _Words()
    parts = split_template(line) if inserts else (line,)
    for index, part in enumerate(parts):
        if isinstance(part, Expression):
            words.add(part.text)
            continue
        at_end = index == len(parts) - 1
        for position, char in enumerate(part):
            after = part[position + 1 : position + 2]
            words.read(char, before_space=after.isspace() if after else at_end)
    if words.quote:
        other = "'" if words.quote == '"' else '"'
        raise RequestSyntaxError(
            f"A {words.quote} that is not closed: {show(line)}",
            why="A quote at the start of a word groups until the same quote before a space.",
            fix=f"Close it; if the word itself starts with {words.quote}, quote the word with {other} instead.",
        )
    words.end_word()
    return words.done
