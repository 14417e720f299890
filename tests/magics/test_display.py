"""What a server may bring to the screen: its words, as text, on one line, cut; never markup or a control character."""

from __future__ import annotations

import html
import json
import re
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import boto3
import pandas as pd
import pytest

from apigw_magic.connection import Connection, Response
from apigw_magic.identity import wrap_session
from apigw_magic.magics.display import Lines, count_minutes, describe, describe_exchange, describe_value, shorten_path
from apigw_magic.magics.visible import UNSEEN
from apigw_magic.models import Credentials, Headers, Reply, Request, SigningScope, Url
from tests.identity.fakes import make_caller
from tests.magics.fakes import run

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from apigw_magic.magics.state import State

EVIL = "\x1b]0;title\x07\x9b2J\u202e\u2028<script>alert(1)</script>"
LONG = EVIL + "x" * 1_000_000


def answer(  # noqa: PLR0913 - what a server may choose
    document: object = None,
    *,
    status: int = 200,
    reason: str = "OK",
    media_type: str = "application/json",
    content: bytes | None = None,
    fields: tuple[tuple[str, str], ...] = (),
) -> Reply:
    """Return an answer, of JSON if no content is given."""
    headers = Headers([("Content-Type", media_type), *fields])
    return Reply(status, reason, headers, json.dumps(document).encode() if content is None else content, 0.0123)


def receive(reply: Reply, *, tries: int = 1, skew: timedelta = timedelta()) -> Response:
    """Return the response that a reply becomes."""
    return Response(Request("GET", "/x"), Url("https", "host", "/x"), "reader", reply, tries=tries, skew=skew)


class Who(NamedTuple):
    """What the status line tells of a connection."""

    name: str = "reader"
    seconds_left: float | None = None


def serve(state: State, reply: Reply) -> None:
    """Make a connection the current one that answers so."""
    keys = Credentials("AKIAEXAMPLE", "secret-key-of-the-tests")
    state.connections.add(
        Connection(
            name="evil",
            url=Url("https", "abc.execute-api.eu-west-1.amazonaws.com", "/prod"),
            scope=SigningScope("execute-api", "eu-west-1"),
            base=wrap_session(boto3.Session("AKIAEXAMPLE", "secret-key-of-the-tests"), "eu-west-1"),
            caller=make_caller(keys, "arn:aws:sts::111122223333:assumed-role/reader/ana"),
            transport=lambda *_, **__: reply,
        )
    )


# ---- lines -----------------------------------------------------------------------------------------------------------


def test_lines() -> None:
    """The status line steps back, lines stand below it, and empty ones are left out."""
    lines = Lines(["first", "", "second"], "200 OK")
    assert repr(lines) == "200 OK\nfirst\nsecond"
    divs = re.findall(r'<div style="([^"]*)">([^<]*)</div>', lines._repr_html_())
    assert [text for _, text in divs] == ["200 OK", "first", "second"]
    assert divs[0][0] != divs[1][0] == divs[2][0]
    assert all("var(--jp-" in style for style, _ in divs)


def test_lines_are_no_markup() -> None:
    """What stands in a line is escaped."""
    marked_up = Lines(["</div><script>alert(1)</script>"], '"><img src=x onerror=alert(1)> &lt;')._repr_html_()
    assert re.fullmatch(r'(<div style="[^"<>]*">[^<>]*</div>){2}', marked_up)
    assert '"><img src=x onerror=alert(1)> &lt;' in html.unescape(marked_up)


@pytest.mark.parametrize("text", [EVIL, "half \ud800", "two\nlines", LONG], ids=["evil", "half", "two", "long"])
def test_lines_show_what_can_be_seen(text: str) -> None:
    """Whatever is handed to it, a line is one line of what can be seen, not without end."""
    lines = Lines([text])
    for form in (repr(lines), lines._repr_html_()):
        assert not UNSEEN.search(form)
        assert "\n" not in form
        assert len(form.encode()) < 10_000


