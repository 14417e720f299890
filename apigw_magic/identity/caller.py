"""The one who signs: an IAM user, a profile's identity or a role session, with credentials that stay fresh."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import RLock
from typing import TYPE_CHECKING

from apigw_magic.errors import CredentialsError, SessionExpiredError
from apigw_magic.identity.held import Held, hold
from apigw_magic.identity.mfa import Ask, ask_code, never_ask
from apigw_magic.identity.redaction import redact
from apigw_magic.models import Credentials, Identity, Secret

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


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
        self._lock = RLock()  # which knows who has it
        self._held: Held | None = None
        self._attempts = 0  # those whose outcome is good for whoever waited for it
        self._failure: CredentialsError | None = None  # of the last of them
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

    def redact(self, shown: str, others: Iterable[str] = ()) -> str:
        """Take the present credentials out of a text, and other secrets with them."""
        held = self._held.grant.credentials if self._held else Credentials("", "")
        return redact(shown, (held.secret_access_key, held.session_token or "", *others))

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
        expires = self.expires
        return None if expires is None else (expires - self._clock()).total_seconds()

    def credentials(self, ask: Ask | None = None) -> Credentials:
        """Return one consistent set of credentials, new ones if the old are about to end.

        Args:
            ask: asks for an MFA code where there are no credentials without one; None for the caller's own way.

        Raises:
            CredentialsError: there are none, or they ended and no others can be had.
        """
        attempts, held, time = self._attempts, self._held, self._clock()
        if held is not None and time < held.renew_from:
            return held.grant.credentials
        must_wait = held is None or time >= held.wait_from
        try:
            if not self._lock.acquire(blocking=must_wait) and held is not None:
                return held.grant.credentials  # somebody else obtains new ones, and the old still last
            return self._renew_in_time(ask or self._ask, attempts)
        finally:
            # An interrupt may come right after the lock was taken. Nothing is called before the release, since Python
            # looks for interrupts at calls.
            try:  # noqa: SIM105 - as above
                self._lock.release()
            except RuntimeError:  # it is another's
                pass

    def renew(self, refused: Credentials, ask: Ask | None = None) -> bool:
        """Replace credentials that AWS says have ended, whatever this machine's clock says.

        Several threads may be told so at once; one of them renews.

        Returns:
            Whether there are others now.

        Raises:
            CredentialsError: no others can be had.
        """
        attempts = self._attempts
        with self._lock:
            given = self._held.grant if self._held else None
            if given is None or given.credentials == refused:
                self._share_failure(attempts)
                if attempts != self._attempts:
                    return False  # who was waited for got the same again
                given = self._accept(ask or self._ask)
            return given.credentials != refused

    def log_in(self) -> None:
        """Obtain all credentials anew, from the base identity on.

        Raises:
            CredentialsError: they cannot be had; those that last are kept.
        """
        if self._before is not None:
            self._before.log_in()
        with self._lock:
            self._accept(self._ask, anew=True)

    def identify(self) -> Identity:
        """Ask STS whose credentials these are.

        Raises:
            CredentialsError: STS refuses them, or cannot be reached.
        """
        held = self.credentials()
        try:
            self.identity = self._identify(held)
        except CredentialsError as error:
            if not error.has_ended or not self.renew(held):
                raise
            self.identity = self._identify(self.credentials())
        return self.identity

    def _tell_whose(self, grant: Grant) -> Identity | None:
        """Tell who signs after a log-in, which may be somebody else than before; nobody is asked who was not before."""
        is_same = self._held is not None and self._held.grant.credentials == grant.credentials
        if grant.identity is not None or self.identity is None or is_same:
            return grant.identity or self.identity
        try:
            return self._identify(grant.credentials)
        except CredentialsError as error:
            if not error.is_unreachable:
                raise
        return None

    def _share_failure(self, attempts: int) -> None:
        """Let those who waited for an attempt share its failure: each on its own would wait for the same again.

        Args:
            attempts: how many there had been when the wait began.

        Raises:
            CredentialsError: the last one failed.
        """
        if attempts != self._attempts and self._failure is not None:
            raise copy(self._failure)

    def _renew_in_time(self, ask: Ask, attempts: int) -> Credentials:
        """Obtain new credentials if it is time to; while the old last, a failure is noted and no more.

        Called with the lock; what was true before it was waited for may be so no longer.
        """
        held, time = self._held, self._clock()
        if held is not None and time < held.renew_from:  # somebody was quicker
            return held.grant.credentials
        if held is None or held.count_seconds_left(time) <= 0:
            self._share_failure(attempts)
            return self._accept(ask).credentials
        try:
            return self._accept(never_ask).credentials
        except CredentialsError as error:
            failure = error
        time = self._clock()
        must_ask = isinstance(failure, SessionExpiredError)  # nobody is asked for a code while there are credentials
        if held.count_seconds_left(time) <= 0:  # they ended while others were asked for
            if not must_ask:
                raise failure
            return self._accept(ask).credentials
        if not must_ask:
            self.trouble = self._failure
        self._held = held.put_off(time, to_the_end=must_ask)
        return held.grant.credentials

    def _accept(self, ask: Ask, *, anew: bool = False) -> Grant:
        """Obtain credentials, and hand them out from now on. Called with the lock.

        Args:
            ask: asks for an MFA code.
            anew: whether they may be somebody else's.
        """
        asked: list[str] = []

        def note_and_ask(serial: str) -> str:
            asked.append(serial)
            return ask(serial)

        try:
            grant = self._obtain(note_and_ask)
            identity = self._tell_whose(grant) if anew else grant.identity or self.identity
            held = hold(grant, self._clock())
        except SessionExpiredError:  # whoever waits for this may be one who can be asked for a code
            raise
        except CredentialsError as error:
            self._attempts += 1
            self._failure = copy(error)  # without the traceback, and what its frames hold
            raise
        self._attempts += 1
        self._failure = self.trouble = None
        self._held = held
        self.identity = identity
        self._asked = bool(asked)
        return grant
