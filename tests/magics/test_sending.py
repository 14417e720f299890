"""Cells and lines, in a real shell: what is sent, what the cell gives back, what stays after a failure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest

from apigw_magic import errors
from tests.magics.fakes import run

if TYPE_CHECKING:
    from pathlib import Path

    from IPython.core.interactiveshell import InteractiveShell

    from apigw_magic.magics.state import State
    from tests.magics.fakes import Api


def test_line_gives_a_frame(shell: InteractiveShell, api: Api, capsys: pytest.CaptureFixture[str]) -> None:
    """`%apigw GET /orders` gives a DataFrame, under a status line, and `_` holds it."""
    result = run(shell, "%apigw GET /orders")
    assert isinstance(result.result, pd.DataFrame)
    assert list(result.result["id"]) == ["A-1", "A-2"]
    assert shell.user_ns["_"] is result.result
    assert result.result.attrs["apigw"] == {
        "status": 200,
        "request_id": "0123456789abcdef",
        "ms": 12,
        "records": "items",
    }
    shown = capsys.readouterr().out
    assert "200 OK · 2 rows × 2 columns from items · 12 ms · as reader · req 01234567…" in shown  # noqa: RUF001 - as it is shown
    assert [str(request.url.target) for request in api.sent] == ["/prod/orders"]


def test_assignment(shell: InteractiveShell, api: Api) -> None:
    """`df = %apigw /orders` works, the method being GET."""
    run(shell, "df = %apigw /orders")
    assert shell.user_ns["df"].shape == (2, 2)
    assert api.sent[0].method == "GET"


def test_cell(shell: InteractiveShell, api: Api) -> None:
    """A cell is an HTTP message: comments, request line, query lines, headers."""
    result = run(shell, "%%apigw\n# a comment\nGET /orders\n  ?status=open\n  &limit=2\nX-Api-Key: k\n")
    assert result.result.shape == (2, 2)
    assert api.sent[0].url.target == "/prod/orders?status=open&limit=2"
    assert dict(api.sent[0].headers)["X-Api-Key"] == "k"


def test_content_and_inserted_values(shell: InteractiveShell, api: Api) -> None:
    """`{{ }}` inserts values of the user's namespace, typed by where they stand."""
    run(shell, 'who, total = "C 7", 42.5')
    run(shell, '%%apigw --expect 403\nPOST /orders/{{ who }}\n\n{"customer": {{ who }}, "total": {{ total }}}')
    assert api.sent[0].url.path == "/prod/orders/C%207"
    assert api.sent[0].content == b'{"customer": "C 7", "total": 42.5}'
    assert dict(api.sent[0].headers)["Content-Type"] == "application/json"


def test_values_of_a_function(shell: InteractiveShell, api: Api) -> None:
    """Inside a function, `{{ }}` sees its local names."""
    run(shell, "def get(path):\n    return get_ipython().run_line_magic('apigw', 'GET /{{ path }}')\nget('orders')")
    assert api.sent[0].url.path == "/prod/orders"


def test_out(shell: InteractiveShell, api: Api, capsys: pytest.CaptureFixture[str]) -> None:
    """`-o` puts the value into a name, shows the status line only, and leaves `_` alone."""
    run(shell, "1 + 1")
    result = run(shell, "%%apigw -o orders\nGET /orders")
    assert result.result is None
    assert shell.user_ns["orders"].shape == (2, 2)
    assert shell.user_ns["_"] == 2
    assert "200 OK" in capsys.readouterr().out
    assert len(api.sent) == 1


def test_as(shell: InteractiveShell, api: Api, state: State, capsys: pytest.CaptureFixture[str]) -> None:
    """`--as` uses another connection this once."""
    run(shell, "%apigw /orders --as writer")
    assert "as writer" in capsys.readouterr().out
    assert state.connections.find().name == "reader"
    assert len(api.sent) == 1


def test_options_take_values(shell: InteractiveShell, api: Api) -> None:
    """`{{ }}` works in options, too."""
    run(shell, "name, key = 'writer', 'k1'")
    assert run(shell, "%apigw /orders --as {{ name }} -H 'X-Api-Key: {{ key }}'").success
    assert dict(api.sent[0].headers)["X-Api-Key"] == "k1"


def test_data(shell: InteractiveShell, api: Api) -> None:
    """`-d` sends content from a line."""
    run(shell, "order = {'id': 1}")
    run(shell, "%apigw POST /orders -d '{{ order }}' --expect 403")
    assert api.sent[0].content == b'{"id": 1}'


