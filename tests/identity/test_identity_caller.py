"""Credentials that stay fresh under many threads: when they are renewed, who waits, and what a failure costs."""

from __future__ import annotations

import copy
import pickle
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice
from threading import Barrier, local, main_thread
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apigw_magic.connection import Response
from apigw_magic.errors import CredentialsError
from apigw_magic.identity import Base, Caller, Grant, RoleOptions, assume_role
from apigw_magic.identity.caller import now
from apigw_magic.identity.held import Held, hold
from apigw_magic.models import Credentials, Identity
from tests.identity.expiring import (
    PATIENCE,
    THREADS,
    UNREACHABLE,
    Aws,
    Gate,
    Watch,
    arn_of,
    make_base,
    open_over,
    run_together,
    wait_at_lock,
)
from tests.identity.fakes import ACCOUNT, START, Clock, make_caller, never_identify, refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from apigw_magic.connection import Connection
    from apigw_magic.identity.mfa import Ask
    from apigw_magic.identity.sts import Sts

    Move = tuple[float, Exception | None, float, float]

READER = arn_of("reader")
KEYS = Credentials("AKIDEXAMPLE", "invented")
NO_MORE = refusal("AccessDenied", "User: x is not authorized to perform: sts:AssumeRole on resource: y")


def assume(aws: Aws, *via: str) -> Caller:
    """Assume `reader`, by roles on the way."""
    options = RoleOptions(READER, via=tuple(map(arn_of, via)), session_name="ana")
    return assume_role(make_base(aws), options, clock=aws.clock)


def connect(aws: Aws, *via: str) -> Connection:
    """Connect as `reader`, by roles on the way."""
    return open_over(aws, assume(aws, *via))


def walk(aws: Aws, ask: Callable[[], object], steps: Sequence[float], threads: int = THREADS) -> list[int]:
    """Set the clock forward by each step in turn, and after each ask from all threads at once.

    Returns:
        How often STS had been asked after each step.
    """
    asked: list[int] = []
    left = iter(steps)

    def step() -> None:
        asked.append(len(aws.asked))
        aws.clock.forward(next(left, 0.0))

    barrier = Barrier(threads, action=step, timeout=PATIENCE)

    def go(_thread: int) -> None:
        for _ in steps:
            barrier.wait()
            ask()
            ask()
        barrier.wait()

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(go, range(threads)))
    return asked[1:]


# Just within the window in which one thread renews, the one in which all wait, at the end, and long after it.
WHEN = [0.76, 0.93, 1.0, 7.0]


@pytest.mark.parametrize("lifetime", [900, 3600])
@pytest.mark.parametrize("when", WHEN)
def test_expiries_in_a_row(lifetime: float, when: float) -> None:
    """No request of eight threads fails or is sent twice over 40 expiries of a session; each costs one AssumeRole."""
    aws = Aws(Watch(), lifetime)
    connection = connect(aws)
    tries: list[int] = []
    asked = walk(aws, lambda: tries.append(connection.get("/orders").tries), [lifetime * when] * 40)
    assert asked == list(range(2, 42))
    assert tries == [1] * (40 * THREADS * 2)
    assert {session.number for session in aws.used} >= set(range(2, 41))


@pytest.mark.parametrize("when", WHEN)
def test_expiries_of_a_chain(when: float) -> None:
    """Each role on the way is asked for once per expiry, too, by the one before it."""
    aws = Aws(Watch(), 900)
    connection = connect(aws, "first", "second")
    walk(aws, lambda: connection.get("/orders"), [900 * when] * 20)
    assert aws.tally == {"first": 21, "second": 21, "reader": 21}
    assert aws.asked == ["first", "second", "reader"] * 21
    assert aws.read == 1


STEPS = st.lists(st.floats(0.001, 4000), min_size=1, max_size=12)


