"""A connection over a function: what is sent, what is refused before, and what an answer becomes."""

from __future__ import annotations

import base64
import copy
import json
import logging
import pickle
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from botocore.exceptions import UnauthorizedSSOTokenError

from apigw_magic.connection import Response
from apigw_magic.errors import (
    ApigwError,
    CommandError,
    CredentialsError,
    ForeignHostError,
    InvalidRequestError,
    RequestSyntaxError,
    StatusError,
    TransportError,
)
from apigw_magic.identity import Caller, Grant
from apigw_magic.identity.faults import translate
from apigw_magic.models import Request
from tests.connection.fakes import ARN, KEYS, SECRET_KEY, TOKEN, URL, FakeApi, open_over
from tests.identity.fakes import START, Clock, never_identify, refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from apigw_magic.connection import Connection
    from apigw_magic.identity.mfa import Ask

HOST = "a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com"
DENIED = {"x-amzn-ErrorType": "AccessDeniedException", "x-amzn-RequestId": "id-1"}
DENIAL = json.dumps(
    {
        "Message": f"User: {ARN} is not authorized to perform: execute-api:Invoke on resource: arn:aws:x "
        "because no identity-based policy allows the execute-api:Invoke action"
    }
)


def refuse(answer: FakeApi, call: Callable[[Connection], object]) -> StatusError:
    """Return the error that an answer becomes."""
    with pytest.raises(StatusError) as caught:
        call(open_over(answer))
    assert len(answer.requests) == (4 if answer.reply.status_code == 500 else 1)  # 500 of a GET is tried again
    assert caught.value.__cause__ is caught.value.__context__ is None
    return caught.value


@pytest.mark.parametrize("method", ["get", "head", "options", "post", "put", "patch", "delete"])
def test_each_method_sends_itself(method: str) -> None:
    """The methods are `request` with the method's name, and take the same keywords."""
    api = FakeApi()
    response: Response = getattr(open_over(api), method)("/orders", params={"a": 1}, headers={"X-A": "b"}, timeout=7)
    assert (api.sent.method, str(api.sent.url)) == (method.upper(), f"{URL}/orders?a=1")
    assert api.headers["x-a"] == "b"
    assert api.timeouts == [7]
    assert response.request.method == method.upper()


def test_what_is_sent_is_signed() -> None:
    """The request is signed for the host's service and Region, as the caller, with its token."""
    api = FakeApi()
    open_over(api).get("/orders")
    assert api.headers["authorization"].startswith("AWS4-HMAC-SHA256 Credential=ASIAEXAMPLE/")
    assert "/eu-west-1/execute-api/aws4_request" in api.headers["authorization"]
    assert api.headers["x-amz-security-token"] == TOKEN
    assert api.headers["host"] == HOST


def test_fields_that_are_added() -> None:
    """We say who we are and ask for gzip, unless the user says otherwise."""
    api = FakeApi()
    open_over(api).get("/x")
    assert api.headers["user-agent"].startswith("apigw_magic/")
    assert api.headers["accept-encoding"] == "gzip"
    api = FakeApi()
    open_over(api).get("/x", headers={"user-agent": "mine", "ACCEPT-ENCODING": "identity"})
    assert (api.headers["user-agent"], api.headers["accept-encoding"]) == ("mine", "identity")
    assert len(api.sent.headers) == len(api.headers)


@pytest.mark.parametrize(
    ("document", "content"),
    [
        ({"a": [1, 2.5, None, True]}, b'{"a":[1,2.5,null,true]}'),
        ([], b"[]"),
        ({}, b"{}"),
        (0, b"0"),
        (False, b"false"),
        ("text", b'"text"'),
        ({"k": "é"}, '{"k":"é"}'.encode()),
    ],
)
def test_json(document: object, content: bytes) -> None:
    """A document is sent as JSON and says so; a false one is a document too."""
    api = FakeApi()
    open_over(api).post("/x", json=document)
    assert json.loads(api.sent.content) == json.loads(content)
    assert api.headers["content-type"] == "application/json"


