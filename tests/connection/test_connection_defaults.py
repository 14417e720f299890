"""What a connection brings to every request: headers, an API key, patience, and protection."""

from __future__ import annotations

import copy
import json
import logging
import pickle
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apigw_magic.connection import Connection, connect
from apigw_magic.connection.defaults import TIMEOUT, Defaults, check_timeout, make_defaults
from apigw_magic.errors import ApigwError, CommandError, InvalidRequestError, StatusError
from apigw_magic.http import freeze, scope_of
from apigw_magic.identity import Caller, Grant
from apigw_magic.models import SAFE_METHODS, Request
from tests.connection.fakes import KEYS, URL, FakeApi
from tests.identity.fakes import FakeSts, make_base, never_identify

if TYPE_CHECKING:
    from apigw_magic.identity.mfa import Ask
    from apigw_magic.models import Credentials

KEY = "invented-api-key/of+the=tests"
VPCE = "https://vpce-0a1b2c3d-4e5f.execute-api.us-east-1.vpce.amazonaws.com/prod"
OWN_HOST = "a1b2c3d4e5.execute-api.us-east-1.amazonaws.com"


def open_with(api: FakeApi, url: str = URL, **options: Any) -> Connection:
    """Connect to a fake API."""
    return connect(url, name="shop", base=make_base(FakeSts()), transport=api, **options)


def send(request_headers: dict[str, str] | None = None, **options: Any) -> dict[str, str]:
    """Return the fields of a request, names in lower case."""
    api = FakeApi()
    open_with(api, **options).get("/orders", headers=request_headers)
    assert len(api.headers) == len(api.sent.headers)
    return api.headers


def test_headers_go_with_every_request() -> None:
    """Each request has them, in the order and case given, whatever its method."""
    api = FakeApi()
    connection = open_with(api, headers={"X-Tenant": "blue", "accept": "application/json"}, api_key=KEY)
    connection.get("/a")
    connection.post("/b", json={})
    connection.send(Request("DELETE", "/c", (("X-Other", "1"),)))
    for request in api.requests:
        fields = dict(request.headers)
        assert (fields["X-Tenant"], fields["accept"], fields["x-api-key"]) == ("blue", "application/json", KEY)
    assert dict(api.requests[2].headers)["X-Other"] == "1"


def test_an_api_key_is_signed_and_the_rest_is_not() -> None:
    """What the gateway reads is signed; what a proxy may rewrite is not."""
    claim = send(headers={"X-Tenant": "blue", "x-amz-meta": "1"}, api_key=KEY)["authorization"]
    signed = claim.partition("SignedHeaders=")[2].partition(",")[0].split(";")
    assert {"x-api-key", "x-amz-meta"} <= set(signed)
    assert "x-tenant" not in signed


@pytest.mark.parametrize("name", ["X-Tenant", "x-tenant", "X-TENANT", "x-Tenant"])
def test_a_requests_own_field_counts(name: str) -> None:
    """In any case of the name, the request's own field stands in the connection's place."""
    assert send({name: "green"}, headers={"X-Tenant": "blue"})["x-tenant"] == "green"


@pytest.mark.parametrize("name", ["x-api-key", "X-Api-Key", "X-API-KEY"])
def test_a_requests_own_api_key_counts(name: str) -> None:
    """One request may go with another key."""
    assert send({name: "another"}, api_key=KEY)["x-api-key"] == "another"


@pytest.mark.parametrize("name", ["x-api-key", "X-Api-Key"])
def test_the_api_key_counts_before_a_header(name: str) -> None:
    """Given both as option and as a header of the connection, the option counts, and stands once."""
    assert send(headers={name: "old"}, api_key=KEY)["x-api-key"] == KEY


def test_our_own_fields_give_way() -> None:
    """A connection may say who it is, and ask for another coding."""
    fields = send(headers={"user-agent": "mine", "ACCEPT-ENCODING": "identity"})
    assert (fields["user-agent"], fields["accept-encoding"]) == ("mine", "identity")


def test_nothing_to_bring() -> None:
    """Without defaults, a request has its own fields and ours."""
    assert send().keys() == {"accept-encoding", "user-agent", "host", "x-amz-date", "authorization"}


def show(*things: object) -> str:
    """Return all that can be seen of things without reaching for their parts by name."""
    return "\n".join(f"{thing} {thing!r} {getattr(thing, '__dict__', '')}" for thing in things)


