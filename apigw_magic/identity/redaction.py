"""Secrets taken out of texts that others wrote, such as a server that echoes the request.

A text is read as what it means: escapes undone, white space, quotes and backslashes left out. So it does not matter
what an encoder escapes and how often, where it breaks the line, nor where it cuts it off. What is found is taken out of
the text as written.
"""

from __future__ import annotations

import base64
import html
import re
from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING

from apigw_magic.models import REDACTED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_SHORTEST = 8  # a shorter secret would cut words out of ordinary text
_START = 16  # so much of a secret is known again where the rest was cut off

_BEGINNING = 24  # of which each form has more characters than are looked for

_LEFT_OUT = " \t\n\r\f\v\"'\\"
_LEAVE_OUT = str.maketrans("", "", _LEFT_OUT)

# Percent-encoding, the escapes of JSON and Python, those of HTML: each made once, or again and again.
_HEX = "[0-9A-Fa-f]"
_ESCAPE = (
    rf"%(?:25)*(?P<byte>{_HEX}{{2}})|(?<!\\)\\+(?:u(?P<unit>{_HEX}{{4}})|x(?P<octet>{_HEX}{{2}})|(?P<white>[nrt]))"
    r"|&(?:amp;)*(?P<entity>#?\w{1,31};)"
)
_ESCAPED = re.compile(_ESCAPE)
_PIECE = re.compile(rf"{_ESCAPE}|[^%\\&{re.escape(_LEFT_OUT)}]+|.", re.DOTALL)

# What a token, a signature or either in any code looks like, and an MFA code. An ARN may be as long.
_LIKELY = re.compile(r"(?P<arn>\barn:aws[\w-]*:\S*)|[\w+/=.~%\\&#;-]{64,}|\b\d{6}\b", re.ASCII)


def redact(text: str, secrets: Iterable[str]) -> str:
    """Replace each secret in a text, however it is encoded: plain, percent-encoded, as JSON, HTML, base64 or hex."""
    known = sorted({secret for secret in secrets if len(secret) >= _SHORTEST}, key=len, reverse=True)
    for secret in known:
        text = text.replace(secret, REDACTED)
    meaning = _ESCAPED.sub(_read, text).translate(_LEAVE_OUT)
    # A token is long: all its forms are made only where the beginning of one is found.
    met = (secret for secret in known if any(form[:_START] in meaning for form in _forms(secret[:_BEGINNING])))
    spans = _search(meaning, [form for secret in met for form in _forms(secret)])
    return _take_out(text, spans) if spans else text


def redact_likely(text: str) -> str:
    """Replace what looks like a secret in a message of who was asked with secrets that are not known here."""
    return _LIKELY.sub(lambda found: found["arn"] or REDACTED, text)


def _forms(secret: str) -> Iterator[str]:
    """Yield how a secret looks in what a text means, where a byte that is not ASCII's is a character of its own."""
    content = secret.encode()
    plain = secret.translate(_LEAVE_OUT)
    if len(plain) >= _SHORTEST:
        yield plain
        if not plain.isascii():
            yield plain.encode().decode("latin-1")
    yield content.hex()
    yield content.hex().upper()
    # In base64 it may begin at any of three offsets; its neighbours decide the characters at the edges.
    for offset in range(3):
        encoded = base64.b64encode(bytes(offset) + content).decode()
        inner = encoded[-(-offset * 8 // 6) : (offset + len(content)) * 8 // 6]
        yield inner
        yield inner.replace("+", "-").replace("/", "_")


def _read(piece: re.Match[str]) -> str:
    """Return what a piece of text means: an escape, or what stands for itself."""
    match piece.lastgroup:
        case "byte" | "unit" | "octet":
            return chr(int(piece[piece.lastgroup], 16))
        case "entity":
            return html.unescape(f"&{piece['entity']}")
        case "white":
            return ""
    return piece[0]


def _search(meaning: str, forms: list[str]) -> list[tuple[int, int]]:
    """Return where the forms stand, in order; what overlaps is one."""
    found: list[tuple[int, int]] = []
    for form in forms:
        end = 0
        while (start := meaning.find(form[:_START], end)) >= 0:
            there = meaning[start : start + len(form)]
            pairs = enumerate(zip(form, there, strict=False))
            end = start + next((at for at, pair in pairs if pair[0] != pair[1]), len(there))
            found.append((start, end))
    spans: list[tuple[int, int]] = []
    for start, end in sorted(found):
        if spans and start < spans[-1][1]:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        else:
            spans.append((start, end))
    return spans


def _take_out(text: str, spans: list[tuple[int, int]]) -> str:
    """Replace spans of what a text means in the text as written."""
    pieces = list(_PIECE.finditer(text))
    starts = [0, *accumulate(len(_read(piece).translate(_LEAVE_OUT)) for piece in pieces)]

    def place(at: int) -> tuple[int, int]:
        """Return from where to where a character stands; one of an escape stands where all of the escape does."""
        number = bisect_right(starts, at) - 1
        start, end = pieces[number].span()
        if pieces[number].lastgroup is None:
            start += at - starts[number]
            end = start + 1
        return start, end

    kept: list[str] = []
    done = 0
    for start, end in spans:
        kept += (text[done : place(start)[0]], REDACTED)
        done = place(end - 1)[1]
    return "".join((*kept, text[done:]))
