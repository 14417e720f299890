"""Who may do what: many requests over many connections, each tried or asked of IAM's policy simulator.

Safe methods are sent (`trying`, `running`), and what the answer says of the caller's rights is told (`judging`). Unsafe
ones are not: IAM says what the policies of the role allow (`simulating`, `account`, `method`), as far as it can know.
"""

from __future__ import annotations

from apigw_magic.access.findings import Finding, Verdict
from apigw_magic.access.running import MOST_AT_ONCE
from apigw_magic.access.trying import try_access

__all__ = ["MOST_AT_ONCE", "Finding", "Verdict", "try_access"]
