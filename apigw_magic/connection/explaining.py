"""Explains an answer from anywhere: a `Response` of ours, one of requests or urllib3, an exception, a log line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import overload
from urllib.error import HTTPError

from apigw_magic import denials
from apigw_magic.connection.response import Response
from apigw_magic.errors import ApigwError
from apigw_magic.models import Explanation, Headers, Refusal

_STATUS_NAMES = ("status_code", "status")
_PROTOCOL = re.compile(r"\s*(?:HTTP/[\d.]+\s+)?")  # of a status line
_CONTENT_NAMES = ("content", "data", "text")


@overload
def explain(status: object, /) -> Explanation: ...
@overload
def explain(status: int, headers: object = None, content: object = b"") -> Explanation: ...
def explain(status: object, headers: object = None, content: object = b"") -> Explanation:
    """Explain why an answer says no; whatever is handed in, there is an explanation.

    Args:
        status: a status code; or a whole answer (a `Response`, or that of requests or urllib3), or an exception of
            apigw_magic's, boto3's, requests', httpx's or urllib's.
        headers: of the answer: a mapping or pairs, names in any case.
        content: of the answer: bytes, text, or parsed JSON.
    """
    known = _look_up(status, ("explanation",))
    if isinstance(known, Explanation):
        return known
    if isinstance(status, Response):  # one that says yes; its content may echo what must not be shown
        return denials.explain(denials.read_refusal(status.status_code, status.headers, b""))
    if isinstance(status, HTTPError):
        return explain(status.code, status.headers.items(), status.read() if _look_up(status, ("fp",)) else b"")
    if isinstance(status, Exception):
        answer = None if isinstance(status, ApigwError) else _look_up(status, ("response",))
        if _look_up(answer, _STATUS_NAMES) is not None:  # of requests, httpx
            return explain(answer)
        return denials.explain(_read_exception(status))
    found = _look_up(status, _STATUS_NAMES)
    if found is not None:
        content, status, headers = _look_up(status, _CONTENT_NAMES), found, _look_up(status, ("headers",))
    return denials.explain(denials.read_refusal(_to_status(status), Headers(_to_fields(headers)), _to_text(content)))


def _look_up(answer: object, names: tuple[str, ...]) -> object:
    """Return the first attribute that is there; None for none."""
    try:
        return next((value for name in names if (value := getattr(answer, name, None)) is not None), None)
    except Exception:  # noqa: BLE001 - a property of anybody's that raises says nothing
        return None


def _read_exception(error: Exception) -> Refusal:
    """Read boto3's exceptions: those that hold an answer, and those of the SDK itself; others as what they say."""
    refusal = _look_up(error, ("refusal",))
    if isinstance(refusal, Refusal):
        return refusal
    if isinstance(error, ApigwError):
        return Refusal(0, type(error).__name__, denials.to_line(_to_text(error)))
    answer = _look_up(error, ("response",))
    if isinstance(answer, Mapping) and isinstance(answer.get("Error"), Mapping):
        meta = answer.get("ResponseMetadata")
        status = meta.get("HTTPStatusCode") if isinstance(meta, Mapping) else 0
        message, code = (denials.hide_secrets(_to_text(answer["Error"].get(name))) for name in ("Message", "Code"))
        return Refusal(_to_status(status), denials.to_line(code), denials.to_line(message), message)
    message = denials.hide_secrets(_to_text(error))
    return Refusal(0, type(error).__name__, denials.to_line(message), message)


def _to_status(status: object) -> int:
    """Return a status code; 0 for what is none."""
    if isinstance(status, bytes):
        status = status.decode("ascii", "replace")
    if isinstance(status, str):
        digits = _PROTOCOL.sub("", status[:40], count=1)[:3]
        return int(digits) if digits.isascii() and digits.isdigit() else 0
    return int(status) if isinstance(status, int) else 0


def _to_fields(headers: object) -> Iterable[tuple[str, str]]:
    """Yield header fields as text; what is no field is left out."""
    pairs = headers.items() if isinstance(headers, Mapping) else headers
    if not isinstance(pairs, Iterable) or isinstance(pairs, str | bytes):
        return
    for pair in pairs:
        if isinstance(pair, tuple | list) and len(pair) == 2:  # noqa: PLR2004 - a name and a value
            name, value = pair
            values = value if isinstance(value, list | tuple) else (value,)
            yield from ((_to_text(name), _to_text(part)) for part in values)


def _to_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).decode("utf-8", "replace")
    try:
        return json.dumps(value, default=str) if isinstance(value, dict | list) else str(value)
    except Exception:  # noqa: BLE001 - an object of anybody's that has no text says nothing
        return ""
