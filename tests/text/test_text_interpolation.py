"""`{{ }}`: every type in every place; what never leaves its place; what is evaluated once, and nothing by halves."""

from __future__ import annotations

import datetime as dt
import enum
import itertools
import re
from decimal import Decimal
from http import HTTPStatus
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any
from uuid import UUID

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from apigw_magic import http
from apigw_magic.connection import Expectation
from apigw_magic.errors import ApigwError, CommandError, RequestSyntaxError
from apigw_magic.magics.arguments import expand_arguments, parse_arguments
from apigw_magic.magics.asking import Reading, read_line
from apigw_magic.magics.connecting import _evaluate_secret, _read_policy
from apigw_magic.magics.options import COMMANDS, CONNECT_OPTIONS
from apigw_magic.models import Request
from apigw_magic.text import Evaluate, build_request, evaluate_in, parse_message
from tests.http.loopback import connect_to
from tests.http.wire import Wire, reply

if TYPE_CHECKING:
    from collections.abc import Iterator


class Colour(enum.Enum):
    """An enumeration of texts."""

    RED = "red"


class Named:
    """An object that has a text."""

    def __str__(self) -> str:
        return "named"


class Broken(PurePosixPath):
    """A path whose text cannot be had."""

    def __str__(self) -> str:
        raise RuntimeError("no text")


class Unprintable:
    """An object whose text cannot be had; nobody asks for it."""

    def __str__(self) -> str:
        raise RuntimeError("no text")


def always(value: object) -> Evaluate:
    """Return what gives every expression this value."""
    return lambda _: value


def build(cell: str, value: object) -> Request:
    """Return the request that a cell is, every expression of which has this value."""
    return build_request(parse_message(cell), always(value))


def write(cell: str, value: object) -> str:
    """Return the content of the request, else its only header value, else its target."""
    request = build(cell, value)
    if request.content:
        return request.content.decode()
    return request.headers[0][1] if request.headers else request.target


def refuse(cell: str, value: object) -> str:
    """Return why a cell is refused."""
    with pytest.raises(RequestSyntaxError) as caught:
        build(cell, value)
    assert 2 <= len(caught.value.lines) <= 3
    assert re.match(r"Line \d: ", caught.value.what)
    return str(caught.value)


TIME = "2024-02-29T12:00:00"
TIME_ENCODED = "2024-02-29T12%3A00%3A00"
ID = "00000000-0000-0000-0000-000000000001"
TOKYO = dt.timezone(dt.timedelta(hours=9))

SINGLE: list[tuple[object, str, str, str]] = [  # the value; in a URL, as text, as JSON
    ("a b", "a%20b", "a b", '"a b"'),
    ("x" * 100_000, "x" * 100_000, "x" * 100_000, f'"{"x" * 100_000}"'),
    (-42, "-42", "-42", "-42"),
    (2**70, "1180591620717411303424", "1180591620717411303424", "1180591620717411303424"),
    (True, "true", "true", "true"),
    (1.5, "1.5", "1.5", "1.5"),
    (1e-07, "1e-07", "1e-07", "1e-07"),
    (1e22, "1e%2B22", "1e+22", "1e+22"),
    (np.int64(7), "7", "7", "7"),
    (np.float64(0.1), "0.1", "0.1", "0.1"),
    (np.False_, "false", "false", "false"),
    (np.str_("x"), "x", "x", '"x"'),
    (np.datetime64("2024-02-29T12:00:00"), TIME_ENCODED, TIME, f'"{TIME}"'),
    (np.array(5), "5", "5", "5"),
    (Decimal("1.10"), "1.10", "1.10", "1.10"),
    (UUID(int=1), ID, ID, f'"{ID}"'),
    (dt.datetime(2024, 2, 29, 12), TIME_ENCODED, TIME, f'"{TIME}"'),  # noqa: DTZ001 - users have naive ones
    (dt.datetime(2024, 2, 29, 12, tzinfo=TOKYO), f"{TIME_ENCODED}%2B09%3A00", f"{TIME}+09:00", f'"{TIME}+09:00"'),
    (pd.Timestamp(TIME, tz="UTC"), f"{TIME_ENCODED}%2B00%3A00", f"{TIME}+00:00", f'"{TIME}+00:00"'),
    (dt.date(2024, 2, 29), "2024-02-29", "2024-02-29", '"2024-02-29"'),
    (dt.time(12, 30), "12%3A30%3A00", "12:30:00", '"12:30:00"'),
    (Colour.RED, "red", "red", '"red"'),
    (PurePosixPath("a/b"), "a%2Fb", "a/b", '"a/b"'),
    ("\U0001f30d", "%F0%9F%8C%8D", "\U0001f30d", '"\U0001f30d"'),
    ("/", "%2F", "/", '"/"'),
    ("%2F", "%252F", "%2F", '"%2F"'),
    ("%2e%2e", "%252e%252e", "%2e%2e", '"%2e%2e"'),
    ("..\\", "..%5C", "..\\", '"..\\\\"'),
    ("a?b", "a%3Fb", "a?b", '"a?b"'),
    ("a#b", "a%23b", "a#b", '"a#b"'),
    ("a&b=c+d", "a%26b%3Dc%2Bd", "a&b=c+d", '"a&b=c+d"'),
    ("{{ v }}", "%7B%7B%20v%20%7D%7D", "{{ v }}", '"{{ v }}"'),
    ('"', "%22", '"', '"\\""'),
    ("\u200b", "%E2%80%8B", "\u200b", '"\u200b"'),
]


