"""`--records`: a path of keys; `[]` goes one level into rows: `orders[].lines[]` is a row per line of each order."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from apigw_magic.errors import FrameError
from apigw_magic.frames.evidence import find_candidates, is_identity
from apigw_magic.frames.found import MOST_NAMED, ROOT, Found, free_name, subtract
from apigw_magic.frames.layouts import make_plain

if TYPE_CHECKING:
    from collections.abc import Iterable

    from apigw_magic.models import Json

EACH = "[]"
"""Stands after a list whose elements are each looked into."""

_PARENT = "parent"
"""What the columns of the elements of a list at the root are called by."""

_LONGEST = 100
"""Parts of a path; each is a call of its own."""

_MOST_LOOKED_AT = 20
"""Elements that a suggestion is made from."""


def resolve(document: Json, path: str) -> tuple[str, ...] | None:
    """Return the keys that lead along a dotted path, since a key may contain dots itself; None if none do."""
    parts = path.split(".")
    return _resolve(document, tuple(parts), set()) if len(parts) <= _LONGEST else None


def look(document: Json, keys: Iterable[str]) -> Json:
    """Return what stands at the end of keys; None where one is missing."""
    for key in keys:
        document = document.get(key) if isinstance(document, dict) else None
    return document


def is_nested(path: str) -> bool:
    """Say whether a path asks for rows inside of rows."""
    return EACH in path.removesuffix(EACH)


def take_nested(document: Json, path: str) -> Found:
    """Return a row for each element of the inner lists, with what tells which outer element it is from.

    That are the outer element's ids, and where there are none all its scalars; their columns come first and are called
    as the outer list with a dot: `orders.id`. Where a row has a key of that name, ours gets `_` appended. Rows stand in
    the order of the document. An outer element without inner ones gives no row, and a warning says how many did; what
    is not in the rows is in the metadata.

    Args:
        document: as parsed.
        path: with one `[]` before its end; the outer list may be the document itself (`[].lines[]`).

    Raises:
        FrameError: there are more levels, or nothing at the path, or a single value.
    """
    outer, _, inner = path.removesuffix(EACH).partition(EACH)
    outer, inner = outer.removeprefix(ROOT), inner.removeprefix(".")
    if EACH in inner or not inner:
        fix = "Name one list in another, as in 'orders[].lines[]'; for more levels select with --query."
        raise FrameError(f"--records {shlex.quote(path)} is not one level of nesting.", fix=fix)
    keys = resolve(document, outer) if outer else ()
    parents = _list(look(document, keys)) if keys is not None else []
    if keys is None or not any(isinstance(parent, dict) for parent in parents):
        what = f"There is no list of objects at {outer or ROOT} in the answer."
        raise FrameError(what, fix=_suggest_outer(document, inner))
    # As a table has them, or as they stand in the answer: `data[].lines[]` and `data[].attributes.lines[]`.
    plain = make_plain(parents, keys[-1] if keys else "").rows
    parents = next((some for some in (plain, parents) if any(_holds(one, inner) for one in some)), [])
    if not parents:
        raise FrameError(f"There is nothing at {inner} in {outer or 'the elements'}.", fix=_suggest(plain, outer))
    children = [_look_into(parent, outer, inner) for parent in parents]
    rows = _join(parents, children, keys[-1] if keys else _PARENT, inner)
    rest: list[Json] = [subtract(one, resolve(one, inner) or ()) if _holds(one, inner) else one for one in parents]
    meta = subtract(document, keys)
    meta[f"{outer}{EACH}"] = rest
    without = sum(not found for found in children)
    warning = f"{without:,} of {len(parents):,} in {outer or 'the list'} have nothing at {inner}, and so no row"
    return Found(f"{outer}{EACH}.{inner}{EACH}", rows, meta, warnings=(warning,) if without else (), keys=keys)


def suggest_nested(document: Json, path: str) -> str:
    """Return the path with `[]` that may have been meant by one that leads into a list; empty if none."""
    parts = path.replace(EACH, "").split(".")
    for end in range(len(parts) - 1, 0, -1):
        outer, inner = ".".join(parts[:end]), ".".join(parts[end:])
        keys = resolve(document, outer)
        near = look(document, keys) if keys is not None else None
        if isinstance(near, list) and any(_has_list(one, inner) for one in near[:_MOST_LOOKED_AT]):
            return f"{outer}{EACH}.{inner}{EACH}"
    return ""


def _resolve(document: Json, parts: tuple[str, ...], failed: set[tuple[int, int]]) -> tuple[str, ...] | None:
    """Return the keys that lead along the parts; a place from which they do not is tried once."""
    if not parts:
        return ()
    place = (id(document), len(parts))
    if not isinstance(document, dict) or place in failed:
        return None
    for length in range(len(parts), 0, -1):
        key = ".".join(parts[:length])
        if key in document and (rest := _resolve(document[key], parts[length:], failed)) is not None:
            return (key, *rest)
    failed.add(place)
    return None


def _holds(parent: Json, inner: str) -> bool:
    """Say whether an element has something at the inner path."""
    return isinstance(parent, dict) and resolve(parent, inner) is not None


def _has_list(parent: Json, inner: str) -> bool:
    """Say whether an element has a list at the inner path."""
    keys = resolve(parent, inner)
    return keys is not None and isinstance(look(parent, keys), list)


def _look_into(parent: Json, outer: str, inner: str) -> list[Json] | None:
    """Return what an element has at the inner path, as a list; None for nothing.

    Raises:
        FrameError: it is a single value.
    """
    keys = resolve(parent, inner)
    value = look(parent, keys) if keys is not None else None
    if value is None:
        return None
    if isinstance(value, list | dict):
        return _list(value)
    kind = type(value).__name__
    raise FrameError(f"At {inner} stands a single value ({kind}), not rows.", fix=_suggest([parent], outer))


def _join(parents: list[Json], children: list[list[Json] | None], name: str, inner: str) -> list[Json]:
    """Return the inner elements as rows, each with the columns of its outer one before its own."""
    told = _choose_columns(parents)
    plain = make_plain([child for found in children for child in found or ()], inner.rpartition(".")[2]).rows
    own: dict[str, Json] = dict.fromkeys(key for child in plain if isinstance(child, dict) for key in child)
    names = {key: free_name(f"{name}.{key}", own) for key in told}
    rows: list[Json] = []
    parts = iter(plain)
    for parent, found in zip(parents, children, strict=True):
        known = {names[key]: parent.get(key) for key in told} if isinstance(parent, dict) else {}
        for child in (next(parts) for _ in found or ()):
            row = child if isinstance(child, dict) else {} if child is None and own else {"value": child}
            rows.append({**known, **row})
    return rows


def _choose_columns(parents: list[Json]) -> list[str]:
    """Return the keys of outer elements that tell which one it is: ids; where there are none, all scalars."""
    known = [parent for parent in parents if isinstance(parent, dict)]
    keys = dict.fromkeys(key for parent in known for key in parent)
    scalars = [key for key in keys if not any(isinstance(parent.get(key), dict | list) for parent in known)]
    return [key for key in scalars if is_identity(key)] or scalars


def _suggest(parents: list[Json], outer: str) -> str:
    """Return the sentence that names lists inside of the outer elements."""
    known = [parent for parent in parents[:_MOST_LOOKED_AT] if isinstance(parent, dict)]
    inner = dict.fromkeys(key for parent in known for key, value in parent.items() if isinstance(value, list))
    options = [f"--records {shlex.quote(f'{outer}{EACH}.{key}{EACH}')}" for key in inner]
    return f"Say {' or '.join(options[:MOST_NAMED])}." if options else "There are no lists in it."


def _suggest_outer(document: Json, inner: str) -> str:
    """Return the sentence that names lists of the document that the inner path may be looked for in."""
    lists = [one for one in find_candidates(document) if one.rows] if isinstance(document, dict) else []
    paths = [".".join(one.path) for one in lists if one.tabular]
    options = [f"--records {shlex.quote(f'{path}{EACH}.{inner}{EACH}')}" for path in paths]
    return f"Say {' or '.join(options[:MOST_NAMED])}." if options else "Leave --records out."


def _list(value: Json) -> list[Json]:
    """Return a list as it is, nothing for null, and anything else as its one element."""
    if isinstance(value, list):
        return value
    return [] if value is None else [value]
