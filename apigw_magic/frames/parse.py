"""Content → JSON document: the fast parser where it is exact, the standard library where it is not.

msgspec is several times quicker, and as exact, but refuses NaN, lone surrogates, a byte order mark and UTF-16. Those go
to the `json` module. Whatever neither can read is a `FrameError`.
"""

from __future__ import annotations

import codecs
import contextlib
import json
import math
import re
from typing import TYPE_CHECKING

import msgspec

from apigw_magic.errors import FrameError
from apigw_magic.frames.collector import pause_collector
from apigw_magic.frames.excerpts import excerpt

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apigw_magic.models import Json

SPACE = b" \t\r\n"
"""What may stand between the values of a document (RFC 8259 §2)."""

REFUSALS = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What msgspec raises where the standard library decides."""

_LITERALS = ("true", "false", "null", "NaN", "Infinity", "-Infinity")

_BEGUN = re.compile(r"\.([0-9]+[eE][+-]?)?|[eE][+-]?")
"""What the standard library sees behind a number that was cut short: it takes `1.` for a 1 and something else."""

_LONGEST_ESCAPE = 6
"""Characters in a JSON escape, as in backslash-u0041 (RFC 8259 §7)."""


@pause_collector()
def parse(content: bytes, *, lines: bool = False) -> Json:
    r"""Return the JSON document that the content holds, every number and text as received.

    Integers are exact at any size. `NaN`, `Infinity` and `-Infinity`, which RFC 8259 does not know but many servers
    send, are floats. Of duplicate keys the last wins. Lines of JSON objects (NDJSON) are a list of objects.

    Args:
        content: the decoded content of a response, in UTF-8, UTF-16 or UTF-32, with or without a byte order mark.
        lines: whether its Content-Type says that it is lines of JSON: one object is a list of one then.

    Returns:
        The document: bool, int, float, str, list, dict or None.

    Raises:
        FrameError: if the content is empty, not JSON, cut short, nested beyond Python's recursion limit, or holds a
            number that Python cannot hold. It says where, and how many bytes came.
    """
    content = content.removeprefix(codecs.BOM_UTF8)
    if not content.strip():
        what = "The answer has no content, so there is nothing to parse."
        raise FrameError(what, why=f"{len(content):,} bytes came.")
    if lines and (rows := _parse_lines(content, fewest=1)) is not None:
        return rows
    # Only the standard library tells apart what is unusual and what is broken.
    with contextlib.suppress(*REFUSALS):
        document: Json = msgspec.json.decode(content)
        return document
    rows = _parse_lines(content, fewest=2)
    return _parse_exactly(content) if rows is None else rows


def _parse_exactly(content: bytes) -> Json:
    """Parse by the standard library, as documented at `parse`."""
    text = _decode(content)
    try:
        document: Json = json.loads(text, parse_float=parse_float)
    except json.JSONDecodeError as error:
        raise _explain_syntax(error, content) from None
    except RecursionError:
        raise FrameError(
            "The JSON is nested too deep to be read.",
            why=f"{len(content):,} bytes came; Python's recursion limit was reached.",
        ) from None
    except ValueError as error:
        # int() refuses more than sys.get_int_max_str_digits() digits (4,300 by default): CVE-2020-10735.
        raise _explain_number(text, content, str(error)) from None
    return document


def _decode(content: bytes) -> str:
    """Decode as the standard library would (RFC 4627 §3), lone surrogates kept."""
    encoding = json.detect_encoding(content)
    try:
        return content.decode(encoding, "surrogatepass")
    except UnicodeDecodeError as error:
        raise FrameError(
            f"The content is not text: byte {error.start:,} is no {encoding.upper()} ({error.reason}).",
            why=f"{len(content):,} bytes came.",
            fix="Look at the bytes with --raw.",
        ) from None


def parse_float(token: str) -> float:
    """Return the nearest float, but never an infinity that nobody sent."""
    value = float(token)
    if math.isinf(value):
        raise FrameError(
            f"The number {excerpt(token)} is beyond the largest float, {1.7976931348623157e308}.",
            fix="Look at the content with --raw.",
        )
    return value


def split_lines(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the lines that are not blank, with their numbers from 1; a line ends with LF (U+2028 may be in a text)."""
    return ((number, line) for number, line in enumerate(content.split(b"\n"), 1) if line.strip(SPACE))


def load_line(line: bytes) -> Json:
    """Return what a line of JSON in UTF-8 holds, as exactly as `parse`.

    Raises:
        FrameError: as `parse`.
    """
    with contextlib.suppress(*REFUSALS):
        document: Json = msgspec.json.decode(line)
        return document
    return _parse_exactly(line)


def _parse_lines(content: bytes, fewest: int) -> list[Json] | None:
    """Return one object per line, blank lines skipped; None if the first is none, or there are fewer than these.

    An object with another line behind it is no document, so no document is taken for lines.

    Raises:
        FrameError: if a later line is no object; it says which.
    """
    if json.detect_encoding(content) != "utf-8":
        content = _decode(content).encode("utf-8", "surrogatepass")
    lines = list(split_lines(content))
    rows: list[Json] = []
    for number, line in lines if len(lines) >= fewest else ():
        try:
            row = load_line(line)
        except FrameError as error:
            if not rows:
                return None
            _decode(content)  # if it is no text, that says where, counted from the start
            what = f"Line {number:,} of {len(lines):,}: {error.what.replace('line 1, ', '')}"
            raise FrameError(what, why=f"{len(content):,} bytes came.", fix=error.fix) from None
        if not isinstance(row, dict):
            if not rows:
                return None
            what = f"Line {number:,} is no JSON object, as those before it are."
            raise FrameError(what, why=f"{len(content):,} bytes came.", fix="Look at the content with --raw.")
        rows.append(row)
    return rows or None


def _explain_syntax(error: json.JSONDecodeError, content: bytes) -> FrameError:
    """Say whether the JSON was cut short or never was any, and where."""
    place = f"line {error.lineno:,}, column {error.colno:,}"
    came = f"{len(content):,} bytes came"
    if _ends_early(error):
        return FrameError(
            f"The JSON ends early: a value that begins or is due at {place} is not complete.",
            why=f"{came}; the rest is missing.",
            fix="Ask again, or for fewer rows at a time; what came is in --raw.",
        )
    return FrameError(
        f"The content is not JSON: {error.msg} at {place}.",
        why=f"{came}; there stands {excerpt(error.doc[error.pos :])}",
        fix="Look at the content with --raw.",
    )


def _ends_early(error: json.JSONDecodeError) -> bool:
    """Say whether more content could have made it right."""
    rest = error.doc[error.pos :].strip()
    if not rest or error.msg.startswith("Unterminated string"):
        return True
    if error.msg.startswith("Expecting value") and any(literal.startswith(rest) for literal in _LITERALS):
        return True
    return ("escape" in error.msg and len(rest) < _LONGEST_ESCAPE) or _BEGUN.fullmatch(rest) is not None


def _explain_number(text: str, content: bytes, reason: str) -> FrameError:
    """Say where the number stands that Python refuses to read."""
    longest = max(re.finditer(r"[0-9]+", text), key=lambda run: run.end() - run.start(), default=None)
    why = f"{len(content):,} bytes came."
    if longest is None:
        return FrameError(f"The content is not JSON that Python reads: {reason}.", why=why)
    return FrameError(
        f"A number of {longest.end() - longest.start():,} digits at character {longest.start() + 1:,} is too long.",
        why=f"{why} Python reads integers of up to 4,300 digits.",
        fix="Look at the content with --raw.",
    )
