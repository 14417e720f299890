"""What objects show of themselves: no secret, by whatever way, nor do they go into files with one."""

from __future__ import annotations

import copy
import pickle
from dataclasses import dataclass, is_dataclass
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING

import pandas as pd
import pytest

import apigw_magic as apigw
from apigw_magic.http import freeze
from apigw_magic.http.environment import find_proxy
from apigw_magic.models import Secret
from tests.secrets.aws import API
from tests.secrets.canaries import Canaries, make_plants, tell
from tests.secrets.channels import WAYS, view

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from tests.secrets.channels import Trace
    from tests.secrets.world import World

_PLANTED = Canaries("planted objects")
_PLANTS = make_plants(_PLANTED)


@dataclass
class Leaky:
    """What a type of ours must not be."""

    text: str

    def _repr_html_(self) -> str:
        return self.text


class Slotted:
    """As `Leaky`, with slots."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text


Leaky.__module__ = "apigw_magic.planted"


@pytest.mark.parametrize("channel", [channel for channel in WAYS if channel not in {"slots", "attrs"}])
def test_what_an_object_shows_is_found(channel: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each way that an object may show a secret is seen to show it."""
    monkeypatch.setattr(Leaky, "__module__", __name__ if "pickle" in channel or "copy" in channel else "apigw_magic.x")
    shown = "\n".join(trace.text for plant in _PLANTS for trace in view("", Leaky(plant.text), (channel,)))
    assert {one.value for one in _PLANTED.find(shown)} == {plant.value for plant in _PLANTS}


def test_what_slots_and_attrs_show_is_found() -> None:
    """As above, for what a dataclass has not."""
    frame = pd.DataFrame({"a": [1]})
    frame.attrs["apigw"] = [plant.text for plant in _PLANTS]
    slots = [trace.text for plant in _PLANTS for trace in view("", Slotted(plant.text), ("slots",))]
    attrs = [trace.text for trace in view("", frame, ("attrs",))]
    for shown in ("; ".join(slots), "; ".join(attrs)):
        assert {one.value for one in _PLANTED.find(shown)} == {plant.value for plant in _PLANTS}


def test_no_object_shows_a_secret(world: World) -> None:
    """Of all that hangs on connections and answers, nothing shows a secret, nor can be pickled with one."""
    connections = [
        apigw.connect(API, role="reader", via=["hop"], api_key=world.one("API key")),
        apigw.connect(API, profile="mfa", role="writer", headers={"X-Api-Key": world.one("API key")}),
        apigw.connect(API, profile="container"),
    ]
    answers = [connection.get("/good") for connection in connections]
    proxy = find_proxy(freeze(API))
    parts = {id(part): part for thing in (*connections, *answers, proxy) for part in _walk_all(thing)}
    kinds = {type(part).__name__ for part in parts.values()}
    assert {
        "Base",
        "Caller",
        "Courier",
        "Credentials",
        "Defaults",
        "Grant",
        "Headers",
        "Proxy",
        "Signer",
        "Sts",
    } < kinds
    for part in parts.values():
        is_public = type(part).__name__ in apigw.__all__
        # Who takes Credentials apart has them; but no public name leads there.
        ways = [way for way in WAYS if is_public or way not in {"asdict", "astuple", "attributes"}]
        shown = _read(view("", part, ways))
        assert tell(world.canaries.find(shown)) == "", type(part)


def test_what_holds_a_secret_is_not_copied(world: World) -> None:
    """What holds a secret can neither be pickled nor copied, shallow or deep."""
    connection = apigw.connect(API, role="reader", api_key=world.one("API key"))
    holders = [part for part in _walk_all(connection) if isinstance(part, Secret)]
    assert len({type(part) for part in holders}) >= 8
    for holder in [*holders, find_proxy(freeze(API))]:
        for way in (pickle.dumps, copy.copy, copy.deepcopy):
            with pytest.raises(TypeError, match="holds credentials and is not pickled"):
                way(holder)


def test_no_public_type_is_taken_apart() -> None:
    """What `dataclasses.asdict` takes apart of what is public is an explanation alone, which holds no secret."""
    assert [name for name in apigw.__all__ if is_dataclass(getattr(apigw, name))] == ["Explanation"]


def test_an_answer_goes_into_files_without_secrets(world: World, tmp_path: Path) -> None:
    """What an API echoes into reason, request id and headers is not in the answer, nor in what a frame takes along."""
    response = apigw.connect(API, role="reader", api_key=world.one("API key")).get("/good")
    table = response.frame()
    assert isinstance(table, pd.DataFrame)
    head = f"{response.reason} {dict(response.headers)} {response.request_id} {table.attrs} {response.url}"
    assert tell(world.canaries.find(head)) == ""
    assert "…" in response.headers["x-echo"]
    table.to_pickle(tmp_path / "table.pickle")
    assert tell(world.canaries.find((tmp_path / "table.pickle").read_bytes().decode("latin-1"))) == ""


def test_no_secret_in_parquet(world: World, tmp_path: Path) -> None:
    """As above, for the metadata of Parquet."""
    pytest.importorskip("pyarrow")
    table = apigw.connect(API, role="reader").get("/good").frame()
    assert isinstance(table, pd.DataFrame)
    table.to_parquet(tmp_path / "table.parquet")
    content = (tmp_path / "table.parquet").read_bytes().decode("latin-1")
    assert "0123456789abcdef" not in content
    assert tell(world.canaries.find(content)) == ""


def test_the_content_stays_as_received(world: World) -> None:
    """An API that answers with the request's token as data is given back as it answers: rows are not falsified."""
    table = apigw.connect(API, role="reader").get("/data").frame()
    assert isinstance(table, pd.DataFrame)
    assert {one.kind for one in world.canaries.find(str(table["echo"][0]))} == {
        "session token of a role session",
        "signature",
    }


def _walk_all(thing: object) -> Iterator[object]:
    """Yield all objects of ours that hang on one, private ones and those in closures and containers, too."""
    left, seen = [thing], set[int]()
    while left:
        part = left.pop()
        if id(part) in seen or isinstance(part, ModuleType | type | str | bytes | int):
            continue
        seen.add(id(part))
        if isinstance(part, dict):
            left += [*part.keys(), *part.values()]
        elif isinstance(part, list | tuple | set | frozenset):
            left += part
        elif isinstance(part, FunctionType):
            left += [cell.cell_contents for cell in part.__closure__ or ()]
        elif type(part).__module__.startswith("apigw_magic"):
            yield part
            slots = {slot for kind in type(part).__mro__ for slot in getattr(kind, "__slots__", ())}
            left += [getattr(part, slot, None) for slot in slots]
            left += vars(part).values() if hasattr(part, "__dict__") else ()


def _read(traces: Iterable[Trace]) -> str:
    return "\n".join(trace.text for trace in traces)
