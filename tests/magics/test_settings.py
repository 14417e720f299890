"""`%config ApigwMagics`: what it sets, what it refuses, and that a refused value harms nothing later."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from apigw_magic.magics.extension import ApigwMagics
from tests.magics.fakes import run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from apigw_magic.magics.state import State
    from tests.magics.fakes import Api


@pytest.mark.parametrize(
    "case",
    [
        ("timeout", "'soon'", 30.0),
        ("timeout", "0", 30.0),
        ("timeout", "-1", 30.0),
        ("timeout", "float('nan')", 30.0),
        ("timeout", "float('inf')", 30.0),
        ("timeout", "3601", 30.0),
        ("connect_timeout", "None", 5.0),
        ("connect_timeout", "0", 5.0),
        ("max_bytes", "0", 100 * 2**20),
        ("max_bytes", "1.5", 100 * 2**20),
        ("quiet", "'maybe'", False),
        ("history_size", "0", 1000),
        ("profile", "1", ""),
        ("region", "[]", ""),
    ],
)
def test_a_setting_that_cannot_be(
    shell: InteractiveShell, state: State, case: tuple[str, str, object], capsys: pytest.CaptureFixture[str]
) -> None:
    """It is refused, the value before stays, and neither another setting nor loading again stumbles over it."""
    setting, value, kept = case
    run(shell, f"%config ApigwMagics.{setting} = {value}")
    assert getattr(state.settings, setting) == kept
    run(shell, "%config ApigwMagics.timeout = 7.0")
    assert state.settings.timeout == 7.0
    capsys.readouterr()
    assert run(shell, "%reload_ext apigw_magic").success
    assert f"The setting {setting} stays" in capsys.readouterr().out or setting == "timeout"
    magics = shell.magics_manager.registry[ApigwMagics.__name__]
    assert (magics.timeout, getattr(magics, setting)) == (7.0, 7.0 if setting == "timeout" else kept)
    assert run(shell, "%apigw").success


def test_settings_count(shell: InteractiveShell, api: Api, capsys: pytest.CaptureFixture[str]) -> None:
    """A timeout is what a request waits, unless it says otherwise; quiet shows nothing; the history keeps its size."""
    run(shell, "%config ApigwMagics.timeout = 7.0")
    run(shell, "%apigw /orders")
    run(shell, "%apigw /orders --timeout 3")
    assert api.timeouts == [7.0, 3.0]
    run(shell, "%config ApigwMagics.quiet = True")
    run(shell, "%config ApigwMagics.history_size = 2")
    capsys.readouterr()
    run(shell, "%apigw /orders -o orders")
    assert capsys.readouterr().out == ""
    run(shell, "%apigw /text -o text")
    history = run(shell, "%apigw history").result
    assert list(history["target"]) == ["/orders", "/text"]
    assert list(history["rows"].isna()) == [False, True]


@pytest.fixture
def lazy(tmp_path: Path) -> Iterator[InteractiveShell]:
    """A shell that loads the extension when it is first asked for, by a profile with a wrong setting in it."""
    config = Config()
    config.HistoryManager.enabled = False
    config.MagicsManager.lazy_magics = {"apigw": "apigw_magic"}
    config.ApigwMagics.timeout = "soon"
    config.ApigwMagics.quiet = True
    config.ApigwMagics.colour = "red"
    made = InteractiveShell.instance(config=config, ipython_dir=str(tmp_path))
    yield made
    InteractiveShell.clear_instance()


def test_loaded_lazily(lazy: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    """`%apigw` is there without `%load_ext`; the profile's settings count, those that cannot be are named."""
    assert run(lazy, "%apigw").success
    told = capsys.readouterr().out
    assert "The setting timeout stays 30.0" in told
    assert "There is no setting colour." in told
    magics = lazy.magics_manager.registry[ApigwMagics.__name__]
    assert (magics.timeout, magics.quiet) == (30.0, True)


def test_a_cell_may_be_the_first(lazy: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    """A cell magic loads it as well."""
    assert not run(lazy, "%%apigw\nGET /orders").success
    assert "There is no connection yet." in capsys.readouterr().out
