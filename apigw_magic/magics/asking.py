"""A line or a cell → what is asked for: complete, and checked before anything is sent."""

from __future__ import annotations

import builtins
import keyword
import re
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import TYPE_CHECKING

from apigw_magic import frames, text
from apigw_magic.connection import ANY_SUCCESS, parse_expectation
from apigw_magic.connection.defaults import check_timeout
from apigw_magic.errors import CommandError
from apigw_magic.magics.arguments import (
    expand_arguments,
    parse_arguments,
    parse_seconds,
    refuse_empty,
    split_header,
)
from apigw_magic.magics.habits import mend_command
from apigw_magic.magics.options import AGAIN, COMMANDS, REQUEST
from apigw_magic.magics.saving import check_form, check_target
from apigw_magic.models import Request, Secret

if TYPE_CHECKING:
    from pathlib import Path

    from apigw_magic.connection import Expectation
    from apigw_magic.magics.arguments import Arguments

_COMMANDS = {command.name: command for command in COMMANDS if command.name}
_TEMPLATES = frozenset({"data", "header"})  # expanded by where they stand in the request


@dataclass(frozen=True, slots=True)
class Reading:
    """How the answer is read.

    Attributes:
        records: the path of the rows; empty to find them.
        query: a JMESPath expression that is applied first; empty for none.
        dates: whether columns of date-times become such.
        form: `frame`, `tree` (the parsed JSON) or `raw` (the `Response`).
    """

    records: str = ""
    query: str = ""
    dates: bool = False
    form: str = "frame"


@dataclass(frozen=True, slots=True)
class Asked(Secret):
    """A request with all that its line says.

    Attributes:
        request: complete; its headers may hold an API key.
        names: the connections it is sent over; empty for the current one.
        reading: how the answer is read.
        expect: the wanted answer.
        out: the name that gets the value; None for the value of the cell.
        save: the file that gets the rows or the content; None for none.
        force: whether that file may be replaced.
        timeout: seconds; None for the connection's.
        flags: `dry-run`, `quiet`, `verbose`, `yes`.
    """

    request: Request
    names: tuple[str, ...] = ()
    reading: Reading = Reading()
    expect: Expectation = ANY_SUCCESS
    out: str | None = None
    save: Path | None = None
    force: bool = False
    timeout: float | None = None
    flags: frozenset[str] = frozenset()

    def __repr__(self) -> str:
        return f"Asked({self.request!r}, {self.reading!r})"


def read_line(words: list[str], evaluate: text.Evaluate) -> Asked:
    """Read a line: `%apigw GET /orders -o orders`.

    Raises:
        CommandError: an option that cannot be; there is no target.
        RequestSyntaxError: the request is none, or `{{ }}` fails.
    """
    arguments = parse_arguments(REQUEST, words)
    if not arguments.words:
        raise CommandError("There is no target.", fix="Write %apigw GET /path")
    return _read(arguments, "", evaluate, number=0)


def read_cell(words: list[str], cell: str, evaluate: text.Evaluate) -> Asked:
    """Read a cell, and the line above it.

    Raises:
        CommandError: an option that cannot be, or a line command.
        RequestSyntaxError: the request is none, or `{{ }}` fails.
    """
    if words and words[0] in _COMMANDS:
        raise CommandError(f"{words[0]} is a line command.", fix=f"Write %apigw {words[0]} with one percent sign.")
    arguments = parse_arguments(REQUEST, words)
    if len(arguments.words) == 1 and arguments.words[0].isidentifier() and cell.strip():
        _refuse_name(arguments.words[0])
    return _read(arguments, cell, evaluate, number=1)


def read_again(former: Asked | None, words: list[str], evaluate: text.Evaluate) -> Asked:
    """Read what is different when the last request is sent once more; its answer is read as before.

    Raises:
        CommandError: there was no request, or an option that cannot be.
    """
    if former is None:
        raise CommandError("There is no request to send again.", fix="Send one first: %apigw GET /path")
    arguments = expand_arguments(parse_arguments(AGAIN, words), evaluate)
    return _complete(former.request, former.reading, arguments)


def _read(arguments: Arguments, cell: str, evaluate: text.Evaluate, *, number: int) -> Asked:
    """Read a request; `number` is that of the line of the cell that the words stand on, 0 if they stand alone."""
    _check_word(arguments.words)
    insert = None if "no-vars" in arguments.flags else evaluate
    line = " ".join(arguments.words)
    read = text.parse_message(cell, request_line=line, number=number, inserts=insert is not None)
    message = _add_options(read, arguments)
    given = expand_arguments(replace(arguments, words=()), insert, leave=_TEMPLATES)
    return _complete(text.build_request(message, insert), Reading(), given)