@pytest.mark.parametrize(("value", "encoded", "text", "json"), SINGLE, ids=lambda value: f"{value!s:.12}")
def test_a_single_value_has_a_form_everywhere(value: object, encoded: str, text: str, json: str) -> None:
    """It is percent-encoded in a URL, a JSON value in JSON, escaped in a JSON string, and text elsewhere."""
    assert write("GET /o/{{ v }}", value) == f"/o/{encoded}"
    assert write("GET /o/a{{ v }}.json", value) == f"/o/a{encoded}.json"
    assert write("GET /x?q={{ v }}&z", value) == f"/x?q={encoded}&z"
    assert write("GET /x?{{ v }}", value) == f"/x?{encoded}"
    assert write("GET /x?{{ v }}=1", value) == f"/x?{encoded}=1"
    assert write("GET /x\nA: -{{ v }}", value) == f"-{text}"
    assert write("POST /x\n\n-{{ v }}", value) == f"-{text}"
    assert write("POST /x\n[{{ v }}]", value) == f"[{json}]"
    quoted = json[1:-1] if json.startswith('"') else json
    assert write('POST /x\n["-{{ v }}"]', value) == f'["-{quoted}"]'
    assert write('POST /x\n{"{{ v }}": 1}', value) == f'{{"{quoted}": 1}}'
    assert write("POST /x\nContent-Type: application/json\n\n{{ v }}", value) == json


EMPTY = ["", " \t", "\u3000", "\u2028"]


@pytest.mark.parametrize("value", EMPTY)
def test_an_empty_text_stands_nowhere_in_a_path(value: str) -> None:
    """It is a value in a query, a header and content, but no segment, and no part of one."""
    said = "Line 2: {{ v }} is empty, and stands in the path or the host.\nWithout it, the request would go to another"
    for target in ("/o/{{ v }}", "/o/a{{ v }}", "/o/{{ v }}/x", "{{ v }}", "https://{{ v }}/x"):
        assert refuse(f"GET {target}", value).startswith(said)
    assert write("GET /x?q={{ v }}", "") == "/x?q="
    assert write("GET /x?{{ v }}=1", "") == "/x?=1"
    assert write("GET /x\nA: -{{ v }}", "") == "-"
    assert write("POST /x\n\n-{{ v }}", "") == "-"
    assert write('POST /x\n[{{ v }}, "{{ v }}"]', "") == '["", ""]'
    assert build("POST /x\n{{ v }}", "") == Request("POST", "/x")


NO_VALUES = [None, float("nan"), np.float64("nan"), pd.NA, pd.NaT, np.datetime64("NaT", "s"), Decimal("NaN")]


@pytest.mark.parametrize("value", NO_VALUES, ids=repr)
def test_a_missing_value(value: object) -> None:
    """It drops its pair of a query, is null in JSON, and an error elsewhere."""
    assert refuse("GET /o/{{ v }}", value) == (
        "Line 2: {{ v }} is missing, and stands for a segment of the path.\n"
        "Without it, the request would go to another resource.\nGive it a value first."
    )
    for target in ("{{ v }}", "{{ v }}/x", "https://{{ v }}/x"):
        assert "{{ v }} is missing, and stands in the path or the host.\n" in refuse(f"GET {target}", value)
    assert write("GET /x?q={{ v }}&z", value) == "/x?z"
    assert write("GET /x?q=a{{ v }}&z", value) == "/x?z"
    assert write("GET /x?{{ v }}", value) == "/x"
    assert write("GET /x?{{ v }}=1", value) == "/x"
    assert write("POST /x\n[{{ v }}]", value) == "[null]"
    for cell in (
        "GET /x\nA: {{ v }}",
        "POST /x\n\n-{{ v }}",
        "POST /x\n{{ v }}",
        'POST /x\n["{{ v }}"]',
        "PUT /x\n\n< {{ v }}",
    ):
        assert f"{{{{ v }}}} is missing: its value is {value}.\nGive it a value first" in refuse(cell, value)