@settings(max_examples=10, deadline=None)
@given(STEPS)
def test_eight_threads_ask_what_one_asks(steps: list[float]) -> None:
    """However the clock goes, for sessions that differ in length, eight threads cost STS what one costs it."""
    asked = []
    for threads in (1, THREADS):
        aws = Aws(Watch(), 900, first=3600, second=1800)
        connection = connect(aws, "first", "second")
        walk(aws, lambda connection=connection: connection.get("/orders"), steps, threads)  # type: ignore[misc] # bound now
        asked.append(aws.asked)
    assert asked[0] == asked[1]


def test_sessions_that_end_on_the_way() -> None:
    """Eight requests are signed, then the session ends before the API looks: one AssumeRole, and each is sent again."""
    aws = Aws(Watch(), 900)
    connection = connect(aws)
    first = local()
    barrier = Barrier(THREADS, action=lambda: aws.clock.forward(901), timeout=PATIENCE)

    def on_call() -> None:
        if first.is_next:
            first.is_next = False
            barrier.wait()

    aws.on_call = on_call

    def go(_thread: int) -> list[int]:
        tries = []
        for _ in range(20):
            first.is_next = True
            tries.append(connection.get("/orders").tries)
        return tries

    with ThreadPoolExecutor(THREADS) as pool:
        assert list(pool.map(go, range(THREADS))) == [[2] * 20] * THREADS
    assert len(aws.asked) == 21


# How long a session lasts; in how many of its last seconds one thread renews it, and in how many all wait.
WINDOWS = [
    (43_200, 900, 300),
    (7_200, 900, 300),
    (3_601, 900, 300),
    (3_600, 900, 300),
    (3_599, 899.75, 299.917),
    (1_800, 450, 150),
    (901, 225.25, 75.083),
    (900, 225, 75),
    (60, 15, 5),
    (12, 3, 1),
    (2, 0.5, 0.167),
]
EDGE = 0.002


@pytest.mark.parametrize(("lifetime", "advisory", "mandatory"), WINDOWS)
def test_windows(lifetime: float, advisory: float, mandatory: float) -> None:
    """Before the first window nobody asks; in it one asks, and who does not is not held up; in the second all wait."""
    watch = Watch()
    aws = Aws(watch, lifetime)
    caller = assume(aws)
    gate = aws.on_ask = Gate()
    watch.forward(lifetime - advisory - EDGE)
    assert aws.find(caller.credentials()).number == 1
    assert len(aws.asked) == 1
    with ThreadPoolExecutor(2) as pool:
        watch.forward(2 * EDGE)
        renewing = pool.submit(caller.credentials)
        gate.wait_for_entry()
        assert aws.find(caller.credentials()).number == 1
        watch.time = START + timedelta(seconds=lifetime - mandatory - EDGE)
        assert aws.find(caller.credentials()).number == 1
        watch.forward(2 * EDGE)
        watch.forget()
        waiting = pool.submit(caller.credentials)
        watch.wait_for(1)
        gate.open()
        assert [aws.find(each.result(PATIENCE)).number for each in (renewing, waiting)] == [2, 2]
    assert len(aws.asked) == 2
    assert caller.seconds_left == lifetime


def test_nobody_waits_while_the_old_last() -> None:
    """While one request waits for a slow STS, seven others are signed by the old credentials, and answered."""
    aws = Aws(Watch())
    connection = connect(aws)
    gate = aws.on_ask = Gate()
    aws.clock.forward(2_701)
    with ThreadPoolExecutor(THREADS) as pool:
        first = pool.submit(connection.get, "/orders")
        gate.wait_for_entry()
        rest = [pool.submit(connection.get, "/orders") for _ in range(THREADS - 1)]
        assert [each.result(PATIENCE).tries for each in rest] == [1] * 7
        assert not first.done()
        gate.open()
        assert first.result(PATIENCE).tries == 1
    assert [session.number for session in aws.used] == [1] * 7 + [2]
    assert len(aws.asked) == 2


