"""A cell as a list of request lines: `GET /orders`, `/orders/{{ order_id }}`, `DELETE /orders/A-1001  # a comment`.

None of them has headers or content.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from apigw_magic.text.message import parse_message
from apigw_magic.text.request import build_request
from apigw_magic.text.template import split_template

if TYPE_CHECKING:
    from apigw_magic.models import Request
    from apigw_magic.text.template import Evaluate

_FIRST_LINE = 2
_COMMENT = re.compile(r"\s#")


def build_requests(cell: str, evaluate: Evaluate) -> tuple[Request, ...]:
    """Read every line, then expand each and encode it; what stands twice is one request.

    Args:
        cell: below the magic line. A line that starts with `#` is a comment, and so is what follows a `#` after white
            space.
        evaluate: gives the values of expressions.

    Raises:
        RequestSyntaxError: a line is no request line, or an expression fails; names the line (1 is the magic line).
    """
    messages = []
    for number, raw in enumerate(cell.split("\n"), start=_FIRST_LINE):
        written = raw.strip()
        if written and not written.startswith("#"):
            messages.append(parse_message("", request_line=_cut_comment(written, number), number=number))
    return tuple(dict.fromkeys(build_request(message, evaluate) for message in messages))


def _cut_comment(line: str, number: int) -> str:
    """Return a line without the comment at its end; a `#` within `{{ }}` begins none."""
    kept = ""
    for part in split_template(line, number):
        text = part if isinstance(part, str) else part.text
        comment = _COMMENT.search(text) if isinstance(part, str) else None
        if comment is not None:
            return kept + text[: comment.start()]
        kept += text
    return kept
