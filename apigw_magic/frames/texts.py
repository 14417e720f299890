"""Columns of text, as this pandas keeps them: in Arrow's memory, or as Python's strings."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Protocol, TypeAlias

import numpy as np
import pandas as pd
from pandas.api.types import pandas_dtype

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pandas.api.extensions import ExtensionArray

    from apigw_magic.models import Json

    Vector: TypeAlias = np.ndarray[tuple[int], np.dtype[np.bool_ | np.int64 | np.float64 | np.object_]]

    Array: TypeAlias = Vector | ExtensionArray
    """A column with its dtype."""


class PackedText(Protocol):
    """Texts and missing values in Arrow's memory: what is needed of `pyarrow.LargeStringArray`."""

    def tolist(self) -> list[Json]:
        """Return them as Python's strings, and None."""


class Texts:
    """What this pandas makes of text by itself, as it is installed and set now.

    Attributes:
        dtype: of a column of text.
    """

    def __init__(self) -> None:
        # Before pandas 3 the first is NumPy's, and a Series knows better; but to make one takes six times as long.
        plain = pandas_dtype(str)
        self.dtype = plain if isinstance(plain, pd.StringDtype) else pd.Series([""]).dtype
        self._in_arrow = isinstance(self.dtype, pd.StringDtype) and self.dtype.storage.startswith("pyarrow")
        if self._in_arrow:
            self._arrow = importlib.import_module("pyarrow")
            self._kind = self._arrow.large_string()
            # UTF-8 cannot hold the lone surrogates that JSON allows (RFC 8259 §8.2).
            self._refusals = (UnicodeEncodeError, self._arrow.ArrowTypeError, self._arrow.ArrowInvalid)

    def pack(self, values: Sequence[Json]) -> PackedText | None:
        """Return texts and missing values in Arrow's memory; None if pandas keeps them elsewhere, or it cannot be.

        It cannot be if one of the values is something else, or holds a lone surrogate.
        """
        if not self._in_arrow:
            return None
        try:
            packed: PackedText = self._arrow.array(values, self._kind)
        except self._refusals:
            return None
        return packed

    def join(self, pieces: Sequence[PackedText | int]) -> Array:
        """Return packed texts, and counts of missing values between them, as one column."""
        chunks = [self._arrow.nulls(piece, self._kind) if isinstance(piece, int) else piece for piece in pieces]
        whole = chunks[0] if len(chunks) == 1 else self._arrow.concat_arrays(chunks)
        # By the protocol of pandas' extension types for pyarrow.
        column: ExtensionArray = self.dtype.__from_arrow__(self._arrow.chunked_array([whole]))  # type: ignore[union-attr]
        return column

    def keep(self, values: Sequence[Json]) -> Array:
        """Return texts and missing values as a column; as `object` if pandas cannot hold them otherwise."""
        packed = self.pack(values)
        if packed is not None:
            return self.join([packed])
        if isinstance(self.dtype, pd.StringDtype) and not self._in_arrow:
            return pd.array(list(values), dtype=self.dtype)
        return np.fromiter(values, dtype=np.object_, count=len(values))
