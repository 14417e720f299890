"""Targets: each value encoded for its place, and none that leads elsewhere."""

from __future__ import annotations

from urllib.parse import parse_qsl, unquote, urlsplit

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from apigw_magic.errors import RequestSyntaxError
from apigw_magic.text import Evaluate, Message, build_request
from tests.text.steps import check_linear

VALUES: dict[str, object] = {
    "n": 42,
    "s": "a/b c&d=é?#%",
    "yes": True,
    "none": None,
    "nan": float("nan"),
    "na": pd.NA,
    "nat": pd.NaT,
    "empty": "",
    "blank": " \t",
    "dot": ".",
    "dots": "..",
    "ids": [1, "a/b"],
    "nested": [[1]],
    "gap": [1, None],
    "climb": ["a", ".."],
    "series": pd.Series([1, 2]),
    "array": np.array([1, 2]),
    "nothing": [],
    "d": {"a": 1, "b": None, "c": ["x", "y z"], "e f": True},
    "deep": {"a": {"b": 1}},
    "df": pd.DataFrame({"id": [1]}),
    "no_rows": pd.DataFrame({"id": []}),
    "base": "https://h.example/prod",
    "host": "h.example",
    "next_url": "https://h.example/x?page=2",
    "path": "/a/b?x=1",
    "evil": "h.example/x",
    "crlf": "/a\r\nX: y",
    "raw": b"x",
    "inf": float("inf"),
}

ENCODED = [
    ("/orders", "/orders"),
    ("/a%2Fb?x=1&&y#z", "/a%2Fb?x=1&&y#z"),
    ("/a?", "/a?"),
    ("/x/%25{{ n }}", "/x/%2542"),
    ("/x/%20{{ n }}", "/x/%2042"),
    ("/orders/{{ n }}", "/orders/42"),
    ("/orders/{{ s }}", "/orders/a%2Fb%20c%26d%3D%C3%A9%3F%23%25"),
    ("/orders/{{ n }}.json", "/orders/42.json"),
    ("/orders/{{ n }}-{{ yes }}/x", "/orders/42-true/x"),
    ("/orders/{{ ids }}/x", "/orders/1/a%2Fb/x"),
    ("/orders/{{ series }}?x", "/orders/1/2?x"),
    ("/x?q={{ s }}", "/x?q=a%2Fb%20c%26d%3D%C3%A9%3F%23%25"),
    ("/x?q={{ yes }}&z={{ n }}", "/x?q=true&z=42"),
    ("/x?q={{ none }}&z=1", "/x?z=1"),
    ("/x?q={{ nan }}", "/x"),
    ("/x?q={{ na }}&r={{ nat }}", "/x"),
    ("/x?q={{ empty }}", "/x?q="),
    ("/x?q={{ dots }}", "/x?q=.."),
    ("/x?q={{ ids }}", "/x?q=1&q=a%2Fb"),
    ("/x?q={{ gap }}&z=1", "/x?q=1&z=1"),
    ("/x?q={{ array }}", "/x?q=1&q=2"),
    ("/x?q={{ nothing }}&z=1", "/x?z=1"),
    ("/x?q=id:{{ ids }}!", "/x?q=id:1!&q=id:a%2Fb!"),
    ("/x?{{ d }}", "/x?a=1&c=x&c=y%20z&e%20f=true"),
    ("/x?z=1&{{ d }}&y=2", "/x?z=1&a=1&c=x&c=y%20z&e%20f=true&y=2"),
    ("/x?{{ n }}={{ n }}", "/x?42=42"),
    ("/x?{{ none }}=1&b", "/x?b"),
    ("{{ next_url }}", "https://h.example/x?page=2"),
    ("{{ next_url }}?a=1", "https://h.example/x?page=2&a=1"),
    ("{{ next_url }}&a={{ n }}", "https://h.example/x?page=2&a=42"),
    ("{{ path }}", "/a/b?x=1"),
    ("{{ base }}/orders/{{ s }}", "https://h.example/prod/orders/a%2Fb%20c%26d%3D%C3%A9%3F%23%25"),
    ("https://{{ host }}/{{ n }}", "https://h.example/42"),
    ("https://api.{{ host }}:8443/{{ n }}?q={{ n }}", "https://api.h.example:8443/42?q=42"),
    ("https://h/{{ evil }}", "https://h/h.example%2Fx"),
    ('/x/{{ "{{ n }}" }}', "/x/%7B%7B%20n%20%7D%7D"),
    ('/x/{{ "?a=b" }}', "/x/%3Fa%3Db"),
    ("/{a}/$b", "/{a}/$b"),
]

