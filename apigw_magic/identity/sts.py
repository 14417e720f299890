"""Calls to STS."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from botocore.config import Config

from apigw_magic.errors import CommandError
from apigw_magic.identity.faults import FAULTS, translate
from apigw_magic.identity.hush import hushed
from apigw_magic.models import Identity, is_loopback

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import boto3
    from mypy_boto3_sts import STSClient

T = TypeVar("T")

_CONFIG = Config(connect_timeout=5, read_timeout=10, retries={"mode": "standard", "max_attempts": 3})

_DIRECT = Config(proxies={})  # a proxy has no way to this machine's own loopback


def make_client(session: boto3.Session, region: str, endpoint: str | None) -> STSClient:
    """Make an STS client.

    Args:
        session: signs the calls.
        region: where the API is.
        endpoint: a URL that replaces AWS's; None for the configured or AWS's own.

    Raises:
        CommandError: the endpoint is no URL.
    """
    config = _CONFIG.merge(_DIRECT) if is_loopback(urlsplit(endpoint or "").hostname or "") else _CONFIG
    with suppress(ValueError):  # what botocore raises for an endpoint that it cannot parse
        return session.client("sts", region_name=region, endpoint_url=endpoint, config=config)
    raise CommandError(
        f"{endpoint or 'The configured endpoint'!r} is not an endpoint.", fix="Write it as a URL: https://HOST"
    )


def ask_identity(client: STSClient, profile: str | None = None) -> Identity:
    """Ask STS who the caller is.

    Raises:
        CredentialsError: the credentials are refused, or there are none.
    """
    answer = call_sts(client.get_caller_identity, profile=profile)
    return Identity(account=answer["Account"], arn=answer["Arn"])


def call_sts(call: Callable[[], T], profiles: Sequence[str] = (), profile: str | None = None) -> T:
    """Make a call and translate what goes wrong.

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
        problem = translate(error, profiles, profile)
    # Raised out here, so that the SDK's exception, which may hold the request, does not hang on ours.
    raise problem
