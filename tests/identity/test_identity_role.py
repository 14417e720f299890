"""Role sessions: what is asked of STS, and how they renew themselves."""

from __future__ import annotations

import pickle
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from botocore.exceptions import EndpointConnectionError, UnauthorizedSSOTokenError

from apigw_magic.errors import CommandError, CredentialsError
from apigw_magic.identity import RoleOptions, assume_role
from apigw_magic.identity.options import default_session_name
from apigw_magic.models import Credentials
from tests.identity.fakes import ACCOUNT, Clock, FakeSts, make_base, make_caller, refusal

READER = f"arn:aws:iam::{ACCOUNT}:role/reader"

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

NO_ROLES = [
    "",
    "/reader",
    "reader/",
    "team//reader",
    "two words",
    "reader\n",
    "x" * 65,
    "rôle",
    "arn:aws:sts::123456789012:assumed-role/reader/ana",
    "arn:aws:iam::123456789012:user/ana",
    "arn:aws:iam::12345:role/reader",
    "arn:aws:iam::123456789012:role/",
    "arn:aws:iam::123456789012:role/team/",
    "arn:aws:iam::\u0661\u0662\u0663456789012:role/reader",
]


@pytest.mark.parametrize(("role", "base_arn", "asked"), ROLES)
def test_the_role_that_is_asked_for(role: str, base_arn: str, asked: str) -> None:
    """A name is a role of the base identity's account and partition; an ARN is taken as it is."""
    sts = FakeSts(base_arn)
    caller = assume_role(make_base(sts), RoleOptions(role, session_name="ana"))
    assert sts.asked == [{"RoleArn": asked, "RoleSessionName": "ana"}]
    assert sts.identity_asked == (0 if role.startswith("arn:") else 1)
    assert caller.identity is not None
    assert caller.identity.account == asked.split(":")[4]
    assert caller.identity.arn.split(":")[1] == asked.split(":")[1]
    assert caller.identity.arn.endswith("/ana")


def test_the_credentials_are_those_of_the_session() -> None:
    """What is handed out is one set, the role session's own."""
    caller = assume_role(make_base(FakeSts(clock=Clock())), RoleOptions(READER), clock=Clock())
    assert caller.credentials() == Credentials("ASIAEXAMPLE1", "invented secret 1", "invented token 1")
    assert caller.seconds_left == 3600


@pytest.mark.parametrize("role", NO_ROLES)
def test_what_is_no_role_is_not_asked_for(role: str) -> None:
    """What STS would refuse is refused here, before it is asked anything."""
    sts = FakeSts()
    with pytest.raises(CommandError, match="is not a role"):
        assume_role(make_base(sts), RoleOptions(role))
    assert sts.asked == []
    assert sts.identity_asked == 0


@pytest.mark.parametrize("name", ["a", "x" * 65, "two words", "a:b", "a/b", "anä", "ana\n", "a;b"])
def test_bad_session_names_are_not_sent(name: str) -> None:
    """A session name is 2 to 64 of a few characters."""
    sts = FakeSts()
    with pytest.raises(CommandError, match="is not a session name"):
        assume_role(make_base(sts), RoleOptions(READER, session_name=name))
    assert sts.asked == []


@pytest.mark.parametrize("external_id", ["", "x", "x" * 1225, "two words", "ä" * 9, "a;b"])
def test_bad_external_ids_are_not_sent(external_id: str) -> None:
    """An external ID is 2 to 1,224 of a few characters; the message does not repeat it."""
    sts = FakeSts()
    with pytest.raises(CommandError, match="not an external ID") as caught:
        assume_role(make_base(sts), RoleOptions(READER, external_id=external_id))
    assert not external_id or f"'{external_id}'" not in str(caught.value)
    assert sts.asked == []


@pytest.mark.parametrize("external_id", ["xy", "x" * 1224, "a=b,c.d@e:f/g-h_i+j"])
def test_an_external_id_is_passed_on(external_id: str) -> None:
    """The longest and oddest external ID reaches STS as it is."""
    sts = FakeSts()
    assume_role(make_base(sts), RoleOptions(READER, external_id=external_id))
    assert sts.asked[0]["ExternalId"] == external_id


def test_the_default_session_name_can_be_read_by_an_auditor() -> None:
    """It is user@host, of the characters that STS takes, and is used where none is given."""
    name = default_session_name()
    assert "@" in name
    assert 2 <= len(name) <= 64
    sts = FakeSts()
    assume_role(make_base(sts), RoleOptions(READER))
    assert sts.asked[0]["RoleSessionName"] == name


