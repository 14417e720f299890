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
_JOINERS = "\u200c\u200d"  # of emoji, and of scripts such as Persian


def read_refusal(status_code: int, headers: Mapping[str, str], content: bytes | str) -> Refusal:
    """Read status, error type and text out of an answer.

    Args:
        status_code: of the answer.
        headers: names in any case.
        content: the body; JSON, or any other text, which is cut at 400 characters.
    """
    fields = Headers(headers.items())
    error_type = to_line(fields.get("x-amzn-errortype", "").partition(":")[0])
    text = content.decode("utf-8", "replace") if isinstance(content, bytes) else content
    return Refusal(status_code=status_code, error_type=error_type, message=_message(text))


def _message(text: str) -> str:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return to_line(text)
    if isinstance(document, str):
        return to_line(document)
    if isinstance(document, dict):
        found = next((document[key] for key in _MESSAGE_KEYS if isinstance(document.get(key), str)), None)
        if found is not None:
            return to_line(found)
    return "" if document in (None, {}, []) else to_line(text)


def to_line(text: str) -> str:
    """Return a text of others as one line of at most 400 characters, without what a terminal would obey."""
    words = " ".join(text.split(maxsplit=_LONGEST)[:_LONGEST])  # more words than that would be cut anyway
    line = "".join(char if char.isprintable() or char in _JOINERS else "\ufffd" for char in words[: _LONGEST + 1])
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
