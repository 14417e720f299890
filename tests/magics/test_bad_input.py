"""Bad input, of every kind: it says what is wrong and what to write, sends not a byte, and loses nothing."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from apigw_magic.errors import ApigwError
from apigw_magic.magics.extension import ApigwMagics
from tests.http.loopback import connect_to
from tests.http.wire import Wire, reply
from tests.magics.fakes import run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apigw_magic.magics.state import State

NAMES = """\
import pandas as pd
none, n, ids, order, seen = None, 1, [1, 2], {"a": 1}, []
df, text, orders = pd.DataFrame({"a": [1]}), '{"a": 1}', "before"
"""

# Each case: a cell, then the lines of its error; `*` is any line. What starts without % stands below `%%apigw`.

MAGIC_LINE = r"""
%apigw 'GET /orders
  ! A ' that is not closed: 'GET /orders
  ! A quote at the start of a word groups until the same quote before a space.
  ! Close it; if the word itself starts with ', quote the word with " instead.

%apigw GET
  ! A method without a target: GET
  ! Write GET /orders

%apigw GTE /orders
  ! GTE is no method: GTE /orders
  ! Did you mean GET /orders?

%apigw orders
  ! There is no command 'orders'.
  ! A path starts with a slash: %apigw /orders

%apigw conect https://x
  ! There is no command 'conect'.
  ! Did you mean %apigw connect?

%apigw -q
  ! There is no target.
  ! Write %apigw GET /path

%apigw GET /orders /lines
  ! %apigw does not take '/lines'.
  ! Write %apigw [METHOD] target; quote what contains spaces.

%apigw GET /orders # all
  ! A comment stands in a cell, not on the line.
  ! Write %%apigw, and it below.

