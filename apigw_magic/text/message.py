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
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from apigw_magic.errors import RequestSyntaxError
from apigw_magic.text.line import (
    Line,
    has_query,
    is_request_line,
    read_header_line,
    read_query_line,
    read_request_line,
)

CONTENT_FREE = frozenset({"GET", "HEAD"})
"""Methods whose requests have no content here (RFC 9110 §9.3.1: it has no meaning there)."""

WHY_CONTENT_FREE = "API Gateway's front door answers it with 403 before IAM is asked."
FIX_CONTENT_FREE = "Put the values into the query, or send a POST."

_HEADER = re.compile(r"[-\w]+:(?:\s|\Z)")
_FILE = re.compile(r"<[ \t]+(\S[^\r\n]*)")


@dataclass(frozen=True, slots=True)
class Message:
    """What a cell says, its `{{ }}` not expanded yet.

    Attributes:
        method: upper case.
        target: a template; a path with an optional query, or an absolute URL.
        headers: the fields in order, their values templates.
        content: a template; None for none, or if a file is sent.
        file: the path of the file that is sent, a template; None for none.
    """

    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = ()
    content: str | None = None
    file: str | None = None


@dataclass(slots=True)
class _Head:
    """What was read above the content.

    Attributes:
        line: the request line; None before it.
        method: of the request line.
        target: of the request line, without the query lines.
        headers: so far.
        queries: of the query lines.
    """

    line: Line | None = None
    method: str = ""
    target: str = ""
    headers: list[tuple[str, str]] = field(default_factory=list)
    queries: list[str] = field(default_factory=list)

    def read(self, line: Line) -> None:
        """Take one line that is neither blank nor content."""
        if line.text.startswith("#"):
            return
        if self.line is None:
            self.method, self.target = read_request_line(line)
            self.line = line
        elif is_request_line(line.text):
            raise _describe_second(line, self.line)
        elif line.text[0] in "?&":
            self._read_query(line)
        else:
            self.headers.append(read_header_line(line))

    def _read_query(self, line: Line) -> None:
        if self.headers:
            raise line.fault(
                "a query line below a header", fix="Query lines stand between the request line and the headers."
            )
        if pairs := read_query_line(line):
            self.queries.append(pairs)

    def join_target(self) -> str:
        """Return the target with the query lines."""
        if not self.queries or self.line is None:
            return self.target
        sign = "&" if has_query(self.line, self.target) else "?"
        return f"{self.target}{sign}{'&'.join(self.queries)}"


def parse_message(text: str, *, request_line: str = "") -> Message:
    """Read a cell.

    Args:
        text: the cell below the magic line; empty for none.
        request_line: what stands on the magic line, if the request line stands there.

    Raises:
        RequestSyntaxError: the cell is no request; names the line (1 is the magic line) and how it should look.
    """
    head = _Head()
    if request_line.strip():
        head.read(Line(1, request_line.strip()))
    written = text.removesuffix("\n").removesuffix("\r").split("\n")
    start = len(written)
    for index, raw in enumerate(written):
        line = Line(index + 2, raw.strip())
        if head.line and (not line.text or line.text[0] in "{["):
            start = index if line.text else index + 1
            break
        if line.text:
            head.read(line)
    if head.line is None:
        raise RequestSyntaxError("There is no request line.", fix="It looks like this: GET /orders?status=open")
    if head.method in CONTENT_FREE:
        _check_no_content(head.method, written, start)
    return _close(head, "\n".join(written[start:]))


def _close(head: _Head, content: str) -> Message:
    """Return the message with its content, a file, or neither."""
    message = Message(head.method, head.join_target(), tuple(head.headers))
    if file := _FILE.fullmatch(content.strip()):
        return replace(message, file=file[1])
    return replace(message, content=content) if content.strip() else message


def _describe_second(line: Line, first: Line) -> RequestSyntaxError:
    """Return the error for a second request line."""
    place = "on the magic line" if first.number == 1 else f"on line {first.number}"
    return line.fault("a second request line", why=f"The first one is {place}.", fix="One cell is one request.")


def _check_no_content(method: str, written: list[str], start: int) -> None:
    """Refuse content of a method that has none, and say what the line was likely meant to be."""
    for number, raw in enumerate(written[start:], start=start + 2):
        line = Line(number, raw.strip())
        if not line.text:
            continue
        if is_request_line(line.text):
            raise line.fault("a second request line", fix="One cell is one request.")
        if line.text[0] in "?&#" or _HEADER.match(line.text):
            raise line.fault("a blank line above it makes this content", fix="Remove the blank line.")
        raise line.fault(f"a {method} request has no content", why=WHY_CONTENT_FREE, fix=FIX_CONTENT_FREE)
