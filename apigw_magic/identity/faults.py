"""What the SDK's exceptions mean, said in our words. The only place that knows them."""

from __future__ import annotations

import json
from difflib import get_close_matches
from typing import TYPE_CHECKING

from botocore import exceptions
from botocore.parsers import ResponseParserError

from apigw_magic.errors import CredentialsError
from apigw_magic.models import Refusal

if TYPE_CHECKING:
    from collections.abc import Sequence

FAULTS = (
    exceptions.ClientError,
    exceptions.BotoCoreError,
    ResponseParserError,
    json.JSONDecodeError,
    RuntimeError,
)
"""What a call to the SDK may raise that `translate` knows."""


def translate(error: Exception, profiles: Sequence[str] = (), profile: str | None = None) -> CredentialsError:
    """Return our error for one of the SDK's, with nothing of it but what may be shown.

    Args:
        error: one of `FAULTS`.
        profiles: the names of the profiles there are, for a near miss.
        profile: the profile in use, for the advice.

    Returns:
        With `refusal` if STS answered, without if it could not be asked.
    """
    match error:
        case exceptions.ClientError():
            return _refused(error)
        case exceptions.BotoCoreError():
            return _not_asked(error, profiles, profile)
        case ResponseParserError():
            return CredentialsError(
                "What answered is not STS.",
                why="Its answer is not one of AWS's: a proxy's page, or another server at that endpoint.",
                fix="Check the network and proxy, and --sts-endpoint if it is set.",
            )
        case json.JSONDecodeError():  # it holds what the program printed, which may be a secret
            return CredentialsError(
                "The profile's credential_process did not print JSON.",
                fix="Run it in a terminal: it has to print one JSON object with Version, AccessKeyId, SecretAccessKey.",
            )
    return credentials_ended()  # a RuntimeError is what botocore raises for new credentials that are past their end


def credentials_ended() -> CredentialsError:
    """Return the error for new credentials that are past their end."""
    return CredentialsError(
        "The new credentials have ended already.",
        why="This machine's clock is ahead of AWS's.",
        fix="Set the clock, then connect again.",
    )


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
