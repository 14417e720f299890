"""What stands around a long list of records, as a document: with the `Head` of the list in its place."""

from __future__ import annotations

import re
import secrets
from typing import TYPE_CHECKING

from apigw_magic.errors import FrameError
from apigw_magic.frames.parse import parse
from apigw_magic.frames.transpose import UnfitError

if TYPE_CHECKING:
    from apigw_magic.frames.head import Head
    from apigw_magic.models import Json

_BRACKETS = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.DOTALL)
"""Brackets, and texts that may hold some."""

_CLOSING = {b"{": b"}", b"[": b"]"}


def enclose(before: bytes, head: Head, after: bytes) -> dict[str, Json] | list[Json]:
    """Return the document that a list stands in.

    Args:
        before: the content up to the bracket that opens the list.
        head: what stands for the list.
        after: the content from behind the bracket that closes it.

    Raises:
        UnfitError: that is no JSON, or the list is not reached through dicts only.
    """
    # A list of one text that is nowhere else. Were this place inside of a text, the quote would end that: no JSON.
    nonce = secrets.token_hex(16)
    try:
        document = parse(b'%b["%b"]%b' % (before, nonce.encode(), after))
    except FrameError:
        raise UnfitError from None
    if document == [nonce]:
        return head
    pending = [document]
    while pending and isinstance(document, dict):
        place = pending.pop()
        if isinstance(place, dict):
            for key, value in place.items():
                if value == [nonce]:
                    place[key] = head
                    return document
            pending.extend(place.values())
    raise UnfitError


def guess_rest(before: bytes) -> bytes:
    """Return the brackets that are open at the end of a content, closed."""
    open_brackets: list[bytes] = []
    for match in _BRACKETS.finditer(before):
        if match[0] in _CLOSING:
            open_brackets.append(_CLOSING[match[0]])
        elif match[0] in {b"}", b"]"} and open_brackets:
            open_brackets.pop()
    return b"".join(reversed(open_brackets))