def test_json_of_another_type() -> None:
    """A content type of the user's own is left as it is."""
    api = FakeApi()
    open_over(api).patch("/x", json=[], headers={"content-TYPE": "application/json-patch+json"})
    assert api.headers["content-type"] == "application/json-patch+json"


@pytest.mark.parametrize(("content", "sent"), [(b"\x00\xff", b"\x00\xff"), ("é", b"\xc3\xa9"), ("", b""), (b"", b"")])
def test_content(content: bytes | str, sent: bytes) -> None:
    """Content is sent as it is, text as UTF-8."""
    api = FakeApi()
    open_over(api).post("/x", content=content)
    assert api.sent.content == sent
    assert "content-type" not in api.headers


NOT_SENT: list[tuple[type[ApigwError], str, Callable[[Connection], object]]] = [
    (ForeignHostError, "not the connection's host", lambda c: c.get("https://evil.example/prod/orders")),
    (ForeignHostError, "not the connection's host", lambda c: c.get(f"https://{HOST}.evil.example/prod")),
    (ForeignHostError, "not the connection's host", lambda c: c.post(f"https://{HOST}:8443/prod", json={})),
    (InvalidRequestError, "another host", lambda c: c.get("//evil.example")),
    (InvalidRequestError, "user name", lambda c: c.get(f"https://{HOST}@evil.example/")),
    (InvalidRequestError, "A target is a path", lambda c: c.get("orders")),
    (InvalidRequestError, "has no content", lambda c: c.get("/x", content="{}")),
    (InvalidRequestError, "has no content", lambda c: c.get("/x", json={})),
    (InvalidRequestError, "has no content", lambda c: c.head("/x", content=b"x")),
    (InvalidRequestError, "has no content", lambda c: c.request("get", "/x", content=b"x")),
    (InvalidRequestError, "has no content", lambda c: c.send(Request("GET", "/x", (), b"x"))),
    (InvalidRequestError, "one content", lambda c: c.post("/x", json={}, content="x")),
    (InvalidRequestError, "surrogate", lambda c: c.post("/x", content="\ud800")),
    (RequestSyntaxError, "params['a'] holds half a character", lambda c: c.get("/x", params={"a": "\ud800"})),
    (RequestSyntaxError, "params['a'] is a dict", lambda c: c.get("/x", params={"a": {"b": 1}})),
    (InvalidRequestError, "cannot be set", lambda c: c.get("/x", headers={"authorization": "x"})),
    (InvalidRequestError, "cannot be set", lambda c: c.get("/x", headers={"Host": "evil.example"})),
    (InvalidRequestError, "cannot carry", lambda c: c.get("/x", headers={"X-A": "a\r\nHost: evil.example"})),
    (InvalidRequestError, "stands twice", lambda c: c.get("/x", headers={"X-A": "a", "x-a": "b"})),
    (InvalidRequestError, "not an HTTP method", lambda c: c.request("GET /admin", "/x")),
    (CommandError, "answer to expect", lambda c: c.get("/x", expect="4xx")),
    (CommandError, "answer to expect", lambda c: c.get("/x", expect=42)),
    (CommandError, "time to wait", lambda c: c.get("/x", timeout=0)),
    (CommandError, "time to wait", lambda c: c.get("/x", timeout=-1)),
    (CommandError, "time to wait", lambda c: c.get("/x", timeout=float("nan"))),
    (CommandError, "time to wait", lambda c: c.get("/x", timeout=float("inf"))),
    (ApigwError, "", lambda c: c.post("/x", json=object())),
]


@pytest.mark.parametrize(("kind", "words", "call"), NOT_SENT, ids=range(len(NOT_SENT)))
def test_nothing_is_sent(kind: type[ApigwError], words: str, call: Callable[[Connection], object]) -> None:
    """What cannot be signed and sent as written is refused, and nothing reaches the transport."""
    api = FakeApi()
    with pytest.raises(kind) as caught:
        call(open_over(api))
    assert words in str(caught.value)
    assert api.requests == []


