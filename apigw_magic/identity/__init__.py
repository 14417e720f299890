"""Who signs: boto3's credential chain, role sessions in memory, and what must not be shown of them.

The base identity is what the chain finds (`chain`, `source`, `base`). Roles are asked for from it (`options`, `role`,
`mfa`, `sts`, `faults`), and whoever signs keeps his credentials fresh (`caller`). What others wrote or log is kept free
of secrets (`redaction`, `hush`).
"""

from __future__ import annotations

from apigw_magic.identity.base import Base, open_base, wrap_session
from apigw_magic.identity.caller import Caller, Grant
from apigw_magic.identity.hush import hushed
from apigw_magic.identity.options import RoleOptions, choose_role, short_name
from apigw_magic.identity.redaction import redact
from apigw_magic.identity.role import assume_role

__all__ = [
    "Base",
    "Caller",
    "Grant",
    "RoleOptions",
    "assume_role",
    "choose_role",
    "hushed",
    "open_base",
    "redact",
    "short_name",
    "wrap_session",
]
