"""JSON → DataFrame: `parse` the content, find the records, build the columns.

| module | duty |
|---|---|
| `parse` | content → document, every number exact |
| `records` | where the rows are: named, known (`signatures`, `typed`) or told by `evidence`; `found` is the answer |
| `flatten` | records → columns of values |
| `columns` | columns of values → DataFrame |
| `tabulate` | all of it in one call |
"""

from __future__ import annotations

from apigw_magic.frames.parse import parse
from apigw_magic.frames.tabulate import Scalar, Tabulated, Value, tabulate, to_frame

__all__ = ["Scalar", "Tabulated", "Value", "parse", "tabulate", "to_frame"]