@pytest.mark.parametrize("method", ["delete", "options", "post", "put", "patch"])
def test_other_methods_have_content(method: str) -> None:
    """Content is refused on GET and HEAD only."""
    api = FakeApi()
    getattr(open_over(api), method)("/x", content=b"x")
    assert api.sent.content == b"x"


def test_a_refused_request() -> None:
    """An answer that says no is an error with the answer, and who may not what, why, and what to do."""
    error = refuse(FakeApi(403, DENIAL, "Forbidden", DENIED), lambda c: c.get("/orders?status=open"))
    assert error.explanation is not None
    assert error.explanation.kind == "denied_identity_implicit"
    assert error.explanation.principal == ARN
    assert error.lines == (error.explanation.summary, error.explanation.cause, error.explanation.remedy)
    assert error.what == "403 AccessDeniedException: reader may not GET /orders."
    response = error.response
    assert isinstance(response, Response)
    assert (response.status_code, response.request_id) == (403, "id-1")
    assert response.explanation is error.explanation


def test_a_refusal_that_is_not_known() -> None:
    """Words of nobody knows whom are shown as they are."""
    error = refuse(FakeApi(403, '{"message":"go away"}', "Forbidden"), lambda c: c.delete("/orders/7"))
    assert error.lines == (
        "403 Forbidden: this answer to DELETE /orders/7 as reader is not known.",
        "go away",
        "The whole answer: %apigw last (in Python: error.response)",
    )


def test_a_refusal_of_the_backend() -> None:
    """A backend's own words are shown as they are, and that the caller was allowed."""
    fields = {"x-amz-apigw-id": "Oju9IGv65PgFlBg="}
    api = FakeApi(409, '{"message":"order 7 is closed"}', "Conflict", fields)
    error = refuse(api, lambda c: c.delete("/orders/7"))
    assert error.lines == (
        "409 Conflict: reader was allowed; the backend itself says no to DELETE /orders/7.",
        "order 7 is closed",
        "This is about the request's content and the backend's own rules, not about the role's policy.",
    )
    assert error.explanation is not None
    assert error.explanation.allowed is True


@pytest.mark.parametrize("status", [301, 302, 303, 304, 307, 308])
def test_a_redirect_is_an_error(status: int) -> None:
    """A redirect shows where it leads, is not followed, and is told from a refusal."""
    where = "https://login.example/?next=/prod"
    error = refuse(FakeApi(status, b"", "Moved", {"Location": where}), lambda c: c.get("/x"))
    assert error.what == f"{status} Moved: the API redirects to {where}."
    assert error.explanation is None
    assert "session token" in error.why


def test_a_redirect_that_leads_nowhere() -> None:
    """Without a Location and a reason phrase the sentence still closes."""
    assert refuse(FakeApi(302), lambda c: c.get("/x")).what == "302: the API redirects to elsewhere."


EXPECTED_AND_MET: list[tuple[int | str | None, FakeApi]] = [
    (None, FakeApi(200)),
    (None, FakeApi(204)),
    (None, FakeApi(299)),
    (201, FakeApi(201)),
    ("200", FakeApi(200)),
    (302, FakeApi(302, headers={"Location": "/x"})),
    (403, FakeApi(403, DENIAL, headers=DENIED)),
    ("403", FakeApi(403)),
    ("403/AccessDeniedException", FakeApi(403, DENIAL, headers=DENIED)),
    ("403/AccessDeniedException", FakeApi(403, "", headers={"X-AMZN-ERRORTYPE": "AccessDeniedException:http://x"})),
    (500, FakeApi(500, "boom")),
]


@pytest.mark.parametrize(("expect", "api"), EXPECTED_AND_MET, ids=range(len(EXPECTED_AND_MET)))
def test_the_expected_answer(expect: int | str | None, api: FakeApi) -> None:
    """The wanted answer is given back, whatever its status; a refusal keeps its explanation."""
    response = open_over(api).get("/x", expect=expect)
    assert response.status_code == api.reply.status_code
    assert (response.explanation is None) == (response.status_code < 400)