@pytest.mark.parametrize(
    ("lifetime", "quiet", "due"),
    [(43200, 43200 - 901, 43200 - 899), (3600, 2699, 2701), (900, 674, 676), (60, 44, 46), (2, 1.4, 1.6)],
)
def test_a_session_is_renewed_once_and_not_too_early(lifetime: float, quiet: float, due: float) -> None:
    """A session is renewed in its last quarter, at most 15 minutes before its end, and is then new for as long."""
    clock = Clock()
    sts = FakeSts(lifetime=lifetime, clock=clock)
    caller = assume_role(make_base(sts), RoleOptions(READER), clock=clock)
    clock.forward(quiet)
    assert [caller.credentials().access_key_id for _ in range(3)] == ["ASIAEXAMPLE1"] * 3
    clock.forward(due - quiet)
    assert [caller.credentials().access_key_id for _ in range(3)] == ["ASIAEXAMPLE2"] * 3
    assert caller.seconds_left == lifetime
    assert sts.asked[0] == sts.asked[1]


@pytest.mark.parametrize("forward", [3000, 3400, 3700])
def test_threads_renew_once(forward: float) -> None:
    """Eight cells at a time ask STS once, whether the session is about to end or has ended; no set is mixed."""
    clock = Clock()
    sts = FakeSts(clock=clock)
    caller = assume_role(make_base(sts), RoleOptions(READER), clock=clock)
    clock.forward(forward)
    barrier = Barrier(8)

    def ask(_: int) -> Credentials:
        barrier.wait(5)
        return caller.credentials()

    with ThreadPoolExecutor(8) as threads:
        got = list(threads.map(ask, range(8)))
    assert len(sts.asked) == 2
    assert {each.access_key_id[-1] + each.secret_access_key[-1] + str(each.session_token)[-1] for each in got} <= {
        "111",
        "222",
    }
    assert caller.credentials().access_key_id == "ASIAEXAMPLE2"


def test_while_a_session_lasts_a_failed_renewal_is_no_failure() -> None:
    """While the old credentials last they go on, and STS is asked again after a pause, not at each request."""
    clock = Clock()
    sts = FakeSts(clock=clock)
    caller = assume_role(make_base(sts), RoleOptions(READER), clock=clock)
    clock.forward(3000)
    sts.error = EndpointConnectionError(endpoint_url="https://sts.example")
    assert caller.credentials().access_key_id == "ASIAEXAMPLE1"
    assert caller.seconds_left == 600
    assert caller.trouble is not None
    assert len(sts.asked) == 2
    sts.error = None
    assert caller.credentials().access_key_id == "ASIAEXAMPLE1"  # not asked again at once
    clock.forward(61)
    assert caller.credentials().access_key_id == "ASIAEXAMPLE3"
    assert caller.trouble is None


@pytest.mark.parametrize("forward", [3600, 3601, 90000])
def test_a_session_that_ends_and_cannot_be_renewed(forward: float) -> None:
    """At the end it is our error with STS's refusal, not the SDK's; a later renewal mends it."""
    clock = Clock()
    sts = FakeSts(clock=clock)
    caller = assume_role(make_base(sts), RoleOptions(READER), clock=clock)
    clock.forward(forward)
    sts.error = refusal("AccessDenied", "no more")
    with pytest.raises(CredentialsError) as caught:
        caller.credentials()
    assert caught.value.refusal is not None
    assert caught.value.refusal.error_type == "AccessDenied"
    assert caught.value.__cause__ is caught.value.__context__ is None
    sts.error = None
    assert caller.credentials().access_key_id == "ASIAEXAMPLE3"


def test_a_base_whose_login_ended_says_what_to_run() -> None:
    """When the base identity's SSO session ends under a role session, the command has the profile in it."""
    clock = Clock()
    sts = FakeSts(clock=clock)
    caller = assume_role(make_base(sts, profile="dev"), RoleOptions(READER), clock=clock)
    clock.forward(3600)
    sts.error = UnauthorizedSSOTokenError()
    with pytest.raises(CredentialsError, match="aws sso login --profile dev"):
        caller.credentials()


def test_a_clock_that_is_hours_ahead() -> None:
    """New credentials that have ended already are our error, not the SDK's RuntimeError."""
    clock = Clock()
    sts = FakeSts(clock=clock)
    ahead = Clock()
    ahead.forward(86400)
    with pytest.raises(CredentialsError, match="ended already") as caught:
        assume_role(make_base(sts), RoleOptions(READER), clock=ahead)
    assert "clock" in caught.value.fix
    assert caught.value.__context__ is None


def test_a_caller_shows_nothing_secret() -> None:
    """The repr of a caller is its ARN; it is not pickled."""
    caller = assume_role(make_base(FakeSts()), RoleOptions(READER, session_name="ana"))
    assert repr(caller) == f"Caller(arn:aws:sts::{ACCOUNT}:assumed-role/reader/ana)"
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(caller)


def test_a_caller_that_nobody_knows() -> None:
    """Without an identity and an end the caller still signs."""
    caller = make_caller(Credentials("AKIDEXAMPLE", "invented"))
    assert repr(caller) == "Caller(unknown)"
    assert caller.seconds_left is None
    assert caller.credentials().session_token is None


def test_time_left_is_real_time() -> None:
    """Without a clock of the test's own, what is left is counted in UTC from now."""
    caller = make_caller(Credentials("AKIDEXAMPLE", "invented"), expires=datetime.now(UTC) + timedelta(hours=1))
    assert caller.seconds_left == pytest.approx(3600, abs=5)
