"""A boto3 session and an STS client that say what a test wants, and keep what they were asked."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, cast

from botocore.credentials import Credentials as BotoCredentials  # noqa: TID251 - what a boto3 session gives
from botocore.exceptions import ClientError

from apigw_magic.identity import Base, Caller, Grant
from apigw_magic.identity.chain import freeze_credentials
from apigw_magic.identity.sts import Sts
from apigw_magic.models import Credentials, Identity

if TYPE_CHECKING:
    import boto3

ACCOUNT = "123456789012"
USER_ARN = f"arn:aws:iam::{ACCOUNT}:user/ana"
SECRET_KEY = "invented/secret+key"
START = datetime(2030, 1, 1, tzinfo=UTC)


class Clock:
    """A clock that stands until it is set forward."""

    def __init__(self) -> None:
        self.time = START

    def __call__(self) -> datetime:
        """Return the time."""
        return self.time

    def forward(self, seconds: float) -> None:
        """Set the clock forward."""
        self.time += timedelta(seconds=seconds)


class FakeSts:
    """Answers as STS: role sessions numbered in order, or the error that was laid down.

    Args:
        arn: who the caller is.
        lifetime: seconds that a role session lasts from the clock's time.
        clock: tells the time.
    """

    def __init__(self, arn: str = USER_ARN, lifetime: float = 3600, clock: Clock | None = None) -> None:
        self.arn = arn
        self.lifetime = lifetime
        self.clock = clock or Clock()
        self.error: Exception | None = None
        self.asked: list[dict[str, object]] = []
        self.identity_asked = 0
        self._lock = threading.Lock()

    def assume_role(self, **request: object) -> dict[str, object]:
        """Answer AssumeRole."""
        with self._lock:
            self.asked.append(request)
            number = len(self.asked)
        if self.error is not None:
            raise self.error
        role = str(request["RoleArn"])
        session = f"{role.replace(':iam:', ':sts:').replace(':role/', ':assumed-role/')}/{request['RoleSessionName']}"
        return {
            "Credentials": {
                "AccessKeyId": f"ASIAEXAMPLE{number}",
                "SecretAccessKey": f"invented secret {number}",
                "SessionToken": f"invented token {number}",
                "Expiration": self.clock() + timedelta(seconds=self.lifetime),
            },
            "AssumedRoleUser": {"Arn": session, "AssumedRoleId": "AROAEXAMPLE:x"},
        }

    def get_caller_identity(self) -> dict[str, str]:
        """Answer GetCallerIdentity."""
        self.identity_asked += 1
        if self.error is not None:
            raise self.error
        return {"Account": self.arn.split(":")[4], "Arn": self.arn, "UserId": "AIDAEXAMPLE"}


class FakeSession:
    """A boto3 session over a fake STS."""

    def __init__(self, sts: FakeSts, credentials: BotoCredentials | Exception | None) -> None:
        self._sts = sts
        self._credentials = credentials
        self.clients: list[tuple[str, dict[str, object]]] = []

    def client(self, service: str, **options: object) -> FakeSts:
        """Return the STS client."""
        self.clients.append((service, options))
        return self._sts

    def get_credentials(self) -> BotoCredentials | None:
        """Return what the chain found."""
        if isinstance(self._credentials, Exception):
            raise self._credentials
        return self._credentials


KEYS = BotoCredentials("AKIDEXAMPLE", SECRET_KEY)


def make_base(
    sts: FakeSts, credentials: BotoCredentials | Exception | None = KEYS, profile: str | None = "foo"
) -> Base:
    """Return a base identity over fakes."""
    session = cast("boto3.Session", FakeSession(sts, credentials))
    asked = Sts(session, "eu-west-1", profile=profile)
    return Base(Caller(lambda _: freeze_credentials(session.get_credentials, profile), asked.identify), asked)


def make_caller(credentials: Credentials, arn: str | None = None, expires: datetime | None = None) -> Caller:
    """Return one who signs by these credentials, as the one that is named."""
    identity = None if arn is None else Identity(arn.split(":")[4], arn)
    caller = Caller(lambda _: Grant(credentials, expires, identity, ("given keys",)), never_identify)
    caller.credentials()
    return caller


def never_identify(_credentials: Credentials) -> Identity:
    """Fail: who it is was said."""
    msg = "STS was asked who it is"
    raise AssertionError(msg)


def refusal(code: str, message: str = "", status: int = 403, operation: str = "AssumeRole") -> ClientError:
    """Return what the SDK raises where STS says no."""
    return ClientError(
        {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}},  # type: ignore[typeddict-item] # the rest is not read
        operation,
    )
