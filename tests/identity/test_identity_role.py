"""Role sessions: whose role is asked for, by whom, how a chain is logged in again, and what is shared of it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import count
from threading import Event
from typing import TYPE_CHECKING, Any

import pytest
from botocore.credentials import Credentials as BotoCredentials  # noqa: TID251 - what a boto3 session gives
from botocore.exceptions import NoCredentialsError, UnauthorizedSSOTokenError

from apigw_magic.errors import CommandError, CredentialsError
from apigw_magic.identity import RoleOptions, assume_role
from apigw_magic.models import Credentials, Identity
from tests.identity.expiring import (
    EXPIRED,
    THREADS,
    UNREACHABLE,
    Aws,
    arn_of,
    keys_of,
    make_base,
    open_over,
    run_together,
)
from tests.identity.fakes import ACCOUNT, Clock, FakeSts, refusal
from tests.identity.fakes import make_base as make_plain_base

if TYPE_CHECKING:
    from collections.abc import Callable

    from apigw_magic.connection import Connection
    from apigw_magic.identity import Base, Caller

READER = arn_of("reader")
NO_MORE = refusal("AccessDenied", "User: x is not authorized to perform: sts:AssumeRole on resource: y")

ROLES = [
    ("reader", "arn:aws:iam::123456789012:user/ana", READER),
    ("team/data/reader", "arn:aws:iam::123456789012:user/ana", f"arn:aws:iam::{ACCOUNT}:role/team/data/reader"),
    ("reader", "arn:aws-cn:sts::123456789012:assumed-role/x/y", f"arn:aws-cn:iam::{ACCOUNT}:role/reader"),
    ("reader", "arn:aws-us-gov:iam::999999999999:root", "arn:aws-us-gov:iam::999999999999:role/reader"),
    ("arn:aws:iam::999999999999:role/a/b", "arn:aws:iam::123456789012:user/ana", "arn:aws:iam::999999999999:role/a/b"),
    (
        "arn:aws-cn:iam::999999999999:role/x",
        "arn:aws:iam::123456789012:user/ana",
        "arn:aws-cn:iam::999999999999:role/x",
    ),
]


@pytest.mark.parametrize(("role", "base_arn", "asked"), ROLES)
def test_the_role_that_is_asked_for(role: str, base_arn: str, asked: str) -> None:
    """A name is a role of the base identity's account and partition; an ARN is taken as it is."""
    sts = FakeSts(base_arn)
    caller = assume_role(make_plain_base(sts), RoleOptions(role, session_name="ana"))
    assert sts.asked == [{"RoleArn": asked, "RoleSessionName": "ana"}]
    assert sts.identity_asked == (0 if role.startswith("arn:") else 1)
    assert caller.identity is not None
    assert caller.identity.account == asked.split(":")[4]
    assert caller.identity.arn.split(":")[1] == asked.split(":")[1]
    assert caller.identity.arn.endswith("/ana")


def test_the_credentials_are_those_of_the_session() -> None:
    """What is handed out is one set, the role session's own."""
    caller = assume_role(make_plain_base(FakeSts(clock=Clock())), RoleOptions(READER), clock=Clock())
    assert caller.credentials() == Credentials("ASIAEXAMPLE1", "invented secret 1", "invented token 1")
    assert caller.seconds_left == 3600


def test_a_base_whose_login_ended_says_what_to_run() -> None:
    """When the base identity's SSO session ends under a role session, the command has the profile in it."""
    clock = Clock()
    sts = FakeSts(clock=clock)
    caller = assume_role(make_plain_base(sts, profile="dev"), RoleOptions(READER), clock=clock)
    clock.forward(3600)
    sts.error = UnauthorizedSSOTokenError()
    with pytest.raises(CredentialsError, match="aws sso login --profile dev"):
        caller.credentials()


