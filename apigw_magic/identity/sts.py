"""Calls to STS, and what the SDK's exceptions mean. The only place that knows them."""

from __future__ import annotations

import json
from contextlib import suppress
from difflib import get_close_matches
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from botocore import exceptions
from botocore.config import Config
from botocore.parsers import ResponseParserError

from apigw_magic.errors import CommandError, CredentialsError
from apigw_magic.identity.hush import hushed
from apigw_magic.models import Identity, Refusal, is_loopback

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
    except exceptions.ClientError as error:
        problem = _refused(error)
    except exceptions.BotoCoreError as error:
        problem = _not_asked(error, profiles, profile)
    except ResponseParserError:
        problem = CredentialsError(
            "What answered is not STS.",
            why="Its answer is not one of AWS's: a proxy's page, or another server at that endpoint.",
            fix="Check the network and proxy, and --sts-endpoint if it is set.",
        )
    except json.JSONDecodeError:  # it holds what the program printed, which may be a secret
        problem = CredentialsError(
            "The profile's credential_process did not print JSON.",
            fix="Run it in a terminal: it has to print one JSON object with Version, AccessKeyId and SecretAccessKey.",
        )
    except RuntimeError:  # what botocore raises for new credentials that are past their end
        problem = CredentialsError(
            "The new credentials have ended already.",
            why="This machine's clock is ahead of AWS's.",
            fix="Set the clock, then connect again.",
        )
    # Raised out here, so that the SDK's exception, which may hold the request, does not hang on ours.
    raise problem


def no_credentials() -> CredentialsError:
    """Return the error for a credential chain that ends empty."""
    return CredentialsError(
        "No AWS credentials were found.",
        why="Neither the environment, a profile, SSO nor an instance role gives any.",
        fix="Name a profile (--profile NAME), or log in (aws sso login, aws configure).",
    )


def _refused(error: exceptions.ClientError) -> CredentialsError:
    answer = error.response
    code = answer.get("Error", {}).get("Code", "")
    # The first line alone: below it STS may quote the request, with the session token in it.
    message = answer.get("Error", {}).get("Message", "").strip().partition("\n")[0]
    status = answer.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    problem = CredentialsError(f"STS refused {error.operation_name}: {code}.", why=message)
    problem.refusal = Refusal(status_code=status, error_type=code, message=message)
    return problem


def _not_asked(error: exceptions.BotoCoreError, profiles: Sequence[str], profile: str | None) -> CredentialsError:
    name = f" --profile {profile}" if profile else ""
    match error:
        case exceptions.ProfileNotFound():
            wanted = str(error.kwargs.get("profile", ""))
            near = get_close_matches(wanted, profiles, n=1)
            return CredentialsError(
                f"There is no AWS profile {wanted!r}.",
                why=f"Profiles here: {', '.join(profiles) or 'none'}.",
                fix=f"Did you mean --profile {near[0]}?" if near else "Add it to ~/.aws/config, or name another.",
            )
        case exceptions.NoCredentialsError():
            return no_credentials()
        case exceptions.UnauthorizedSSOTokenError() | exceptions.SSOTokenLoadError() | exceptions.TokenRetrievalError():
            return CredentialsError(
                "The SSO session has expired or is absent.", fix=f"Run in a terminal: aws sso login{name}"
            )
        case exceptions.HTTPClientError() | exceptions.ConnectionError():
            problem = CredentialsError(
                "STS cannot be reached.",
                why=f"{type(error).__name__} at {error.kwargs.get('endpoint_url') or 'its endpoint'}.",
                fix="Check the network, VPN and proxy, or name another endpoint with --sts-endpoint.",
            )
            problem.is_unreachable = True
            return problem
    return CredentialsError(
        f"The AWS SDK got no credentials: {type(error).__name__}.", why=" ".join(str(error).split())
    )
