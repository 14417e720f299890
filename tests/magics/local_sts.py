"""An STS and an API on this machine, and what they were asked."""

from __future__ import annotations

import atexit
import json
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    import pytest
    from IPython.core.interactiveshell import InteractiveShell

ACCOUNT = "111122223333"
USER_ARN = f"arn:aws:iam::{ACCOUNT}:user/ana"
KEY, SECRET_KEY = "AKIDEXAMPLE", "invented/secret+key"
TOKEN = "invented-session-token-of-the-local-sts"
REGION = "eu-west-1"

_SPACE = "https://sts.amazonaws.com/doc/2011-06-15/"
_LIFETIME = 3600
_PROFILES = f"""\
[profile work]
aws_access_key_id = AKIDWORK
aws_secret_access_key = {SECRET_KEY}
[profile home]
aws_access_key_id = AKIDHOME
aws_secret_access_key = {SECRET_KEY}
"""


@dataclass(frozen=True)
class Answer:
    """What a server answers.

    Attributes:
        content: sent as it is.
        status: of the answer; 0 to close the connection without one.
        media_type: of the content.
    """

    content: str
    status: int = 200
    media_type: str = "text/xml"


HANG_UP = Answer("", 0)
"""The connection is closed, and nothing is said."""


def refuse(code: str, message: str = "", status: int = 403) -> Answer:
    """Return how STS says no."""
    fault = f"<Error><Type>Sender</Type><Code>{code}</Code><Message>{escape(message)}</Message></Error>"
    return Answer(f'<ErrorResponse xmlns="{_SPACE}">{fault}<RequestId>r-1</RequestId></ErrorResponse>', status)


def succeed(action: str, inner: str) -> Answer:
    """Return how STS answers an action."""
    return Answer(
        f'<{action}Response xmlns="{_SPACE}"><{action}Result>{inner}</{action}Result>'
        f"<ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata></{action}Response>"
    )


@dataclass
class LocalSts:
    """Answers AssumeRole and GetCallerIdentity, and keeps what it was asked.

    Attributes:
        asked: the parameters of each request, in order.
        scopes: what each was signed by: access key id, date, Region, service.
        arn: who the base credentials are.
        lifetime: seconds that a role session lasts where the request does not say.
        answers: what is answered instead, by action; `*` stands for all.
    """

    asked: list[dict[str, str]] = field(default_factory=list)
    scopes: list[list[str]] = field(default_factory=list)
    arn: str = USER_ARN
    lifetime: int = _LIFETIME
    answers: dict[str, Answer] = field(default_factory=dict)
    _sessions: dict[str, str] = field(default_factory=dict)

    @property
    def actions(self) -> list[str]:
        """What it was asked for, in order."""
        return [asked["Action"] for asked in self.asked]

    @property
    def keys(self) -> list[str]:
        """The access key id that signed each request, in order."""
        return [scope[0] for scope in self.scopes]

    @property
    def assumed(self) -> list[dict[str, str]]:
        """The parameters of AssumeRole, each time."""
        return [
            {name: value for name, value in asked.items() if name not in {"Action", "Version"}}
            for asked in self.asked
            if asked["Action"] == "AssumeRole"
        ]

    def forget(self) -> None:
        """Forget what was asked and what was laid down; role sessions stay known."""
        self.asked.clear()
        self.scopes.clear()
        self.answers.clear()
        self.arn, self.lifetime = USER_ARN, _LIFETIME

    def answer(self, _target: str, headers: Mapping[str, str], content: bytes) -> Answer:
        """Answer a request."""
        asked = dict(parse_qsl(content.decode(), keep_blank_values=True))
        scope = read_scope(headers)
        self.asked.append(asked)
        self.scopes.append(scope)
        action = asked["Action"]
        laid_down = self.answers.get(action, self.answers.get("*"))
        if laid_down is not None:
            return laid_down
        return self._assume(asked) if action == "AssumeRole" else self._identify(self._sessions.get(scope[0], self.arn))

    def _assume(self, asked: Mapping[str, str]) -> Answer:
        account, role = asked["RoleArn"].split(":")[4], asked["RoleArn"].rpartition("/")[2]
        arn = f"arn:aws:sts::{account}:assumed-role/{role}/{asked['RoleSessionName']}"
        key = f"ASIA{len(self._sessions):016}"
        self._sessions[key] = arn
        end = datetime.now(UTC) + timedelta(seconds=int(asked.get("DurationSeconds", self.lifetime)))
        return succeed(
            "AssumeRole",
            f"<AssumedRoleUser><Arn>{escape(arn)}</Arn><AssumedRoleId>AROAEXAMPLE:s</AssumedRoleId></AssumedRoleUser>"
            f"<Credentials><AccessKeyId>{key}</AccessKeyId><SecretAccessKey>{SECRET_KEY}</SecretAccessKey>"
            f"<SessionToken>{TOKEN}</SessionToken><Expiration>{end:%Y-%m-%dT%H:%M:%SZ}</Expiration></Credentials>",
        )

    def _identify(self, arn: str) -> Answer:
        account = arn.split(":")[4]
        return succeed(
            "GetCallerIdentity",
            f"<Arn>{escape(arn)}</Arn><UserId>AIDAEXAMPLE</UserId><Account>{account}</Account>",
        )


