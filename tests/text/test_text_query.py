"""Query parameters of a call, encoded as the values in a cell are."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TypeAlias
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apigw_magic.errors import RequestSyntaxError
from apigw_magic.http import freeze, resolve
from apigw_magic.text import Message, add_params, build_request

Params: TypeAlias = dict[str, object] | list[tuple[str, object]]

ADDED: list[tuple[str, Params, str]] = [
    ("/x", {}, "/x"),
    ("/x", {"a": 1}, "/x?a=1"),
    ("/x?b=2", {"a": 1}, "/x?b=2&a=1"),
    ("https://h.example/x", {"a": 1}, "https://h.example/x?a=1"),
    ("/x", {"a": [1, 2], "b": (3,)}, "/x?a=1&a=2&b=3"),
    ("/x", {"a": None, "b": [None, 1]}, "/x?b=1"),
    ("/x", {"a": None}, "/x"),
    ("/x", {"a": []}, "/x"),
    ("/x", {"a": ""}, "/x?a="),
    ("/x", [("a", 1), ("a", 2)], "/x?a=1&a=2"),
    ("/x", {"a b": "c&d=e+f/é~%41"}, "/x?a%20b=c%26d%3De%2Bf%2F%C3%A9~%2541"),
    ("/x", {"a": "#\\\r\n"}, "/x?a=%23%5C%0D%0A"),
    ("/x", {"a": "{{ b }}"}, "/x?a=%7B%7B%20b%20%7D%7D"),
]

VALUES: list[tuple[object, str]] = [
    (True, "?v=true"),
    (np.False_, "?v=false"),
    (1.5, "?v=1.5"),
    (np.float64(1.5), "?v=1.5"),
    (np.int64(2**62), f"?v={2**62}"),
    (Decimal("1.10"), "?v=1.10"),
    (UUID(int=1), "?v=00000000-0000-0000-0000-000000000001"),
    (dt.date(2024, 2, 29), "?v=2024-02-29"),
    (dt.datetime(2024, 1, 1, 9, tzinfo=dt.UTC), "?v=2024-01-01T09%3A00%3A00%2B00%3A00"),
    (pd.Timestamp("2024-01-01"), "?v=2024-01-01T00%3A00%3A00"),
    (np.datetime64("2024-01-01"), "?v=2024-01-01"),
    *(
        (missing, "")
        for missing in (float("nan"), np.float64("nan"), pd.NA, pd.NaT, np.datetime64("NaT", "ns"), Decimal("NaN"))
    ),
    (np.array([1, 2]), "?v=1&v=2"),
    (np.array([True, False]), "?v=true&v=false"),
    (pd.Series([1, None], dtype="Int64"), "?v=1"),
    (pd.Index(["a", "b"]), "?v=a&v=b"),
    (range(2), "?v=0&v=1"),
    ({"a": 1}.keys(), "?v=a"),
]

REFUSED: list[tuple[object, str]] = [
    ({"a": 1}, "params['v'] is a dict, and a query takes single values or lists of them.\nGive each value"),
    ([[1]], "params['v'] is a list, and a query takes"),
    ([{"a": 1}], "params['v'] is a list, and a query takes"),
    (pd.DataFrame({"a": [1]}), "params['v'] is a DataFrame, and a query takes"),
    (b"x", "params['v'] is a bytes, which has no form in a request.\nWrite params['v'].decode() for text"),
    ({1, 2}, "Write sorted(params['v'])"),
    (object(), "params['v'] is an object, which has no form in a request."),
    (float("inf"), "params['v'] holds an infinite number."),
    ("\ud800", "params['v'] holds half a character"),
]

NAMES: list[tuple[object, str]] = [
    (None, "params has a name that is no text: None"),
    ((1, 2), "params has a name that is no text: (1, 2)"),
    (b"a", "b'a' is a bytes, which has no form in a request."),
    ("\udfff", "half a character"),
]


@pytest.mark.parametrize(("target", "params", "expected"), ADDED)
def test_adds_params(target: str, params: Params, expected: str) -> None:
    """Parameters are encoded once and joined to the target."""
    assert add_params(target, params) == expected


@pytest.mark.parametrize(("value", "query"), VALUES, ids=repr)
def test_a_call_and_a_cell_say_the_same(value: object, query: str) -> None:
    """A value is encoded by one rule, wherever it comes from."""
    assert add_params("/x", {"v": value}) == f"/x{query}"
    assert build_request(Message("GET", "/x?v={{ v }}"), lambda _: value).target == f"/x{query}"
    assert build_request(Message("GET", "/x?{{ d }}"), lambda _: {"v": value}).target == f"/x{query}"


@pytest.mark.parametrize(("value", "said"), REFUSED, ids=lambda value: type(value).__name__)
def test_refuses_values(value: object, said: str) -> None:
    """The error names the parameter as it stands in the call."""
    with pytest.raises(RequestSyntaxError) as caught:
        add_params("/x", {"v": value})
    assert said in str(caught.value)
    assert "{{" not in str(caught.value)


@pytest.mark.parametrize(("name", "said"), NAMES, ids=repr)
def test_refuses_names(name: str, said: str) -> None:
    """A name is text, or what has a text."""
    with pytest.raises(RequestSyntaxError) as caught:
        add_params("/x", {name: 1})
    assert said in str(caught.value)


def test_names_that_are_not_text() -> None:
    """A name is written as a value is."""
    assert add_params("/x", {1: "a"}) == "/x?1=a"  # type: ignore[arg-type] # as a user may
    assert add_params("/x", [(dt.date(2024, 1, 1), 1)]) == "/x?2024-01-01=1"  # type: ignore[list-item] # as above


def test_takes_what_can_be_read_once() -> None:
    """Pairs may come from a generator, and a pandas row has names and values too."""
    assert add_params("/x", ((name, 1) for name in "ab")) == "/x?a=1&b=1"
    assert add_params("/x", pd.Series({"a": 1, "b": 2})) == "/x?a=1&b=2"  # type: ignore[arg-type] # is no Mapping


@settings(deadline=None)
@given(st.dictionaries(st.text(), st.text()))
def test_params_arrive_as_they_were(params: dict[str, str]) -> None:
    """Whatever text is given as a parameter is what a server decodes; freezing the URL changes nothing of it."""
    target = add_params("/x", params)
    assert dict(parse_qsl(urlsplit(target).query, keep_blank_values=True, errors="strict")) == params
    assert resolve(freeze("https://h.example"), target).target == target
