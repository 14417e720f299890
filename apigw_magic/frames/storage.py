"""How pandas keeps columns: text in Arrow's memory or as Python's strings, numbers as NumPy's."""

from __future__ import annotations

import importlib
import math
from functools import cache
from typing import TYPE_CHECKING, Protocol, TypeAlias, cast

import numpy as np
import pandas as pd
from pandas.api.types import pandas_dtype

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

    from pandas.api.extensions import ExtensionArray

    from apigw_magic.models import Json

    Vector: TypeAlias = np.ndarray[tuple[int], np.dtype[np.bool_ | np.int64 | np.float64 | np.object_]]

    Mask: TypeAlias = np.ndarray[tuple[int], np.dtype[np.bool_]]

    Array: TypeAlias = Vector | ExtensionArray
    """A column with its dtype."""


VECTORS = {bool: np.bool_, int: np.int64, float: np.float64}
"""The types that NumPy keeps."""


class PackedText(Protocol):
    """Storage and missing values in Arrow's memory: what is needed of `pyarrow.LargeStringArray`.

    Attributes:
        null_count: how many are missing.
    """

    null_count: int

    def tolist(self) -> list[Json]:
        """Return them as Python's strings, and None."""


class Storage:
    """How this pandas, as it is installed and set now, keeps columns.

    Attributes:
        text: the dtype of a column of text.
    """

    def __init__(self) -> None:
        # Before pandas 3 the first is NumPy's, and a Series knows better; but to make one takes six times as long.
        plain = pandas_dtype(str)
        self.text = plain if isinstance(plain, pd.StringDtype) else pd.Series([""]).dtype
        self._has_arrow = isinstance(self.text, pd.StringDtype) and self.text.storage.startswith("pyarrow")
        if self._has_arrow:
            self._arrow, self._types, self._refusals = _load_arrow()

    def pack_text(self, values: Sequence[object]) -> PackedText | None:
        """Return texts and missing values in Arrow's memory; None if pandas keeps them elsewhere, or it cannot be.

        It cannot be if one of the values is something else, or holds a lone surrogate.
        """
        if not self._has_arrow:
            return None
        try:
            packed: PackedText = self._arrow.array(values, self._types[str])
        except self._refusals:
            return None
        return packed

    def join_text(self, pieces: Sequence[PackedText | int]) -> Array:
        """Return packed texts, and counts of missing values between them, as one column."""
        chunks = [self._arrow.nulls(piece, self._types[str]) if isinstance(piece, int) else piece for piece in pieces]
        whole = chunks[0] if len(chunks) == 1 else self._arrow.concat_arrays(chunks)
        # By the protocol of pandas' extension types for pyarrow.
        column: ExtensionArray = self.text.__from_arrow__(whole)  # type: ignore[union-attr] # it is pandas' own
        return column

    def keep_text(self, values: Sequence[Json]) -> Array:
        """Return texts and missing values as a column; as `object` if pandas cannot hold them otherwise."""
        packed = self.pack_text(values)
        if packed is not None:
            return self.join_text([packed])
        if isinstance(self.text, pd.StringDtype) and not self._has_arrow:
            return pd.array(list(values), dtype=self.text)
        return np.fromiter(values, dtype=np.object_, count=len(values))

    def split_missing(self, values: Sequence[Json], kind: type) -> tuple[Vector, Mask]:
        """Return values of one of NumPy's types, and True where one is missing; a 0 stands there, or NaN.

        Args:
            values: all bool, all int or all float, and None.
            kind: of which type.

        Raises:
            OverflowError: they are integers, and one is beyond 64 bits.
        """
        empty = math.nan if kind is float else 0
        if not self._has_arrow:
            missing = np.array([value is None for value in values], dtype=np.bool_)
            filled = [empty if value is None else value for value in values]
            return np.fromiter(cast("list[int]", filled), VECTORS[kind], len(values)), missing
        # Arrow, where it is, does that in a third of the time.
        try:
            packed = self._arrow.array(values, self._types[kind])
        except self._arrow.ArrowInvalid as error:
            raise OverflowError from error
        bits, data = packed.buffers()
        missing = _read_bits(bits, len(values)) == 0
        if kind is bool:
            return _read_bits(data, len(values)).astype(np.bool_) & ~missing, missing
        vector: Vector = np.frombuffer(data, VECTORS[kind], len(values)).copy()
        vector[missing] = empty
        return vector, missing


@cache
def _load_arrow() -> tuple[ModuleType, dict[type, object], tuple[type[Exception], ...]]:
    """Return pyarrow, its types of Python's, and what it raises for values that are of another."""
    arrow = importlib.import_module("pyarrow")
    types = {str: arrow.large_string(), bool: arrow.bool_(), int: arrow.int64(), float: arrow.float64()}
    # UTF-8 cannot hold the lone surrogates that JSON allows (RFC 8259 §8.2).
    return arrow, types, (UnicodeEncodeError, arrow.ArrowTypeError, arrow.ArrowInvalid)


def _read_bits(bits: memoryview, count: int) -> np.ndarray[tuple[int], np.dtype[np.uint8]]:
    """Return a bitmap of Arrow's as 0 and 1 (Arrow columnar format, "Validity bitmaps")."""
    return np.unpackbits(np.frombuffer(bits, np.uint8), count=count, bitorder="little")
