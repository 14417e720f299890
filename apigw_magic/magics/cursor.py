"""The text before the cursor → what stands on the line, and what the cursor is in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from apigw_magic import text as texts
from apigw_magic.errors import RequestSyntaxError
from apigw_magic.magics.options import COMMANDS, REQUEST

if TYPE_CHECKING:
    from apigw_magic.magics.options import Command, Option

NAMED = {command.name: command for command in COMMANDS if command.name}
"""The commands by their names."""

HEADER = "'Name: value'"
"""What options of which the value is a header say it is."""

_AS = "--as"
_MOST_ENDS = 20
"""`}}` that are tried as the end of one expression."""


@dataclass(slots=True)
class Line:
    """What stands on a magic line before the cursor.

    Attributes:
        command: the one that stands there; `REQUEST` for none.
        words: its arguments, or the request line's words, without options.
        given: the options that stand there, and the values they were given.
        option: the one whose value the cursor is in; None for none.
        fragment: what of the word stands before the cursor.
        quoted: whether a quote is open.
    """

    command: Command = REQUEST
    words: list[str] = field(default_factory=list)
    given: dict[Option, list[str]] = field(default_factory=dict)
    option: Option | None = None
    fragment: str = ""
    quoted: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether the cursor is in the first word."""
        return self.command is REQUEST and not (self.words or self.given)

    @property
    def asked(self) -> list[str]:
        """The names of the connections that are asked."""
        values = (value for option, given in self.given.items() if _AS in option.flags for value in given)
        return [name for value in values for name in value.split(",")]

    @property
    def headers(self) -> set[str]:
        """The names of the headers that stand there, in lower case."""
        values = (value for option, given in self.given.items() if option.value == HEADER for value in given)
        return {value.partition(":")[0].lower() for value in values}

    def take(self, word: str) -> None:
        """Take a whole word."""
        if self.option is not None:
            self.given[self.option].append(word)
            self.option = None
            return
        option, value = self._find_option(word)
        if option is not None:
            given = self.given.setdefault(option, [])
            if value is not None:
                given.append(value)
            elif option.value:
                self.option = option
        elif not word.startswith("-"):
            self.words.append(word)

    def finish(self, word: str) -> None:
        """Take the word that the cursor is in."""
        self.fragment = word
        option, value = (None, None) if self.option else self._find_option(word)
        if option is not None and value is not None:
            self.option, self.fragment = option, value

    def _find_option(self, word: str) -> tuple[Option | None, str | None]:
        """Return the option that a word names, and the value that follows its `=`."""
        flag, equals, value = word.partition("=")
        found = next((option for option in self.command.options if flag in option.flags), None)
        return found, value if equals else None


def join_lines(text: str) -> str:
    """Return the last line, with those before it that a backslash continues, as IPython joins them."""
    *above, line = text.split("\n")
    while above and above[-1].endswith("\\"):
        line = f"{above.pop()[:-1]} {line}"
    return line


def read_line(text: str) -> Line | None:
    """Return what stands on a line; None behind a quote that is closed, where the word has its end."""
    for quote in ("", "'", '"'):
        try:
            words = texts.split_words(text + quote)
        except RequestSyntaxError:  # a quote is open: which one?
            continue
        last = "" if not quote and (not text or text[-1].isspace()) else words.pop()
        if not quote and not text.endswith(last):
            return None
        line = Line(quoted=bool(quote))
        if words and words[0] in NAMED:
            line.command = NAMED[words.pop(0)]
        for word in words:
            line.take(word)
        line.finish(last)
        return line
    return None


def read_above(line: Line, above: list[str]) -> tuple[str, set[str], int]:
    """Return what stands where the cursor is, the headers above it in lower case, and where the content starts."""
    taken = line.headers
    if line.command is not REQUEST:
        return "request line", taken, 0  # what takes a cell, and is no request, takes request lines
    has_request = bool(line.words)
    for index, raw in enumerate(above):
        text = raw.strip()
        if has_request and (not text or text[0] in "{["):
            return "content", taken, index
        if text and text[0] != "#":
            if has_request:
                taken.add(text.partition(":")[0].lower())
            has_request = True
    return "header" if has_request else "request line", taken, 0


def find_open_expression(text: str) -> str | None:
    """Return what stands after a `{{` that is not closed; None if all are."""
    opening = text.find("{{")
    while opening >= 0:
        start = opening + 2
        end = text.find("}}", start)
        for _ in range(_MOST_ENDS):
            if end < 0 or _is_expression(text[start:end]):
                break
            end = text.find("}}", end + 1)
        if end < 0:
            return text[start:]
        opening = text.find("{{", end + 2)
    return None


def _is_expression(source: str) -> bool:
    try:
        compile(source.strip(), "<{{ }}>", "eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True
