"""Plays a notebook in the terminal: each cell as it is written, then what it gives, in this process."""

from __future__ import annotations

import atexit
import json
import sys
import tempfile
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from apigw_magic.errors import DemoError
from apigw_magic.magics.extension import ApigwMagics

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class _Cell:
    """A cell of a notebook.

    Attributes:
        kind: `code` or `markdown`.
        source: as written.
        fails: whether it is there to show how it fails.
    """

    kind: str
    source: str
    fails: bool


def play(notebook: Path) -> int:
    """Play a notebook and return the exit status: 0, or 1 at the first cell that does not end as it should.

    A cell fails as it does in a notebook: an answer that is not the one it expects (`--expect 403`, or any 2xx where
    it names none), or a wrong assertion. One with Jupyter's tag `raises-exception` has to fail.

    Args:
        notebook: its file.
    """
    cells = list(_read_cells(notebook))
    with tempfile.TemporaryDirectory(prefix="apigw-magic-") as home:
        shell = _open_shell(home)
        try:
            return _play_cells(shell, cells)
        finally:
            if (magics := shell.magics_manager.registry.get(ApigwMagics.__name__)) is not None:
                magics.drop()
            shell.atexit_operations()  # type: ignore[no-untyped-call] # IPython's own
            atexit.unregister(shell.atexit_operations)
            InteractiveShell.clear_instance()


def _play_cells(shell: InteractiveShell, cells: list[_Cell]) -> int:
    for cell in cells:
        if cell.kind == "markdown":
            _say(f"{cell.source}\n")
            continue
        _say(_prompt(shell.execution_count, cell.source))
        done = shell.run_cell(cell.source, store_history=True)  # type: ignore[no-untyped-call] # IPython's own
        if done.success == cell.fails:
            _say("\nThe cell above did not end as it should.")
            return 1
        _say("")
    return 0


def invite() -> None:
    """Say how to go on after a play, whose account is gone."""
    _say(
        "That account is gone with this play. For one of your own, to try things on:\n"
        f"  {_shorten(sys.executable)} -m IPython\n"
        "and there %load_ext apigw_magic, then %apigw demo. An empty line ends a cell."
    )


def _shorten(path: str) -> str:
    """Return a path as one would write it here."""
    here = Path.cwd()
    return str(Path(path).relative_to(here)) if Path(path).is_relative_to(here) else path


def _open_shell(home: str) -> InteractiveShell:
    """Open a shell that leaves nothing behind: no history, no profile in the user's home."""
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "linux" if sys.stdout.isatty() else "nocolor"
    shell: InteractiveShell = InteractiveShell.instance(config=config, ipython_dir=home)
    return shell


def _read_cells(notebook: Path) -> Iterator[_Cell]:
    """Yield each cell that says something."""
    for cell in json.loads(notebook.read_text("utf-8"))["cells"]:
        source = "".join(cell["source"]).strip()
        if source:
            yield _Cell(cell["cell_type"], source, fails="raises-exception" in cell.get("metadata", {}).get("tags", ()))


def find_notebook(name: str) -> Path:
    """Return the path of a notebook: in the installed package, or beside it in a checkout.

    Raises:
        DemoError: it is in neither.
    """
    package = Path(str(resources.files("apigw_magic")))
    for folder in (package, package.parent):
        path = folder / "notebooks" / name
        if path.is_file():
            return path
    raise DemoError(f"There is no notebook {name!r} in this installation.", fix="Install the package again.")


def _prompt(count: int, source: str) -> str:
    first = f"In [{count}]: "
    return first + source.replace("\n", "\n" + "   ...: ".rjust(len(first)))


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - the terminal is where it plays
