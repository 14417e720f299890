"""The catalogue: what is known of refusals, as rows in files beside this module."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib import resources
from typing import NotRequired, TypedDict

from apigw_magic.denials.known import KnownRefusal, Says

FILES = ("iam", "gateway", "backend", "others", "sts", "sdk")
"""The files of the catalogue, in match order."""

_NEVER = re.compile(r"(?!)")


class _Sentence(TypedDict, total=False):
    """How a row writes `Says`."""

    policy: str | list[str]
    effect: str
    service: str
    action: str
    anonymous: bool


class _Row(TypedDict):
    """How a row is written; its keys are those of `KnownRefusal`."""

    id: str
    meaning: str
    status: list[int]
    error_types: list[str]
    pattern: NotRequired[str]
    sentence: NotRequired[_Sentence]
    form: NotRequired[str]
    apis: NotRequired[list[str]]
    typed: NotRequired[bool]
    strict: NotRequired[bool]
    by_type: NotRequired[list[str]]
    common: NotRequired[bool]
    about: str
    policy: NotRequired[str]
    effect: NotRequired[str]
    allowed: NotRequired[bool]
    ran: NotRequired[str]
    grant: NotRequired[str]
    summary: str
    unsure: NotRequired[str]
    cause: str
    remedy: str
    causes: NotRequired[list[str]]
    sources: list[str]
    confidence: str


@cache
def load_catalogue() -> tuple[KnownRefusal, ...]:
    """Load the catalogue, in match order."""
    folder = resources.files("apigw_magic.denials").joinpath("rows")
    texts = (folder.joinpath(f"{name}.toml").read_text("utf-8") for name in FILES)
    return tuple(
        _read(row, name) for name, text in zip(FILES, texts, strict=True) for row in tomllib.loads(text)["refusal"]
    )


def _read(row: _Row, file: str) -> KnownRefusal:
    sentence = row.get("sentence")
    return KnownRefusal(
        kind=row["id"],
        meaning=row["meaning"],
        status_codes=tuple(row["status"]),
        error_types=tuple(row["error_types"]),
        pattern=re.compile(row["pattern"]) if "pattern" in row else _NEVER,
        says=None if sentence is None else _read_says(sentence),
        form=row.get("form", ""),
        apis=frozenset(row.get("apis", ())),
        typed=row.get("typed", False),
        strict=row.get("strict", False),
        by_type=frozenset(row.get("by_type", ())),
        common=row.get("common", False),
        about=row["about"],
        policy=row.get("policy", ""),
        effect=row.get("effect", ""),
        allowed=row.get("allowed"),
        ran=row.get("ran", ""),
        grant=row.get("grant", ""),
        summary=row["summary"],
        unsure=row.get("unsure", ""),
        cause=row["cause"],
        remedy=row["remedy"],
        causes=tuple(row.get("causes", ())),
        sources=tuple(row["sources"]),
        confidence=row["confidence"],
        file=file,
    )


def _read_says(sentence: _Sentence) -> Says:
    policies = sentence.get("policy")
    return Says(
        policies=frozenset() if policies is None else frozenset([policies] if isinstance(policies, str) else policies),
        effect=sentence.get("effect", ""),
        service=sentence.get("service", ""),
        action=sentence.get("action", ""),
        anonymous=sentence.get("anonymous", False),
    )
