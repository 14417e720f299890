"""The values of a JSON document in words, each on a line of its own, for the two forms of a tree."""

from __future__ import annotations

import json
import math
from html import escape
from itertools import islice
from typing import TYPE_CHECKING, TypeGuard

from apigw_magic.magics.visible import UNSEEN

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable

    from apigw_magic.models import Json

_LONGEST_TEXT = 200
LONGEST_KEY = 80
_LONGEST_NUMBER = 200
"""Digits; Python writes a number of thousands slowly, and may refuse to."""

_LONGEST_PEEK = 60
_LONGEST_PEEKED = 24


def is_branch(value: Json) -> TypeGuard[dict[str, Json] | list[Json]]:
    """Say whether a value has members."""
    return isinstance(value, dict | list) and bool(value)


def list_members(branch: dict[str, Json] | list[Json]) -> Iterable[tuple[str | int, Json]]:
    """Return the members of a branch, each with its key or its number."""
    return branch.items() if isinstance(branch, dict) else enumerate(branch)


def name_branch(branch: dict[str, Json] | list[Json]) -> str:
    """Return what a branch is, and how much of it."""
    return f"{'object' if isinstance(branch, dict) else 'array'}, {count_members(branch, len(branch))}"


def count_members(branch: dict[str, Json] | list[Json], number: int, which: str = "") -> str:
    """Return a number of members in words."""
    noun = "key" if isinstance(branch, dict) else "item"
    return f"{number:,} {which}{noun}{'' if number == 1 else 's'}"


def tell_value(value: Json, longest: int = _LONGEST_TEXT) -> tuple[str, str]:
    """Return a value without members as JSON writes it, and what is to be said if that is not all of it."""
    if isinstance(value, str):
        return shorten(value, longest)
    if isinstance(value, int) and value.bit_length() > _LONGEST_NUMBER * math.log2(10):
        return "…", f"(integer of about {value.bit_length() / math.log2(10):,.0f} digits)"
    return json.dumps(value), ""


def shorten(text: str, longest: int) -> tuple[str, str]:
    """Return a text in quotes, and how long it is if it is cut."""
    if len(text) <= longest:
        return quote(text), ""
    return quote(f"{text[:longest]}…"), f"({len(text):,} characters)"


def quote(text: str) -> str:
    """Return a text as a JSON string in which nothing is hidden."""
    return UNSEEN.sub(_escape_json, json.dumps(text, ensure_ascii=False))


def _escape_json(found: re.Match[str]) -> str:
    return json.dumps(found[0])[1:-1] if found[0] != "\x7f" else r"\u007f"


def peek(branch: dict[str, Json] | list[Json]) -> str:
    """Return the first members of a branch on one short line."""
    shown: list[str] = []
    for label, value in islice(list_members(branch), _LONGEST_PEEK):
        key = f"{shorten(label, _LONGEST_PEEKED)[0][1:-1]}: " if isinstance(label, str) else ""
        told = "…".join(brackets(value)) if is_branch(value) else tell_value(value, _LONGEST_PEEKED)[0]
        if sum(map(len, shown)) + len(key) + len(told) > _LONGEST_PEEK:
            break
        shown.append(f"{key}{told}, ")
    line = "".join(shown)
    return (line.removesuffix(", ") if len(shown) == len(branch) else f"{line}…").join(brackets(branch))


def brackets(value: Json) -> str:
    """Return the brackets of a branch."""
    return "{}" if isinstance(value, dict) else "[]"


def join_told(told: tuple[str, str]) -> str:
    """Return a value and what is said of it as one text."""
    return " ".join(filter(None, told))


def escape_text(text: str) -> str:
    """Return a text as HTML."""
    return escape(text, quote=False)


def mark_label(label: str | int) -> str:
    """Return a key or a number as HTML."""
    if isinstance(label, int):
        return f"<i>{label}:</i> "
    text, note = shorten(label, LONGEST_KEY)
    plain = text[1:-1]
    return f"<b>{escape_text(plain if plain.strip() == plain != '' else text)}</b>{mark_note(note)}: "


def mark_note(note: str) -> str:
    """Return what is said of a value as HTML; empty for nothing."""
    return f" <i>{note}</i>" if note else ""


def classify(value: Json) -> str:
    """Return the class of a value's style: string, number, word of JSON, or empty."""
    if isinstance(value, bool) or value is None:
        return "w"
    return "s" if isinstance(value, str) else "n" if isinstance(value, int | float) else "p"
