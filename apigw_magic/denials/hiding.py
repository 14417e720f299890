"""Secrets taken out of what others wrote, known by the name that stands before them.

Over a connection its own secrets are known, and taken out wherever they stand; an answer from anywhere may hold those
of somebody else. AWS shows some itself: where signatures differ, the canonical request has the session token.
"""

from __future__ import annotations

import re

from apigw_magic.models import REDACTED

_SIGN = r"""[\\"']*\s*(?:[:=]|%3[AD])\s*[\\"']*"""  # between name and value, in a header, a query, JSON or a log
_VALUE = r"""[^\s"'\\&<>,;)]"""
_NAMED = re.compile(
    rf"(?:x-amz-security-token{_SIGN}(?P<token>{_VALUE}+)"
    rf"|signature{_SIGN}(?P<signature>[0-9a-f]{{16,}})"
    rf"|(?:x-api-key|secret[ _-]?access[ _-]?key|session[ _-]?token){_SIGN}(?P<key>{_VALUE}{{16,}})"
    rf"|authorization(?: header)?{_SIGN}(?:(?:basic|bearer)\s+)?"
    rf"(?!AWS4-HMAC-SHA256|basic\s|bearer\s)(?P<scheme>{_VALUE}{{8,}})"
    r"|'(?P<quoted>[^'\s]{1,8000})'"
    r"(?= not a valid key=value pair [(]missing equal-sign[)] in Authorization header: '(?!AWS4)))",
    re.IGNORECASE,
)


def hide_secrets(text: str) -> str:
    """Replace tokens, signatures and keys by `…`: what follows a name that announces one."""
    return _NAMED.sub(_hide, text)


def _hide(found: re.Match[str]) -> str:
    start, end = (at - found.start() for at in found.span(found.lastgroup or 0))
    return f"{found[0][:start]}{REDACTED}{found[0][end:]}"
