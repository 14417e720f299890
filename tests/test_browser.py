"""The quickstart in JupyterLab, in headless Chromium: what a user really sees."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

_QUICKSTART = Path(__file__).parents[1] / "notebooks" / "quickstart.ipynb"
_CHROMIUM = shutil.which("chromium")
_TOKEN = "of-this-test-alone"

if os.environ.get("CI_BROWSER") != "required":
    if _CHROMIUM is None:
        pytest.skip("no chromium on this machine (Debian: apt-get install chromium)", allow_module_level=True)
    pytest.importorskip("jupyterlab", reason="jupyterlab is not installed (the dependency group 'browser')")
    pytest.importorskip("playwright", reason="playwright is not installed (the dependency group 'browser')")

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


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """JupyterLab with the quickstart in its folder; the URL of the notebook."""
    home = tmp_path_factory.mktemp("lab")
    folder = home / "notebooks"
    folder.mkdir()
    shutil.copy(_QUICKSTART, folder)
    port = _free_port()
    settings = {
        name: str(home / name.lower()) for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")
    }
    server = subprocess.Popen(
        [
            sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root",
            "--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}", "--ServerApp.port_retries=0",
            f"--IdentityProvider.token={_TOKEN}", f"--ServerApp.root_dir={folder}",
            "--LabApp.expose_app_in_browser=True", "--LabApp.extension_manager=readonly", "--LabApp.news_url=None",
        ],
        env={**os.environ, **settings, "HOME": str(home), "IPYTHONDIR": str(home / "ipython")},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        _await_server(server, f"http://127.0.0.1:{port}/api?token={_TOKEN}")
        yield f"http://127.0.0.1:{port}/lab/tree/{_QUICKSTART.name}?reset&token={_TOKEN}"
    finally:
        server.terminate()
        server.wait(timeout=20)


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


@pytest.fixture(scope="module")
def page(lab: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """The quickstart, run from top to bottom in a browser."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - absent where the module is skipped

    arguments = (
        "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
        "--disable-component-update --disable-sync"
    )
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            tmp_path_factory.mktemp("profile"),
            executable_path=_CHROMIUM,
            headless=True,
            args=arguments.split(),
            viewport={"width": 1280, "height": 3200},
        )
        opened = context.new_page()
        opened.goto(lab)
        opened.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=60_000)
        opened.evaluate(_RUN_ALL)
        yield opened
        if shots := os.environ.get("SCREENSHOTS"):
            Path(shots).mkdir(parents=True, exist_ok=True)
            opened.screenshot(path=Path(shots) / "quickstart.png")
        context.close()


def test_frame_under_a_status_line(page: Page) -> None:
    """The first request shows a status line, and a table below it."""
    status, frame, *_ = page.locator(".jp-OutputArea-output.jp-RenderedHTML").all()
    assert status.inner_text().startswith("200 OK · 5 rows")
    assert frame.locator("table.dataframe tbody tr").count() == 5


def test_expected_refusal_is_told(page: Page) -> None:
    """A refusal that the cell expects is told in words, and is no error output."""
    told = page.get_by_text("403 AccessDeniedException: reader may not POST /orders.")
    assert told.count() == 1
    assert page.locator(".jp-OutputArea-output[data-mime-type='application/vnd.jupyter.stderr']").count() == 0


def test_connections_are_shown_whole(page: Page) -> None:
    """The table of connections cuts no ARN short."""
    assert page.get_by_text(":assumed-role/partner/").count() == 1