EXPECTED_AND_NOT_MET: list[tuple[int | str, FakeApi, str, str]] = [
    (403, FakeApi(200, "[]", "OK"), "answered 200 OK.", "allowed and processed"),
    ("403/AccessDeniedException", FakeApi(204), "answered 204.", "allowed and processed"),
    (404, FakeApi(403, DENIAL, "Forbidden", DENIED), "answered 403/AccessDeniedException.", "No policy of the role"),
    (
        "403/ForbiddenException",
        FakeApi(403, DENIAL, "Forbidden", DENIED),
        "answered 403/AccessDeniedException.",
        "No policy of the role",
    ),
    ("403/AccessDeniedException", FakeApi(403, "no", "Forbidden"), "answered 403 Forbidden.", "no"),
    (200, FakeApi(500, "boom", "Internal Server Error"), "answered 500 Internal Server Error.", "boom"),
    (200, FakeApi(201, "", "Created"), "answered 201 Created.", "allowed and processed"),
    (403, FakeApi(302, "", "Found", {"Location": "/x"}), "answered 302 Found.", "redirect"),
]


@pytest.mark.parametrize(("expect", "api", "came", "why"), EXPECTED_AND_NOT_MET, ids=range(len(EXPECTED_AND_NOT_MET)))
def test_another_answer_than_the_expected(expect: int | str, api: FakeApi, came: str, why: str) -> None:
    """What was wanted and what came stand in one line, be it success, another refusal or another type."""
    error = refuse(api, lambda c: c.get("/orders?a=1", expect=expect))
    assert error.what.startswith(f"Expected {expect}, but GET /orders as reader was answered ")
    assert error.what.endswith(came)
    assert why in error.why
    assert error.response is not None


GSON = TOKEN.replace("=", r"\u003d")
ECHOES = {
    "plain": TOKEN,
    "percent": quote(TOKEN, safe=""),
    "percent, slash kept": quote(TOKEN),
    "base64": base64.b64encode(TOKEN.encode()).decode(),
    "base64 of more": base64.b64encode(f"x-amz-security-token:{TOKEN}".encode()).decode(),
    "JSON": json.dumps({"message": TOKEN}).replace("/", r"\/"),
    "JSON, signs escaped": f'{{"message":"{GSON}"}}',
    "canonical request": json.dumps(
        {"message": f"The Canonical String was 'GET\n/\n\nx-amz-security-token:{TOKEN}\n'"}
    ),
    "cut within": "x" * 200 + TOKEN,
    "secret key": SECRET_KEY,
    "API key": json.dumps({"message": "invented-api-key is wrong"}),
}


@pytest.mark.parametrize("content", ECHOES.values(), ids=ECHOES.keys())
@pytest.mark.parametrize("expect", [None, 404])
def test_an_echoed_secret_is_not_shown(content: str, expect: int | None) -> None:
    """A server that sends back what it was sent gets none of it into what we show; the content stays as received."""
    api = FakeApi(403, content, "Forbidden", {"x-amzn-ErrorType": f"{TOKEN}"})
    error = refuse(api, lambda c: c.get("/x", headers={"X-Api-Key": "invented-api-key"}, expect=expect))
    shown = f"{error} {error!r} {error.args} {error.explanation!r} {error.response!r}"
    for form in (TOKEN, quote(TOKEN), TOKEN[:40], TOKEN[-40:], "aB3/aB3/", "aB3%2FaB3", SECRET_KEY, "invented-api-key"):
        assert form not in shown
    assert base64.b64encode(b"aB3/" * 3).decode()[:12] not in shown
    assert api.reply.content.decode() == content


def test_an_echoed_signature_is_not_shown() -> None:
    """The signature of the request just sent is a secret as well."""
    shown: list[str] = []

    class Echo(FakeApi):
        def __call__(self, request: object, *, timeout: float) -> object:  # type: ignore[override]  # any reply will do
            reply = super().__call__(request, timeout=timeout)  # type: ignore[arg-type]  # as above
            shown.append(self.headers["authorization"].rpartition("=")[2])
            content = json.dumps({"message": f"Bad header {self.headers['authorization']}"}).encode()
            return type(reply)(400, "", reply.headers, content, 0.1)

    error = refuse(Echo(), lambda c: c.get("/x"))
    assert "Bad header AWS4-HMAC-SHA256" in str(error)
    assert shown[0] not in f"{error} {error.explanation!r}"


