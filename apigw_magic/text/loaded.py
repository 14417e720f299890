"""Values of NumPy and pandas as values of Python.

Both are looked up among the modules the user has loaded, never imported: a value of theirs cannot exist before that.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType


def leave_numpy(value: object) -> object:
    """Return a NumPy scalar or array as a Python value or list; anything else as it is."""
    numpy = _find("numpy", "ndarray", "generic", "datetime64", "timedelta64")
    if numpy is None:
        return value
    if isinstance(value, numpy.ndarray):
        if value.dtype.kind not in "mM":
            listed: object = value.tolist()
            return listed
        # tolist() would make integers of nanoseconds
        return leave_numpy(value[()]) if value.ndim == 0 else list(value)
    if isinstance(value, (numpy.datetime64, numpy.timedelta64)):
        return _leave_time(str(value)) if isinstance(value, numpy.datetime64) or str(value) == "NaT" else value
    if isinstance(value, numpy.generic):
        plain: object = value.item()
        return plain
    return value


def leave_pandas(value: object) -> object:
    """Return a DataFrame as a list of records, a Series, Index or array as a list; anything else as it is.

    Raises:
        ValueError: a DataFrame with two columns of one label.
    """
    pandas = _find("pandas", "DataFrame", "Series", "Index", "api")
    if pandas is None:
        return value
    if isinstance(value, pandas.DataFrame):
        if not value.columns.is_unique:
            raise ValueError("two columns have the same label")
        labels = value.columns.tolist()
        columns = [value.iloc[:, place].tolist() for place in range(len(labels))]
        return [dict(zip(labels, row, strict=True)) for row in zip(*columns, strict=True)]
    if isinstance(value, (pandas.Series, pandas.Index)):
        listed: object = value.tolist()
        return listed
    return list(value) if isinstance(value, pandas.api.extensions.ExtensionArray) else value


def is_pandas_missing(value: object) -> bool:
    """Whether the value is `pandas.NA` or `NaT`."""
    pandas = _find("pandas", "NA", "NaT")
    return pandas is not None and (value is pandas.NA or value is pandas.NaT)


def _find(name: str, *parts: str) -> ModuleType | None:
    """Return a loaded module; None too while it is being imported and has not all these parts yet."""
    module = sys.modules.get(name)
    return module if all(hasattr(module, part) for part in parts) else None


def _leave_time(text: str) -> str | None:
    """Return the ISO 8601 text of a NumPy date or time without idle zeros, None for NaT."""
    if text == "NaT":
        return None
    return text.rstrip("0").removesuffix(".") if "." in text else text