@pytest.mark.parametrize("answer", [{}, {"Credentials": {}}, {"Credentials": {"AccessKeyId": "x"}}])
def test_an_answer_that_lacks_something(answer: dict[str, object]) -> None:
    """What answers in STS's place, and is none, is an error in our words, with the role's name."""

    class Portal(FakeSts):
        def assume_role(self, **request: object) -> dict[str, object]:
            self.asked.append(request)
            return answer

    with pytest.raises(CredentialsError, match="no credentials") as caught:
        assume_role(make_plain_base(Portal()), RoleOptions(READER))
    assert caught.value.subject == "reader"
    assert caught.value.__context__ is None


def assume(base: Base, clock: Clock, *via: str, **options: Any) -> Caller:
    """Assume `reader`, by roles on the way, as ana."""
    wanted = {"role": READER, "session_name": "ana", **options}
    ask: Callable[[str], str] = lambda _: "123456"  # noqa: E731 - as short as that
    return assume_role(base, RoleOptions(via=tuple(map(arn_of, via)), **wanted), clock=clock, ask=ask)


def test_a_chain_is_asked_for_in_order() -> None:
    """Each role is asked for with the credentials of the one before; how it came about can be read."""
    aws = Aws(Clock())
    caller = assume(make_base(aws), aws.clock, "first", "second")
    assert aws.asked == ["first", "second", "reader"]
    assert caller.source[-3:] == ("role first", "role second", "role reader")
    assert len(caller.source) == 4
    assert caller.identity == Identity(ACCOUNT, f"arn:aws:sts::{ACCOUNT}:assumed-role/reader/ana")


def test_logging_in_again() -> None:
    """The base is read anew, and each role asked for once, in order, though all still last."""
    aws = Aws(Clock())
    base = make_base(aws)
    connection = open_over(aws, assume(base, aws.clock, "first", "second"))
    connection.renew()
    assert aws.asked == ["first", "second", "reader"] * 2
    assert aws.read == 2
    connection.get("/orders")
    assert [(session.role, session.number) for session in aws.used] == [("reader", 6)]


def stop(_serial: str) -> str:
    """Be interrupted at the prompt."""
    raise KeyboardInterrupt


def give_nothing(_serial: str) -> str:
    """Type nothing at the prompt."""
    msg = "No MFA code was given; nothing was sent."
    raise CommandError(msg)


def fail_at(aws: Aws, step: str) -> None:
    """Let one step of logging in fail."""
    if step == "base":
        aws.found = NoCredentialsError()
    elif step == "another base":
        aws.found = keys_of("eve")
    else:
        aws.error[step] = NO_MORE if step == "second" else UNREACHABLE


@pytest.mark.parametrize("step", ["base", "another base", "first", "second", "reader"])
def test_logging_in_that_fails_on_the_way(step: str) -> None:
    """Whatever step fails: credentials, identity and end are as before, and still sign; later it works."""
    aws = Aws(Clock())
    base = make_base(aws)
    who = base.identity()
    caller = assume(base, aws.clock, "first", "second")
    connection = open_over(aws, caller)
    before = (caller.credentials(), caller.identity, caller.expires, caller.source, caller.asks, caller.trouble)
    fail_at(aws, step)
    with pytest.raises(CredentialsError) as caught:
        connection.renew()
    assert (caught.value.explanation is None) == (step not in {"another base", "second"})
    assert (caller.credentials(), caller.identity, caller.expires, caller.source, caller.asks, caller.trouble) == before
    assert base.identity() == who
    assert run_together(lambda: connection.get("/orders").tries) == [1] * THREADS
    assert {session.number for session in aws.used} == {3}
    aws.error.clear()
    aws.found = aws.keys
    connection.renew()
    connection.get("/orders")
    assert aws.used[-1].number == 3 + {"second": 4, "reader": 5}.get(step, 3)


