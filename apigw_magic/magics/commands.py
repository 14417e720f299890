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

    from apigw_magic.magics.state import State

_KNOWN = {command.name: command for command in COMMANDS if command.name}
_HELP = {"-h", "--help"}


def run(state: State, line: str, cell: str | None, local: dict[str, object] | None) -> object:
    """Run `%apigw line` or, with a cell, `%%apigw line`, and return the value of the cell.

    Raises:
        ApigwError: what went wrong; connections, variables and the last response are as they were.
    """
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
    connection = connect(
        next(iter(words), None),
        name=values.get("name"),
        role=values.get("role"),
        profile=values.get("profile"),
        region=values.get("region"),
        external_id=values.get("external-id"),
        session_name=values.get("session-name"),
        sts_endpoint=values.get("sts-endpoint"),
        base=state.connections.current,
    )
    state.connections.add(connection)
    show(describe_connection(connection))


def _use(state: State, _values: dict[str, str], words: tuple[str, ...]) -> None:
    show(describe_connection(state.connections.use(_take_name("use", words))))


def _close(state: State, _values: dict[str, str], words: tuple[str, ...]) -> None:
    name = _take_name("close", words)
    state.connections.close(name)
    current = state.connections.current
    show(f"{name} is closed; {f'{current.name} is current' if current else 'no connection is left'}.")


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
    if state.demo is None or not state.demo.account.alive:
        state.demo = open_demo(values.get("endpoint"))
    connections = state.demo.connect()
    for connection in connections:
        state.connections.add(connection)
    state.connections.use(connections[0].name)
    print(state.demo.describe())  # noqa: T201 - as plain as help


def _stop_demo(state: State) -> None:
    if state.demo is None:
        raise CommandError("No local account runs here.", fix="Start one: %apigw demo")
    for connection in list(state.connections):
        if connection.url.startswith(state.demo.account.endpoint):
            state.connections.close(connection.name)
    state.demo.account.stop()
    state.demo = None
    show("The local account is gone, and the connections to it.")


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
