"""A request as the text of a cell: what would be parsed to it again."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from apigw_magic.models import Request


def write_request(request: Request) -> str:
    """Return a request as one HTTP message, without `{{ }}`: to be read with nothing inserted.

    Bytes of the content that are not UTF-8 are replaced: such a content is sent from a file.
    """
    lines = [f"{request.method} {request.target}", *(f"{name}: {value}" for name, value in request.headers)]
    if request.content:
        lines += ["", request.content.decode("utf-8", "replace")]
    return "\n".join(lines)
