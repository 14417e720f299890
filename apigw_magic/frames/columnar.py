"""Documents that hold no list of records, but a table in another shape: columns, cells, or records under their keys.

As the functions of `signatures`, each looks at a dict and says what its rows are, or None. They read all cells, since
a single one can show that it is no table, and stop at that.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from apigw_magic.frames.evidence import has_identity
from apigw_magic.frames.found import ROOT, Found, name_some
from apigw_magic.frames.layouts import distinguish
from apigw_magic.frames.paging import has_paging

if TYPE_CHECKING:
    from collections.abc import Callable

    from apigw_magic.models import Json

_NARROWEST_SERIES = 2
"""One list is a list, no table."""

_SHORTEST_SERIES = 2
"""Lists of one value each are as likely one thing with one role and one tag."""

_FEWEST_KEYED = 2

_LEAST_ALIKE = 0.5
"""Of all keys that records under ids have, how many each has at least."""

_DIGIT = re.compile(r"[0-9]")
_SIGN = re.compile(r"[:/#@]")
_CODE = re.compile(r"[A-Z]{2,5}")

_HEADINGS = ("columns", "fields", "headers", "header", "schema")
"""Keys of the names of columns: pandas and Trino (columns), Snowflake and BigQuery (fields, schema), CSV services."""

_CELLS = ("data", "rows", "values", "records", "results")
"""Keys of the rows below them."""


def find_split(document: dict[str, Json]) -> Found | None:
    """Recognise names of columns beside rows of as many cells (`orient="split"` of pandas, and many SQL gateways)."""
    pairs = [
        (heading, cells)
        for heading in _HEADINGS
        for cells in _CELLS
        if isinstance(document.get(heading), list) and isinstance(document.get(cells), list)
    ]
    if len(pairs) != 1:
        return None
    ((heading, cells),) = pairs
    columns, data = _name_columns(document[heading]), document[cells]
    if not columns or not isinstance(data, list):
        return None
    if not all(isinstance(row, list) and len(row) == len(columns) for row in data):
        return None
    names = distinguish(columns)
    rows: list[Json] = [dict(zip(names, row, strict=True)) for row in data if isinstance(row, list)]
    index = document.get("index")
    labels = (
        index if isinstance(index, list) and len(index) == len(rows) and not any(map(_is_container, index)) else None
    )
    used = {heading, cells} if labels is None else {heading, cells, "index"}
    meta = {key: value for key, value in document.items() if key not in used}
    if columns != document[heading] or not rows:
        meta[heading] = document[heading]
    if (heading, cells) == ("columns", "data"):
        return Found(f"{ROOT} (columns+data)", rows, meta, labels)
    return Found(cells, rows, meta, labels, keys=(cells,))


def find_metrics(document: dict[str, Json]) -> Found | None:
    """Recognise metric data of CloudWatch (GetMetricData): one row per data point, with the Id and Label of its metric.

    The points stand in two parallel lists per metric, `Timestamps` and `Values`.
    """
    results = document.get("MetricDataResults")
    if not isinstance(results, list) or not results or not all(map(_is_metric, results)):
        return None
    metrics = [result for result in results if isinstance(result, dict)]
    rows: list[Json] = []
    rest: list[Json] = []
    for metric in metrics:
        told = {key: value for key, value in metric.items() if key not in {"Timestamps", "Values"}}
        rest.append(told)
        shared = {key: value for key, value in told.items() if not _is_container(value)}
        points = zip(_list(metric["Timestamps"]), _list(metric["Values"]), strict=True)
        rows.extend({**shared, "Timestamps": time, "Values": value} for time, value in points)
    meta = {**document, "MetricDataResults": rest}
    return Found("MetricDataResults", rows, meta, keys=("MetricDataResults",))


def find_series(document: dict[str, Json]) -> Found | None:
    """Recognise lists of scalars of one length, at least one of them of numbers, as the columns of a table.

    They are all the lists of the document, or of the one dict in it that has such.
    """
    if has_identity(document):
        return None
    lists = _read_series(document)
    if lists:
        rest: dict[str, Json] = {key: value for key, value in document.items() if key not in lists}
        return Found(f"{ROOT} ({name_some(list(lists))})", _turn(lists), rest)
    if any(isinstance(value, list) for value in document.values()):
        return None
    inner = [
        (key, found) for key, value in document.items() if isinstance(value, dict) and (found := _read_series(value))
    ]
    if len(inner) != 1:
        return None
    ((key, lists),) = inner
    place = document[key]
    left: dict[str, Json] = (
        {name: part for name, part in place.items() if name not in lists} if isinstance(place, dict) else {}
    )
    meta = {name: value if name != key else left for name, value in document.items() if name != key or left}
    return Found(f"{key} ({name_some(list(lists))})", _turn(lists), meta, keys=(key,))


def find_keyed(document: dict[str, Json]) -> Found | None:
    """Recognise records under their ids: a dict of dicts with the same keys, the ids data and no names.

    They are all that the document holds, or stand under one key beside scalars. The ids become the index.
    """
    if _are_keyed(document):
        return Found(ROOT, list(document.values()), index=list(document))
    inner = [key for key, value in document.items() if isinstance(value, dict | list)]
    if len(inner) != 1 or (has_identity(document) and not has_paging(document)):
        return None
    (key,) = inner
    place = document[key]
    if not isinstance(place, dict) or not _are_keyed(place):
        return None
    meta = {name: value for name, value in document.items() if name != key}
    return Found(key, list(place.values()), meta, list(place), keys=(key,))


COLUMNAR: tuple[Callable[[dict[str, Json]], Found | None], ...] = (find_metrics, find_split, find_series, find_keyed)


def read_table(place: dict[str, Json]) -> Found | None:
    """Return the rows of a dict that is a table in such a shape itself, not one that holds such a table."""
    split = find_split(place)
    if split is not None:
        return split
    return next((found for find in (find_series, find_keyed) if (found := find(place)) and not found.keys), None)


def _name_columns(columns: Json) -> list[Json]:
    """Return the names of columns that are texts, or dicts with a `name`; none if some are something else."""
    names = [column.get("name") if isinstance(column, dict) else column for column in _list(columns)]
    return names if all(isinstance(name, str) for name in names) else []


def _is_metric(result: Json) -> bool:
    """Say whether a value is a metric with its points."""
    if not isinstance(result, dict):
        return False
    times, values = result.get("Timestamps"), result.get("Values")
    return isinstance(times, list) and isinstance(values, list) and len(times) == len(values)


def _read_series(place: dict[str, Json]) -> dict[str, list[Json]]:
    """Return the lists of a dict by their keys if they are the columns of a table, else none."""
    lists = {key: value for key, value in place.items() if isinstance(value, list)}
    lengths = {len(values) for values in lists.values()}
    if len(lists) < _NARROWEST_SERIES or len(lengths) != 1 or max(lengths) < _SHORTEST_SERIES or has_identity(place):
        return {}
    kinds = [set(map(type, values)) - {type(None)} for values in lists.values()]
    if any(not kind.isdisjoint({dict, list}) for kind in kinds):
        return {}
    return lists if any(kind and kind <= {int, float} for kind in kinds) else {}


def _turn(lists: dict[str, list[Json]]) -> list[Json]:
    """Return the rows of columns."""
    return [dict(zip(lists, cells, strict=True)) for cells in zip(*lists.values(), strict=True)]


def _are_keyed(place: dict[str, Json]) -> bool:
    """Say whether a dict holds records under ids."""
    records = [value for value in place.values() if isinstance(value, dict) and value]
    if len(records) < max(len(place), _FEWEST_KEYED) or not all(map(_is_id, place)):
        return False
    keys = set().union(*records)
    return min(map(len, records)) >= _LEAST_ALIKE * len(keys) and not all(
        isinstance(value, dict) for record in records for value in record.values()
    )


def _is_id(key: str) -> bool:
    """Say whether a key is data and no name: `7`, `sensor-1`, `B_2`, `ida@example.com`, `2026-01-31`, `EUR`."""
    if _SIGN.search(key) is not None or _CODE.fullmatch(key) is not None:
        return True
    if _DIGIT.search(key) is None:
        return False
    return _DIGIT.match(key) is not None or _DIGIT.match(key[-1]) is not None or not key.isalnum()


def _list(value: Json) -> list[Json]:
    """Return a list as it is, none for anything else."""
    return value if isinstance(value, list) else []


def _is_container(value: Json) -> bool:
    """Say whether a value holds others."""
    return isinstance(value, dict | list)
