"""The base identity: what boto3's credential chain finds, before any role is assumed."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

from apigw_magic.errors import CredentialsError
from apigw_magic.identity.caller import Caller, now
from apigw_magic.identity.chain import freeze_credentials, load_credentials, open_session
from apigw_magic.identity.mfa import Ask, ask_code
from apigw_magic.identity.sts import Sts, call_sts
from apigw_magic.models import Secret

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable
    from datetime import datetime

    import boto3

    from apigw_magic.identity.caller import Grant
    from apigw_magic.models import Identity


class Base(Secret):
    """Where every role session starts. Roles may be assumed from it again and again.

    Attributes:
        caller: signs as the base identity.
        sts: which STS is asked.
        ca_bundle: the file of CA certificates that the configuration names; None if it names none.
    """

    def __init__(self, caller: Caller, sts: Sts, *, ca_bundle: str | None = None) -> None:
        self.caller = caller
        self.sts = sts
        self.ca_bundle = ca_bundle
        self._hops: dict[Hashable, Caller] = {}
        self._lock = Lock()

    def __repr__(self) -> str:
        return f"Base(profile={self.profile!r}, region={self.region!r})"

    @property
    def profile(self) -> str | None:
        """The profile's name; None for what the environment gives."""
        return self.sts.profile

    @property
    def region(self) -> str:
        """Whose STS is asked."""
        return self.sts.region

    def derive(self, region: str, sts_endpoint: str | None) -> Base:
        """Return the same base identity, asking another Region's STS or, where one is named, another endpoint."""
        if region == self.region and sts_endpoint in {None, self.sts.endpoint}:
            return self
        sts = Sts(self.sts.session, region, sts_endpoint or self.sts.endpoint, self.profile)
        return Base(self.caller, sts, ca_bundle=self.ca_bundle)

    def identity(self) -> Identity:
        """Return who the base identity is; STS is asked once.

        Raises:
            CredentialsError: there are no credentials, or STS refuses them.
        """
        return self.caller.identity or self.caller.identify()

    def present(self) -> Caller:
        """Return the base identity as the one who signs; unknown if STS cannot be reached, which its calls do not need.

        Raises:
            CredentialsError: there are no credentials, or STS refuses them.
        """
        self.caller.credentials()
        try:
            self.identity()
        except CredentialsError as error:
            if not error.is_unreachable:
                raise
        return self.caller

    def share_hop(self, key: Hashable, make: Callable[[], Caller]) -> Caller:
        """Return the role session on the way that was asked for alike before, as its MFA code is good for all."""
        with self._lock:
            return self._hops.setdefault(key, self._hops.get(key) or make())


def open_base(
    profile: str | None,
    region: str,
    sts_endpoint: str | None,
    *,
    clock: Callable[[], datetime] = now,
    ask: Ask = ask_code,
) -> Base:
    """Open the base identity of a profile, or of the environment.

    STS is the Region's own for every hop, those inside the profile included: a token of the global endpoint fails in
    Regions that are opted in to.

    Raises:
        CredentialsError: there is no such profile, or the configuration cannot be read.
    """
    session, core = open_session(profile, region, sts_endpoint)
    sts = Sts(session, region, sts_endpoint, core.profile)
    ca_bundle: str | None = call_sts(lambda: core.get_config_variable("ca_bundle"))

    def obtain(asking: Ask) -> Grant:
        return load_credentials(open_session(profile, region, sts_endpoint)[1], asking)

    return Base(Caller(obtain, sts.identify, clock=clock, ask=ask), sts, ca_bundle=ca_bundle)


def wrap_session(session: boto3.Session, region: str, sts_endpoint: str | None = None) -> Base:
    """Return the identity of a boto3 session as a base."""
    sts = Sts(session, region, sts_endpoint)
    return Base(Caller(lambda _: freeze_credentials(session.get_credentials), sts.identify), sts)
