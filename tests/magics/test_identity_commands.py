"""`%apigw use`, `close`, `renew` and `whoami` in a real shell, with an STS and an API on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest

from apigw_magic.errors import ApigwError, CredentialsError, SessionExpiredError
from tests.magics.fakes import run
from tests.magics.local_sts import (
    ACCOUNT,
    HANG_UP,
    REGION,
    SECRET_KEY,
    TOKEN,
    USER_ARN,
    Answer,
    Local,
    read_scope,
    refuse,
    serve_both,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from IPython.core.interactiveshell import InteractiveShell

    from apigw_magic.magics.state import State

DEVICE = f"arn:aws:iam::{ACCOUNT}:mfa/ana"
EXPIRED = refuse("ExpiredToken", "The security token included in the request is expired")
GONE = refuse("InvalidClientTokenId", "The security token included in the request is invalid.")
ROLE_ARN = f"arn:aws:sts::{ACCOUNT}:assumed-role/reader/ana"


@pytest.fixture(scope="module")
def servers() -> Iterator[Local]:
    """The STS and the API of these tests."""
    with serve_both() as made:
        yield made


@pytest.fixture
def local(servers: Local, shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Local:
    """The STS and the API, reached from a folder of the test's own."""
    servers.settle(shell, monkeypatch, tmp_path)
    return servers


@pytest.fixture
def connected(shell: InteractiveShell, state: State, local: Local, capsys: pytest.CaptureFixture[str]) -> State:
    """A connection as the base identity, and one as a role, which is the current one."""
    assert run(shell, f"%apigw connect {local.url} --region {REGION} --name base").success
    assert run(shell, "%apigw connect --role reader --session-name ana").success
    local.sts.asked.clear()
    capsys.readouterr()
    return state


def fail(state: State, line: str) -> ApigwError:
    """Run a line that fails, and see that connections, `_` and the last response stay."""
    before = [(made.name, made) for made in state.connections], state.connections.current
    value, last = state.shell.user_ns.get("_"), state.last
    error = run(state.shell, f"%apigw {line}").error
    assert isinstance(error, ApigwError)
    assert 2 <= len(error.lines) <= 3
    assert ([(made.name, made) for made in state.connections], state.connections.current) == before
    assert state.shell.user_ns.get("_") is value
    assert state.last is last
    return error


def test_whoami_of_a_role(connected: State, local: Local, capsys: pytest.CaptureFixture[str]) -> None:
    """STS is asked at that moment, by the role session; its answer and its way are shown."""
    row = run(connected.shell, "%apigw whoami").result.loc[0]
    assert local.sts.actions == ["GetCallerIdentity"]
    assert local.sts.keys[-1].startswith("ASIA")
    assert row["connection"] == "reader"
    assert (row["account"], row["arn"]) == (ACCOUNT, ROLE_ARN)
    assert row["credentials"] == "environment variables → role reader"
    assert 59 <= row["minutes left"] <= 60
    assert row["renewal"] == "by itself, before they end"
    shown = capsys.readouterr().out
    assert f"arn          {ROLE_ARN}" in shown
    assert "UTC, in 60 min" in shown


def test_whoami_of_static_keys(connected: State, local: Local, capsys: pytest.CaptureFixture[str]) -> None:
    """Keys without an end never expire; another than the current connection is asked about by name."""
    row = run(connected.shell, "%apigw whoami {{ 'base' }}").result.loc[0]
    assert local.sts.keys[-1].startswith("AKID")
    assert row["arn"] == USER_ARN
    assert row["credentials"] == "environment variables"
    assert pd.isna(row["expires"])
    assert pd.isna(row["minutes left"])
    assert row["renewal"] == "not needed"
    assert "expires      never" in capsys.readouterr().out
    assert connected.connections.find().name == "reader"


def test_whoami_says_what_is_so_now(connected: State, local: Local) -> None:
    """An identity that is another by now is shown as it is now, in the status as well."""
    local.sts.arn = f"arn:aws:iam::{ACCOUNT}:user/renamed"
    assert run(connected.shell, "%apigw whoami base").result.loc[0, "arn"] == local.sts.arn
    status = run(connected.shell, "%apigw").result.set_index("name")
    assert status.loc["base", "identity"] == local.sts.arn


def test_whoami_through_profiles_and_roles(connected: State, local: Local) -> None:
    """The way begins at the profile, and names every role on it."""
    line = f"{local.url} --region {REGION} --profile work --via hop --role team/far --name far"
    assert run(connected.shell, f"%apigw connect {line}").success
    row = run(connected.shell, "%apigw whoami").result.loc[0]
    assert row["credentials"] == "profile work (config file) → role hop → role far"
    assert row["arn"].startswith(f"arn:aws:sts::{ACCOUNT}:assumed-role/far/")


def test_whoami_without_sts(connected: State, local: Local) -> None:
    """While STS cannot be reached, what is known already is shown."""
    local.sts.answers["*"] = HANG_UP
    assert run(connected.shell, "%apigw whoami").result.loc[0, "arn"] == ROLE_ARN


def test_whoami_where_nothing_is_known(connected: State, local: Local) -> None:
    """An identity that could never be asked about is an error, and a missing value in the status."""
    local.sts.answers["*"] = HANG_UP
    assert run(connected.shell, f"%apigw connect {local.url} --region {REGION} --name dark").success
    error = fail(connected, "whoami")
    assert isinstance(error, CredentialsError)
    assert error.is_unreachable
    status = run(connected.shell, "%apigw").result.set_index("name")
    assert pd.isna(status.loc["dark", "identity"])
    local.sts.answers.clear()
    assert run(connected.shell, "%apigw whoami").result.loc[0, "arn"] == USER_ARN
    status = run(connected.shell, "%apigw").result.set_index("name")
    assert status.loc["dark", "identity"] == USER_ARN


