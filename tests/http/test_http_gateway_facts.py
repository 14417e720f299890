"""What API Gateway's users write, in literals: the target that is sent, and the path and query that are signed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.http.loopback import SERVER, connect_to
from tests.http.verifier import verify
from tests.http.wire import Wire, reply

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apigw_magic.connection import Connection

TARGETS = [
    # target as written, target as sent, canonical path, canonical query
    # -- paths
    ("/a%2Fb", "/prod/a%2Fb", "/prod/a%252Fb", ""),
    ("/a%2fb", "/prod/a%2Fb", "/prod/a%252Fb", ""),
    ("/a%252Fb", "/prod/a%252Fb", "/prod/a%25252Fb", ""),
    ("/a%20b", "/prod/a%20b", "/prod/a%2520b", ""),
    ("/a b", "/prod/a%20b", "/prod/a%2520b", ""),
    ("/$default", "/prod/$default", "/prod/%24default", ""),
    (
        "/@connections/L0SM9cOFvHcCIhw%3D",
        "/prod/@connections/L0SM9cOFvHcCIhw%3D",
        "/prod/%40connections/L0SM9cOFvHcCIhw%253D",
        "",
    ),
    (
        "/@connections/L0SM9cOFvHcCIhw=",
        "/prod/@connections/L0SM9cOFvHcCIhw=",
        "/prod/%40connections/L0SM9cOFvHcCIhw%3D",
        "",
    ),
    ("/a+b", "/prod/a+b", "/prod/a%2Bb", ""),
    ("/a%2Bb", "/prod/a%2Bb", "/prod/a%252Bb", ""),
    ("/a;v=1,2/b", "/prod/a%3Bv=1,2/b", "/prod/a%253Bv%3D1%2C2/b", ""),
    ("/a:b/c!d'e(f)g*h", "/prod/a:b/c!d'e(f)g*h", "/prod/a%3Ab/c%21d%27e%28f%29g%2Ah", ""),
    ("/~a-b_c.d", "/prod/~a-b_c.d", "/prod/~a-b_c.d", ""),
    ("/%7Ea", "/prod/%7Ea", "/prod/%257Ea", ""),
    ("/{proxy+}", "/prod/%7Bproxy+%7D", "/prod/%257Bproxy%2B%257D", ""),
    ("/orders/", "/prod/orders/", "/prod/orders/", ""),
    ("/", "/prod/", "/prod/", ""),
    ("/a/../b/./c", "/prod/b/c", "/prod/b/c", ""),
    ("/caf\u00e9", "/prod/caf%C3%A9", "/prod/caf%25C3%25A9", ""),
    ("/cafe\u0301", "/prod/cafe%CC%81", "/prod/cafe%25CC%2581", ""),
    (
        "/日本/😀",
        "/prod/%E6%97%A5%E6%9C%AC/%F0%9F%98%80",
        "/prod/%25E6%2597%25A5%25E6%259C%25AC/%25F0%259F%2598%2580",
        "",
    ),
    ("/100%25", "/prod/100%25", "/prod/100%2525", ""),
    (
        "/arn:aws:sns:eu-west-1:123456789012:x",
        "/prod/arn:aws:sns:eu-west-1:123456789012:x",
        "/prod/arn%3Aaws%3Asns%3Aeu-west-1%3A123456789012%3Ax",
        "",
    ),
    # -- queries
    ("?a=1", "/prod?a=1", "/prod", "a=1"),
    ("/x?", "/prod/x", "/prod/x", ""),
    ("/x?b=2&a=2&a=1", "/prod/x?b=2&a=2&a=1", "/prod/x", "a=1&a=2&b=2"),
    ("/x?B=1&a=1&A=1&b=1", "/prod/x?B=1&a=1&A=1&b=1", "/prod/x", "A=1&B=1&a=1&b=1"),
    ("/x?id=10&id=9", "/prod/x?id=10&id=9", "/prod/x", "id=10&id=9"),
    ("/x?a=", "/prod/x?a=", "/prod/x", "a="),
    ("/x?a", "/prod/x?a=", "/prod/x", "a="),
    ("/x?a&a=0&a=", "/prod/x?a=&a=0&a=", "/prod/x", "a=&a=&a=0"),
    ("/x?=1", "/prod/x?=1", "/prod/x", "=1"),
    ("/x?&&a=1&", "/prod/x?a=1", "/prod/x", "a=1"),
    ("/x?t=10:30,11:30", "/prod/x?t=10%3A30%2C11%3A30", "/prod/x", "t=10%3A30%2C11%3A30"),
    ("/x?a=*!()'", "/prod/x?a=%2A%21%28%29%27", "/prod/x", "a=%2A%21%28%29%27"),
    ("/x?a=/?@$;", "/prod/x?a=%2F%3F%40%24%3B", "/prod/x", "a=%2F%3F%40%24%3B"),
    ("/x?filter[a]=1", "/prod/x?filter%5Ba%5D=1", "/prod/x", "filter%5Ba%5D=1"),
    (
        "/x?since=2024-01-02T03:04:05+09:00",
        "/prod/x?since=2024-01-02T03%3A04%3A05%2B09%3A00",
        "/prod/x",
        "since=2024-01-02T03%3A04%3A05%2B09%3A00",
    ),
    (
        "/x?since=2024-01-02T03%3A04%3A05Z",
        "/prod/x?since=2024-01-02T03%3A04%3A05Z",
        "/prod/x",
        "since=2024-01-02T03%3A04%3A05Z",
    ),
    ("/x?next=a%3D%3D%26b%2Bc", "/prod/x?next=a%3D%3D%26b%2Bc", "/prod/x", "next=a%3D%3D%26b%2Bc"),
    ("/x?next=YQ==", "/prod/x?next=YQ%3D%3D", "/prod/x", "next=YQ%3D%3D"),
    ("/x?a=%7e%41%2d", "/prod/x?a=~A-", "/prod/x", "a=~A-"),
    ("/x?a=%2520", "/prod/x?a=%2520", "/prod/x", "a=%2520"),
    ("/x?a=1+2 3", "/prod/x?a=1%2B2%203", "/prod/x", "a=1%2B2%203"),
    (
        "/x?ü=caf\u00e9&日=😀",
        "/prod/x?%C3%BC=caf%C3%A9&%E6%97%A5=%F0%9F%98%80",
        "/prod/x",
        "%C3%BC=caf%C3%A9&%E6%97%A5=%F0%9F%98%80",
    ),
    # sorted by what is encoded: an é begins with a percent sign and comes first, a tilde is itself and comes last
    ("/x?~=1&z=1&é=1&0=1", "/prod/x?~=1&z=1&%C3%A9=1&0=1", "/prod/x", "%C3%A9=1&0=1&z=1&~=1"),
    # by name before value: `a-` sorts after `a`, though `-` sorts before `=`
    ("/x?a-=1&a=2", "/prod/x?a-=1&a=2", "/prod/x", "a=2&a-=1"),
]

PARAMS: list[tuple[dict[str, Any], str, str]] = [
    # parameters, target as sent, canonical query
    (
        {"since": "2024-01-02T03:04:05+09:00"},
        "/prod/x?since=2024-01-02T03%3A04%3A05%2B09%3A00",
        "since=2024-01-02T03%3A04%3A05%2B09%3A00",
    ),
    ({"id": ["b", "a"]}, "/prod/x?id=b&id=a", "id=a&id=b"),
    ({"a": "", "b": None, "c": True}, "/prod/x?a=&c=true", "a=&c=true"),
    ({"next": "a%2Bb=="}, "/prod/x?next=a%252Bb%3D%3D", "next=a%252Bb%3D%3D"),
    ({"a b": "ü+/"}, "/prod/x?a%20b=%C3%BC%2B%2F", "a%20b=%C3%BC%2B%2F"),
    ({"a&b": "c=d#e"}, "/prod/x?a%26b=c%3Dd%23e", "a%26b=c%3Dd%23e"),
]


@pytest.fixture(scope="module")
def wire() -> Iterator[Wire]:
    """Run a server that keeps what it is sent."""
    with Wire(reply()) as started:
        yield started


@pytest.fixture(scope="module")
def connection(wire: Wire) -> Connection:
    """Connect to it."""
    return connect_to(wire)


def read_last(wire: Wire) -> list[str]:
    """Return target, canonical path and canonical query of the last request, from its bytes."""
    raw = wire.requests[-1]
    canonical = verify(raw, SERVER).decode().split("\n")
    return [raw.split(b" ", 2)[1].decode(), *canonical[1:3]]


@pytest.mark.parametrize("row", TARGETS, ids=lambda row: row[0])
def test_a_target(wire: Wire, connection: Connection, row: tuple[str, ...]) -> None:
    """A target is sent in this spelling and signed in that one, and the signature holds."""
    target, *expected = row
    connection.get(target)
    assert read_last(wire) == expected


@pytest.mark.parametrize(("params", "sent", "query"), PARAMS)
def test_parameters(wire: Wire, connection: Connection, params: dict[str, Any], sent: str, query: str) -> None:
    """Parameters are encoded once, whatever they look like."""
    connection.get("/x", params=params)
    assert read_last(wire) == [sent, "/prod/x", query]


@pytest.mark.parametrize(
    ("base", "target", "sent", "path"),
    [
        ("", "/", "/", "/"),
        ("/", "/orders", "/orders", "/orders"),
        ("/prod/", "/orders", "/prod/orders", "/prod/orders"),
        ("/prod/v1", "?a", "/prod/v1?a=", "/prod/v1"),
        ("/$default", "/x", "/$default/x", "/%24default/x"),
        (
            "/_aws/execute-api/a1b2c3d4e5/prod",
            "/x",
            "/_aws/execute-api/a1b2c3d4e5/prod/x",
            "/_aws/execute-api/a1b2c3d4e5/prod/x",
        ),
    ],
)
def test_a_base(wire: Wire, base: str, target: str, sent: str, path: str) -> None:
    """A stage, none (a custom domain, an HTTP API's default), or more than one segment stands before the target."""
    connect_to(wire, base).get(target)
    assert read_last(wire)[:2] == [sent, path]
