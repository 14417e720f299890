"""Runs the notebooks and stores them with their outputs: `nox -s notebooks`.

What a run leaves of the machine and the moment in its outputs (ports, who ran it, ids, times) is replaced by words of
the same form, so that a stored notebook tells no more than what it is about, and a second run tells the same.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
from nbclient import NotebookClient

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbformat import NotebookNode

FOLDER = Path(__file__).parents[2] / "notebooks"
EXECUTED = ("quickstart.ipynb", "permissions.ipynb")

_WAITING = "Starting the local account"

_PLAIN = (
    (re.compile(r"127\.0\.0\.1:\d+"), "127.0.0.1:4566"),
    (re.compile(r"(execute-api/|0000:)[0-9a-f]{8}\b"), r"\g<1>a1b2c3d4"),
    (re.compile(r"\b[\d,]+ ms\b"), "12 ms"),
    (re.compile(r"\b\d+ min left\b"), "60 min left"),
    (re.compile(r"\breq [^\s<]{8}…"), "req 9f1c22ab…"),
    (re.compile(r"(assumed-role/[\w+=,.@-]+/)[\w+=,.@-]+"), r"\1you@laptop"),
)


def execute(notebook: NotebookNode) -> NotebookNode:
    """Run a notebook in a kernel of its own and return it with outputs in which nothing is of this machine."""
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    NotebookClient(notebook, timeout=120, kernel_name="python3", record_timing=False).execute()
    for cell in notebook.cells:
        if cell.cell_type == "code":  # on a slow machine, a word to those who wait
            cell.outputs = [output for output in cell.outputs if _WAITING not in json.dumps(output)]
    return make_plain(notebook)


def read(name: str) -> NotebookNode:
    """Read a notebook as it is stored."""
    return nbformat.read(FOLDER / name, as_version=4)


def make_plain(notebook: NotebookNode) -> NotebookNode:
    """Return the notebook without what is of one machine, one moment or one version of a kernel."""
    plain: NotebookNode = nbformat.from_dict(_replace(json.loads(json.dumps(notebook))))
    plain.metadata = nbformat.from_dict(
        {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        }
    )
    return plain


def read_texts(notebook: NotebookNode) -> Iterator[tuple[int, str, str]]:
    """Yield number of the cell, kind and text of each output."""
    for number, cell in enumerate(notebook.cells):
        for output in cell.get("outputs", ()):
            match output.output_type:
                case "stream":
                    yield number, output.output_type, output.text
                case "error":
                    yield number, output.output_type, "\n".join([output.ename, *output.traceback])
                case _:
                    yield number, output.output_type, output.data.get("text/plain", "")


def _replace(part: object) -> object:
    """Replace in every text of a document."""
    if isinstance(part, dict):
        return {key: _replace(value) for key, value in part.items()}
    if isinstance(part, list):
        return [_replace(value) for value in part]
    if not isinstance(part, str):
        return part
    for pattern, word in _PLAIN:
        part = pattern.sub(word, part)
    return part


def main() -> None:
    """Store every notebook that can be run anywhere."""
    for name in EXECUTED:
        nbformat.write(execute(read(name)), FOLDER / name)


if __name__ == "__main__":
    main()
