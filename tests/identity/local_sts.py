"""An STS on loopback, over real HTTP: it gives role sessions, keeps what it was asked by whom, and refuses at will.

All keys here are of one form, so that a signature tells by whose secret it was made: the secret of a key id and its
session token follow from it.
"""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from apigw_magic.models import Credentials
from tests.http.verifier import Received, RejectedError, canonical_request, compute_signature, read_claim

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Mapping
    from types import TracebackType
    from typing import Self

ACCOUNT = "123456789012"
USER_ARN = f"arn:aws:iam::{ACCOUNT}:user/ana"
_XMLNS = "https://sts.amazonaws.com/doc/2011-06-15/"


def keys_of(key_id: str, *, token: bool = True) -> Credentials:
    """Return the keys that go with a key id, with or without a session token."""
    return Credentials(key_id, f"invented secret of {key_id}", f"invented token of {key_id}" if token else None)


def read_signer(method: str, target: str, fields: Mapping[str, str], content: bytes) -> tuple[str, str]:
    """Return who signed a request, by key id, and for what: `eu-west-1/sts`.

    Args:
        method: as sent.
        target: path and query, as sent.
        fields: by name in lower case.
        content: as sent.
    """
    path, _, query = target.partition("?")
    got = Received(method, path, query, {name: value.encode("latin-1") for name, value in fields.items()}, content)
    claim = read_claim(got)
    keys = keys_of(claim["key_id"])
    canonical = canonical_request(got, claim["names"])
    signature = compute_signature(canonical, got.text("x-amz-date"), claim["scope"], keys.secret_access_key)
    assert signature == claim["signature"], "the signature was made by another secret"
    assert fields.get("x-amz-security-token") in {keys.session_token, None}, "the token is another key's"
    return keys.access_key_id, f"{claim['region']}/{claim['service']}"


@dataclass(frozen=True)
class Got:
    """A request as it came over the wire.

    Attributes:
        method: as sent.
        target: path and query, as sent.
        fields: by name in lower case.
        content: as sent.
    """

    method: str
    target: str
    fields: Mapping[str, str]
    content: bytes


@dataclass(frozen=True)
class Answer:
    """What a server says."""

    content: str
    status: int = 200
    media_type: str = "application/json"
    fields: tuple[tuple[str, str], ...] = ()


class Server:
    """Answers on 127.0.0.1 by a function, in threads of its own, and keeps what it got.

    Args:
        answer: says what is answered.
        tls: a server's context, for https.

    Attributes:
        port: where it listens.
        got: the requests, in order.
        clock: by which the ends of sessions are said.
    """

    def __init__(self, answer: Callable[[Got], Answer], *, tls: ssl.SSLContext | None = None) -> None:
        self.got: list[Got] = []
        self.clock: Callable[[], datetime] = lambda: datetime.now(UTC)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _make_handler(answer, self.got))
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self._scheme = "http" if tls is None else "https"
        self.port = self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    @property
    def url(self) -> str:
        """Where it is."""
        return f"{self._scheme}://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join(5)
        self._server.server_close()


