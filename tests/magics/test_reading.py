"""How an answer is read, shown, saved and kept in the history."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from apigw_magic import errors
from apigw_magic.connection.defaults import Defaults
from apigw_magic.magics.longtext import LongText
from apigw_magic.magics.tree import JsonObject
from tests.magics.fakes import run

if TYPE_CHECKING:
    from pathlib import Path

    from IPython.core.interactiveshell import InteractiveShell

    from apigw_magic.magics.state import State
    from tests.magics.fakes import Api


def test_query(shell: InteractiveShell, api: Api) -> None:
    """JMESPath is applied first; what it gives becomes the frame, or is the value."""
    frame = run(shell, "%apigw /orders --query 'items[?total > `1.7`].{name: id}'").result
    assert frame.to_dict("records") == [{"name": "A-2"}]
    assert run(shell, "%apigw /orders --query count").result == 2
    assert run(shell, "%apigw /orders --query nothing").result is None
    assert len(api.sent) == 3


def test_separated_values(shell: InteractiveShell, api: Api, capsys: pytest.CaptureFixture[str]) -> None:
    """CSV is a frame whose cells are text as received."""
    frame = run(shell, "%apigw /table").result
    assert frame.to_dict("list") == {"id": ["A-1"], "zip": ["01234"]}
    assert "1 row \N{MULTIPLICATION SIGN} 2 columns" in capsys.readouterr().out
    assert len(api.sent) == 1


def test_the_status_line_says_what_did_not_come(
    shell: InteractiveShell, api: Api, capsys: pytest.CaptureFixture[str]
) -> None:
    """The rows that came, of how many; rows inside of rows have no total."""
    assert len(run(shell, "%apigw /search").result) == 1
    assert "1 of 2,210 rows \N{MULTIPLICATION SIGN} 2 columns from items" in capsys.readouterr().out
    frame = run(shell, "%apigw /search --records items[].lines[]").result
    assert frame.to_dict("list") == {"items.id": [1, 1], "no": [1, 2]}
    assert "2 rows \N{MULTIPLICATION SIGN} 2 columns from items[].lines[]" in capsys.readouterr().out
    assert len(api.sent) == 2


@pytest.mark.parametrize("query", ["items[", "items[?total > 1]", "nothing_known(@)"])
def test_a_query_that_is_none_sends_nothing(shell: InteractiveShell, api: Api, query: str) -> None:
    """A wrong expression is found before anything is sent."""
    ran = run(shell, f"%apigw POST /orders --query '{query}'")
    assert "--query" in str(ran.error)
    assert api.sent == []


def test_tree(shell: InteractiveShell, api: Api, capsys: pytest.CaptureFixture[str]) -> None:
    """`--json` gives the parsed document back, shown as a tree."""
    value = run(shell, "%apigw /orders --json").result
    assert type(value) is JsonObject
    assert value == {"items": [{"id": "A-1", "total": 1.5}, {"id": "A-2", "total": 2.0}], "count": 2}
    assert '"id": "A-1"' in capsys.readouterr().out
    assert len(api.sent) == 1


def test_forms_that_exclude_each_other(shell: InteractiveShell, api: Api) -> None:
    """`--raw` and `--json` at once are a mistake."""
    assert "ask for two answers" in str(run(shell, "%apigw /orders --raw --json").error)
    assert api.sent == []


def test_text_is_shown_as_it_is(shell: InteractiveShell, api: Api, capsys: pytest.CaptureFixture[str]) -> None:
    """Text is a `str` that shows itself rather than its quotes."""
    value = run(shell, "%apigw /text").result
    assert (type(value), value) == (LongText, "<b>hello</b>")
    assert ": <b>hello</b>\n" in capsys.readouterr().out
    assert len(api.sent) == 1


def test_verbose(shell: InteractiveShell, api: Api, capsys: pytest.CaptureFixture[str]) -> None:
    """`-v` shows the head of request and answer, without the key."""
    run(shell, "key = 'invented-api-key-1'")
    run(shell, "%apigw /orders?b=1 -v -q -H 'X-Api-Key: {{ key }}' -H 'X-Tenant: blue' -o out")
    shown = capsys.readouterr().out.splitlines()
    assert "> GET /orders?b=1" in shown
    assert "> X-Tenant: blue" in shown
    assert "> X-Api-Key: …" in shown
    assert "< 200 OK" in shown
    assert "invented-api-key-1" not in "".join(shown)
    assert len(api.sent) == 1


def test_no_vars(shell: InteractiveShell, api: Api) -> None:
    """With `--no-vars` braces are braces, in content, headers and options."""
    line = "%apigw POST /orders --no-vars --expect 403 -H 'X-A: {{ b }}' -d '{\"a\": \"{{ x }}\"}'"
    assert run(shell, line).success
    assert api.sent[0].content == b'{"a": "{{ x }}"}'
    assert ("X-A", "{{ b }}") in api.sent[0].headers


def read_rows(path: Path) -> pd.DataFrame:
    """Read a file of rows."""
    match path.suffix:
        case ".csv":
            return pd.read_csv(path)
        case ".json":
            return pd.DataFrame(json.loads(path.read_text()))
        case ".ndjson":
            return pd.DataFrame(map(json.loads, path.read_text().splitlines()))
    return pd.read_parquet(path)


@pytest.mark.parametrize("suffix", ["csv", "ndjson", "json", "parquet"])
def test_save(shell: InteractiveShell, api: Api, tmp_path: Path, suffix: str) -> None:
    """Rows go into a file by its suffix, which is not replaced without `--force`; then nothing is even sent."""
    shell.user_ns["file"] = str(tmp_path / f"orders.{suffix}")
    assert run(shell, "%apigw /orders --save {{ file }} -o orders").success
    path = tmp_path / f"orders.{suffix}"
    assert read_rows(path).to_dict("records") == shell.user_ns["orders"].to_dict("records")
    before = path.read_bytes()
    refused = run(shell, "%apigw DELETE /orders --save {{ file }}")
    assert "--force" in str(refused.error)
    assert len(api.sent) == 1
    assert run(shell, "%apigw /orders?x=1 --query 'items[:1]' --save {{ file }} --force").success
    assert path.read_bytes() != before


def test_save_content(shell: InteractiveShell, api: Api, tmp_path: Path) -> None:
    """What is no rows is written as it was received."""
    shell.user_ns["file"] = str(tmp_path / "page.html")
    run(shell, "%apigw /text --save {{ file }}")
    assert (tmp_path / "page.html").read_bytes() == b"<b>hello</b>"
    assert len(api.sent) == 1


def test_history(shell: InteractiveShell, api: Api) -> None:
    """Each request is a row: answered, refused, without an answer, interrupted; what was refused here is none."""
    assert run(shell, "%apigw history").result.shape == (0, 10)
    for line in ("/orders", "POST /orders", "DELETE /interrupt", "/tie", "/orders --as nobody", "/text"):
        run(shell, f"%apigw {line}")
    frame = run(shell, "%apigw history").result
    assert list(frame.columns) == [
        "time", "connection", "method", "target", "status", "error", "rows", "bytes", "ms", "request_id",
    ]  # fmt: skip
    assert list(frame["method"]) == ["GET", "POST", "DELETE", "GET", "GET"]
    assert list(frame["error"]) == ["", "AccessDeniedException", "Interrupted", "FrameError", ""]
    assert [None if pd.isna(status) else int(status) for status in frame["status"]] == [200, 403, None, 200, 200]
    assert [None if pd.isna(rows) else int(rows) for rows in frame["rows"]] == [2, None, None, None, None]
    assert str(frame["time"].dtype) == "datetime64[ms, UTC]"
    assert run(shell, "%apigw history -n 2").result.shape == (2, 10)
    assert len(api.sent) == 5


@pytest.mark.parametrize("number", ["0", "-1", "x", "1.5"])
def test_a_number_of_requests_that_is_none(shell: InteractiveShell, api: Api, number: str) -> None:
    """`-n` takes a number above 0."""
    assert "-n" in str(run(shell, f"%apigw history -n {number}").error)
    assert api.sent == []


def test_a_key_in_a_target_is_not_kept(shell: InteractiveShell, api: Api) -> None:
    """An API key that stands in the query as well is taken out of the history."""
    run(shell, "key = 'invented-api-key-1'")
    run(shell, "%apigw /orders?k={{ key }} -H 'X-Api-Key: {{ key }}' -o out")
    assert "invented" not in run(shell, "%apigw history").result["target"][0]
    assert "invented-api-key-1" in str(api.sent[0].url)


@pytest.mark.parametrize("line", ["--raw --query items", "--raw --dates", "--json --records items", "--json --dates"])
def test_what_has_no_rows_takes_no_option_of_rows(shell: InteractiveShell, api: Api, line: str) -> None:
    """An option that would do nothing is refused."""
    assert "is for rows" in str(run(shell, f"%apigw /orders {line}").error)
    assert api.sent == []


@pytest.mark.parametrize(
    "option", ["--query ''", "--records '  '", "--save ''", "--as ''", "--timeout 0", "--timeout -1"]
)
def test_options_that_say_nothing(shell: InteractiveShell, api: Api, option: str) -> None:
    """An empty option, or a time that is none, is refused rather than passed by."""
    assert isinstance(run(shell, f"%apigw /orders {option}").error, errors.CommandError)
    assert api.sent == []


def test_last_shows_the_answer(shell: InteractiveShell, api: Api, capsys: pytest.CaptureFixture[str]) -> None:
    """`%apigw last` shows head and text of the answer, also of one that failed."""
    run(shell, "%apigw GET /nowhere?x=1")
    capsys.readouterr()
    assert run(shell, "%apigw last").result.status_code == 404
    shown = capsys.readouterr().out
    assert "> GET /nowhere?x=1" in shown
    assert "< 404 Not Found" in shown
    assert '{"message": "no such thing"}' in shown
    assert len(api.sent) == 1


def test_a_dry_run_needs_no_yes(shell: InteractiveShell, state: State, api: Api) -> None:
    """What is not sent need not be confirmed, also on a protected connection."""
    connection = state.connections.find("reader")
    connection._defaults = Defaults(protected=True)
    assert run(shell, "%apigw DELETE /orders --dry-run").success
    assert "is protected" in str(run(shell, "%apigw DELETE /orders").error)
    assert api.sent == []


def test_a_null_is_told(shell: InteractiveShell, api: Api, capsys: pytest.CaptureFixture[str]) -> None:
    """A query that finds nothing says so."""
    run(shell, "%apigw /orders --query nothing")
    assert "null: the query found nothing" in capsys.readouterr().out
    assert len(api.sent) == 1


def test_help_of_one_command(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    """`COMMAND -h` and `help COMMAND` show that command alone."""
    for line in ("history -h", "help history"):
        run(shell, f"%apigw {line}")
        shown = capsys.readouterr().out
        assert "the last N requests only" in shown
        assert "--role" not in shown
    assert "There is no command 'histry'." in str(run(shell, "%apigw help histry").error)
