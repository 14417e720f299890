"""Items of the low-level DynamoDB API → columns of plain values, attribute by attribute rather than value by value.

What it gives is what `typed.unwrap_item` gives of every item, transposed; what it does not surely know is unfit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import msgspec

from apigw_magic.frames.arrays import NONE
from apigw_magic.frames.parse import REFUSALS
from apigw_magic.frames.transpose import Cells, Dicts, UnfitError, find_kind, transpose, turn
from apigw_magic.frames.typed import NotTypedError, read_number, unwrap

if TYPE_CHECKING:
    from collections.abc import Sequence

    from apigw_magic.frames.storage import Storage
    from apigw_magic.frames.transpose import Part
    from apigw_magic.models import Json

    Values = Sequence[Json | msgspec.Struct]

_DEEPEST = 32
"""As deep as DynamoDB nests."""

_LONGEST_NUMBER = 126
"""Digits; longer ones are looked at one by one."""


def transpose_items(items: Values, storage: Storage, depth: int = 0) -> Dicts:
    """Return the columns of items, or of maps in them.

    Args:
        items: dicts or structs, None where one is missing; structs with None only where an item lacks a member.
        storage: how pandas keeps columns.
        depth: how many maps lead there.

    Raises:
        UnfitError: not surely all are items, or an attribute has values of several types.
    """
    kinds = set(map(type, items))
    kind = find_kind(kinds)
    if kind is None or depth > _DEEPEST:
        raise UnfitError
    turned = turn(items, kind, has_none=NONE in kinds)
    parts: dict[str, Part] = {}
    filled = 0
    for key, column in turned.columns:
        there = len(column) - column.count(None)
        filled += there
        parts[key] = _read_attribute(column, there, storage, depth) if there else _make_empty(len(column))
    members = filled if turned.members is None else turned.members
    if members != filled:
        raise UnfitError  # a null
    return Dicts(len(items), turned.dicts, members, parts)


def _read_attribute(values: Values, there: int, storage: Storage, depth: int) -> Part:
    """Return the column of one attribute.

    Raises:
        UnfitError: as `transpose_items`.
    """
    kind = find_kind(set(map(type, values)))
    if kind is None:
        raise UnfitError
    turned = turn(values, kind, has_none=there < len(values))
    columns = [(key, column, column.count(None)) for key, column in turned.columns]
    columns = [(key, column, missing) for key, column, missing in columns if missing < len(values)]
    # Each has one member if together they have as many, all of one name, and none is null.
    if len(columns) != 1 or turned.members not in {None, there} or len(values) - columns[0][2] != there:
        raise UnfitError
    ((name, column, _),) = columns
    if name == "M":
        return transpose_items(column, storage, depth + 1)
    kinds = set(map(type, column)) - {NONE}
    if name in {"S", "B"} and kinds == {str}:
        return transpose(column, storage)
    if name == "N" and kinds == {str}:
        return transpose(_read_numbers(cast("Sequence[str | None]", column), there), storage)
    if name == "BOOL" and kinds == {bool}:
        return transpose(column, storage)
    if name == "NULL" and kinds == {bool} and False not in column:
        return _make_empty(len(column))
    try:
        plain = [None if value is None else unwrap({name: cast("Json", value)}, depth + 1) for value in column]
    except NotTypedError:
        raise UnfitError from None
    return transpose(plain, storage)


def _read_numbers(texts: Sequence[str | None], there: int) -> list[Json]:
    """Return the numbers, None where one is missing.

    Raises:
        UnfitError: one is none.
    """
    known = [text for text in texts if text is not None] if there < len(texts) else cast("Sequence[str]", texts)
    numbers = _read_at_once(known)
    if numbers is None:
        try:
            numbers = list(map(read_number, known))
        except NotTypedError:
            raise UnfitError from None
    if there == len(texts):
        return numbers
    values = iter(numbers)
    return [None if text is None else next(values) for text in texts]


def _read_at_once(texts: Sequence[str]) -> list[Json] | None:
    """Return the numbers as JSON reads them, which is several times as fast; None if that may not be the same."""
    joined = ",".join(texts)
    if "e" in joined or "E" in joined or len(joined.split(None, 1)) != 1 or max(map(len, texts)) > _LONGEST_NUMBER:
        return None
    try:
        numbers: list[Json] = msgspec.json.decode(f"[{joined}]", type=list)
    except REFUSALS:
        return None
    return numbers if len(numbers) == len(texts) and set(map(type, numbers)) <= {int, float} else None


def _make_empty(count: int) -> Cells:
    """Return a column of missing values."""
    return Cells(frozenset(), count, [None] * count)
