"""Many requests over many connections: what is sent, what is asked, and that each is found for itself."""

from __future__ import annotations

import signal
import threading
from threading import Event
from typing import TYPE_CHECKING

import pytest

from apigw_magic.access import Verdict, try_access
from apigw_magic.errors import CommandError, CredentialsError, ForeignHostError, TransportError
from apigw_magic.identity import Caller
from apigw_magic.models import Request
from tests.access.fakes import ACCOUNT, Api, FakeAccount, answer_with, make_base, open_as

if TYPE_CHECKING:
    from apigw_magic.access import Finding
    from apigw_magic.models import Reply, SignedRequest

GET, HEAD, OPTIONS = (Request(method, "/orders") for method in ("GET", "HEAD", "OPTIONS"))
POST, PUT, PATCH, DELETE = (Request(method, "/orders") for method in ("POST", "PUT", "PATCH", "DELETE"))


def known() -> FakeAccount:
    """Return an account with two roles, one of which may POST."""
    roles = {name: f"arn:aws:iam::{ACCOUNT}:role/{name}" for name in ("reader", "writer")}
    return FakeAccount(roles=roles, decisions={"POST/orders": "allowed"})


def tell(findings: list[Finding]) -> list[tuple[str, str, str, str]]:
    """Return who is found to be what."""
    return [(one.request.method, one.connection.name, str(one.verdict), one.how) for one in findings]


def test_safe_methods_are_sent_and_others_asked() -> None:
    """By request first, then by connection; nothing that may change something goes out."""
    account, api = known(), Api()
    base = make_base(account)
    found = try_access([GET, POST, DELETE], [open_as("reader", api, base), open_as("writer", api, base)])
    assert tell(found) == [
        ("GET", "reader", "allowed", "sent"),
        ("GET", "writer", "allowed", "sent"),
        ("POST", "reader", "allowed", "simulated"),
        ("POST", "writer", "allowed", "simulated"),
        ("DELETE", "reader", "denied", "simulated"),
        ("DELETE", "writer", "denied", "simulated"),
    ]
    assert [method for method, _ in api.sent] == ["GET", "GET"]
    assert sum(name.startswith("simulate") for name, _ in account.asked) == 2
    assert sum(name == "get_rest_api" for name, _ in account.asked) == 1


def test_which_methods_are_safe() -> None:
    """GET, HEAD and OPTIONS are sent, and with `send_all` the others, too, without content."""
    requests = [GET, HEAD, OPTIONS, POST, PUT, PATCH, DELETE]
    api, all_of_it = Api(), Api()
    account = known()
    base = make_base(account)
    try_access(requests, [open_as("reader", api, base)])
    assert sorted(method for method, _ in api.sent) == ["GET", "HEAD", "OPTIONS"]
    asked = len(account.asked)
    found = try_access(requests, [open_as("reader", all_of_it, base)], send_all=True)
    assert {one.how for one in found} == {"sent"}
    assert len(all_of_it.sent) == len(requests)
    assert len(account.asked) == asked


def test_one_never_ruins_the_others() -> None:
    """A connection that fails, a fault of ours and a refusal stand beside answers."""
    answers: dict[str, Reply | Exception] = {
        "b": TransportError("No connection."),
        "c": ZeroDivisionError("a secret"),
        "d": answer_with(500),
    }
    api = Api(**answers)
    found = try_access(
        [Request("POST", f"/{name}") for name in "abcd"], [open_as("reader", api, make_base(known()))], send_all=True
    )
    assert [str(one.verdict) for one in found[:3]] == ["allowed", "error", "error"]
    assert found[3].status == 500


def test_credentials_that_cannot_be_had() -> None:
    """A connection whose role session ended is an error for each of its requests, and others go on."""

    def fail(_ask: object) -> None:
        raise CredentialsError("The session ended.", fix="Log in.")

    base = make_base(known())
    ended = open_as("reader", Api(), base, caller=Caller(fail, fail))  # type: ignore[arg-type] # they only raise
    found = try_access([GET, POST], [ended, open_as("writer", Api(), base)])
    assert tell(found) == [
        ("GET", "reader", "error", ""),
        ("GET", "writer", "allowed", "sent"),
        ("POST", "reader", "error", ""),
        ("POST", "writer", "allowed", "simulated"),
    ]
    assert found[0].reason == "The session ended."


def test_nothing_is_sent_before_all_is_checked() -> None:
    """Another host anywhere among the requests stops all of them."""
    api = Api()
    with pytest.raises(ForeignHostError):
        try_access([GET, Request("GET", "https://evil.example/x")], [open_as("reader", api, make_base(known()))])
    assert api.sent == []


def test_a_protected_connection() -> None:
    """What may change something is asked of IAM without confirmation, and sent with it only."""
    api = Api()
    connection = open_as("reader", api, make_base(known()), protected=True)
    assert tell(try_access([POST], [connection])) == [("POST", "reader", "allowed", "simulated")]
    with pytest.raises(CommandError, match="protected"):
        try_access([GET, POST], [connection], send_all=True)
    assert api.sent == []
    assert tell(try_access([POST], [connection], send_all=True, confirmed=True))[0][3] == "sent"


def test_an_interrupt_keeps_what_came() -> None:
    """What was answered stays; what was under way may have been processed; the rest was not sent."""
    end = Event()
    paths = [Request("POST", f"/{number}") for number in range(4)]

    def answer(request: SignedRequest, *, timeout: float) -> Reply:
        if request.url.path.endswith("/1"):
            signal.raise_signal(signal.SIGINT)
            end.wait(timeout=2 * timeout)
        return answer_with(200)

    connection = open_as("reader", answer, make_base(known()))
    try:
        found = try_access(paths, [connection], send_all=True, most=1)
    finally:
        end.set()
    assert [(one.verdict, one.how) for one in found] == [
        (Verdict.ALLOWED, "sent"),
        (Verdict.ERROR, "sent"),
        (Verdict.NOT_SENT, ""),
        (Verdict.NOT_SENT, ""),
    ]
    assert found[1].reason == "Interrupted before the answer came. The server may have processed it."
    assert found[2].reason == "Interrupted before its turn."


def test_an_interrupt_while_iam_is_asked() -> None:
    """What IAM was asked is open."""
    account = known()
    account.errors["get_role"] = KeyboardInterrupt()  # type: ignore[assignment] # as a signal would raise it
    found = try_access([GET, POST, DELETE], [open_as("reader", Api(), make_base(account))], most=1)
    assert tell(found) == [
        ("GET", "reader", "allowed", "sent"),
        ("POST", "reader", "undetermined", ""),
        ("DELETE", "reader", "undetermined", ""),
    ]
    assert found[1].reason == "Interrupted before IAM answered."


def test_nothing_is_sent_again_after_an_interrupt() -> None:
    """A request whose answer nobody waits for is not sent once more, though it is one that might be."""
    sent, interrupted, over = [], Event(), Event()

    def answer(request: SignedRequest, *, timeout: float) -> Reply:
        sent.append(request.url.path)
        signal.raise_signal(signal.SIGINT)
        interrupted.wait(timeout)
        raise TransportError("No answer.", is_transient=True)

    def sleep(_seconds: float) -> None:
        over.wait(60)

    connection = open_as("reader", answer, make_base(known()), sleep=sleep)
    try_access([GET], [connection])
    interrupted.set()
    over.set()
    for thread in threading.enumerate():
        if thread.name == "apigw access":
            thread.join(60)
    assert sent == ["/prod/orders"]
