"""`%apigw demo` in a shell: one account at a time, and nothing left of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from apigw_magic.demo import start, tour
from tests.magics.fakes import run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from IPython.core.interactiveshell import InteractiveShell

    from apigw_magic.demo import LocalAccount
    from apigw_magic.magics.state import State
    from tests.magics.fakes import Api


@pytest.fixture(scope="module")
def other() -> Iterator[LocalAccount]:
    """An account that runs already, for attaching to."""
    with start() as started:
        yield started


def names(state: State) -> list[str]:
    """Return the names of the connections."""
    return [connection.name for connection in state.connections]


def test_one_account_at_a_time(
    shell: InteractiveShell, state: State, other: LocalAccount, capsys: pytest.CaptureFixture[str]
) -> None:
    """`demo` twice keeps the account; another endpoint replaces it, and the one that was ours ends."""
    assert run(shell, "%apigw demo").success
    assert state.demo is not None
    first = state.demo.account
    assert run(shell, "%apigw demo").success
    assert state.demo.account is first
    assert run(shell, f"%apigw demo --endpoint {other.endpoint}").success
    assert not first.alive
    assert names(state) == ["reader", "writer", "partner"]
    assert state.connections.find().url.startswith(f"{other.endpoint}/")
    capsys.readouterr()
    run(shell, "%apigw demo stop")
    assert "The local account is left as it is" in capsys.readouterr().out
    assert other.alive
    assert names(state) == []


def test_stop_closes_what_lives_by_the_account(
    shell: InteractiveShell, api: Api, state: State, capsys: pytest.CaptureFixture[str]
) -> None:
    """Connections with the account's credentials go with it, whatever they are called; others stay."""
    run(shell, "%apigw connect --role nosuch")
    assert names(state) == ["writer", "reader"]
    run(shell, "%apigw demo")
    run(shell, "%apigw connect --role writer --name again")
    run(shell, "%apigw connect --role locked")
    assert "STS does not let locked be assumed." in capsys.readouterr().out
    run(shell, "%apigw demo stop")
    assert names(state) == []  # reader and writer were replaced by the account's own
    assert api.sent == []


def test_an_account_that_died(shell: InteractiveShell, state: State) -> None:
    """A request to an account that is gone says so, and `demo` starts another."""
    run(shell, "%apigw demo")
    assert state.demo is not None
    state.demo.account.stop()
    result = run(shell, "%apigw /orders")
    assert str(result.error) == "The local account is gone.\nNothing was sent.\nStart it again: %apigw demo"
    assert run(shell, "%apigw demo").success
    assert run(shell, "%apigw /orders").success
    run(shell, "%apigw demo stop")


@pytest.mark.parametrize("problem", [KeyboardInterrupt(), ZeroDivisionError()])
def test_nothing_is_left_of_a_demo_that_fails(
    shell: InteractiveShell, state: State, problem: BaseException, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An interrupt while the shop is built ends the account that was started for it."""
    started: list[LocalAccount] = []

    def fail(account: LocalAccount) -> None:
        started.append(account)
        raise problem

    # An interrupt cannot be timed into the fraction of a second that building the shop takes.
    monkeypatch.setattr(tour, "provision", fail)
    assert not run(shell, "%apigw demo").success
    assert state.demo is None
    assert not started[0].alive


def test_partner_by_hand(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    """What the demo says of partner's external ID can be typed."""
    run(shell, "%apigw demo")
    assert "--external-id shop-partner" in capsys.readouterr().out
    assert run(shell, "%apigw connect --role partner --external-id shop-partner --name p").success
    run(shell, "%apigw demo stop")
