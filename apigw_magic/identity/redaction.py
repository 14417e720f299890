"""Secrets taken out of texts that others wrote, such as a server that echoes the request."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

from apigw_magic.models import REDACTED

if TYPE_CHECKING:
    from collections.abc import Iterable

_SHORTEST = 8  # a shorter secret would cut words out of ordinary text


def redact(text: str, secrets: Iterable[str]) -> str:
    """Replace each secret in a text, however it is encoded: plain, percent-encoded, as JSON or as base64."""
    for form in sorted({form for secret in secrets for form in _forms(secret)}, key=len, reverse=True):
        text = text.replace(form, REDACTED)
    return text


def _forms(secret: str) -> set[str]:
    if len(secret) < _SHORTEST:
        return set()
    return {
        secret,
        quote(secret, safe=""),
        quote_plus(secret),
        json.dumps(secret)[1:-1],
        json.dumps(secret)[1:-1].replace("/", r"\/"),
        base64.b64encode(secret.encode()).decode().rstrip("="),
        base64.urlsafe_b64encode(secret.encode()).decode().rstrip("="),
    }