# ---- the status line -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("response", "who", "shape", "line"),
    [
        (receive(answer()), Who(), "", "200 OK · 12 ms · as reader"),
        (receive(answer(reason="")), Who(), "", "200 · 12 ms · as reader"),
        (receive(answer()), Who(seconds_left=61.0), "3 rows", "200 OK · 3 rows · 12 ms · as reader (2 min left)"),
        (receive(answer(), tries=3), Who(), "", "200 OK · 12 ms · 3 tries · as reader"),
        (
            receive(answer(), skew=timedelta(seconds=1500)),
            Who(),
            "",
            "200 OK · 12 ms · this clock is 1,500 s slow · as reader",
        ),
        (
            receive(answer(), skew=timedelta(seconds=-61)),
            Who(),
            "",
            "200 OK · 12 ms · this clock is 61 s fast · as reader",
        ),
        (
            receive(answer(fields=(("x-amzn-RequestId", "01234567-89ab"),))),
            Who(),
            "",
            "200 OK · 12 ms · as reader · req 01234567…",
        ),
        (receive(answer(reason="\x1b[2J\u202eNo")), Who(), "", "200 \ufffd[2J\ufffdNo · 12 ms · as reader"),
        (
            receive(answer(fields=(("x-amzn-RequestId", "\x1b\x9b\u202e<b>45678"),))),
            Who(),
            "",
            "200 OK · 12 ms · as reader · req \ufffd\ufffd\ufffd<b>45…",
        ),
    ],
    ids=range(9),
)
def test_status_line(response: Response, who: Connection, shape: str, line: str) -> None:
    """It says status, shape, time, who and request id; the server's part of it cannot do harm."""
    assert describe(response, who, shape) == line


def test_status_line_of_a_long_reason() -> None:
    """A reason phrase of a megabyte is cut."""
    assert len(describe(receive(answer(reason=LONG)), Who(), "")) < 500  # type: ignore[arg-type] # stands in


def test_exchange() -> None:
    """Each field of the answer is one line of what can be seen, cut."""
    fields = (("X-Evil", EVIL), ("X-Long", LONG), (EVIL, "named"))
    lines = describe_exchange(receive(answer(reason=LONG, fields=fields)), lambda text: text)
    assert lines[:3] == ("https://host/x", "> GET /x", lines[2])
    assert not any(UNSEEN.search(line) or "\n" in line or len(line) > 410 for line in lines)
    assert len(lines) == 7


@pytest.mark.parametrize(
    ("value", "path", "told"),
    [
        (pd.DataFrame({"a": [1]}), "$", "1 row x 1 column"),
        (pd.DataFrame({"a": range(1234), "b": 1}), "data.users", "1,234 rows x 2 columns from data.users"),
        (pd.DataFrame(), "Items", "0 rows x 0 columns from Items"),
        (3, "$", ""),
        (None, "", ""),
    ],
)  # fmt: skip
def test_value(value: object, path: str, told: str) -> None:
    """A frame has its size and the path of its rows; a scalar says itself what it is."""
    assert describe_value(value, path) == told.replace(" x ", " \N{MULTIPLICATION SIGN} ")


@pytest.mark.parametrize(
    ("total", "more", "told"),
    [
        (2210, "", "2 of 2,210 rows x 1 column from items"),
        (2210, "next", "2 of 2,210 rows x 1 column from items"),
        (2, "", "2 rows x 1 column from items"),
        (None, "NextToken", "2 rows x 1 column from items, more pages by NextToken"),
        (2, "next", "2 rows x 1 column from items, more pages by next"),
        (None, "k" * 100, f"2 rows x 1 column from items, more pages by {'k' * 80}…"),
    ],
)
def test_rows_that_did_not_come(total: int | None, more: str, told: str) -> None:
    """How many there are in all, where the answer says so; else by what another page follows."""
    shown = describe_value(pd.DataFrame({"a": [1, 2]}), "items", total, more)
    assert shown == told.replace(" x ", " \N{MULTIPLICATION SIGN} ")


