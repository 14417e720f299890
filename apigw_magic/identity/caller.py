"""The one who signs: an IAM user, a profile's identity or a role session, with credentials that stay fresh."""

from __future__ import annotations

from datetime import UTC, datetime
from threading import Lock
from typing import TYPE_CHECKING

from apigw_magic.identity.sts import call_sts
from apigw_magic.models import Credentials, Identity, Secret

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocore.credentials import Credentials as BotoCredentials


def now() -> datetime:
    """Return the time, in UTC."""
    return datetime.now(UTC)


class Caller(Secret):
    """Hands out credentials, new ones shortly before the old end.

    Args:
        source: botocore's credentials, refreshable or not; thread-safe.
        identity: who STS says it is; None if STS could not be reached.
        expires: tells when the present credentials end, in UTC; None if they do not.
        profile: the base identity's, for the advice.
        clock: tells the time in UTC.
        reopen: gets new credentials at once; None if they cannot be had before the old end.
    """

    def __init__(  # noqa: PLR0913 - what is known of a caller
        self,
        source: BotoCredentials,
        identity: Identity | None,
        expires: Callable[[], datetime | None] = lambda: None,
        *,
        profile: str | None = None,
        clock: Callable[[], datetime] = now,
        reopen: Callable[[], BotoCredentials] | None = None,
    ) -> None:
        self._source = source
        self._expires = expires
        self._profile = profile
        self._clock = clock
        self._reopen = reopen
        self._renewing = Lock()
        self.identity = identity

    def __repr__(self) -> str:
        return f"Caller({self.identity.arn if self.identity else 'unknown'})"

    def credentials(self) -> Credentials:
        """Return one consistent set of credentials, refreshed if they are about to end.

        Raises:
            CredentialsError: they ended and STS refuses new ones.
        """
        frozen = call_sts(self._source.get_frozen_credentials, profile=self._profile)
        return Credentials(frozen.access_key or "", frozen.secret_key or "", frozen.token)

    def renew(self, refused: Credentials) -> bool:
        """Replace credentials that the API says have ended, whatever this machine's clock says.

        Several threads may be told so at once; one of them renews.

        Returns:
            Whether there are others now.

        Raises:
            CredentialsError: STS refuses new ones.
        """
        with self._renewing:
            if self._reopen is not None and self.credentials() == refused:
                self._source = self._reopen()
            return self.credentials() != refused

    @property
    def seconds_left(self) -> float | None:
        """Seconds until the present credentials end; None if they do not."""
        expires = self._expires()
        return None if expires is None else (expires - self._clock()).total_seconds()
