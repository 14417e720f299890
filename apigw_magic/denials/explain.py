"""Finds the known refusal that an answer is, in the catalogue's order."""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from importlib import resources
from typing import TYPE_CHECKING

from apigw_magic.models import Explanation

if TYPE_CHECKING:
    from apigw_magic.models import Refusal


@dataclass(frozen=True, slots=True)
class KnownRefusal:
    """One entry of the catalogue.

    Attributes:
        kind: its id.
        status_codes: of the answers it is seen in.
        error_types: the `x-amzn-ErrorType` values it is seen with; an empty string stands for none.
        pattern: searched in the text; its groups are `principal`, `action` and `resource`.
        summary: what happened; `{who}` and `{request}` are filled in.
        cause: why; the pattern's groups are filled in.
        remedy: the next step; as `cause`.
        sources: where this is known from.
        confidence: `documented`, `measured` or `quoted`.
    """

    kind: str
    status_codes: tuple[int, ...]
    error_types: tuple[str, ...]
    pattern: re.Pattern[str]
    summary: str
    cause: str
    remedy: str
    sources: tuple[str, ...]
    confidence: str

    def match(self, refusal: Refusal) -> re.Match[str] | None:
        """Match by status and text, and by error type where the answer has one: authors customise the rest."""
        if refusal.status_code not in self.status_codes or not (refusal.error_type or refusal.message):
            return None
        if refusal.error_type and self.error_types and refusal.error_type not in self.error_types:
            return None
        return self.pattern.search(refusal.message)


def explain(refusal: Refusal, *, who: str = "the caller", request: str = "this request") -> Explanation:
    """Explain a refusal; one that is not known is shown, never guessed.

    Args:
        refusal: as read from the answer.
        who: the connection's name.
        request: method and target.
    """
    for known in load_catalogue():
        if match := known.match(refusal):
            return _explain_known(known, match, refusal, who, request)
    return Explanation(
        kind="unknown",
        summary=f"{_head(refusal)}: {request} as {who}.",
        cause=refusal.message,
        remedy="",
        error_type=refusal.error_type,
        message=refusal.message,
    )


@cache
def load_catalogue() -> tuple[KnownRefusal, ...]:
    """Load the catalogue, in match order."""
    text = resources.files("apigw_magic.denials").joinpath("catalogue.toml").read_text("utf-8")
    return tuple(
        KnownRefusal(
            kind=row["id"],
            status_codes=tuple(row["status"]),
            error_types=tuple(row["error_types"]),
            pattern=re.compile(row["pattern"]),
            summary=row["summary"],
            cause=row["cause"],
            remedy=row["remedy"],
            sources=tuple(row["sources"]),
            confidence=row["confidence"],
        )
        for row in tomllib.loads(text)["refusal"]
    )


def _explain_known(known: KnownRefusal, match: re.Match[str], refusal: Refusal, who: str, request: str) -> Explanation:
    found = {name: text or "" for name, text in match.groupdict().items()}
    words = defaultdict(
        str, found, who=who, request=request, on=f" on {found['resource']}" if found.get("resource") else ""
    )
    return Explanation(
        kind=known.kind,
        summary=f"{_head(refusal)}: {known.summary.format_map(words)}",
        cause=known.cause.format_map(words),
        remedy=known.remedy.format_map(words),
        error_type=refusal.error_type,
        message=refusal.message,
        principal=found.get("principal", ""),
        action=found.get("action", ""),
        resource=found.get("resource", ""),
    )


def _head(refusal: Refusal) -> str:
    if refusal.error_type:
        return f"{refusal.status_code} {refusal.error_type}"
    try:
        return f"{refusal.status_code} {HTTPStatus(refusal.status_code).phrase}"
    except ValueError:
        return str(refusal.status_code)