@pytest.mark.parametrize("status", [200, 403])
@pytest.mark.parametrize("echo", [False, True])
def test_an_api_key_is_shown_nowhere(status: int, caplog: pytest.LogCaptureFixture, *, echo: bool) -> None:
    """Neither connection, defaults, response and error nor log and dry run show it, though the server repeats it."""
    message = f"bad key {KEY}" if echo else "no"
    api = FakeApi(status, json.dumps({"message": message}), f"Oh {KEY}" if echo else "", {"X-Echo": KEY})
    connection = open_with(api, api_key=KEY, headers={"X-Tenant": "blue"})
    error: StatusError | None = None
    with caplog.at_level(logging.DEBUG):
        if status == 200:
            response: object = connection.get("/orders")
        else:
            with pytest.raises(StatusError) as caught:
                connection.get("/orders", headers={"X-Api-Key": KEY})
            error, response = caught.value, caught.value.response
    assert api.headers["x-api-key"] == KEY
    dry = connection.show_signed(Request("GET", f"/orders?key={KEY}"))
    log = [record.getMessage() for record in caplog.records]
    defaults = make_defaults({"X-Tenant": "blue"}, KEY, None, protected=False)
    request = getattr(response, "request", None)
    shown = show(connection, connection._courier, connection._courier.signer, defaults, response, request, error)
    shown += show(error and (error.args, error.lines, error.explanation), dry, log)
    for form in (KEY, KEY.replace("/", "%2F"), "invented-api-key", json.dumps(KEY)[1:-1]):
        assert form not in shown
    assert repr(defaults) == "Defaults(headers=('X-Tenant: …', 'x-api-key: …'), timeout=None, protected=False)"
    assert KEY not in repr(getattr(request, "headers", ""))


@pytest.mark.parametrize("holder", ["connection", "defaults"])
@pytest.mark.parametrize("make", [pickle.dumps, copy.copy, copy.deepcopy])
def test_what_is_brought_stays_in_the_process(holder: str, make: Any) -> None:
    """Neither connection nor defaults are pickled or copied."""
    connection = open_with(FakeApi(), api_key=KEY)
    with pytest.raises(TypeError, match="not pickled"):
        make(connection if holder == "connection" else connection._defaults)


BAD: list[tuple[dict[str, Any], str]] = [
    ({"headers": {"X A": "b"}}, "is not a header name"),
    ({"headers": {"": "b"}}, "is not a header name"),
    ({"headers": {"X-A:": "b"}}, "is not a header name"),
    ({"headers": {"X-A": "a\r\nHost: evil.example"}}, "cannot carry"),
    ({"headers": {"X-A": "\x00"}}, "cannot carry"),
    ({"headers": {"X-A": "€"}}, "cannot carry"),
    ({"headers": {"x-amz-meta": "é"}}, "is not ASCII"),
    ({"headers": {"X-A": "1", "x-a": "2"}}, "stands twice"),
    ({"headers": {"Authorization": "x"}}, "cannot be set"),
    ({"headers": {"x-amz-security-token": "x"}}, "cannot be set"),
    ({"headers": {"X-Amz-Date": "x"}}, "cannot be set"),
    ({"headers": {"Content-Length": "1"}}, "cannot be set"),
    ({"headers": {"Host": "evil.example"}}, "cannot be set"),
    ({"headers": {"host": "a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com"}}, "cannot be set"),
    ({"api_key": "a\nb"}, "x-api-key has a character"),
    ({"api_key": "schlüssel"}, "x-api-key has a character that is not ASCII"),
    ({"api_key": "a\tb"}, "x-api-key has a tab"),
]


@pytest.mark.parametrize(("options", "words"), BAD, ids=range(len(BAD)))
def test_bad_headers_are_refused_at_once(options: dict[str, Any], words: str) -> None:
    """What cannot be sent is refused by connect, before STS is asked; an API key is not repeated."""
    sts, api = FakeSts(), FakeApi()
    with pytest.raises(InvalidRequestError, match=words) as caught:
        connect(URL, role="reader", base=make_base(sts), transport=api, **options)
    assert (sts.asked, sts.identity_asked, api.requests) == ([], 0, [])
    assert options.get("api_key", "\0") not in str(caught.value)


def test_a_vpc_endpoint_is_told_the_host() -> None:
    """Only for a VPC endpoint may `Host` be set, to an API's own host in its Region; then it is sent and signed."""
    fields = send(url=VPCE, headers={"Host": OWN_HOST})
    assert fields["host"] == OWN_HOST
    assert "host;" in fields["authorization"]
    assert send({"x-apigw-api-id": "a1b2c3d4e5"}, url=VPCE)["host"] == VPCE.split("/")[2]
    assert send(url=VPCE, headers={"x-apigw-api-id": "a1b2c3d4e5"})["x-apigw-api-id"] == "a1b2c3d4e5"
    other = "b1b2c3d4e5.execute-api.us-east-1.amazonaws.com"
    assert send({"HOST": other}, url=VPCE, headers={"Host": OWN_HOST})["host"] == other


@pytest.mark.parametrize(
    "host", ["evil.example", "a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com", f"{OWN_HOST}.evil.example", "", VPCE]
)
def test_a_vpc_endpoint_is_told_no_other_host(host: str) -> None:
    """Neither a stranger nor an API of another Region."""
    with pytest.raises(InvalidRequestError, match="cannot be set"):
        open_with(FakeApi(), VPCE, headers={"Host": host})


