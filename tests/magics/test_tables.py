"""Who the connections are, as frames: what they hold, and how they look in HTML and as text."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import boto3
import pandas as pd
import pytest

from apigw_magic.connection import Connection
from apigw_magic.errors import CredentialsError
from apigw_magic.identity import Caller, Grant, wrap_session
from apigw_magic.magics.tables import _tell_place, tabulate_connections, tabulate_identity
from apigw_magic.models import Credentials, Identity, SigningScope, Url
from tests.identity.fakes import make_caller, never_identify
from tests.magics.fakes import Api, run

if TYPE_CHECKING:
    from collections.abc import Callable

    from IPython.core.interactiveshell import InteractiveShell

KEYS = Credentials("AKIDEXAMPLE", "invented/secret+key", "invented-session-token")
SECRETS = ("invented/secret+key", "invented-session-token")
ARN = "arn:aws:sts::111122223333:assumed-role/{}/ana"
LONG_ARN = f"arn:aws:sts::111122223333:assumed-role/{'r' * 64}/{'s' * 64}"
HOSTILE = "<img src=x onerror=1>"
SCOPE = SigningScope("execute-api", "eu-west-1")
CONNECTION_DTYPES = {
    "current": "bool",
    "name": "str",
    "service": "str",
    "region": "str",
    "base URL": "str",
    "identity": "str",
    "minutes left": "Int64",
    "with": "str",
}
IDENTITY_DTYPES = {
    "connection": "str",
    "account": "str",
    "arn": "str",
    "credentials": "str",
    "expires": "datetime64[us, UTC]",
    "minutes left": "Int64",
    "renewal": "str",
    "with": "str",
    "base URL": "str",
    "service": "str",
    "region": "str",
}


class Page(HTMLParser):
    """What a browser reads: tags that are closed, texts, styles."""

    def __init__(self, html: str | None) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        assert html is not None
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag."""
        self.tags.append((tag, dict(attrs)))
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close the tag that is open."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Note a text."""
        self.texts.append(data)

    @property
    def styles(self) -> str:
        """All of them."""
        return ";".join(attrs["style"] or "" for _, attrs in self.tags if "style" in attrs)


def make(
    name: str = "reader",
    arn: str | None = ARN.format("reader"),
    minutes: float | None = 51.5,
    path: str = "/prod",
    source: str = "role reader",
) -> Connection:
    """Return a connection that asks nobody."""
    expires = None if minutes is None else datetime.now(UTC) + timedelta(minutes=minutes)
    identity = None if arn is None else Identity(arn.split(":")[4], arn)
    caller = Caller(lambda _: Grant(KEYS, expires, identity, ("profile work", source)), never_identify)
    caller.credentials()
    base = wrap_session(boto3.Session("AKIDEXAMPLE", "invented/secret+key"), "eu-west-1")
    url = Url("https", "abc.execute-api.eu-west-1.amazonaws.com", path)
    return Connection(name=name, url=url, scope=SCOPE, base=base, caller=caller, transport=Api())


def read_dtypes(frame: pd.DataFrame) -> dict[str, str]:
    """Return the dtypes by column; `str` for text, whatever pandas has for it."""
    text = pd.Series(["text"]).dtype
    return {str(column): "str" if dtype == text else str(dtype) for column, dtype in frame.dtypes.items()}


@pytest.mark.parametrize(
    "connections",
    [
        [],
        [make()],
        [make(minutes=None)],
        [make(arn=None, minutes=None)],
        [make(), make("base", minutes=None), make("unknown", None, None)],
    ],
    ids=["none", "role", "static", "unknown", "mixed"],
)
def test_the_dtypes_do_not_depend_on_what_is_missing(connections: list[Connection]) -> None:
    """Columns and dtypes are the same with no rows, and with missing values."""
    table = tabulate_connections(connections, None)
    assert isinstance(table, pd.DataFrame)
    assert read_dtypes(table) == CONNECTION_DTYPES
    assert len(table) == len(connections)


@pytest.mark.parametrize(
    "connection", [make(), make(minutes=None), make(arn=None, minutes=None)], ids=["role", "static", "unknown"]
)
def test_the_dtypes_of_an_identity(connection: Connection) -> None:
    """One row, whose dtypes do not depend on what is missing."""
    assert read_dtypes(tabulate_identity(connection)) == IDENTITY_DTYPES


def test_what_the_connections_are() -> None:
    """A row for each, in order; what is not known is missing."""
    reader, static = make(), make("base", None, None, path="/v1")
    table = tabulate_connections([static, reader], reader)
    assert table["name"].tolist() == ["base", "reader"]
    assert table["current"].tolist() == [False, True]
    assert table["base URL"].tolist() == [static.url, reader.url]
    assert table["identity"].isna().tolist() == [True, False]
    assert table["minutes left"].isna().tolist() == [True, False]
    assert table.loc[1, "identity"] == ARN.format("reader")
    assert table.loc[1, "minutes left"] == 52  # a begun one in full


