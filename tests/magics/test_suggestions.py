"""The text before the cursor and what is suggested there, by tables."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apigw_magic.magics import surroundings, vocabulary
from apigw_magic.magics.options import COMMANDS, CONNECT_OPTIONS, REQUEST_OPTIONS
from apigw_magic.magics.suggestions import _VALUES, suggest
from apigw_magic.text import METHODS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apigw_magic.magics.options import Command, Option

_NAMES = tuple(command.name for command in COMMANDS if command.name and not command.takes_cell)


@dataclass
class Connected:
    """A connection."""

    name: str
    url: str
    region: str = "eu-west-1"


@dataclass
class Connections:
    """Two connections to one API, the first one current, and one to another."""

    all: list[Connected] = field(
        default_factory=lambda: [
            Connected("reader", "https://abc/prod"),
            Connected("writer", "https://abc/prod"),
            Connected("stranger", "https://xyz/dev", "us-east-1"),
        ]
    )

    @property
    def current(self) -> Connected | None:
        """The first."""
        return self.all[0] if self.all else None

    def __iter__(self) -> Iterator[Connected]:
        return iter(self.all)


@dataclass
class Sent:
    """A request that was sent."""

    connection: str
    method: str
    target: str
    status: int | None = 200
    error: str = ""


class Shell:
    """Names, and a value that nobody may look at."""

    def __init__(self) -> None:
        self.user_ns: dict[str, object] = {"order_id": 7, "orders": [], "_secret": 1, "In": [], "not a name": 1}
        self.user_ns_hidden: dict[str, object] = {"In": []}


@dataclass
class Known:
    """A notebook in which requests were sent."""

    connections: Connections = field(default_factory=Connections)
    shell: Shell = field(default_factory=Shell)
    history: list[Sent] = field(
        default_factory=lambda: [
            Sent("reader", "GET", "/orders?key=SECRET"),
            Sent("writer", "POST", "/orders/7/lines?", 403, "AccessDeniedException"),
            Sent("reader", "GET", "/customers"),
            Sent("stranger", "GET", "/elsewhere", None, "the API could not be reached"),
        ]
    )


@pytest.fixture(autouse=True)
def nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """No profiles and no project but the test's own."""
    monkeypatch.setenv("AWS_CONFIG_FILE", "")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "")
    monkeypatch.setattr(surroundings, "project_names", lambda: ("shop",))


