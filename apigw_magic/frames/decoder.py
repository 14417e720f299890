"""Reads lists of records; once it knows their keys, without making a dict of each.

A record whose keys are known becomes a `msgspec.Struct`: values in the order of the keys, None where it has none. Those
are made, taken apart and dropped in two thirds of the time that dicts take. A list with a record that does not fit is
read as dicts, so nothing depends on the keys learned but the time.
"""

from __future__ import annotations

import contextlib
from itertools import chain
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import msgspec

from apigw_magic.frames.parse import REFUSALS, parse

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import UnionType

    from apigw_magic.models import Json

    Records: TypeAlias = Sequence[Json | msgspec.Struct]

Keys: TypeAlias = "dict[str, Keys | None]"
"""The keys of records; where dicts stand under one, theirs too."""

_FULLEST = 3
"""Dicts that lack more than two of three keys, on average, are quicker read as dicts."""

_MOST_KEYS = 500
_MOST_LESSONS = 8
"""To make a struct takes as long as to read a hundred records."""

_DEEPEST = 16

_NONE = type(None)


class RecordDecoder:
    """Reads the slices of a long list, or of several lists of similar records.

    Attributes:
        learns: whether there is so much to read that it pays to learn.
    """

    def __init__(self, *, learns: bool) -> None:
        """Begin without any knowledge."""
        self.learns = learns
        self._keys: Keys = {}
        self._decode: Callable[[bytes], Records] | None = None
        self._decode_one: Callable[[bytes], msgspec.Struct] | None = None
        self._lessons = 0
        self._missed = True

    def read(self, text: bytes) -> Records:
        """Return the records in the JSON text of a list: all of them structs, or all that they are in JSON.

        Raises:
            msgspec.DecodeError, UnicodeDecodeError, RecursionError: msgspec does not read it.
        """
        if self._decode is not None:
            with contextlib.suppress(*REFUSALS):
                return self._decode(text)
            self._missed = True
        records: list[Json] = msgspec.json.decode(text, type=list)
        return records

    def read_lines(self, lines: Sequence[bytes]) -> Records:
        """Return the records in lines of JSON.

        Raises:
            FrameError: as `parse`.
        """
        if self._decode_one is not None:
            with contextlib.suppress(*REFUSALS):
                return list(map(self._decode_one, lines))
            self._missed = True
        try:
            return list(map(msgspec.json.decode, lines))
        except REFUSALS:
            return [parse(line) for line in lines]

    def learn(self, records: Records, *, nullable: bool = True) -> None:
        """Learn the keys of records; others that have no further ones are read quickly from now on.

        Args:
            records: some of the list; if they are structs, there is nothing to be learned.
            nullable: whether null may stand where others have a dict.
        """
        if not self.learns or not self._missed:
            return
        self._missed = False
        rows = [record for record in records if isinstance(record, dict)]
        if len(rows) < len(records):
            return
        keys = _find_keys(rows, self._keys) or {}
        self._lessons += 1
        self.learns = self._lessons < _MOST_LESSONS and 0 < _count(keys) <= _MOST_KEYS
        if self.learns and keys == self._keys:
            return
        self._keys = keys
        self._decode = self._decode_one = None
        if self.learns:
            with contextlib.suppress(ValueError):  # msgspec knows no keys with backslashes or quotes
                record = _make_struct(keys, nullable=nullable)
                self._decode = msgspec.json.Decoder(list[record]).decode  # type: ignore[valid-type] # made just now
                self._decode_one = msgspec.json.Decoder(record).decode


def _find_keys(rows: Sequence[dict[str, Json]], known: Keys, depth: int = 0) -> Keys | None:
    """Return the keys of dicts behind those that are known; None if most dicts lack most of them."""
    names = dict.fromkeys(chain(known, chain.from_iterable(rows)))
    if len(names) * len(rows) > _FULLEST * sum(map(len, rows)) or depth > _DEEPEST:
        return None
    keys: Keys = {}
    for name in names:
        values = [row.get(name) for row in rows]
        inner = known.get(name)
        if set(map(type, values)) <= {dict, _NONE}:
            dicts = [value for value in values if isinstance(value, dict)]
            keys[name] = (_find_keys(dicts, inner or {}, depth + 1) if dicts else inner) or None
        else:
            keys[name] = None
    return keys


def _count(keys: Keys) -> int:
    """Return how many keys there are in all."""
    return sum(1 if inner is None else 1 + _count(inner) for inner in keys.values())


def _find_type(keys: Keys | None, *, nullable: bool) -> type | UnionType:
    """Return the type of what stands under a key, by the keys of that; anything if it has none."""
    if keys is None:
        return cast("type", Any)
    record = _make_struct(keys, nullable=nullable)
    return record | None if nullable else record


def _make_struct(keys: Keys, *, nullable: bool) -> type[msgspec.Struct]:
    """Return the class of records with such keys.

    Raises:
        ValueError: that cannot be (UnicodeEncodeError is one).
    """
    names = {f"f{place}": key for place, key in enumerate(keys)}
    fields = [(name, _find_type(keys[key], nullable=nullable), None) for name, key in names.items()]
    # gc: the collector does not look at what lives as long as a slice.
    return msgspec.defstruct("Record", fields, rename=names, forbid_unknown_fields=True, gc=False)
