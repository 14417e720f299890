"""JupyterLab and Notebook 7 on this machine, and a browser to look at them."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Locator, Page, Playwright

CHROMIUM = shutil.which("chromium")
_TOKEN = "of-this-test-alone"

# Resolves when the page's notebook and its kernel are ready, runs all cells, and resolves when the last one is done.
_RUN_ALL = """async () => {
  const app = window.jupyterapp;
  await app.restored;
  const panel = app.shell.currentWidget;
  await panel.context.ready;
  await panel.sessionContext.ready;
  await panel.sessionContext.session.kernel.info;
  await app.commands.execute('notebook:run-all-cells');
}"""

# Appends a cell, and resolves when it has run.
_RUN_CELL = """async source => {
  const app = window.jupyterapp;
  const notebook = app.shell.currentWidget.content;
  notebook.activeCellIndex = notebook.widgets.length - 1;
  await app.commands.execute('notebook:insert-cell-below');
  notebook.activeCell.model.sharedModel.setSource(source);
  await app.commands.execute('notebook:run-cell');
}"""

_ARGUMENTS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)


def skip_without_browser() -> None:
    """Skip a module where there is no browser or no JupyterLab; CI requires both."""
    if os.environ.get("CI_BROWSER") == "required":
        return
    if CHROMIUM is None:
        pytest.skip("no chromium on this machine (Debian: apt-get install chromium)", allow_module_level=True)
    pytest.importorskip("jupyterlab", reason="jupyterlab is not installed (the dependency group 'browser')")
    pytest.importorskip("notebook", reason="notebook is not installed (the dependency group 'browser')")
    pytest.importorskip("playwright", reason="playwright is not installed (the dependency group 'browser')")


@contextmanager
def serve_lab(home: Path) -> Iterator[str]:
    """Run JupyterLab, with Notebook 7 beside it, over the folder `home/notebooks`; yields its URL."""
    port = _free_port()
    settings = {
        name: str(home / name.lower()) for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")
    }
    server = subprocess.Popen(
        [
            sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root",
            "--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}", "--ServerApp.port_retries=0",
            f"--IdentityProvider.token={_TOKEN}", f"--ServerApp.root_dir={home / 'notebooks'}",
            "--LabApp.expose_app_in_browser=True", "--JupyterNotebookApp.expose_app_in_browser=True",
            "--LabApp.extension_manager=readonly", "--LabApp.news_url=None",
        ],
        env={**os.environ, **settings, "HOME": str(home), "IPYTHONDIR": str(home / "ipython")},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        _await_server(server, f"http://127.0.0.1:{port}/api?token={_TOKEN}")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(timeout=20)


@contextmanager
def open_playwright() -> Iterator[Playwright]:
    """Start what drives browsers; of it there can be only one at a time in a thread."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - absent where the tests are skipped

    with sync_playwright() as playwright:
        yield playwright


@contextmanager
def run_notebook(
    playwright: Playwright, server: str, name: str, profile: Path, *, view: str = "lab/tree"
) -> Iterator[Page]:
    """Run a notebook from top to bottom in a browser of its own.

    Args:
        playwright: as `open_playwright` yields it.
        server: as `serve_lab` yields it.
        name: of the notebook.
        profile: an empty folder for the browser.
        view: `lab/tree` for JupyterLab, `notebooks` for Notebook 7.

    Yields:
        The page when its kernel has run the last cell.
    """
    context = playwright.chromium.launch_persistent_context(
        profile,
        executable_path=CHROMIUM,
        headless=True,
        args=_ARGUMENTS.split(),
        viewport={"width": 1280, "height": 3200},
    )
    page = context.new_page()
    page.goto(f"{server}/{view}/{name}?reset&token={_TOKEN}")
    page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=60_000)
    page.evaluate(_RUN_ALL)
    yield page
    context.close()


def run_cell(page: Page, source: str) -> Locator:
    """Run a cell below the last one, and return its outputs."""
    page.evaluate(_RUN_CELL, source)
    return page.locator(".jp-CodeCell").last.locator(".jp-OutputArea-output")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _await_server(server: subprocess.Popen[bytes], url: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert server.poll() is None, "JupyterLab ended"
        try:
            with urllib.request.urlopen(url, timeout=2):  # noqa: S310 - the server above
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail("JupyterLab did not start")
