"""The base identity: what boto3's credential chain finds, before any role is assumed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import boto3
import botocore.session

from apigw_magic.errors import CredentialsError
from apigw_magic.identity.caller import Caller
from apigw_magic.identity.faults import no_credentials
from apigw_magic.identity.sts import ask_identity, call_sts, make_client
from apigw_magic.models import Secret

if TYPE_CHECKING:
    from mypy_boto3_sts import STSClient

    from apigw_magic.models import Identity


class Base(Secret):
    """Where every role session starts. Roles may be assumed from it again and again.

    Args:
        session: finds and refreshes the base credentials.
        region: whose STS is asked.
        profile: the profile's name, for messages and as a connection's name.
        sts_endpoint: a URL that replaces AWS's STS.
        ca_bundle: the file of CA certificates that the configuration names; None if it names none.
    """

    def __init__(
        self,
        session: boto3.Session,
        *,
        region: str,
        profile: str | None = None,
        sts_endpoint: str | None = None,
        ca_bundle: str | None = None,
    ) -> None:
        self._session = session
        self.region = region
        self.profile = profile
        self.sts_endpoint = sts_endpoint
        self.ca_bundle = ca_bundle
        self._identity: Identity | None = None

    def __repr__(self) -> str:
        return f"Base(profile={self.profile!r}, region={self.region!r})"

    def derive(self, region: str, sts_endpoint: str | None) -> Base:
        """Return the same base identity, asking another Region's STS or, where one is named, another endpoint."""
        if region == self.region and sts_endpoint in {None, self.sts_endpoint}:
            return self
        endpoint = sts_endpoint or self.sts_endpoint
        return Base(self._session, region=region, profile=self.profile, sts_endpoint=endpoint, ca_bundle=self.ca_bundle)

    def client(self) -> STSClient:
        """Return an STS client that signs as the base identity."""
        return call_sts(lambda: make_client(self._session, self.region, self.sts_endpoint), profile=self.profile)

    def identity(self) -> Identity:
        """Ask STS who the base identity is; asked once.

        Raises:
            CredentialsError: there are no credentials, or STS refuses them.
        """
        if self._identity is None:
            self._identity = ask_identity(self.client(), self.profile)
        return self._identity

    def caller(self) -> Caller:
        """Return the base identity as the one who signs; unknown if STS cannot be reached, which its calls do not need.

        Raises:
            CredentialsError: there are no credentials, or STS refuses them.
        """
        credentials = call_sts(self._session.get_credentials, profile=self.profile)
        if credentials is None:
            raise no_credentials()
        try:
            identity = self.identity()
        except CredentialsError as error:
            if not error.is_unreachable:
                raise
            identity = None
        return Caller(credentials, identity, profile=self.profile)


def open_base(profile: str | None, region: str, sts_endpoint: str | None) -> Base:
    """Open the base identity of a profile, or of the environment.

    STS is the Region's own for every hop, those inside the profile included: a token of the global endpoint fails in
    Regions that are opted in to.

    Raises:
        CredentialsError: there is no such profile, or the configuration cannot be read.
    """
    core = botocore.session.Session(profile=profile)
    core.set_config_variable("region", region)
    core.set_config_variable("sts_regional_endpoints", "regional")
    profiles = call_sts(lambda: core.available_profiles)
    session = call_sts(lambda: boto3.Session(botocore_session=core, region_name=region), profiles)
    ca_bundle = call_sts(lambda: core.get_config_variable("ca_bundle"))
    return Base(session, region=region, profile=core.profile, sts_endpoint=sts_endpoint, ca_bundle=ca_bundle)