@pytest.mark.parametrize(
    ("text", "fragment", "words"),
    [
        # Commands and methods.
        ("%apigw ", "", (*_NAMES, *METHODS)),
        ("%apigw con", "con", ("connect",)),
        ("%apigw de", "de", ("demo", "DELETE")),
        ("%apigw ge", "ge", ("GET",)),
        ("  %apigw GE", "GE", ("GET",)),
        ("x = 1\n%apigw whoa", "whoa", ("whoami",)),
        ("%%time\n%apigw whoa", "whoa", ("whoami",)),
        ("df = %apigw PAT", "PAT", ("PATCH",)),
        ('d["a"], b = %apigw PAT', "PAT", ("PATCH",)),
        ("%%apigw ge", "ge", ("GET",)),
        ("%%apigw con", "con", ()),
        ("%%apigw a", "a", ("access",)),
        ("%%apigw access ", "", ("reader", "writer", "stranger", "--send", "--out", "--yes", "--quiet")),
        ("%%apigw access reader w", "w", ("writer",)),
        ("%%apigw access reader writer s", "s", ("stranger",)),
        ("%apigw acc", "acc", ()),
        ("%apigw -o x con", "con", ()),
        ("%apigw demo ", "", ("stop", "--endpoint")),
        ("%apigw demo s", "s", ("stop",)),
        ("%apigw demo stop ", "", ("--endpoint",)),
        # Connections, new ones and those that there are.
        ("%apigw use ", "", ("reader", "writer", "stranger")),
        ("%apigw close w", "w", ("writer",)),
        ("%apigw renew S", "S", ("stranger",)),
        ("%apigw whoami reader ", "", ()),
        ("%apigw connect s", "s", ("shop",)),
        ("%apigw connect https", "https", ("https://abc/prod", "https://xyz/dev")),
        ("%apigw GET /x --as ", "", ("reader", "writer", "stranger")),
        ("%apigw GET /x --as=wr", "wr", ("writer",)),
        ("%apigw GET /x --as 'wr", "wr", ("writer",)),
        ("%apigw GET /x --as writer,", "", ("reader", "stranger")),
        ("%apigw GET /x --as reader,writer,s", "s", ("stranger",)),
        ("%apigw again --as w", "w", ("writer",)),
        ("%%apigw --as w", "w", ("writer",)),
        # Paths: of connections to the same API, without queries, the last and those of the method first.
        ("%apigw /", "/", ("/customers", "/orders", "/orders/7/lines")),
        ("%apigw GET /or", "/or", ("/orders", "/orders/7/lines")),
        ("%apigw post /or", "/or", ("/orders/7/lines", "/orders")),
        ("%apigw --as stranger GET /", "/", ("/elsewhere",)),
        ("%apigw --as stranger,writer GET /e", "/e", ("/elsewhere",)),
        ("%apigw --as nobody GET /", "/", ()),
        ("%%apigw GET /c", "/c", ("/customers",)),
        ("%apigw FETCH /", "/", ()),
        ("%apigw GET /x /", "/", ()),
        ("%apigw GET /orders?", "/orders?", ()),
        ("%apigw connect /", "/", ()),
        # Values.
        ("%apigw --expect 40", "40", ("400", "401", "403", "404", "409", "403/AccessDeniedException")),
        ("%apigw --expect 403/", "403/", ("403/AccessDeniedException",)),
        ("%apigw connect --service l", "l", ("lambda",)),
        ("%apigw connect --region us-east", "us-east", ("us-east-1", "us-east-2")),
        ("%apigw connect --profile ", "", ()),
        ("%apigw -o ", "", ()),
        ("%apigw GET /x --save f", "", ()),
        ("%apigw GET /x -d ", "", ()),
        # Headers on the line: the quote stays open for the value.
        ("%apigw GET /x -H Con", "Con", ("'Content-Type: ",)),
        ("%apigw GET /x -H 'con", "con", ("Content-Type: ",)),
        ('%apigw GET /x --header="con', "con", ("Content-Type: ",)),
        ("%apigw GET /x -H 'Content-Type: a' -H 'con", "con", ()),
        ("%apigw GET /x -H 'Accept: text/c", "text/c", ("text/csv",)),
        ("%apigw GET /x -H Accept:text/c", "", ()),
        ("%apigw connect --header 'X-A", "X-A", tuple(f"{name}: " for name in vocabulary.HEADERS if "X-A" in name)),
        # A line that goes on after a backslash.
        ("%apigw connect https://a/b \\\n  --serv", "--serv", ("--service",)),
        ("%apigw connect https://a/b \\\n  --region x \\\n  --service app", "app", ("appsync",)),
        # Not ours, or nothing to say.
        ("%apigw", "", ()),
        ("%%apigw", "", ()),
        ("%apigwx ", "", ()),
        ("use ", "", ()),
        ("%timeit use ", "", ()),
        ("x = 3 # = %apigw us", "", ()),
        ("%apigw use\nwr", "", ()),
        ("%apigw GET /x -H 'Accept: a'", "", ()),
        ("%apigw GET \"/x 'y' ", "/x 'y' ", ()),
        ("", "", ()),
    ],
)
def test_on_the_line(text: str, fragment: str, words: tuple[str, ...]) -> None:
    """The line tells what may stand at its end."""
    found = suggest(text, Known())
    assert (found.fragment, found.words) == (fragment, words)
    assert not found.is_shared


