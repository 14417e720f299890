"""What each line command does. Loaded at first use, with all that it needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apigw_magic import text
from apigw_magic.connection import connect
from apigw_magic.demo import open_demo
from apigw_magic.errors import CommandError
from apigw_magic.magics.arguments import parse_arguments
from apigw_magic.magics.display import describe_connection, show, tabulate_connections
from apigw_magic.magics.options import COMMANDS, help_text
from apigw_magic.magics.sending import send_cell, send_line

if TYPE_CHECKING:
    from collections.abc import Callable

    from apigw_magic.demo import Demo
    from apigw_magic.magics.state import State

_KNOWN = {command.name: command for command in COMMANDS if command.name}
_HELP = {"-h", "--help"}


def run(state: State, line: str, cell: str | None, local: dict[str, object] | None) -> object:
    """Run `%apigw line` or, with a cell, `%%apigw line`, and return the value of the cell.

    Raises:
        ApigwError: what went wrong; connections, variables and the last response are as they were.
    """
    if cell is None:
        line = line.rstrip().removesuffix(";")  # IPython's way to ask for no output, which it sees to itself
    words = text.split_words(line)
    if _HELP & set(words):
        _help(state, {}, ())
        return None
    evaluate = text.evaluate_in(state.shell.user_ns, local)
    if cell is not None:
        return send_cell(state, words, cell, evaluate)
    if not words:
        return tabulate_connections(state.connections, state.connections.current)
    if words[0] not in _KNOWN:
        return send_line(state, words, evaluate)
    arguments = parse_arguments(_KNOWN[words[0]], words[1:])
    values = {name: text.expand_text(value, evaluate) for name, value in arguments.values.items()}
    return _DO[words[0]](state, values, tuple(text.expand_text(word, evaluate) for word in arguments.words))


def _connect(state: State, values: dict[str, str], words: tuple[str, ...]) -> None:
    url = next(iter(words), None)
    if url in {connection.name for connection in state.connections}:
        raise CommandError(f"{url} is a connection already.", fix=f"Make it the current one: %apigw use {url}")
    connection = connect(
        url,
        name=values.get("name"),
        role=values.get("role"),
        profile=values.get("profile"),
        region=values.get("region"),
        external_id=values.get("external-id"),
        session_name=values.get("session-name"),
        sts_endpoint=values.get("sts-endpoint"),
        # The credentials of one API are not taken to another unless asked.
        base=state.connections.current if url is None else None,
    )
    state.connections.add(connection)
    show(describe_connection(connection))


def _use(state: State, _values: dict[str, str], words: tuple[str, ...]) -> None:
    show(describe_connection(state.connections.use(_take_name("use", words))))


def _close(state: State, _values: dict[str, str], words: tuple[str, ...]) -> None:
    name = _take_name("close", words)
    state.connections.close(name)
    show(f"{name} is closed; {_tell_current(state)}.")


def _last(state: State, _values: dict[str, str], _words: tuple[str, ...]) -> object:
    if state.last is None:
        raise CommandError("There is no response yet.", fix="Send a request: %apigw GET /path")
    return state.last


def _help(_state: State, _values: dict[str, str], _words: tuple[str, ...]) -> None:
    print(help_text())  # noqa: T201 - help is plain text


def _demo(state: State, values: dict[str, str], words: tuple[str, ...]) -> None:
    if words not in {(), ("stop",)}:
        raise CommandError(f"demo does not take {words[0]!r}.", fix="Write %apigw demo, or %apigw demo stop")
    if words:
        _stop_demo(state)
        return
    endpoint = values.get("endpoint")
    running = state.demo
    if running is not None and (not running.account.alive or endpoint not in {None, running.account.endpoint}):
        _leave_demo(state, running)
        running = None
    if running is None:
        running = state.demo = open_demo(endpoint)
    connections = running.connect()
    for connection in connections:
        state.connections.add(connection)
    state.connections.use(connections[0].name)
    print(running.describe())  # noqa: T201 - as plain as help


def _stop_demo(state: State) -> None:
    if state.demo is None:
        raise CommandError("No local account runs here.", fix="Start one: %apigw demo")
    gone = "is gone" if state.demo.account.is_ours else "is left as it is"
    _leave_demo(state, state.demo)
    show(f"The local account {gone}, and its connections are closed; {_tell_current(state)}.")


def _leave_demo(state: State, demo: Demo) -> None:
    """Close what lives by a local account, and stop the account if it is ours."""
    for connection in list(state.connections):
        if demo.owns(connection):
            state.connections.close(connection.name)
    demo.account.stop()
    state.demo = None


def _tell_current(state: State) -> str:
    current = state.connections.current
    return f"{current.name} is current" if current else "no connection is left"


_DO: dict[str, Callable[[State, dict[str, str], tuple[str, ...]], object]] = {
    "close": _close,
    "connect": _connect,
    "demo": _demo,
    "help": _help,
    "last": _last,
    "use": _use,
}


def _take_name(command: str, words: tuple[str, ...]) -> str:
    if not words:
        raise CommandError(f"{command} which connection?", fix=f"Write %apigw {command} NAME; %apigw lists them.")
    return words[0]
