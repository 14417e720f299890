"""`%%apigw access` in a shell: what is tried, what is shown, what the cell gives back."""

from __future__ import annotations

import json
import re
import signal
from dataclasses import replace
from threading import Event
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from apigw_magic.connection import Connection
from apigw_magic.errors import ApigwError
from apigw_magic.magics.matrix import AccessTable
from apigw_magic.models import Headers, Reply, SigningScope, Url
from tests.access.fakes import ACCOUNT, FakeAccount, make_base
from tests.identity.fakes import make_caller
from tests.magics.fakes import REFUSAL, Api, reply, run

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from apigw_magic.connection import Response
    from apigw_magic.http import Transport
    from apigw_magic.magics.state import State
    from apigw_magic.models import SignedRequest

COLUMNS = ["method", "target", "connection", "verdict", "how", "status", "reason", "policy", "ms"]
SHOWN = """\
                reader               writer
GET /orders     allowed 200          allowed 200
GET /nothing    allowed 404 [a]      allowed 404 [a]
POST /orders    denied simulated [b] allowed simulated

[a] allowed: The backend itself answers 404 Not Found.
[b] denied: No policy of the role allows execute-api:Invoke."""
"""Of a grid, with its widths squeezed."""


@pytest.fixture
def account(state: State, api: Api) -> FakeAccount:
    """An account in which `writer` may POST, and `reader` may not; the API is as in `api`."""
    account = FakeAccount(roles={name: f"arn:aws:iam::{ACCOUNT}:role/{name}" for name in ("reader", "writer")})
    account.decide = lambda principal, _arn: "allowed" if principal.endswith("writer") else "implicitDeny"
    api.refusal = f"Not{REFUSAL.partition(' is not')[2]}"  # of whoever asks
    connect_all(state, account, api, "reader", "writer")
    return account