def _make_handler(answer: Callable[[Got], Answer], got: list[Got]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = 10

        def _serve(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            fields = {name.lower(): value for name, value in self.headers.items()}
            got.append(Got(self.command, self.path, fields, content))
            said = answer(got[-1])
            body = said.content.encode()
            self.send_response(said.status)
            for name, value in (("Content-Type", said.media_type), *said.fields, ("Content-Length", str(len(body)))):
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = _serve  # noqa: N815 - the standard library's names

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler


@dataclass(frozen=True)
class Asked:
    """What STS was asked.

    Attributes:
        action: such as `AssumeRole`.
        params: as sent, but for action and version.
        key: the access key id of who signed; empty if nobody did.
        scope: Region and service that it was signed for, `eu-west-1/sts`; empty if it was not signed.
        host: as the client wrote it.
    """

    action: str
    params: Mapping[str, str]
    key: str
    scope: str
    host: str

    @property
    def role(self) -> str:
        """The name of the role that was asked for; empty for none."""
        return self.params.get("RoleArn", "").rpartition("/")[2]


class LocalSts(Server):
    """Answers as STS. Sessions are numbered for each role: `ASIAREADER1`; other keys are those of the user `ana`.

    Attributes:
        asked: all requests, in order.
        lifetime: seconds that a session lasts; None for what was asked for, or an hour.
        refuse: says error code and message for a request; None lets it pass.
    """

    def __init__(self, *, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(self._answer, tls=tls)
        self.asked: list[Asked] = []
        self.lifetime: float | None = None
        self.refuse: Callable[[Asked], tuple[str, str] | None] = lambda _: None
        self._ends: dict[str, datetime] = {}
        self._arns: dict[str, str] = {}
        self._lock = threading.Lock()

    @property
    def hops(self) -> list[tuple[str, str]]:
        """The roles that were asked for, each with the key id of who asked."""
        return [(asked.role, asked.key) for asked in self.asked if asked.role]

    def params(self, role: str) -> dict[str, str]:
        """Return what was asked for with a role, the one time that it was."""
        (asked,) = [asked for asked in self.asked if asked.role == role]
        return {name: value for name, value in asked.params.items() if name != "RoleArn"}

    def _answer(self, got: Got) -> Answer:
        params = dict(parse_qsl(got.content.decode(), keep_blank_values=True))
        action, _ = params.pop("Action"), params.pop("Version")
        is_signed = "authorization" in got.fields
        try:
            key, scope = read_signer(got.method, got.target, got.fields, got.content) if is_signed else ("", "")
        except (AssertionError, RejectedError) as error:
            return _refuse("SignatureDoesNotMatch", str(error))
        asked = Asked(action, params, key, scope, got.fields.get("host", ""))
        with self._lock:
            self.asked.append(asked)
            refusal = self.refuse(asked) or self._judge(key, got.fields.get("x-amz-security-token"))
            return _refuse(*refusal) if refusal else self._say(asked)

    def _judge(self, key: str, token: str | None) -> tuple[str, str] | None:
        if key in self._ends and token is None:
            return "InvalidClientTokenId", "The security token included in the request is invalid."
        if key in self._ends and self._ends[key] <= self.clock():
            return "ExpiredToken", "The security token included in the request is expired"
        return None

    def _say(self, asked: Asked) -> Answer:
        if asked.action == "GetCallerIdentity":
            arn = self._arns.get(asked.key, USER_ARN)
            return _say(asked, f"<Arn>{arn}</Arn><UserId>AIDAEXAMPLE</UserId><Account>{arn.split(':')[4]}</Account>")
        number = sum(arn.split("/")[-2] == asked.role for arn in self._arns.values()) + 1
        keys = keys_of(f"ASIA{re.sub('[^A-Z]', '', asked.role.upper())}{number}")
        account, name = asked.params["RoleArn"].split(":")[4], asked.params["RoleSessionName"]
        arn = f"arn:aws:sts::{account}:assumed-role/{asked.role}/{name}"
        ends = self.clock() + timedelta(seconds=self.lifetime or float(asked.params.get("DurationSeconds", 3600)))
        self._arns[keys.access_key_id], self._ends[keys.access_key_id] = arn, ends
        return _say(
            asked,
            f"<AssumedRoleUser><Arn>{arn}</Arn><AssumedRoleId>AROAEXAMPLE:x</AssumedRoleId></AssumedRoleUser>"
            f"<Credentials><AccessKeyId>{keys.access_key_id}</AccessKeyId>"
            f"<SecretAccessKey>{keys.secret_access_key}</SecretAccessKey>"
            f"<SessionToken>{keys.session_token}</SessionToken>"
            f"<Expiration>{ends.isoformat()}</Expiration></Credentials>",
        )


def _say(asked: Asked, result: str) -> Answer:
    name = asked.action
    content = f'<{name}Response xmlns="{_XMLNS}"><{name}Result>{result}</{name}Result></{name}Response>'
    return Answer(content, media_type="text/xml")


def _refuse(code: str, message: str) -> Answer:
    error = f"<Type>Sender</Type><Code>{code}</Code><Message>{message}</Message>"
    content = f'<ErrorResponse xmlns="{_XMLNS}"><Error>{error}</Error><RequestId>r</RequestId></ErrorResponse>'
    return Answer(content, status=403, media_type="text/xml")
