"""The text before the cursor → the words that may stand there.

Commands and options come from the table of options, so that what is new there is proposed here. Nothing is evaluated,
sent or changed. No word ends in `?`: a line that does is a call for help and is not sent.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from apigw_magic import text as texts
from apigw_magic.magics import surroundings, vocabulary
from apigw_magic.magics.cursor import HEADER, NAMED, Line, find_open_expression, join_lines, read_above, read_line
from apigw_magic.magics.options import REQUEST

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from apigw_magic.magics.options import Option
    from apigw_magic.magics.vocabulary import Known

_PYTHON = "name"

_CELL = re.compile(r"\s*%%apigw(?=\s)")
_LINE = re.compile(r"(?:[^%#]*=)?[ \t]*%apigw(?=[ \t])")
_STRING = re.compile(r"\"[^\"]*\"|'[^']*'")
_REFERENCE = re.compile(r"[\w.]*\Z")
_MOST_LOOKED_AT = 4000
"""Characters of content before the cursor in which a `{{` is looked for."""

_VALUES: dict[str, tuple[str, Callable[[Known], Iterable[str]]]] = {
    "--as": ("connection", vocabulary.connections),
    "--expect": ("answer", vocabulary.answers),
    "--profile": ("profile", lambda _known: surroundings.profiles()),
    "--region": ("region", vocabulary.regions),
    "--service": ("service", lambda _known: vocabulary.SERVICES),
}
"""What the value of an option can be, where that can be told."""


@dataclass(frozen=True, slots=True)
class Suggestions:
    """What may stand before the cursor.

    Attributes:
        fragment: the end of the text that a word replaces.
        words: in the order to show them.
        kind: what the words are; of the first, where there are several kinds.
    """

    fragment: str = ""
    words: tuple[str, ...] = ()
    kind: str = ""

    @property
    def is_shared(self) -> bool:
        """Whether IPython is to propose as well: it knows attributes and keys, too."""
        return self.kind == _PYTHON


_NOTHING = Suggestions()


def suggest(text: str, known: Known) -> Suggestions:
    """Return what may stand at the end of a text.

    Args:
        text: of a notebook cell, up to the cursor.
        known: connections, history and names.
    """
    if match := _CELL.match(text):
        first, newline, body = text[match.end() :].partition("\n")
        found = _suggest_in_cell(first, body, known) if newline else _suggest_on_line(first, known, in_cell=True)
    else:
        line = join_lines(text)
        match = _LINE.match(line)
        found = _suggest_on_line(line[match.end() :], known, in_cell=False) if match else _NOTHING
    return found if text.endswith(found.fragment) else _NOTHING


def _suggest_on_line(text: str, known: Known, *, in_cell: bool) -> Suggestions:
    source = find_open_expression(text)
    if source is not None:
        return _suggest_names(source, known)
    line = read_line(text)
    if line is None:
        return _NOTHING
    if line.option is not None:
        return _suggest_value(line, line.option, known)
    if line.fragment.startswith("-") and not line.quoted:
        return _fit(line.fragment, _list_flags(line), "option")
    kind, words = _list_arguments(line, known, in_cell=in_cell)
    if line.fragment or (line.is_empty and not in_cell):
        return _fit(line.fragment, words, kind)
    words = list(words)
    return _fit("", [*words, *_list_flags(line)], kind if words else "option")


def _suggest_value(line: Line, option: Option, known: Known) -> Suggestions:
    found = _NOTHING
    if option.value == HEADER and (line.quoted or ":" not in line.fragment):
        found = _suggest_header(line.fragment, line.headers)
    elif option.flags[-1] in _VALUES:
        kind, source = _VALUES[option.flags[-1]]
        before, _, fragment = line.fragment.rpartition(",") if "," in option.value else ("", "", line.fragment)
        others = before.split(",")
        found = _fit(fragment, (word for word in source(known) if word not in others), kind)
    return found if line.quoted else replace(found, words=tuple(map(_quote, found.words)))


def _quote(word: str) -> str:
    """Quote a word with a space in it; a quote stays open before more that is to follow."""
    if " " not in word:
        return word
    return f"'{word}" if word.endswith(" ") else f"'{word}'"


def _list_flags(line: Line) -> list[str]:
    """Return the options that may stand here: short forms, too, where a single dash asks for them."""
    free = [option for option in line.command.options if option.many or option not in line.given]
    return [
        flag for option in free for flag in option.flags if flag == option.flags[-1] or line.fragment in {"-", flag}
    ]


def _list_arguments(line: Line, known: Known, *, in_cell: bool) -> tuple[str, Iterable[str]]:
    """Return what may stand here that is no option, and its kind."""
    if line.command is not REQUEST:
        return _list_words(line, known)
    if line.fragment.startswith("/") or line.words:
        return "path", _list_paths(line, line.words, known)
    if line.is_empty and not in_cell:
        return "command", (*_list_commands(in_cell=False), *texts.METHODS)
    if line.is_empty:
        return "method", (*texts.METHODS, *_list_commands(in_cell=True))
    return "method", texts.METHODS


def _list_commands(*, in_cell: bool) -> Iterable[str]:
    """Return the commands that stand above a cell, or those that stand alone."""
    return (name for name, command in NAMED.items() if command.takes_cell is in_cell)


def _list_words(line: Line, known: Known) -> tuple[str, Iterable[str]]:
    """Return what a command's usage says of its next word: `[URL|NAME]` is a new connection, `NAME` one there is."""
    places = [place.strip("[]").split("|") for place in line.command.usage.split() if re.search(r"\w", place)]
    if not places or len(line.words) >= line.command.arguments:
        return "", ()
    place = places[min(len(line.words), len(places) - 1)]
    if "URL" in place:
        return "connection", (*surroundings.project_names(), *vocabulary.urls(known))
    if "NAME" in place:
        return "connection", (name for name in vocabulary.connections(known) if name not in line.words)
    if "COMMAND" in place:
        return "command", NAMED
    return "command", (word for word in place if word.islower())


