"""The cells of each page, run in a kernel on the local account: they end as the page says, and show what it tells."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

from tests.docs.pages import Block, matches, read_pages_with

if TYPE_CHECKING:
    from pathlib import Path

    from nbformat import NotebookNode

_RUN = read_pages_with("cell")


@pytest.mark.parametrize("page", _RUN, ids=lambda page: page.stem)
def test_cells(page: Path, tmp_path: Path) -> None:
    """All cells of a page, in one kernel with one local account, in a folder with the page's files."""
    blocks = _RUN[page]
    for block in blocks:
        if block.kind == "file" and "/" not in block.words:
            (tmp_path / block.words).write_text(block.text)
    cells = [block for block in blocks if block.kind == "cell"]
    ran = execute(cells, tmp_path)
    told = {id(before): block for before, block in pairwise(blocks) if block.kind == "output"}
    for block, cell in zip(cells, ran.cells, strict=True):
        where, shown = f"{page.name}:{block.number}", show(cell)
        failed = any(output.output_type == "error" for output in cell.outputs)
        assert failed is (block.words == "fails"), f"{where}: {shown}"
        assert block.words in {"", "fails"}, where
        if (output := told.get(id(block))) is not None:
            assert matches(output.text, shown), f"{where} shows\n{shown}\nand the page tells\n{output.text}"


def execute(cells: list[Block], folder: Path) -> NotebookNode:
    """Run cells in a kernel of their own, and return the executed notebook."""
    notebook = new_notebook(cells=[new_code_cell(cell.text) for cell in cells])
    for block, cell in zip(cells, notebook.cells, strict=True):
        cell.metadata.tags = ["raises-exception"] if block.words == "fails" else []
    client = NotebookClient(
        notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(folder)}}, allow_errors=True
    )
    done: NotebookNode = client.execute()
    nbformat.validate(done)
    return done


def show(cell: NotebookNode) -> str:
    """Return what a cell shows, as text."""
    parts = []
    for output in cell.outputs:
        match output.output_type:
            case "stream":
                parts.append(output.text)
            case "error":
                parts.append("\n".join(output.traceback))
            case _:
                parts.append(output.data.get("text/plain", ""))
    return "\n".join(part.strip("\n") for part in parts)
