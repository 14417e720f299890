"""Documents that a specification or a well-known service lays out: recognised by their key sets.

Each function looks at a dict and says where its rows are, or None: not mine. To know one more layout, write one and add
it to `SIGNATURES` (or to `COLUMNAR`); the first that recognises the dict wins. They look at keys, and at the first row
where that decides (at more in FHIR alone, for its total); what a row of such a layout is, `layouts` knows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from apigw_magic.frames.columnar import COLUMNAR
from apigw_magic.frames.evidence import has_identity
from apigw_magic.frames.found import ROOT, Found, fold, subtract
from apigw_magic.frames.layouts import is_control, make_plain, read_typed
from apigw_magic.frames.names import WRAPPERS
from apigw_magic.frames.paging import has_paging

if TYPE_CHECKING:
    from apigw_magic.models import Json

Signature: TypeAlias = Callable[[dict[str, "Json"]], Found | None]

_DEEPEST = 4
"""Wrappers that are opened in search of a known layout."""


def find_jsonapi(document: dict[str, Json]) -> Found | None:
    """Recognise JSON:API (1.1, §7.1): `data` beside `jsonapi`, or of resource objects; a single one is one row."""
    data = document.get("data")
    rows = data if isinstance(data, list) else [data]
    if not rows:
        return _at(document, "data") if "jsonapi" in document else None
    first = rows[0]
    is_resource = isinstance(first, dict) and isinstance(first.get("type"), str) and "id" in first
    if not is_resource or not ("jsonapi" in document or (isinstance(first, dict) and "attributes" in first)):
        return None
    return _at(document, "data")


def find_hal(document: dict[str, Json]) -> Found | None:
    """Recognise a HAL collection: one list under `_embedded` (draft-kelly-json-hal §4.1.2)."""
    embedded = document.get("_embedded")
    if not isinstance(embedded, dict) or (has_identity(document) and not has_paging(document)):
        return None
    lists = [key for key, value in embedded.items() if isinstance(value, list)]
    return _at(document, "_embedded", lists[0]) if len(lists) == 1 else None


def find_odata(document: dict[str, Json]) -> Found | None:
    """Recognise an OData collection: `value` beside control information (JSON Format 4.01 §12); `d.results` in 2."""
    if isinstance(document.get("value"), list) and any(map(is_control, document)):
        return _at(document, "value")
    inner = document.get("d")
    return _at(document, "d", "results") if isinstance(inner, dict) and _is_list(inner, "results") else None


def find_geojson(document: dict[str, Json]) -> Found | None:
    """Recognise a feature collection of GeoJSON (RFC 7946 §3.3)."""
    is_collection = document.get("type") == "FeatureCollection" and _is_list(document, "features")
    return _at(document, "features") if is_collection else None


def find_elasticsearch(document: dict[str, Json]) -> Found | None:
    """Recognise hits of Elasticsearch and OpenSearch (Search API); `total` may be a lower bound, and is none then."""
    hits = document.get("hits")
    if not isinstance(hits, dict) or not _is_list(hits, "hits") or hits.keys().isdisjoint({"total", "max_score"}):
        return None
    found = _at(document, "hits", "hits")
    total = hits.get("total")
    if isinstance(total, dict):
        total = total.get("value") if total.get("relation") != "gte" else None
    return replace(found, total=total) if type(total) is int and total >= len(found.rows) else found


def find_graphql(document: dict[str, Json]) -> Found | None:
    """Recognise an answer of GraphQL with one connection in it (Cursor Connections, §2): its edges are the rows."""
    data = document.get("data")
    pending: list[tuple[tuple[str, ...], Json]] = [(("data",), data)]
    connections: list[tuple[str, ...]] = []
    while pending:
        path, place = pending.pop()
        if not isinstance(place, dict) or len(path) > _DEEPEST:
            continue
        edges = place.get("edges")
        if isinstance(edges, list) and ("pageInfo" in place or (edges and _is_edge(edges[0]))):
            connections.append(path)
        pending.extend(((*path, key), child) for key, child in place.items())
    return _at(document, *connections[0], "edges") if len(connections) == 1 else None


def find_stripe(document: dict[str, Json]) -> Found | None:
    """Recognise a list object of Stripe's API, which others have taken over: `object`, `has_more`, `data`."""
    is_object = document.get("object") == "list" and "has_more" in document and _is_list(document, "data")
    return _at(document, "data") if is_object else None


