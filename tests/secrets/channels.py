"""How a secret may come out of an object or an exception, each way as text; in the tests' process and in kernels."""

from __future__ import annotations

import copy
import dataclasses
import json
import linecache
import pickle
import pprint
import sys
import traceback
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd
from IPython.core.formatters import DisplayFormatter

from apigw_magic import ApigwError, Response

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from types import FrameType, TracebackType

_DEPTH = 4
_OURS = "apigw_magic"

# The content of an answer stays as received, echoes included.
_CONTENT = {"Reply": {"content"}, "Response": {"content", "text"}}

# What holds a secret because that is what it is. No public name of what is public leads there.
_HOLDERS = _CONTENT | {
    "Credentials": {"secret_access_key", "session_token"},
    "Defaults": {"headers"},
    "Proxy": {"authorization", "headers"},
    "SignedRequest": {"canonical_request", "content", "headers", "secrets"},
    "_SigningKeys": {"_known"},
}


class Trace(NamedTuple):
    """A text that came out.

    Attributes:
        channel: the way it came.
        scene: what was done.
        text: the text.
    """

    channel: str
    scene: str
    text: str


def view(scene: str, thing: object, channels: Iterable[str] = ()) -> Iterator[Trace]:
    """Yield what an object shows of itself in every way that there is, or in some."""
    thing = _empty(thing)
    for channel in channels or WAYS:
        with suppress(AttributeError, NotImplementedError, TypeError, pickle.PicklingError):  # what has no such way
            yield Trace(channel, scene, WAYS[channel](thing))


def view_error(scene: str, error: BaseException, trace: TracebackType | None = None) -> Iterator[Trace]:
    """Yield what an exception shows, and all that hangs on it: causes, notes, frames and what is in them."""
    trace = trace or error.__traceback__
    yield Trace("format_exc", scene, "".join(traceback.format_exception(type(error), error, trace)))
    for part in _chain(error):
        notes = getattr(part, "__notes__", ())
        yield Trace("exception", scene, "\n".join(map(repr, (part, str(part), part.args, notes, vars(part)))))
        yield from view(scene, part, ("attributes", "pickle"))
        for frame, line in traceback.walk_tb(trace if part is error else part.__traceback__):
            yield Trace("frames", scene, _read_frame(frame, line))


def view_last(scene: str) -> Iterator[Trace]:
    """Yield what the interpreter keeps of the last exception that nobody caught, for `%tb` and `%debug`."""
    last = getattr(sys, "last_value", None)
    if last is not None:
        yield from view_error(scene, last, getattr(sys, "last_traceback", None))


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an exception, its causes and contexts, also those that are not shown."""
    seen: set[int] = set()
    left: list[BaseException | None] = [error]
    while left:
        part = left.pop(0)
        if part is not None and id(part) not in seen:
            seen.add(id(part))
            yield part
            left += [part.__cause__, part.__context__]


def _read_frame(frame: FrameType, line: int) -> str:
    """Return a frame's line and its variables, as Verbose and a debugger show them; not the user's whole namespace."""
    name = frame.f_code.co_filename
    told = [f"{name}:{line} {linecache.getline(name, line)}"]
    for local, value in _leave_namespaces_out(frame.f_locals).items():
        told.append(f"{local} = {_try(repr, value)}")
        if isinstance(value, dict | list | tuple | set):
            told.append(_try(pprint.pformat, value))
        elif type(value).__module__.startswith(_OURS):
            told += [_try(_read_vars, value), _try(_read_slots, value)]
    return "\n".join(told)


def _leave_namespaces_out(values: dict[Any, Any]) -> dict[Any, Any]:
    """Return what is neither the user's whole namespace nor in it."""
    if "__builtins__" in values:
        return {}
    return {
        name: _leave_namespaces_out(value) if isinstance(value, dict) else value
        for name, value in values.items()
        if not (isinstance(value, dict) and "__builtins__" in value)
    }


def _walk(thing: object) -> Iterator[str]:
    """Yield what public names lead to, through objects of ours and containers; of others, how they look."""
    seen = {id(thing): thing}  # kept, lest another object gets its place in memory
    level: list[object] = [thing]
    for _ in range(_DEPTH + 1):
        yield from (f"{_try(repr, part)} {_try(str, part)}" for part in level)
        found = {id(part): part for parent in level for part in _lead_on(parent)}
        level = [part for key, part in found.items() if key not in seen]
        seen |= found


def _lead_on(thing: object) -> Iterator[object]:
    if isinstance(thing, BaseException) or type(thing).__module__.startswith(_OURS):
        for name in dir(thing):
            if not name.startswith("_") and name not in _CONTENT.get(type(thing).__name__, ()):
                with suppress(Exception):
                    yield getattr(thing, name)
    elif isinstance(thing, dict):
        yield from list(thing.keys())
        yield from list(thing.values())
    elif isinstance(thing, list | tuple | set | frozenset):
        yield from thing


def _read_vars(thing: Any) -> str:
    return repr(vars(thing))


def _read_slots(thing: Any) -> str:
    slots = {slot for kind in type(thing).__mro__ for slot in getattr(kind, "__slots__", ())}
    if not slots:
        msg = "no slots"
        raise TypeError(msg)
    return "\n".join(repr(getattr(thing, slot, None)) for slot in slots - _HOLDERS.get(type(thing).__name__, set()))


def _empty(thing: object) -> object:
    """Return an answer, or what holds some, without its content, which stays as received."""
    if type(thing) is dict:
        return {key: _empty(value) for key, value in thing.items()}
    if isinstance(thing, Response):
        reply = dataclasses.replace(thing._reply, content=b"")
        return Response(thing.request, thing.url, thing.connection, reply, thing.explanation, tries=thing.tries)
    if isinstance(thing, ApigwError) and thing.response is not None:
        thing = copy.copy(thing)
        thing.response = _empty(thing.response)
    return thing


def _display(thing: Any) -> str:
    data, metadata = _formatter().format(thing)
    return f"{json.dumps(data, default=repr)} {json.dumps(metadata, default=repr)}"


@cache
def _formatter() -> DisplayFormatter:
    return DisplayFormatter()


def _read_attrs(thing: Any) -> str:
    """Return what a frame takes along into files: its `attrs`."""
    if not isinstance(thing, pd.DataFrame):
        msg = "no frame"
        raise TypeError(msg)
    return f"{json.dumps(thing.attrs, default=vars)} {json.dumps(thing.attrs, default=repr)}"


def _try(way: Callable[[Any], str], thing: object) -> str:
    try:
        return way(thing)
    except Exception as error:  # noqa: BLE001 - what an object does not show, it does not leak
        return type(error).__name__


WAYS: dict[str, Callable[[Any], str]] = {
    "repr": repr,
    "str": str,
    "format": lambda thing: f"{thing} {thing!r} {thing!a}",
    "pprint": pprint.pformat,
    "vars": _read_vars,
    "slots": _read_slots,
    "attributes": lambda thing: "\n".join(_walk(thing)),
    "pickle": lambda thing: repr(pickle.dumps(thing)),
    "copy": lambda thing: _read_vars(copy.copy(thing)),
    "deepcopy": lambda thing: _read_vars(copy.deepcopy(thing)),
    "asdict": lambda thing: repr(dataclasses.asdict(thing)),
    "astuple": lambda thing: repr(dataclasses.astuple(thing)),
    "rich displays": _display,
    "attrs": _read_attrs,
}
"""Ways in which an object shows itself."""