@pytest.mark.parametrize(("before", "during"), [(3_301, 0), (2_701, 599), (2_701, 899), (2_701, 4_000), (3_600, 0)])
def test_all_wait_for_one_call(before: float, during: float) -> None:
    """In the last minutes of a session, or when they come while STS is slow, or its end: all wait for the one call."""
    watch = Watch()
    aws = Aws(watch)
    connection = connect(aws)
    gate = aws.on_ask = Gate()
    watch.forward(before)
    watch.forget()
    with ThreadPoolExecutor(THREADS) as pool:
        got = [pool.submit(connection.get, "/orders")]
        gate.wait_for_entry()
        watch.forward(during)
        got += [pool.submit(connection.get, "/orders") for _ in range(THREADS - 1)]
        watch.wait_for(THREADS)
        gate.open()
        assert [each.result(PATIENCE).tries for each in got] == [1] * THREADS
    assert {session.number for session in aws.used} == {2}
    assert len(aws.asked) == 2


# Seconds that are left when a renewal fails, and seconds until the next.
PAUSES = [(899, 60), (600, 60), (599, 59.9), (500, 50), (300, 30), (100, 10), (10, 1), (1, 0.1)]


@pytest.mark.parametrize(("left", "pause"), PAUSES)
def test_a_failed_renewal_while_the_old_last(left: float, pause: float) -> None:
    """The old go on, the connection says why, and STS is asked again after a pause and no sooner: one thread each."""
    aws = Aws(Watch())
    connection = connect(aws)
    aws.clock.forward(3_600 - left)
    aws.error[None] = UNREACHABLE
    assert [isinstance(got, Response) for got in run_together(lambda: connection.get("/orders"))] == [True] * THREADS
    trouble = connection.trouble
    assert trouble is not None
    assert "STS cannot be reached" in str(trouble)
    assert trouble.__traceback__ is None
    assert connection.seconds_left == left
    assert len(aws.asked) == 2
    aws.clock.forward(pause - EDGE)
    run_together(lambda: connection.get("/orders"))
    assert len(aws.asked) == 2
    aws.clock.forward(2 * EDGE)
    run_together(lambda: connection.get("/orders"))
    assert len(aws.asked) == 3
    assert {session.number for session in aws.used} == {1}
    aws.error.clear()
    aws.clock.forward(pause)
    connection.get("/orders")
    assert connection.trouble is None
    assert (aws.used[-1].number, len(aws.asked)) == (2, 4)


def test_a_slow_failure_while_all_wait() -> None:
    """In the last minutes eight threads wait for one call; when it fails they go on with what still lasts."""
    watch = Watch()
    aws = Aws(watch)
    connection = connect(aws)
    gate = aws.on_ask = Gate()
    aws.error[None] = UNREACHABLE
    watch.forward(3_500)
    watch.forget()
    with ThreadPoolExecutor(THREADS) as pool:
        got = [pool.submit(connection.get, "/orders") for _ in range(THREADS)]
        watch.wait_for(THREADS)
        gate.open()
        assert [each.result(PATIENCE).tries for each in got] == [1] * THREADS
    assert {session.number for session in aws.used} == {1}
    assert len(aws.asked) == 2


def fail_slowly(aws: Aws, watch: Watch, call: Callable[[], object], *, before: float, during: float) -> list[Exception]:
    """Call from eight threads; STS fails only when all are there, and some time has passed.

    Returns:
        What each of them got.
    """
    gate = aws.on_ask = Gate()
    watch.forward(before)
    watch.forget()
    with ThreadPoolExecutor(THREADS) as pool:
        got = [pool.submit(call)]
        gate.wait_for_entry()
        watch.forward(during)
        got += [pool.submit(call) for _ in range(THREADS - 1)]
        watch.wait_for(THREADS)
        gate.open()
        errors = [each.exception(PATIENCE) for each in got]
    aws.on_ask = lambda _: None
    return [error for error in errors if isinstance(error, Exception)]


