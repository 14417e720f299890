"""JSON → DataFrame: `parse` the content, find the records, build the columns; and what is done with the frame then.

| module | duty |
|---|---|
| `parse` | content → document, every number exact |
| `records` | where the rows are: at a path (`paths`), known (`signatures`, `columnar`) or told by `evidence` |
| `found`, `names` | the answer to that; the few names that it goes by |
| `paging`, `paging_keys` | what the document says of its pages and of all rows |
| `layouts`, `typed`, `typed_columns` | rows that a specification lays out → plain rows |
| `refused` | documents that are errors, or have one around them |
| `content` | content → frame, quickly: slice by slice (`slices`, `lines`, `envelope`, `head`), the `collector` off |
| `decoder` | records whose keys are known → structs |
| `pages` | the contents of several answers → one frame |
| `transpose`, `merge` | records → columns, packed; the packed columns of all slices → arrays |
| `flatten` | records → columns of values, exactly |
| `arrays`, `storage` | columns of values → arrays, each with its dtype |
| `columns` | records → DataFrame, the quick way or the exact one |
| `tabulate` | document → frame; `documents` takes its text or bytes, too |
| `separated` | CSV and TSV → DataFrame of text |
| `query`, `select` | JMESPath, checked; the part of the document that it selects |
| `excerpts` | what errors quote |
| `dates` | columns of date-times as text → `datetime64` |
| `stack` | the answers of several connections → one frame |
| `write` | frame → the content of a file (`cells`, `parquet`) |
| `labels` | labels of rows and columns, for `stack` and `write` |
"""

from __future__ import annotations

from apigw_magic.frames.content import tabulate_content
from apigw_magic.frames.dates import parse_dates
from apigw_magic.frames.documents import to_frame
from apigw_magic.frames.pages import tabulate_pages
from apigw_magic.frames.parse import parse
from apigw_magic.frames.query import check_query
from apigw_magic.frames.select import select
from apigw_magic.frames.separated import read_separated
from apigw_magic.frames.stack import stack
from apigw_magic.frames.tabulate import Scalar, Tabulated, Value, count_rows, is_value, tabulate
from apigw_magic.frames.write import ROW_SUFFIXES, check_suffix, encode_rows

__all__ = [
    "ROW_SUFFIXES",
    "Scalar",
    "Tabulated",
    "Value",
    "check_query",
    "check_suffix",
    "count_rows",
    "encode_rows",
    "is_value",
    "parse",
    "parse_dates",
    "read_separated",
    "select",
    "stack",
    "tabulate",
    "tabulate_content",
    "tabulate_pages",
    "to_frame",
]
