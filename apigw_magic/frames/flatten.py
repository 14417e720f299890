"""Records → one list of values per column, dicts flattened with dots.

Works on columns, not on cells, and without recursion: neither a long document nor a deep one is slow or fatal.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, TypeAlias

from apigw_magic.errors import FrameError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from apigw_magic.models import Json

Record: TypeAlias = "dict[str, Json]"

_MOST_CELLS = 10_000_000
"""From here on a table that is nearly empty is refused: a cell costs 9 bytes, and 40 kB may ask for so many."""

_LEAST_FILLED = 0.01


@dataclass(frozen=True, slots=True)
class Column:
    """One column before it has a dtype.

    Attributes:
        name: the key, or the keys joined by dots.
        values: one per record, as received; None where the key is missing or null.
    """

    name: str
    values: list[Json]


@dataclass(frozen=True, slots=True)
class _Group:
    """Dicts that stand under the same key, and the numbers of the records they belong to.

    The prefix is that key and a dot; it is empty for the records themselves, whose keys are literal names.
    """

    prefix: str
    rows: Sequence[int]
    dicts: list[Record]


@dataclass(frozen=True, slots=True)
class _Leaf:
    """Values of one key that are not flattened further, and the numbers of the records they belong to."""

    name: str
    literal: bool
    rows: Sequence[int]
    values: list[Json]


def flatten(rows: Sequence[Json]) -> list[Column]:
    """Return the columns of the rows, in order of first appearance.

    A dict flattens at any depth, but a key only if all its values that are not null are dicts; an empty dict adds no
    column. The columns of a flattened key stand where the key stood first. Lists are never exploded. Rows that are not
    dicts (or nulls between dicts) are one column named `value`. A flattened name that meets a literal key gets `_`
    appended; nothing is overwritten.

    Args:
        rows: the records, of any JSON type.

    Returns:
        Columns of `len(rows)` values each; none if all rows are empty dicts or there are no rows.

    Raises:
        FrameError: if the columns would be many and nearly empty: keys that are data, not names.
    """
    if not rows:
        return []
    start = _gather("value", literal=True, rows=range(len(rows)), values=list(rows))
    pending: list[_Group | _Leaf] = [start if isinstance(start, _Leaf) else _Group("", start.rows, start.dicts)]
    leaves: list[_Leaf] = []
    while pending:
        part = pending.pop()
        if isinstance(part, _Leaf):
            leaves.append(part)
        else:
            pending.extend(reversed(_split(part)))
    _refuse_sparse(len(leaves) * len(rows), sum(len(leaf.values) for leaf in leaves))
    names = name_columns([(leaf.name, leaf.literal) for leaf in leaves])
    return [Column(name, _spread(leaf, len(rows))) for name, leaf in zip(names, leaves, strict=True)]


def _split(group: _Group) -> list[_Group | _Leaf]:
    """Return what stands under each key of the dicts, keys in order of first appearance."""
    keys = dict.fromkeys(chain.from_iterable(group.dicts))
    _refuse_sparse(len(keys) * len(group.dicts), sum(map(len, group.dicts)))
    return [
        _gather(
            f"{group.prefix}{key}",
            literal=not group.prefix,
            rows=group.rows,
            values=[found.get(key) for found in group.dicts],
        )
        for key in keys
    ]


def _gather(name: str, *, literal: bool, rows: Sequence[int], values: list[Json]) -> _Group | _Leaf:
    """Return a group if all values that are not null are dicts (and some are), else a leaf."""
    kinds = set(map(type, values))
    missing = type(None) in kinds
    kinds.discard(type(None))
    if not kinds or not all(issubclass(kind, dict) for kind in kinds):
        return _Leaf(name, literal, rows, values)
    if missing:
        rows = [row for row, value in zip(rows, values, strict=True) if value is not None]
    return _Group(f"{name}.", rows, [value for value in values if isinstance(value, dict)])


def name_columns(found: Sequence[tuple[str, bool]]) -> list[str]:
    """Return names of which none comes twice, with `_` appended where it takes that; literal keys keep theirs.

    Args:
        found: for each column its name, and whether that is a literal key.
    """
    taken = {name for name, literal in found if literal}
    names: list[str] = []
    for name, literal in found:
        free = name
        while not literal and free in taken:
            free += "_"
        taken.add(free)
        names.append(free)
    return names


def _spread(leaf: _Leaf, count: int) -> list[Json]:
    """Return one value per record."""
    if len(leaf.values) == count:
        return leaf.values
    values: list[Json] = [None] * count
    for row, value in zip(leaf.rows, leaf.values, strict=True):
        values[row] = value
    return values


def is_sparse(cells: int, filled: int) -> bool:
    """Say whether there are very many cells, and next to none of them holds a value."""
    return cells > _MOST_CELLS and filled < _LEAST_FILLED * cells


def _refuse_sparse(cells: int, filled: int) -> None:
    """Refuse a table that would fill the memory with nothing.

    Raises:
        FrameError: if it is sparse.
    """
    if is_sparse(cells, filled):
        raise FrameError(
            f"The rows have so few keys in common that {cells:,} cells would hold {filled:,} values.",
            why="The keys seem to be data, such as ids, not names of columns.",
            fix="Say where the rows are with --records PATH, or take the document as it is with response.json().",
        )
