"""What exceptions of the Python API carry along, in plain Python: no secret, whatever they pass through."""

from __future__ import annotations

import getpass
import os
import traceback
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config

import apigw_magic as apigw
from apigw_magic.connection import Connection
from apigw_magic.http import Pace, freeze, scope_of, send_with
from apigw_magic.identity import RoleOptions, assume_role, wrap_session
from apigw_magic.magics.display import describe_trouble
from tests.secrets.aws import API, REGION
from tests.secrets.canaries import Canaries, make_plants, tell
from tests.secrets.channels import view_error
from tests.secrets.world import MFA

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from apigw_magic.identity import Base
    from apigw_magic.models import Reply, SignedRequest
    from tests.secrets.channels import Trace
    from tests.secrets.world import World

_PLANTED = Canaries("planted exceptions")
_PLANTS = make_plants(_PLANTED)


class Impatient(boto3.Session):
    """A session whose calls to STS wait for a fifth of a second."""

    def client(self, *arguments: Any, **options: Any) -> Any:
        """Make a client."""
        patience = Config(read_timeout=0.2, retries={"max_attempts": 0})
        make: Callable[..., Any] = super().client
        return make(*arguments, **options | {"config": options["config"].merge(patience)})


class Clock:
    """A clock that stands until it is set forward."""

    def __init__(self) -> None:
        self.time = datetime.now(UTC)

    def __call__(self) -> datetime:
        """Return the time."""
        return self.time


@pytest.mark.parametrize(
    "place", ["arguments", "notes", "attributes", "cause", "context", "variables", "its cause's variables"]
)
def test_what_an_exception_carries_is_found(place: str) -> None:
    """Each place where an exception may carry a secret is looked into."""
    for plant in _PLANTS:
        error = _catch(partial(_spill, plant.value, place))
        assert {one.value for one in _PLANTED.find(_read(view_error("", error)))} == {plant.value}


# Ways to fail, each of a connection as `reader` with an API key.
_WAYS_TO_FAIL: dict[str, Callable[[Connection], object]] = {
    "a role that STS refuses with an echo": lambda it: apigw.connect(base=it, role="echo"),
    "a role on the way": lambda it: apigw.connect(base=it, role="reader", via=["echo"]),
    "a mismatch": lambda it: apigw.connect(base=it, role="mismatch"),
    "an MFA code": lambda it: apigw.connect(base=it, role="said", mfa_serial=MFA),
    "an MFA code of a profile": lambda _: apigw.connect(API, profile="mfa-echo"),
    "an API key and a refusal": lambda it: apigw.connect(base=it, role="denied", api_key=_key()),
    "an API key that is none": lambda it: apigw.connect(base=it, role="reader", api_key=_key() + "\n"),
    "a header": lambda it: apigw.connect(base=it, role="denied", headers={"X-Api-Key": _key()}),
    "a password in the URL": lambda _: apigw.connect(f"https://ana:{_password()}@x.example/prod", region=REGION),
    "a password in a URL that is none": lambda _: apigw.connect(f"ana:{_password()}@x.example/prod"),
    "a password in a target": lambda it: it.get(f"//ana:{_password()}@x.example/"),
    "a page instead of STS": lambda it: apigw.connect(base=it, role="page"),
    "a garbled STS": lambda it: apigw.connect(base=it, role="garbled"),
    "an STS that lacks credentials": lambda it: apigw.connect(base=it, role="lacking"),
    "an SSO with an echo": lambda _: apigw.connect(API, profile="sso-InvalidRequestException"),
    "a credential_process": lambda _: apigw.connect(API, profile="fails"),
    "who it is": lambda it: apigw.connect(base=it, role="who-echo").identify(),
    "a renewal": lambda it: apigw.connect(base=it, role="later-echo").renew(),
    "a renewal within a request": lambda it: apigw.connect(base=it, role="later-lines").get("/ended"),
    "a refusal with an echo": lambda it: it.get("/echo"),
    "a refusal of a header": lambda it: it.post("/echo", headers={"X-Api-Key": _key()}, json={"a": 1}),
    "a header that is none": lambda it: it.post("/x", headers={"X-Api-Key": _key() + "\n"}),
    "another answer": lambda it: it.get("/good", expect=404),
    "a redirect": lambda it: it.get("/elsewhere"),
    "rows that cannot be told": lambda it: it.get("/tie").frame(),
    "a connection that is reset": lambda it: it.post("/reset"),
    "a connection that hangs": lambda it: it.post("/hang", timeout=0.1),
    "a certificate": lambda it: apigw.connect(API.replace("a1b2c3d4e5", "untrusted"), base=it).get("/x"),
    "a proxy that refuses": lambda it: apigw.connect(API.replace("a1b2c3d4e5", "refused"), base=it).get("/x"),
    "a proxy that wants more": lambda it: apigw.connect(API.replace("a1b2c3d4e5", "wants"), base=it).get("/x"),
    "an interrupted request": lambda it: it.get("/interrupt"),
    "an interrupted STS": lambda it: apigw.connect(base=it, role="interrupt", mfa_serial=MFA),
    "a fault of the transport": lambda it: apigw.connect(base=it, api_key=_key(), transport=_fail).get("/x"),
    "a question that fails": lambda it: apigw.connect(base=it, role="reader", mfa_serial=MFA, api_key=_key()),
}


