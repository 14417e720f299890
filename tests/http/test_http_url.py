"""A URL is frozen once: what every client would rewrite later is settled, and no trick reaches another host."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from apigw_magic.errors import ApigwError, ForeignHostError, InvalidRequestError
from apigw_magic.http import freeze, resolve

if TYPE_CHECKING:
    from apigw_magic.models import Url

HOST = "a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com"
BASE = freeze(f"https://{HOST}/prod")

FROZEN = [
    # what is right stays
    ("https://h.example/prod", "https://h.example/prod"),
    ("https://h.example/a-b_c.d~e", "https://h.example/a-b_c.d~e"),
    ("https://h.example/!$&'()*+,=:@", "https://h.example/!$&'()*+,=:@"),
    ("https://h.example/a%2Fb%20c", "https://h.example/a%2Fb%20c"),
    ("https://h.example/a/", "https://h.example/a/"),
    # authority
    ("https://h.example", "https://h.example/"),
    ("HTTPS://H.Example/Prod", "https://h.example/Prod"),
    ("https://h.example:443/x", "https://h.example/x"),
    ("https://h.example:00443/x", "https://h.example/x"),
    ("https://h.example:8443/x", "https://h.example:8443/x"),
    ("https://h.example:65535", "https://h.example:65535/"),
    ("https://h.example?a=1", "https://h.example/?a=1"),
    ("https://xn--bcher-kva.example/", "https://xn--bcher-kva.example/"),
    ("https://my_api.example/", "https://my_api.example/"),
    ("http://localhost:4566/x", "http://localhost:4566/x"),
    ("http://127.0.0.1:80/x", "http://127.0.0.1/x"),
    ("http://[::1]:8080/x", "http://[::1]:8080/x"),
    ("http://[::1]/x", "http://[::1]/x"),
    # path
    ("https://h.example/a b", "https://h.example/a%20b"),
    ("https://h.example/a;v=1/b", "https://h.example/a%3Bv=1/b"),
    ("https://h.example/a%3bv", "https://h.example/a%3Bv"),
    ("https://h.example/é", "https://h.example/%C3%A9"),
    ("https://h.example/%c3%a9", "https://h.example/%C3%A9"),
    ('https://h.example/<>"^`{|}[]', "https://h.example/%3C%3E%22%5E%60%7B%7C%7D%5B%5D"),
    ("https://h.example/%7Ea%41", "https://h.example/%7Ea%41"),
    ("https://h.example/%25%32%65", "https://h.example/%25%32%65"),
    ("https://h.example/%00%0a", "https://h.example/%00%0A"),
    ("https://h.example/%ff", "https://h.example/%FF"),
    # dot segments
    ("https://h.example/a/../b", "https://h.example/b"),
    ("https://h.example/a/./b", "https://h.example/a/b"),
    ("https://h.example/a/b/..", "https://h.example/a/"),
    ("https://h.example/a/.", "https://h.example/a/"),
    ("https://h.example/../../a", "https://h.example/a"),
    ("https://h.example/..", "https://h.example/"),
    ("https://h.example/a/%2e%2E/b", "https://h.example/b"),
    ("https://h.example/a/.%2e/b", "https://h.example/b"),
    ("https://h.example/a/%252e%252e/b", "https://h.example/a/%252e%252e/b"),
    ("https://h.example/a%2f..%2fb", "https://h.example/a%2F..%2Fb"),
    ("https://h.example/.well-known/...", "https://h.example/.well-known/..."),
    # query
    ("https://h.example/?a=1&b=2", "https://h.example/?a=1&b=2"),
    ("https://h.example/?b=2&a=1&b=1", "https://h.example/?b=2&a=1&b=1"),
    ("https://h.example/?", "https://h.example/"),
    ("https://h.example/?&&a=1&", "https://h.example/?a=1"),
    ("https://h.example/?a", "https://h.example/?a="),
    ("https://h.example/?=v&=", "https://h.example/?=v&="),
    ("https://h.example/?a=b=c", "https://h.example/?a=b%3Dc"),
    ("https://h.example/?a=1+2", "https://h.example/?a=1%2B2"),
    ("https://h.example/?a=1 2", "https://h.example/?a=1%202"),
    ("https://h.example/?a=x;b=y", "https://h.example/?a=x%3Bb%3Dy"),
    ("https://h.example/?a=/:@?!$'()*,", "https://h.example/?a=%2F%3A%40%3F%21%24%27%28%29%2A%2C"),
    ("https://h.example/?a=%7e%41%2f", "https://h.example/?a=~A%2F"),
    ("https://h.example/?a=%2525", "https://h.example/?a=%2525"),
    ("https://h.example/?a=%26%3d", "https://h.example/?a=%26%3D"),
    ("https://h.example/?ü=é", "https://h.example/?%C3%BC=%C3%A9"),
    ("https://h.example/?a=%ff", "https://h.example/?a=%FF"),
    ("https://h.example/?a=/../b", "https://h.example/?a=%2F..%2Fb"),
    ("https://h.example/?u=https://o.example", "https://h.example/?u=https%3A%2F%2Fo.example"),
]

REFUSED = [
    # no URL
    ("", "no scheme and host"),
    ("h.example/x", "no scheme and host"),
    ("/x", "no scheme and host"),
    ("https:/x", "no scheme and host"),
    ("https:x", "no scheme and host"),
    ("https:\\\\h.example", "no scheme and host"),
    (" https://h.example", "no scheme and host"),
    ("\thttps://h.example", "no scheme and host"),
    ("javascript:alert(1)", "no scheme and host"),
    # scheme
    ("ftp://h.example/x", "is not HTTP"),
    ("file:///etc/passwd", "is not a host name"),
    ("http://h.example/x", "Plain http"),
    ("http://127.0.0.1.evil.example/", "Plain http"),
    ("http://localhost.evil.example/", "Plain http"),
    ("http://127.0.0.1%2eevil.example/", "is not a host name"),
    # authority
    ("https:///x", "is not a host name"),
    ("https://a@b/x", "user name"),
    ("https://h.example:pass@evil.example/", "user name"),
    ("https://h.example\\@evil.example/", "user name"),
    ("https://h.example%40evil.example/", "is not a host name"),
    ("https://evil.example\\.h.example/", "is not a host name"),
    ("https://h.example\t/", "is not a host name"),
    ("https://h.example\n.evil.example/", "is not a host name"),
    ("https://h .example/", "is not a host name"),
    ("https://h..example/", "is not a host name"),
    ("https://.example/", "is not a host name"),
    ("https://h.example./", "is not a host name"),
    ("https://-h.example/", "is not a host name"),
    (f"https://{'a' * 64}.example/", "is not a host name"),
    ("https://[::2]/", "is not a host name"),
    ("https://[::1/", "is not a"),
    ("https://::1/", "is not a host name"),
    ("https://bücher.example/", "not ASCII"),
    ("https://h\u3002example/", "not ASCII"),
    ("https://\u212a.example/", "not ASCII"),
    ("https://h.example:/x", "is not a port"),
    ("https://h.example:0/x", "is not a port"),
    ("https://h.example:65536/x", "is not a port"),
    ("https://h.example:0065536/x", "is not a port"),
    (f"https://h.example:00001{'9' * 5000}/x", "is not a port"),
    ("https://h.example:-1/x", "is not a port"),
    ("https://h.example:+443/x", "is not a port"),
    ("https://h.example:4_43/x", "is not a port"),
    ("https://h.example:\u0664\u0664/x", "not ASCII"),
    ("https://h.example:443:443/x", "is not a host name"),
    # path and query
    ("https://h.example//x", "empty path segment"),
    ("https://h.example/a//b", "empty path segment"),
    ("https://h.example/a/..//b", "empty path segment"),
    ("https://h.example/x#y", "fragment"),
    ("https://h.example#y", "fragment"),
    ("https://h.example/\\x", "backslash"),
    ("https://h.example/x?a=\\", "backslash"),
    ("https://h.example/a\r\nHost: evil.example", "control character"),
    ("https://h.example/a\x00", "control character"),
    ("https://h.example/?a=\x7f", "control character"),
    ("https://h.example/100%", "is not an escape"),
    ("https://h.example/%2", "is not an escape"),
    ("https://h.example/%zz", "is not an escape"),
    ("https://h.example/%%2e", "is not an escape"),
    ("https://h.example/%\uff11\uff11", "is not an escape"),
    ("https://h.example/?a=100%&b", "is not an escape"),
    ("https://h.example/\ud800", "surrogate"),
    ("https://h.example/?a=\udc00", "surrogate"),
]

RESOLVED = [
    ("/orders", "/prod/orders"),
    ("/orders?status=open", "/prod/orders?status=open"),
    ("?status=open", "/prod?status=open"),
    ("/", "/prod/"),
    ("/?a", "/prod/?a="),
    ("/../admin", "/prod/admin"),
    ("/../../../admin", "/prod/admin"),
    ("/%2e%2e/%2E%2E/admin", "/prod/admin"),
    ("/a/../../..", "/prod/"),
    ("/..", "/prod/"),
    ("/a;x/b", "/prod/a%3Bx/b"),
    ("/https://evil.example".replace("//", "/%2F"), "/prod/https:/%2Fevil.example"),
    ("/@evil.example", "/prod/@evil.example"),
    (f"https://{HOST}/prod/x", "/prod/x"),
    (f"https://{HOST.upper()}:443/other", "/other"),
]

FOREIGN = [
    "https://evil.example/prod/orders",
    f"https://{HOST}.evil.example/prod",
    f"https://x.{HOST}/prod",
    f"https://{HOST}:8443/prod",
    "http://localhost/prod",
    "https://localhost/prod",
]

NO_TARGETS = [
    ("", "Write /"),
    ("orders", "Write /orders"),
    ("//evil.example/x", "Write one slash"),
    ("///evil.example", "Write one slash"),
    ("/\\evil.example", "Write / or %5C"),
    ("\\\\evil.example", "Write /"),
    ("https:/evil.example", "Write /"),
    ("https:evil.example", "Write /"),
    ("@evil.example", "Write /"),
    (":8443/x", "Write /"),
    (".evil.example", "Write /"),
    ("#x", "Write /"),
    ("/x#y", "%23"),
    ("/a//b", "Write one slash"),
    ("/a\r\nX: y", "Write %0D"),
    ("/100%", "%25"),
    (f"https://a@{HOST}/prod", "before the @"),
    (f"https://{HOST}@evil.example/prod", "before the @"),
    (" /x", "Write /"),
]


@pytest.mark.parametrize(("text", "frozen"), FROZEN)
def test_freeze(text: str, frozen: str) -> None:
    """Each rule of freezing, and that the frozen form is its own."""
    assert str(freeze(text)) == frozen
    assert freeze(frozen) == freeze(text)


@pytest.mark.parametrize(("text", "why"), REFUSED, ids=range(len(REFUSED)))
def test_freeze_refuses(text: str, why: str) -> None:
    """What clients and servers read differently is refused, with the reason and what to write."""
    with pytest.raises(InvalidRequestError) as caught:
        freeze(text)
    assert why in caught.value.why
    assert caught.value.fix
    assert len(caught.value.lines) == 3
    assert max(map(len, caught.value.lines)) < 200 or len(text) > 100
    assert caught.value.__cause__ is caught.value.__context__ is None


def test_percent_without_digits_says_what_to_write() -> None:
    """A bare percent sign is the likeliest slip: the message has the escape for it."""
    with pytest.raises(InvalidRequestError, match="%25 for a percent sign"):
        freeze("https://h.example/?discount=5%")


@pytest.mark.parametrize(("target", "expected"), RESOLVED)
def test_resolve(target: str, expected: str) -> None:
    """A target goes below the base path and does not climb out of it."""
    url = resolve(BASE, target)
    assert url.target == expected
    assert url.origin == BASE.origin


@pytest.mark.parametrize("target", FOREIGN)
def test_resolve_refuses_foreign_hosts(target: str) -> None:
    """An absolute URL of another origin is told from what cannot be sent at all."""
    with pytest.raises(ForeignHostError, match="is not the connection's host"):
        resolve(BASE, target)


@pytest.mark.parametrize(("target", "fix"), NO_TARGETS)
def test_resolve_refuses_what_is_no_target(target: str, fix: str) -> None:
    """Nothing that another parser could take for a host or a second line gets through."""
    with pytest.raises(InvalidRequestError) as caught:
        resolve(BASE, target)
    assert fix in caught.value.fix


@pytest.mark.parametrize(
    ("base", "target", "expected"),
    [
        ("https://h.example", "/x", "/x"),
        ("https://h.example/", "/x", "/x"),
        ("https://h.example/prod/", "/x", "/prod/x"),
        ("https://h.example/prod/v1", "/", "/prod/v1/"),
        ("https://h.example/prod/", "?a", "/prod/?a="),
        ("https://h.example", "?a", "/?a="),
    ],
)
def test_resolve_against_base_paths(base: str, target: str, expected: str) -> None:
    """A slash at the end of the base path makes no difference but where the target is the base itself."""
    assert resolve(freeze(base), target).target == expected


def test_long_hosts_are_judged_in_linear_time() -> None:
    """No host makes the pattern try all ways, which would not end."""
    for host in ("a-" * 50_000, "a." * 50_000, "-" * 50_000, "a" * 50_000 + "!"):
        with pytest.raises(InvalidRequestError):
            freeze(f"https://{host}/")


def freeze_or_refuse(text: str) -> Url | None:
    """Freeze a text, or None where it is refused."""
    try:
        return freeze(text)
    except InvalidRequestError:
        return None


HOSTILE = st.text(
    st.one_of(st.sampled_from("/.%2eE:@?#&=+;\\[]{}~ \t\r\nhtps1\u3002\u212aé\ud800"), st.characters()), max_size=40
)


@given(st.one_of(HOSTILE, st.text(), HOSTILE.map(lambda rest: f"https://h.example{rest}")))
@example("https://h.example/%2e%2e/%2E./x?%41=+")
def test_freezing_what_is_frozen_changes_nothing(text: str) -> None:
    """Any text is frozen for good or refused by our error, and nothing else happens."""
    url = freeze_or_refuse(text)
    if url is not None:
        assert freeze(str(url)) == url
        assert str(url).isascii()
        assert not set(str(url)) & set(' \t\r\n\\#;"<>')


@given(HOSTILE.map(lambda rest: f"/{rest}"))
def test_no_target_leaves_the_base(target: str) -> None:
    """Whatever stands in a path, the request stays at the origin and below the base path."""
    try:
        url = resolve(BASE, target)
    except InvalidRequestError:
        return
    assert url.origin == BASE.origin
    assert url.path.startswith("/prod/")
    assert not {".", ".."} & set(url.path.split("/"))


@given(st.one_of(HOSTILE, HOSTILE.map(lambda rest: f"https:{rest}"), HOSTILE.map(lambda rest: f"https://{HOST}{rest}")))
def test_no_text_reaches_another_origin(target: str) -> None:
    """A target of any form stays at the origin or fails with an error of ours."""
    try:
        url = resolve(BASE, target)
    except ApigwError:
        return
    assert url.origin == BASE.origin


@pytest.mark.parametrize(
    ("target", "fix"),
    [
        ("/orders ", "Take that away"),
        ("/orders\u200b", "Take that away"),
        ("/orders?a=1\x85", "Take that away"),
        ("/orders?a=1&amp;b=2", "Write & alone"),
        ("a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/prod/orders", "Write https://a1b2c3d4e5"),
        ("orders/1", "Write /orders/1"),
        ("v1.2/orders", "Write /v1.2/orders"),
    ],
)
def test_what_comes_along_when_copying(target: str, fix: str) -> None:
    """What a copied text brings along is refused with what to do, not sent as a part of the path."""
    with pytest.raises(InvalidRequestError) as caught:
        resolve(freeze("https://h.example/prod"), target)
    assert fix in str(caught.value)