@pytest.mark.parametrize(("seconds", "minutes"), [(-5, 0), (0, 0), (0.1, 1), (60, 1), (60.5, 2), (3600, 60)])
def test_minutes(seconds: float, minutes: int) -> None:
    """A begun minute counts."""
    assert count_minutes(seconds) == minutes


def test_paths() -> None:
    """A path is written as one would type it."""
    assert shorten_path(Path.cwd() / "pyproject.toml") == "pyproject.toml"
    assert shorten_path(Path.home() / "elsewhere" / "pyproject.toml") == "~/elsewhere/pyproject.toml"
    assert shorten_path(Path("/nowhere/at/all")) == "/nowhere/at/all"


# ---- from the wire to the screen -------------------------------------------------------------------------------------

HARMLESS = {
    "message": answer({"message": LONG}, status=403, reason="Forbidden"),
    "message in lines": answer({"message": "a\nb\r\nc\x85d\u2029e"}, status=400, reason="Bad Request"),
    "half a character": answer({"Message": "\ud800"}, status=400, reason="\udfff"),
    "page": answer(content=f"<html>{LONG}".encode(), media_type="text/html", status=404, reason="Not Found"),
    "binary": answer(content=bytes(range(256)) * 1000, media_type="image/png", status=400),
    "error type": answer({}, status=400, fields=(("x-amzn-ErrorType", LONG),)),
    "reason": answer({"a": 1}, reason=LONG),
    "request id": answer({"a": 1}, fields=(("x-amzn-RequestId", LONG),)),
    "location": answer(content=b"", status=302, reason="Found", fields=(("Location", LONG),)),
    "no JSON": answer(content=EVIL.encode() * 1000),
    "broken JSON": answer(content=b'{"a": ' + EVIL.encode() * 1000),
    "text": answer(content=LONG.encode(), media_type="text/plain"),
}
HARMFUL = {
    "media type": (answer(content=b"x", media_type=f"application/{EVIL}"), ""),
    "long media type": (answer(content=b"x", media_type=f"application/{LONG}"), ""),
    "path of the rows": (answer({EVIL: [{"a": 1}], "count": 1}), ""),
    "long path": (answer({LONG: [{"a": 1}], "count": 1}), ""),
    "half a key": (answer({"\ud800": [{"a": 1}], "count": 1}), ""),
    "mixed column": (answer([{LONG: 1}, {LONG: "x"}]), "-o value"),
    "lists in cells": (answer({"id": 1, "arn": "arn:x", LONG: [{"a": 1}]}), "-o value"),
    "tie": (answer({LONG: [{"a": 1}], EVIL: [{"b": 2}]}), ""),
    "no such rows": (answer({LONG: [{"a": 1}]}), "--records nope"),
    "scalar": (answer(LONG), ""),
}


def look(shell: InteractiveShell, cell: str, shown: pytest.CaptureFixture[str]) -> None:
    """Run a cell, and look at what a terminal gets."""
    result = run(shell, cell)
    terminal = shown.readouterr().out + str(result.error or "")
    assert terminal.strip()
    assert "apigw_magic failed" not in terminal
    assert not UNSEEN.search(terminal)
    assert len(terminal.encode()) < 300_000


@pytest.mark.parametrize("reply", HARMLESS.values(), ids=HARMLESS)
def test_harmless(shell: InteractiveShell, state: State, reply: Reply, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing that a terminal would obey reaches it, and never megabytes."""
    serve(state, reply)
    look(shell, "%apigw /x", capsys)
    look(shell, "%apigw /x -v", capsys)


def test_harmless_tree(shell: InteractiveShell, state: State, capsys: pytest.CaptureFixture[str]) -> None:
    """As above, for a document as a tree."""
    serve(state, answer({LONG: [LONG, {"\ud800": EVIL}]}))
    look(shell, "%apigw /x --json", capsys)


@pytest.mark.parametrize(("reply", "option"), HARMFUL.values(), ids=HARMFUL)
def test_harmful(
    shell: InteractiveShell, state: State, reply: Reply, option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """As above. With `-o` no frame is shown: that is pandas' part."""
    serve(state, reply)
    look(shell, f"%apigw /x {option}", capsys)