def test_what_an_identity_is() -> None:
    """Account, ARN, the way of the credentials, their end in UTC."""
    connection = make()
    assert connection.expires is not None
    row = tabulate_identity(connection).loc[0]
    assert (row["account"], row["arn"]) == ("111122223333", ARN.format("reader"))
    assert row["credentials"] == "profile work → role reader"
    assert row["expires"] == pd.Timestamp(connection.expires)
    assert row["renewal"] == "by itself, before they end"


def render(frame: Any) -> str | None:
    """Return what a notebook shows of a frame; pandas' stubs do not have it."""
    html: str | None = frame._repr_html_()
    return html


DERIVED: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
    "rows": lambda frame: frame[frame["name"] != "x"] if "name" in frame else frame[frame["arn"] != "x"],
    "columns": lambda frame: frame[["service", "region"]],
    "copy": lambda frame: frame.copy(),
    "head": lambda frame: frame.head(),
    "assign": lambda frame: frame.assign(more=1),
    "concat": lambda frame: pd.concat([frame, frame]),
    "sorted": lambda frame: frame.sort_values("region"),
    "reset": lambda frame: frame.reset_index(),
    "transposed": lambda frame: frame.T,
}


@pytest.mark.parametrize("way", DERIVED)
def test_what_is_derived_is_plain(way: str) -> None:
    """Whatever is made of the tables is a DataFrame, and looks like one."""
    for table in (tabulate_connections([make()], None), tabulate_identity(make())):
        derived = DERIVED[way](table)
        assert type(derived) is pd.DataFrame
        plain = pd.DataFrame(derived)
        assert repr(derived) == repr(plain)
        assert render(derived) == render(plain)


def test_a_table_that_was_changed_in_place() -> None:
    """What no longer is what was made is shown as pandas shows it, with all that was added."""
    connections, identity, both = (
        tabulate_connections([make()], None),
        tabulate_identity(make()),
        tabulate_identity(make()),
    )
    connections["note"] = "mine"
    del identity["arn"]
    both.loc[1] = both.loc[0]
    for table in (connections, identity, both):
        plain = pd.DataFrame(table)
        assert repr(table) == repr(plain)
        assert render(table) == render(plain)
    assert "mine" in repr(connections)


def test_text() -> None:
    """Two lines for a connection, the current one marked, the names in line."""
    reader = make()
    table = tabulate_connections([reader, make("base", "arn:aws:iam::1:user/ana", None), make("x", None, None)], reader)
    url = "https://abc.execute-api.eu-west-1.amazonaws.com/prod (execute-api, eu-west-1)"
    assert repr(table).splitlines() == [
        "* reader  arn:aws:sts::111122223333:assumed-role/reader/ana (52 min left)",
        f"          {url}",
        "  base    arn:aws:iam::1:user/ana",
        f"          {url}",
        "  x       unknown (STS cannot be reached)",
        f"          {url}",
    ]
    assert str(table) == repr(table)


def test_text_of_an_identity() -> None:
    """A line for each column, but that time is told in one."""
    connection = make(minutes=None)
    assert repr(tabulate_identity(connection)).splitlines() == [
        "connection   reader",
        "account      111122223333",
        "arn          arn:aws:sts::111122223333:assumed-role/reader/ana",
        "credentials  profile work → role reader",
        "expires      never",
        "renewal      not needed",
        "base URL     https://abc.execute-api.eu-west-1.amazonaws.com/prod",
        "service      execute-api",
        "region       eu-west-1",
    ]
    lasting = make(minutes=51.5)
    assert lasting.expires is not None
    assert f"expires      {lasting.expires:%Y-%m-%d %H:%M} UTC, in 52 min" in repr(tabulate_identity(lasting))
    unknown = repr(tabulate_identity(make(arn=None)))
    assert "account      unknown (STS cannot be reached)" in unknown
    assert "arn          unknown (STS cannot be reached)" in unknown


def test_html() -> None:
    """A table with a header for each row and column; the current connection is told in more than a colour."""
    reader = make()
    page = Page(render(tabulate_connections([make("base", minutes=None), reader], reader)))
    scopes = [attrs["scope"] for tag, attrs in page.tags if tag == "th"]
    assert scopes == ["col", "col", "col", "row", "row"]
    assert [text for text in page.texts if text in {"name", "identity and base URL", "time left"}] == page.texts[:3]
    rows = [attrs for tag, attrs in page.tags if tag == "tr"]
    assert [attrs.get("aria-current") for attrs in rows] == [None, None, "true"]
    assert page.texts.count("*") == 1
    assert [tag for tag, _ in page.tags].count("strong") == 1
    assert "52 min left" in page.texts


def test_html_of_an_identity() -> None:
    """A header for each row, and its text beside it."""
    page = Page(render(tabulate_identity(make())))
    assert [attrs["scope"] for tag, attrs in page.tags if tag == "th"] == ["row"] * 9
    assert page.texts[:4] == ["connection", "reader", "account", "111122223333"]


