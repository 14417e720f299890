"""Tricks that would take a signature, a session token or a second request elsewhere: refused, with not a byte sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from apigw_magic.connection import connect
from apigw_magic.errors import ForeignHostError, InvalidRequestError
from tests.http.hostile import REFUSALS
from tests.http.loopback import REGION, connect_to
from tests.http.wire import Wire, reply
from tests.identity.fakes import FakeSts, make_base

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apigw_magic.connection import Connection

# HOME is the connection's host and port, AWAY another server's, PORT the connection's port.

FOREIGN = [
    "http://AWAY/prod/orders",
    "HTTP://AWAY",
    "http://AWAY?a=1",
    "https://HOME/prod/orders",
    "http://localhost:PORT/prod/orders",
    "http://127.0.0.2:PORT/prod/orders",
    "http://[::1]:PORT/prod/orders",
    "http://127.0.0.1/prod/orders",
    "http://127.0.0.1:1/prod/orders",
    "https://127.0.0.1.evil.example/prod/orders",
    "https://evil.example/HOME/prod",
    "https://evil.example?http://HOME",
    "https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/prod",
    "https://xn--127-0-0-1-e2h.example/",
]

TARGETS = [
    # userinfo
    "http://HOME@AWAY/prod/orders",
    "http://user:secret@HOME/prod/orders",
    "http://@HOME/prod/orders",
    "@AWAY/x",
    # slashes and backslashes
    "//AWAY/x",
    "///AWAY/x",
    "/\\AWAY/x",
    "\\\\AWAY\\x",
    "/\\/AWAY",
    "http:\\\\AWAY/x",
    "http://HOME\\@AWAY/x",
    "http://HOME\\.evil.example/x",
    "/x//AWAY/y",
    "/x\\..\\y",
    "/..//AWAY/",
    "/%2e%2e//AWAY",
    # schemes
    "http:AWAY/x",
    "http:/AWAY/x",
    "https:",
    "ftp://HOME/x",
    "file:///etc/passwd",
    "javascript://HOME/%0Aalert(1)",
    "http://api.example.com/prod",
    # ports
    ":1/x",
    "http://HOME:1/prod",
    "http://127.0.0.1:/prod",
    "http://127.0.0.1:+PORT/prod",
    "http://127.0.0.1:PORT\t/prod",
    "http://127.0.0.1:1PORT/prod",
    # other spellings of hosts
    "http://127.1:PORT/prod",
    "http://2130706433:PORT/prod",
    "http://0x7f000001:PORT/prod",
    "http://0.0.0.0:PORT/prod",
    "http://[::ffff:127.0.0.1]:PORT/prod",
    "http://[::1%25lo]:PORT/prod",
    "http://127.0.0.1.:PORT/prod",
    "http://127.0.0.256:PORT/prod",
    "http://127.0.0.1%2eevil.example:PORT/prod",
    "http://\u0661\u0662\u0667.0.0.1:PORT/prod",
    "http://127\u30020\u30020\u30021:PORT/prod",
    "https://\u24d4xample.com/prod",
    "https://b\u00fccher.example/prod",
    # white space, control characters and what ends a URL
    " http://AWAY/x",
    "\thttp://AWAY/x",
    "ht\ntp://AWAY/x",
    "http://HOME\r\n@AWAY/x",
    "http://HOME#@AWAY/x",
    "/x#@AWAY/y",
    "/x\r\nHost: AWAY",
    "/x HTTP/1.1\r\nHost: AWAY\r\n\r\nGET /y",
    "/x\tHTTP/1.1",
    "/x\x00.json",
    "/x?a=1\r\nX-Amz-Date: 20300101T000000Z",
    "/x?a=\x7f",
    "",
    "x",
    "?a=1#b",
    "*",
    "/%",
    "/%u0041",
    "/\ud800",
]

URLS = [
    "http://user@HOME/prod",
    "http://HOME@AWAY/prod",
    "http://HOME\\@AWAY/prod",
    "http://HOME#/prod",
    "http://HOME/prod#x",
    "http://HOME/prod?a=1",
    "http://HOME//prod",
    "http://HOME/prod\\x",
    "http://HOME/prod\r\nX: y",
    "HOME/prod",
    "//HOME/prod",
    "http:/HOME/prod",
    "ws://HOME/prod",
    "unix://HOME/prod",
    "http://api.example.com/prod",
    "http://localhost.evil.example:PORT/prod",
    "http://127.0.0.1.evil.example:PORT/prod",
    "http://127.1:PORT/prod",
    "http://2130706433:PORT/prod",
    "http://0.0.0.0:PORT/prod",
    "http://127.0.0.256:PORT/prod",
    "http://127.0.0.999:PORT/prod",
    "http://[::ffff:127.0.0.1]:PORT/prod",
    "http://[::1%25lo]:PORT/prod",
    "http://127.0.0.1\u3002:PORT/prod",
    "http://\u24db\u24de\u24d2alhost:PORT/prod",
    "http://127.0.0.1:0/prod",
    "http://127.0.0.1:1PORT/prod",
    "http://127.0.0.1:\uff11\uff12/prod",
]

# Without a Region, which only AWS's own host names say.
LOOK_ALIKES = [
    "https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com.evil.example/prod",
    "https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com-evil.example/prod",
    "https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.co/prod",
    "https://evil.example.a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/prod",
    "https://a1b2c3d4e5.execute-api.eu-west-1-evil.example/prod",
    "https://a1b2c3d4e5-execute-api.eu-west-1.amazonaws.com/prod",
    "https://evil.example/a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/prod",
    "http://HOME/prod",
]

HEADERS = [
    ("Host", "AWAY"),
    ("hOsT", "AWAY"),
    ("Host", "a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com"),
    ("Transfer-Encoding", "chunked"),
    ("TRANSFER-ENCODING", "identity"),
    ("Content-Length", "0"),
    ("content-length", "5"),
    ("Connection", "X-Amz-Date"),
    ("Authorization", "Bearer x"),
    ("authorization", ""),
    ("Date", "Tue, 01 Jan 2030 00:00:00 GMT"),
    ("X-Amz-Date", "20300101T000000Z"),
    ("X-Amz-Security-Token", "another"),
    ("X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD"),
    ("X-Note", "a\r\nHost: AWAY"),
    ("X-Note", "a\nb"),
    ("X-Note", "a\rb"),
    ("X-Note", "\r\n\r\nGET / HTTP/1.1"),
    ("X-Note", "a\x00b"),
    ("X-Note", "\u560a"),  # its lowest byte is a line feed
    ("X-Note\r\nHost", "AWAY"),
    ("X-Note:", "a"),
    (" Host", "AWAY"),
    ("Host ", "AWAY"),
    ("", "a"),
    # what is signed in one form and sent in another
    ("X-Amz-Meta", "caf\u00e9"),
    ("X-Amz-Meta", "a\tb"),
    ("Content-Type", "text/plain;\tcharset=utf-8"),
    ("X-Api-Key", "a\u00a0b"),
]

REQUESTS: list[tuple[str, dict[str, Any]]] = [
    ("GET", {"content": b"x"}),
    ("get", {"content": "x"}),
    ("GET", {"json": {}}),
    ("HEAD", {"content": b"x"}),
    ("", {}),
    ("GET /y HTTP/1.1\r\nHost: AWAY\r\n\r\nGET", {}),
    ("GET /y", {}),
    ("G\u0415T", {}),
    ("POST", {"content": "\ud800"}),
    ("POST", {"content": b"x", "json": {}}),
    ("GET", {"params": {"a": "\ud800"}}),
    ("GET", {"headers": {"X-Note": "a", "x-note": "b"}}),
    ("GET", {"headers": {"X-Amz-Meta": "a", "x-amz-meta": "b"}}),
]


class Place:
    """Two servers that keep what they are sent, and a connection to one of them."""

    def __init__(self, home: Wire, away: Wire) -> None:
        self.home, self.away = home, away
        self.connection: Connection = connect_to(home)

    def fill(self, text: str) -> str:
        """Put hosts and ports into a row's text."""
        home, away = (f"127.0.0.1:{wire.port}" for wire in (self.home, self.away))
        return text.replace("HOME", home).replace("AWAY", away).replace("PORT", str(self.home.port))

    @property
    def untouched(self) -> bool:
        """Whether neither server was sent anything, nor so much as connected to."""
        return not any(wire.received or wire.connections for wire in (self.home, self.away))


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    """Run both servers; no test of this module sends them anything, but for the last."""
    with Wire(reply()) as home, Wire(reply()) as away:
        yield Place(home, away)


