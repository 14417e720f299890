"""A message made a request: expanded, typed and encoded."""

from __future__ import annotations

import codecs
import mimetypes
import re
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from apigw_magic.errors import RequestSyntaxError
from apigw_magic.models import Request
from apigw_magic.text.document import check_json, is_json_document
from apigw_magic.text.expand import encode_content, encode_header, join_text
from apigw_magic.text.faults import show, show_expression, tell
from apigw_magic.text.media import is_json_type
from apigw_magic.text.target import encode_target
from apigw_magic.text.template import Inserted, evaluate_template, split_template
from apigw_magic.text.values import to_plain

if TYPE_CHECKING:
    from apigw_magic.models import Fields
    from apigw_magic.text.message import Message
    from apigw_magic.text.template import Evaluate, Part

_JSON = "application/json"
_PLAIN_TEXT = "text/plain; charset=utf-8"
_BYTES = "application/octet-stream"

_CHARSET = re.compile(r";[ \t]*charset=\"?([-\w.:]+)", re.IGNORECASE)

_SUFFIXES = mimetypes.MimeTypes(filenames=())
"""Python's own table alone: the system's would type one file differently on two machines."""


def build_request(message: Message, evaluate: Evaluate | None) -> Request:
    """Expand a message and encode it.

    All templates are cut before anything is evaluated, and all expressions evaluated, once and in the order written,
    before anything is encoded. Content without a Content-Type that starts with `{` or `[` is JSON, and so is a list,
    dict or table that starts it; a text that starts it is taken as it is. JSON content must be valid JSON.

    Args:
        message: the cell.
        evaluate: gives the values of expressions; None leaves `{{ }}` as it stands.

    Raises:
        RequestSyntaxError: an expression fails, a value cannot stand where it stands, content that is not valid JSON,
            or a file that cannot be read.
    """
    place = message.places.content
    if evaluate is not None:
        for template, line in message.cut():
            split_template(template, line)
    target = tuple(part for piece, line in message.cut_target() for part in evaluate_template(piece, evaluate, line))
    fields = [(name, evaluate_template(value, evaluate, line), line) for name, value, line in message.cut_headers()]
    content = evaluate_template(message.content or "", evaluate, place)
    file = evaluate_template(message.file or "", evaluate, place)
    headers = tuple((name, encode_header(name, parts, line)) for name, parts, line in fields)
    if message.file is not None:
        media_type, encoded = _read_file(join_text(file), place)
    else:
        media_type, encoded = _encode(headers, content, message, is_template=evaluate is not None)
    if encoded and not _find_type(headers):
        headers = (*headers, ("Content-Type", media_type))
    first_line = message.places.target[0][1] if message.places.target else 0
    return Request(message.method, encode_target(target, first_line), headers, encoded)


def _encode(headers: Fields, parts: tuple[Part, ...], message: Message, *, is_template: bool) -> tuple[str, bytes]:
    """Return the media type of the content, as declared or as it looks, and its bytes."""
    declared = _find_type(headers)
    says_json = is_json_type(declared)
    if says_json:
        _refuse_quoted_document(parts)
    pieces = encode_content(parts, is_json=says_json or (not declared and _starts_json(parts)))
    text = "".join(pieces)
    find_line = partial(_find_line, message, pieces, is_template=is_template)
    is_json = says_json or (not declared and text.lstrip()[:1] in ("{", "["))
    if is_json and text.strip():
        check_json(text, find_line)
    _check_charset(declared, next((line for name, _, line in message.cut_headers() if _is_type(name)), 0))
    try:
        return _JSON if is_json else _PLAIN_TEXT, text.encode()
    except UnicodeEncodeError as error:
        raise RequestSyntaxError(
            tell(
                find_line(error.start),
                f"the content holds half a character ({text[error.start]!a}): it cannot be sent as UTF-8.",
            ),
            fix="Type that character anew.",
        ) from None


def _find_line(message: Message, pieces: list[str], place: int, *, is_template: bool) -> int:
    """Return the line of the cell for a place in the content, each piece of which came from a part of the template."""
    line, written = message.places.content, message.content or ""
    if not line:
        return 0
    parts = split_template(written) if is_template else (written,)
    for part, piece in zip(parts, pieces, strict=True):
        if place < len(piece):
            return line + (piece.count("\n", 0, place) if isinstance(part, str) else 0)
        place -= len(piece)
        line += (part if isinstance(part, str) else part.text).count("\n")
    return line


def _starts_json(parts: tuple[Part, ...]) -> bool:
    """Whether content starts as a JSON object or array does, or with a value that becomes one."""
    for part in parts:
        if isinstance(part, Inserted):
            return isinstance(to_plain(part.value, part.source), list | dict)
        if part.strip():
            return part.lstrip()[0] in "{["
    return False


def _refuse_quoted_document(parts: tuple[Part, ...]) -> None:
    """Refuse to send JSON text as one JSON string, when it is the whole content: it is hardly ever meant."""
    whole = [part for part in parts if isinstance(part, Inserted) or part.strip()]
    if len(whole) != 1 or not isinstance(whole[0], Inserted):
        return
    source, value = whole[0].source, whole[0].value
    if isinstance(value, str) and is_json_document(value):
        raise RequestSyntaxError(
            f"{show_expression(source)} is JSON text already, and would be sent as one quoted string.",
            why="In JSON content, {{ }} inserts a value.",
            fix=f"Insert {{{{ json.loads({show(source)}) }}}}, or take Content-Type away to send the text as it is.",
        )


def _read_file(name: str, line: int) -> tuple[str, bytes]:
    """Return the media type that the suffix of a file stands for, and its bytes; its path stands on this line."""
    path = Path(name)
    media_type, coding = _SUFFIXES.guess_type(path.name)
    if coding:
        media_type = "application/gzip" if coding == "gzip" else _BYTES
    try:
        path = path.expanduser()
        if path.exists() and not path.is_file():  # a pipe or a device might never end
            raise RequestSyntaxError(
                tell(line, f"not a regular file: {show(name)}"), fix="Write the path of a file: < orders.json"
            )
        return media_type or _BYTES, path.read_bytes()
    except (OSError, RuntimeError, ValueError) as error:  # RuntimeError: no such home; ValueError: NUL in the path
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise RequestSyntaxError(
            tell(line, f"cannot read the file {show(name)}: {reason}."),
            why=f"Relative paths start at {Path.cwd()}",
            fix="Write its path: < data/orders.json",
        ) from error


def _find_type(headers: Fields) -> str:
    """Return the declared Content-Type; empty for none."""
    return next((value for name, value in headers if _is_type(name)), "")


def _is_type(name: str) -> bool:
    return name.lower() == "content-type"


def _check_charset(content_type: str, line: int) -> None:
    """Refuse a declared charset that the bytes would not be in."""
    charset = _CHARSET.search(content_type)
    if charset is None:
        return
    try:
        known = codecs.lookup(charset[1]).name
    except LookupError:
        known = ""
    if known != "utf-8":
        raise RequestSyntaxError(
            tell(line, f"Content-Type says charset={charset[1]}, and text is sent as UTF-8."),
            fix="Write charset=utf-8, or send a file: < path",
        )