@pytest.fixture(scope="module")
def connection(world: World) -> Connection:
    """A connection as `reader`, with an API key."""
    return apigw.connect(API, role="reader", api_key=world.one("API key"))


@pytest.mark.parametrize("way", _WAYS_TO_FAIL)
def test_no_exception_carries_a_secret(
    world: World, connection: Connection, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither text, arguments, notes, causes nor the variables of any frame have one; the lines of ours are there."""
    if way == "a question that fails":
        monkeypatch.setattr(getpass, "getpass", _fail_to_ask)
    error = _catch(lambda: _WAYS_TO_FAIL[way](connection))
    shown = _read(view_error(way, error))
    shown += "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
    assert "sealing.py" in shown or way == "rows that cannot be told"
    found = [one for one in world.canaries.find(shown) if one.kind != "text of a fault"]  # it is the test's own
    assert tell(found) == ""
    if isinstance(error, apigw.ApigwError):
        assert error.__cause__ is error.__context__ is None


def test_the_lines_of_a_fault_are_kept() -> None:
    """A traceback shows where in the package something went wrong, though not what was there."""
    base = wrap_session(boto3.Session("AKIAEXAMPLE", "invented"), REGION)
    error = _catch(lambda: apigw.connect(API, base=base, role="no role!"))
    text = "".join(traceback.format_exception(error))
    assert "opening.py" in text
    assert "options.py" in text


def test_what_the_caller_was_handling_stays() -> None:
    """The exception that the caller was handling is still the context, and its frames are untouched."""

    def fail_twice(kept: str) -> None:
        try:
            dict[str, str]()[kept]
        except LookupError:
            apigw.connect("not a URL, and not a name")

    error = _catch(lambda: fail_twice("the first"))
    assert isinstance(error, apigw.ApigwError)
    assert isinstance(error.__context__, LookupError)
    inner = error.__context__.__traceback__
    assert inner is not None
    assert inner.tb_frame.f_locals["kept"] == "the first"


def test_a_renewal_that_fails_carries_no_secret(world: World, connection: Connection) -> None:
    """Why credentials could not be renewed while the old last is kept, and shown, without a secret."""
    clock = Clock()
    caller = assume_role(connection.base, RoleOptions("later-echo-hex"), clock=clock)
    made = _connect_as(connection.base, caller)
    clock.time += timedelta(minutes=50)
    assert made.get("/orders").status_code == 200
    assert made.trouble is not None
    told = " ".join(describe_trouble(made))
    assert "could not be renewed" in told
    assert tell(world.canaries.find(told + _read(view_error("", made.trouble)))) == ""


def test_no_secret_where_sts_is_late(world: World) -> None:
    """An STS that does not answer is told without a secret."""
    base = wrap_session(Impatient("ASIAENVIRONMENT", *map(world.one, _PAIR)), REGION, world.sts)  # type: ignore[arg-type] # two texts
    error = _catch(lambda: apigw.connect(API, base=base, role="hang"))
    assert isinstance(error, apigw.CredentialsError)
    assert "STS cannot be reached" in str(error)
    assert tell(world.canaries.find(_read(view_error("", error)))) == ""


def test_no_secret_after_several_tries(world: World, connection: Connection) -> None:
    """A request that was sent four times is told without a secret."""
    base = connection.base
    error = _catch(lambda: _connect_as(base, base.caller).get("/reset"))
    assert isinstance(error, apigw.TransportError)
    assert "Tried 4 times." in str(error)
    assert tell(world.canaries.find(_read(view_error("", error)))) == ""


_PAIR = ("secret key of the environment", "session token of the environment")


def _connect_as(base: Base, caller: Any) -> Connection:
    url = freeze(API)
    return Connection(
        name="made",
        url=url,
        scope=scope_of(url),
        base=base,
        caller=caller,
        transport=send_with(),
        pace=Pace(sleep=lambda _: None),
    )


def _catch(call: Callable[[], object]) -> BaseException:
    """Return the exception that a call ends with, its frames included."""
    try:
        call()
    except BaseException as error:  # noqa: BLE001 - an interrupt, too
        return error
    pytest.fail("nothing was raised")


def _key() -> str:
    return (Path(os.environ["HOME"]) / "key.txt").read_text()


def _password() -> str:
    return (Path(os.environ["HOME"]) / "password.txt").read_text()


def _fail(request: SignedRequest, *, timeout: float) -> Reply:  # noqa: ARG001 - a transport's
    raise ZeroDivisionError((Path(os.environ["HOME"]) / "fault.txt").read_text(), timeout)


def _fail_to_ask(_prompt: str = "") -> str:
    raise ZeroDivisionError


def _spill(secret: str, place: str) -> None:
    """Raise an exception that carries a secret."""
    error = ValueError(secret) if place == "arguments" else ValueError()
    match place:
        case "notes":
            error.add_note(secret)
        case "attributes":
            vars(error)["response"] = secret
        case "cause":
            error.__cause__ = LookupError(secret)
        case "context":
            error.__context__ = LookupError(secret)
        case "its cause's variables":
            error.__cause__ = _catch(partial(_spill, secret, "variables"))
    if place != "variables":
        secret = ""
    raise error


def _read(traces: Iterable[Trace]) -> str:
    return "\n".join(trace.text for trace in traces)