def test_a_redirect_with_the_token_in_it() -> None:
    """A Location that repeats the token is shown without it."""
    api = FakeApi(302, headers={"Location": f"https://evil.example/?t={quote(TOKEN, safe='')}"})
    assert refuse(api, lambda c: c.get("/x")).what == "302: the API redirects to https://evil.example/?t=…."


@pytest.mark.parametrize("expect", [None, 200])
def test_what_a_server_says_is_one_printable_line(expect: int | None) -> None:
    """Neither reason phrase nor Location breaks the lines, colours a terminal or repeats the token."""
    api = FakeApi(302, reason=f"Moved \x1b[2J {TOKEN}", headers={"Location": "/a\x1b[31m\u202eb"})
    error = refuse(api, lambda c: c.get("/x", expect=expect))
    assert all(line.isprintable() for line in error.lines)
    assert TOKEN not in str(error)


def test_nothing_secret_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """At DEBUG no record of a request, good or bad, holds token, secret or signature."""
    with caplog.at_level(logging.DEBUG):
        api = FakeApi(403, TOKEN)
        refuse(api, lambda c: c.get("/x"))
    shown = "\n".join(f"{record.getMessage()} {record.args} {record.exc_text}" for record in caplog.records)
    assert not [secret for secret in (*api.sent.secrets, SECRET_KEY) if secret in shown]


def test_no_answer() -> None:
    """The transport's error comes out as it is."""
    api = FakeApi()
    api.error = TransportError("Gone.")
    with pytest.raises(TransportError, match=r"Gone\."):
        open_over(api).get("/x")


def end_with(error: Exception) -> Caller:
    """Return one who had credentials, and gets no others."""
    grants = iter([Grant(KEYS, expires=START)])

    def obtain(_: Ask) -> Grant:
        for grant in grants:
            return grant
        raise translate(error, profile="dev")

    clock = Clock()
    clock.forward(-60)
    caller = Caller(obtain, never_identify, clock=clock)
    caller.credentials()
    clock.forward(60)
    return caller


def test_a_session_that_cannot_be_renewed() -> None:
    """A refusal by STS is explained like any other, keeps the refusal, and nothing is sent."""
    message = "The security token included in the request is expired"
    sdk = refusal("ExpiredToken", message)
    api = FakeApi()
    with pytest.raises(CredentialsError) as caught:
        open_over(api, caller=end_with(sdk)).get("/x")
    assert caught.value.explanation is not None
    assert caught.value.explanation.kind == "sts_expired"
    assert caught.value.refusal is not None
    assert caught.value.refusal.error_type == "ExpiredToken"
    assert isinstance(caught.value.__context__, ApigwError | None)
    assert api.requests == []


def test_a_login_that_ended() -> None:
    """An expired SSO session says what to run, the profile included."""
    api = FakeApi()
    with pytest.raises(CredentialsError, match="aws sso login --profile dev"):
        open_over(api, caller=end_with(UnauthorizedSSOTokenError())).get("/x")
    assert api.requests == []


def test_a_connection_says_what_it_is() -> None:
    """URL, service, Region, identity and time left can be read; the repr has no secret."""
    connection = open_over(FakeApi())
    assert (connection.url, connection.service, connection.region) == (URL, "execute-api", "eu-west-1")
    assert connection.identity is not None
    assert connection.seconds_left is None
    assert repr(connection) == f"<Connection reader: {URL} as {ARN}>"
    assert TOKEN not in f"{connection} {connection!r}"


def test_a_connection_stays_in_the_process() -> None:
    """It is neither pickled nor copied."""
    connection = open_over(FakeApi())
    for make in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="not pickled"):
            make(connection)
