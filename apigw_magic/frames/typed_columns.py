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
    columns = [(key, column, len(column) - column.count(None)) for key, column in turned.columns]
    members = sum(there for _, _, there in columns)
    if turned.members not in {None, members}:
        raise UnfitError  # a null
    if depth == 0 and not _have_members([column for _, column, _ in columns], len(items)):
        raise UnfitError  # a map may be empty, but no item is
    parts: dict[str, Part] = {
        key: _read_attribute(column, there, storage, depth) if there else _make_empty(len(column))
        for key, column, there in columns
    }
    return Dicts(len(items), turned.dicts, members, parts)


def _have_members(columns: Sequence[Values], count: int) -> bool:
    """Say whether each of so many items has a value in one of the columns."""
    if any(column.count(None) == 0 for column in columns):
        return True
    places = {place for column in columns for place, value in enumerate(column) if value is not None}
    return len(places) == count


def _read_attribute(values: Values, there: int, storage: Storage, depth: int) -> Part:
    """Return the column of one attribute.

    Raises:
        UnfitError: as `transpose_items`.
    """
    kind = find_kind(set(map(type, values)))
    if kind is None:
        raise UnfitError
    turned = turn(values, kind, has_none=there < len(values))
    columns = [(name, column) for name, column in turned.columns if column.count(None) < len(column)]
    if turned.members not in {None, there}:
        raise UnfitError
    if len(columns) != 1:
        return transpose(_choose(columns, values, depth), storage)
    ((name, column),) = columns
    # Each has one member if together they have as many, all of one name, and none is null.
    if len(column) - column.count(None) != there:
        raise UnfitError
    if name == "M":
        return transpose_items(column, storage, depth + 1)
    kinds = set(map(type, column)) - {NONE}
    if (name in {"S", "B"} and kinds == {str}) or (name == "BOOL" and kinds == {bool}):
        return transpose(column, storage)
    if name == "N" and kinds == {str}:
        return transpose(_read_numbers(cast("Sequence[str | None]", column), there), storage)
    return transpose([_unwrap(name, value, depth) for value in column], storage)


def _choose(columns: Sequence[tuple[str, Values]], values: Values, depth: int) -> list[Json]:
    """Return the plain values of an attribute that is of one type here, of another there.

    Args:
        columns: the names of the types, and what stands under each, None where nothing does.
        values: what stands under the attribute, None where it is missing.
        depth: as in `transpose_items`.

    Raises:
        UnfitError: one has not one type, or it is none.
    """
    plain: list[Json] = [None] * len(values)
    typed = [0] * len(values)
    for name, column in columns:
        for place, value in enumerate(column):
            if value is not None:
                plain[place] = _unwrap(name, value, depth)
                typed[place] += 1
    if typed != [int(value is not None) for value in values]:
        raise UnfitError
    return plain


def _unwrap(name: str, value: Json | msgspec.Struct, depth: int) -> Json:
    """Return the plain value of what stands under the name of a type.

    Raises:
        UnfitError: it is none of that type.
    """
    try:
        return None if value is None else unwrap({name: cast("Json", value)}, depth)
    except NotTypedError:
        raise UnfitError from None


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
    if "e" in joined or "E" in joined or joined.split(None, 1) != [joined] or max(map(len, texts)) > _LONGEST_NUMBER:
        return None
    try:
        numbers: list[Json] = msgspec.json.decode(f"[{joined}]", type=list)
    except REFUSALS:
        return None
    return numbers if len(numbers) == len(texts) and set(map(type, numbers)) <= {int, float} else None


def _make_empty(count: int) -> Cells:
    """Return a column of missing values."""
    return Cells(frozenset(), count, [None] * count)
