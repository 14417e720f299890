"""Reads what an answer says of its refusal, wherever the answer comes from."""

from __future__ import annotations

import html
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from apigw_magic.denials.hiding import hide_secrets
from apigw_magic.models import Headers, Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from apigw_magic.models import Json

# API Gateway writes `message` and, for access denied, `Message`; Lambda `errorMessage`; RFC 9457 `detail` and `title`.
_MESSAGE_KEYS = ("message", "Message", "errorMessage", "detail", "title", "error")
_LONGEST = 400
_LARGEST = 2**20  # of a body, characters that are read
_MATCHED = 2**16  # of its text, characters that are kept for matching
_LONGEST_PAGE = 200
_JOINERS = "\u200c\u200d"  # of emoji, and of scripts such as Persian

_XML_ERROR = re.compile(r"<(?:\w+:)?Error[\s>]")
_XML_CODE = re.compile(r"<Code>([^<]{1,200})</Code>")
_XML_NAMED = re.compile(r"\s*<(?P<type>[A-Z]\w{2,80}(?:Exception|Denied))>\s*<[Mm]essage>(?P<text>[^<]*)</[Mm]essage>")
"""An error in XML that is named by its root, as services write it whose model is JSON."""
_XML_MESSAGE = re.compile(r"<[Mm]essage>([^<]*)</[Mm]essage>")
_STS_NAMESPACE = "https://sts.amazonaws.com/"
# How boto3 writes a refusal, and how plain texts of AWS begin.
_BOTO3 = re.compile(
    r"(?:[\w.]+: )?An error occurred \((?P<type>[\w.]+)\) when calling the (?P<call>\w+) operation[^:]*: "
)
_PLAIN = re.compile(r"(?P<type>[A-Z]\w{2,80}(?:Exception|Denied|Error)): ")
_STS_CALLS = ("AssumeRole", "GetCallerIdentity", "GetSessionToken", "GetFederationToken")

_LAMBDA_KEYS = frozenset({"errorMessage", "errorType", "stackTrace", "requestId", "trace", "cause"})
_GRAPHQL_KEYS = frozenset({"data", "errors", "extensions"})


ERRORS_IN_SUCCESS = frozenset({"lambda error", "graphql errors"})
"""Forms of an error that come with status 200, too."""


@dataclass(frozen=True, slots=True)
class _Body:
    """What a body says.

    Attributes:
        text: the message.
        error_type: where the body names it, as AWS does; empty else.
        api: who writes in this form; empty for many.
        form: what is known by its form alone, as in `Refusal`.
        is_plain: whether it is in the gateway's own form: JSON with nothing but a message, or nothing at all.
    """

    text: str
    error_type: str = ""
    api: str = ""
    form: str = ""
    is_plain: bool = False


def may_be_error(content: bytes) -> bool:
    """Tell at a glance whether an answer of status 200 may be an error all the same."""
    if len(content) > _LARGEST:
        return False
    has_errors = b'"errors"' in content and (b"null" in content or b'"errorType"' in content)
    return has_errors or (b'"errorMessage"' in content and b'"errorType"' in content)


def read_refusal(status_code: int, headers: Mapping[str, str], content: bytes | str) -> Refusal:
    """Read status, error type and text out of an answer.

    Args:
        status_code: of the answer.
        headers: names in any case.
        content: the body; JSON, XML or any other text, of which one line of 400 characters is shown.
    """
    fields = Headers(headers.items())
    told = _cut_type(fields.get("x-amzn-errortype", ""))
    text = content[: 4 * _LARGEST].decode("utf-8", "replace") if isinstance(content, bytes) else content
    body = _read_body(text[:_LARGEST])
    shown = hide_secrets(body.text[:_MATCHED])  # before it is cut to a line: half a token would not be known for one
    is_problem = "problem+" in fields.get("content-type", "").lower()
    longest = _LONGEST_PAGE if text[:64].lstrip()[:1] == "<" and body.text is text else _LONGEST
    return Refusal(
        status_code=status_code,
        error_type=to_line(hide_secrets(told or body.error_type)),
        message=to_line(shown, longest),
        text=shown,
        api=body.api or _read_api(fields),
        form=body.form or ("problem" if is_problem else ""),
        is_typed_inside=bool(body.error_type and not told),
        is_other_form=not body.is_plain and bool(text.strip()),
        body=hide_secrets(text[:_MATCHED]) if is_problem else "",
    )