@pytest.mark.parametrize(("ask", "error"), [(give_nothing, CommandError), (stop, KeyboardInterrupt)])
def test_logging_in_that_is_given_up(ask: Callable[[str], str], error: type[BaseException]) -> None:
    """Where no code is typed, or the prompt is interrupted, all is as before, and nobody is locked out."""
    aws = Aws(Clock())
    answers = iter([lambda _: "123456", ask, lambda _: "654321"])
    options = RoleOptions(READER, mfa_serial="GAHT12345678", session_name="ana")
    caller = assume_role(
        make_base(aws),
        options,
        clock=aws.clock,
        ask=lambda serial: next(answers)(serial),  # noqa: PLW0108 - each time the next
    )
    connection = open_over(aws, caller)
    with pytest.raises(error):
        connection.renew()
    assert run_together(lambda: connection.get("/orders").tries) == [1] * THREADS
    assert {session.number for session in aws.used} == {1}
    assert caller.asks
    connection.renew()
    assert [request["TokenCode"] for request in aws.requests] == ["123456", "654321"]


def test_logging_in_under_load() -> None:
    """Logging in thirty times while seven threads send costs none of them a request."""
    aws = Aws(Clock())
    connection = open_over(aws, assume(make_base(aws), aws.clock, "first"))
    done = Event()

    def send(_: int) -> int:
        sent = 0
        while not done.is_set():
            assert connection.get("/orders").tries == 1
            sent += 1
        return sent

    with ThreadPoolExecutor(THREADS - 1) as pool:
        sending = pool.map(send, range(THREADS - 1))
        for _ in range(30):
            connection.renew()
        done.set()
        assert sum(sending) == len(aws.used)
    assert aws.tally == {"first": 31, "reader": 31}


def test_logging_in_as_somebody_else() -> None:
    """Keys that were replaced by another user's are told as theirs, and a bare name is a role of their account."""
    aws = Aws(Clock())
    base = make_base(aws)
    connection = open_over(aws, base.present())
    role = open_over(aws, assume(base, aws.clock, role="reader"))
    assert connection.identity == Identity(ACCOUNT, f"arn:aws:iam::{ACCOUNT}:user/ana")
    connection.renew()
    assert aws.asked_who == 1
    aws.keys = aws.found = keys_of("ben")
    role.renew()
    assert connection.identity == Identity(ACCOUNT, f"arn:aws:iam::{ACCOUNT}:user/ben")
    assert aws.asked_who == 2
    aws.keys = aws.found = keys_of("eve")
    aws.error["who"] = UNREACHABLE
    connection.renew()
    assert base.caller.credentials().access_key_id == "AKIDeve"
    assert connection.identity is None


def test_keys_that_were_replaced_are_read_again() -> None:
    """Where STS no longer takes the base identity's keys they are read again, once, and the new ones work."""
    aws = Aws(Clock())
    connection = open_over(aws, assume(make_base(aws), aws.clock, "first"))
    aws.clock.forward(3_600)
    aws.keys = aws.found = keys_of("ben")
    assert run_together(lambda: connection.get("/orders").tries) == [1] * THREADS
    assert aws.asked == ["first", "reader", "first", "first", "reader"]
    assert aws.read == 2


def test_keys_that_were_not_replaced() -> None:
    """Where the same keys are found again, STS's refusal is told, explained, and all is asked once."""
    aws = Aws(Clock())
    connection = open_over(aws, assume(make_base(aws), aws.clock))
    aws.clock.forward(3_600)
    aws.keys = keys_of("ben")
    with pytest.raises(CredentialsError) as caught:
        connection.get("/orders")
    assert caught.value.explanation is not None
    assert caught.value.explanation.kind == "sts_bad_key"
    assert aws.asked == ["reader", "reader"]
    assert aws.read == 2
    aws.found = aws.keys
    assert connection.get("/orders").tries == 1
    assert aws.read == 3


def session_of(aws: Aws, lifetime: float) -> BotoCredentials:
    """Return keys of a session whose end nobody tells, as in an environment."""
    aws.lifetimes["base"] = lifetime
    given = aws.grant("base").credentials
    return BotoCredentials(given.access_key_id, given.secret_access_key, given.session_token)


