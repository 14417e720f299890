"""What each line command does. Loaded at first use, with all that it needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apigw_magic import text
from apigw_magic.demo import open_demo
from apigw_magic.errors import CommandError, CredentialsError
from apigw_magic.magics.accessing import show_access
from apigw_magic.magics.arguments import expand_arguments, parse_arguments
from apigw_magic.magics.asking import read_again, read_cell, read_line
from apigw_magic.magics.connecting import note_place, open_connection
from apigw_magic.magics.display import describe_connection, show, show_answer
from apigw_magic.magics.options import ACCESS, AGAIN, COMMANDS, help_text
from apigw_magic.magics.past import tabulate_history
from apigw_magic.magics.sending import perform
from apigw_magic.magics.tables import tabulate_connections, tabulate_identity

if TYPE_CHECKING:
    from collections.abc import Callable

    from apigw_magic.connection import Connection
    from apigw_magic.demo import Demo
    from apigw_magic.magics.arguments import Arguments
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
    words = text.split_words(line, inserts="--no-vars" not in line.split())
    if _HELP & set(words):
        print(help_text(_choose_topic(words)))  # noqa: T201 - help is plain text
        return None
    evaluate = text.evaluate_in(state.shell.user_ns, local)
    if cell is not None:
        return _run_cell(state, words, cell, evaluate)
    if not words:
        return tabulate_connections(state.connections, state.connections.current)
    if words[0] not in _KNOWN:
        return perform(state, read_line(words, evaluate))
    if words[0] == AGAIN.name:
        return perform(state, read_again(state.asked, words[1:], evaluate))
    return _DO[words[0]](state, parse_arguments(_KNOWN[words[0]], words[1:]), evaluate)


def _choose_topic(words: list[str]) -> str | None:
    """Return the command that help is asked for: `connect -h`, `-h connect`; None for all of it."""
    first = next((word for word in words if word not in _HELP), None)
    return first if first in _KNOWN else None


def _run_cell(state: State, words: list[str], cell: str, evaluate: text.Evaluate) -> object:
    if words[:1] == [ACCESS.name]:
        return show_access(state, parse_arguments(ACCESS, words[1:]), cell, evaluate)
    return perform(state, read_cell(words, cell, evaluate))


def _connect(state: State, arguments: Arguments, evaluate: text.Evaluate) -> None:
    connection = open_connection(state.connections, arguments, evaluate, state.settings)
    state.connections.add(connection)
    line = describe_connection(connection)
    line = f"{line} · current" if len(list(state.connections)) > 1 else line  # alone, it goes without saying
    show(line, *note_place(connection))


def _use(state: State, arguments: Arguments, evaluate: text.Evaluate) -> None:
    show(describe_connection(state.connections.use(_take_name("use", arguments, evaluate))))


def _close(state: State, arguments: Arguments, evaluate: text.Evaluate) -> None:
    name = _take_name("close", arguments, evaluate)
    state.connections.close(name)
    show(f"{name} is closed; {_tell_current(state)}.")


def _whoami(state: State, arguments: Arguments, evaluate: text.Evaluate) -> object:
    connection = _find_named(state, arguments, evaluate)
    try:
        connection.identify()
    except CredentialsError as error:
        if not error.is_unreachable or connection.identity is None:
            raise
        show("STS cannot be reached; this is what it said before.")
    return tabulate_identity(connection)


def _renew(state: State, arguments: Arguments, evaluate: text.Evaluate) -> None:
    connection = _find_named(state, arguments, evaluate)
    connection.renew()
    show(describe_connection(connection))


def _history(state: State, arguments: Arguments, evaluate: text.Evaluate) -> object:
    given = expand_arguments(arguments, evaluate).values.get("n")
    if given is not None and (not given.isdecimal() or int(given) < 1):
        raise CommandError(f"-n {given} is not a number of requests.", fix="Write %apigw history -n 10")
    return tabulate_history(state.history, None if given is None else int(given))


def _access(_state: State, _arguments: Arguments, _evaluate: text.Evaluate) -> None:
    raise CommandError("access needs request lines below it.", fix="Write %%apigw access, and below it GET /orders")


def _last(state: State, _arguments: Arguments, _evaluate: text.Evaluate) -> object:
    if state.last is None:
        raise CommandError("There is no response yet.", fix="Send a request: %apigw GET /path")
    last, asked = state.last, state.asked
    connection = next((each for each in state.connections if each.name == last.connection), None)
    if connection is not None and asked is not None:  # who can take out what a server may have repeated
        show_answer(last, lambda shown: connection.redact(shown, asked.request))
    return last


def _help(_state: State, arguments: Arguments, _evaluate: text.Evaluate) -> None:
    name = next(iter(arguments.words), None)
    if name is not None and name not in _KNOWN:
        raise CommandError(f"There is no command {name!r}.", fix="%apigw help lists them.")
    print(help_text(name))  # noqa: T201 - help is plain text


def _demo(state: State, arguments: Arguments, evaluate: text.Evaluate) -> None:
    given = expand_arguments(arguments, evaluate)
    words, values = given.words, given.values
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
        running = state.demo = open_demo(endpoint, tell=show)
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


_DO: dict[str, Callable[[State, Arguments, text.Evaluate], object]] = {
    "access": _access,
    "close": _close,
    "connect": _connect,
    "demo": _demo,
    "help": _help,
    "history": _history,
    "last": _last,
    "renew": _renew,
    "use": _use,
    "whoami": _whoami,
}


def _take_name(command: str, arguments: Arguments, evaluate: text.Evaluate) -> str:
    if not arguments.words:
        raise CommandError(f"{command} which connection?", fix=f"Write %apigw {command} NAME; %apigw lists them.")
    return text.expand_text(arguments.words[0], evaluate)


def _find_named(state: State, arguments: Arguments, evaluate: text.Evaluate) -> Connection:
    """Return the connection that is named, or the current one."""
    return state.connections.find(*(text.expand_text(word, evaluate) for word in arguments.words))
