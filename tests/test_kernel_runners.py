"""A notebook run by programs: nbclient, papermill and nbconvert see what a user sees, and stop where one would."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING

import nbformat
import papermill
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat.v4 import new_code_cell, new_notebook
from papermill.exceptions import PapermillExecutionError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from nbformat import NotebookNode

CELLS = (
    "%load_ext apigw_magic",
    "%apigw demo",
    "%apigw /orders?status=open",
    "(_.shape, Out[3].shape)",
    "%apigw -o orders /orders",
    "(orders.shape, _)",
    "df = %apigw /customers",
    "df.shape",
    "%apigw DELETE /orders/A-1001 --expect 403",
    *(
        cell
        for mode in ("Plain", "Context", "Verbose", "Minimal")
        for cell in (
            f"%xmode {mode}",
            "assert not get_ipython().run_cell('%apigw POST /orders').success",
        )
    ),
    "%xmode Context",
    "%apigw DELETE /orders/A-1001",
    "raise SystemError('ran on')",
)
STOPS = len(CELLS) - 2


def by_nbclient(source: Path, target: Path) -> None:
    """Run it as Jupyter's own library does."""
    notebook = nbformat.read(source, as_version=4)
    try:
        with pytest.raises(CellExecutionError):
            NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    finally:
        nbformat.write(notebook, target)


def by_papermill(source: Path, target: Path) -> None:
    """Run it as a pipeline does."""
    with pytest.raises(PapermillExecutionError):
        papermill.execute_notebook(source, target, progress_bar=False, log_output=False, kernel_name="python3")


def by_nbconvert(source: Path, target: Path) -> None:
    """Run it from the command line: the exit status says that it failed; without errors allowed nothing is written."""
    convert = [sys.executable, "-m", "nbconvert", "--to", "notebook", "--execute", str(source)]
    done = subprocess.run([*convert, "--output", str(target)], capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "reader may not DELETE /orders/A-1001." in done.stderr
    assert "ran on" not in done.stderr.rpartition("StatusError")[2]
    source.write_text(source.read_text("utf-8").replace("raise SystemError", "print"), "utf-8")
    subprocess.run([*convert, "--output", str(target), "--allow-errors"], capture_output=True, text=True, check=True)


@pytest.mark.parametrize("run", [by_nbclient, by_papermill, by_nbconvert])
def test_a_notebook_that_is_run_by_a_program(run: Callable[[Path, Path], None], tmp_path: Path) -> None:
    """Values, `_`, `Out`, `-o`, assignment are as at the keyboard; a refusal is an error output, and ends the run."""
    source, target = tmp_path / "source.ipynb", tmp_path / "target.ipynb"
    notebook = new_notebook(cells=[new_code_cell(cell) for cell in CELLS])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, source)
    run(source, target)
    done = nbformat.read(target, as_version=4)
    cells = [
        cell for cell in done.cells if cell.cell_type == "code" and "papermill" not in cell.metadata.get("tags", [])
    ]
    cells = [cell for cell in cells if cell.source in CELLS or "print(" in cell.source]
    told = [tell(cell) for cell in cells]
    assert "9 rows" in told[2]
    assert told[3] == "((9, 11), (9, 11))"
    assert "40 rows" in told[4]
    assert "execute_result" not in [output.output_type for output in cells[4].outputs]
    assert told[5] == "((40, 11), ((9, 11), (9, 11)))"
    assert "8 rows" in told[6]
    assert told[7] == "(8, 5)"
    assert "reader may not DELETE" in told[8]
    for shown in told[10:17:2]:  # in each mode the same three lines
        assert shown.strip().splitlines()[0] == "403 AccessDeniedException: reader may not POST /orders."
        assert len(shown.strip().splitlines()) == 3
    (failed,) = cells[STOPS].outputs
    assert (failed.output_type, failed.ename) == ("error", "StatusError")
    if run is not by_nbconvert:
        assert cells[STOPS + 1].outputs == []


def tell(cell: NotebookNode) -> str:
    """Return what a cell showed as text, without colours."""
    parts = []
    for output in cell.outputs:
        match output.output_type:
            case "stream":
                parts.append(output.text)
            case "error":
                parts.append("\n".join(output.traceback))
            case _:
                parts.append(output.data.get("text/plain", ""))
    return re.sub(r"\x1b\[[\d;]*m", "", "\n".join(parts))