@pytest.mark.parametrize(("answer", "kind"), [(EXPIRED, "sts_expired"), (GONE, "sts_bad_key")])
def test_whoami_refused(connected: State, local: Local, answer: Answer, kind: str) -> None:
    """A refusal is an error, explained; the connection stays as it was."""
    local.sts.answers["*"] = answer
    error = fail(connected, "whoami")
    assert error.explanation is not None
    assert error.explanation.kind == kind
    local.sts.answers.clear()
    assert run(connected.shell, "%apigw whoami").result.loc[0, "arn"] == ROLE_ARN


def test_renew(connected: State, local: Local, capsys: pytest.CaptureFixture[str]) -> None:
    """The current connection's role is assumed anew, and says who it is and how long."""
    before = connected.connections.find()._caller.credentials()
    assert run(connected.shell, "%apigw renew").success
    assert local.sts.actions == ["AssumeRole"]
    assert connected.connections.find()._caller.credentials() != before
    assert capsys.readouterr().out.rstrip() == f"reader: {local.url} as {ROLE_ARN} (60 min left)"


def test_renew_by_name(connected: State, local: Local) -> None:
    """Another connection is renewed by name, and does not become current."""
    run(connected.shell, "%apigw connect --role writer")
    local.sts.asked.clear()
    assert run(connected.shell, "%apigw renew {{ 'reader' }}").success
    assert [asked["RoleArn"] for asked in local.sts.assumed] == [f"arn:aws:iam::{ACCOUNT}:role/reader"]
    assert connected.connections.find().name == "writer"


def test_renew_reads_the_base_credentials_anew(connected: State, local: Local, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys that were replaced meanwhile are used, without another kernel."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDREPLACED")
    assert run(connected.shell, "%apigw renew").success
    assert local.sts.keys[-1] == "AKIDREPLACED"


@pytest.mark.parametrize("answer", [EXPIRED, refuse("AccessDenied"), HANG_UP])
def test_renew_refused(connected: State, local: Local, answer: Answer) -> None:
    """If others cannot be had, the present ones go on."""
    before = connected.connections.find()._caller.credentials()
    local.sts.answers["AssumeRole"] = answer
    error = fail(connected, "renew")
    assert isinstance(error, CredentialsError)
    assert connected.connections.find()._caller.credentials() == before
    assert run(connected.shell, "%apigw /orders").success
    assert read_scope(local.api.sent[-1][1])[0] == before.access_key_id


def test_renew_without_base_credentials(connected: State, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the base credentials are gone, that is said, and the role session goes on."""
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    fail(connected, "renew")
    assert run(connected.shell, "%apigw /orders").success


def test_mfa(
    connected: State, local: Local, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The code is asked for at connect and at renew, and no other time; it is shown nowhere."""
    prompts: list[str] = []

    def read(prompt: str) -> str:
        prompts.append(prompt)
        return f"12345{len(prompts)}"

    monkeypatch.setattr("getpass.getpass", read)  # as a kernel does while a cell runs
    assert run(connected.shell, f"%apigw connect --role admin --mfa-serial {DEVICE}").success
    row = run(connected.shell, "%apigw whoami").result.loc[0]
    assert row["renewal"] == "%apigw renew, with an MFA code"
    assert run(connected.shell, "%apigw /orders").success
    assert prompts == [f"MFA code for {DEVICE}: "]
    assert run(connected.shell, "%apigw renew").success
    assert [asked["TokenCode"] for asked in local.sts.assumed] == ["123451", "123452"]
    shown = capsys.readouterr().out
    assert "12345" not in shown


def test_mfa_where_nobody_can_be_asked(connected: State, local: Local) -> None:
    """Without input a code is neither waited for nor sent."""
    error = fail(connected, f"connect --role admin --mfa-serial {DEVICE}")
    assert isinstance(error, SessionExpiredError)
    assert local.sts.asked == []


def test_who_signs(connected: State, local: Local) -> None:
    """`use`, `--as` and `close` decide who signs, request by request."""
    keys = {made.name: made._caller.credentials().access_key_id for made in connected.connections}
    for line, who in [
        ("/orders", "reader"),
        ("/orders --as base", "base"),
        ("/orders", "reader"),
        ("use base", ""),
        ("/orders", "base"),
        ("use reader", ""),
        ("close reader", ""),
        ("/orders", "base"),
    ]:
        assert run(connected.shell, f"%apigw {line}").success
        if who:
            assert read_scope(local.api.sent[-1][1])[0] == keys[who]


def test_time_runs_out(connected: State, local: Local) -> None:
    """What is left of each session is told in minutes, a begun one in full."""
    local.sts.lifetime = 3
    assert run(connected.shell, "%apigw connect --role short").success
    status = run(connected.shell, "%apigw").result.set_index("name")
    assert status.loc["short", "minutes left"] == 1
    assert status.loc["reader", "minutes left"] == 60


def test_no_secret_is_shown(connected: State, capsys: pytest.CaptureFixture[str]) -> None:
    """No command shows a secret key or a session token, as text or as HTML."""
    for line in ("", "whoami", "renew", "use base", "whoami", "close base"):
        value = run(connected.shell, f"%apigw {line}").result
        html = "" if value is None else str(value._repr_html_())
        shown = capsys.readouterr().out + html
        assert shown
        assert [secret for secret in (SECRET_KEY, TOKEN) if secret in shown] == []
