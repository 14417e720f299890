"""Secrets taken out of texts that others wrote, such as a server that echoes the request."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING

from apigw_magic.models import REDACTED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_SHORTEST = 8  # a shorter secret would cut words out of ordinary text


def redact(text: str, secrets: Iterable[str]) -> str:
    """Replace each secret in a text, however it is encoded: plain, percent-encoded, as JSON, as HTML or as base64."""
    for secret in sorted(set(secrets), key=len, reverse=True):
        if len(secret) >= _SHORTEST:
            text = re.sub("|".join((_spelled(secret), *_base64_forms(secret))), REDACTED, text)
    return text


def _spelled(secret: str) -> str:
    """Return a pattern for a secret, any sign of which may be escaped: encoders differ in which they escape."""
    return "".join(char if char.isascii() and char.isalnum() else _spelled_sign(char) for char in secret)


def _spelled_sign(char: str) -> str:
    code = ord(char)
    percent = "".join(f"%(?:25)*{byte:02x}" for byte in char.encode())
    return rf"(?:\\{{0,4}}{re.escape(char)}|(?i:{percent}|\\{{1,4}}u{code:04x}|&#(?:{code}|x{code:x});))"


def _base64_forms(secret: str) -> Iterator[str]:
    """Yield how a secret looks within base64, where it may begin at any of three offsets."""
    content = secret.encode()
    for offset in range(3):
        encoded = base64.b64encode(bytes(offset) + content).decode()
        # Only characters whose six bits are all the secret's: its neighbours decide the ones at the edges.
        inner = encoded[-(-offset * 8 // 6) : (offset + len(content)) * 8 // 6]
        yield inner.replace("+", "[+-]").replace("/", r"(?:\\{0,4}/|_)")
