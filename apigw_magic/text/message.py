"""A cell as one HTTP message.

    # comments and blank lines
    POST /orders?status=open                the request line; here or on the magic line
      &region=eu                            query lines, which start with ? or &
    X-Trace: {{ trace_id }}                 header lines

    {"id": {{ order_id }}}                  content, verbatim

Content starts after the first blank line below the request line, or at a line that starts with `{` or `[`, and so at
`{{ … }}` too; nothing in it is a comment. A first line that is `{{ … }}` is a target: content cannot come first. The
last line end of the cell is IPython's, and content of white space alone is none. `< path` as the only content sends a
file.
Query lines may start with either sign: the first pair of a target follows a `?`, the others a `&`.

Line 1 is the magic line. Where each part stands goes along with it, so that an error can name the line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from itertools import chain, repeat
from typing import TYPE_CHECKING

from apigw_magic.errors import RequestSyntaxError
from apigw_magic.text.line import (
    Line,
    has_query,
    is_request_line,
    read_header_line,
    read_query_line,
    read_request_line,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

CONTENT_FREE = frozenset({"GET", "HEAD"})
"""Methods whose requests have no content here (RFC 9110 §9.3.1: it has no meaning there)."""

WHY_CONTENT_FREE = "API Gateway's front door answers it with 403 before IAM is asked."
FIX_CONTENT_FREE = "Put the values into the query, or send a POST."
_FIX_SECOND = "One cell is one request: put it into a cell of its own."

_FIRST_LINE = 2
"""The number of the first line below the magic line."""

_HEADER = re.compile(r"[-\w]+:(?:\s|\Z)")
_FILE = re.compile(r"<[ \t]+(\S[^\r\n]*)")


@dataclass(frozen=True, slots=True)
class Places:
    """The lines of the cell that the parts of a message stand on; 0 for what stands on none, as an option.

    Attributes:
        target: of each piece of the target, in order, its length and its line.
        headers: of each field, in order; those that are added later have none.
        content: that the content, or the path of the file, starts on.
    """

    target: tuple[tuple[int, int], ...] = ()
    headers: tuple[int, ...] = ()
    content: int = 0


@dataclass(frozen=True, slots=True)
class Message:
    """What a cell says, its `{{ }}` not expanded yet.

    Attributes:
        method: upper case.
        target: a template; a path with an optional query, or an absolute URL.
        headers: the fields in order, their values templates.
        content: a template; None for none, or if a file is sent.
        file: the path of the file that is sent, a template; None for none.
        places: the lines that these stand on.
    """

    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = ()
    content: str | None = None
    file: str | None = None
    places: Places = field(default=Places(), compare=False, repr=False)

    def cut(self) -> Iterator[tuple[str, int]]:
        """Yield each template, with the line it starts on."""
        yield from self.cut_target()
        for _, value, line in self.cut_headers():
            yield value, line
        yield self.content or self.file or "", self.places.content

    def cut_target(self) -> Iterator[tuple[str, int]]:
        """Yield the pieces of the target, each with the line it stands on."""
        start = 0
        for length, line in self.places.target or ((len(self.target), 0),):
            yield self.target[start : start + length], line
            start += length

    def cut_headers(self) -> Iterator[tuple[str, str, int]]:
        """Yield the name and the value of each field, with the line it stands on."""
        for (name, value), line in zip(self.headers, chain(self.places.headers, repeat(0)), strict=False):
            yield name, value, line


@dataclass(slots=True)
class _Head:
    """What was read above the content.

    Attributes:
        line: the request line; None before it.
        method: of the request line.
        target: of the request line, then of each query line, with the line it stands on.
        headers: so far, each with the line it stands on.
    """

    line: Line | None = None
    method: str = ""
    target: list[tuple[str, int]] = field(default_factory=list)
    headers: list[tuple[tuple[str, str], int]] = field(default_factory=list)

    def read(self, line: Line) -> None:
        """Take one line that is neither blank nor content."""
        if line.text.startswith("#"):
            return
        if self.line is None:
            self.method, target = read_request_line(line)
            self.target.append((target, line.number))
            self.line = line
        elif is_request_line(line.text):
            raise _describe_second(line, self.line)
        elif line.text[0] in "?&":
            self._read_query(line, self.line)
        else:
            self.headers.append((read_header_line(line), line.number))

    def _read_query(self, line: Line, first: Line) -> None:
        if self.headers:
            raise line.fault(
                "a query line below a header", fix="Query lines stand between the request line and the headers."
            )
        if pairs := read_query_line(line):
            sign = "&" if len(self.target) > 1 or has_query(first, self.target[0][0]) else "?"
            self.target.append((f"{sign}{pairs}", line.number))

    def close(self) -> Message:
        """Return the message without its content."""
        return Message(
            self.method,
            "".join(piece for piece, _ in self.target),
            tuple(header for header, _ in self.headers),
            places=Places(
                tuple((len(piece), line) for piece, line in self.target), tuple(line for _, line in self.headers)
            ),
        )


def parse_message(text: str, *, request_line: str = "", number: int = 1, inserts: bool = True) -> Message:
    """Read a cell.

    Args:
        text: the cell below the magic line; empty for none.
        request_line: what stands on the magic line, if the request line stands there.
        number: of that line, for errors; 0 where it is all there is, as with `%apigw`.
        inserts: whether `{{ }}` is to be expanded; else it is text as any other.

    Raises:
        RequestSyntaxError: the cell is no request; names the line (1 is the magic line) and how it should look.
    """
    head = _Head()
    if request_line.strip():
        head.read(Line(number, request_line.strip(), inserts))
    written = text.removesuffix("\n").removesuffix("\r").split("\n")
    start = len(written)
    for index, raw in enumerate(written):
        line = Line(index + _FIRST_LINE, raw.strip(), inserts)
        if head.line and (not line.text or line.text[0] in "{["):
            start = index if line.text else index + 1
            break
        if line.text:
            head.read(line)
    if head.line is None:
        raise RequestSyntaxError("There is no request line.", fix="It looks like this: GET /orders?status=open")
    if head.method in CONTENT_FREE:
        _check_no_content(head.method, written, start)
    return _add_content(head.close(), "\n".join(written[start:]), start + _FIRST_LINE)


def _add_content(message: Message, content: str, line: int) -> Message:
    """Return the message with its content, which starts on this line, a file, or neither."""
    if not content.strip():
        return message
    if file := _FILE.fullmatch(content.strip()):
        above = content[: content.index("<")].count("\n")
        return replace(message, file=file[1], places=replace(message.places, content=line + above))
    return replace(message, content=content, places=replace(message.places, content=line))


def _describe_second(line: Line, first: Line) -> RequestSyntaxError:
    """Return the error for a second request line."""
    place = "on the magic line" if first.number < _FIRST_LINE else f"on line {first.number}"
    return line.fault("a second request line", why=f"The first one is {place}.", fix=_FIX_SECOND)


def _check_no_content(method: str, written: list[str], start: int) -> None:
    """Refuse content of a method that has none, and say what the line was likely meant to be."""
    for number, raw in enumerate(written[start:], start=start + _FIRST_LINE):
        line = Line(number, raw.strip())
        if not line.text:
            continue
        if is_request_line(line.text):
            raise line.fault("a second request line", fix=_FIX_SECOND)
        if line.text[0] in "?&#" or _HEADER.match(line.text):
            raise line.fault("a blank line above it makes this content", fix="Remove the blank line.")
        raise line.fault(f"a {method} request has no content", why=WHY_CONTENT_FREE, fix=FIX_CONTENT_FREE)