SEVERAL: list[tuple[object, str, str, str, str]] = [  # as segments, as a pair, as the whole query, as JSON
    ([1, "a/b"], "/o/1/a%2Fb", "/x?q=1&q=a%2Fb&z", "/x?1&a%2Fb", '[1, "a/b"]'),
    ((1, 2), "/o/1/2", "/x?q=1&q=2&z", "/x?1&2", "[1, 2]"),
    (range(2), "/o/0/1", "/x?q=0&q=1&z", "/x?0&1", "[0, 1]"),
    (np.array([1.5, 2]), "/o/1.5/2.0", "/x?q=1.5&q=2.0&z", "/x?1.5&2.0", "[1.5, 2.0]"),
    (pd.Series(["a", "b"]), "/o/a/b", "/x?q=a&q=b&z", "/x?a&b", '["a", "b"]'),
    (pd.Index([1, 2]), "/o/1/2", "/x?q=1&q=2&z", "/x?1&2", "[1, 2]"),
    (pd.Categorical(["a", "b"]), "/o/a/b", "/x?q=a&q=b&z", "/x?a&b", '["a", "b"]'),
    ({"a": 1}.keys(), "/o/a", "/x?q=a&z", "/x?a", '["a"]'),
    ([1, None], "missing", "/x?q=1&z", "/x?1", "[1, null]"),
    (pd.Series([1, None], dtype="Int64"), "missing", "/x?q=1&z", "/x?1", "[1, null]"),
    ([], "is empty", "/x?z", "/x", "[]"),
    (pd.DataFrame({"id": []}), "is empty", "/x?z", "/x", "[]"),
    ([""], "is empty", "/x?q=&z", "/x", '[""]'),
    (["a", ".."], "is '..'", "/x?q=a&q=..&z", "/x?a&..", '["a", ".."]'),
    ([[1]], "a segment is a single value", "a query takes single", "a query takes single", "[[1]]"),
    (np.array([[1]]), "a segment is a single value", "a query takes single", "a query takes single", "[[1]]"),
    ([{"a": 1}], "a segment is a single value", "a query takes single", "a query takes single", '[{"a": 1}]'),
    (pd.DataFrame({"id": [1]}), "is a dataframe", "a query takes single", "a query takes single", '[{"id": 1}]'),
    ({"a": 1, "b": None}, "is a dict", "a query takes single", "/x?a=1", '{"a": 1, "b": null}'),
    ({"a": {"b": 1}}, "is a dict", "a query takes single", "a query takes single", '{"a": {"b": 1}}'),
    ({"a b": ["x", "y&"]}, "is a dict", "a query takes single", "/x?a%20b=x&a%20b=y%26", '{"a b": ["x", "y&"]}'),
]


@pytest.mark.parametrize(("value", "segments", "pair", "query", "json"), SEVERAL, ids=lambda value: f"{value!s:.12}")
def test_several_values(value: object, segments: str, pair: str, query: str, json: str) -> None:
    """A list becomes segments, pairs or JSON, a dict pairs or JSON; neither is a text."""
    for cell, wanted in (
        ("GET /o/{{ v }}", segments),
        ("GET /x?q={{ v }}&z", pair),
        ("GET /x?{{ v }}", query),
        ("POST /x\n[{{ v }}]", f"[{json}]"),
        ("POST /x\n{{ v }}", json),
    ):
        if wanted.startswith(("/", "[", "{")):
            assert write(cell, value) == wanted
        else:
            assert wanted in refuse(cell, value).lower()
    for cell in (
        "GET /x\nA: {{ v }}",
        "POST /x\n\n-{{ v }}",
        'POST /x\n["{{ v }}"]',
        "PUT /x\n\n< {{ v }}",
        "GET {{ v }}",
    ):
        assert "and a single value goes here.\nPick one value of it" in refuse(cell, value)


