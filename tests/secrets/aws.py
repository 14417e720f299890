"""AWS on loopback: STS, an API, SSO's portal and a container's credentials, which tell on whoever asks.

One port answers plain HTTP, and is a proxy too: behind CONNECT it speaks TLS in the name of any host. What it does with
a request is said by the request: a role's name, a path, a host. It verifies signatures, which proves that the secret
keys were in use, and keeps what it received, which proves the same of all else.
"""

from __future__ import annotations

import re
import socket
import struct
import threading
from collections import Counter
from contextlib import contextmanager, suppress
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from tests.http.verifier import Account, parse, read_claim, verify
from tests.secrets.answers import Answer, answer_api, answer_container, answer_sso
from tests.secrets.iam import IAM_ACTIONS, IAM_REGION, MANAGED, answer_iam, answer_managed
from tests.secrets.sts import Asked, Keys, give, identify, refuse

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator

    from tests.http.verifier import Received
    from tests.secrets.canaries import Canaries

REGION = "eu-west-1"
API = f"https://a1b2c3d4e5.execute-api.{REGION}.amazonaws.com/prod"

_NO_LINGER = struct.pack("ii", 1, 0)  # closing then resets the connection


class Aws:
    """What the servers know and have seen.

    Args:
        canaries: gets the secrets that are given out, and the signatures that are received.

    Attributes:
        port: where it listens on 127.0.0.1; of the proxy, too.
        heads: all that was received, heads and contents, as text.
        verified: the kinds of secret keys by which good signatures were made.
        interrupt: called where a request asks for an interrupt.
        roles: the name of the role by the access key id that was given out for it.
    """

    def __init__(self, canaries: Canaries) -> None:
        self.canaries = canaries
        self.port = 0
        self.heads: list[str] = []
        self.verified: Counter[str] = Counter()
        self.interrupt: Callable[[], None] = lambda: None
        self.roles: dict[str, str] = {}
        self._accounts: dict[str, tuple[str, str, str | None]] = {}
        self._asked: Counter[str] = Counter()
        self._lock = threading.Lock()

    def know(self, key_id: str, kind: str, secret_key: str, token: str | None = None) -> None:
        """Know the keys of one who signs."""
        self._accounts[key_id] = (kind, secret_key, token)

    def give_role_session(self, role: str) -> Keys:
        """Invent the keys of a role session."""
        with self._lock:
            key_id = f"ASIAROLE{len(self._accounts):08d}"
            secret_key = self.canaries.make("secret key of a role session")
            token = self.canaries.make("session token of a role session")
            self.know(key_id, "secret key of a role session", secret_key, token)
            self.roles[key_id] = role
        return Keys(key_id, secret_key, token)

    def note(self, raw: bytes, service: str, region: str = REGION) -> Received:
        """Note a request; one that is signed must be signed well, for this service and Region."""
        self.heads.append(raw.decode("latin-1"))
        request = parse(raw)
        if request.fields.get("authorization", b"").startswith(b"AWS4-HMAC-SHA256 "):
            claim = read_claim(request)
            self.canaries.add("signature", claim["signature"])
            kind, secret_key, token = self._accounts[claim["key_id"]]
            verify(raw, Account(claim["key_id"], secret_key, token, region, service))
            self.verified[kind] += 1
        return request

    def count(self, name: str) -> int:
        """Count how often this was asked, this time included."""
        with self._lock:
            self._asked[name] += 1
            return self._asked[name]

    @contextmanager
    def serve(self, context: ssl.SSLContext, untrusted: ssl.SSLContext) -> Iterator[Aws]:
        """Serve on a free port of loopback.

        Args:
            context: of TLS behind the proxy.
            untrusted: as `context`, for hosts that begin with `untrusted.`.
        """

        class Handler(_Handler):
            aws = self
            contexts = (context, untrusted)

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 64

            def handle_error(self, request: object, client_address: object) -> None:
                """Say nothing: a client that goes away is what some of the tests are about."""

        with Server(("127.0.0.1", 0), Handler) as server:
            self.port = server.server_port
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
            thread.start()
            try:
                yield self
            finally:
                server.shutdown()
                thread.join()