@pytest.mark.parametrize(("before", "during"), [(3_600, 0), (9_000, 60), (2_701, 900), (3_599, 1)])
@pytest.mark.parametrize(("error", "words"), [(UNREACHABLE, "cannot be reached"), (NO_MORE, "does not let reader be")])
def test_a_slow_failure_at_the_end(before: float, during: float, error: Exception, words: str) -> None:
    """At the end of a session eight threads cost one call, not eight; each has the reason, and goes on later."""
    watch = Watch()
    aws = Aws(watch)
    connection = connect(aws)
    aws.error[None] = error
    errors = fail_slowly(aws, watch, lambda: connection.get("/orders"), before=before, during=during)
    assert len(aws.asked) == 2
    assert len({id(each) for each in errors}) == THREADS
    for each in errors:
        assert isinstance(each, CredentialsError)
        assert words in str(each)
        assert (each.refusal is None) == (error is UNREACHABLE) == (each.explanation is None) == each.is_unreachable
    with pytest.raises(CredentialsError, match=words):
        connection.get("/orders")
    assert len(aws.asked) == 3
    aws.error.clear()
    assert [isinstance(got, Response) for got in run_together(lambda: connection.get("/orders"))] == [True] * THREADS
    assert len(aws.asked) == 4


@pytest.mark.parametrize("broken", ["first", "second", "reader"])
def test_a_slow_failure_on_the_way(broken: str) -> None:
    """Wherever a chain of roles breaks, what was waited for is asked once."""
    watch = Watch()
    aws = Aws(watch)
    connection = connect(aws, "first", "second")
    aws.error[broken] = UNREACHABLE
    assert len(fail_slowly(aws, watch, lambda: connection.get("/orders"), before=4_000, during=0)) == THREADS
    assert aws.tally[broken] == 2
    aws.error.clear()
    connection.get("/orders")
    assert aws.tally[broken] == 3
    assert {aws.tally[role] for role in ("first", "second", "reader")} <= {2, 3}


def test_the_first_credentials_are_waited_for_once() -> None:
    """Eight threads that have no credentials yet share the failure of the one that asks, too."""
    watch = Watch()
    aws = Aws(watch)
    gate = Gate()

    def obtain(_: Ask) -> Grant:
        aws.asked.append("base")
        gate("base")
        msg = "There is nothing."
        raise CredentialsError(msg)

    caller = Caller(obtain, never_identify, clock=watch)
    with ThreadPoolExecutor(THREADS) as pool:
        got = [pool.submit(caller.credentials) for _ in range(THREADS)]
        watch.wait_for(THREADS)
        gate.open()
        assert [str(each.exception(PATIENCE)) for each in got] == ["There is nothing."] * THREADS
    assert aws.asked == ["base"]


def test_only_one_renews_what_was_refused() -> None:
    """Eight threads whose credentials AWS refuses, though they should last, cost one call; each then has the same."""
    aws = Aws(Watch())
    caller = assume(aws)
    refused = caller.credentials()
    assert run_together(lambda: caller.renew(refused)) == [True] * THREADS
    assert aws.asked == ["reader", "reader"]
    assert aws.find(caller.credentials()).number == 2
    assert caller.renew(refused)
    assert len(aws.asked) == 2


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals between threads")
def test_an_interrupt_while_waiting() -> None:
    """Who waits for another's call can be interrupted; the call goes on, and nobody is locked out."""
    watch = Watch()
    aws = Aws(watch)
    caller = assume(aws)
    gate = aws.on_ask = Gate()
    watch.forward(3_400)

    def interrupt() -> None:
        wait_at_lock(Caller.credentials, 1)
        time.sleep(0.01)  # from the line to the lock
        signal.pthread_kill(main_thread().ident or 0, signal.SIGINT)

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(caller.credentials)
        gate.wait_for_entry()
        pool.submit(interrupt)
        with pytest.raises(KeyboardInterrupt):
            caller.credentials()
        gate.open()
        assert aws.find(first.result(PATIENCE)).number == 2
    assert aws.find(caller.credentials()).number == 2
    assert len(aws.asked) == 2


