"""boto3 sessions with given keys that know nothing of the user's own AWS configuration."""

from __future__ import annotations

import os
from typing import Final

import boto3
from botocore.config import Config
from botocore.session import Session as BotocoreSession  # noqa: TID251 - only this one can ignore the user's profiles

DIRECT: Final = Config(proxies={}, connect_timeout=5, read_timeout=30, retries={"total_max_attempts": 1})
"""How boto3 talks to loopback: never by a proxy, and once."""

# Without these, AWS_PROFILE of a missing profile or a broken ~/.aws/config would fail the local account too.
_BLIND = {
    "ca_bundle": (None, None, None, None),
    "config_file": (None, None, os.devnull, None),
    "credentials_file": (None, None, os.devnull, None),
    "profile": (None, None, None, None),
}


def make_session(access_key_id: str, secret_access_key: str, *, region: str) -> boto3.Session:
    """Return a session with these keys and this Region, whatever the environment and `~/.aws` say."""
    return boto3.Session(
        aws_access_key_id=access_key_id,
        aws_secret_access_key=secret_access_key,
        region_name=region,
        botocore_session=BotocoreSession(session_vars=_BLIND),
    )
