"""One JupyterLab for all tests in the browser, with the notebooks that they look at."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
import pytest

from tests.browser.hostile import CELLS
from tests.browser.lab import open_playwright, run_notebook, serve_lab

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page, Playwright

_QUICKSTART = Path(__file__).parents[2] / "notebooks" / "quickstart.ipynb"


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """What drives the browsers."""
    with open_playwright() as playwright:
        yield playwright


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
def quickstart(playwright: Playwright, lab: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """The quickstart, run from top to bottom."""
    with run_notebook(playwright, lab, "quickstart.ipynb", tmp_path_factory.mktemp("profile")) as page:
        yield page


@pytest.fixture(scope="module")
def classic(playwright: Playwright, lab: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """The quickstart in Notebook 7."""
    profile = tmp_path_factory.mktemp("profile")
    with run_notebook(playwright, lab, "quickstart.ipynb", profile, view="notebooks") as page:
        yield page


@pytest.fixture(scope="module")
def hostile(playwright: Playwright, lab: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """A server that would run scripts, asked for all that it has."""
    with run_notebook(playwright, lab, "hostile.ipynb", tmp_path_factory.mktemp("profile")) as page:
        yield page
