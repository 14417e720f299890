"""The lines of a message above its content, each read by itself."""

from __future__ import annotations

import re
from dataclasses import dataclass

from apigw_magic.errors import RequestSyntaxError
from apigw_magic.text.faults import nearest, show, tell
from apigw_magic.text.template import Expression, split_template

METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")
"""The methods an API Gateway serves."""

_EXAMPLE = "GET /orders?status=open"
_HEADER_EXAMPLE = "Accept: application/json"

_TARGET = re.compile(r"/|https?://|\{\{", re.IGNORECASE)
_REQUEST_LINE = re.compile(rf"/|https?://|(?:{'|'.join(METHODS)})\s+(?:/|https?://|\{{\{{)", re.IGNORECASE)
_GLUED = re.compile(rf"({'|'.join(METHODS)})[^\w\s]?((?:/|https?://|\{{\{{).*)", re.IGNORECASE)
_VERSION = re.compile(r"HTTP/\d(?:\.\d)?")
_HOST_AND_PATH = re.compile(r"[\w-]+(?:\.[\w-]+){2,}(?:[/?:]|\Z)")
_OPTION = re.compile(r"--?[a-zA-Z]")
_LATER_OPTION = re.compile(r"\s--?[a-zA-Z]")
_LATER_COMMENT = re.compile(r"\s#")
_SPACE = re.compile(r"\s")
_QUOTES = "'\"`"
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""What a header name is made of (RFC 9110 §5.6.2)."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the cell.

    Attributes:
        number: 1 is the magic line of a cell; 0 is the line of `%apigw`, which is alone.
        text: without the white space around it.
        inserts: whether `{{ }}` in it is a template; else it is text as any other.
    """

    number: int
    text: str
    inserts: bool = True

    def fault(self, what: str, *, why: str = "", fix: str = "") -> RequestSyntaxError:
        """Return the error that shows this line."""
        return RequestSyntaxError(tell(self.number, f"{what}: {show(self.text)}"), why=why, fix=fix)

    def split(self, template: str) -> tuple[str | Expression, ...]:
        """Cut a template that stands in this line.

        Raises:
            RequestSyntaxError: as `split_template`.
        """
        return split_template(template, self.number) if self.inserts else (template,)


def is_request_line(text: str) -> bool:
    """Whether a line can only be meant as a request line."""
    return _REQUEST_LINE.match(text) is not None


def read_request_line(line: Line) -> tuple[str, str]:
    """Return the method, in upper case, and the target; a target alone is a GET.

    Raises:
        RequestSyntaxError: a word that is no method, no target, or a space in it.
    """
    text = line.text
    before, *version = text.rsplit(maxsplit=1)
    if version and _VERSION.fullmatch(version[0]):
        text = before
    method, target = ("GET", text) if _TARGET.match(text) else _read_method(line, text)
    _check_no_space(line, target, example=f"{method} ")
    return method, target


def read_query_line(line: Line) -> str:
    """Return the pairs of a query line, without the sign before them.

    Raises:
        RequestSyntaxError: a space in it.
    """
    pairs = line.text[1:].strip()
    _check_no_space(line, pairs, example=line.text[0])
    return pairs


def read_header_line(line: Line) -> tuple[str, str]:
    """Return the name and the value of a header line.

    Raises:
        RequestSyntaxError: no colon, or a name that is none.
    """
    name, colon, value = line.text.partition(":")
    if _OPTION.match(name) and not (colon and _TOKEN.fullmatch(name)):
        raise line.fault("an option in the cell", fix=f"Options stand on the magic line: %%apigw {show(line.text)}")
    if not colon:
        near, sign, rest = line.text.partition("=")
        if sign and _TOKEN.fullmatch(near.strip()):
            raise line.fault("a header without a colon", fix=f"Write {show(near)}: {show(rest)}")
        raise line.fault(
            "neither a header nor a query line",
            why="Content starts after a blank line, or at a line that starts with { or [.",
            fix=f"Put a blank line above the content; a header looks like {_HEADER_EXAMPLE}",
        )
    if not _TOKEN.fullmatch(name):
        raise line.fault(
            f"{show(name)!r} is no header name",
            why="Content starts after a blank line.",
            fix=f"Write {_mend_header(name, value)}",
        )
    return name, value.strip()


def has_query(line: Line, target: str) -> bool:
    """Whether a `?` is written in the target, outside of `{{ }}`."""
    return any("?" in part for part in line.split(target) if isinstance(part, str))


def _read_method(line: Line, text: str) -> tuple[str, str]:
    """Return the method and the target of a request line that does not start with a target."""
    word, *rest = text.split(maxsplit=1)
    method, target = word.upper(), rest[0] if rest else ""
    if method not in METHODS:
        raise _describe_start(line, word, target)
    if not target:
        raise line.fault("a method without a target", fix=f"Write {method} /orders")
    if not _TARGET.match(target):
        raise line.fault(
            "the target is neither a path nor a URL",
            why="A path starts with a slash, and a URL with its scheme.",
            fix=f"Write {method} {show(_mend_target(target))}",
        )
    return method, target


def _mend_target(target: str) -> str:
    """Return what a target that is none may have been meant for."""
    bare = target.strip(_QUOTES)
    if "://" in bare:
        return f"https://{bare.partition('://')[2]}"
    if _HOST_AND_PATH.match(bare):
        return f"https://{bare}"
    return bare if _TARGET.match(bare) else f"/{bare.lstrip('./')}"


def _mend_header(name: str, value: str) -> str:
    """Return what a header whose name is none may have been meant for, such as one that was copied from JSON."""
    near = name.strip()
    if near[:1] in _QUOTES:
        near, value = near.strip(_QUOTES), value.strip().rstrip(",").strip(_QUOTES)
    near = near.replace(" ", "-")
    return f"{show(near)}: {show(value)}" if _TOKEN.fullmatch(near) else _HEADER_EXAMPLE


def _describe_start(line: Line, word: str, target: str) -> RequestSyntaxError:
    """Return the error for a first line that does not start as a request line."""
    if glued := _GLUED.fullmatch(word):
        return line.fault("no space after the method", fix=f"Write {glued[1].upper()} {show(glued[2])}")
    if part := _name_part(word):
        return line.fault(
            f"{part}, and no request line above it",
            why="A request line stands above the query, the headers and the content.",
            fix="Write POST /orders above it" if part == "content" else f"Write {_EXAMPLE}",
        )
    near = nearest(word.upper(), METHODS)
    if near and (not target or _TARGET.match(target)):
        shown = show(target.strip(_QUOTES)) or "/orders"
        return line.fault(f"{show(word)} is no method", fix=f"Did you mean {near} {shown}?")
    if _TARGET.match(target):
        return line.fault(f"{show(word)} is no method", fix=f"Methods are {', '.join(METHODS)}.")
    return line.fault("not a request line", why="A request line is a method and a target.", fix=f"Write {_EXAMPLE}")


def _name_part(word: str) -> str:
    """Return what of a message a line is, by its first word, if it is something that stands below a request line."""
    if word[0] in "?&":
        return "a query line"
    if word[0] in "{[<":
        return "content"
    name, colon, _ = word.partition(":")
    return "a header" if colon and _TOKEN.fullmatch(name) else ""


def _check_no_space(line: Line, text: str, *, example: str) -> None:
    parts = line.split(text)
    written = [part for part in parts if isinstance(part, str)]
    if not any(_SPACE.search(part) for part in written):
        return
    if any(_LATER_OPTION.search(part) for part in written):
        raise line.fault("an option in the request line", fix="Options stand on the magic line: %%apigw -o orders")
    if any(_LATER_COMMENT.search(part) for part in written):
        raise line.fault("a comment in the request line", fix="A comment has a line of its own, which starts with #")
    encoded = "".join(_SPACE.sub("%20", part) if isinstance(part, str) else part.text for part in parts)
    raise line.fault("a space in the target", fix=f"A space is %20: {example}{show(encoded)}")
