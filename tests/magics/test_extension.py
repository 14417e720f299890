"""Loading and unloading."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from tests.magics.fakes import run

if TYPE_CHECKING:
    import pytest
    from IPython.core.interactiveshell import InteractiveShell

    from tests.magics.fakes import Api

_HEAVY = {"boto3", "botocore", "pandas", "urllib3", "ssl", "numpy"}


def test_load_registers_both_magics(shell: InteractiveShell) -> None:
    """`%apigw` and `%%apigw` are there."""
    assert shell.find_line_magic("apigw")
    assert shell.find_cell_magic("apigw")


def test_load_is_light() -> None:
    """What is only needed by a request is not loaded by `%load_ext`."""
    code = (
        "import sys; from IPython.core.interactiveshell import InteractiveShell as S; "
        "shell = S.instance(); before = set(sys.modules); shell.run_line_magic('load_ext', 'apigw_magic'); "
        "assert shell.find_line_magic('apigw'); print(*sorted(set(sys.modules) - before))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert _HEAVY & set(done.stdout.split()) == set()


def test_unload_leaves_no_trace(shell: InteractiveShell, api: Api, capsys: pytest.CaptureFixture[str]) -> None:
    """After `%unload_ext` neither magic, configurable nor connection is left, and what was dropped is said."""
    assert api.sent == []
    run(shell, "%unload_ext apigw_magic")
    assert "dropped the connections writer, reader" in capsys.readouterr().out
    assert shell.find_line_magic("apigw") is None
    assert shell.find_cell_magic("apigw") is None
    assert not [part for part in shell.configurables if type(part).__name__ == "ApigwMagics"]
    assert "ApigwMagics" not in shell.magics_manager.registry


def test_reload(shell: InteractiveShell) -> None:
    """`%load_ext` twice and `%reload_ext` work."""
    assert run(shell, "%load_ext apigw_magic").success
    assert run(shell, "%reload_ext apigw_magic").success
    assert run(shell, "%apigw").success


def test_nothing_in_the_namespace(shell: InteractiveShell, api: Api) -> None:
    """Neither loading nor a request puts a name into the user's namespace."""
    before = set(shell.user_ns)
    run(shell, "%apigw GET /orders")
    assert len(api.sent) == 1
    added = {name for name in set(shell.user_ns) - before if not name.startswith("_")}
    assert added == set()


def test_question_mark_shows_the_help(shell: InteractiveShell) -> None:
    """`%apigw?` and `%%apigw?` render the same help as `-h`."""
    help_text = shell.find_line_magic("apigw").__doc__
    assert help_text == shell.find_cell_magic("apigw").__doc__
    assert "--expect STATUS[/TYPE]" in help_text
