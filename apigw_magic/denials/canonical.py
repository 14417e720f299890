"""The canonical request that AWS computed beside the one that was signed: the first line that differs.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import zip_longest

from apigw_magic.denials.reading import to_line
from apigw_magic.models import REDACTED, SECRET_FIELDS

_CANONICAL = re.compile(
    r"The Canonical String for this request should have been\s*'(?P<text>.*?)'\s*(?:The String-to-Sign|$)", re.DOTALL
)
_TO_SIGN = re.compile(r"The String-to-Sign should have been\s*'(?P<text>AWS4.*?)'", re.DOTALL)
_AROUND = 40  # characters that are shown on each side of the first difference
_HEAD = ("method", "path", "query")
_PARTS_OF_STRING = ("algorithm", "time", "credential scope", "hash of the canonical request")

# What changes the part of a request on its way, and what to do.
_REMEDIES = {
    "method": "Something on the way changes the method: look for a proxy that overrides it.",
    "path": "Something on the way changes the path: look at the custom domain's mapping, and at proxies.",
    "query": "Something on the way writes the query anew: look for a CDN or proxy, and at + , : * in the target.",
    "host": "Something on the way changes Host: connect to the API's own host, or have it passed on.",
    "content": "Something on the way changes the content (compression, encoding): look for a proxy.",
    "header": "Something on the way changes this header: leave it out, or have it passed on as it is.",
    "signed headers": "Something on the way adds or takes away headers: look for a proxy.",
    "time": "Something on the way changes X-Amz-Date: look for a proxy.",
    "credential scope": "Connect with the API's own Region and service: --region REGION --service NAME",
}


@dataclass(frozen=True, slots=True)
class Difference:
    """What the comparison shows.

    Attributes:
        cause: one line.
        remedy: one line.
        evidence: more lines.
    """

    cause: str
    remedy: str
    evidence: tuple[str, ...] = ()


def compare_signed(message: str, canonical_request: str, string_to_sign: str) -> Difference | None:
    """Compare what AWS computed with what was signed; None where one of them is not known.

    Args:
        message: AWS's, with its lines.
        canonical_request: ours; for a secret it has `…`, or nothing if AWS is known to have seen another.
        string_to_sign: ours.
    """
    theirs = _CANONICAL.search(message)
    if theirs is None or not canonical_request:
        return None
    ours = canonical_request.split("\n")
    seen = [_hide(line) for line in theirs["text"].replace("\r\n", "\n").split("\n")]
    for number, (sent, got) in enumerate(zip_longest(ours, seen), start=1):
        if sent != got:
            return _tell(_name_line(number, ours), number, sent, got)
    to_sign = _TO_SIGN.search(message)
    if to_sign is not None and string_to_sign:
        lines = zip(_PARTS_OF_STRING, string_to_sign.split("\n"), to_sign["text"].split("\n"), strict=False)
        for part, sent, got in lines:
            if sent.strip() != got.strip() and part != _PARTS_OF_STRING[-1]:
                return _tell(part, 0, sent.strip(), got.strip())
    return Difference(
        "AWS computed the same canonical request: nothing was changed on the way, and the secret key is not AWS's.",
        "Connect again; if the keys are your own, write both anew (aws configure).",
    )


def _hide(line: str) -> str:
    """Return a line with `…` for the value of a secret."""
    name = line.partition(":")[0]
    return f"{name}:{REDACTED}" if name in SECRET_FIELDS else line


def _name_line(number: int, ours: list[str]) -> str:
    """Name a line of the canonical request: method, path, query, a header, the signed headers, the content."""
    if number <= len(_HEAD):
        return _HEAD[number - 1]
    if number >= len(ours):
        return "content"
    if number == len(ours) - 1:
        return "signed headers"
    name = ours[number - 1].partition(":")[0]
    return name if name == "host" else f"header {name}" if name else "signed headers"


def _tell(part: str, number: int, sent: str | None, got: str | None) -> Difference:
    remedy = _REMEDIES.get(part) or _REMEDIES[part.partition(" ")[0]]
    where = f"Line {number} of the canonical request, the {part}," if number else f"The {part} of what is signed"
    name = part.removeprefix("header ")
    if name in SECRET_FIELDS:
        return Difference(f"{where} differs; its value is a secret, and not shown.", remedy)
    if part == "content":
        return Difference(f"{where} differs: AWS saw other content than was sent.", remedy)
    shown, seen = _excerpt(sent or "", got or "")
    return Difference(f"{where} differs: sent {shown!r}, AWS saw {seen!r}.", remedy)


def _excerpt(sent: str, got: str) -> tuple[str, str]:
    """Return both lines around the first character that differs."""
    at = next((at for at, (a, b) in enumerate(zip(sent, got, strict=False)) if a != b), min(len(sent), len(got)))
    start = max(at - _AROUND, 0)
    mark = "…" if start else ""
    cut = (line[start : at + _AROUND] + ("…" if len(line) > at + _AROUND else "") for line in (sent, got))
    first, second = (to_line(f"{mark}{line}") for line in cut)
    return first, second