def test_expected_refusal_passes(shell: InteractiveShell, api: Api, capsys: pytest.CaptureFixture[str]) -> None:
    """With `--expect 403` a refusal is shown, explained, and the cell passes with no value."""
    result = run(shell, "%apigw POST /orders --expect 403/AccessDeniedException")
    assert result.success
    assert result.result is None
    shown = capsys.readouterr().out
    assert "403 AccessDeniedException: reader may not POST /orders." in shown
    assert "No policy of the role allows execute-api:Invoke." in shown
    assert len(api.sent) == 1


def test_any_refusal_may_be_expected(shell: InteractiveShell, api: Api, capsys: pytest.CaptureFixture[str]) -> None:
    """With `--expect denied` a refusal of whatever status passes, with its reason and what would mend it."""
    assert run(shell, "%apigw POST /orders --expect denied").success
    shown = capsys.readouterr().out
    assert "403 AccessDeniedException: reader may not POST /orders." in shown
    assert "in one account either is enough" in shown
    assert len(api.sent) == 1


def test_what_a_refusal_has_more(shell: InteractiveShell, api: Api, capsys: pytest.CaptureFixture[str]) -> None:
    """`-v` shows the statement that would allow it, where that is known from, and the answer's header."""
    statement = (
        '{"Effect": "Allow", "Action": "execute-api:Invoke", '
        '"Resource": "arn:aws:execute-api:eu-west-1:111122223333:abc/prod/POST/orders"}'
    )
    for line in ("POST /orders -v", "POST /orders -v --expect 403", "POST /orders -v --as reader,writer"):
        run(shell, f"%apigw {line}")
        shown = capsys.readouterr().out
        assert f"The smallest statement that would allow it: {statement}" in shown
        assert "Known from (documented): docs.aws.amazon.com/IAM/" in shown
        assert "< x-amzn-ErrorType: AccessDeniedException" in shown
    run(shell, "%apigw POST /orders")
    assert "statement" not in capsys.readouterr().out
    assert len(api.sent) == 5


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("GET /orders --expect denied", "Expected denied, but GET /orders as reader was answered 200 OK."),
        ("GET /nowhere --expect denied", "was answered 404 Not Found, which is no refusal by a policy."),
        ("GET /orders --expect 403", "Expected 403, but GET /orders as reader was answered 200 OK."),
        (
            "POST /orders --expect 404",
            "Expected 404, but POST /orders as reader was answered 403/AccessDeniedException.",
        ),
        ("POST /orders --expect 403/ForbiddenException", "Expected 403/ForbiddenException, but POST /orders as reader"),
    ],
)
def test_unexpected_answer_fails(shell: InteractiveShell, api: Api, line: str, told: str) -> None:
    """Another answer than the expected one fails the cell and says what came."""
    result = run(shell, f"%apigw {line}")
    assert isinstance(result.error, errors.StatusError)
    assert told in str(result.error)
    assert len(api.sent) == 1


def test_refusal_leaves_everything(
    shell: InteractiveShell, api: Api, state: State, capsys: pytest.CaptureFixture[str]
) -> None:
    """A refusal fails the cell in three lines; `_` and the name of `-o` stay; the next good cell works."""
    run(shell, "orders = 'before'\n'underscore'")
    capsys.readouterr()
    result = run(shell, "%apigw POST /orders -o orders")
    assert isinstance(result.error, errors.StatusError)
    shown = capsys.readouterr().out.splitlines()
    assert shown[0] == "403 AccessDeniedException: reader may not POST /orders."
    assert len(shown) == 3
    assert shell.user_ns["orders"] == "before"
    assert shell.user_ns["_"] == "underscore"
    assert state.last is result.error.response
    assert run(shell, "%apigw last").result.status_code == 403
    assert run(shell, "%apigw /orders").result.shape == (2, 2)
    assert len(api.sent) == 2