@pytest.mark.parametrize("forward", [2_701, 3_400, 3_600])
def test_an_interrupt_right_after_the_lock_was_taken(forward: float) -> None:
    """Even then the lock is given back: else all who need it would wait for ever."""
    aws = Aws(Watch())
    caller = assume(aws)
    aws.clock.forward(forward)
    lock = caller._lock

    class Interrupted:
        """A lock that is taken, and then the interrupt comes."""

        release = staticmethod(lock.release)

        def acquire(self, *, blocking: bool) -> bool:
            lock.acquire(blocking=blocking)
            raise KeyboardInterrupt

    caller._lock = Interrupted()  # type: ignore[assignment] # no signal comes as precisely
    with pytest.raises(KeyboardInterrupt):
        caller.credentials()
    caller._lock = lock
    run_together(caller.credentials)
    assert aws.find(caller.credentials()).number == 2
    assert len(aws.asked) == 2


@pytest.mark.parametrize("forward", [2_701, 3_400, 3_600])
def test_an_interrupt_while_asking(forward: float) -> None:
    """Who asks STS can be interrupted, whatever the time is; the next one asks again."""
    aws = Aws(Watch())
    caller = assume(aws)
    aws.clock.forward(forward)
    aws.error[None] = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        caller.credentials()
    aws.error.clear()
    assert {aws.find(got).number for got in run_together(caller.credentials) if isinstance(got, Credentials)} <= {1, 2}
    assert aws.find(caller.credentials()).number == 2
    assert len(aws.asked) == 3


@pytest.mark.parametrize("later", [KEYS, CredentialsError("There is nothing.")])
def test_what_is_refused_may_have_nothing_behind_it(later: Credentials | CredentialsError) -> None:
    """Where the same keys are read again, or none, that is done once for all eight threads that AWS refused."""
    gate = Gate()
    answers: list[Credentials | CredentialsError] = [KEYS]

    def obtain(_: Ask) -> Grant:
        if len(answers) > 1:
            gate("")
        answer = answers[-1]
        answers.append(later)
        if isinstance(answer, CredentialsError):
            raise answer
        return Grant(answer)

    caller = Caller(obtain, never_identify)
    caller.credentials()
    with ThreadPoolExecutor(THREADS) as pool:
        got = [pool.submit(caller.renew, KEYS) for _ in range(THREADS)]
        gate.wait_for_entry()
        wait_at_lock(Caller.renew, THREADS - 1)
        gate.open()
        for each in got:
            if later is KEYS:
                assert not each.result(PATIENCE)
            else:
                assert str(each.exception(PATIENCE)) == "There is nothing."
    assert len(answers) == 3
    assert caller.credentials() == KEYS


FAULTS: list[Exception | None] = [None, None, UNREACHABLE, NO_MORE]
MOVES = st.lists(
    st.tuples(
        st.floats(-600, 5_000) | st.floats(-1, 120),
        st.sampled_from(FAULTS),
        st.just(0.0) | st.floats(0, 400),
        st.sampled_from([-1.0, 0.0, 0.001, 2.0, 60.0, 900.0, 3_600.0]),
    ),
    max_size=25,
)


@settings(max_examples=60, deadline=None)
@given(MOVES, st.lists(st.sampled_from(["first", "second"]), unique=True))
def test_what_is_handed_out_lasts(
    moves: Iterable[tuple[float, Exception | None, float, float]], via: list[str]
) -> None:
    """However the clock goes and STS answers: what is handed out is one set that lasts, or what was had has ended."""
    aws = Aws(Clock())
    caller = assume(aws, *via)
    for step, fault, slow, lifetime in moves:
        aws.clock.forward(step)
        aws.error = {} if fault is None else {None: fault}
        aws.on_ask = lambda _, slow=slow: aws.clock.forward(slow)  # type: ignore[misc] # bound now
        aws.lifetime = lifetime
        ends = caller.expires
        assert ends is not None
        try:
            session = aws.find(caller.credentials())
        except CredentialsError:
            assert aws.clock.time >= ends
        else:
            assert aws.clock.time < session.ends
            assert session.role == "reader"
            assert caller.expires == session.ends