NO_FORM: list[tuple[object, str]] = [
    (float("inf"), "holds an infinite number.\nNeither JSON nor a URL has a form for it.\nInsert a finite number"),
    (np.float32("-inf"), "holds an infinite number."),
    (dt.timedelta(hours=1), "is a timedelta, which has no form in a request.\nWrite v.total_seconds(), or str(v)"),
    (pd.Timedelta("1h"), "is a Timedelta, which has no form in a request.\nWrite v.total_seconds(), or str(v)"),
    (pd.Interval(0, 1), "is an Interval, which has no form in a request.\nWrite str(v) for its text."),
    (b"a", "is a bytes, which has no form in a request.\nWrite v.decode() for text, base64.b64encode(v).decode()"),
    ({1}, "is a set, which has no form in a request.\nWrite sorted(v): a set has no order."),
    ((i for i in [1]), "is a generator, which has no form in a request.\nWrite list(v)"),
    (Named(), "is a Named, which has no form in a request.\nWrite str(v) for its text."),
    (Unprintable(), "is an Unprintable, which has no form in a request.\nWrite str(v) for its text."),
    (Broken("a"), "cannot be read: RuntimeError: no text\nIt is a Broken, and its own code failed.\nInsert its text"),
    (len, "is a builtin_function_or_method, which has no form in a request."),
    ("\ud83c", "holds half a character ('\\ud83c'): it cannot be sent as UTF-8.\nWrite v.encode(errors='replace')"),
    ({(1, 2): 3}, "has a key that is no text: (1, 2)\nName its keys or columns."),
    (pd.DataFrame([[1, 2]], columns=["a", "a"]), "two columns have the same label.\nName its columns apart."),
    ([1, {2}], "is a set, which has no form"),
]
PLACES = (
    "GET /o/{{ v }}",
    "GET /x?q={{ v }}",
    "GET /x?{{ v }}",
    "GET /x?{{ v }}=1",
    "GET {{ v }}",
    "GET https://{{ v }}/x",
    "GET /x\nA: {{ v }}",
    "POST /x\n\n-{{ v }}",
    "POST /x\n{{ v }}",
    "POST /x\n[{{ v }}]",
    'POST /x\n["{{ v }}"]',
    "PUT /x\n\n< {{ v }}",
)


@pytest.mark.parametrize(("value", "said"), NO_FORM, ids=lambda value: type(value).__name__)
def test_what_has_no_form_has_none_anywhere(value: object, said: str) -> None:
    """It is refused in each place with what to write instead."""
    for cell in PLACES:
        assert said.replace("{1}", "{2}") in refuse(cell, value)


@pytest.mark.parametrize("value", ["a\r\nX: y", "a\nb", "a\rb", "a\0b"])
def test_a_header_takes_no_line_break(value: str) -> None:
    """Where a line break would be read as one, it is refused; elsewhere it is encoded or escaped."""
    assert refuse("GET /x\nA: {{ v }}", value).startswith("Line 3: the header A holds a line break or NUL.\nIt would")
    assert refuse("GET {{ v }}", f"/{value}").startswith(
        "Line 2: {{ v }} is taken as it is, and has a space or control"
    )
    assert not set(write("GET /o/{{ v }}?a={{ v }}", value)) & set("\r\n\0 ")
    assert write("POST /x\n\n{{ v }}", value) == value
    assert not set(write('POST /x\n[{{ v }}, "{{ v }}"]', value)) & set("\r\n\0")


WHOLE = [
    ("/a/b?c=d", "/a/b?c=d"),
    ("https://h.example/a?b=c", "https://h.example/a?b=c"),
    ("/a%20b", "/a%20b"),
    ("a", "Line 2: the target is neither a path nor a URL: a\nWrite a path such as /orders, or a URL with https://"),
    (42, "Line 2: the target is neither a path nor a URL: 42"),
    ("/a b", "Line 2: {{ v }} is taken as it is, and has a space or control character: /a b\nA space in a URL is %20."),
    ("ftp://h/a", "Line 2: the target is neither a path nor a URL: ftp://h/a"),
    ("{{ v }}", "Line 2: {{ v }} is taken as it is, and has a space"),
]


@pytest.mark.parametrize(("value", "wanted"), WHOLE)
def test_a_whole_target_is_taken_as_it_is(value: object, wanted: str) -> None:
    """A URL that an answer gave is a target; nothing in it is encoded again."""
    if wanted.startswith("Line"):
        assert refuse("GET {{ v }}", value).startswith(wanted)
    else:
        assert write("GET {{ v }}", value) == wanted


