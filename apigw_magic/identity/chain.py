"""boto3's credential chain, opened anew for each set of credentials.

What a session has found it keeps until its end, also what was replaced meanwhile: keys that a tool writes into the
credentials file, a profile that was corrected, an SSO login. A session of its own costs a few milliseconds and sees it.
"""

from __future__ import annotations

import os
from datetime import UTC
from types import MappingProxyType
from typing import TYPE_CHECKING

import boto3
import botocore.session
from botocore.credentials import RefreshableCredentials

from apigw_magic.identity.caller import Grant
from apigw_magic.identity.faults import no_credentials
from apigw_magic.identity.source import describe_source
from apigw_magic.identity.sts import call_sts, choose_config
from apigw_magic.models import Credentials

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from botocore.credentials import Credentials as BotoCredentials

    from apigw_magic.identity.mfa import Ask


class _Core(botocore.session.Session):
    """botocore's session, whose own calls to STS, for the roles of profiles, go where ours go.

    Args:
        profile: of the AWS configuration; None for what the environment says.
        region: whose STS is asked.
        sts_endpoint: a URL that replaces AWS's STS.
    """

    def __init__(self, profile: str | None, region: str, sts_endpoint: str | None) -> None:
        super().__init__(profile=profile)
        self.set_config_variable("region", region)
        # A token of the global endpoint fails in Regions that are opted in to.
        self.set_config_variable("sts_regional_endpoints", "regional")
        self._sts_endpoint = sts_endpoint

    def create_client(self, service_name: str, *args: object, **options: object) -> object:  # type: ignore[override] # typed by overloads for each service
        """Create a client as ever, with our patience; one for STS with our endpoint, too.

        What else is said comes first. SSO's and `aws login`'s would otherwise be waited for up to five minutes.
        """
        if service_name == "signin" and options.get("region_name") is None:
            # A login is renewed where it was begun: in the Region that is configured, not in the connection's.
            own = botocore.session.Session(profile=self.instance_variables().get("profile"))
            options["region_name"] = own.get_config_variable("region")
        endpoint = self._sts_endpoint if service_name == "sts" else None
        ours = choose_config(endpoint)
        given = options.get("config")
        options["config"] = ours.merge(given) if given is not None else ours  # type: ignore[arg-type] # a Config
        options["endpoint_url"] = options.get("endpoint_url") or endpoint
        return super().create_client(service_name, *args, **options)  # type: ignore[arg-type] # as above


def open_session(
    profile: str | None, region: str, sts_endpoint: str | None
) -> tuple[boto3.Session, botocore.session.Session]:
    """Open the chain of a profile, or of the environment: boto3's session, and botocore's inside it.

    Raises:
        CredentialsError: there is no such profile, or the configuration cannot be read.
    """
    core = call_sts(lambda: _Core(profile, region, sts_endpoint), profile=profile)
    profiles = call_sts(lambda: core.available_profiles)
    return call_sts(lambda: boto3.Session(botocore_session=core, region_name=region), profiles), core


def load_credentials(core: botocore.session.Session, ask: Ask) -> Grant:
    """Load the credentials that the chain finds.

    Args:
        core: newly opened.
        ask: asks for the MFA code that a profile wants.

    Raises:
        CredentialsError: there are none, or they are refused on the way.
    """
    resolver = call_sts(lambda: core.get_component("credential_provider"), profile=core.profile)
    roles = resolver.get_provider("assume-role")
    # The default was bound when botocore was imported, which may be before a kernel put its own in its place.
    roles._prompter = lambda prompt: ask(prompt.removeprefix("Enter MFA code for ").rstrip(": "))  # noqa: SLF001 - it has no other way in
    profiles = call_sts(lambda: core.full_config)["profiles"]
    is_named = "profile" in core.instance_variables()  # then the environment says nothing of a web identity
    role = None if is_named else os.environ.get("AWS_ROLE_ARN")
    return freeze_credentials(lambda: _take_over(core.get_credentials()), core.profile, profiles, role)


def _take_over(found: BotoCredentials | None) -> BotoCredentials | None:
    """Leave renewing to whoever holds the credentials; botocore would ask twice for those of a short session."""
    if isinstance(found, RefreshableCredentials):
        for window in ("_advisory_refresh_timeout", "_mandatory_refresh_timeout"):
            setattr(found, window, 0)  # settable at construction only, which is botocore's
    return found


def freeze_credentials(
    load: Callable[[], BotoCredentials | None],
    profile: str | None = None,
    profiles: Mapping[str, Mapping[str, str]] = MappingProxyType({}),
    role: str | None = None,
) -> Grant:
    """Load credentials and take what they are now.

    Args:
        load: gets them.
        profile: in use.
        profiles: what the configuration says of each.
        role: the ARN that the environment names for a web identity.

    Raises:
        CredentialsError: there are none, or they are refused on the way.
    """
    found = call_sts(load, tuple(profiles), profile)
    if found is None:
        raise no_credentials(profile, tuple(profiles))
    frozen = call_sts(found.get_frozen_credentials, tuple(profiles), profile)
    expires: datetime | None = getattr(found, "_expiry_time", None)
    return Grant(
        Credentials(frozen.access_key or "", frozen.secret_key or "", frozen.token),
        expires=expires and expires.astimezone(UTC),
        source=describe_source(found.method, profile, profiles, role),
    )