def test_a_token_of_the_environment_that_ended() -> None:
    """A base identity's session that ends is found out by STS's word, and replaced by what is there then."""
    aws = Aws(Clock())
    aws.found = session_of(aws, 100)
    connection = open_over(aws, assume(make_base(aws), aws.clock))
    aws.clock.forward(3_600)
    with pytest.raises(CredentialsError) as caught:
        connection.get("/orders")
    assert caught.value.refusal is not None
    assert caught.value.refusal.message == EXPIRED
    assert caught.value.explanation is not None
    assert caught.value.explanation.kind == "sts_expired"
    assert len(aws.asked) == 2
    aws.found = session_of(aws, 100)
    assert connection.get("/orders").tries == 1
    assert len(aws.asked) == 4


def test_a_role_on_the_way_that_ended_unseen() -> None:
    """By a clock that is behind, all roles seem to last: each is asked for anew at STS's word, as is the last one."""
    aws, behind = Aws(Clock()), Clock()
    behind.forward(-86_400)
    connection = open_over(aws, assume(make_base(aws, behind), behind, "first", "second"))
    for each in (aws.clock, behind):
        each.forward(3_600)
    assert set(run_together(lambda: connection.get("/orders").tries)) <= {1, 2}
    assert aws.asked == ["first", "second", "reader", "reader", "second", "first", "second", "reader"]


WAYS: list[tuple[dict[str, Any], dict[str, Any], int]] = [
    ({}, {}, 1),
    ({}, {"role": arn_of("writer")}, 1),
    ({}, {"external_id": "xy", "duration": 900, "tags": (("a", "b"),)}, 1),
    ({"mfa_serial": "GAHT12345678"}, {"mfa_serial": "GAHT12345678", "role": arn_of("writer")}, 1),
    ({"source_identity": "ana"}, {"source_identity": "ana"}, 1),
    ({}, {"session_name": "ben"}, 2),
    ({}, {"mfa_serial": "GAHT12345678"}, 2),
    ({"mfa_serial": "GAHT12345678"}, {"mfa_serial": "GAHT12345679"}, 2),
    ({}, {"source_identity": "ana"}, 2),
]


@pytest.mark.parametrize(("one", "other", "sessions"), WAYS, ids=range(len(WAYS)))
def test_what_is_shared_of_a_way(one: dict[str, Any], other: dict[str, Any], sessions: int) -> None:
    """Roles on the way that are asked for alike are the same sessions; those that differ in anything are not."""
    aws = Aws(Clock())
    base = make_base(aws)
    for options in (one, other):
        assume(base, aws.clock, "first", "second", **options)
    assert (aws.tally["first"], aws.tally["second"]) == (sessions, sessions)


def test_a_shorter_way_shares_its_beginning() -> None:
    """What is shared is what is alike from the first role on."""
    aws = Aws(Clock())
    base = make_base(aws)
    for via in (["first", "second"], ["first"], ["first", "third"], ["second", "first"]):
        assume(base, aws.clock, *via)
    assert aws.asked == ["first", "second", "reader", "reader", "third", "reader", "second", "first", "reader"]


@pytest.mark.parametrize(("region", "endpoint"), [("us-east-1", None), ("eu-west-1", "https://sts.example")])
def test_another_sts_is_another_way(region: str, endpoint: str | None) -> None:
    """A token is asked of the Region's own STS, or of the endpoint that is named, and not shared with another's."""
    aws = Aws(Clock())
    base = make_base(aws)
    for each in (base, base.derive("eu-west-1", None), base.derive(region, endpoint)):
        assume(each, aws.clock, "first")
    assert aws.tally["first"] == 2


def test_threads_share_a_way() -> None:
    """Eight threads that connect at once by the same way ask for it once, and renew it once."""
    aws = Aws(Clock())
    base = make_base(aws)
    numbers = count()
    connections: list[Connection] = []

    def connect() -> None:
        role = arn_of(f"role{next(numbers)}")
        connections.append(open_over(aws, assume(base, aws.clock, "first", role=role)))

    run_together(connect)
    assert aws.tally["first"] == 1
    aws.clock.forward(3_600)
    left = iter(connections)
    assert run_together(lambda: next(left).get("/orders").tries) == [1] * THREADS
    assert aws.tally == {"first": 2, **{f"role{number}": 2 for number in range(THREADS)}}
