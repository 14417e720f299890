"""Some of the records → their columns, packed: what a slice of a document leaves behind when it is dropped.

Nothing is lost: each column can give back its values, type by type, since only all slices together tell its dtype.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from itertools import chain, repeat
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple, TypeAlias, cast

import msgspec
import numpy as np
from msgspec import Struct

from apigw_magic.frames.arrays import NONE
from apigw_magic.frames.storage import VECTORS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from apigw_magic.frames.storage import Mask, PackedText, Storage, Vector
    from apigw_magic.models import Json

    Record: TypeAlias = dict[str, Json]

    Packed: TypeAlias = Vector | PackedText | list[Json] | tuple[Json, ...]

Part: TypeAlias = "Cells | Dicts"
"""What some of the records have at one place."""

_DEEPEST = 100
"""Levels of dicts that are transposed here; Python recurses so far at any time."""

_EMPTIEST = 64
_FEW_CELLS = 100_000
"""With more cells than these, and more of them than those per value, keys are data rather than names."""

_JSON = frozenset({bool, int, float, str, list, dict})
"""The types of values that parsers make, but for None."""

_FEW = 64
"""Dicts whose keys are looked at first."""


class UnfitError(Exception):
    """The quick way would not surely lead to the same columns as the exact one."""


@dataclass(frozen=True, slots=True)
class Cells:
    """Values of one column, one per record.

    Attributes:
        kinds: the types of the values, missing ones aside.
        count: how many there are, missing ones counted.
        packed: NumPy's bool, int64 or float64 where all are of that type; Arrow's text where pandas keeps text so; else
            the values themselves, which None may be among.
        missing: True where a value is missing, beside NumPy's values; None if none is.
    """

    kinds: frozenset[type]
    count: int
    packed: Packed
    missing: Mask | None = None

    def unpack(self) -> Sequence[Json]:
        """Return the values as they were parsed."""
        if isinstance(self.packed, list | tuple):
            return self.packed
        values: list[Json] = self.packed.tolist()
        if self.missing is None:
            return values
        return [None if gone else value for value, gone in zip(values, self.missing.tolist(), strict=True)]


@dataclass(frozen=True, slots=True)
class Dicts:
    """Values of one key that are all dicts, one per record, or missing.

    Attributes:
        count: how many there are, missing ones counted.
        dicts: how many there are that are not missing.
        members: how many values are in them.
        parts: what stands under each of their keys, keys in order of first appearance; a missing dict is an empty one.
    """

    count: int
    dicts: int
    members: int
    parts: dict[str, Part]


def transpose(values: Sequence[Json | Struct], storage: Storage, depth: int = 0) -> Part:
    """Return what the values of one place are, one per record.

    Args:
        values: the records, or what stands in them under one key; at least one.
        storage: how pandas keeps columns.
        depth: how many keys lead there.

    Raises:
        UnfitError: there are very many keys, or very many levels.
    """
    if type(values[0]) is str:
        # Arrow finds out by itself whether all are text.
        packed = storage.pack_text(values)
        if packed is not None:
            return Cells(frozenset({str}), len(values), packed)
    kinds = set(map(type, values))
    kind = find_kind(kinds)
    if kind is None:
        return _pack(cast("Sequence[Json]", values), kinds, storage)
    if depth > _DEEPEST:
        raise UnfitError
    turned = turn(values, kind, has_none=NONE in kinds)
    parts = {key: transpose(column, storage, depth + 1) for key, column in turned.columns}
    members = sum(map(count_filled, parts.values())) if turned.members is None else turned.members
    return Dicts(len(values), turned.dicts, members, parts)


def find_kind(kinds: set[type]) -> type | None:
    """Return the type of what has keys, dict or a struct, if there are no others but None; else None."""
    there = kinds - {NONE}
    kind = there.pop() if len(there) == 1 else NONE
    return kind if kind is dict or issubclass(kind, Struct) else None


class Turned(NamedTuple):
    """Dicts, or structs, turned into columns.

    Attributes:
        dicts: how many there were that are not missing.
        columns: the keys, in order of first appearance, with one value per dict, None where it has none.
        members: how many members they had, null ones counted; None if not known.
    """

    dicts: int
    columns: Iterable[tuple[str, Sequence[Json | Struct]]]
    members: int | None


def turn(values: Sequence[Json | Struct], kind: type, *, has_none: bool) -> Turned:
    """Return the columns of dicts, or structs; those that are missing stand there as empty ones.

    Raises:
        UnfitError: there are very many keys.
    """
    dicts = len(values) - (values.count(None) if has_none else 0)
    if kind is not dict:
        empty = kind() if has_none else None
        structs = cast("Sequence[Struct]", [empty if value is None else value for value in values] if empty else values)
        columns = zip(*map(msgspec.structs.astuple, structs), strict=True)
        return Turned(dicts, zip(structs[0].__struct_encode_fields__, columns, strict=True), None)
    records = cast("Sequence[Record]", [value or {} for value in values] if has_none else values)
    count = len(records)
    members = sum(map(len, records))
    keys: Iterable[str] = records[0]
    alike: Iterable[Sequence[Json]] | None = None
    if members == len(records[0]) * count:
        alike = _read_alike(records, tuple(keys))
    if alike is None:
        # Most often a few dicts have all the keys that there are; a set of all is made three times as fast.
        keys = dict.fromkeys(chain.from_iterable(records[:_FEW]))
        if not keys.keys() >= set().union(*records):
            keys = dict.fromkeys(chain.from_iterable(records))
        if len(keys) * count > _FEW_CELLS and len(keys) * count > members * _EMPTIEST:
            raise UnfitError
        alike = (list(map(dict.get, records, repeat(key))) for key in keys)
    return Turned(dicts, zip(keys, alike, strict=True), members)


def count_filled(part: Part) -> int:
    """Return how many values of a part are not missing."""
    if isinstance(part, Dicts):
        return part.dicts
    if part.missing is not None:
        return part.count - int(part.missing.sum())
    if isinstance(part.packed, list | tuple):
        return part.count - part.packed.count(None)
    return part.count if isinstance(part.packed, np.ndarray) else part.count - part.packed.null_count


def _read_alike(records: Sequence[Record], keys: tuple[str, ...]) -> Iterable[Sequence[Json]] | None:
    """Return the columns of dicts that have as many members as there are keys, on average; None if keys differ."""
    # None lacks one of the keys, and together they have no more members than that: they have these and no others.
    try:
        if len(keys) > 1:
            return zip(*map(itemgetter(*keys), records), strict=True)
        return [[record[key] for record in records] for key in keys]
    except KeyError:
        return None


def _pack(values: Sequence[Json], kinds: set[type], storage: Storage) -> Cells:
    """Return the values, as NumPy or Arrow have them where all are of a type that those know.

    Raises:
        UnfitError: some are of a type that no parser makes, such as a subclass of dict.
    """
    there = frozenset(kinds - {NONE})
    if not there <= _JSON:
        raise UnfitError
    if there == {str}:
        packed = storage.pack_text(values)
        if packed is not None:
            return Cells(there, len(values), packed)
    elif len(there) == 1 and not there.isdisjoint(VECTORS):
        (kind,) = there
        with contextlib.suppress(OverflowError):
            if len(kinds) > 1:
                return Cells(there, len(values), *storage.split_missing(values, kind))
            vector: Vector = np.fromiter(cast("Sequence[int]", values), VECTORS[kind], len(values))
            return Cells(there, len(values), vector)
    return Cells(there, len(values), values if isinstance(values, list | tuple) else list(values))
