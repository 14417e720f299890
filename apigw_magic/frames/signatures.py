"""Documents that a specification or a well-known library lays out: recognised by their key sets.

Each function looks at a document and says where its rows are, or None: not mine. To know one more layout, write one
and add it to `SIGNATURES`; the first that recognises the document wins.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from apigw_magic.frames.evidence import has_identity, has_paging
from apigw_magic.frames.found import ROOT, Found, name_some, subtract
from apigw_magic.frames.typed import is_typed, unwrap

if TYPE_CHECKING:
    from collections.abc import Callable

    from apigw_magic.models import Json

Signature: TypeAlias = "Callable[[dict[str, Json]], Found | None]"

_NARROWEST_SERIES = 2
"""One list is a list, no table."""

_SHORTEST_SERIES = 2
"""Lists of one value each are as likely one thing with one role and one tag."""


def find_hal(document: dict[str, Json]) -> Found | None:
    """Recognise a HAL collection: one list under `_embedded` (draft-kelly-json-hal §4.1.2).

    The `_links` of the rows are navigation: they go to the metadata.
    """
    embedded = document.get("_embedded")
    if not isinstance(embedded, dict) or (has_identity(document) and not has_paging(document)):
        return None
    lists = [key for key, value in embedded.items() if isinstance(value, list)]
    if len(lists) != 1:
        return None
    return _without_navigation(document, ("_embedded", lists[0]), lambda key: key in {"_links", "_templates"})


def find_odata(document: dict[str, Json]) -> Found | None:
    """Recognise an OData collection: `value` beside a control information (OData JSON Format 4.01 §12, §4.6).

    Annotations of the rows, such as `@odata.etag`, go to the metadata.
    """
    if not isinstance(document.get("value"), list) or not any(_is_control(key) for key in document):
        return None
    return _without_navigation(document, ("value",), _is_control)


def find_dynamodb(document: dict[str, Json]) -> Found | None:
    """Recognise items of the low-level DynamoDB API, whose every value names its type, and take the types off.

    Source: Amazon DynamoDB API Reference, data type `AttributeValue`.
    """
    items = document.get("Items")
    if not isinstance(items, list) or not items:
        return None
    rows: list[Json] = []
    for item in items:
        if not isinstance(item, dict) or not item or not all(is_typed(value) for value in item.values()):
            return None
        rows.append({key: unwrap(value) for key, value in item.items()})
    return Found("Items", rows, subtract(document, ("Items",)))


def find_split(document: dict[str, Json]) -> Found | None:
    """Recognise `columns` beside `data`, rows of as many cells (`orient="split"` of pandas, and many SQL gateways)."""
    columns, data = document.get("columns"), document.get("data")
    if not isinstance(columns, list) or not isinstance(data, list) or not columns:
        return None
    if not all(isinstance(name, str) for name in columns):
        return None
    if not all(isinstance(cells, list) and len(cells) == len(columns) for cells in data):
        return None
    names = _distinguish([name for name in columns if isinstance(name, str)])
    rows: list[Json] = [dict(zip(names, cells, strict=True)) for cells in data if isinstance(cells, list)]
    index = document.get("index")
    labelled = isinstance(index, list) and len(index) == len(rows) and not any(map(_is_container, index))
    used = {"columns", "data", "index"} if labelled else {"columns", "data"}
    meta = {key: value for key, value in document.items() if key not in used}
    return Found(f"{ROOT} (columns+data)", rows, meta, index if labelled and isinstance(index, list) else None)


def find_series(document: dict[str, Json]) -> Found | None:
    """Recognise lists of scalars of one length, at least one of them of numbers, as the columns of a table."""
    lists = {key: value for key, value in document.items() if isinstance(value, list)}
    lengths = {len(values) for values in lists.values()}
    if len(lists) < _NARROWEST_SERIES or len(lengths) != 1 or max(lengths) < _SHORTEST_SERIES:
        return None
    if has_identity(document) or any(_is_container(cell) for values in lists.values() for cell in values):
        return None
    if not any(_is_measured(values) for values in lists.values()):
        return None
    rows: list[Json] = [dict(zip(lists, cells, strict=True)) for cells in zip(*lists.values(), strict=True)]
    meta = {key: value for key, value in document.items() if key not in lists}
    return Found(f"{ROOT} ({name_some(list(lists))})", rows, meta)


SIGNATURES: tuple[Signature, ...] = (find_hal, find_odata, find_dynamodb, find_split, find_series)
"""The layouts known, most telling first."""


def recognise(document: dict[str, Json]) -> Found | None:
    """Return the rows of a document that one of the signatures knows, else None."""
    return next((found for signature in SIGNATURES if (found := signature(document)) is not None), None)


def _without_navigation(
    document: dict[str, Json], path: tuple[str, ...], is_navigation: Callable[[str], bool]
) -> Found:
    """Return the rows at a path; what is navigation in them is in the metadata, one value per row."""
    inner: Json = document
    for key in path:
        inner = inner[key] if isinstance(inner, dict) else None
    rows = inner if isinstance(inner, list) else []
    dropped = dict.fromkeys(key for row in rows if isinstance(row, dict) for key in row if is_navigation(key))
    kept: list[Json] = [
        {key: value for key, value in row.items() if key not in dropped} if isinstance(row, dict) else row
        for row in rows
    ]
    place = ".".join(path)
    meta = subtract(document, path)
    meta |= {f"{place}[].{key}": [row.get(key) if isinstance(row, dict) else None for row in rows] for key in dropped}
    return Found(place, kept, meta)


def _is_control(key: str) -> bool:
    """Say whether OData, not the data, named the key."""
    return "@odata." in key


def _is_container(value: Json) -> bool:
    """Say whether a value holds others."""
    return isinstance(value, dict | list)


def _is_measured(values: list[Json]) -> bool:
    """Say whether all values are numbers or missing, and some are there."""
    kinds = set(map(type, values)) - {type(None)}
    return bool(kinds) and kinds <= {int, float}


def _distinguish(names: list[str]) -> list[str]:
    """Return the names with `_` appended to those that came before; a name that comes once keeps its own."""
    taken = set(names)
    seen: set[str] = set()
    distinct: list[str] = []
    for name in names:
        free = name
        while free in seen or (free != name and free in taken):
            free += "_"
        seen.add(free)
        distinct.append(free)
    return distinct