REFUSED = [
    *((f"/orders/{{{{ {name} }}}}", "missing") for name in ("none", "nan", "na", "nat")),
    *((f"/orders/{{{{ {name} }}}}", "is empty") for name in ("empty", "blank", "nothing", "no_rows")),
    ("/orders/{{ dot }}", "is '.'"),
    ("/orders/{{ dots }}", "is '..'"),
    ("/orders/{{ dot }}{{ dot }}", "is '.'"),
    ("/orders/{{ climb }}", "is '..'"),
    ("/orders/{{ gap }}", "missing"),
    ("/orders/{{ nested }}", "single value"),
    ("/orders/{{ d }}", "is a dict"),
    ("/orders/{{ df }}", "is a DataFrame"),
    ("/orders/{{ raw }}", "is a bytes"),
    ("/orders/{{ inf }}", "infinite"),
    ("/orders/x-{{ ids }}", "a list within a segment"),
    ("/orders/{{ ids }}.json", "a list within a segment"),
    ("/x?q={{ d }}", "pairs where it stands alone: ?{{ params }}"),
    ("/x?q={{ nested }}", "{{ nested }} is a list, and a query takes single values or lists of them."),
    ("/x?{{ deep }}", "{{ deep }} is a dict, and a query takes single values or lists of them."),
    ("/x?q={{ df }}", "is a DataFrame"),
    ("/x?{{ ids }}={{ ids }}", "two lists"),
    ("/x?q={{ raw }}", "is a bytes"),
    ("{{ none }}", "is missing"),
    ("{{ empty }}", "is empty"),
    ("{{ none }}/orders", "is missing"),
    ("{{ n }}", "neither a path nor a URL"),
    ("{{ df }}", "is a DataFrame"),
    ("{{ crlf }}", "control character"),
    ("https://{{ evil }}/x", "stands in the host"),
    ("https://{{ empty }}/x", "is empty"),
    ("ftp://h/x", "neither a path nor a URL"),
    ("", "The target is empty."),
    ("/x/{{ nope }}", "nope"),
    ("/x/%{{ n }}", "{{ n }} stands inside of an escape: % comes before it.\nWrite %25 for a percent sign."),
    ("/x/%2{{ n }}", "{{ n }} stands inside of an escape: %2 comes before it."),
    ("/x?a=%{{ n }}", "inside of an escape"),
    ("{{ path }}/x", "{{ path }} has a query, and a path follows it: /x"),
    ("{{ next_url }}/x/{{ n }}", "{{ next_url }} has a query, and a path follows it: /x/"),
]


def evaluate(source: str) -> object:
    """Look up a value, or read a literal."""
    if source.startswith('"'):
        return source[1:-1]
    if source not in VALUES:
        raise RequestSyntaxError(source)
    return VALUES[source]


def expand_target(template: str, evaluate: Evaluate) -> str:
    """Return the target of the request that a GET of this template becomes."""
    return build_request(Message("GET", template), evaluate).target


@pytest.mark.parametrize(("template", "target"), ENCODED)
def test_encodes_by_place(template: str, target: str) -> None:
    """A value is encoded for the path, the query or the host it stands in."""
    assert expand_target(template, evaluate) == target


@pytest.mark.parametrize(("template", "said"), REFUSED)
def test_refuses(template: str, said: str) -> None:
    """A value that would lead to another resource, or has no form there, is an error."""
    with pytest.raises(RequestSyntaxError) as caught:
        expand_target(template, evaluate)
    assert said in str(caught.value)


@settings(deadline=None)
@given(st.text() | st.none() | st.floats() | st.lists(st.text() | st.none(), max_size=3))
@example("%2e%2e")
@example("\u200b")
@example("../..")
@example("/")
@example("\\")
def test_an_id_never_leaves_its_segment(value: object) -> None:
    """Whatever the id is, the request goes to one resource below the collection, or nowhere."""
    try:
        target = expand_target("/orders/{{ x }}", lambda _: value)
    except RequestSyntaxError:
        return
    segments = target.removeprefix("/orders/").split("/")
    values = value if isinstance(value, list) else [value]
    assert len(segments) == len(values)
    assert all(segment not in {"", ".", ".."} and segment.isascii() for segment in segments)
    assert not set(target) & set("?#;\\ ")
    for segment, text in zip(segments, values, strict=True):
        assert unquote(segment) == (text if isinstance(text, str) else repr(text))


@settings(deadline=None)
@given(st.dictionaries(st.text(min_size=1), st.text(), max_size=4))
def test_a_query_reads_back_the_same(params: dict[str, str]) -> None:
    """The pairs of a dict are what a server reads."""
    try:
        target = expand_target("/x?{{ d }}", lambda _: params)
    except RequestSyntaxError:
        return
    assert dict(parse_qsl(urlsplit(target).query, keep_blank_values=True, errors="strict")) == params


@pytest.mark.parametrize("unit", ["&a={{ n }}", "&a={{ ids }}", "&{{ d }}", "{{ n }}"])
def test_is_linear(unit: str) -> None:
    """Thousands of values take no more work than their number allows."""
    check_linear(lambda template: expand_target(template, evaluate), "/x?", unit)
