"""A request as the text of a cell: what is parsed to it again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apigw_magic.errors import RequestSyntaxError
from apigw_magic.text.faults import show
from apigw_magic.text.message import parse_message
from apigw_magic.text.request import build_request

if TYPE_CHECKING:
    from apigw_magic.models import Request

_FIX_CONTENT = "Send the content from a file: < path"


def write_head(request: Request) -> str:
    """Return the request line and the header lines, to be read by people."""
    return "\n".join([f"{request.method} {request.target}", *(f"{name}: {value}" for name, value in request.headers)])


def write_request(request: Request) -> str:
    """Return the cell that is parsed to this request again, with nothing inserted: `{{ }}` in it is text.

    What is written is parsed, and returned only if it is the request, to the last byte. A cell cannot say every request
    that a program can make:

    - content that is not UTF-8, that is white space alone, or that looks like `< path`; content without a Content-Type,
      which a cell always gets, or that is not what its Content-Type says (valid JSON, charset=utf-8); content of a GET
      or HEAD
    - a header whose name starts with `#` or `&` or is no token, or whose value has white space around it or line breaks
      in it
    - a target that is no path and no URL, or that has white space in it; a method that is not one of API Gateway's

    Lines of white space within the content are written as they are; IPython empties them before a magic sees its cell.

    Raises:
        RequestSyntaxError: no cell says this request; tells why.
    """
    try:
        content = request.content.decode()
    except UnicodeDecodeError:
        raise _refuse("Its content is not text in UTF-8.", fix=_FIX_CONTENT) from None
    cell = write_head(request)
    if content:
        # A cell loses its last line end, so content that ends in one, or in half of one, gets another.
        end = "\r\n" if content.endswith("\r") else "\n" if content.endswith("\n") else ""
        cell = f"{cell}\n\n{content}{end}"
    built = _read(cell)
    if built != request:
        raise _describe_difference(request, built)
    return cell


def _read(cell: str) -> Request:
    """Return the request that a cell is, without opening a file."""
    try:
        message = parse_message(cell, inserts=False)
        built = None if message.file is not None else build_request(message, None)
    except RequestSyntaxError as error:
        raise _refuse(error.what, fix=error.fix) from None
    if built is None:
        raise _refuse("Its content looks like the path of a file.", fix=_FIX_CONTENT)
    return built


def _describe_difference(request: Request, built: Request) -> RequestSyntaxError:
    """Return the error that says which part of a request would be another one."""
    if request.content and not built.content:
        return _refuse("Its content is white space alone.", fix=_FIX_CONTENT)
    parts = ("method", "target", "headers", "content")
    part = next(part for part in parts if getattr(request, part) != getattr(built, part))
    if part == "headers" and built.headers[:-1] == request.headers:
        return _refuse("Its content has no Content-Type, and a cell's always gets one.", fix="Add a Content-Type.")
    return _refuse(f"Its {part} would be read otherwise: {show(str(getattr(built, part)))}")


def _refuse(why: str, *, fix: str = "") -> RequestSyntaxError:
    return RequestSyntaxError("No cell says this request.", why=why, fix=fix)