def connect_all(state: State, account: FakeAccount, transport: Transport, *names: str) -> None:
    """Connect as roles of an account, in the place of whoever was connected."""
    for former in list(state.connections):
        state.connections.close(former.name)
    base = make_base(account)
    for name in names:
        caller = make_caller(base.caller.credentials(), f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/ana")
        state.connections.add(
            Connection(
                name=name,
                url=Url("https", "abc.execute-api.eu-west-1.amazonaws.com", "/prod"),
                scope=SigningScope("execute-api", "eu-west-1"),
                base=base,
                caller=caller,
                transport=transport,
            )
        )


def refuse(message: str) -> Reply:
    """Return an answer of which nobody knows who wrote it."""
    return Reply(403, "Forbidden", Headers(), json.dumps({"message": message}).encode(), 0.01)


def squeeze(text: str) -> str:
    """Return a grid with two spaces at most between columns."""
    return re.sub(r" +", " ", text)


def test_a_grid(shell: InteractiveShell, account: FakeAccount, api: Api, capsys: pytest.CaptureFixture[str]) -> None:
    """Every connection of the base URL is tried; the frame is the value, and is shown as a grid."""
    ran = run(shell, "%%apigw access\n# orders\nGET /orders\n\n/nothing   # there is none\nPOST /orders")
    shown = capsys.readouterr().out
    assert re.search(r"3 requests . 2 connections · 5 allowed, 1 denied · [\d,]+ ms", shown)
    assert squeeze(repr(ran.result)) == squeeze(SHOWN)
    assert squeeze(SHOWN) in squeeze(shown)
    assert list(ran.result.columns) == COLUMNS
    assert ran.result.shape == (6, 9)
    assert [request.method for request in api.sent].count("GET") == 4
    assert len(api.sent) == 4
    assert len(account.asked) == 5


@pytest.mark.usefixtures("account")
def test_a_plain_frame(shell: InteractiveShell) -> None:
    """What is made of the value is a plain DataFrame, with types of its columns and missing values as such."""
    frame = run(shell, "%%apigw access\nGET /orders\nPOST /orders").result
    assert isinstance(frame, AccessTable)
    chosen = frame[frame.verdict == "denied"]
    assert type(chosen) is type(frame.copy()) is pd.DataFrame
    (row,) = chosen.to_dict("records")
    assert row["connection"] == "reader"
    assert row["policy"] == "identity"
    assert str(frame["status"].dtype) == str(frame["ms"].dtype) == "Int64"
    assert frame["status"].isna().tolist() == [False, False, True, True]
    assert frame.reason.isna().sum() == 3
    assert pd.crosstab(frame["method"], frame["verdict"]).shape == (2, 2)
    del frame["ms"]
    assert "[4 rows x 8 columns]" in repr(frame)  # as any frame: a column is gone


@pytest.mark.usefixtures("account")
def test_names_and_out(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    """Named connections alone are tried; with `-o` the frame is in its name and the status line alone is shown."""
    run(shell, "name = 'writer'")
    ran = run(shell, "%%apigw access {{ name }} -o who\n/orders")
    assert ran.result is None
    assert list(shell.user_ns["who"]["connection"]) == ["writer"]
    shown = capsys.readouterr().out.strip()
    assert re.match(r"1 request . 1 connection · 1 allowed · [\d,]+ ms$", shown)


@pytest.mark.usefixtures("account")
def test_quiet(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    """`-q` leaves the status line out."""
    run(shell, "%%apigw access -q -o who\n/orders")
    assert capsys.readouterr().out == ""
    assert len(shell.user_ns["who"]) == 2


def test_send(shell: InteractiveShell, account: FakeAccount, api: Api) -> None:
    """`--send` sends what may change something, too, without content; IAM is not asked."""
    frame = run(shell, "%%apigw access --send\nPOST /orders").result
    assert list(frame["how"]) == ["sent", "sent"]
    assert list(frame["verdict"]) == ["denied", "denied"]
    assert {request.content for request in api.sent} == {b""}
    assert account.asked == []


def test_what_is_not_judged_is_told(
    shell: InteractiveShell, account: FakeAccount, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where the simulator's word is not enough, the way to know is said once."""
    account.policy = "{}"
    run(shell, "%%apigw access\nPOST /orders\nDELETE /orders/1")
    shown = capsys.readouterr().out
    assert shown.count("What may change something was not sent; --send sends it.") == 1
    assert shown.count("The API has a resource policy, which the simulator does not judge.") == 1
    run(shell, "%%apigw access --send\nPOST /orders")
    assert "--send sends it" not in capsys.readouterr().out


@pytest.mark.usefixtures("account")
def test_history(shell: InteractiveShell, state: State) -> None:
    """What was sent stands in the history; what was asked of IAM does not. The last response stays what it was."""
    run(shell, "%apigw /orders")
    last: Response | None = state.last
    run(shell, "%%apigw access\nGET /nothing\nPOST /orders")
    history = run(shell, "%apigw history").result
    assert list(history["target"]) == ["/orders", "/nothing", "/nothing"]
    assert list(history["connection"]) == ["writer", "reader", "writer"]
    assert list(history["status"]) == [200, 404, 404]
    assert list(history["error"]) == ["", "", ""]
    assert state.last is last
    assert state.asked is not None
    assert state.asked.request.target == "/orders"


@pytest.mark.usefixtures("account")
def test_values_are_inserted(shell: InteractiveShell, api: Api) -> None:
    """`{{ }}` works as in a request; a `#` within it is none; a request that stands twice is tried once."""
    run(shell, "order, tag = 'A 1', '#1'")
    frame = run(
        shell, "%%apigw access reader\n/orders/{{ order }}\n/x?tag={{ tag + ' #' }} # why\n/x?tag=%231%20%23"
    ).result
    assert list(frame["target"]) == ["/orders/A%201", "/x?tag=%231%20%23"]
    assert sorted(request.url.target for request in api.sent) == ["/prod/orders/A%201", "/prod/x?tag=%231%20%23"]


def test_connections_of_the_same_base_url(shell: InteractiveShell, account: FakeAccount, state: State) -> None:
    """Those to another API are tried only if they are named."""
    api = Api()
    base = make_base(account)
    other = Connection(
        name="elsewhere",
        url=Url("https", "xyz.execute-api.eu-west-1.amazonaws.com", "/prod"),
        scope=SigningScope("execute-api", "eu-west-1"),
        base=base,
        caller=base.caller,
        transport=api,
    )
    state.connections.add(other)
    state.connections.use("reader")
    assert set(run(shell, "%%apigw access\n/orders").result["connection"]) == {"reader", "writer"}
    assert set(run(shell, "%%apigw access elsewhere writer\n/orders").result["connection"]) == {"elsewhere", "writer"}


def test_an_interrupt(
    shell: InteractiveShell, account: FakeAccount, state: State, capsys: pytest.CaptureFixture[str]
) -> None:
    """What came by then is kept, and the cell ends well: the value has it, with the rest as not sent."""

    def answer(request: SignedRequest, *, timeout: float) -> Reply:
        assert timeout
        if request.url.path.endswith("/9"):
            signal.raise_signal(signal.SIGINT)
            end.wait(timeout)
        return reply(200, {})

    end = Event()
    connect_all(state, account, answer, "reader")
    lines = "\n".join(f"/orders/{number}" for number in range(60))
    try:
        ran = run(shell, f"%%apigw access\n{lines}")
    finally:
        end.set()
    assert ran.success
    assert len(ran.result) == 60
    assert set(ran.result["verdict"]) <= {"allowed", "error", "not sent"}
    assert "Interrupted; what came by then is kept." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ("%apigw access", "access needs request lines below it.\nWrite %%apigw access"),
        ("%apigw access reader", "access needs request lines below it."),
        ("%%apigw access\n# nothing yet", "There are no request lines in the cell."),
        ("%%apigw access nobody\n/orders", "There is no connection 'nobody'."),
        ("%%apigw access reader reader\n/orders", "access names a connection twice."),
        ("%%apigw access --sned\n/orders", "%%apigw access has no option --sned.\nDid you mean --send?"),
        ("%%apigw access -o 1x\n/orders", "-o cannot put the value into '1x'."),
        ("%%apigw access -o print\n/orders", "-o cannot put the value into 'print'."),
        ("%%apigw access {{ none }}\n/orders", "none"),
        ("%%apigw access\n/orders\nhttps://evil.example/x", "https://evil.example is not the connection's host."),
        ("%%apigw access\n/orders\nGET orders", "Line 3: the target is neither a path nor a URL"),
        ("%%apigw access\n/orders\nAccept: a/b", "Line 3: a header, and no request line above it"),
        ('%%apigw access\nPOST /orders\n{"a": 1}', "Line 3: content, and no request line above it"),
        ("%%apigw access\n/orders/{{ nope }}", "nope"),
        ("%%apigw access\n/orders\n/x/{{ none }}", "none"),
        ("%%apigw access\n/orders/{{ 1", "Line 2"),
        ("%%apigw acess\nGET /orders", "There is no command 'acess'.\nDid you mean %%apigw access?"),
    ],
)
def test_what_cannot_be(shell: InteractiveShell, account: FakeAccount, api: Api, cell: str, told: str) -> None:
    """Nothing is sent to anybody, and nothing asked."""
    run(shell, "none = None")
    ran = run(shell, cell)
    assert isinstance(ran.error, ApigwError)
    assert told in str(ran.error)
    assert len(ran.error.lines) in {2, 3}
    assert api.sent == []
    assert account.asked == []


@pytest.mark.usefixtures("account")
def test_a_protected_connection(shell: InteractiveShell, api: Api, state: State) -> None:
    """To send what may change something has to be confirmed."""
    for connection in state.connections:
        connection._defaults = replace(connection._defaults, protected=True)
    assert "protected" in str(run(shell, "%%apigw access --send\nPOST /orders").error)
    assert api.sent == []
    assert run(shell, "%%apigw access --send --yes\nPOST /orders").success
    assert len(api.sent) == 2


EVIL = "<img src=x onerror=alert(1)>"


def test_nothing_is_rendered(shell: InteractiveShell, account: FakeAccount, state: State) -> None:
    """A role's name, a path and a message stand there as text, in HTML; what a terminal would obey is named."""

    def answer(request: SignedRequest, *, timeout: float) -> Reply:
        assert request.url.path, timeout
        return refuse(f"{EVIL}\x1b[2J\u202e")

    connect_all(state, account, answer, EVIL, "reader\x1b[1m")
    table = run(shell, "%%apigw access\n/a?b={{ '<b>' }}\n/%3Cimg%20onerror%3E").result
    table["target"] = table["target"] + EVIL
    html, text = table._repr_html_(), repr(table)
    assert "<img" not in html
    assert html.count("&lt;img src=x onerror=alert(1)&gt;") >= 4
    assert "\x1b" not in html + text
    assert "\u202e" not in html + text
    assert EVIL in text


@pytest.mark.usefixtures("account")
def test_html(shell: InteractiveShell) -> None:
    """Words as well as colours; heads with a scope; a caption; the reasons once."""
    html = run(shell, "%%apigw access\nGET /orders\nPOST /orders").result._repr_html_()
    assert "<caption>Who may do what: 2 requests, each as 2 connections.</caption>" in html
    assert html.count('scope="col"') == 2
    assert html.count('scope="row"') == 2
    assert html.count('<td class="allowed"><span>allowed</span> <i>200</i></td>') == 2
    assert '<td class="denied"><span>denied</span> <i>simulated</i> <i>[a]</i></td>' in html
    assert html.count("No policy of the role allows execute-api:Invoke.") == 1
    assert "var(--jp-success-color1, #" in html


def test_many_connections(shell: InteractiveShell, account: FakeAccount, api: Api, state: State) -> None:
    """Where connections are many they stand one below the other in HTML, and in text behind each other."""
    names = [f"role-{number:02}" for number in range(30)]
    connect_all(state, account, api, *names)
    table = run(shell, "%%apigw access\nGET /orders\nGET /nothing").result
    html = table._repr_html_()
    assert html.count('scope="row"') == 30
    assert html.count('scope="col"') == 2
    lines = repr(table).split("\n")
    assert max(map(len, lines)) <= 110
    assert lines[0] == "GET /orders"
    assert lines[1].startswith("  allowed 200: role-00, role-01, ")


def test_many_reasons(shell: InteractiveShell, account: FakeAccount, state: State) -> None:
    """Reasons that are all different are cut, and the frame has them all."""

    def answer(request: SignedRequest, *, timeout: float) -> Reply:
        assert timeout
        return refuse(f"no {request.url.path}")

    connect_all(state, account, answer, "reader")
    table = run(shell, "%%apigw access\n" + "\n".join(f"/{number}" for number in range(40))).result
    assert table["reason"].nunique() == 40
    for form in (repr(table), table._repr_html_()):
        assert "… and 10 more: the column reason has them all." in form
        assert "[an]" in form  # the fortieth letter


@pytest.mark.usefixtures("account")
def test_secrets_in_a_target(shell: InteractiveShell) -> None:
    """A target that a live secret was inserted into does not show it."""
    run(shell, "key = 'invented/secret+key'")
    table = run(shell, "%%apigw access\n/orders?key={{ key }}").result
    assert "invented" not in table.to_json() + repr(table) + table._repr_html_() + json.dumps(table.attrs)
