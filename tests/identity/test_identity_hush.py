"""Botocore's DEBUG log during calls to STS."""

from __future__ import annotations

import logging
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING

import boto3

from apigw_magic.identity import RoleOptions, assume_role, hushed, wrap_session

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest

SECRETS = ("invented-base-key", "invented-base-token", "invented-role-key", "invented-role-token")
ANSWER = """<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult>
<AssumedRoleUser><Arn>arn:aws:sts::123456789012:assumed-role/reader/ana</Arn></AssumedRoleUser>
<Credentials><AccessKeyId>ASIAROLE</AccessKeyId><SecretAccessKey>invented-role-key</SecretAccessKey>
<SessionToken>invented-role-token</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>
</AssumeRoleResult></AssumeRoleResponse>"""


class Sts(BaseHTTPRequestHandler):
    """Answers AssumeRole."""

    def do_POST(self) -> None:
        """Give a role session."""
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", str(len(ANSWER)))
        self.end_headers()
        self.wfile.write(ANSWER.encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def serve() -> Iterator[str]:
    """An STS on loopback."""
    with HTTPServer(("127.0.0.1", 0), Sts) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def make_session() -> boto3.Session:
    """A session of the base identity."""
    return boto3.Session("ASIABASE", SECRETS[0], SECRETS[1], region_name="eu-west-1")


def test_no_secret_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    """Neither the base credentials nor the role session's are logged, at any level."""
    caplog.set_level(logging.DEBUG)
    with serve() as endpoint:
        base = wrap_session(make_session(), "eu-west-1", endpoint)
        caller = assume_role(base, RoleOptions("arn:aws:iam::123456789012:role/reader"))
    assert caller.credentials().secret_access_key == SECRETS[2]
    assert [secret for secret in SECRETS if secret in caplog.text] == []


def test_the_log_would_have_them(caplog: pytest.LogCaptureFixture) -> None:
    """The test above finds what is there: botocore alone logs the credentials."""
    caplog.set_level(logging.DEBUG)
    with serve() as endpoint:
        client = make_session().client("sts", endpoint_url=endpoint)
        client.assume_role(RoleArn="arn:aws:iam::123456789012:role/reader", RoleSessionName="ana")
    assert {"invented-base-token", "invented-role-key", "invented-role-token"} <= {
        s for s in SECRETS if s in caplog.text
    }


def test_other_threads_and_warnings_are_heard(caplog: pytest.LogCaptureFixture) -> None:
    """What other threads log meanwhile, what comes afterwards, and warnings pass."""
    caplog.set_level(logging.DEBUG)
    log = logging.getLogger("botocore.endpoint")
    with hushed():
        log.debug("hushed")
        log.warning("a warning")
        other = threading.Thread(target=log.debug, args=["of another thread"])
        other.start()
        other.join()
    log.debug("afterwards")
    assert caplog.messages == ["a warning", "of another thread", "afterwards"]
