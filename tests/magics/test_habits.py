"""What is typed out of habit is refused with what to write instead, and sends nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from apigw_magic.magics.habits import mend_command, mend_option
from apigw_magic.magics.options import COMMANDS, REQUEST_OPTIONS
from tests.magics.fakes import run

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from apigw_magic.magics.state import State
    from tests.magics.fakes import Api


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("GET /orders --role writer", "--as NAME"),
        ("GET /orders --params status=open", "/orders?status=open"),
        ("GET /orders --limit 5", "/orders?status=open"),
        ("-X POST /orders", "%apigw GET /orders"),
        ("GET /orders params={'status':'open'}", "/orders?status=open"),
        ("POST /orders json={}", "-d '{{ order }}'"),
        ("POST /orders {}", "-d '{{ order }}'"),
        ("GET /orders > orders.csv", "--save FILE"),
        ("GET /orders | head", "-o orders"),
        ("GET /orders --as reader, writer", "--as reader,writer"),
        ("history 5", "[-n N]"),
        ("demo --stop", "%apigw demo stop"),
        ("list", "%apigw alone lists"),
        ("disconnect", "%apigw close NAME"),
        ("login", "%apigw renew"),
        ("stop", "%apigw demo stop"),
        ("as writer", "--as NAME"),
    ],
)
def test_habits(shell: InteractiveShell, state: State, api: Api, line: str, told: str) -> None:
    """The error names the right spelling."""
    assert state.connections.current is not None
    error = str(run(shell, f"%apigw {line}").error)
    assert told in error
    assert api.sent == []


def test_habits_are_no_options() -> None:
    """What exists is not mended."""
    assert not [flag for option in REQUEST_OPTIONS for flag in option.flags if mend_option(flag)]
    assert not [command.name for command in COMMANDS if mend_command(command.name)]