@pytest.mark.parametrize("mode", ["Plain", "Context", "Verbose", "Minimal"])
def test_errors_are_short_in_every_mode(
    shell: InteractiveShell, api: Api, mode: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """No traceback, whatever `%xmode` and `%tb` say."""
    run(shell, f"%xmode {mode}")
    capsys.readouterr()
    run(shell, "%apigw POST /orders")
    assert len(capsys.readouterr().out.splitlines()) == 3
    run(shell, "%tb")
    assert len(capsys.readouterr().out.splitlines()) == 3
    assert len(api.sent) == 1


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        (
            "%apigw /orders --as wirter",
            "There is no connection 'wirter'.\nConnections: writer, reader.\nDid you mean writer?",
        ),
        ("%apigw conect https://x", "There is no command 'conect'.\nDid you mean %apigw connect?"),
        ("%apigw orders", "There is no command 'orders'.\nA path starts with a slash: %apigw /orders"),
        ("%apigw GTE /orders", "Did you mean GET"),
        ("%apigw /orders -o 'a b'", "-o cannot put the value into 'a b'."),
        ("%apigw /orders -o print", "It is a name of Python's or IPython's own."),
        ("%apigw /orders -o for", "It is a name of Python's or IPython's own."),
        ("%apigw /orders --timeout soon", "--timeout soon is not a time."),
        ("%apigw /orders --timeout nan", "nan is not a time to wait."),
        ("%apigw /orders --expect sure", "'sure' is not an answer to expect."),
        ("%apigw /orders -H nothing", "What stands after -H has no colon."),
        ("%apigw /orders -H 'Host: evil'", "The header Host cannot be set."),
        ("%apigw /orders/{{ missing }}", "name 'missing' is not defined"),
        ("%apigw https://evil.example/orders", "is not the connection's host."),
        ("%apigw -q", "There is no target."),
        ("%%apigw connect\nGET /x", "connect is a line command."),
        ("%apigw POST /orders -d 1 -d 2", "--data stands 2 times."),
        ("%%apigw -d 1\nPOST /orders\n\n2", "The content stands twice"),
        ("%apigw use nobody", "There is no connection 'nobody'."),
        ("%apigw use", "use which connection?"),
        ("%apigw close nobody", "There is no connection 'nobody'."),
        ("%apigw demo start", "demo does not take 'start'."),
        ("%apigw demo stop", "No local account runs here."),
        ("%apigw last", "There is no response yet."),
        ("%apigw /orders -o _", "It is a name of Python's or IPython's own."),
        ("%apigw /orders -o In", "It is a name of Python's or IPython's own."),
        ("%apigw /orders -o _i3", "It is a name of Python's or IPython's own."),
        ("%apigw GET /orders # note", "A comment stands in a cell"),
        ("%apigw connect reader", "reader is a connection already.\nMake it the current one: %apigw use reader"),
        ("%%apigw connect --role writer\nGET /x", "connect is a line command."),
        ("%apigw connect https://me:hush@abc.execute-api.eu-west-1.amazonaws.com/prod", "https://…@abc.execute-api"),
        ("%apigw connect ftp://x/y", "is not HTTP"),
        ("%apigw connect http://example.com/prod", "Plain http would show the request"),
    ],
)
def test_bad_input_sends_nothing(shell: InteractiveShell, api: Api, state: State, cell: str, told: str) -> None:
    """Bad input says what is wrong in at most three lines, sends nothing and loses nothing."""
    before = [connection.name for connection in state.connections], state.connections.find().name
    result = run(shell, cell)
    assert isinstance(result.error, errors.ApigwError)
    assert told in str(result.error)
    assert len(result.error.lines) <= 3
    assert api.sent == []
    assert ([connection.name for connection in state.connections], state.connections.find().name) == before
    assert run(shell, "%apigw /orders").success


def test_no_connection(shell: InteractiveShell) -> None:
    """Without a connection, the error says how to make one."""
    result = run(shell, "%apigw /orders")
    assert isinstance(result.error, errors.UnknownConnectionError)
    assert "%apigw demo" in str(result.error)


def test_a_tie_fails_after_the_status_line(
    shell: InteractiveShell, api: Api, state: State, capsys: pytest.CaptureFixture[str]
) -> None:
    """Rows that cannot be told are an error with the choices; the answer is kept, and `--records` decides."""
    result = run(shell, "%apigw /tie")
    assert isinstance(result.error, errors.FrameError)
    shown = capsys.readouterr().out
    assert shown.startswith("200 OK · 12 ms · as reader")
    assert "--records users" in shown
    assert state.last is not None
    assert run(shell, "%apigw /tie --records groups").result.to_dict("list") == {"b": [2]}
    assert len(api.sent) == 2


def test_other_content(shell: InteractiveShell, api: Api, capsys: pytest.CaptureFixture[str]) -> None:
    """Text gives a str, no content None, `--raw` the Response."""
    assert run(shell, "%apigw /text").result == "<b>hello</b>"
    assert "12 bytes of text/plain" in capsys.readouterr().out
    assert run(shell, "%apigw /empty").result is None
    assert "204 No Content · no content" in capsys.readouterr().out
    assert run(shell, "%apigw /orders --raw").result.status_code == 200
    assert len(api.sent) == 3


def test_a_copied_request_line(shell: InteractiveShell, api: Api) -> None:
    """The version that a request line ends with may stand on the magic line, too."""
    assert run(shell, "%apigw GET /orders HTTP/1.1 -q").success
    assert run(shell, "%%apigw GET /orders HTTP/1.1\nAccept: a/b").success
    assert [request.url.target for request in api.sent] == ["/prod/orders"] * 2


def test_no_vars(shell: InteractiveShell, api: Api) -> None:
    """With `--no-vars`, braces are text wherever they stand, closed or not."""
    run(shell, "%apigw POST /orders/{{b -d 'a {{ c' --no-vars")
    run(shell, "%%apigw --no-vars\nPOST /orders/{{b}}\nA: {{ c\n\nx {{ d }} {{")
    assert [request.url.path for request in api.sent] == ["/prod/orders/%7B%7Bb", "/prod/orders/%7B%7Bb%7D%7D"]
    assert [request.content for request in api.sent] == [b"a {{ c", b"x {{ d }} {{"]


