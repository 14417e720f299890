"""The parts of all slices → columns with names and dtypes, as if there had been no slices."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain, repeat
from typing import TYPE_CHECKING, TypeAlias, cast

import numpy as np
import pandas as pd

from apigw_magic.frames.arrays import is_object, to_array
from apigw_magic.frames.flatten import is_sparse, name_columns
from apigw_magic.frames.transpose import Cells, Dicts, UnfitError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from apigw_magic.frames.arrays import Mask
    from apigw_magic.frames.storage import Array, PackedText, Storage
    from apigw_magic.frames.transpose import Part

    Floats: TypeAlias = np.ndarray[tuple[int], np.dtype[np.float64]]

    Piece: TypeAlias = tuple[Cells | None, int]
    """A part of a column, or None where all its values are missing, and how many there are."""

_NUMBERS = frozenset({int, float})

_SCALARS = frozenset({bool, int, float, str})
"""The types that `to_array` has a dtype for, if all values are of one of them, or numbers."""

_FIRST_INEXACT = 2.0**53
"""What the first integer that a float cannot hold, 2**53 + 1, becomes as a float."""


@dataclass(frozen=True, slots=True)
class Merged:
    """One column of all the records.

    Attributes:
        name: the key, or the keys joined by dots.
        array: the column with its dtype.
        mixed: whether it is kept as received, with values of several types.
    """

    name: str
    array: Array
    mixed: bool


@dataclass(frozen=True, slots=True)
class _Leaf:
    """A column whose name may not be its own yet; a part is None where no record of a slice has it."""

    name: str
    literal: bool
    filled: int
    parts: Sequence[Cells | None]


def merge(parts: Sequence[Part], storage: Storage) -> list[Merged]:
    """Return the columns of the records of all parts, in order of first appearance.

    They are those that `flatten` and `to_array` would make of the records themselves.

    Args:
        parts: of consecutive records.
        storage: how pandas keeps columns.

    Raises:
        UnfitError: a key has dicts in some parts and something else in others, or there are so many cells, nearly all
            of them empty, that `flatten` is to say so.
    """
    if not parts:
        return []
    counts = [part.count for part in parts]
    count = sum(counts)
    leaves: list[_Leaf] = []
    _walk("value", parts, count, 0, leaves)
    if is_sparse(len(leaves) * count, sum(leaf.filled for leaf in leaves)):
        raise UnfitError
    names = name_columns([(leaf.name, leaf.literal) for leaf in leaves])
    return [Merged(name, *_join(leaf.parts, counts, storage)) for name, leaf in zip(names, leaves, strict=True)]


def _walk(name: str, parts: Sequence[Part | None], filled: int, depth: int, leaves: list[_Leaf]) -> None:
    """Add the columns that stand at one place to the leaves.

    Raises:
        UnfitError: as `merge`.
    """
    groups = [part for part in parts if isinstance(part, Dicts)]
    if not groups:
        leaves.append(_Leaf(name, depth <= 1, filled, cast("Sequence[Cells | None]", parts)))
        return
    if len(groups) < len(parts) and any(isinstance(part, Cells) and part.kinds for part in parts):
        raise UnfitError
    keys = dict.fromkeys(chain.from_iterable(group.parts for group in groups))
    dicts = sum(group.dicts for group in groups)
    if is_sparse(len(keys) * dicts, sum(group.members for group in groups)):
        raise UnfitError
    prefix = f"{name}." if depth else ""
    for key in keys:
        inner = [part.parts.get(key) if isinstance(part, Dicts) else None for part in parts]
        _walk(f"{prefix}{key}", inner, dicts, depth + 1, leaves)


def _join(parts: Sequence[Cells | None], counts: Sequence[int], storage: Storage) -> tuple[Array, bool]:
    """Return one array, as `to_array` makes it of all values, and whether it is mixed."""
    first = parts[0]
    if len(parts) == 1 and first is not None and first.missing is None and not isinstance(first.packed, list | tuple):
        return first.packed if isinstance(first.packed, np.ndarray) else storage.join_text([first.packed]), False
    kinds = frozenset[type]().union(*[part.kinds for part in parts if part is not None])
    # Where every value of a part is missing, it is as if no record of it had the key.
    pieces = [
        (part if part is not None and part.kinds else None, count) for part, count in zip(parts, counts, strict=True)
    ]
    joined = _join_packed(pieces, kinds, storage) if len(kinds) == 1 or kinds == _NUMBERS else None
    if joined is None:
        values = chain.from_iterable(repeat(None, count) if part is None else part.unpack() for part, count in pieces)
        scalars = kinds == _NUMBERS or (len(kinds) == 1 and kinds <= _SCALARS)
        joined = to_array(list(values), storage) if scalars else np.fromiter(values, np.object_, sum(counts))
    return joined, len(kinds) > 1 and is_object(joined)


def _join_packed(pieces: Sequence[Piece], kinds: frozenset[type], storage: Storage) -> Array | None:
    """Return one array of the packed values; None if that takes a look at the values themselves."""
    packed = [count if part is None else part.packed for part, count in pieces]
    if any(isinstance(values, list | tuple) for values in packed) and kinds != _NUMBERS:
        return None
    if str in kinds:
        return storage.join_text(cast("list[PackedText | int]", packed))
    if float in kinds:
        floats = [_to_floats(part, count) for part, count in pieces]
        exact = [part for part in floats if part is not None]
        return np.concatenate(exact) if len(exact) == len(floats) else None
    dtype = np.dtype(np.int64 if int in kinds else np.bool_)
    values = np.concatenate([np.zeros(piece, dtype) if isinstance(piece, int) else piece for piece in packed])
    if all(part is not None and part.missing is None for part, _ in pieces):
        return values
    missing = np.concatenate([_find_missing(part, count) for part, count in pieces])
    return pd.arrays.IntegerArray(values, missing) if int in kinds else pd.arrays.BooleanArray(values, missing)


def _find_missing(part: Cells | None, count: int) -> Mask:
    """Return True where a value is missing."""
    if part is None:
        return np.ones(count, np.bool_)
    return np.zeros(count, np.bool_) if part.missing is None else part.missing


def _to_floats(part: Cells | None, count: int) -> Floats | None:
    """Return numbers as floats, missing ones as NaN; None if an integer may not be exact as one."""
    if part is None:
        return np.full(count, np.nan)
    try:
        floats = np.array(part.packed, np.float64)  # of the values themselves, it reads None as NaN
    except OverflowError:
        return None
    if int in part.kinds:
        if (np.abs(floats) >= _FIRST_INEXACT).any():
            return None
        if part.missing is not None:
            floats[part.missing] = np.nan
    return floats