def read_message(content: str) -> str:
    """Read the text of an answer alone, secrets and all: to compare with, and never to be shown."""
    return _read_body(content[:_LARGEST]).text


def _cut_type(error_type: str) -> str:
    """Return an error type without the URL or namespace that some services write beside it."""
    return error_type.partition(":")[0].rpartition("#")[2].strip()


def _read_api(fields: Mapping[str, str]) -> str:
    """Tell who wrote an answer, or passed it on, by its header."""
    if "x-amz-apigw-id" in fields:
        return "rest"
    if "apigw-requestid" in fields:
        return "http"
    return "aws" if "x-amzn-requestid" in fields else ""


def _read_body(text: str) -> _Body:
    try:
        document: Json = json.loads(text)
    except (ValueError, RecursionError):
        return _read_text(text)
    if isinstance(document, str):
        return _read_text(document)
    if isinstance(document, dict):
        return _read_object(document, text)
    return _Body("" if document is None or document == [] else text)


def _read_object(document: dict[str, Json], text: str) -> _Body:
    errors = document.get("errors")
    if isinstance(errors, list):
        listed = [error for error in errors if isinstance(error, dict)]
        found = _read_errors(document, listed) if listed and len(listed) == len(errors) else None
        if found is not None:
            return found
    inner = document.get("Error")
    if isinstance(inner, dict) and isinstance(inner.get("Code"), str):
        return _Body(str(inner.get("Message") or ""), str(inner["Code"]), "sts")
    told = next((told for key in _MESSAGE_KEYS if isinstance(told := document.get(key), str)), None)
    if document.keys() <= _LAMBDA_KEYS and isinstance(document.get("errorMessage"), str) and "errorType" in document:
        kind = document.get("errorType")
        return _Body(f"{kind}: {told}" if isinstance(kind, str) and kind else str(told), form="lambda error")
    named = document.get("__type")
    error_type = _cut_type(named) if isinstance(named, str) else ""
    if told is None and isinstance(inner := document.get("error"), dict) and isinstance(inner.get("message"), str):
        return _Body(str(inner["message"]), error_type)
    is_plain = document.keys() <= {"message", "Message"}
    if told is not None:
        return _Body(told, error_type, is_plain=is_plain)
    # {"message": null} says nothing, either.
    return _Body("" if all(value is None for value in document.values()) else text, error_type, is_plain=is_plain)


def _read_errors(document: dict[str, Json], errors: list[dict[str, Json]]) -> _Body | None:
    """Read a list of errors as GraphQL and AppSync write it; None for any other list."""
    is_appsync = isinstance(errors[0].get("errorType"), str)
    if not document.keys() <= _GRAPHQL_KEYS or not isinstance(errors[0].get("message"), str):
        return None
    if not is_appsync and document.get("data", errors) is not None:  # a list of data, perhaps, or a part of the answer
        return None if "data" not in document else _Body(_join(errors))
    error_type = str(errors[0]["errorType"]) if is_appsync else ""
    form = "graphql errors" if document.get("data") is None else ""
    return _Body(_join(errors), error_type, "appsync" if is_appsync else "", form)


def _join(errors: list[dict[str, Json]]) -> str:
    return "; ".join(str(error.get("message")) for error in errors)


def _read_text(text: str) -> _Body:
    """Read what is not JSON: XML of AWS's older services, a line of boto3's, plain text."""
    if text[:1000].lstrip().startswith("<") and _XML_ERROR.search(text[:4000]):
        code, message = _XML_CODE.search(text), _XML_MESSAGE.search(text)
        if code and message:
            api = "sts" if _STS_NAMESPACE in text[:4000] else ""
            return _Body(html.unescape(message[1]), html.unescape(code[1]).strip(), api)
    if named := _XML_NAMED.match(text[:4000]):
        return _Body(html.unescape(named["text"]), named["type"])
    if raised := _BOTO3.match(text):
        return _Body(text[raised.end() :], raised["type"], "sts" if raised["call"].startswith(_STS_CALLS) else "")
    if plain := _PLAIN.match(text):
        return _Body(text[plain.end() :], plain["type"])
    return _Body(text)


def to_line(text: str, longest: int = _LONGEST) -> str:
    """Return a text of others as one line of at most 400 characters, without what a terminal would obey."""
    words = " ".join(text.split(maxsplit=longest)[:longest])  # more words than that would be cut anyway
    line = "".join(char if char.isprintable() or char in _JOINERS else "\ufffd" for char in words[: longest + 1])
    return line if len(line) <= longest else f"{line[: longest - 1]}…"