OPTIONS: list[tuple[str, object, object]] = [  # the option, the value of `{{ v }}`, what it becomes
    ("--as {{ v }}", "reader", ("reader",)),
    ("--as {{ v }},b", "a", ("a", "b")),
    ("--as {{ v }}", Colour.RED, ("red",)),
    ("--as {{ v }}", ["a", "b"], "{{ v }} is a list, and a single value goes here."),
    ("--as {{ v }}", "", "--as"),
    ("--records {{ v }}", "a.b", Reading(records="a.b")),
    ("--records items.{{ v }}", 0, Reading(records="items.0")),
    ("--query {{ v }}", "items[?a > `1`]", Reading(query="items[?a > `1`]")),
    ("--query 'items[?id == `{{ v }}`]'", np.int64(7), Reading(query="items[?id == `7`]")),
    ("--query {{ v }}", "items[", "--query ends too early"),
    ("--save {{ v }}", PurePosixPath("a.csv"), Path("a.csv")),
    ("--save {{ v }}.csv", dt.date(2024, 2, 29), Path("2024-02-29.csv")),
    ("--save {{ v }}", "", "--save"),
    ("--expect {{ v }}", 403, Expectation(403)),
    ("--expect {{ v }}", np.int64(403), Expectation(403)),
    ("--expect {{ v }}", HTTPStatus.FORBIDDEN, Expectation(403)),
    ("--expect {{ v }}/{{ v }}", "403", Expectation(403, "403")),
    ("--expect {{ v }}", 403.0, "'403.0' is not an answer to expect."),
    ("--expect {{ v }}", [403], "{{ v }} is a list, and a single value goes here."),
    ("--timeout {{ v }}", 2, 2.0),
    ("--timeout {{ v }}", Decimal("2.5"), 2.5),
    ("--timeout {{ v }}", np.float64(2.5), 2.5),
    ("--timeout {{ v }}", dt.timedelta(seconds=2), "Write v.total_seconds(), or str(v)"),
    ("--timeout {{ v }}", True, "--timeout true is not a time."),
    ("-o {{ v }}", "orders", "orders"),
    ("-o df_{{ v }}", 1, "df_1"),
    ("-o {{ v }}", "a b", "-o cannot put the value into 'a b'."),
    ("-o {{ v }}", "print", "-o cannot put the value into 'print'."),
    ("-o {{ v }}", pd.DataFrame(), "{{ v }} is a DataFrame, and a single value goes here."),
    ("-H 'A: {{ v }}'", Decimal("1.10"), (("A", "1.10"),)),
    ("-H 'A: {{ v }}'", "a\nb", "The header A holds a line break or NUL."),
]


@pytest.mark.parametrize(("option", "value", "wanted"), OPTIONS)
@pytest.mark.usefixtures("_folder")
def test_an_option_takes_a_single_value(option: str, value: object, wanted: object) -> None:
    """`{{ }}` works in every option of a request; what it becomes is checked as if it stood there."""
    words = ["GET", "/x", *(word.strip("'") for word in option.split(" ", 1))]
    if isinstance(wanted, str) and not wanted.isidentifier():
        with pytest.raises(ApigwError, match=re.escape(wanted)):
            read_line(words, always(value))
        return
    asked = read_line(words, always(value))
    got = (asked.names, asked.reading, asked.save, asked.expect, asked.timeout, asked.out, asked.request.headers)
    assert wanted in got


@pytest.fixture
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a folder of the test's own."""
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("value", NO_VALUES, ids=repr)
@pytest.mark.parametrize("option", ["--as", "--records", "--query", "--save", "--expect", "--timeout", "-o"])
def test_no_option_takes_a_missing_value(option: str, value: object) -> None:
    """An option whose value is missing is not an option left out."""
    with pytest.raises(RequestSyntaxError, match=r"\A\{\{ v \}\} is missing: its value is .*\nGive it a value first"):
        read_line(["GET", "/x", option, "{{ v }}"], always(value))


DATA: list[tuple[object, str]] = [
    ({"a": [1, None]}, '{"a": [1, null]}'),
    (pd.DataFrame({"id": [1]}), '[{"id": 1}]'),
    (["a"], '["a"]'),
    ("a", "a"),
    ('{"a": 1}', '{"a": 1}'),
    (42, "42"),
    ("{{ v }}x", "The content is not valid JSON: line 1, column 2"),
    (None, "{{ v }} is missing"),
    (b"a", "{{ v }} is a bytes"),
]


@pytest.mark.parametrize(("value", "wanted"), DATA)
def test_data_of_a_line(value: object, wanted: str) -> None:
    """`-d '{{ v }}'` is what the content of a cell is."""
    words = ["POST", "/x", "-d", "{{ v }}"]
    if (" " in wanted and wanted[0] not in "{[") or wanted.startswith("{{"):
        with pytest.raises(RequestSyntaxError, match=re.escape(wanted)):
            read_line(words, always(value))
    else:
        assert read_line(words, always(value)).request.content.decode() == wanted