@pytest.mark.parametrize("table", [tabulate_connections([make()], None), tabulate_identity(make())])
def test_colours_are_the_theme_s(table: pd.DataFrame) -> None:
    """No colour stands alone: each is the theme's, with one for pages that have no theme."""
    styles = Page(render(table)).styles
    assert "var(--jp-" in styles
    own = re.sub(r"var\(--jp-[\w-]+, [^()]+\)", "", styles)
    assert re.findall(r"#[0-9a-f]{3,8}|rgb|hsl|white|black|gr[ae]y", own.replace("white-space", "")) == []


def test_what_is_hostile_is_text() -> None:
    """Markup in an ARN, a URL or a profile is shown, not obeyed; as text it stays as it is."""
    connection = make(arn=f"arn:aws:iam::{HOSTILE}:user/{HOSTILE}", path=f"/{HOSTILE}", source=f"profile {HOSTILE}")
    for table in (tabulate_connections([connection], connection), tabulate_identity(connection)):
        page = Page(render(table))
        assert {tag for tag, _ in page.tags} <= {"br", "span", "strong", "table", "tbody", "td", "th", "thead", "tr"}
        assert HOSTILE in " ".join(page.texts)
        assert f"user/{HOSTILE}" in repr(table)


def test_nothing_is_cut() -> None:
    """Twelve connections, and the longest ARN there is, are shown whole; long texts may go on in the next line."""
    connections = [make(f"role-{number}", LONG_ARN, path=f"/{'v' * 200}") for number in range(12)]
    table = tabulate_connections(connections, connections[11])
    page = Page(render(table))
    assert page.texts.count(LONG_ARN) == 12
    assert "overflow-wrap: anywhere" in page.styles
    assert "overflow: hidden" not in page.styles
    assert repr(table).count(LONG_ARN) == 12
    assert len(repr(table).splitlines()) == 24
    assert LONG_ARN in repr(tabulate_identity(connections[0]))


NARROW: tuple[Any, ...] = (
    *("display.max_rows", 1),
    *("display.max_columns", 1),
    *("display.max_colwidth", 10),
    *("display.width", 20),
)


def test_display_options() -> None:
    """Its limits on rows, columns and width cut neither; without its HTML there is none of ours."""
    table, identity = tabulate_connections([make(), make("base")], None), tabulate_identity(make())
    shown = [(repr(frame), render(frame)) for frame in (table, identity)]
    with pd.option_context(*NARROW):
        assert [(repr(frame), render(frame)) for frame in (table, identity)] == shown
    with pd.option_context("display.notebook_repr_html", False):  # noqa: FBT003 - pandas' way
        assert render(table) is None
        assert render(identity) is None


def test_no_connections(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a connection the table says how to make one; it still is a table."""
    table = run(shell, "%apigw").result
    assert "No connections. Make one: %apigw connect URL --role NAME." in capsys.readouterr().out
    assert len(table) == 0
    assert read_dtypes(table) == CONNECTION_DTYPES
    page = Page(render(table))
    assert page.texts == [repr(table)]


def test_as_a_value(shell: InteractiveShell, api: Api, capsys: pytest.CaptureFixture[str]) -> None:
    """`df = %apigw` shows nothing and gives a frame to work with."""
    assert run(shell, "df = %apigw").success
    assert capsys.readouterr().out == ""
    assert run(shell, "df.query('current')['name'].tolist()").result == ["reader"]
    assert run(shell, "df.set_index('name').loc['writer', 'region']").result == "eu-west-1"
    assert run(shell, "df.shape").result == (2, 8)
    assert api.sent == []


def test_trouble_is_told() -> None:
    """Why the credentials were not renewed stands where their renewal is told."""
    caller = make_caller(KEYS, ARN.format("reader"), datetime.now(UTC) + timedelta(minutes=9.5))
    caller.trouble = CredentialsError("The SSO session has expired.", fix="Run in a terminal: aws sso login")
    base = wrap_session(boto3.Session("AKIDEXAMPLE", "invented/secret+key"), "eu-west-1")
    url = Url("https", "abc.execute-api.eu-west-1.amazonaws.com", "/prod")
    connection = Connection(name="reader", url=url, scope=SCOPE, base=base, caller=caller, transport=Api())
    row = tabulate_identity(connection).loc[0]
    assert "reader could not be renewed; its credentials last 10 min more" in row["renewal"]
    assert "aws sso login" in row["renewal"]


def test_no_secret_is_shown() -> None:
    """Neither table has a secret in it, whichever way it is looked at."""
    for table in (tabulate_connections([make()], None), tabulate_identity(make())):
        shown = repr(table) + str(render(table)) + table.to_csv()
        assert [secret for secret in SECRETS if secret in shown] == []


def test_what_goes_with_every_request_is_shown() -> None:
    """Protection, headers and what narrows the session tell two connections apart, without a value."""
    row = {"base URL": "https://x/prod", "service": "execute-api", "region": "eu-west-1", "with": ""}
    assert _tell_place(row) == "https://x/prod (execute-api, eu-west-1)"
    assert _tell_place(row | {"with": "protected, narrowed by --policy"}).endswith(
        "eu-west-1) · protected, narrowed by --policy"
    )
