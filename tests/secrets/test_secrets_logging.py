"""No secret in the log, at any level, of any logger; nor what http.client prints where somebody asks it to.

What the log of a shell holds is searched in `test_secrets_shell.py`, that of a new process in `test_secrets_kernel.py`.
"""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from typing import TYPE_CHECKING

import boto3
import pytest

import apigw_magic as apigw
from tests.secrets.aws import API, REGION
from tests.secrets.canaries import tell
from tests.secrets.shell import recorded

if TYPE_CHECKING:
    from tests.secrets.world import World

_ROLE = "arn:aws:iam::111122223333:role/reader"


def test_the_log_would_have_them(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The recorder and the search find what is there: botocore by itself logs base and role credentials."""
    monkeypatch.setenv("AWS_STS_REGIONAL_ENDPOINTS", "regional")  # as later ones do of themselves
    with recorded() as recorder:
        sts = boto3.Session(region_name=REGION).client("sts")
        sts.assume_role(
            RoleArn=_ROLE, RoleSessionName="ana", SerialNumber="AB12345678", TokenCode=world.one("MFA code")
        )
    kinds = {one.kind for one in world.canaries.find("\n".join(recorder.said))}
    assert kinds >= {
        "MFA code",
        "secret key of a role session",
        "session token of a role session",
        "session token of the environment",
        "signature",
    }


def test_no_secret_is_logged_in_any_thread(world: World) -> None:
    """Connections that are made, used, renewed and refused in several threads at once log none."""
    refused = 0

    def work(number: int) -> None:
        nonlocal refused
        connection = apigw.connect(API, role=f"reader{number}", api_key=world.one("API key"))
        connection.get("/orders")
        connection.renew()
        try:
            apigw.connect(API, profile="chained-echo")
        except apigw.CredentialsError:
            refused += 1

    with recorded() as recorder, ThreadPoolExecutor(2) as pool:
        list(pool.map(work, range(2)))
    assert refused == 2
    assert tell(world.canaries.find("\n".join(recorder.said))) == ""


@pytest.mark.parametrize("profile", ["chained-echo", "mfa-echo", "sso-InvalidRequestException"])
def test_warnings_are_logged_without_the_exception(world: World, profile: str) -> None:
    """What botocore warns of is heard, without the exception whose text quotes the request."""
    with recorded() as recorder, pytest.raises(apigw.CredentialsError):
        apigw.connect(API, profile=profile)
    assert tell(world.canaries.find("\n".join(recorder.said))) == ""


def test_no_secret_in_the_stream_of_boto3(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """`boto3.set_stream_logger("")`, which people use to see what goes on, shows none of ours."""
    root = logging.getLogger()
    before = list(root.handlers), root.level
    boto3.set_stream_logger("")
    try:
        logging.getLogger("botocore.endpoint").debug("it is on")
        apigw.connect(API, role="reader", api_key=world.one("API key")).get("/good")
    finally:
        root.handlers[:], _ = before
        root.setLevel(before[1])
    shown = capsys.readouterr()
    assert "it is on" in shown.err
    assert tell(world.canaries.find(shown.out + shown.err)) == ""


def test_http_client_prints_no_request(
    world: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who turned on http.client's own output sees no request to an API in it; those of the SDK are the SDK's."""
    connection = apigw.connect(API, role="reader", api_key=world.one("API key"))
    monkeypatch.setattr(HTTPConnection, "debuglevel", 1)
    capsys.readouterr()
    assert connection.get("/good").status_code == 200
    shown = capsys.readouterr()
    assert tell(world.canaries.find(shown.out + shown.err)) == ""