CONNECT = next(command for command in COMMANDS if command.name == "connect")
VALUED = [option for option in CONNECT_OPTIONS if option.value]


@pytest.mark.parametrize("flag", [option.flags[-1] for option in VALUED])
@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a b", "a b"),
        (900, "900"),
        (PurePosixPath("a/b"), "a/b"),
        ("{{ v }}", "{{ v }}"),
        (None, "{{ v }} is missing"),
        ({"a": 1}, "{{ v }} is a dict, and a single value goes here."),
        (b"a", "{{ v }} is a bytes"),
    ],
)
def test_options_of_connect(flag: str, value: object, text: str) -> None:
    """`{{ }}` works in every option of `connect`, as text."""
    arguments = parse_arguments(CONNECT, [flag, "x{{ v }}"])
    if text.startswith("{{ v }} "):
        with pytest.raises(RequestSyntaxError, match=re.escape(text)):
            expand_arguments(arguments, always(value))
        return
    given = expand_arguments(arguments, always(value))
    name = flag.lstrip("-")
    assert f"x{text}" in (given.lists[name] if name in given.lists else given.values[name])  # noqa: PD011 - no frame


def test_an_api_key_is_text_and_a_policy_is_a_dict() -> None:
    """The two options that take values take those as they are."""
    assert _evaluate_secret("{{ v }}", always("k y")) == "k y"
    no_keys: tuple[object, ...] = (None, "", 1, b"a", ["a"], float("nan"))
    for value in no_keys:
        with pytest.raises(CommandError, match="--api-key takes the value of a Python expression that is text"):
            _evaluate_secret("{{ v }}", always(value))
    policy = {"Version": "2012-10-17"}
    assert _read_policy("{{ v }}", always(policy)) is policy
    assert _read_policy("{{ v }}", always('{"a": 1}')) == '{"a": 1}'
    no_policies: tuple[object, ...] = (None, 1, ["a"], pd.DataFrame())
    for value in no_policies:
        with pytest.raises(CommandError, match="--policy takes a policy document or the path of its file"):
            _read_policy("{{ v }}", always(value))


# What must never happen: a request that goes to another resource than the one that is written.

DELETED: list[tuple[object, str]] = [
    ("%2F", "/orders/%252F"),
    ("%2e%2e", "/orders/%252e%252e"),
    ("%2E", "/orders/%252E"),
    ("/", "/orders/%2F"),
    ("//", "/orders/%2F%2F"),
    ("a/b", "/orders/a%2Fb"),
    ("../x", "/orders/..%2Fx"),
    ("x/..", "/orders/x%2F.."),
    ("a?b", "/orders/a%3Fb"),
    ("?", "/orders/%3F"),
    ("a#b", "/orders/a%23b"),
    ("..\\", "/orders/..%5C"),
    ("\\", "/orders/%5C"),
    (";", "/orders/%3B"),
    ("..;", "/orders/..%3B"),
    ("...", "/orders/..."),
    (" ..", "/orders/%20.."),
    ("..\0", "/orders/..%00"),
    ("\r\nX: y", "/orders/%0D%0AX%3A%20y"),
    ("\uff0e\uff0e", "/orders/%EF%BC%8E%EF%BC%8E"),
    ("%", "/orders/%25"),
    ("{{ x }}", "/orders/%7B%7B%20x%20%7D%7D"),
    (PurePosixPath(".."), ""),
    (Decimal("1.0"), "/orders/1.0"),
    (["a", "b/c"], "/orders/a/b%2Fc"),
    ("", ""),
    (" ", ""),
    ("\t\n", ""),
    ("\u3000", ""),
    (None, ""),
    (float("nan"), ""),
    (pd.NaT, ""),
    (pd.NA, ""),
    (np.datetime64("NaT", "s"), ""),
    (".", ""),
    ("..", ""),
    (np.str_(".."), ""),
    (PurePosixPath(), ""),
    (pd.DataFrame({"id": ["a"]}), ""),
    (pd.DataFrame(), ""),
    (pd.Series([], dtype=object), ""),
    ([], ""),
    ([""], ""),
    (["a", ""], ""),
    (["a", None], ""),
    (["a", ".."], ""),
    ([".", "a"], ""),
    ([["a"]], ""),
    (pd.Series(["a", None]), ""),
    ({"a": "b"}, ""),
    (b"..", ""),
    ({".."}, ""),
    (float("inf"), ""),
    ("\ud800", ""),
]


@pytest.fixture(scope="module")
def wire() -> Iterator[Wire]:
    """A server that counts what it receives."""
    with Wire(reply()) as wire:
        yield wire