%apigw GET /orders?q={{ n
  ! {{ without }}: {{ n
  ! Close it with }}; braces that are text are inserted: {{ "{{" }}

%apigw use redaer
  ! There is no connection 'redaer'.
  ! Connections: reader.
  ! Did you mean reader?

%apigw last now
  ! %apigw last does not take 'now'.
  ! Write %apigw last

%%apigw use reader
GET /orders
  ! use is a line command.
  ! Write %apigw use with one percent sign.

%%apigw df
GET /orders
  ! 'df' is not a request line.
  ! To put the value into it, write -o df

%apigw demo stop
  ! No local account runs here.
  ! Start one: %apigw demo
"""

REQUEST_LINE = r"""
GTE /orders
  ! Line 2: GTE is no method: GTE /orders
  ! Did you mean GET /orders?

orders
  ! Line 2: not a request line: orders
  ! A request line is a method and a target.
  ! Write GET /orders?status=open

GET
  ! Line 2: a method without a target: GET
  ! Write GET /orders

GET api.example.com/orders
  ! Line 2: the target is neither a path nor a URL: GET api.example.com/orders
  ! A path starts with a slash, and a URL with its scheme.
  ! Write GET https://api.example.com/orders

POST/orders
  ! Line 2: no space after the method: POST/orders
  ! Write POST /orders

GET /orders 1
  ! Line 2: a space in the target: GET /orders 1
  ! A space is %20: GET /orders%201

GET /orders -o df
  ! Line 2: an option in the request line: GET /orders -o df
  ! Options stand on the magic line: %%apigw -o orders

GET /orders # all
  ! Line 2: a comment in the request line: GET /orders # all
  ! A comment has a line of its own, which starts with #

?status=open
GET /orders
  ! Line 2: a query line, and no request line above it: ?status=open
  ! A request line stands above the query, the headers and the content.
  ! Write GET /orders?status=open

{"a": 1}
  ! Line 2: content, and no request line above it: {"a": 1}
  ! A request line stands above the query, the headers and the content.
  ! Write POST /orders above it

GET /orders
GET /lines
  ! Line 3: a second request line: GET /lines
  ! The first one is on line 2.
  ! One cell is one request: put it into a cell of its own.

GET /orders
&status=open now
  ! Line 3: a space in the target: &status=open now
  ! A space is %20: &status=open%20now

GET /orders
A: b
&c=d
  ! Line 4: a query line below a header: &c=d
  ! Query lines stand between the request line and the headers.
"""

HEADERS = r"""
GET /orders
Accept=json
  ! Line 3: a header without a colon: Accept=json
  ! Write Accept: json

GET /orders
Accept json
  ! Line 3: neither a header nor a query line: Accept json
  ! Content starts after a blank line, or at a line that starts with { or [.
  ! Put a blank line above the content; a header looks like Accept: application/json

GET /orders
"Accept": "json",
  ! Line 3: '"Accept"' is no header name: "Accept": "json",
  ! Content starts after a blank line.
  ! Write Accept: json

GET /orders
-o df
  ! Line 3: an option in the cell: -o df
  ! Options stand on the magic line: %%apigw -o df

GET /orders
Host: evil.example
  ! The header Host cannot be set.
  ! Signing needs it: it follows from the URL, but for a VPC endpoint's, where it names an API's own host.
  ! Leave it out.

GET /orders
Authorization: Bearer x
X-Amz-Date: now
  ! The headers Authorization and X-Amz-Date cannot be set.
  ! Signing and sending need them: they follow from the URL, the content and the credentials.
  ! Leave them out.

GET /orders
Accept: a
accept: b
  ! The header accept stands twice.
  ! A signature covers one value of each header.
  ! Write one line, with the values joined by commas if the API takes a list.

GET /orders
A: b
X-A: {{ 'a\nB: c' }}
  ! Line 4: the header X-A holds a line break or NUL.
  ! It would start a header of its own.
  ! Take it out, such as with .strip(), or encode the value as the API expects.

GET /orders
X-A: {{ none }}
  ! Line 3: {{ none }} is missing: its value is None.
  ! Give it a value first; an empty text is ''

%apigw GET /orders -H Accept
  ! What stands after -H has no colon.
  ! Write -H 'Name: value'

%apigw GET /orders -H 'A B: c'
  ! 'A B' is not a header name.
  ! A name is letters, digits and a few signs, without spaces.
  ! Write it as Name: value
"""

CONTENT = r"""
POST /orders
{
  "a": 1,
  "b": True
}
  ! Line 5: the content is not valid JSON: "b": ⟵ here: True
  ! Expecting value.
  ! JSON writes true.

POST /orders
{
  "a": 1
  "b": 2
}
  ! Line 5: the content is not valid JSON: ⟵ here: "b": 2
  ! Expecting ',' delimiter.
  ! Put a comma before it.

POST /orders
{"a": 1}
{"a": 2}
  ! Line 4: the content is not valid JSON: ⟵ here: {"a": 2}
  ! Extra data.
  ! For one document on each line, add the header Content-Type: application/x-ndjson

POST /orders
[1,
 NaN]
  ! Line 4: the content is not valid JSON: it holds NaN.
  ! JSON writes null.

POST /orders

[draft] hello
  ! Line 4: the content is not valid JSON: [ ⟵ here: draft] hello
  ! Expecting value.
  ! Text that is not JSON needs a Content-Type, such as text/plain; charset=utf-8

POST /orders
hello
  ! Line 3: neither a header nor a query line: hello
  ! Content starts after a blank line, or at a line that starts with { or [.
  ! Put a blank line above the content; a header looks like Accept: application/json

POST /orders
Content-Type: application/json

{{ text }}
  ! Line 5: {{ text }} is JSON text already, and would be sent as one quoted string.
  ! In JSON content, {{ }} inserts a value.
  ! Insert {{ json.loads(text) }}, or take Content-Type away to send the text as it is.

POST /orders
Content-Type: text/csv; charset=latin-1

a
  ! Line 3: Content-Type says charset=latin-1, and text is sent as UTF-8.
  ! Write charset=utf-8, or send a file: < path

POST /orders

< nowhere.json
  ! Line 4: cannot read the file nowhere.json: No such file or directory.
  ! *
  ! Write its path: < data/orders.json

GET /orders

hello
  ! Line 4: a GET request has no content: hello
  ! API Gateway's front door answers it with 403 before IAM is asked.
  ! Put the values into the query, or send a POST.

GET /orders

Accept: text/csv
  ! Line 4: a blank line above it makes this content: Accept: text/csv
  ! Remove the blank line.

%%apigw -d 1
POST /orders

2
  ! The content stands twice: after -d and in the cell.
  ! Keep one of them.

%apigw POST /orders -d '{"a": True}'
  ! The content is not valid JSON: line 1, column 7: {"a": ⟵ here: True}
  ! Expecting value.
  ! JSON writes true.
"""

INTERPOLATION = r"""
GET /orders?q={{ odrer }}
  ! Line 2: {{ odrer }} failed: NameError: name 'odrer' is not defined
  ! Nothing was sent.
  ! Did you mean order?

GET /orders?q={{ nothing_like_it }}
  ! Line 2: {{ nothing_like_it }} failed: NameError: name 'nothing_like_it' is not defined
  ! Nothing was sent.
  ! Assign nothing_like_it first, in a cell that has been run.

POST /orders

{{ seen.append(n) }}
{{ seen.pop(0) and order['b'] }}
  ! Line 5: {{ seen.pop(0) and order['b'] }} failed: KeyError: 'b'
  ! Nothing was sent.

GET /orders?q={{ n
  ! Line 2: {{ without }}: {{ n
  ! Close it with }}; braces that are text are inserted: {{ "{{" }}

GET /orders?q={{ }}
  ! Line 2: {{ }} without an expression in it.
  ! Write an expression, such as {{ order_id }}; braces that are text are inserted: {{ "{{" }}

GET /orders?q={{ n n }}
  ! Line 2: not a Python expression: {{ n n }}
  ! *
  ! Write an expression, such as {{ order_id }}; braces that are text are inserted: {{ "{{" }}

GET /orders?q={{ n:03d }}
  ! Line 2: not a Python expression: {{ n:03d }}
  ! *
  ! There are no conversions or formats in {{ }}: {{ format(n, '03d') }}

POST /orders
{"a": {{{ n }}}}
  ! Line 3: {{ { n } }} is a set, which has no form in a request.
  ! Write sorted({ n }): a set has no order.

POST /orders
{"a": {{ float("inf") }}}
  ! Line 3: {{ float("inf") }} holds an infinite number.
  ! Neither JSON nor a URL has a form for it.
  ! Insert a finite number, or text.

POST /orders
{"a": "{{ order }}"}
  ! Line 3: {{ order }} is a dict, and a single value goes here.
  ! Pick one value of it, or write its text: json.dumps(order)

POST /orders
{"a": "\{{ n }}"}
  ! Line 3: {{ n }} stands after a lone backslash, in a JSON string.
  ! A backslash in a JSON string is written \\

POST /orders

{{ b"a" }}
  ! Line 4: {{ b"a" }} is a bytes, which has no form in a request.
  ! Write b"a".decode() for text, base64.b64encode(b"a").decode() for base64.

POST /orders
{{ pd.Timedelta("1h") }}
  ! Line 3: {{ pd.Timedelta("1h") }} is a Timedelta, which has no form in a request.
  ! Write pd.Timedelta("1h").total_seconds(), or str(pd.Timedelta("1h"))

POST /orders
{{ {(1, 2): 3} }}
  ! Line 3: {{ {(1, 2): 3} }} has a key that is no text: (1, 2)
  ! Name its keys or columns.
"""

TARGETS = r"""
DELETE /orders/{{ none }}
  ! Line 2: {{ none }} is missing, and stands for a segment of the path.
  ! Without it, the request would go to another resource.
  ! Give it a value first.

DELETE /orders/{{ '' }}
  ! Line 2: {{ '' }} is empty, and stands in the path or the host.
  ! Without it, the request would go to another resource.
  ! Give it a value first.

DELETE /orders/{{ '..' }}
  ! Line 2: {{ '..' }} is '..', and stands for a segment of the path.
  ! A dot segment leads to another resource (RFC 3986 §5.2.4).
  ! Insert the segment's own name.

DELETE /orders/{{ df }}
  ! Line 2: {{ df }} is a DataFrame, and stands for a segment of the path.
  ! A segment is a single value, or a list of them.

DELETE /orders/a-{{ ids }}
  ! Line 2: {{ ids }} is a list within a segment.
  ! A list becomes segments of its own.
  ! Write slashes around it, or insert one value of it.

DELETE /orders/%2{{ 'e' }}
  ! Line 2: {{ 'e' }} stands inside of an escape: %2 comes before it.
  ! Write %25 for a percent sign.

DELETE {{ '/orders?all' }}/1
  ! Line 2: {{ '/orders?all' }} has a query, and a path follows it: /1
  ! Without that path, the request would go to another resource.
  ! Take the query away, and write it behind the path.

GET /orders?{{ ids }}={{ ids }}
  ! Line 2: {{ ids }} is one of two lists in the same pair.
  ! A dict of them becomes pairs where it stands alone: ?{{ params }}

GET https://evil.example/orders
  ! https://evil.example is not the connection's host.
  ! *
  ! Write a path such as /orders, or connect to that URL first: %apigw connect https://evil.example

GET //evil.example/orders
  ! Cannot send '//evil.example/orders'.
  ! A target that starts with // names another host.
  ! Write one slash: /evil.example/orders.

GET /orders//1
  ! Cannot send '/orders//1'.
  ! An empty path segment (//) is collapsed by some servers and not by others.
  ! Write one slash.

GET /orders/100%
  ! Cannot send '/orders/100%'.
  ! '%' is not an escape.
  ! Write %25 for a percent sign.

GET http://me:hush@127.0.0.1/orders
  ! Cannot send 'http://…@127.0.0.1/orders'.
  ! A user name or password in a URL ends in logs.
  ! Leave out what stands before the @.
"""

OPTIONS = r"""
-o 'a b'
  ! -o cannot put the value into 'a b'.
  ! A name is letters, digits and underscores.
  ! Write -o orders

-o print
  ! -o cannot put the value into 'print'.
  ! It is a name of Python's or IPython's own.
  ! Write -o orders

--as redaer
  ! There is no connection 'redaer'.
  ! Connections: reader.
  ! Did you mean reader?

--as reader,reader
  ! --as 'reader,reader' names a connection twice.
  ! Name each once.

--timeout soon
  ! --timeout soon is not a time.
  ! Write seconds, such as --timeout 60

--timeout 0
  ! 0.0 is not a time to wait.
  ! Write seconds, up to 3600.

--timeout nan
  ! nan is not a time to wait.
  ! Write seconds, up to 3600.

--expect
  ! %apigw: --expect lacks its value.
  ! Write --expect STATUS[/TYPE]|denied

--raw=1
  ! %apigw: --raw takes no value.
  ! Write --raw alone.

--query ''
  ! --query is empty.
  ! Give it a value, or leave it out.

--expect sure
  ! 'sure' is not an answer to expect.
  ! Write a status, status/type (403/AccessDeniedException), or denied.

--query 'items['
  ! --query ends too early: something is missing after items[.
  ! Write for example --query 'Items[?price > `10`].{id: id, price: price}'

--save there.csv
  ! there.csv exists, and stays as it is.
  ! Write --save there.csv --force to replace it, or another name.

--save nowhere/a.csv
  ! There is no folder nowhere to save in.
  ! Make it: Path('nowhere').mkdir(parents=True)

--raw --json
  ! --raw and --json ask for two answers.
  ! Keep one of them.

--row
  ! %apigw has no option --row.
  ! Did you mean --raw?

--profile work
  ! %apigw has no option --profile.
  ! For one request: --as NAME. A new role: %apigw connect --role NAME

--save {{ none }}
  ! {{ none }} is missing: its value is None.
  ! Give it a value first; an empty text is ''
"""
UNTYPABLE: dict[str, list[tuple[str, ...]]] = {  # what cannot be seen, or is not to stand in a source file
    "request line": [("# all\n", "There is no request line.", "It looks like this: GET /orders?status=open")],
    "headers": [
        (
            "GET /orders\nX-Amz-Meta: \xe9",
            "The header X-Amz-Meta has a character that is not ASCII.",
            "It is signed as UTF-8 and sent as latin-1, so its signature would not hold.",
            "Encode it as the API expects: percent-encoded, base64 or JSON with escapes.",
        ),
        (
            "GET /orders\nX-A: \u4e2d",
            "The header X-A has a character that HTTP cannot carry.",
            "A value is printable latin-1 text on one line.",
            "Encode it as the API expects: percent-encoded, base64 or JSON with escapes.",
        ),
        (
            "GET /orders\nX-Api-Key: a\tb",
            "The header X-Api-Key has a tab in its value.",
            "It is signed as a space and sent as a tab, so its signature would not hold.",
            "Write a space.",
        ),
    ],
    "content": [
        (
            "POST /orders\n\na\n\ud800",
            "Line 5: the content holds half a character ('\\ud800'): it cannot be sent as UTF-8.",
            "Type that character anew.",
        ),
    ],
    "targets": [
        (
            "GET /orders/\u200b",
            "Cannot send '/orders/\\u200b'.",
            "It begins or ends with white space or an invisible character.",
            "Take that away.",
        ),
    ],
}

KINDS = {
    "magic line": MAGIC_LINE,
    "request line": REQUEST_LINE,
    "headers": HEADERS,
    "content": CONTENT,
    "interpolation": INTERPOLATION,
    "targets": TARGETS,
    "options": OPTIONS,
}
_CASE = re.compile(r"\n((?:(?!  ! ).*\n)+)((?:  ! .*\n)+)")
_OWN = re.compile(r"_i+|_i\d+|_ih|_dh|_oh|In|Out|_exit_code")
"""IPython's own names: what was typed, which a failing cell adds to."""


def read_cases() -> Iterator[tuple[str, str, list[str]]]:
    """Yield the kind, the cell and the lines of the error of each case."""
    for kind, written in KINDS.items():
        cases = _CASE.findall(written)
        assert "".join(f"\n{cell}{told}" for cell, told in cases) == written
        yield from ((kind, cell.removesuffix("\n"), re.findall("  ! (.*)\n", told)) for cell, told in cases)
        yield from ((kind, cell, lines) for cell, *lines in UNTYPABLE.get(kind, ()))


def write(kind: str, cell: str) -> str:
    """Return a cell as it is run, its value bound for a name that is taken."""
    if kind == "options":
        return f"%apigw /orders {cell}" if "-o" in cell else f"%apigw /orders -o orders {cell}"
    return cell if cell.startswith("%") else f"%%apigw -o orders\n{cell}"


@dataclass(frozen=True)
class Desk:
    """A notebook that is connected to a server on this machine."""

    shell: InteractiveShell
    state: State
    wire: Wire

    def look(self) -> tuple[list[object], tuple[object, ...]]:
        """Return what a cell must leave as it is: objects that are to be the same ones, and what is said of them."""
        names = {name: value for name, value in self.shell.user_ns.items() if not _OWN.fullmatch(name)}
        answers: dict[int, object] = self.shell.user_ns["Out"]
        connections = list(self.state.connections)
        kept = [self.state.last, self.state.asked, self.state.connections.current, self.state.demo]
        said = repr([names[name] for name in ("orders", "order", "ids", "df", "seen", "_")])
        facts = (list(names), list(answers), len(connections), len(self.state.history), said, sorted(Path().iterdir()))
        return [*names.values(), *answers.values(), *connections, *kept], facts


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A notebook in which some cells have been run, in a folder of its own."""
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    folder, before = tmp_path_factory.mktemp("notebook"), Path.cwd()
    (folder / "there.csv").touch()
    os.chdir(folder)
    shell = InteractiveShell.instance(config=config, ipython_dir=str(tmp_path_factory.mktemp("ipython")))
    try:
        shell.run_line_magic("load_ext", "apigw_magic")
        state: State = shell.magics_manager.registry[ApigwMagics.__name__]._state
        with Wire(reply(b'{"items": [{"id": 1}]}', fields="Content-Type: application/json\r\n")) as wire:
            state.connections.add(connect_to(wire))
            for cell in (NAMES, "%apigw /orders", "'underscore'"):
                assert run(shell, cell).success
            yield Desk(shell, state, wire)
    finally:
        InteractiveShell.clear_instance()
        os.chdir(before)


CASES = list(read_cases())


@pytest.mark.parametrize(("kind", "cell", "lines"), CASES)
def test_bad_input(desk: Desk, kind: str, cell: str, lines: list[str]) -> None:
    """The cell fails in two or three lines, sends nothing and changes nothing; the next good cell works."""
    kept, facts = desk.look()
    received, requests, connections = desk.wire.received, len(desk.wire.requests), desk.wire.connections
    error = run(desk.shell, write(kind, cell)).error
    assert isinstance(error, ApigwError)
    assert len(error.lines) in {2, 3}
    assert [line if wanted != "*" else "*" for line, wanted in zip(error.lines, lines, strict=True)] == lines
    assert not [line for line in error.lines if not line.isprintable() or len(line) > 200]
    kept_now, facts_now = desk.look()
    assert facts_now == facts
    assert all(now is before for now, before in zip(kept_now, kept, strict=True))
    assert run(desk.shell, "%apigw /orders").result.shape == (1, 1)
    assert len(desk.wire.requests) == requests + 1
    assert desk.wire.received - received == len(desk.wire.requests[-1])
    assert desk.wire.connections == connections
    assert run(desk.shell, "%apigw last").result is desk.state.last


def test_there_are_enough_of_them() -> None:
    """Ten cases of each kind at least, and forty messages that differ by more than what they show."""
    kinds = [kind for kind, _, _ in CASES]
    assert min(kinds.count(kind) for kind in KINDS) >= 10
    told = {lines[0].removeprefix("Line ").lstrip("0123456789: ") for _, _, lines in CASES}
    assert len({re.sub(r"'[^']*'|\{\{.*?\}\}|: .*", "", what) for what in told}) >= 40


@pytest.mark.parametrize(
    "cell",
    [
        "%apigw /orders/{{ seen.append(1) or n }}/{{ 1 / 0 }}",
        "%%apigw\nPOST /orders?a={{ seen.append(2) }}\n\n{{ nope }}",
        "%apigw POST /orders -d '{{ seen.append(3) or order }}' --timeout {{ none }}",
    ],
)
def test_half_an_expansion_sends_nothing(desk: Desk, cell: str) -> None:
    """If the second expression fails, the first has run once at most, and nothing was sent."""
    received, seen = desk.wire.received, len(desk.shell.user_ns["seen"])
    assert isinstance(run(desk.shell, cell).error, ApigwError)
    assert desk.wire.received == received
    assert len(desk.shell.user_ns["seen"]) <= seen + 1


def test_a_name_of_a_function(desk: Desk) -> None:
    """`df = %apigw …` in a function sees its names, and what they hold is checked as anywhere."""
    source = "{{ [order_id for _ in ids][0] }}"
    run(desk.shell, f"def get(order_id):\n    found = %apigw DELETE /orders/{source}\n    return found")
    received = desk.wire.received
    for value in ("None", "''", "'..'", "float('nan')"):
        error = run(desk.shell, f"get({value})").error
        assert isinstance(error, ApigwError)
        assert error.what.startswith(f"{source} is ")
    assert desk.wire.received == received
    assert run(desk.shell, "get('a/b')").success
    assert desk.wire.requests[-1].startswith(b"DELETE /prod/orders/a%2Fb HTTP/1.1\r\n")
