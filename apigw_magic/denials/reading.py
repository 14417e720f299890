"""Reads what an answer says of its refusal, wherever the answer comes from."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from apigw_magic.models import Headers, Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

# API Gateway writes `message` and, for access denied, `Message`; Lambda `errorMessage`; RFC 9457 `detail` and `title`.
_MESSAGE_KEYS = ("message", "Message", "errorMessage", "detail", "title", "error")
_LONGEST = 400


def read_refusal(status_code: int, headers: Mapping[str, str], content: bytes | str) -> Refusal:
    """Read status, error type and text out of an answer.

    Args:
        status_code: of the answer.
        headers: names in any case.
        content: the body; JSON, or any other text, which is cut at 400 characters.
    """
    fields = Headers(headers.items())
    error_type = fields.get("x-amzn-errortype", "").partition(":")[0].strip()
    text = content.decode("utf-8", "replace") if isinstance(content, bytes) else content
    return Refusal(status_code=status_code, error_type=error_type, message=_message(text))


def _message(text: str) -> str:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return _cut(text)
    if isinstance(document, str):
        return _cut(document)
    if isinstance(document, dict):
        found = next((document[key] for key in _MESSAGE_KEYS if isinstance(document.get(key), str)), None)
        if found is not None:
            return _cut(found)
    return "" if document in (None, {}, []) else _cut(text)


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
