"""Credentials that are held, and when they are to be replaced."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from apigw_magic.identity.faults import credentials_ended
from apigw_magic.models import Secret

if TYPE_CHECKING:
    from apigw_magic.identity.caller import Grant

# In the last quarter of a session, at most 15 minutes before its end, one thread obtains new credentials while the rest
# go on with the old. In the last twelfth, at most 5 minutes, everybody waits for the new. The SDK's windows are fixed:
# it renews a session of 900 s at every use.
_ADVISORY_SHARE, _ADVISORY_MOST = 4, 900
_MANDATORY_SHARE, _MANDATORY_MOST = 12, 300
# After a failure the next try waits for a tenth of what is left, at most a minute: an STS that cannot be reached costs
# its timeout each time.
_PAUSE_SHARE, _PAUSE_MOST = 10, 60

_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Held(Secret):
    """A grant, and what is to be done when.

    Attributes:
        grant: the present one.
        renew_from: from when on one thread obtains another, while the rest go on with this one.
        wait_from: from when on everybody waits for the other, if it is time for one.
    """

    grant: Grant
    renew_from: datetime
    wait_from: datetime

    def count_seconds_left(self, time: datetime) -> float:
        """Return the seconds until the end; infinite where there is none."""
        return math.inf if self.grant.expires is None else (self.grant.expires - time).total_seconds()

    def put_off(self, time: datetime, *, to_the_end: bool) -> Held:
        """Return the same grant after a failure, to be replaced after a pause or only when it ends."""
        left = self.count_seconds_left(time)
        pause = left if to_the_end else min(_PAUSE_MOST, left / _PAUSE_SHARE)
        return replace(self, renew_from=time + timedelta(seconds=pause))


def hold(grant: Grant, time: datetime) -> Held:
    """Plan when a grant is to be replaced.

    Raises:
        CredentialsError: it has ended already.
    """
    if grant.expires is None:
        return Held(grant, _NEVER, _NEVER)
    lifetime = (grant.expires - time).total_seconds()
    if lifetime <= 0:
        raise credentials_ended()
    return Held(
        grant,
        renew_from=grant.expires - timedelta(seconds=min(_ADVISORY_MOST, lifetime / _ADVISORY_SHARE)),
        wait_from=grant.expires - timedelta(seconds=min(_MANDATORY_MOST, lifetime / _MANDATORY_SHARE)),
    )
