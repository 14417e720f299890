"""The target, each value encoded for its place (RFC 3986 §2.1, §3).

- As the whole target, at its start, or in the host: text, as it is; neither missing nor empty, and with no query where
  a path follows it.
- In the path: one percent-encoded segment, or a part of one. Missing, blank, `.` and `..` are refused, so that
  `DELETE /orders/{{ id }}` never reaches `/orders/`; a slash is `%2F`. A list that stands for whole segments joins
  them. An escape that was begun before a value (`%2{{ x }}`) is refused: the value would not be what it says.
- In the query: as `query` says.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from apigw_magic.errors import RequestSyntaxError
from apigw_magic.text.faults import show, show_expression, show_type, tell
from apigw_magic.text.query import encode_query, percent_encode
from apigw_magic.text.template import Inserted
from apigw_magic.text.values import to_plain, to_text, write_scalar

if TYPE_CHECKING:
    from collections.abc import Iterable

    from apigw_magic.text.template import Part
    from apigw_magic.text.values import Plain

_HOST_ONLY = re.compile(r"https?://[^/?#]*", re.IGNORECASE)
_NOT_IN_HOST = re.compile(r"[/?#\\@\s]")
_START = re.compile(r"/|https?://[^/?#]", re.IGNORECASE)
_UNPRINTABLE = re.compile(r"[\0-\x20\x7f]")
_BEGUN_ESCAPE = re.compile(r"%[0-9A-Fa-f]?\Z")

_WHY_NOT_EMPTY = "Without it, the request would go to another resource."
_FIX_NO_VALUE = "Give it a value first."


def encode_target(parts: tuple[Part, ...], line: int = 0) -> str:
    """Return the target from its evaluated parts.

    Args:
        parts: in order.
        line: the number of the line of the cell that the target starts on; 0 if it stands in none.

    Raises:
        RequestSyntaxError: a value that cannot stand where it stands, or a target that is no path and no URL.
    """
    _check_escapes(parts)
    head, query = _cut_at_query(_settle_start(parts))
    target = _encode_path(head)
    if not target:
        raise RequestSyntaxError(tell(line, "the target is empty."), fix="Write a path such as /orders")
    if not _START.match(target):
        raise RequestSyntaxError(
            tell(line, f"the target is neither a path nor a URL: {show(target)}"),
            fix="Write a path such as /orders, or a URL with https://",
        )
    pairs = encode_query(query)
    is_as_written = all(isinstance(part, str) for part in query)
    return f"{target}?{pairs}" if pairs or (query and is_as_written) else target


def _check_escapes(parts: tuple[Part, ...]) -> None:
    """Refuse a value that would be the end of an escape: with `%2` before it, `e` is a dot."""
    for before, part in pairwise(parts):
        if isinstance(before, str) and isinstance(part, Inserted) and (begun := _BEGUN_ESCAPE.search(before)):
            raise RequestSyntaxError(
                f"{show_expression(part.source)} stands inside of an escape: {begun[0]} comes before it.",
                fix="Write %25 for a percent sign.",
            )


def _settle_start(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """Return the parts with the values that start the target, or stand in its host, as text."""
    settled: list[Part] = list(parts)
    start = ""
    for index, part in enumerate(parts):
        if start and not _HOST_ONLY.fullmatch(start):
            break
        if isinstance(part, Inserted):
            text = _read_origin(part, in_host=bool(start))
            if "?" in text:
                _join_queries(settled, index + 1, part.source)
            settled[index] = text
        start += str(settled[index])
    return tuple(settled)


def _read_origin(part: Inserted, *, in_host: bool) -> str:
    """Return a value that is taken as it is."""
    if to_plain(part.value, part.source) is None:
        raise RequestSyntaxError(
            f"{show_expression(part.source)} is missing, and stands in the path or the host.",
            why=_WHY_NOT_EMPTY,
            fix=_FIX_NO_VALUE,
        )
    text = _refuse_blank(to_text(part.value, part.source), part.source)
    if in_host and _NOT_IN_HOST.search(text):
        raise RequestSyntaxError(
            f"{show_expression(part.source)} stands in the host, and is none: {show(text)}",
            fix="Insert the host alone, or the whole URL: GET {{ url }}",
        )
    if _UNPRINTABLE.search(text):
        raise RequestSyntaxError(
            f"{show_expression(part.source)} is taken as it is, and has a space or control character: {show(text)}",
            fix="A space in a URL is %20.",
        )
    return text


def _join_queries(settled: list[Part], index: int, source: str) -> None:
    """Let pairs that follow a URL with a query of its own be more of its pairs; a path cannot follow it."""
    after = settled[index] if index < len(settled) else ""
    if isinstance(after, str) and after.startswith("?"):
        settled[index] = f"&{after[1:]}"
    elif isinstance(after, str) and after.startswith("/"):
        raise RequestSyntaxError(
            f"{show_expression(source)} has a query, and a path follows it: {show(after)}",
            why="Without that path, the request would go to another resource.",
            fix="Take the query away, and write it behind the path.",
        )


def _cut_at_query(parts: Iterable[Part]) -> tuple[list[Part], list[Part]]:
    """Return the parts before the first `?` and those after it."""
    head: list[Part] = []
    query: list[Part] = []
    place = head
    for part in parts:
        if isinstance(part, str) and place is head:
            before, mark, after = part.partition("?")
            head.append(before)
            if mark:
                place = query
                query.append(after)
        else:
            place.append(part)
    return head, query


def _encode_path(parts: list[Part]) -> str:
    written: list[str] = []
    for index, part in enumerate(parts):
        if isinstance(part, str):
            written.append(part)
            continue
        after = parts[index + 1] if index + 1 < len(parts) else "/"
        is_whole = written[-1].endswith("/") and isinstance(after, str) and after[:1] in ("", "/")
        written.append(_encode_segments(part, is_whole=is_whole))
    return "".join(written)


def _encode_segments(part: Inserted, *, is_whole: bool) -> str:
    plain = to_plain(part.value, part.source)
    if not isinstance(plain, list):
        return _encode_segment(plain, part)
    if not is_whole:
        raise RequestSyntaxError(
            f"{show_expression(part.source)} is a list within a segment.",
            why="A list becomes segments of its own.",
            fix="Write slashes around it, or insert one value of it.",
        )
    if not plain:
        raise RequestSyntaxError(
            f"{show_expression(part.source)} is empty, and stands for a segment of the path.",
            why=_WHY_NOT_EMPTY,
            fix=_FIX_NO_VALUE,
        )
    return "/".join(_encode_segment(item, part) for item in plain)


def _encode_segment(plain: Plain, part: Inserted) -> str:
    """Return one percent-encoded segment."""
    if plain is None:
        raise RequestSyntaxError(
            f"{show_expression(part.source)} is missing, and stands for a segment of the path.",
            why=_WHY_NOT_EMPTY,
            fix=_FIX_NO_VALUE,
        )
    if isinstance(plain, list | dict):
        raise RequestSyntaxError(
            f"{show_expression(part.source)} is {show_type(part.value)}, and stands for a segment of the path.",
            fix="A segment is a single value, or a list of them.",
        )
    text = _refuse_blank(write_scalar(plain), part.source)
    if text in (".", ".."):
        raise RequestSyntaxError(
            f"{show_expression(part.source)} is {text!r}, and stands for a segment of the path.",
            why="A dot segment leads to another resource (RFC 3986 §5.2.4).",
            fix="Insert the segment's own name.",
        )
    return percent_encode(text)


def _refuse_blank(text: str, source: str) -> str:
    if not text.strip():
        raise RequestSyntaxError(
            f"{show_expression(source)} is empty, and stands in the path or the host.",
            why=_WHY_NOT_EMPTY,
            fix=_FIX_NO_VALUE,
        )
    return text
