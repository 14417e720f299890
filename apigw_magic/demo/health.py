"""What a server on loopback says of itself: is it MiniStack, and does it check signatures and policies?"""

from __future__ import annotations

import json
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from typing import Final

HEALTH_PATH: Final = "/_ministack/health"
"""MiniStack's own name of what it also answers at `/_localstack/health`; LocalStack does not answer it."""

_LIMIT = 100_000


@dataclass(frozen=True, slots=True)
class Health:
    """What MiniStack says of itself.

    Attributes:
        version: such as `1.5.33`.
        checks_auth: whether it verifies signatures and evaluates policies.
    """

    version: str
    checks_auth: bool


def ask_health(host: str, port: int, *, timeout: float) -> Health | None:
    """Ask a server for its health, directly: no proxy, no redirect.

    Args:
        host: a loopback address.
        port: where it may listen.
        timeout: seconds for each step of the exchange.

    Returns:
        What it says, or None where nothing answers or something else than MiniStack does.
    """
    connection = HTTPConnection(host, port, timeout=timeout)
    try:
        connection.request("GET", HEALTH_PATH)
        return read_health(connection.getresponse().read(_LIMIT))
    except (OSError, HTTPException):
        return None
    finally:
        connection.close()


def read_health(content: bytes) -> Health | None:
    """Read the content of an answer; None if MiniStack does not write such a one."""
    try:
        document = json.loads(content)
    except ValueError:
        return None
    if not isinstance(document, dict) or not isinstance(document.get("services"), dict):
        return None
    return Health(version=str(document.get("version", "")), checks_auth=document.get("auth") == "enabled")
