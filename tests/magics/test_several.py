"""One request over several connections, and the last one once more."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from apigw_magic import Response, errors
from tests.magics.fakes import run

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from apigw_magic.magics.state import State
    from tests.magics.fakes import Api


def test_answers_side_by_side(shell: InteractiveShell, api: Api, capsys: pytest.CaptureFixture[str]) -> None:
    """The answers are one frame, each under its connection's name, below a status line for each."""
    frame = run(shell, "%apigw /orders --as reader,writer").result
    assert list(frame.columns) == ["connection", "id", "total"]
    assert list(frame["connection"]) == ["reader", "reader", "writer", "writer"]
    shown = capsys.readouterr().out
    assert [name for name in ("reader", "writer") if f"as {name}" in shown] == ["reader", "writer"]
    assert len(api.sent) == 2


def test_a_refusal_beside_an_answer(shell: InteractiveShell, api: Api, capsys: pytest.CaptureFixture[str]) -> None:
    """Who is refused is told with the reason; the frame holds the others, and the cell passes."""
    api.refused.add("reader")
    ran = run(shell, "%apigw /orders --as reader,writer -o both")
    assert ran.success
    assert set(shell.user_ns["both"]["connection"]) == {"writer"}
    shown = capsys.readouterr().out
    assert "403 AccessDeniedException: reader may not GET /orders." in shown
    assert "200 OK · 2 rows" in shown


def test_all_refused(shell: InteractiveShell, api: Api, capsys: pytest.CaptureFixture[str]) -> None:
    """When nobody is answered the cell fails, and the name of `-o` stays as it was."""
    shell.user_ns["made"] = "before"
    ran = run(shell, "%apigw POST /orders --as reader,writer -o made")
    assert isinstance(ran.error, errors.StatusError)
    assert "All were refused: reader, writer." in str(ran.error)
    assert shell.user_ns["made"] == "before"
    assert capsys.readouterr().out.count("AccessDeniedException") == 2
    assert len(api.sent) == 2


@pytest.mark.parametrize(("refused", "passes"), [({"reader", "writer"}, True), ({"reader"}, False), (set(), False)])
def test_an_answer_expected_of_all(shell: InteractiveShell, api: Api, refused: set[str], *, passes: bool) -> None:
    """`--expect` is for each of them: one other answer fails the cell, and names who got it."""
    api.refused |= refused
    ran = run(shell, "%apigw /orders --as reader,writer --expect 403")
    assert ran.success is passes
    if not passes:
        assert "which " + ", ".join(sorted({"reader", "writer"} - refused)) in str(ran.error)
    assert len(api.sent) == 2


@pytest.mark.parametrize(
    ("names", "told"),
    [
        ("reader,nobody", "There is no connection 'nobody'."),
        ("reader,", "lacks a name"),
        ("reader,reader", "names a connection twice"),
    ],
)
def test_names_that_cannot_be(shell: InteractiveShell, api: Api, names: str, told: str) -> None:
    """A wrong name among them sends nothing to anybody."""
    ran = run(shell, f"%apigw /orders --as {names}")
    assert told in str(ran.error)
    assert api.sent == []


def test_a_refusal_expected_of_all(shell: InteractiveShell, api: Api) -> None:
    """A refusal that was wanted is told in words; a variable gets the responses, by name."""
    api.refused |= {"reader", "writer"}
    assert run(shell, "%apigw /orders --as reader,writer --expect 403").result is None
    assert run(shell, "%apigw /orders --as reader,writer --expect 403 -o both").success
    both = shell.user_ns["both"]
    assert {name: response.explanation.error_type for name, response in both.items()} == {
        "reader": "AccessDeniedException",
        "writer": "AccessDeniedException",
    }


def test_values_that_are_no_frames(shell: InteractiveShell, api: Api) -> None:
    """Responses come back by name; a dry run shows each."""
    raw = run(shell, "%apigw /text --as reader,writer --raw").result
    assert [*raw] == ["reader", "writer"]
    assert all(isinstance(response, Response) for response in raw.values())
    texts = run(shell, "%apigw /text --as reader,writer").result
    assert list(texts["value"]) == ["<b>hello</b>"] * 2
    assert len(api.sent) == 4


def test_again(shell: InteractiveShell, api: Api, capsys: pytest.CaptureFixture[str]) -> None:
    """The same request, though its variables changed; as somebody else, and read as before."""
    run(shell, "status, key = 'open', 'k-1'")
    run(shell, "%apigw /orders --query items -H 'X-Api-Key: {{ key }}' -H 'X-Status: {{ status }}' -o first")
    run(shell, "status, key = 'paid', 'k-2'")
    capsys.readouterr()
    second = run(shell, "%apigw again --as writer").result
    assert "as writer" in capsys.readouterr().out
    one, two = api.sent
    assert {("X-Status", "open"), ("X-Api-Key", "k-1")} < set(two.headers)
    assert (one.url, one.method) == (two.url, two.method)
    assert list(second.columns) == list(shell.user_ns["first"].columns)
    assert isinstance(run(shell, "%apigw again --raw").result, Response)
    assert list(run(shell, "%apigw again --query 'items[0]' --json").result) == ["id", "total"]


def test_again_after_a_refusal(shell: InteractiveShell, api: Api) -> None:
    """What was refused may be sent as somebody who may."""
    api.refused.add("reader")
    assert not run(shell, "%apigw /orders").success
    assert run(shell, "%apigw again --as writer").result.shape == (2, 2)
    assert run(shell, "%apigw history").result["connection"].tolist() == ["reader", "writer"]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("again", "There is no request to send again."),
        ("again /orders", "does not take '/orders'"),
        ("again -H 'A: 1'", "no option -H"),
    ],
)
def test_again_that_cannot_be(shell: InteractiveShell, api: Api, line: str, told: str) -> None:
    """Without a request, or with another one, nothing is sent."""
    if line != "again":
        run(shell, "%apigw /orders")
    sent = len(api.sent)
    assert told in str(run(shell, f"%apigw {line}").error)
    assert len(api.sent) == sent


def test_bad_input_is_not_sent_again(shell: InteractiveShell, api: Api, state: State) -> None:
    """A line that was refused does not take the place of the last request."""
    run(shell, "%apigw /orders")
    assert not run(shell, "%apigw /orders --as nobody").success
    assert not run(shell, "%apigw https://evil.example/").success
    assert state.asked is not None
    assert state.asked.request.target == "/orders"
    assert run(shell, "%apigw again").result.shape == (2, 2)
    assert len(api.sent) == 2