def _complete(request: Request, reading: Reading, given: Arguments) -> Asked:
    """Add what the options say of names, answer and file, checked."""
    refuse_empty(given)
    values, force = given.values, "force" in given.flags
    save, names = values.get("save"), _split_names(values.get("as"))
    chosen = _choose_reading(reading, given)
    if save is not None:
        check_form(save, chosen.form, several=len(names) > 1)
    return Asked(
        request,
        names=names,
        reading=chosen,
        expect=parse_expectation(values.get("expect")),
        out=check_name(values.get("out")),
        save=None if save is None else check_target(save, force=force),
        force=force,
        timeout=check_timeout(parse_seconds(values["timeout"], "--timeout")) if "timeout" in values else None,
        flags=given.flags,
    )


def _choose_reading(reading: Reading, given: Arguments) -> Reading:
    forms = [form for flag, form in (("raw", "raw"), ("json", "tree")) if flag in given.flags]
    if len(forms) > 1:
        raise CommandError("--raw and --json ask for two answers.", fix="Keep one of them.")
    of_frames = {"records", "query", "dates"} if forms == ["raw"] else {"records", "dates"}
    idle = sorted(of_frames & (set(given.values) | given.flags)) if forms else []
    if idle:
        form = "raw" if forms == ["raw"] else "json"
        raise CommandError(f"--{idle[0]} is for rows, and --{form} gives none.", fix="Keep one of them.")
    query = given.values.get("query", reading.query)
    if query != reading.query:
        frames.check_query(query)
    return Reading(
        records=given.values.get("records", reading.records),
        query=query,
        dates=reading.dates or "dates" in given.flags,
        form=forms[0] if forms else reading.form,
    )


def _split_names(given: str | None) -> tuple[str, ...]:
    if given is None:
        return ()
    names = tuple(name.strip() for name in given.split(","))
    if "" in names:
        raise CommandError(f"--as {given!r} lacks a name.", fix="Write --as reader, or --as reader,writer")
    if len(set(names)) < len(names):
        raise CommandError(f"--as {given!r} names a connection twice.", fix="Name each once.")
    return names


def _add_options(message: text.Message, arguments: Arguments) -> text.Message:
    """Add what `-H` and `-d` say to what the cell says."""
    headers = (*message.headers, *(split_header(header, "-H") for header in arguments.lists.get("header", ())))
    content = arguments.values.get("data")
    if content is None:
        return replace(message, headers=headers)
    if message.content is not None or message.file is not None:
        raise CommandError("The content stands twice: after -d and in the cell.", fix="Keep one of them.")
    if content.startswith("< "):
        return replace(message, headers=headers, file=content.removeprefix("< ").strip())
    return replace(message, headers=headers, content=content)


def _check_word(words: tuple[str, ...]) -> None:
    """Refuse a first word that is neither a method nor a target, with the command it may have been meant for."""
    if not words or not words[0].isalpha() or words[0].upper() in text.METHODS:
        return
    if habit := mend_command(words[0]):
        raise CommandError(f"There is no command {words[0]!r}.", fix=habit)
    near = get_close_matches(words[0].lower(), _COMMANDS, n=1)
    if not near and len(words) > 1:
        return  # a method, if a misspelt one: the request line's own error says it better
    raise CommandError(
        f"There is no command {words[0]!r}.",
        fix=f"Did you mean {_COMMANDS[near[0]].title}?" if near else f"A path starts with a slash: %apigw /{words[0]}",
    )


def _refuse_name(word: str) -> None:
    """Refuse a lone word above a cell that is neither a method nor near a command: it is a name for the value."""
    if word.upper() not in text.METHODS and not get_close_matches(word.lower(), _COMMANDS, n=1):
        raise CommandError(f"{word!r} is not a request line.", fix=f"To put the value into it, write -o {word}")


def check_name(name: str | None) -> str | None:
    """Return the name that a value is to be put into, if it may be.

    Raises:
        CommandError: it is no name, or one of Python's or IPython's own.
    """
    if name is None or (name.isidentifier() and not keyword.iskeyword(name) and not _is_taken(name)):
        return name
    why = (
        "It is a name of Python's or IPython's own."
        if name.isidentifier()
        else "A name is letters, digits and underscores."
    )
    raise CommandError(f"-o cannot put the value into {name!r}.", why=why, fix="Write -o orders")


def _is_taken(name: str) -> bool:
    return hasattr(builtins, name) or re.fullmatch(r"In|Out|_+|_i+|_i?\d+|_dh|_ih|_oh|_sh", name) is not None
