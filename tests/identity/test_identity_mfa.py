"""MFA codes: where they are asked for, what is taken for one, and how rarely a session needs one."""

from __future__ import annotations

import getpass
import io
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import TYPE_CHECKING

import pytest

from apigw_magic.errors import ApigwError, CommandError, CredentialsError, SessionExpiredError
from apigw_magic.identity import Base, Caller, Grant, RoleOptions, assume_role, mfa
from apigw_magic.identity.mfa import ask_code, never_ask
from tests.identity.expiring import (
    PATIENCE,
    THREADS,
    UNREACHABLE,
    Aws,
    Watch,
    arn_of,
    keys_of,
    make_base,
    open_over,
    wait_at_lock,
)
from tests.identity.fakes import ACCOUNT, Clock

if TYPE_CHECKING:
    from collections.abc import Callable

    from apigw_magic.identity.mfa import Ask

DEVICE = f"arn:aws:iam::{ACCOUNT}:mfa/ana"
READER = arn_of("reader")


@dataclass
class Prompt:
    """Stands in getpass's place, as a kernel's own does, and is typed into.

    Attributes:
        typed: what is typed, one after the other; an exception is raised.
        shown: what was asked.
    """

    typed: list[str | BaseException]
    shown: list[str] = field(default_factory=list)

    def ask(self, prompt: str = "Password: ", stream: object = None) -> str:
        """Ask."""
        assert stream is None
        self.shown.append(prompt)
        answer = self.typed.pop(0)
        if isinstance(answer, BaseException):
            raise answer
        return answer


@pytest.fixture
def sit_down(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Prompt]:
    """Put somebody before the kernel, who types what is given."""

    def sit(*typed: str | BaseException) -> Prompt:
        prompt = Prompt(list(typed))
        # A kernel puts its own there while a cell runs, so this is the way in.
        monkeypatch.setattr(getpass, "getpass", prompt.ask)
        return prompt

    return sit


ASKED = f"MFA code for {DEVICE}: "
ASKED_AGAIN = f"A code has six digits. {ASKED}"

# What is typed; what comes of it; how often it was asked.
TYPED: list[tuple[list[str | BaseException], str | type[BaseException], int]] = [
    (["123456"], "123456", 1),
    (["000000"], "000000", 1),
    ([" 123456 "], "123456", 1),
    (["12345", "123456"], "123456", 2),
    (["1234567", "code", "123456"], "123456", 3),
    (["123 456", "123456"], "123456", 2),
    (["\u0661\u0662\u0663\u0664\u0665\u0666", "123456"], "123456", 2),
    (["a", "b", "c"], CommandError, 3),
    ([""], CommandError, 1),
    (["  "], CommandError, 1),
    (["a", ""], CommandError, 2),
    ([EOFError()], SessionExpiredError, 1),
    ([NotImplementedError("no stdin")], SessionExpiredError, 1),
    ([OSError("gone")], SessionExpiredError, 1),
    (["a", EOFError()], SessionExpiredError, 2),
    ([KeyboardInterrupt()], KeyboardInterrupt, 1),
]


@pytest.mark.parametrize(("typed", "expected", "times"), TYPED, ids=range(len(TYPED)))
def test_what_is_typed(
    sit_down: Callable[..., Prompt],
    typed: list[str | BaseException],
    expected: str | type[BaseException],
    times: int,
) -> None:
    """Six digits are a code; what else is typed is asked for again, and repeated nowhere."""
    prompt = sit_down(*typed)
    if isinstance(expected, str):
        assert ask_code(DEVICE) == expected
    else:
        with pytest.raises(expected) as caught:
            ask_code(DEVICE)
        assert caught.value.__context__ is None
        assert not isinstance(caught.value, ApigwError) or caught.value.fix
        assert [text for text in typed if isinstance(text, str) and len(text.strip()) > 1 and text in str(caught)] == []
    assert prompt.shown == [ASKED, ASKED_AGAIN, ASKED_AGAIN][:times]


