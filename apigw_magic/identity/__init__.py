"""Who signs: boto3's credential chain, role sessions in memory, and what must not be shown of them."""

from __future__ import annotations

from apigw_magic.identity.base import Base, open_base
from apigw_magic.identity.caller import Caller
from apigw_magic.identity.hush import hushed
from apigw_magic.identity.redaction import redact
from apigw_magic.identity.role import RoleOptions, assume_role

__all__ = ["Base", "Caller", "RoleOptions", "assume_role", "hushed", "open_base", "redact"]