@pytest.mark.parametrize(
    ("text", "fragment", "words"),
    [
        # The request line, here or on the magic line; comments and blank lines may stand above it.
        ("%%apigw\nPO", "PO", ("POST",)),
        ("%%apigw -o x\n# c\n\n  pa", "pa", ("PATCH",)),
        ("\n %%apigw\nde", "de", ("DELETE",)),
        ("%%apigw\n", "", (*METHODS, "/customers", "/orders", "/orders/7/lines")),
        ("%%apigw\nGET /c", "/c", ("/customers",)),
        ("%%apigw\nPOST ", "", ("/orders/7/lines", "/customers", "/orders")),
        ("%%apigw\n/c", "/c", ("/customers",)),
        ("%%apigw --as stranger\n/", "/", ("/elsewhere",)),
        ("%%apigw --as 'stranger\n/e", "/e", ()),
        ("%%apigw\nGET /orders HT", "HT", ()),
        ("%%apigw\nGET /orders?", "/orders?", ()),
        ("%%apigw\n# us", "", ()),
        # Headers.
        ("%%apigw\nGET /orders\ncont", "cont", ("Content-Type: ",)),
        ("%%apigw GET /orders\n  acc", "acc", ("Accept: ", "Accept-Language: ")),
        ("%%apigw\nGET /orders\n?a=b\n# c\nAccept: a/b\nacc", "acc", ("Accept-Language: ",)),
        ("%%apigw -H 'accept: a/b'\nGET /orders\nacc", "acc", ("Accept-Language: ",)),
        ("%%apigw\nPOST /orders\nContent-Type: text/p", "text/p", ("text/plain; charset=utf-8",)),
        ("%%apigw\nPOST /orders\nAccept: text/csv, application/x", "application/x", vocabulary.MEDIA_TYPES[3:6]),
        ("%%apigw\nPOST /orders\nX-Api-Key: a", "", ()),
        ("%%apigw\nPOST /orders\n?", "", ()),
        ("%%apigw\nPOST /orders\n# a", "", ()),
        # Content.
        ("%%apigw\nPOST /orders\n\nCon", "", ()),
        ("%%apigw\nPOST /orders\n{", "", ()),
        ('%%apigw\nPOST /orders\n{\n"a": 1\nCon', "", ()),
        ("%%apigw\nPOST /orders\n[1,\n\nGET /", "", ()),
    ],
)
def test_in_the_cell(text: str, fragment: str, words: tuple[str, ...]) -> None:
    """The lines above tell whether a line is the request line, a header or content."""
    found = suggest(text, Known())
    assert (found.fragment, found.words) == (fragment, words)
    assert not found.is_shared


@pytest.mark.parametrize(
    ("text", "fragment", "words"),
    [
        ("%apigw /{{ ord", "ord", ("order_id", "orders")),
        ("%apigw /{{ORDER", "ORDER", ("order_id", "orders")),
        ("%apigw -d '{{ ord", "ord", ("order_id", "orders")),
        ("%apigw connect --api-key '{{ _s", "_s", ("_secret",)),
        ("%apigw /{{ ", "", ("order_id", "orders")),
        ("%apigw /{{ orders[order", "order", ("order_id", "orders")),
        ("%apigw /{{ f'a' + ord", "ord", ("order_id", "orders")),
        ('%apigw /{{ {"a": {"b": 1}}[ord', "ord", ("order_id", "orders")),
        ("%apigw /{{ a }}/{{ ord", "ord", ("order_id", "orders")),
        ("%%apigw /{{ ord", "ord", ("order_id", "orders")),
        ("%%apigw\nGET /{{ ord", "ord", ("order_id", "orders")),
        ("%%apigw\nGET /x\nA: {{ ord", "ord", ("order_id", "orders")),
        ('%%apigw\nGET /x\n\n{"a": {{ order_id }}, "b": {{ ord', "ord", ("order_id", "orders")),
        ("%%apigw\nGET /x\n\n{{\n  ord", "ord", ("order_id", "orders")),
        # Attributes, strings and numbers are IPython's, or nobody's.
        ("%apigw /{{ orders.", "", ()),
        ("%apigw /{{ orders.ap", "", ()),
        ("%apigw /{{ orders['ord", "", ()),
        ("%apigw /{{ 1", "", ()),
    ],
)
def test_in_an_expression(text: str, fragment: str, words: tuple[str, ...]) -> None:
    """Within `{{ }}` names of the user's are suggested, and IPython may go on."""
    found = suggest(text, Known())
    assert (found.fragment, found.words) == (fragment, words)
    assert found.is_shared


@pytest.mark.parametrize(
    ("text", "fragment"),
    [("%apigw /{{ orders }}/or", "/{{ orders }}/or"), ("%%apigw\nPOST /x\n\n{{ orders }} ord", "")],
)
def test_behind_an_expression(text: str, fragment: str) -> None:
    """What is closed is no expression any more."""
    found = suggest(text, Known())
    assert (found.fragment, found.words, found.is_shared) == (fragment, (), False)