TIMES = [
    (None, 30.0),
    (0.001, 0.001),
    (1, 1),
    (29.5, 29.5),
    (3_600, 3_600),
    (3_600.0, 3_600.0),
]
NO_TIMES = [0, -1, -0.001, 3_600.001, 3_601, float("nan"), float("inf"), float("-inf")]


@pytest.mark.parametrize(("timeout", "waited"), TIMES)
def test_timeouts(timeout: float | None, waited: float) -> None:
    """A connection's patience counts where a request has none of its own; 30 s where neither has."""
    api = FakeApi()
    connection = open_with(api, timeout=timeout)
    connection.get("/a")
    connection.get("/b", timeout=7)
    assert api.timeouts == [waited, 7]
    assert TIMEOUT == 30.0


@pytest.mark.parametrize("timeout", NO_TIMES)
def test_no_time_to_wait(timeout: float) -> None:
    """More than nothing, up to an hour."""
    with pytest.raises(CommandError, match="is not a time to wait"):
        check_timeout(timeout)
    with pytest.raises(CommandError, match="is not a time to wait"):
        open_with(FakeApi(), timeout=timeout)
    api = FakeApi()
    with pytest.raises(CommandError, match="is not a time to wait"):
        open_with(api).get("/a", timeout=timeout)
    assert api.requests == []


UNSAFE = ["POST", "PUT", "PATCH", "DELETE", "post", "Delete", "LINK", "PROPFIND"]


@pytest.mark.parametrize("method", UNSAFE)
def test_a_protected_connection(method: str) -> None:
    """A method that may change something is not sent unless that is confirmed; no credentials are taken before."""
    api = FakeApi()
    taken: list[Credentials] = []

    def obtain(_: Ask) -> Grant:
        taken.append(KEYS)
        return Grant(KEYS)

    url = freeze(URL)
    connection = Connection(
        name="shop",
        url=url,
        scope=scope_of(url),
        base=make_base(FakeSts()),
        caller=Caller(obtain, never_identify),
        transport=api,
        defaults=Defaults(protected=True),
    )
    assert connection.protected
    with pytest.raises(CommandError) as caught:
        connection.request(method, "/orders/1")
    assert caught.value.what == f"shop is protected: {method.upper()} was not sent."
    assert "--yes" in caught.value.fix
    assert "confirmed=True" in caught.value.fix
    with pytest.raises(CommandError, match="is protected"):
        connection.send(Request(method, "/orders/1"))
    assert (api.requests, taken) == ([], [])
    assert connection.request(method, "/orders/1", confirmed=True).status_code == 200
    assert connection.send(Request(method, "/orders/1"), confirmed=True).status_code == 200
    assert [request.method for request in api.requests] == [method.upper()] * 2


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "get", "Options"])
def test_what_is_safe_needs_no_word(method: str) -> None:
    """What changes nothing passes."""
    api = FakeApi()
    assert open_with(api, protected=True).request(method, "/orders").status_code == 200
    assert api.sent.method in SAFE_METHODS


def test_what_cannot_be_sent_is_said_first() -> None:
    """A request that is wrong in itself is told so, confirmed or not."""
    connection = open_with(FakeApi(), protected=True)
    for confirmed in (False, True):
        with pytest.raises(ApigwError, match="not the connection's host"):
            connection.delete("https://evil.example/", confirmed=confirmed)


def test_a_protected_request_can_be_shown() -> None:
    """What would be sent may be looked at, as nothing is sent by it."""
    api = FakeApi()
    shown = open_with(api, protected=True, api_key=KEY).show_signed(Request("DELETE", "/orders/1"))
    assert shown.startswith(f"DELETE {URL}/orders/1\n")
    assert "x-api-key: …\n" in shown
    assert api.requests == []


def test_others_are_not_protected() -> None:
    """Without the word, nothing needs one."""
    api = FakeApi()
    connection = open_with(api)
    assert not connection.protected
    connection.delete("/orders/1")
    assert api.sent.method == "DELETE"


NAMES = st.sampled_from(["X-A", "x-a", "X-B", "x-b", "Accept", "ACCEPT"])
FIELDS = st.lists(st.tuples(NAMES, st.text("abc", max_size=3)), max_size=6)


@settings(max_examples=100, deadline=None)
@given(FIELDS, FIELDS)
def test_each_name_stands_once(ours: list[tuple[str, str]], theirs: list[tuple[str, str]]) -> None:
    """The request's fields are left as they are; of the connection's those are added whose names it lacks."""
    added = Defaults(tuple(ours)).add_headers(tuple(theirs))
    assert added[: len(theirs)] == tuple(theirs)
    names = {name.lower() for name, _ in theirs}
    assert added[len(theirs) :] == tuple(field for field in ours if field[0].lower() not in names)