class RealClock(Clock):
    """The machine's own time."""

    def __call__(self) -> datetime:
        """Return the time."""
        self.time = now()
        return self.time


@pytest.mark.parametrize("clock", [Clock, RealClock])
def test_a_thousand_requests_on_the_shortest_session(clock: type[Clock]) -> None:
    """A session of 900 s, which the SDK would renew at every use, is asked for once."""
    aws = Aws(clock(), 900)
    aws.clock()
    connection = open_over(
        aws, assume_role(make_base(aws), RoleOptions(READER, duration=900, session_name="ana"), clock=aws.clock)
    )
    for target in islice(cycle(["/orders", "/customers"]), 1_000):
        connection.get(target)
    assert len(aws.used) == 1_000
    assert aws.requests == [{"RoleArn": READER, "RoleSessionName": "ana", "DurationSeconds": 900}]


def test_a_clock_that_is_hours_ahead() -> None:
    """New credentials that have ended already are our error, not the SDK's RuntimeError."""
    aws = Aws(Clock())
    ahead = Clock()
    ahead.forward(86_400)
    with pytest.raises(CredentialsError, match="ended already") as caught:
        assume_role(make_base(aws), RoleOptions(READER), clock=ahead)
    assert "clock" in caught.value.fix
    assert caught.value.__context__ is None


@pytest.mark.parametrize("hours", [1, 24])
def test_a_clock_that_is_hours_behind(hours: int) -> None:
    """Credentials that end before we think so are renewed at the API's word, once per end."""
    aws = Aws(Clock())
    behind = Clock()
    behind.forward(-3_600 * hours)
    caller = assume_role(make_base(aws, behind), RoleOptions(READER), clock=behind)
    connection = open_over(aws, caller)
    for tries in (1, 2, 2, 2):
        assert connection.get("/orders").tries == tries
        assert connection.get("/orders").tries == 1
        for each in (aws.clock, behind):
            each.forward(3_600)
    assert len(aws.asked) == 4


def test_a_caller_that_nobody_knows() -> None:
    """Without an identity and an end the caller still signs."""
    caller = make_caller(KEYS)
    assert repr(caller) == "Caller(unknown)"
    assert caller.seconds_left is None
    assert caller.credentials().session_token is None


def test_time_left_is_real_time() -> None:
    """Without a clock of the test's own, what is left is counted in UTC from now."""
    caller = make_caller(KEYS, expires=datetime.now(UTC) + timedelta(hours=1))
    assert caller.seconds_left == pytest.approx(3600, abs=5)


def list_secrets() -> list[Caller | Grant | Held | Base | Sts]:
    """Return one of each that holds credentials."""
    aws = Aws(Clock())
    caller = assume(aws, "first")
    aws.error[None] = UNREACHABLE
    aws.clock.forward(2_800)
    session = aws.find(caller.credentials())
    assert caller.trouble is not None
    base = make_base(aws)
    base.identity()
    grant = Grant(session.credentials, session.ends, Identity(ACCOUNT, "arn:x"), ("role reader",))
    return [caller, base, base.caller, base.sts, grant, hold(grant, START)]


@pytest.mark.parametrize("holder", list_secrets(), ids=lambda holder: type(holder).__name__)
def test_credentials_stay_in_the_process(holder: object) -> None:
    """What holds credentials is neither pickled nor copied, and shows none, inside out."""
    for make in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="not pickled"):
            make(holder)
    names = vars(holder) if hasattr(holder, "__dict__") else getattr(type(holder), "__slots__", ())
    shown = f"{holder} {holder!r} {[getattr(holder, name) for name in names]} {getattr(holder, '__dict__', '')}"
    assert "invented" not in shown
    assert "secret" not in shown


def test_a_caller_is_shown_as_who_it_is() -> None:
    """The repr of a caller is its ARN."""
    assert repr(assume(Aws(Clock()))) == f"Caller(arn:aws:sts::{ACCOUNT}:assumed-role/reader/ana)"
