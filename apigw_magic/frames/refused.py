"""Documents that are no data: an error that came with a status of success, or inside of an answer."""

from __future__ import annotations

from base64 import b64decode
from binascii import Error
from typing import TYPE_CHECKING

from apigw_magic.errors import FrameError
from apigw_magic.frames.excerpts import excerpt
from apigw_magic.frames.found import ROOT
from apigw_magic.frames.parse import parse

if TYPE_CHECKING:
    from apigw_magic.models import Json

_PROXY = frozenset({"body", "cookies", "headers", "isBase64Encoded", "multiValueHeaders", "statusCode"})
_FAILURE = frozenset({"cause", "errorMessage", "errorType", "requestId", "stackTrace", "trace"})
_FIRST_ERROR = 400
_STATUS_CODES = range(100, 600)
_LONGEST_REASON = 200

_FIX = f"To see it as a row: --records '{ROOT}'"


def unwrap_proxy(document: Json) -> dict[str, Json] | None:
    """Return a Lambda proxy answer that nobody unwrapped with its body parsed; None if it is none, or not of JSON.

    Source: Amazon API Gateway Developer Guide, "Output format of a Lambda function for proxy integration".
    """
    if (
        not isinstance(document, dict)
        or not document.keys() <= _PROXY
        or document.get("statusCode") not in _STATUS_CODES
    ):
        return None
    body = document.get("body")
    if not isinstance(body, str):
        return None
    try:
        content = b64decode(body, validate=True) if document.get("isBase64Encoded") is True else body.encode()
        inner = parse(content)
    except (Error, ValueError, FrameError):
        return None
    return {**document, "body": inner} if isinstance(inner, dict | list) else None


def refuse_errors(document: Json) -> None:
    """Refuse a document that says that something failed.

    Raises:
        FrameError: it is what a Lambda function answers that raised, an error inside of a Lambda proxy answer, or an
            answer of GraphQL without data.
    """
    if not isinstance(document, dict):
        return
    if {"errorMessage", "errorType"} <= document.keys() <= _FAILURE:
        reason = _shorten(document["errorType"], document["errorMessage"])
        raise FrameError("The Lambda function failed; the answer is its error.", why=reason, fix=_FIX)
    if document.keys() <= _PROXY and isinstance(status := document.get("statusCode"), int) and status >= _FIRST_ERROR:
        what = f"The answer is a Lambda proxy answer that was not unwrapped, and says {status}."
        raise FrameError(what, why=_shorten(document.get("body", "")), fix=_FIX)
    if "data" in document and document["data"] is None and (reason := read_errors(document)):
        raise FrameError("GraphQL answered with errors and no data.", why=reason, fix=_FIX)


def read_errors(document: Json) -> str:
    """Return what errors that GraphQL put beside the data say first; empty if there are none (October 2021, §7.1)."""
    errors = document.get("errors") if isinstance(document, dict) and "data" in document else None
    if not isinstance(errors, list) or not errors or not isinstance(errors[0], dict) or "message" not in errors[0]:
        return ""
    return _shorten(errors[0]["message"])


def _shorten(*parts: Json) -> str:
    """Return texts on one line, printable, and not long."""
    line = ": ".join(str(part) for part in parts if part)
    return excerpt(line, _LONGEST_REASON)