@pytest.mark.parametrize(("value", "target"), DELETED, ids=lambda value: f"{value!r:.14}")
def test_a_delete_reaches_what_is_written_or_nothing(wire: Wire, value: object, target: str) -> None:
    """`DELETE /orders/{{ x }}` goes to whole segments below /orders/, on the wire; else not a byte is sent."""
    connection = connect_to(wire)
    received, requests = wire.received, len(wire.requests)
    cell = parse_message("DELETE /orders/{{ x }}")
    if not target:
        with pytest.raises(RequestSyntaxError):
            build_request(cell, always(value))
        return
    connection.send(build_request(cell, always(value)))
    assert wire.requests[requests:][0].startswith(f"DELETE /prod{target} HTTP/1.1\r\n".encode())
    assert wire.received - received == len(wire.requests[-1])


BASE = http.freeze("https://abc.execute-api.eu-west-1.amazonaws.com/prod")
AROUND = (
    "{{ x }}",
    "{{ x }}/lines",
    "{{ x }}/",
    "a{{ x }}",
    ".{{ x }}",
    "{{ x }}.",
    "..{{ x }}",
    "%2{{ x }}",
    "%{{ x }}",
    "%2E{{ x }}",
    "{{ x }}{{ x }}",
    "{{ x }}?q={{ x }}",
    "{{ x }}/{{ x }}",
)


@settings(deadline=None)
@given(
    st.sampled_from(AROUND), st.text() | st.text("./%2eE\\?#; ", max_size=4) | st.integers() | st.floats() | st.none()
)
@example("%2{{ x }}", "e")
@example("%{{ x }}", "2e%2e")
@example("%2E{{ x }}", "%2E")
@example(".{{ x }}", ".")
def test_a_value_never_changes_how_many_segments_there_are(template: str, value: object) -> None:
    """Whatever stands around the expression, the frozen path has the segments that were written."""
    try:
        request = build_request(parse_message(f"DELETE /orders/{template}"), always(value))
    except RequestSyntaxError:
        return
    url = http.resolve(BASE, request.target)
    written = re.sub(r"\{\{.*?\}\}", "x", template).partition("?")[0]
    start, *segments = url.path.split("/orders/")
    assert (start, len(segments)) == ("/prod", 1)
    assert segments[0].count("/") == written.count("/")
    assert all(segment not in {".", ".."} for segment in segments[0].split("/"))
    assert segments[0].split("/")[0]
    assert bool(url.query) == ("?" in template)


# When expressions are evaluated, and in which names.


def run(cell: str, names: dict[str, Any], local: dict[str, Any] | None = None) -> str:
    """Return what is written of a cell, its expressions evaluated in these names."""
    request = build_request(parse_message(cell), evaluate_in(names, local))
    return request.content.decode() or request.target


EXPRESSIONS = [
    ("[i for i in items if i in wanted]", "[2, 3]"),
    ("{k: v for k, v in pairs.items()}", '{"a": {"b": 1}}'),
    ("(lambda a: a + n)(1)", "43"),
    ("(y := n) + y", "84"),
    ("[z := i for i in items][-1] + z", "6"),
    ('f"{n:05d}"', "00042"),
    ('f"{{{n}}}"', "{42}"),
    ("f\"{pairs['a']['b']}\"", "1"),
    ('{"a": {"b": n}}', '{"a": {"b": 42}}'),
    ('"}}"', "}}"),
    ('"{{ n }}"', "{{ n }}"),
    ("'{{' + '}}'", "{{}}"),
    ("items[1:]", "[2, 3]"),
    ("n if n else m", "42"),
    ("sum(i for i in items)", "6"),
    ("\n  [\n    1,  # one\n    2,\n  ]\n", "[1, 2]"),
    ("max(items, key=lambda i: -i)", "1"),
    ("__import__('math').floor(1.5)", "1"),
]


@pytest.mark.parametrize("is_local", [False, True])
@pytest.mark.parametrize(("source", "written"), EXPRESSIONS)
def test_any_expression(source: str, written: str, *, is_local: bool) -> None:
    """Comprehensions, lambdas, walruses, f-strings and braces: as in an f-string, in a cell and in a function."""
    names = {"items": [1, 2, 3], "wanted": {2, 3}, "n": 42, "pairs": {"a": {"b": 1}}}
    cell = f"POST /x\nContent-Type: text/plain\n\n{{{{ {source} }}}}"
    if written.startswith(("[", "{")) and not source.startswith(("f", '"', "'")):
        cell = f"POST /x\n{{{{ {source} }}}}"
    given: tuple[dict[str, Any], dict[str, Any] | None] = ({"n": 0, "items": []}, names) if is_local else (names, None)
    assert run(cell, *given) == written