def find_fhir(document: dict[str, Json]) -> Found | None:
    """Recognise a bundle of FHIR (R5, `Bundle`): its entries are the rows; it has no `entry` where it has none.

    Its total counts what matches the search, so not where something else came with that.
    """
    entries = document.get("entry", [] if isinstance(document.get("type"), str) else None)
    if document.get("resourceType") != "Bundle" or not isinstance(entries, list):
        return None
    found = _at({**document, "entry": entries}, "entry")
    total = document.get("total")
    if type(total) is int and total >= len(entries) and all(map(_is_match, entries)):
        return replace(found, total=total)
    return found


def find_dynamodb(document: dict[str, Json]) -> Found | None:
    """Recognise items of the low-level DynamoDB API (Query and Scan, GetItem): typed attribute values."""
    for key in ("Items", "Item"):
        items = document.get(key)
        rows: list[Json] = items if isinstance(items, list) else [items]
        if rows and read_typed(rows[:1], key) is not None:
            return _at(document, key)
    return None


SIGNATURES: tuple[Signature, ...] = (
    find_jsonapi,
    find_hal,
    find_odata,
    find_geojson,
    find_elasticsearch,
    find_graphql,
    find_stripe,
    find_fhir,
    find_dynamodb,
    *COLUMNAR,
)
"""The layouts known, most telling first."""


def recognise(document: dict[str, Json], depth: int = 0) -> Found | None:
    """Return the rows of a document that one of the signatures knows, also inside of wrappers; else None."""
    for signature in SIGNATURES:
        found = signature(document)
        if found is not None:
            return found
    if depth == _DEEPEST or (has_identity(document) and not has_paging(document)):
        return None
    inner = [(key, value) for key, value in document.items() if isinstance(value, dict) and fold(key) in WRAPPERS]
    if len(inner) != 1:
        return None
    ((key, value),) = inner
    nested = recognise(value, depth + 1)
    return None if nested is None else nest(document, key, nested)


def nest(document: dict[str, Json], key: str, inner: Found) -> Found:
    """Return what was found in what stands under a key as found in the document."""
    rest: dict[str, Json] = {name: value for name, value in document.items() if name != key}
    if inner.meta:
        rest[key] = inner.meta
    path = f"{key}{inner.path.removeprefix(ROOT)}" if inner.path.startswith(ROOT) else f"{key}.{inner.path}"
    return replace(inner, path=path, meta=rest, keys=(key, *inner.keys))


def settle(document: Json, keys: tuple[str, ...], rows: list[Json]) -> Found:
    """Return rows that stand at a path as a table has them: by the layout of their own, if they have one."""
    path = ".".join(keys) or ROOT
    plain = make_plain(rows, keys[-1] if keys else "")
    meta = subtract(document, keys)
    one = rows[0] if not isinstance(document, list) and not keys else None
    if one is not None and isinstance(document, dict):
        meta.update((key, value) for key, value in document.items() if _is_hollow(value))  # these give no column
    for key, values in plain.aside.items():
        meta[f"{path}[].{key}" if one is None else key] = values if one is None else values[0]
    return Found(path, plain.rows, meta, keys=keys)


def _at(document: dict[str, Json], *keys: str) -> Found:
    """Return the rows at a path; what is no list there is one row."""
    inner: Json = document
    for key in keys:
        inner = inner[key] if isinstance(inner, dict) else None
    return settle(document, keys, inner if isinstance(inner, list) else [inner])


def _is_list(place: dict[str, Json], key: str) -> bool:
    """Say whether a list stands under a key."""
    return isinstance(place.get(key), list)


def _is_hollow(value: Json) -> bool:
    """Say whether a value is a dict in which no value stands, at any depth."""
    pending = [value]
    while pending:
        inner = pending.pop()
        if not isinstance(inner, dict):
            return False
        pending.extend(inner.values())
    return True


def _is_match(entry: Json) -> bool:
    """Say whether an entry of a bundle is what was searched for, or does not say."""
    search = entry.get("search") if isinstance(entry, dict) else None
    return not isinstance(search, dict) or search.get("mode", "match") == "match"


def _is_edge(value: Json) -> bool:
    """Say whether a value is an edge of GraphQL."""
    return isinstance(value, dict) and isinstance(value.get("node"), dict)
