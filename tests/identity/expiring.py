"""An AWS whose role sessions end, on a clock of the test's own: an STS and an API, for as many threads as one likes."""

from __future__ import annotations

import inspect
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar, cast

from botocore.credentials import Credentials as BotoCredentials  # noqa: TID251 - what a boto3 session gives
from botocore.exceptions import EndpointConnectionError

from apigw_magic.connection import Connection
from apigw_magic.http import Pace, freeze, scope_of
from apigw_magic.identity import Base, Caller
from apigw_magic.identity.chain import freeze_credentials
from apigw_magic.identity.sts import Sts
from apigw_magic.models import Credentials, Headers, Reply
from tests.http.verifier import compute_signature
from tests.identity.fakes import ACCOUNT, Clock, refusal

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from types import FrameType

    import boto3

    from apigw_magic.models import SignedRequest

T = TypeVar("T")

THREADS = 8
PATIENCE = 20.0
"""Seconds after which a thread that should have gone on is taken for stuck."""

EXPIRED = "The security token included in the request is expired"
UNREACHABLE = EndpointConnectionError(endpoint_url="https://sts.eu-west-1.amazonaws.com/")
_REFUSED = Headers({"x-amzn-ErrorType": "ExpiredTokenException", "Content-Type": "application/json"}.items())
_URL = freeze("https://abc.execute-api.eu-west-1.amazonaws.com/prod")


def arn_of(role: str) -> str:
    """Return a role's ARN."""
    return f"arn:aws:iam::{ACCOUNT}:role/{role}"


def keys_of(user: str) -> BotoCredentials:
    """Return the keys of a user."""
    return BotoCredentials(f"AKID{user}", f"invented secret of {user}")


@dataclass(frozen=True)
class Session:
    """A role session that was given out.

    Attributes:
        number: the how many-th it is, from 1 on.
        role: its role's name.
        ends: when it ends.
    """

    number: int
    role: str
    ends: datetime

    @property
    def credentials(self) -> Credentials:
        """Its keys, which are no other session's."""
        return Credentials(f"ASIA{self.number}", f"invented secret {self.number}", f"invented token {self.number}")


class Watch(Clock):
    """A clock that stands until it is set, and knows who looked at it."""

    def __init__(self) -> None:
        super().__init__()
        self._seen: set[int] = set()
        self._looked = threading.Condition()

    def __call__(self) -> datetime:
        """Return the time."""
        with self._looked:
            self._seen.add(threading.get_ident())
            self._looked.notify_all()
        return self.time

    def forget(self) -> None:
        """Count from here on."""
        with self._looked:
            self._seen.clear()

    def wait_for(self, threads: int) -> None:
        """Wait until so many threads have looked at the clock."""
        with self._looked:
            assert self._looked.wait_for(lambda: len(self._seen) >= threads, PATIENCE)


class Gate:
    """Where a call waits until the test lets it go on."""

    def __init__(self) -> None:
        self._entered = threading.Event()
        self._opened = threading.Event()

    def __call__(self, _role: str) -> None:
        """Wait here."""
        self._entered.set()
        assert self._opened.wait(PATIENCE)

    def wait_for_entry(self) -> None:
        """Wait until a call is here."""
        assert self._entered.wait(PATIENCE)

    def open(self) -> None:
        """Let the call go on."""
        self._opened.set()


class Aws:
    """STS, behind a boto3 session, and an API that takes what STS gave for as long as it lasts.

    Args:
        clock: theirs.
        lifetime: seconds that a role session lasts.
        lifetimes: the same, for roles that differ.

    Attributes:
        keys: the only keys of a user that are good.
        found: what the boto3 session finds; it may be what is wrong with it.
        read: how often that was read.
        asked: the role that each call of AssumeRole named, in order.
        asked_who: how often STS was asked whose keys it was asked with.
        requests: what each call of AssumeRole was given.
        error: what AssumeRole raises for each role; None in place of a role for all, `who` for GetCallerIdentity.
        on_ask: called within AssumeRole, before anything is checked.
        on_call: called within the API, before anything is checked.
        used: the sessions that requests were accepted of, in order.
    """

    def __init__(self, clock: Clock, lifetime: float = 3600, **lifetimes: float) -> None:
        self.clock = clock
        self.lifetime = lifetime
        self.lifetimes = lifetimes
        self.keys = keys_of("ana")
        self.found: BotoCredentials | Exception = self.keys
        self.read = 0
        self.asked: list[str] = []
        self.asked_who = 0
        self.requests: list[dict[str, object]] = []
        self.error: dict[str | None, BaseException] = {}
        self.on_ask: Callable[[str], None] = lambda _: None
        self.on_call: Callable[[], None] = lambda: None
        self.used: list[Session] = []
        self._sessions: dict[str | None, Session] = {}
        self._lock = threading.Lock()

    @property
    def tally(self) -> Counter[str]:
        """How often each role was asked for."""
        return Counter(self.asked)

    def client(self, service: str, **options: object) -> _Client:
        """Return the STS client of a boto3 session."""
        assert service == "sts"
        return _Client(self, str(options["aws_access_key_id"]), cast("str | None", options["aws_session_token"]))

    def get_credentials(self) -> BotoCredentials:
        """Return what the chain of a boto3 session finds."""
        self.read += 1
        if isinstance(self.found, Exception):
            raise self.found
        return self.found

    def find(self, credentials: Credentials) -> Session:
        """Return the session that credentials are of; they are whole."""
        session = self._sessions[credentials.session_token]
        assert session.credentials == credentials
        return session

    def lasts(self, token: str | None) -> bool:
        """Tell whether a session has not ended."""
        return self.clock.time < self._sessions[token].ends

    def grant(self, role: str) -> Session:
        """Begin a session."""
        with self._lock:
            ends = self.clock.time + timedelta(seconds=self.lifetimes.get(role, self.lifetime))
            session = Session(len(self._sessions) + 1, role, ends)
            self._sessions[session.credentials.session_token] = session
        return session

    def __call__(self, request: SignedRequest, *, timeout: float) -> Reply:
        """Answer as the API: 200 to a session that lasts, if its own key signed."""
        assert timeout > 0
        self.on_call()
        fields = dict(request.headers)
        token = fields["X-Amz-Security-Token"]
        session = self._sessions[token]
        claim = fields["Authorization"]
        scope = claim.partition("/")[2].partition(",")[0]
        canonical, key = request.canonical_request.encode(), session.credentials.secret_access_key
        assert f"Credential={session.credentials.access_key_id}/" in claim
        assert claim.endswith(f"Signature={compute_signature(canonical, fields['X-Amz-Date'], scope, key)}")
        if not self.lasts(token):
            return Reply(403, "Forbidden", _REFUSED, f'{{"message": "{EXPIRED}"}}'.encode(), 0.01)
        self.used.append(session)
        return Reply(200, "OK", Headers(), b"", 0.01)


