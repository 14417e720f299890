"""A request line or a cell → a request of the API → what the cell shows and gives back."""

from __future__ import annotations

import builtins
import keyword
import re
from dataclasses import replace
from difflib import get_close_matches
from typing import TYPE_CHECKING

from apigw_magic import text
from apigw_magic.connection import parse_expectation
from apigw_magic.errors import ApigwError, CommandError, FrameError, TransportError
from apigw_magic.magics.arguments import parse_arguments, parse_seconds, split_header
from apigw_magic.magics.display import describe, describe_trouble, describe_value, show
from apigw_magic.magics.options import COMMANDS, REQUEST

if TYPE_CHECKING:
    from collections.abc import Callable

    from apigw_magic.connection import Connection, Response
    from apigw_magic.magics.arguments import Arguments
    from apigw_magic.magics.state import State

_COMMAND_NAMES = [command.name for command in COMMANDS if command.name]


def send_line(state: State, words: list[str], evaluate: text.Evaluate) -> object:
    """Send the request that a line is: `%apigw GET /orders -o orders`.

    Raises:
        ApigwError: it cannot be sent, or the answer is not the wanted one.
    """
    arguments = parse_arguments(REQUEST, words)
    if not arguments.words:
        raise CommandError("There is no target.", fix="Write %apigw GET /path")
    return _send(state, arguments, "", evaluate)


def send_cell(state: State, words: list[str], cell: str, evaluate: text.Evaluate) -> object:
    """Send the request that a cell is.

    Raises:
        ApigwError: it cannot be sent, or the answer is not the wanted one.
    """
    if words and words[0] in _COMMAND_NAMES:
        raise CommandError(f"{words[0]} is a line command.", fix=f"Write %apigw {words[0]} with one percent sign.")
    return _send(state, parse_arguments(REQUEST, words), cell, evaluate)


def _send(state: State, arguments: Arguments, cell: str, evaluate: text.Evaluate) -> object:
    _check_word(arguments.words)
    message = _complete(text.parse_message(cell, request_line=" ".join(arguments.words)), arguments)
    options = {name: text.expand_text(value, evaluate) for name, value in arguments.values.items() if name != "data"}
    out = _check_name(options.get("out"))
    expect = parse_expectation(options.get("expect"))
    timeout = parse_seconds(options["timeout"], "--timeout") if "timeout" in options else None
    connection = state.connections.find(options.get("as"))
    request = text.build_request(message, evaluate)
    if "dry-run" in arguments.flags:
        print(connection.show_signed(request))  # noqa: T201 - to be read and copied as text
        return None
    trouble = connection.trouble
    response = _deliver(
        state,
        connection,
        lambda: connection.send(request, expect=expect, timeout=timeout, confirmed="yes" in arguments.flags),
    )
    state.last = response
    quiet = "quiet" in arguments.flags
    value = _answer(response, connection, options.get("records", ""), raw="raw" in arguments.flags, quiet=quiet)
    if connection.trouble is not None and connection.trouble is not trouble:
        show(*describe_trouble(connection))
    if out is None:
        return value
    # A refusal that was wanted has no value but itself.
    state.shell.user_ns[out] = value if response.explanation is None else response
    return None


def _deliver(state: State, connection: Connection, send: Callable[[], Response]) -> Response:
    try:
        return send()
    except TransportError as error:
        if error.was_sent or state.demo is None or not state.demo.owns(connection) or state.demo.account.alive:
            raise
    except ApigwError as error:
        state.last = _response_of(error) or state.last
        raise
    raise TransportError("The local account is gone.", why="Nothing was sent.", fix="Start it again: %apigw demo")


def _answer(response: Response, connection: Connection, records: str, *, raw: bool, quiet: bool) -> object:
    """Show the status line and return the value of the cell."""
    told = response.explanation
    try:
        value, shape, notes = (response, "", ()) if raw else _read(response, records)
    except FrameError as error:
        # The request went through, which matters more than that its rows cannot be told.
        show(status=describe(response, connection, ""))
        error.response = response
        raise
    if not quiet:
        lines = notes if told is None else (told.summary, told.cause)
        show(*filter(None, lines), status=describe(response, connection, shape))
    return value


def _read(response: Response, records: str) -> tuple[object, str, tuple[str, ...]]:
    """Return the value, what it is in a few words, and what is to be said of it."""
    if response.explanation is not None:
        return None, "", ()
    if not response.content:
        return None, "no content", ()
    if response.is_json:
        found = response.tabulate(records)
        return found.value, describe_value(found.value, found.records), found.warnings
    media_type = response.headers.get("content-type", "").partition(";")[0] or "unknown type"
    shape = f"{len(response.content):,} bytes of {media_type}"
    return (response.text if media_type.startswith("text/") else response), shape, ()


def _complete(message: text.Message, arguments: Arguments) -> text.Message:
    """Add what `-H` and `-d` say to what the cell says."""
    headers = [*message.headers, *(split_header(header, "-H") for header in arguments.lists.get("header", ()))]
    content = arguments.values.get("data")
    if content is None:
        return replace(message, headers=tuple(headers))
    if message.content is not None or message.file is not None:
        raise CommandError("The content stands twice: after -d and in the cell.", fix="Keep one of them.")
    if content.startswith("< "):
        return replace(message, headers=tuple(headers), file=content.removeprefix("< ").strip())
    return replace(message, headers=tuple(headers), content=content)


def _check_word(words: tuple[str, ...]) -> None:
    """Refuse a first word that is neither a method nor a target, with the command it may have been meant for."""
    if not words or not words[0].isalpha() or words[0].upper() in text.METHODS:
        return
    near = get_close_matches(words[0].lower(), _COMMAND_NAMES, n=1)
    if not near and len(words) > 1:
        return  # a method, if a misspelt one: the request line's own error says it better
    raise CommandError(
        f"There is no command {words[0]!r}.",
        fix=f"Did you mean %apigw {near[0]}?" if near else f"A path starts with a slash: %apigw /{words[0]}",
    )


def _check_name(name: str | None) -> str | None:
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


def _response_of(error: ApigwError) -> Response | None:
    return error.response  # type: ignore[return-value] # errors, below Response, cannot name it