def _last(options: tuple[Option, ...]) -> list[str]:
    return [option.flags[-1] for option in options]


def test_options_of_a_request() -> None:
    """Long forms for two dashes, short ones as well for one; what stands there already, only if it may again."""
    assert list(suggest("%apigw GET /x --", Known()).words) == _last(REQUEST_OPTIONS)
    assert list(suggest("%apigw GET /x -", Known()).words) == [f for option in REQUEST_OPTIONS for f in option.flags]
    assert suggest("%apigw GET /x -o", Known()).words == ("-o",)
    once = suggest("%apigw -o a -H 'A: b' --raw --expect=403 GET /x --", Known()).words
    assert set(_last(REQUEST_OPTIONS)) - set(once) == {"--out", "--raw", "--expect"}


@pytest.mark.parametrize("command", [command for command in COMMANDS if command.name], ids=lambda command: command.name)
def test_options_of_a_command(command: Command) -> None:
    """Each command's own options, from the table."""
    assert list(suggest(f"%apigw {command.name} --", Known()).words) == [
        flag for flag in _last(command.options) if flag.startswith("--")
    ]


@pytest.mark.parametrize("text", ["%%apigw ", "%apigw GET /x ", "%apigw connect ", "%apigw connect https://a/b "])
def test_options_come_last(text: str) -> None:
    """Where a word may stand, options follow it; in the first word of a line there are commands enough."""
    options = CONNECT_OPTIONS if "connect" in text else REQUEST_OPTIONS
    assert list(suggest(text, Known()).words[-len(options) :]) == _last(options)


def test_value_that_looks_like_an_option() -> None:
    """The word after an option is its value, whatever it looks like."""
    assert suggest("%apigw --as --", Known()).words == ()
    assert "--out" in suggest("%apigw --as -o --", Known()).words


def test_sources_are_options() -> None:
    """An option of which the values are known is in the table, by that name."""
    assert _VALUES.keys() <= {*_last(REQUEST_OPTIONS), *_last(CONNECT_OPTIONS)}


def test_cell_of_a_command() -> None:
    """A command's cell is request lines, each for itself."""
    text = "%%apigw whoami\nGET /orders\n\nDE"
    assert suggest(text, Known()).words == ("DELETE",)


def test_profile_with_a_space(monkeypatch: pytest.MonkeyPatch) -> None:
    """A value with a space in it is quoted, unless a quote is open."""
    monkeypatch.setitem(_VALUES, "--profile", ("profile", lambda _known: ("my own", "other")))
    assert suggest("%apigw connect --profile my", Known()).words == ("'my own'",)
    assert suggest("%apigw connect --profile 'my", Known()).words == ("my own",)


@pytest.mark.parametrize("end", ["", " ", "-", "--as ", "GET /", "-H 'Content-Type: ", "connect ", "connect --region "])
@pytest.mark.parametrize("start", ["%apigw ", "%%apigw ", "%%apigw\n", "%%apigw\nGET /x\n"])
def test_no_question_mark(start: str, end: str) -> None:
    """No word ends in `?`, which would make the line a call for help."""
    assert not [word for word in suggest(start + end, Known()).words if word.endswith("?")]


_STARTS = ("%apigw ", "%%apigw ", "%%apigw\nPOST /orders\n")
_PIECES = (
    *("connect ", "GET ", "/orders", "--as ", "-H ", "--header=", "Accept: ", "{{ ", " }}", "\n", "\\\n", "\n\n"),
    *"'\"{}[] ,:?#=-.a\t\r\0é\ud800",
)


@settings(deadline=None)  # on a busy machine
@given(start=st.sampled_from(_STARTS), pieces=st.lists(st.sampled_from(_PIECES), max_size=12))
def test_any_text(start: str, pieces: list[str]) -> None:
    """Whatever is typed, nothing fails, and what is replaced is the end of the text."""
    text = start + "".join(pieces)
    found = suggest(text, Known())
    assert text.endswith(found.fragment)
    assert not [word for word in found.words if word.endswith("?")]


def test_without_anything() -> None:
    """A notebook without connections has methods, options and nothing else to suggest."""
    known = Known(connections=Connections([]), history=[])
    assert suggest("%apigw use ", known).words == ()
    assert suggest("%apigw GET /", known).words == ()
    assert suggest("%%apigw\n", known).words == METHODS