@pytest.mark.parametrize("target", FOREIGN)
def test_targets_elsewhere(place: Place, target: str) -> None:
    """An absolute URL of another scheme, host or port is another host's."""
    with pytest.raises(ForeignHostError):
        place.connection.get(place.fill(target))
    assert place.untouched


@pytest.mark.parametrize("target", TARGETS)
def test_targets_that_two_readers_read_in_two_ways(place: Place, target: str) -> None:
    """What a client, a proxy and a server may take for different places is refused."""
    with pytest.raises(InvalidRequestError):
        place.connection.get(place.fill(target))
    assert place.untouched


@pytest.mark.parametrize("url", URLS)
def test_urls_to_connect_to(place: Place, url: str) -> None:
    """A base URL is refused before STS is asked for anything, whatever Region is said."""
    sts = FakeSts()
    with pytest.raises(InvalidRequestError):
        connect(place.fill(url), role="reader", region=REGION, base=make_base(sts))
    assert sts.asked == []
    assert place.untouched


@pytest.mark.parametrize("url", LOOK_ALIKES)
def test_hosts_that_look_like_aws(place: Place, url: str) -> None:
    """A host that is not AWS's is signed for only if the user says its Region."""
    sts = FakeSts()
    with pytest.raises(InvalidRequestError, match="does not say which Region"):
        connect(place.fill(url), role="reader", base=make_base(sts))
    assert sts.asked == []
    assert place.untouched