def test_quiet(shell: InteractiveShell, api: Api, capsys: pytest.CaptureFixture[str]) -> None:
    """`-q` shows no status line."""
    run(shell, "df = %apigw /orders -q")
    assert capsys.readouterr().out == ""
    assert len(api.sent) == 1


def test_dry_run(shell: InteractiveShell, api: Api, capsys: pytest.CaptureFixture[str]) -> None:
    """`--dry-run` shows what would be sent and signed, and sends nothing."""
    assert run(shell, "%apigw POST /orders -d '{\"a\": 1}' --dry-run").result is None
    shown = capsys.readouterr().out
    assert shown.startswith("POST https://abc.execute-api.eu-west-1.amazonaws.com/prod/orders\n")
    assert "Canonical request\nPOST\n/prod/orders\n" in shown
    assert "secret-key-of-the-tests" not in shown
    assert api.sent == []


def test_single_braces_mean_nothing(shell: InteractiveShell, api: Api) -> None:
    """IPython expands neither `{x}` nor `$x` in the line."""
    run(shell, "x = 'no'")
    run(shell, "%apigw /orders?q={x}$x")
    assert api.sent[0].url.query == "q=%7Bx%7D%24x"


def test_expected_refusal_into_a_name(shell: InteractiveShell, api: Api) -> None:
    """A refusal that was wanted has no value but itself: `-o` holds the Response."""
    run(shell, "%apigw POST /orders --expect 403 -o refused")
    assert shell.user_ns["refused"].status_code == 403
    run(shell, "%apigw POST /orders --expect 403 --raw -o raw")
    assert shell.user_ns["raw"].status_code == 403
    assert len(api.sent) == 2


def test_semicolon_asks_for_no_output(shell: InteractiveShell, api: Api) -> None:
    """A semicolon at the end of a line is IPython's, not the request's."""
    run(shell, "%apigw /orders?limit=1;")
    assert api.sent[0].url.query == "limit=1"


def test_file_from_a_line(shell: InteractiveShell, api: Api, tmp_path: Path) -> None:
    """`-d '< file'` sends a file, as it does in a cell."""
    (tmp_path / "order.json").write_text('{"id": 1}')
    run(shell, f"%apigw POST /orders -d '< {tmp_path}/order.json' --expect 403")
    assert api.sent[0].content == b'{"id": 1}'


def test_no_password_in_an_error(shell: InteractiveShell, api: Api, capsys: pytest.CaptureFixture[str]) -> None:
    """A URL that is refused for the password in it does not show the password."""
    run(shell, "%apigw connect https://me:hush-hush@abc.execute-api.eu-west-1.amazonaws.com/prod")
    assert "hush-hush" not in capsys.readouterr().out
    assert api.sent == []


def test_a_url_does_not_take_the_credentials_along(shell: InteractiveShell, api: Api, state: State) -> None:
    """Another API is connected to with what boto3 finds, not with the current connection's identity."""
    before = state.connections.find()
    result = run(shell, "%apigw connect https://xyz.execute-api.us-east-1.amazonaws.com/prod")
    assert isinstance(result.error, errors.CredentialsError)
    assert "No AWS credentials were found." in str(result.error)
    assert state.connections.find() is before
    assert api.sent == []


def test_interrupt(shell: InteractiveShell, api: Api, capsys: pytest.CaptureFixture[str]) -> None:
    """An interrupt comes through as one, and the connection is usable."""
    result = run(shell, "%apigw /interrupt")
    assert isinstance(result.error, KeyboardInterrupt)
    assert capsys.readouterr().out == "Interrupted; the GET changed nothing.\n"
    assert isinstance(run(shell, "%apigw DELETE /interrupt").error, KeyboardInterrupt)
    assert capsys.readouterr().out == (
        "Interrupted.\nThe server may have processed this DELETE: look before it is sent again.\n"
    )
    assert run(shell, "%apigw /orders").success
    assert len(api.sent) == 3


def test_a_fault_of_ours_shows_no_variables(
    shell: InteractiveShell, api: Api, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever goes wrong inside comes out as an error that says it is our fault, without message and frames."""
    run(shell, "%xmode Verbose")
    result = run(shell, "%apigw /fault")
    assert "apigw_magic failed: ZeroDivisionError" in str(result.error)
    shown = capsys.readouterr().out
    assert "SECRET-IN-A-FAULT" not in shown
    assert "secret-key-of-the-tests" not in shown
    assert result.error.__context__ is None
    assert len(api.sent) == 1