def test_a_walrus_assigns_in_the_notebook() -> None:
    """`{{ (y := 1) }}` leaves `y` where an f-string in the cell would."""
    names: dict[str, Any] = {}
    assert run("POST /x\n\n{{ (y := 1) }}{{ y + 1 }}", names) == "12"
    assert names["y"] == 1


def test_each_is_evaluated_once_in_the_order_written(capsys: pytest.CaptureFixture[str]) -> None:
    """An expression that prints, counts or changes something does so once, from top to bottom."""
    names: dict[str, Any] = {"count": itertools.count(1).__next__, "seen": []}
    cell = (
        "POST /{{ count() }}/{{ print('once') or count() }}?a={{ count() }}\n&{{ count() }}={{ count() }}\n"
        "A: {{ count() }}-{{ count() }}\nContent-Type: application/json\n\n"
        '{"a": {{ count() }}, "b": "{{ count() }}", "c": {{ seen.append(count()) }}, "d": {{ seen }}}'
    )
    request = build_request(parse_message(cell), evaluate_in(names))
    assert request.target == "/1/2?a=3&4=5"
    assert request.headers[0] == ("A", "6-7")
    assert request.content == b'{"a": 8, "b": "9", "c": null, "d": [10]}'
    assert capsys.readouterr().out == "once\n"


HALVES = [
    ("GET /{{ note(1) }}/{{ 1 / 0 }}/{{ note(2) }}", "Line 2: {{ 1 / 0 }} failed: ZeroDivisionError: division by zero"),
    ("GET /{{ note(1) }}\nA: {{ nothing }}\nB: {{ note(2) }}", "Line 3: {{ nothing }} failed: NameError"),
    ("POST /{{ note(1) }}\n\n{{ {}['k'] }}{{ note(2) }}", "Line 4: {{ {}['k'] }} failed: KeyError: 'k'"),
    ("PUT /{{ note(1) }}\n\n< {{ [][0] }}", "Line 4: {{ [][0] }} failed: IndexError"),
]


@pytest.mark.parametrize(("cell", "said"), HALVES)
def test_what_fails_ends_it(cell: str, said: str) -> None:
    """After the first expression that fails none is evaluated, and there is no request."""
    noted: list[int] = []
    with pytest.raises(RequestSyntaxError) as caught:
        run(cell, {"note": noted.append})
    assert str(caught.value).startswith(said)
    assert noted == [1]


@pytest.mark.parametrize("broken", ["{{ note(2)", "{{ note(2) note(3) }}", "{{ }}", "{{ note(2)!r }}"])
@pytest.mark.parametrize("cell", ["POST /{{ note(1) }}?%s", "POST /{{ note(1) }}\nA: %s", "POST /{{ note(1) }}\n\n%s"])
def test_what_is_no_expression_ends_it_before_it_begins(cell: str, broken: str) -> None:
    """All templates of a cell are read before the first expression is evaluated."""
    noted: list[int] = []
    with pytest.raises(RequestSyntaxError):
        run(cell % broken, {"note": noted.append})
    assert noted == []


def test_what_was_inserted_is_never_expanded() -> None:
    """Braces in a value are text, in every place and through every option."""
    asked: list[str] = []

    def evaluate(source: str) -> object:
        asked.append(source)
        return "{{ again }}"

    cell = 'POST /{{ a }}?{{ b }}={{ c }}\nA: {{ d }}\n\n{"x": {{ e }}, "y": "{{ f }}"}'
    built = build_request(parse_message(cell), evaluate)
    assert built.content == b'{"x": "{{ again }}", "y": "{{ again }}"}'
    assert dict(built.headers)["A"] == "{{ again }}"
    words = ["POST", "/x", "-d", "{{ g }}", "-H", "A: {{ h }}", "--records", "{{ i }}"]
    asked_line = read_line([*words[:3], "x{{ g }}", *words[4:]], evaluate)
    assert asked_line.request.content == b"x{{ again }}"
    assert asked_line.reading.records == "{{ again }}"
    assert sorted(asked) == list("abcdefghi")


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit])
def test_an_interrupt_ends_it(kind: type[BaseException]) -> None:
    """An interrupt in an expression is one of the cell."""

    def evaluate(_: str) -> object:
        raise kind

    with pytest.raises(kind):
        build_request(parse_message("GET /{{ a }}"), evaluate)