@pytest.mark.parametrize(("name", "value"), HEADERS)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_headers(place: Place, method: str, name: str, value: str) -> None:
    """What frames, routes or signs a request is not the user's to set, nor is there a second line in a value."""
    with pytest.raises(InvalidRequestError):
        place.connection.request(method, "/x", headers={name: place.fill(value)})
    assert place.untouched


@pytest.mark.parametrize(("method", "options"), REQUESTS)
def test_methods_and_contents(place: Place, method: str, options: dict[str, Any]) -> None:
    """Nor do a method, a content or parameters make a second request, or one that no server takes."""
    with pytest.raises(REFUSALS):
        place.connection.request(place.fill(method), "/x", **options)
    assert place.untouched


STAYING = [
    # target, target as sent: these look like tricks, and are paths
    ("/@AWAY", "/prod/@AWAY"),
    ("/http:/AWAY/x", "/prod/http:/AWAY/x"),
    ("/%2F%2FAWAY", "/prod/%2F%2FAWAY"),
    ("/%5CAWAY", "/prod/%5CAWAY"),
    ("/../../../AWAY", "/prod/AWAY"),
    ("/%2e%2e/%2E%2E/admin", "/prod/admin"),
    ("/..%2f..%2fadmin", "/prod/..%2F..%2Fadmin"),
    ("/x?u=http://AWAY/", "/prod/x?u=http%3A%2F%2FAWAY%2F"),
    ("?@AWAY", "/prod?%40AWAY="),
    ("HTTP://HOME/other", "/other"),
    ("/%0d%0aHost:%20AWAY", "/prod/%0D%0AHost:%20AWAY"),
]


@pytest.mark.parametrize(("target", "sent"), STAYING)
def test_what_only_looks_like_a_trick_stays_at_home(target: str, sent: str) -> None:
    """An escape stays one, a climb ends at the base path, and an absolute URL of the same origin is sent as a path."""
    with Wire(reply()) as home, Wire(reply()) as away:
        place = Place(home, away)
        place.connection.get(place.fill(target))
        line = (
            place.fill(sent)
            if "?" not in sent
            else place.fill(sent).replace(f"127.0.0.1:{away.port}", f"127.0.0.1%3A{away.port}")
        )
        assert home.requests[0].startswith(f"GET {line} HTTP/1.1\r\n".encode())
        assert (len(home.requests), away.connections) == (1, 0)
