"""Document → frame: finds the rows, builds the columns, and says what was done."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias, TypeGuard

import pandas as pd

from apigw_magic.errors import FrameError
from apigw_magic.frames.collector import pause_collector
from apigw_magic.frames.columns import build
from apigw_magic.frames.found import ROOT, name_some
from apigw_magic.frames.labels import to_index
from apigw_magic.frames.records import find_records

if TYPE_CHECKING:
    from apigw_magic.frames.found import Found
    from apigw_magic.models import Json

Scalar: TypeAlias = "bool | int | float | str | None"
"""A document that is one value."""

Value: TypeAlias = "pd.DataFrame | bool | int | float | str | None"
"""What a document becomes: a frame, or the value itself where it is a scalar or null."""


@dataclass(frozen=True, slots=True)
class Tabulated:
    """A document as pandas holds it.

    Attributes:
        value: a frame with one row per record; the value itself where the document is a scalar or null.
        records: the path of the rows, such as `Items` or `data.users`; `$` for the document itself.
        meta: what lies outside the rows, navigation keys dropped from them too.
        warnings: what the user should know, a line each; empty where all went without saying.
        total: how many rows there are in all, where the document says so beyond doubt; None if not.
        more: the path of the key that says that another page follows, such as `NextToken`; empty if none does.
    """

    value: Value
    records: str
    meta: dict[str, Json] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    total: int | None = None
    more: str = ""


@pause_collector()
def tabulate(document: Json, *, records: str = "", segment: str = "") -> Tabulated:
    """Return a JSON document as a DataFrame, one row per record.

    The rows are found as `find_records` says, the columns made as `flatten` and `to_series` say: lists are never
    exploded, dicts flatten with dots, no number is rounded and no text becomes a number or a date. An empty list gives
    a frame of no rows. A list of scalars gives one column, `value`.

    Args:
        document: as parsed; it is not changed, and lists in cells are its own.
        records: the path of the rows, such as `Items`, `data.users` or, of rows inside of rows, `orders[].lines[]`; `$`
            for the document itself; empty to search.
        segment: the last segment of the path of the URL that was asked, such as `orders`; empty if not known.

    Returns:
        The frame (or the scalar), the path of its rows, what lies outside them, and warnings.

    Raises:
        FrameError: if the rows cannot be told, or `records` leads to none; it says what to write instead.
    """
    if not isinstance(document, dict | list):
        if records not in {"", ROOT}:
            kind = "null" if document is None else f"a single value ({type(document).__name__})"
            raise FrameError(f"There is nothing at {records}: the answer is {kind}.", fix="Leave --records out.")
        return Tabulated(document, ROOT)
    found = find_records(document, records=records, segment=segment)
    return finish(found, *build(found.rows))


def finish(found: Found, frame: pd.DataFrame, mixed: tuple[str, ...]) -> Tabulated:
    """Return the frame of the rows found, with their labels and warnings."""
    if found.index is not None:
        frame.index = to_index(found.index)
    warnings = found.warnings
    if mixed:
        warnings = (*warnings, f"mixed types, kept as received: {name_some(mixed)}")
    return Tabulated(frame, found.path, found.meta, warnings, found.total, found.more)


def is_value(value: object) -> TypeGuard[Value]:
    """Tell whether this is what a document becomes: a frame, or a scalar."""
    return value is None or isinstance(value, pd.DataFrame | bool | int | float | str)


def count_rows(value: object) -> int | None:
    """Return how many rows a frame has; None for anything else."""
    return len(value) if isinstance(value, pd.DataFrame) else None
