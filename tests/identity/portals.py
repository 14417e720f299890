"""Who gives out credentials beside STS, on loopback: SSO, `aws login`, the services of a container and an instance.

Each answers as AWS does, and gives keys of the form that `local_sts` knows.
"""

from __future__ import annotations

import json
import select
import socket
import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from hashlib import sha1, sha256
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from tests.identity.local_sts import Answer, Got, Server, keys_of

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType
    from typing import Self

START_URL = "https://work.example/start"
CONTAINER_TOKEN = "invented token of the container"


def in_seconds(seconds: float) -> str:
    """Return a time from now, as AWS writes it."""
    return (datetime.now(UTC) + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


class SsoPortal(Server):
    """SSO's portal and its OIDC service. A token that it gave gets keys of the role with its number: `ASIAREADER1`.

    Attributes:
        tokens: all that it gave.
        ended: those that are good no more.
    """

    def __init__(self) -> None:
        super().__init__(self._answer)
        self.tokens: list[str] = []
        self.ended: set[str] = set()

    def log_out(self) -> None:
        """End all tokens."""
        self.ended = set(self.tokens)

    def log_in(self, home: Path, *, session: str | None = None, lasts: float = 28800, renewable: bool = False) -> None:
        """Do what `aws sso login` does: write a new token into the cache.

        Args:
            home: the home directory.
            session: the name of the sso-session; None for a profile of the older form.
            lasts: seconds.
            renewable: whether a refresh token comes with it.
        """
        token = f"invented-sso-token-{len(self.tokens) + 1}"
        self.tokens.append(token)
        if lasts <= 0:
            self.ended.add(token)
        document = {"startUrl": START_URL, "region": "us-east-2", "accessToken": token, "expiresAt": in_seconds(lasts)}
        if renewable:
            document |= {
                "clientId": "client",
                "clientSecret": "invented secret of the client",
                "registrationExpiresAt": in_seconds(86400),
                "refreshToken": "invented refresh token",
            }
        cache = home / ".aws" / "sso" / "cache"
        cache.mkdir(parents=True, exist_ok=True)
        name = sha1((session or START_URL).encode(), usedforsecurity=False).hexdigest()
        (cache / f"{name}.json").write_text(json.dumps(document))

    def _answer(self, got: Got) -> Answer:
        if urlsplit(got.target).path == "/token":
            asked = json.loads(got.content)
            assert (asked["grantType"], asked["refreshToken"]) == ("refresh_token", "invented refresh token")
            self.tokens.append(f"invented-sso-token-{len(self.tokens) + 1}")
            return Answer(json.dumps({"accessToken": self.tokens[-1], "tokenType": "Bearer", "expiresIn": 28800}))
        token = got.fields.get("x-amz-sso_bearer_token", "")
        if token not in self.tokens or token in self.ended:
            return Answer(
                json.dumps({"message": "Session token not found or invalid"}),
                status=401,
                fields=(("x-amzn-ErrorType", "UnauthorizedException:http://internal.amazon.com/x"),),
            )
        query = parse_qs(urlsplit(got.target).query)
        keys = keys_of(f"ASIA{query['role_name'][0].upper()}{self.tokens.index(token) + 1}")
        given = {
            "accessKeyId": keys.access_key_id,
            "secretAccessKey": keys.secret_access_key,
            "sessionToken": keys.session_token,
            "expiration": int((self.clock() + timedelta(hours=8)).timestamp() * 1000),
        }
        return Answer(json.dumps({"roleCredentials": given}))


class LoginPortal(Server):
    """What `aws login` talks to. A refresh token gets the next keys: `ASIALOGINNEW1`, `ASIALOGINNEW2`.

    Attributes:
        is_open: whether sessions are still renewed.
    """

    def __init__(self) -> None:
        super().__init__(self._answer)
        self.is_open = True

    @staticmethod
    def log_in(home: Path, session: str, key: str, proof_key: str, *, lasts: float = 900) -> None:
        """Do what `aws login` does: write a new session into the cache.

        Args:
            home: the home directory.
            session: the ARN that the profile names.
            key: the access key id.
            proof_key: the private key that renewals are signed by, as PEM.
            lasts: seconds.
        """
        keys = keys_of(key)
        document = {
            "accessToken": {
                "accessKeyId": keys.access_key_id,
                "secretAccessKey": keys.secret_access_key,
                "sessionToken": keys.session_token,
                "accountId": "123456789012",
                "expiresAt": in_seconds(lasts),
            },
            "tokenType": "aws_sigv4",
            "refreshToken": "invented refresh token",
            "idToken": "invented id token",
            "clientId": "arn:aws:signin:::devtools/same-device",
            "dpopKey": proof_key,
        }
        cache = home / ".aws" / "login" / "cache"
        cache.mkdir(parents=True, exist_ok=True)
        (cache / f"{sha256(session.encode()).hexdigest()}.json").write_text(json.dumps(document))

    def _answer(self, got: Got) -> Answer:
        assert got.fields["dpop"].count(".") == 2
        if not self.is_open:
            refusal = {"error": "TOKEN_EXPIRED", "message": "The refresh token has expired"}
            fields = (("x-amzn-ErrorType", "AccessDeniedException"),)
            return Answer(json.dumps(refusal), status=400, fields=fields)
        keys = keys_of(f"ASIALOGINNEW{len(self.got)}")
        given = {
            "accessKeyId": keys.access_key_id,
            "secretAccessKey": keys.secret_access_key,
            "sessionToken": keys.session_token,
        }
        document = {"tokenType": "aws_sigv4", "expiresIn": 900, "refreshToken": "invented refresh token"}
        return Answer(json.dumps(document | {"accessToken": given}))


class Metadata(Server):
    """The service of an instance (IMDSv2), whose role is `machine`, and of a container on it, whose role is `task`."""

    def __init__(self) -> None:
        super().__init__(self._answer)

    def _answer(self, got: Got) -> Answer:
        roles = "/latest/meta-data/iam/security-credentials/"
        match got.method, got.target:
            case "GET", "/task" if got.fields.get("authorization") == CONTAINER_TOKEN:
                return _give("ASIATASK", lasts=21600)
            case "PUT", "/latest/api/token" if got.fields["x-aws-ec2-metadata-token-ttl-seconds"]:
                return Answer("invented-metadata-token", media_type="text/plain")
            case "GET", path if got.fields.get("x-aws-ec2-metadata-token") == "invented-metadata-token":
                return (
                    Answer("machine", media_type="text/plain") if path == roles else _give("ASIAMACHINE", lasts=21600)
                )
        return Answer("", status=401)


def _give(key: str, lasts: float) -> Answer:
    keys = keys_of(key)
    given = {
        "Code": "Success",
        "AccessKeyId": keys.access_key_id,
        "SecretAccessKey": keys.secret_access_key,
        "Token": keys.session_token,
        "Expiration": in_seconds(lasts),
    }
    return Answer(json.dumps(given))


class Tunnel:
    """A proxy that leads every CONNECT to one port on loopback: what asks for AWS's own hosts is answered there.

    Args:
        port: where to.

    Attributes:
        port: where it listens.
        hosts: what was asked for, in order, `sts.eu-west-1.amazonaws.com:443`.
    """

    def __init__(self, port: int) -> None:
        self._target = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self.hosts: list[str] = []
        self._threads = [threading.Thread(target=self._accept)]

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(5)

    def _accept(self) -> None:
        with suppress(OSError):  # the listener is closed
            while True:
                connection, _ = self._listener.accept()
                self._threads.append(threading.Thread(target=self._serve, args=(connection,), daemon=True))
                self._threads[-1].start()

    def _serve(self, near: socket.socket) -> None:
        with suppress(OSError), near, socket.create_connection(("127.0.0.1", self._target), 5) as far:
            head = near.recv(2**16)
            self.hosts.append(head.split(b" ", 2)[1].decode())
            near.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            while ready := select.select([near, far], [], [], 10)[0]:
                for one, other in ((near, far), (far, near)):
                    if one in ready:
                        part = one.recv(2**16)
                        if not part:
                            return
                        other.sendall(part)