@dataclass
class LocalApi:
    """Answers every request with orders, and keeps what it was sent.

    Attributes:
        sent: target and header fields of each request, in order; names in lower case.
    """

    sent: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def answer(self, target: str, headers: Mapping[str, str], _content: bytes) -> Answer:
        """Answer a request."""
        self.sent.append((target, {name.lower(): value for name, value in headers.items()}))
        return Answer(json.dumps({"items": [{"id": "A-1"}, {"id": "A-2"}]}), media_type="application/json")


@dataclass
class Local:
    """Both.

    Attributes:
        sts: answers at `sts_url`.
        api: answers at `url`, with any stage.
    """

    sts: LocalSts
    api: LocalApi
    sts_url: str
    url: str

    def settle(self, shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        """Forget what was asked; let credentials, STS and working directory be those of a test.

        The shell ends with its test: what IPython does for each at the end of the process takes longer than the test.
        """
        atexit.unregister(shell.atexit_operations)
        self.sts.forget()
        self.api.sent.clear()
        (folder / "aws_config").write_text(_PROFILES)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY)
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
        monkeypatch.setenv("AWS_CONFIG_FILE", str(folder / "aws_config"))
        monkeypatch.setenv("AWS_ENDPOINT_URL_STS", self.sts_url)
        monkeypatch.chdir(folder)


@contextmanager
def serve_both() -> Iterator[Local]:
    """Let an STS and an API answer."""
    sts, api = LocalSts(), LocalApi()
    with serve(sts.answer) as sts_url, serve(api.answer) as url:
        yield Local(sts, api, sts_url, f"{url}/prod")


@contextmanager
def serve(answer: Callable[[str, Mapping[str, str], bytes], Answer]) -> Iterator[str]:
    """Let a function answer on a port of loopback, and yield the URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            given = answer(self.path, dict(self.headers), content)
            if not given.status:
                return
            self.send_response(given.status)
            self.send_header("Content-Type", given.media_type)
            self.send_header("Content-Length", str(len(given.content.encode())))
            self.end_headers()
            self.wfile.write(given.content.encode())

        do_POST = do_GET  # noqa: N815 - as the server wants it

        def log_message(self, *_parts: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def read_scope(headers: Mapping[str, str]) -> list[str]:
    """Return what a request was signed by: access key id, date, Region, service."""
    fields = {name.lower(): value for name, value in headers.items()}
    return fields["authorization"].partition("Credential=")[2].split("/")[:4]
