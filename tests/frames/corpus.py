"""Answers made from the service models that botocore brings: what operations of AWS would answer, every member there.

A paginated operation with one result key says where its rows are; a `Get…` or `Describe…` that wraps one structure says
that there is one thing.
"""

from __future__ import annotations

import gzip
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import botocore
import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from apigw_magic.models import Json

Shapes: TypeAlias = dict[str, dict[str, Any]]

_DATA = Path(botocore.__file__).parent / "data"

_PLAIN: dict[str, Callable[[str], Json]] = {
    "blob": lambda _: "aGVsbG8=",
    "boolean": lambda _: True,
    "double": lambda _: 0.5,
    "float": lambda _: 0.5,
    "integer": lambda name: zlib.crc32(name.encode()) % 1000,
    "long": lambda name: zlib.crc32(name.encode()) % 1000,
    "timestamp": lambda _: "2026-01-31T08:15:00Z",
}
_IN_THE_HEAD = {"header", "headers", "statusCode"}
_DEEPEST = 7


@dataclass(frozen=True, slots=True)
class Sample:
    """One answer.

    Attributes:
        service: whose model it is from.
        operation: that would answer so.
        document: the answer.
        path: where the rows are; `$` for one thing.
    """

    service: str
    operation: str
    document: dict[str, Json]
    path: str


def is_held_out(service: str) -> bool:
    """Tell whether a service is of the half that nobody looks at."""
    return zlib.crc32(service.encode()) % 2 == 1


def read_services() -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Yield the name, the newest model and the paginators of each service."""
    for folder in sorted(path for path in _DATA.iterdir() if path.is_dir()):
        versions = sorted(path for path in folder.iterdir() if any(path.glob("service-2.json*")))
        if versions:
            paginators = [_read(path) for path in versions[-1].glob("paginators-1.json*")]
            pagination = paginators[0].get("pagination", {}) if paginators else {}
            yield folder.name, _read(next(versions[-1].glob("service-2.json*"))), pagination


def make_samples(service: str, model: dict[str, Any], pagination: dict[str, Any]) -> Iterator[Sample]:
    """Yield an answer for each list and each entity of a service."""
    shapes: Shapes = model["shapes"]
    for name, operation in model["operations"].items():
        output = shapes.get(operation.get("output", {}).get("shape", ""))
        if output is None or output["type"] != "structure":
            continue
        members = {key: ref for key, ref in output["members"].items() if ref.get("location") not in _IN_THE_HEAD}
        if name in pagination:
            path = _find_list(output, pagination[name].get("result_key"), shapes)
        else:
            path = "$" if name.startswith(("Get", "Describe")) and _wraps_one(output, members, shapes) else ""
        if not path:
            continue
        document = _make_structure(members, shapes, name, ())
        if "payload" in output:  # the content is this member alone
            inner = document.get(output["payload"])
            if not isinstance(inner, dict) or path == output["payload"]:
                continue
            document, path = inner, path.removeprefix(f"{output['payload']}.")
        yield Sample(service, name, document, path)


def _read(path: Path) -> dict[str, Any]:
    """Return a model, which may be compressed."""
    content = path.read_bytes()
    read: dict[str, Any] = msgspec.json.decode(gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content)
    return read


def _wraps_one(output: dict[str, Any], members: dict[str, Any], shapes: Shapes) -> bool:
    """Tell whether an answer holds a structure and nothing else."""
    kinds = [shapes[member["shape"]]["type"] for member in members.values()]
    return kinds == ["structure"] and "payload" not in output


def _find_list(output: dict[str, Any], result_key: object, shapes: Shapes) -> str:
    """Return the result key if it is one and leads to a list through structures only; else nothing."""
    if not isinstance(result_key, str):
        return ""
    shape = output
    for key in result_key.split("."):
        ref = shape.get("members", {}).get(key)
        if ref is None or ref.get("location") in _IN_THE_HEAD:
            return ""
        shape = shapes[ref["shape"]]
    return result_key if shape["type"] == "list" else ""


def _make(ref: dict[str, Any], shapes: Shapes, name: str, within: tuple[str, ...]) -> Json:
    """Return a value of a shape; None where it would hold itself, or is very deep."""
    shape = shapes[ref["shape"]]
    kind: str = shape["type"]
    if kind in _PLAIN:
        return _PLAIN[kind](name)
    if kind not in {"structure", "list", "map"}:
        return str(shape.get("enum", [f"{name}-text"])[0])
    if ref["shape"] in within or len(within) > _DEEPEST:
        return None
    inside = (*within, ref["shape"])
    if kind == "structure":
        return _make_structure(shape["members"], shapes, name, inside)
    count = _count(name, inside)
    if kind == "map":
        return {key: _make(shape["value"], shapes, name, inside) for key in ("alpha", "beta", "gamma", "delta")[:count]}
    return [_make(shape["member"], shapes, f"{name}{number}", inside) for number in range(count)]


def _count(name: str, within: tuple[str, ...]) -> int:
    """Return how many elements a list has: 2 to 4 where it may be the rows, fewer inside of them."""
    return 2 + zlib.crc32(name.encode()) % 3 if len(within) <= 2 else 1


def _make_structure(members: dict[str, Any], shapes: Shapes, name: str, within: tuple[str, ...]) -> dict[str, Json]:
    """Return an object with all members that can be made."""
    made = {key: _make(ref, shapes, f"{name}.{key}", within) for key, ref in members.items()}
    return {key: value for key, value in made.items() if value is not None}
