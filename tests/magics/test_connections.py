"""The connections of a notebook: which is current, which is next, and what a miss says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import boto3
import pytest

from apigw_magic.connection import Connection
from apigw_magic.errors import UnknownConnectionError
from apigw_magic.identity import wrap_session
from apigw_magic.magics.connections import Connections
from apigw_magic.models import Credentials, SigningScope, Url
from tests.identity.fakes import make_caller
from tests.magics.fakes import Api, run

if TYPE_CHECKING:
    from apigw_magic.magics.state import State


def make(name: str) -> Connection:
    """Return a connection that asks nobody."""
    return Connection(
        name=name,
        url=Url("https", "abc.execute-api.eu-west-1.amazonaws.com", "/prod"),
        scope=SigningScope("execute-api", "eu-west-1"),
        base=wrap_session(boto3.Session("AKIDEXAMPLE", "invented/secret+key"), "eu-west-1"),
        caller=make_caller(Credentials("AKIDEXAMPLE", "invented/secret+key")),
        transport=Api(),
    )


def fill(*names: str) -> Connections:
    """Return connections that were made in this order."""
    connections = Connections()
    for name in names:
        connections.add(make(name))
    return connections


def look(connections: Connections) -> str:
    """Return the names in order, a star on the current one."""
    current = connections.current
    return " ".join(f"{made.name}{'*' if made is current else ''}" for made in connections)


# What is done to the connections a, b and c, made in this order, and what they are then.
STEPS = [
    ("", "a b c*"),
    ("use a", "a* b c"),
    ("use c", "a b c*"),
    ("use a, use a, close a", "b c*"),
    ("close c", "a b*"),
    ("close a", "b c*"),
    ("close b", "a c*"),
    ("use a, close a", "b c*"),
    ("use a, close b", "a* c"),
    ("use b, use a, close a", "b* c"),
    ("use b, use a, close b, close a", "c*"),
    ("close c, close b", "a*"),
    ("close c, close b, close a", ""),
    ("close c, close b, close a, add a", "a*"),
    ("add a", "a* b c"),
    ("use b, add c", "a b c*"),
    ("use b, add c, close c", "a b*"),
    ("add d, use a, close a", "b c d*"),
    ("close b, add b", "a c b*"),
]


@pytest.mark.parametrize(("steps", "expected"), STEPS)
def test_which_is_current(steps: str, expected: str) -> None:
    """The last one used is current; where it is closed, the one used before it."""
    connections = fill("a", "b", "c")
    for step in filter(None, steps.split(", ")):
        command, name = step.split()
        if command == "add":
            connections.add(make(name))
        else:
            getattr(connections, command)(name)
    assert look(connections) == expected


def test_one_of_the_same_name_is_replaced() -> None:
    """Its place stays, and the new one is current."""
    connections = fill("a", "b")
    new = make("a")
    connections.add(new)
    assert connections.find("a") is new
    assert connections.current is new
    assert look(connections) == "a* b"


MISSES = [
    (("reader", "writer"), "raeder", "Did you mean reader?"),
    (("reader", "writer"), "Reader", "Did you mean reader?"),
    (("reader", "writer"), "write", "Did you mean writer?"),
    (("reader", "writer"), "partner", "Make it: %apigw connect --role NAME"),
    (("reader", "writer"), "", "Make it: %apigw connect --role NAME"),
    ((), "reader", "Make it: %apigw connect URL --role NAME"),
]


@pytest.mark.parametrize(("names", "wanted", "fix"), MISSES)
def test_a_miss(names: tuple[str, ...], wanted: str, fix: str) -> None:
    """A name that is not there changes nothing, and says which are, or which may be meant."""
    connections = fill(*names)
    before = look(connections)
    for find in (connections.find, connections.use, connections.close):
        with pytest.raises(UnknownConnectionError) as caught:
            find(wanted)
        assert caught.value.lines == (
            f"There is no connection {wanted!r}.",
            f"Connections: {', '.join(names) or 'none'}.",
            fix,
        )
    assert look(connections) == before


def test_none_at_all() -> None:
    """Without a connection the current one is a miss that says how to make one, or to try without an account."""
    with pytest.raises(UnknownConnectionError) as caught:
        Connections().find()
    assert caught.value.lines == (
        "There is no connection yet.",
        "Make one: %apigw connect URL --role NAME. To try without an AWS account: %apigw demo",
    )
    assert Connections().current is None


ARN = "arn:aws:sts::111122223333:assumed-role"
URL = "https://abc.execute-api.eu-west-1.amazonaws.com/prod"
SHOWN = [
    ("use writer", f"writer: {URL} as {ARN}/writer/ana", "writer* reader"),
    ("use {{ other }}", f"writer: {URL} as {ARN}/writer/ana", "writer* reader"),
    ("use reader", f"reader: {URL} as {ARN}/reader/ana", "writer reader*"),
    ("close writer", "writer is closed; reader is current.", "reader*"),
    ("close reader", "reader is closed; writer is current.", "writer*"),
    ("close {{ other }}", "writer is closed; reader is current.", "reader*"),
]


@pytest.mark.usefixtures("api")
@pytest.mark.parametrize(("line", "shown", "expected"), SHOWN)
def test_use_and_close(state: State, capsys: pytest.CaptureFixture[str], line: str, shown: str, expected: str) -> None:
    """The commands say what is current now, `{{ }}` included, and have no value."""
    state.shell.user_ns["other"] = "writer"
    ran = run(state.shell, f"%apigw {line}")
    assert (ran.success, ran.result) == (True, None)
    assert capsys.readouterr().out.rstrip() == shown
    assert look(state.connections) == expected


@pytest.mark.usefixtures("api")
def test_the_last_one_closed(state: State, capsys: pytest.CaptureFixture[str]) -> None:
    """When none is left, that is said, and a request says how to make one."""
    run(state.shell, "%apigw close reader")
    capsys.readouterr()
    assert run(state.shell, "%apigw close writer").success
    assert capsys.readouterr().out.rstrip() == "writer is closed; no connection is left."
    assert isinstance(run(state.shell, "%apigw /orders").error, UnknownConnectionError)
    assert isinstance(run(state.shell, "%apigw whoami").error, UnknownConnectionError)


WRONG = [
    ("use", ("use which connection?", "Write %apigw use NAME")),
    ("close", ("close which connection?", "Write %apigw close NAME")),
    ("use raeder", ("There is no connection 'raeder'", "Connections: writer, reader", "Did you mean reader?")),
    ("close wrtier", ("There is no connection 'wrtier'", "Did you mean writer?")),
    ("renew wrtier", ("There is no connection 'wrtier'", "Did you mean writer?")),
    ("whoami nobody", ("There is no connection 'nobody'", "Make it: %apigw connect --role NAME")),
    ("use reader writer", ("does not take 'writer'", "%apigw use NAME")),
    ("close reader --force", ("%apigw close has no option --force",)),
    ("use {{ nobody }}", ("name 'nobody' is not defined", "Nothing was sent")),
    ("use {{ nothing }}", ("{{ nothing }} is missing",)),
    ("/orders --as raeder", ("There is no connection 'raeder'", "Did you mean reader?")),
]


@pytest.mark.parametrize(("line", "words"), WRONG)
def test_wrong_names(state: State, api: Api, line: str, words: tuple[str, ...]) -> None:
    """A wrong name fails the cell in two or three lines; connections, `_` and the last response stay."""
    shell = state.shell
    shell.user_ns["nothing"] = None
    run(shell, "%apigw /orders --raw")
    value, last, before = shell.user_ns["_"], state.last, look(state.connections)
    error = run(shell, f"%apigw {line}").error
    assert 2 <= len(error.lines) <= 3
    assert [word for word in words if word not in str(error)] == []
    assert shell.user_ns["_"] is value
    assert (state.last, look(state.connections)) == (last, before)
    assert len(api.sent) == 1
    assert run(shell, "%apigw /orders").success


def test_what_was_closed_signs_nothing(state: State, api: Api) -> None:
    """A closed connection cannot be named again."""
    run(state.shell, "%apigw close reader")
    assert not run(state.shell, "%apigw /orders --as reader").success
    assert run(state.shell, "%apigw /orders").success
    assert len(api.sent) == 1
