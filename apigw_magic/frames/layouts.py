"""Records that a specification lays out → plain ones: what it wraps is taken out, what only leads on is put aside.

Each function of `LAYOUTS` looks at the rows and gives them plain, or None: not mine. To know one more, write one and
add it there. A function that does not know the rows looks at the first only; one that does reads all.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import TYPE_CHECKING, TypeAlias

from apigw_magic.frames.found import free_name
from apigw_magic.frames.head import Head
from apigw_magic.frames.typed import NotTypedError, unwrap_item

if TYPE_CHECKING:
    from collections.abc import Iterable

    from apigw_magic.models import Json

    Row: TypeAlias = dict[str, Json]


@dataclass(frozen=True, slots=True)
class Plain:
    """Rows as a table has them.

    Attributes:
        rows: as many as there were, but for one that holds their names.
        aside: what was dropped from them, by its key: one value per row, None where a row had none.
    """

    rows: list[Json]
    aside: dict[str, list[Json]] = field(default_factory=dict)


Layout: TypeAlias = Callable[[list["Json"], str], Plain | None]
"""Given the rows and the key they stand under, empty for the document itself."""

_RESOURCE = frozenset({"attributes", "id", "lid", "links", "meta", "relationships", "type"})
_NARROWEST = 2
"""Lists of one cell each are as likely lists."""

_SMALLEST = 5
"""Rows and columns of a table with a row of names, at least: two pairs may be two records."""

_NUMBERED = 4
"""From so many columns of one name on they are numbered."""

_VALUE = re.compile(r"[+-]?[0-9]")

_RELATED = frozenset({"data", "links", "meta"})


def read_resources(rows: list[Json], _key: str) -> Plain | None:
    """Read resource objects of JSON:API (1.1, §7.2): attributes hoisted, relationships as `<name>.id`, no links."""
    if not _are_all(rows, lambda row: isinstance(row.get("type"), str) and row.keys() <= _RESOURCE):
        return None
    known = [row for row in rows if isinstance(row, dict)]
    if not any(isinstance(row.get(part), dict) for row in known for part in ("attributes", "relationships")):
        return None
    return Plain([_read_resource(row) for row in known], _put_aside(rows, ("links", "relationships")))


def read_features(rows: list[Json], _key: str) -> Plain | None:
    """Read features of GeoJSON (RFC 7946 §3.2): properties hoisted, `type` dropped, since it is the same for all."""
    if not _are_all(rows, lambda row: row.get("type") == "Feature" and "geometry" in row and _holds(row, "properties")):
        return None
    return Plain(_hoist(rows, "properties", first=("id",), dropped=("type",)), _put_aside(rows, ("type",)))


def read_hits(rows: list[Json], _key: str) -> Plain | None:
    """Read hits of Elasticsearch and OpenSearch (Search API, `hits.hits`): `_source` hoisted."""
    if not _are_all(rows, lambda row: "_id" in row and "_source" in row and _holds(row, "_source")):
        return None
    return Plain(_hoist(rows, "_source"))


def read_edges(rows: list[Json], key: str) -> Plain | None:
    """Read edges of GraphQL (Cursor Connections, §3): the nodes, cursors dropped, other fields of the edge kept."""
    if key != "edges" or not _are_all(rows, lambda row: "node" in row and _holds(row, "node")):
        return None
    return Plain(_hoist(rows, "node", dropped=("cursor",)), _put_aside(rows, ("cursor",)))


def read_typed(rows: list[Json], _key: str) -> Plain | None:
    """Read items of the low-level DynamoDB API, whose every value names its type, and take the types off."""
    if isinstance(rows, Head) and rows.is_typed:
        return Plain(rows)
    try:
        return Plain([unwrap_item(row) for row in rows]) if rows else None
    except NotTypedError:
        return None


def drop_links(rows: list[Json], _key: str) -> Plain | None:
    """Drop links and forms of HAL resources (draft-kelly-json-hal §4.1.1; HAL-FORMS)."""
    if not rows or not isinstance(rows[0], dict) or not isinstance(rows[0].get("_links"), dict):
        return None
    return _drop(rows, lambda key: key in {"_links", "_templates"})


def drop_annotations(rows: list[Json], _key: str) -> Plain | None:
    """Drop control information of OData entities (JSON Format 4.01 §4.6; of version 2 `__metadata`)."""
    return _drop(rows, is_control) if rows and isinstance(rows[0], dict) and any(map(is_control, rows[0])) else None


def read_header(rows: list[Json], _key: str) -> Plain | None:
    """Read lists of cells under a row of names; shorter ones lack their last cells (Google Sheets API, `values`).

    The first row is taken for names only if below one of them stands nothing but what a name is not: numbers, booleans,
    or text that begins with a digit. Two pairs are as likely two records.
    """
    names = rows[0] if len(rows) > 1 else None
    if not isinstance(names, list) or len(set(map(type, names))) != 1 or not isinstance(names[0], str):
        return None
    cells = [row for row in rows[1:] if isinstance(row, list) and len(row) <= len(names)]
    if len(rows) + len(names) < _SMALLEST or len(cells) < len(rows) - 1 or len(names) < _NARROWEST:
        return None
    if not any(_are_values(*column) for column in _turn(rows)):
        return None
    header = distinguish(names)
    return Plain([dict(zip_longest(header, row)) for row in cells])


LAYOUTS: tuple[Layout, ...] = (
    read_resources,
    read_features,
    read_hits,
    read_edges,
    read_typed,
    drop_links,
    drop_annotations,
    read_header,
)
"""The layouts of records that are known; the first that knows the rows reads them."""


def make_plain(rows: list[Json], key: str) -> Plain:
    """Return the rows as the layout that knows them reads them; as they are if none does.

    Args:
        rows: of any type.
        key: they stand under; empty for the document itself.
    """
    return next((plain for layout in LAYOUTS if (plain := layout(rows, key)) is not None), Plain(rows))


def is_control(key: str) -> bool:
    """Say whether OData, not the data, named the key."""
    return "@odata." in key or key == "__metadata"


def distinguish(names: list[Json]) -> list[str]:
    """Return the names with `_` appended to those that came before; a name that comes once keeps its own.

    The fourth and later ones of a name are numbered (`_4`), so that names stay short. The time is linear.
    """
    texts = [name for name in names if isinstance(name, str)]
    taken = set(texts)
    last: dict[str, int] = {}
    distinct: list[str] = []
    for name in texts:
        free = name
        number = last.get(name, 0)
        if number:
            while free in taken:
                free = name + "_" * number if number < _NUMBERED else f"{name}_{number}"
                number += 1
            taken.add(free)
        last[name] = max(number, 1)
        distinct.append(free)
    return distinct


def _turn(rows: list[Json]) -> Iterable[tuple[Json, ...]]:
    """Return the columns of lists of cells, one by one."""
    return zip_longest(*(row for row in rows if isinstance(row, list)))


def _are_values(name: Json, *cells: Json) -> bool:
    """Say whether no cell could be a name, and there are some."""
    known = [cell for cell in cells if cell not in (None, "")]
    return bool(known) and isinstance(name, str) and not _VALUE.match(name) and all(map(_is_value, known))


def _is_value(cell: Json) -> bool:
    """Say whether a cell is a number, a boolean or text that begins with a digit."""
    return isinstance(cell, bool | int | float) or (isinstance(cell, str) and _VALUE.match(cell) is not None)


def _are_all(rows: list[Json], fits: Callable[[Row], bool]) -> bool:
    """Say whether there are rows, and all are dicts that fit; ends with the first that does not."""
    return bool(rows) and all(isinstance(row, dict) and fits(row) for row in rows)


def _holds(row: Row, key: str) -> bool:
    """Say whether a dict, or null, stands under a key."""
    return row.get(key) is None or isinstance(row.get(key), dict)


def _hoist(rows: list[Json], wrapper: str, *, first: Iterable[str] = (), dropped: Iterable[str] = ()) -> list[Json]:
    """Return the rows with what one key wraps on their own level, where its name is free, else with `_` appended."""
    return [_hoist_one(row, wrapper, first, dropped) for row in rows if isinstance(row, dict)]


def _hoist_one(row: Row, wrapper: str, first: Iterable[str], dropped: Iterable[str]) -> Row:
    own = {key: value for key, value in row.items() if key != wrapper and key not in dropped}
    inner = row.get(wrapper)
    plain: Row = {key: own[key] for key in first if key in own}
    for key, value in row.items():
        if key == wrapper:
            for name, part in inner.items() if isinstance(inner, dict) else ():
                plain[free_name(name, plain, own)] = part
        elif key in own:
            plain[key] = value
    return plain


def _read_resource(row: Row) -> Row:
    """Return a resource object as a plain row; names of its own come first and stay."""
    plain: Row = {key: row[key] for key in ("id", "lid", "type", "meta") if key in row}
    attributes, relationships = row.get("attributes"), row.get("relationships")
    for name, value in attributes.items() if isinstance(attributes, dict) else ():
        plain[free_name(name, plain)] = value
    for name, value in relationships.items() if isinstance(relationships, dict) else ():
        if isinstance(value, dict) and "data" in value and value.keys() <= _RELATED:
            plain[free_name(f"{name}.id", plain)] = _read_linkage(value["data"])
    return plain


def _read_linkage(linkage: Json) -> Json:
    """Return the id of what a resource is related to, or a list of ids."""
    if isinstance(linkage, list):
        return [_read_linkage(one) for one in linkage]
    return linkage.get("id", linkage.get("lid")) if isinstance(linkage, dict) else linkage


def _put_aside(rows: list[Json], keys: Iterable[str]) -> dict[str, list[Json]]:
    """Return what stands under the keys, if anything does in any row."""
    known = [row for row in rows if isinstance(row, dict)]
    return {key: [row.get(key) for row in known] for key in keys if any(key in row for row in known)}


def _drop(rows: list[Json], is_dropped: Callable[[str], bool]) -> Plain:
    """Return the rows without what leads on; rows that are no dicts stay."""
    dropped = {key for row in rows if isinstance(row, dict) for key in row if is_dropped(key)}
    order = dict.fromkeys(key for row in rows if isinstance(row, dict) for key in row if key in dropped)
    plain: list[Json] = [
        {key: value for key, value in row.items() if key not in dropped} if isinstance(row, dict) else row
        for row in rows
    ]
    return Plain(plain, {key: [row.get(key) if isinstance(row, dict) else None for row in rows] for key in order})
