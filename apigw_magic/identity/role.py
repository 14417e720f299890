"""AssumeRole: from the base identity to a role session that renews itself before it ends.

https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
"""

from __future__ import annotations

import getpass
import re
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.credentials import RefreshableCredentials

from apigw_magic.errors import CommandError
from apigw_magic.identity.caller import Caller, now
from apigw_magic.identity.sts import call_sts
from apigw_magic.models import Identity

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from mypy_boto3_sts import STSClient
    from mypy_boto3_sts.type_defs import AssumeRoleRequestTypeDef, AssumeRoleResponseTypeDef

    from apigw_magic.identity.base import Base

# A path, `team/data/`, may stand before the name.
_ROLE = r"(?:[\w+=,.@-]+/)*[\w+=,.@-]{1,64}"
_ROLE_ARN = re.compile(rf"arn:aws[\w-]*:iam::\d{{12}}:role/{_ROLE}", re.ASCII)
_ROLE_NAME = re.compile(_ROLE, re.ASCII)
_SESSION_NAME = re.compile(r"[\w+=,.@-]{2,64}", re.ASCII)
_EXTERNAL_ID = re.compile(r"[\w+=,.@:/-]{2,1224}", re.ASCII)

# Refresh in the last quarter of a session, at most 15 minutes before its end: botocore's fixed 15 minutes would
# renew a session of 900 s at every use. Within the last twelfth nobody goes on with the old credentials.
_ADVISORY_SHARE, _ADVISORY_MOST = 4, 900
_MANDATORY_SHARE, _MANDATORY_MOST = 12, 300


@dataclass(frozen=True, slots=True)
class RoleOptions:
    """What AssumeRole is asked for.

    Attributes:
        role: an ARN, or the name of a role in the base identity's account.
        session_name: what an auditor reads in CloudTrail; 2 to 64 characters.
        external_id: what the role's trust policy may want; 2 to 1,224 characters.
    """

    role: str
    session_name: str | None = None
    external_id: str | None = None


def assume_role(base: Base, options: RoleOptions, clock: Callable[[], datetime] = now) -> Caller:
    """Assume a role, now.

    Args:
        base: the identity that assumes it.
        options: what is asked for.
        clock: tells the time in UTC, by which the session is renewed.

    Raises:
        CommandError: an option that STS would refuse; nothing was sent.
        CredentialsError: STS refuses, or cannot be reached.
    """
    session_name = options.session_name or default_session_name()
    _check(options, session_name)
    request: AssumeRoleRequestTypeDef = {
        "RoleArn": _role_arn(options.role, base),
        "RoleSessionName": session_name,
    }
    if options.external_id is not None:
        request["ExternalId"] = options.external_id
    return _RoleSession(base.client(), request, base.profile, clock).open()


class _RoleSession:
    """One role session and how it is renewed; it knows when its credentials end."""

    def __init__(
        self, client: STSClient, request: AssumeRoleRequestTypeDef, profile: str | None, clock: Callable[[], datetime]
    ) -> None:
        self._client = client
        self._request = request
        self._profile = profile
        self._clock = clock
        self._expires: datetime | None = None

    def open(self) -> Caller:
        answer = self._assume()
        arn = answer["AssumedRoleUser"]["Arn"]
        return Caller(
            self._keep_fresh(answer),
            Identity(account=arn.split(":")[4], arn=arn),
            lambda: self._expires,
            profile=self._profile,
            clock=self._clock,
            reopen=lambda: self._keep_fresh(self._assume()),
        )

    def _keep_fresh(self, answer: AssumeRoleResponseTypeDef) -> RefreshableCredentials:
        """Return credentials that renew themselves in good time before they end."""
        credentials = answer["Credentials"]
        lifetime = (credentials["Expiration"] - self._clock()).total_seconds()
        self._expires = credentials["Expiration"]
        return RefreshableCredentials(
            credentials["AccessKeyId"],
            credentials["SecretAccessKey"],
            credentials["SessionToken"],
            credentials["Expiration"],
            refresh_using=lambda: self._note(self._assume()),
            method="sts-assume-role",
            time_fetcher=self._clock,
            advisory_timeout=int(min(_ADVISORY_MOST, lifetime / _ADVISORY_SHARE)),
            mandatory_timeout=int(min(_MANDATORY_MOST, lifetime / _MANDATORY_SHARE)),
        )

    def _assume(self) -> AssumeRoleResponseTypeDef:
        return call_sts(lambda: self._client.assume_role(**self._request), profile=self._profile)

    def _note(self, answer: AssumeRoleResponseTypeDef) -> dict[str, str]:
        """Note the expiry and return the answer in botocore's form."""
        credentials = answer["Credentials"]
        self._expires = credentials["Expiration"]
        return {
            "access_key": credentials["AccessKeyId"],
            "secret_key": credentials["SecretAccessKey"],
            "token": credentials["SessionToken"],
            "expiry_time": credentials["Expiration"].isoformat(),
        }


def default_session_name() -> str:
    """Return user@host, cleaned to what STS takes."""
    try:
        user = getpass.getuser()
    except (ImportError, KeyError, OSError):  # a container's user without a name
        user = "notebook"
    return re.sub(r"[^\w+=,.@-]", "-", f"{user}@{socket.gethostname()}", flags=re.ASCII)[:64]


def _role_arn(role: str, base: Base) -> str:
    if _ROLE_ARN.fullmatch(role):
        return role
    identity = base.identity()
    partition = identity.arn.split(":")[1]
    return f"arn:{partition}:iam::{identity.account}:role/{role}"


def _check(options: RoleOptions, session_name: str) -> None:
    """Refuse what STS would refuse: botocore checks the shortest length only."""
    if _ROLE_ARN.fullmatch(options.role) is None and _ROLE_NAME.fullmatch(options.role) is None:
        raise CommandError(
            f"{options.role!r} is not a role.",
            fix="Write its ARN (arn:aws:iam::123456789012:role/reader) or its name (reader).",
        )
    if _SESSION_NAME.fullmatch(session_name) is None:
        raise CommandError(
            f"{session_name!r} is not a session name.", fix="Write 2 to 64 letters, digits and + = , . @ - _"
        )
    if options.external_id is not None and _EXTERNAL_ID.fullmatch(options.external_id) is None:
        raise CommandError("That is not an external ID.", fix="Write 2 to 1,224 letters, digits and + = , . @ : / - _")