def test_another_thread_cannot_ask(sit_down: Callable[..., Prompt]) -> None:
    """A prompt on another thread would reach nobody: the error says what to run instead."""
    prompt = sit_down("123456")
    with ThreadPoolExecutor(1) as pool:
        error = pool.submit(ask_code, DEVICE).exception(PATIENCE)
    assert isinstance(error, SessionExpiredError)
    assert "%apigw renew" in error.fix
    assert prompt.shown == []


def test_never_ask() -> None:
    """It only says what to run."""
    with pytest.raises(SessionExpiredError, match="%apigw renew"):
        never_ask(DEVICE)


@pytest.mark.parametrize("stdin", [None, io.StringIO("123456\n")])
def test_nobody_is_there(stdin: io.StringIO | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the input is no terminal nothing is read from it, and nothing waits for ever."""
    monkeypatch.setattr(sys, "stdin", stdin)  # it belongs to the process
    with pytest.raises(SessionExpiredError, match="nobody can be asked") as caught:
        ask_code(DEVICE)
    assert caught.value.__context__ is None
    assert stdin is None or stdin.tell() == 0


# The module alone: all that the package imports with it would take seconds.
PROGRAM = f"""
import sys
from importlib.util import module_from_spec, spec_from_file_location
from apigw_magic.errors import ApigwError
spec = spec_from_file_location("mfa", {mfa.__file__!r})
module = module_from_spec(spec)
spec.loader.exec_module(module)
try:
    print("got", int(module.ask_code("GAHT-KEY-FOB")) + 1)
except ApigwError as error:
    print(type(error).__name__)
"""
RUN = [sys.executable, "-c", PROGRAM]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals")
@pytest.mark.parametrize(
    ("typed", "said"), [("76543\n765432\n", "got 765433"), ("\n", "CommandError"), ("\x04", "SessionExpiredError")]
)
def test_a_real_terminal(typed: str, said: str) -> None:
    """On a terminal the code is read without being echoed; Ctrl-D means that nobody is there."""
    ours, theirs = os.openpty()
    with subprocess.Popen(RUN, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True) as program:
        os.close(theirs)
        shown = ""
        for line in typed.splitlines(keepends=True):
            while not shown.endswith("GAHT-KEY-FOB: "):
                shown += read_some(ours)
            os.write(ours, line.encode())
            shown += "\n"
        while said not in shown and (more := read_some(ours)):
            shown += more
        program.wait(PATIENCE)
    os.close(ours)
    assert said in shown
    assert "7654" not in shown.replace(said, "")


def read_some(terminal: int) -> str:
    """Return what was printed; nothing once the program has ended."""
    try:
        return os.read(terminal, 1024).decode()
    except OSError:  # Linux's way to say that nobody has the other end any more
        return ""


@pytest.mark.parametrize("typed", [subprocess.DEVNULL, subprocess.PIPE])
def test_no_terminal(typed: int) -> None:
    """A program without a terminal gets the hint at once, whether its input is empty or never ends."""
    with subprocess.Popen(RUN, stdin=typed, stdout=subprocess.PIPE, text=True, start_new_session=True) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == "SessionExpiredError\n"


def assume(aws: Aws, *via: str, ask: Ask = ask_code, base: Base | None = None, role: str = READER) -> Caller:
    """Assume a role by others on the way, the first of which wants a code."""
    options = RoleOptions(role, via=tuple(map(arn_of, via)), mfa_serial=DEVICE, session_name="ana")
    return assume_role(base or make_base(aws), options, clock=aws.clock, ask=ask)


def codes_of(aws: Aws) -> list[object]:
    """Return the codes that STS was sent."""
    return [request["TokenCode"] for request in aws.requests if "TokenCode" in request]


@pytest.mark.parametrize("left", [900, 899, 300, 1, 0.001])
def test_nobody_is_asked_while_the_old_last(sit_down: Callable[..., Prompt], left: float) -> None:
    """In the windows before the end neither somebody nor STS is asked, nobody waits, and nothing is wrong."""
    prompt = sit_down("123456")
    aws = Aws(Watch())
    connection = open_over(aws, assume(aws))
    aws.clock.forward(3_600 - left)
    for _ in range(10):
        connection.get("/orders")
    assert (prompt.shown, len(aws.asked)) == ([ASKED], 1)
    assert connection.trouble is None
    assert connection.asks


@pytest.mark.parametrize("forward", [3_600, 90_000])
def test_somebody_is_asked_at_the_end(sit_down: Callable[..., Prompt], forward: float) -> None:
    """At the end the code is asked for once, on the main thread, by the request that needs it."""
    prompt = sit_down("123456", "654321")
    aws = Aws(Watch())
    connection = open_over(aws, assume(aws))
    aws.clock.forward(3_599)
    connection.get("/orders")
    aws.clock.forward(forward - 3_599)
    assert [connection.get("/orders").tries for _ in range(10)] == [1] * 10
    assert prompt.shown == [ASKED] * 2
    assert codes_of(aws) == ["123456", "654321"]
    assert [session.number for session in aws.used] == [1] + [2] * 10


@pytest.mark.parametrize("again", range(5))
def test_threads_at_the_end(sit_down: Callable[..., Prompt], again: int) -> None:
    """Of eight threads at the end the main one asks, once; the others have what it got, or the hint, but no prompt."""
    prompt = sit_down("123456", "654321")
    aws = Aws(Watch())
    caller = assume(aws)
    connection = open_over(aws, caller)
    aws.clock.forward(3_600 + again)
    got: list[object] = []

    def send() -> None:
        try:
            got.append(connection.get("/orders").tries)
        except ApigwError as error:
            got.append(type(error))

    def hold_up() -> None:
        with caller._lock:
            held_up.set()
            wait_at_lock(Caller.credentials, THREADS)

    held_up = Event()
    threads = [Thread(target=hold_up), *(Thread(target=send) for _ in range(THREADS - 1))]
    threads[0].start()
    assert held_up.wait(PATIENCE)
    for each in threads[1:]:
        each.start()
    wait_at_lock(Caller.credentials, THREADS - 1)
    send()
    for each in threads:
        each.join(PATIENCE)
    assert len(got) == THREADS
    assert set(got) <= {1, SessionExpiredError}
    assert 1 in got
    assert prompt.shown == [ASKED] * 2
    assert len(aws.asked) == 2


def test_other_threads_alone_at_the_end(sit_down: Callable[..., Prompt]) -> None:
    """Where only other threads run, each is told what to run; then the main thread can ask, and all go on."""
    prompt = sit_down("123456", "654321")
    aws = Aws(Watch())
    connection = open_over(aws, assume(aws))
    aws.clock.forward(3_600)
    with ThreadPoolExecutor(THREADS) as pool:
        errors = [pool.submit(connection.get, "/orders").exception(PATIENCE) for _ in range(THREADS)]
    assert [type(error) for error in errors] == [SessionExpiredError] * THREADS
    assert all("%apigw renew" in str(error) for error in errors)
    assert (aws.used, len(aws.asked), len(prompt.shown)) == ([], 1, 1)
    connection.renew()
    assert prompt.shown == [ASKED] * 2
    with ThreadPoolExecutor(THREADS) as pool:
        assert list(pool.map(lambda _: connection.get("/orders").tries, range(THREADS))) == [1] * THREADS


def test_a_chain_asks_as_rarely_as_its_first_role(sit_down: Callable[..., Prompt]) -> None:
    """The last role renews itself for as long as the first lasts, and says that a code will be needed."""
    prompt = sit_down("111111", "222222")
    aws = Aws(Watch(), 900, first=3_600)
    connection = open_over(aws, assume(aws, "first"))
    for _ in range(36):
        assert connection.asks
        connection.get("/orders")
        aws.clock.forward(99)
    assert prompt.shown == [ASKED]
    assert aws.tally == {"first": 1, "reader": 6}
    aws.clock.forward(4_000)
    connection.get("/orders")
    assert codes_of(aws) == ["111111", "222222"]
    assert connection.asks


def test_a_first_role_that_ends_before_the_last(sit_down: Callable[..., Prompt]) -> None:
    """Where the first role has ended, nobody is asked until the last has, too."""
    prompt = sit_down("111111", "222222")
    aws = Aws(Watch(), 3_600, first=900)
    connection = open_over(aws, assume(aws, "first"))
    for _ in range(36):
        connection.get("/orders")
        aws.clock.forward(100)
    assert (prompt.shown, len(aws.asked)) == ([ASKED], 2)
    connection.get("/orders")
    assert codes_of(aws) == ["111111", "222222"]
    assert aws.tally == {"first": 2, "reader": 2}


def test_who_does_not_ask_says_so() -> None:
    """A chain without MFA renews itself and says so."""
    aws = Aws(Clock())
    caller = assume_role(make_base(aws), RoleOptions(READER, via=(arn_of("first"),)), clock=aws.clock, ask=never_ask)
    assert not caller.asks


def test_a_profile_that_asks(sit_down: Callable[..., Prompt]) -> None:
    """A base identity that wants a code, as a profile may, makes its roles ask, too, and at its end only."""
    prompt = sit_down("111111", "222222")
    aws = Aws(Watch())
    plain = make_base(aws)

    def obtain(ask: Ask) -> Grant:
        assert len(ask(DEVICE)) == 6
        session = aws.grant("profile")
        return Grant(session.credentials, session.ends, source=("profile work",))

    base = Base(Caller(obtain, plain.sts.identify, clock=aws.clock), plain.sts)
    connection = open_over(aws, assume_role(base, RoleOptions(READER), clock=aws.clock))
    assert connection.asks
    assert base.caller.asks
    aws.clock.forward(3_599)
    connection.get("/orders")
    assert (prompt.shown, aws.tally) == ([ASKED], {"reader": 2})  # in the last second of the profile's own session
    aws.clock.forward(3_599)
    connection.get("/orders")
    assert (prompt.shown, aws.tally) == ([ASKED], {"reader": 2})
    aws.clock.forward(1)
    connection.get("/orders")
    assert (prompt.shown, aws.tally) == ([ASKED] * 2, {"reader": 3})


def test_one_code_is_good_for_all_roles(sit_down: Callable[..., Prompt]) -> None:
    """Roles by the same way, which wants a code, are asked one code for, at first and at the end."""
    prompt = sit_down("111111", "222222")
    aws = Aws(Watch())
    base = make_base(aws)
    connections = [open_over(aws, assume(aws, "first", base=base, role=arn_of(role))) for role in ("reader", "writer")]
    aws.clock.forward(3_600)
    for connection in connections:
        connection.get("/orders")
    assert prompt.shown == [ASKED] * 2
    assert aws.tally == {"first": 2, "reader": 2, "writer": 2}


def test_a_code_is_typed_once_for_keys_that_were_replaced(sit_down: Callable[..., Prompt]) -> None:
    """Where STS refuses the keys that a code came with, it did not look at the code: it is good for the next keys."""
    prompt = sit_down("111111", "222222")
    aws = Aws(Watch())
    connection = open_over(aws, assume(aws))
    aws.clock.forward(3_600)
    aws.keys = aws.found = keys_of("ben")
    connection.get("/orders")
    assert prompt.shown == [ASKED] * 2
    assert codes_of(aws) == ["111111", "222222", "222222"]


def test_a_code_that_was_sent_is_asked_for_anew(sit_down: Callable[..., Prompt]) -> None:
    """After a failure the next request asks for another code: STS takes each code once."""
    prompt = sit_down("111111", "222222", "333333")
    aws = Aws(Watch())
    connection = open_over(aws, assume(aws))
    aws.clock.forward(3_600)
    aws.error[None] = UNREACHABLE
    with pytest.raises(CredentialsError, match="cannot be reached") as caught:
        connection.get("/orders")
    assert "222222" not in str(caught.value)
    aws.error.clear()
    connection.get("/orders")
    assert len(prompt.shown) == 3
    assert codes_of(aws) == ["111111", "222222", "333333"]
    assert "3333" not in repr([vars(connection), vars(connection._caller)])