def _list_paths(line: Line, words: list[str], known: Known) -> Iterable[str]:
    """Return the paths that may stand after these words of a request line: none, or a method."""
    if len(words) > 1 or (words and words[0].upper() not in texts.METHODS):
        return ()
    return vocabulary.paths(known, line.asked, words[0].upper() if words else "GET")


def _suggest_in_cell(first: str, body: str, known: Known) -> Suggestions:
    """Suggest below the magic line: in the request line, a header or an expression."""
    line = read_line(f"{first} ") or Line()
    *above, current = body.split("\n")
    place, taken, content = read_above(line, above)
    written = "\n".join((*above[content:], current))[-_MOST_LOOKED_AT:] if place == "content" else current
    source = find_open_expression(written)
    if source is not None:
        return _suggest_names(source, known)
    start = current.lstrip()
    if place == "content" or start[:1] == "#":
        return _NOTHING
    if place == "request line":
        return _suggest_request(line, start, known)
    return _NOTHING if start[:1] in {"?", "&", "{", "["} else _suggest_header(start, taken)


def _suggest_request(line: Line, start: str, known: Known) -> Suggestions:
    """Suggest in a request line of the cell."""
    *words, fragment = re.split(r"\s+", start)
    if words or fragment.startswith("/"):
        return _fit(fragment, _list_paths(line, words, known), "path")
    return _fit(fragment, (*texts.METHODS, *_list_paths(line, [], known)), "method")


def _suggest_header(start: str, taken: set[str]) -> Suggestions:
    """Suggest a header's name, or the media type that is its value."""
    name, colon, value = start.partition(":")
    if not colon:
        return _fit(name, (f"{header}: " for header in vocabulary.HEADERS if header.lower() not in taken), "header")
    if name.lower() not in vocabulary.MEDIA_FIELDS:
        return _NOTHING
    return _fit(value.rpartition(",")[2].lstrip(), vocabulary.MEDIA_TYPES, "media type")


def _suggest_names(source: str, known: Known) -> Suggestions:
    """Suggest names of the user's, where a name begins; attributes would have to be evaluated."""
    match = _REFERENCE.search(source)
    fragment = match[0] if match else ""
    if "." in fragment or fragment[:1].isdigit() or re.search(r"['\"]", _STRING.sub("", source)):
        return Suggestions("", (), _PYTHON)
    return _fit(fragment, vocabulary.names(known, private=fragment.startswith("_")), _PYTHON)


def _fit(fragment: str, words: Iterable[str], kind: str) -> Suggestions:
    """Return the words that begin as the fragment does, in whatever case."""
    start = fragment.lower()
    return Suggestions(fragment, tuple(word for word in words if word.lower().startswith(start)), kind)
