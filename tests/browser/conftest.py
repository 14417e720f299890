"""One JupyterLab for all tests in the browser, with the notebooks that they look at."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
import pytest

from tests.browser.hostile import CELLS
from tests.browser.lab import run_notebook, serve_lab

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

_QUICKSTART = Path(__file__).parents[2] / "notebooks" / "quickstart.ipynb"


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """JupyterLab with the notebooks in its folder."""
    home = tmp_path_factory.mktemp("lab")
    (home / "notebooks").mkdir()
    shutil.copy(_QUICKSTART, home / "notebooks")
    hostile = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS])
    hostile.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(hostile, home / "notebooks" / "hostile.ipynb")
    with serve_lab(home) as url:
        yield url


@pytest.fixture(scope="module")
def quickstart(lab: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """The quickstart, run from top to bottom."""
    with run_notebook(lab, "quickstart.ipynb", tmp_path_factory.mktemp("profile")) as page:
        yield page


@pytest.fixture(scope="module")
def hostile(lab: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """A server that would run scripts, asked for all that it has."""
    with run_notebook(lab, "hostile.ipynb", tmp_path_factory.mktemp("profile")) as page:
        yield page