class _Client:
    """STS, asked with the keys of a user or with those of a session."""

    def __init__(self, aws: Aws, key_id: str, token: str | None) -> None:
        self._aws = aws
        self._key_id = key_id
        self._token = token

    def assume_role(self, **request: object) -> dict[str, object]:
        """Answer AssumeRole."""
        aws, role = self._aws, str(request["RoleArn"]).rpartition("/")[2]
        aws.asked.append(role)
        aws.requests.append(request)
        aws.on_ask(role)
        for name in (role, None):
            if name in aws.error:
                raise aws.error[name]
        self._check("AssumeRole")
        session = aws.grant(role)
        given = session.credentials
        return {
            "Credentials": {
                "AccessKeyId": given.access_key_id,
                "SecretAccessKey": given.secret_access_key,
                "SessionToken": given.session_token,
                "Expiration": session.ends,
            },
            "AssumedRoleUser": {"Arn": self._session_arn(role, str(request["RoleSessionName"])), "AssumedRoleId": "x"},
        }

    def get_caller_identity(self) -> dict[str, str]:
        """Answer GetCallerIdentity."""
        self._aws.asked_who += 1
        if "who" in self._aws.error:
            raise self._aws.error["who"]
        self._check("GetCallerIdentity")
        if self._token is not None:
            raise NotImplementedError
        user = self._key_id.removeprefix("AKID")
        return {"Account": ACCOUNT, "Arn": f"arn:aws:iam::{ACCOUNT}:user/{user}", "UserId": "x"}

    def _check(self, operation: str) -> None:
        if self._token is None:
            if self._key_id != self._aws.keys.access_key:
                message = "The security token included in the request is invalid."
                raise refusal("InvalidClientTokenId", message, operation=operation)
        elif not self._aws.lasts(self._token):
            raise refusal("ExpiredToken", EXPIRED, operation=operation)

    def _session_arn(self, role: str, name: str) -> str:
        return f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/{name}"


def make_base(aws: Aws, clock: Clock | None = None, region: str = "eu-west-1", endpoint: str | None = None) -> Base:
    """Return the base identity of a user in this AWS."""
    session = cast("boto3.Session", aws)
    sts = Sts(session, region, endpoint, profile="work")
    obtain = lambda _: freeze_credentials(aws.get_credentials, "work")  # noqa: E731 - as `wrap_session` has it
    return Base(Caller(obtain, sts.identify, clock=clock or aws.clock), sts)


def open_over(aws: Aws, caller: Caller) -> Connection:
    """Return a connection to the API of this AWS."""
    return Connection(
        name="reader",
        url=_URL,
        scope=scope_of(_URL),
        base=make_base(aws),
        caller=caller,
        transport=aws,
        pace=Pace(sleep=lambda _: None),
    )


def run_together(call: Callable[[], T], threads: int = THREADS) -> list[T | Exception]:
    """Call from several threads at once, and return what each got, errors too."""
    barrier = threading.Barrier(threads, timeout=PATIENCE)

    def run(_: int) -> T | Exception:
        barrier.wait()
        try:
            return call()
        except Exception as error:  # noqa: BLE001 - it is for the test to judge
            return error

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(run, range(threads)))


def wait_at_lock(method: Callable[..., object], threads: int) -> None:
    """Wait until so many threads stand where a method takes its lock."""
    lines, first = inspect.getsourcelines(method)
    line = first + next(number for number, text in enumerate(lines) if "self._lock" in text)
    deadline = time.monotonic() + PATIENCE
    while sum(_stands_at(frame, method, line) for frame in sys._current_frames().values()) < threads:
        assert time.monotonic() < deadline
        time.sleep(0.001)


def _stands_at(frame: FrameType, method: Callable[..., object], line: int) -> bool:
    return frame.f_code is inspect.unwrap(method).__code__ and frame.f_lineno == line
