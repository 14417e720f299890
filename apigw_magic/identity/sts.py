"""How STS is asked, whoever asks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from botocore.config import Config
from botocore.exceptions import ClientError

from apigw_magic.identity.faults import FAULTS, translate
from apigw_magic.identity.hush import hushed
from apigw_magic.identity.redaction import redact_likely
from apigw_magic.models import Identity, Secret, is_loopback

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import boto3
    from mypy_boto3_sts import STSClient
    from mypy_boto3_sts.type_defs import AssumeRoleRequestTypeDef, AssumeRoleResponseTypeDef

    from apigw_magic.models import Credentials

T = TypeVar("T")

_CONFIG = Config(connect_timeout=5, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 3})
_DIRECT = Config(proxies={})  # a proxy has no way to this machine's own loopback


def choose_config(endpoint: str | None) -> Config:
    """Return how a client talks to this endpoint: with a notebook's patience, and straight to this machine's own."""
    is_near = is_loopback(urlsplit(endpoint or "").hostname or "")
    return _CONFIG.merge(_DIRECT) if is_near else _CONFIG


@dataclass(frozen=True, slots=True)
class Sts(Secret):
    """One Region's STS.

    Attributes:
        session: knows the configuration: CA file, proxies, endpoints. Its credentials are not used.
        region: whose STS it is.
        endpoint: a URL that replaces AWS's; None for the configured or AWS's own.
        profile: in use, for the advice.
    """

    session: boto3.Session
    region: str
    endpoint: str | None = None
    profile: str | None = None

    def identify(self, credentials: Credentials) -> Identity:
        """Ask whose credentials these are.

        Raises:
            CredentialsError: they are refused, or STS cannot be reached.
        """
        client = self._client(credentials)

        def ask() -> Identity:
            answer = client.get_caller_identity()
            return Identity(account=answer["Account"], arn=answer["Arn"])

        return call_sts(ask, profile=self.profile)

    def assume_role(self, credentials: Credentials, request: AssumeRoleRequestTypeDef) -> AssumeRoleResponseTypeDef:
        """Ask for a role session.

        Raises:
            CredentialsError: it is refused, or STS cannot be reached.
        """
        client = self._client(credentials)
        return call_sts(lambda: client.assume_role(**request), profile=self.profile)

    def _client(self, credentials: Credentials) -> STSClient:
        """Make a client that signs by these credentials.

        Raises:
            CommandError: the endpoint is no URL.
        """
        return call_sts(
            lambda: self.session.client(
                "sts",
                region_name=self.region,
                endpoint_url=self.endpoint,
                config=choose_config(self.endpoint),
                aws_access_key_id=credentials.access_key_id,
                aws_secret_access_key=credentials.secret_access_key,
                aws_session_token=credentials.session_token,
            ),
            profile=self.profile,
        )


def call_sts(call: Callable[[], T], profiles: Sequence[str] = (), profile: str | None = None) -> T:
    """Make a call to the SDK and translate what goes wrong.

    Args:
        call: to the SDK.
        profiles: the names of the profiles there are, for a near miss.
        profile: the profile in use, for the advice.

    Raises:
        CredentialsError: with `refusal` if STS answered, without if it could not be asked.
    """
    try:
        with hushed():
            return call()
    except FAULTS as error:
        _redact_answer(error)
        problem = translate(error, profiles, profile)
    # Raised out here, so that the SDK's exception, which may hold the request, does not hang on ours.
    raise problem


def _redact_answer(error: Exception) -> None:
    """Take out of a refusal what may be a secret: it may quote the request, whose secrets the SDK alone knows."""
    if isinstance(error, ClientError):
        told = error.response.get("Error", {})
        told["Code"], told["Message"] = (redact_likely(str(told.get(part) or "")) for part in ("Code", "Message"))