class _Handler(BaseHTTPRequestHandler):
    """Answers for the proxy, STS, the API, SSO and the container's credentials."""

    aws: Aws
    contexts: tuple[ssl.SSLContext, ssl.SSLContext]
    disable_nagle_algorithm = True  # head and content are two sends
    protocol_version = "HTTP/1.1"
    timeout = 20
    host = ""

    def do_CONNECT(self) -> None:
        """Open a tunnel, be what is behind it, or refuse."""
        raw = f"{self.requestline}\r\n{self.headers}"
        self.aws.heads.append(raw)
        self.host = self.path.partition(":")[0]
        if self.host.startswith(("refused.", "wants.")):
            status = 407 if self.host.startswith("wants.") else 403
            told = (self.headers["Proxy-Authorization"] or "").removeprefix("Basic ")
            self._say(Answer(status, raw, "text/plain", f"Refused to {told}", (("X-Told", told),)))
            return
        self.send_response(200)
        self.end_headers()
        context = self.contexts[self.host.startswith("untrusted.")]
        self.connection = context.wrap_socket(self.connection, server_side=True)
        self.rfile = self.connection.makefile("rb", -1)
        self.wfile = self.connection.makefile("wb", 0)
        self.close_connection = False

    def do_GET(self) -> None:
        """Answer as whoever is asked for."""
        content = self.rfile.read(int(self.headers["Content-Length"] or 0))
        fields = "".join(f"{name}: {value}\r\n" for name, value in self.headers.items())
        raw = f"{self.requestline}\r\n{fields}\r\n".encode("latin-1") + content
        is_iam = self.path == "/" and any(action in content for action in IAM_ACTIONS)
        is_sts = not is_iam and (self.host.startswith("sts.") or self.path == "/")
        is_managed = self.path.startswith(MANAGED)
        services = {"iam": is_iam, "sts": is_sts, "apigateway": is_managed, "execute-api": True}
        service = next(name for name, is_so in services.items() if is_so)
        answer: Answer | None
        request = self.aws.note(raw, service, IAM_REGION if is_iam and self.host else REGION)
        dump = raw.decode("latin-1")
        if is_iam:
            answer = answer_iam(request, dump)
        elif is_managed:
            answer = answer_managed(dump)
        elif is_sts:
            answer = self._answer_sts(request, dump)
        elif self.path.startswith("/container/"):
            answer = answer_container(self.path, dump, self.aws.canaries)
        elif self.path.startswith("/federation/"):
            answer = answer_sso(self.path, dump, self.aws.canaries)
        else:
            answer = self._answer_api(request, dump)
        if answer is not None:
            self._say(answer)

    do_DELETE = do_GET  # noqa: N815 - as the standard library calls it
    do_POST = do_GET  # noqa: N815 - as above

    def _answer_sts(self, request: Received, dump: str) -> Answer | None:
        given = {name: values[0] for name, values in parse_qs(request.content.decode()).items()}
        asked, role = Asked(request, dump, given), given.get("RoleArn", "").rpartition("/")[2]
        wanted = role
        if given["Action"] == "GetCallerIdentity":  # who may be refused when it is asked who that is
            wanted = self.aws.roles.get(read_claim(request)["key_id"], "")
            wanted = wanted.removeprefix("who-") if wanted.startswith("who-") else ""
        if wanted.startswith("later-"):  # what is refused when it is renewed
            wanted = wanted.removeprefix("later-") if self.aws.count(role) > 1 else ""
        way, _, spelling = wanted.partition("-")
        if self._misbehave(way):
            return None
        if given["Action"] == "GetCallerIdentity":
            return refuse(asked, way, spelling) or identify(asked)
        lifetime = timedelta(seconds=-60 if way == "late" else 3600)
        return refuse(asked, way, spelling) or give(asked, role, self.aws.give_role_session(role), lifetime=lifetime)

    def _answer_api(self, request: Received, dump: str) -> Answer | None:
        way = f"{request.path}//".split("/")[2]
        return None if self._misbehave(way) else answer_api(request, dump, self.aws.count(way))

    def _misbehave(self, way: str) -> bool:
        """Break off, keep waiting or interrupt, if that is asked for."""
        match way:
            case "reset":
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
            case "hang":
                with suppress(OSError):  # until the client goes away
                    self.connection.recv(1)
            case "interrupt":
                self.aws.interrupt()
                with suppress(OSError):
                    self.connection.recv(1)
            case _:
                return False
        self.close_connection = True
        self.connection.close()
        return True

    def _say(self, answer: Answer) -> None:
        content = answer.content.encode()
        reason = answer.reason or None
        self.send_response(answer.status, reason and re.sub(r"[^ -~]", " ", reason))
        for name, value in (
            ("Content-Type", answer.media_type),
            ("Content-Length", str(len(content))),
            *answer.fields,
        ):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def finish(self) -> None:
        """Close the TLS connection, too, which the server does not know."""
        with suppress(OSError):
            super().finish()
        self.connection.close()

    def log_message(self, *_: object) -> None:
        """Say nothing."""
