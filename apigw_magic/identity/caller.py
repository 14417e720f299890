"""The one who signs: an IAM user, a profile's identity or a role session, with credentials that stay fresh."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import TYPE_CHECKING

from apigw_magic.errors import CredentialsError, SessionExpiredError
from apigw_magic.identity.faults import credentials_ended
from apigw_magic.identity.mfa import Ask, ask_code, never_ask
from apigw_magic.models import Credentials, Identity, Secret

if TYPE_CHECKING:
    from collections.abc import Callable

# In the last quarter of a session, at most 15 minutes before its end, one thread obtains new credentials while the rest
# go on with the old. In the last twelfth, at most 5 minutes, everybody waits for the new. The SDK's windows are fixed:
# it renews a session of 900 s at every use.
_ADVISORY_SHARE, _ADVISORY_MOST = 4, 900
_MANDATORY_SHARE, _MANDATORY_MOST = 12, 300
# After a failure the next try waits for a tenth of what is left, at most a minute: an STS that cannot be reached costs
# its timeout each time.
_PAUSE_SHARE, _PAUSE_MOST = 10, 60

_NEVER = datetime.max.replace(tzinfo=UTC)


def now() -> datetime:
    """Return the time, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Grant(Secret):
    """Credentials that were given out.

    Attributes:
        credentials: good until `expires`.
        expires: their end, in UTC; None if they have none.
        identity: whose they are; None if that was not said.
        source: where they come from, in words, one for each step.
    """

    credentials: Credentials
    expires: datetime | None = None
    identity: Identity | None = None
    source: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Held(Secret):
    """A grant, and what is to be done when.

    Attributes:
        grant: the present one.
        renew_from: from when on one thread obtains another, while the rest go on with this one.
        wait_from: from when on everybody waits for the other.
    """

    grant: Grant
    renew_from: datetime
    wait_from: datetime


class Caller(Secret):
    """Hands out credentials, and obtains new ones in good time before the old end; thread-safe.

    Args:
        obtain: gets credentials at once, and asks for an MFA code if it must.
        identify: asks STS whose credentials these are.
        before: the one who asks for these credentials; None for the base identity.
        clock: tells the time in UTC.
        ask: asks for an MFA code.

    Attributes:
        identity: whose credentials these are; None if nobody has said it yet.
        trouble: why the last renewal failed, while the old credentials last; None if it did not.
    """

    def __init__(
        self,
        obtain: Callable[[Ask], Grant],
        identify: Callable[[Credentials], Identity],
        *,
        before: Caller | None = None,
        clock: Callable[[], datetime] = now,
        ask: Ask = ask_code,
    ) -> None:
        self._obtain = obtain
        self._identify = identify
        self._before = before
        self._clock = clock
        self._ask = ask
        self._lock = Lock()
        self._held: _Held | None = None
        self.identity: Identity | None = None
        self.trouble: CredentialsError | None = None
        self._asked = False

    def __repr__(self) -> str:
        return f"Caller({self.identity.arn if self.identity else 'unknown'})"

    @property
    def source(self) -> tuple[str, ...]:
        """How the credentials came about, in words, from the base identity on."""
        before = self._before.source if self._before else ()
        return before + (self._held.grant.source if self._held else ())

    @property
    def secrets(self) -> tuple[str, ...]:
        """What of the present credentials must not be shown."""
        if self._held is None:
            return ()
        held = self._held.grant.credentials
        return tuple(filter(None, (held.secret_access_key, held.session_token)))

    @property
    def asks(self) -> bool:
        """Whether a code was asked for to obtain the present credentials, or those they were obtained by."""
        return self._asked or (self._before is not None and self._before.asks)

    @property
    def expires(self) -> datetime | None:
        """The end of the present credentials, in UTC; None if they have none."""
        return self._held.grant.expires if self._held else None

    @property
    def seconds_left(self) -> float | None:
        """Seconds until the present credentials end; None if they do not."""
        return None if self.expires is None else (self.expires - self._clock()).total_seconds()

    def credentials(self, ask: Ask | None = None) -> Credentials:
        """Return one consistent set of credentials, new ones if the old are about to end.

        Args:
            ask: asks for an MFA code where there are no credentials without one; None for the caller's own way.

        Raises:
            CredentialsError: there are none, or they ended and no others can be had.
        """
        held, time = self._held, self._clock()
        if held is not None and time < held.renew_from:
            return held.grant.credentials
        must_wait = held is None or time >= held.wait_from
        if not self._lock.acquire(blocking=must_wait) and held is not None:
            return held.grant.credentials  # somebody else obtains new ones, and the old still last
        try:
            if self._held is held:  # nobody was quicker
                return self._renew_in_time(ask or self._ask)
            return self._present().credentials
        finally:
            self._lock.release()

    def renew(self, refused: Credentials, ask: Ask | None = None) -> bool:
        """Replace credentials that AWS says have ended, whatever this machine's clock says.

        Several threads may be told so at once; one of them renews.

        Returns:
            Whether there are others now.

        Raises:
            CredentialsError: no others can be had.
        """
        with self._lock:
            if self._present().credentials == refused:
                self._accept(ask or self._ask)
            return self._present().credentials != refused

    def log_in(self) -> None:
        """Obtain all credentials anew, from the base identity on.

        Raises:
            CredentialsError: they cannot be had; those that last are kept.
        """
        if self._before is not None:
            self._before.log_in()
        with self._lock:
            self._accept(self._ask)

    def identify(self) -> Identity:
        """Ask STS whose credentials these are.

        Raises:
            CredentialsError: STS refuses them, or cannot be reached.
        """
        self.identity = self._identify(self.credentials())
        return self.identity

    def _present(self) -> Grant:
        return self._held.grant if self._held else self._accept(self._ask)

    def _renew_in_time(self, ask: Ask) -> Credentials:
        """Obtain new credentials; while the old last, a failure is noted and no more. Called with the lock."""
        held, left = self._held, self.seconds_left
        if held is None or left is None or left <= 0:
            return self._accept(ask).credentials
        pause = min(_PAUSE_MOST, left / _PAUSE_SHARE)
        try:
            return self._accept(never_ask).credentials
        except SessionExpiredError:  # nobody is asked for a code while there are credentials
            pause = left
        except CredentialsError as error:
            self.trouble = error
        next_try = self._clock() + timedelta(seconds=pause)
        self._held = replace(held, renew_from=next_try, wait_from=max(held.wait_from, next_try))
        return held.grant.credentials

    def _accept(self, ask: Ask) -> Grant:
        """Obtain credentials, and hand them out from now on. Called with the lock."""
        asked: list[str] = []

        def note_and_ask(serial: str) -> str:
            asked.append(serial)
            return ask(serial)

        grant = self._obtain(note_and_ask)
        time = self._clock()
        renew_from = wait_from = _NEVER
        if grant.expires is not None:
            lifetime = (grant.expires - time).total_seconds()
            if lifetime <= 0:
                raise credentials_ended()
            renew_from = grant.expires - timedelta(seconds=min(_ADVISORY_MOST, lifetime / _ADVISORY_SHARE))
            wait_from = grant.expires - timedelta(seconds=min(_MANDATORY_MOST, lifetime / _MANDATORY_SHARE))
        self._held = _Held(grant, renew_from, wait_from)
        self.identity = grant.identity or self.identity
        self.trouble = None
        self._asked = bool(asked)
        return grant
