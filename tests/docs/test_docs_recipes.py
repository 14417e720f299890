"""The recipe for tests of permissions, as its page has it: by pytest, and as a notebook, against the local account."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from apigw_magic.demo import provision, start
from tests.docs.pages import DOCS, read_page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apigw_magic.demo import Shop

_SECTION = "Permission tests in CI"
_BLOCKS = [block for block in read_page(DOCS / "recipes.md") if block.section[:1] == (_SECTION,)]
_COMMANDS = [block.text for block in _BLOCKS if block.kind == "sh" and not block.text.startswith("export ")]


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    """The shop in a local account."""
    with start() as account:
        yield provision(account)


def settle(shop: Shop, folder: Path) -> dict[str, str]:
    """Write the page's files and notebook, the connections led to the shop; return the environment to run them in."""
    (script,) = [block for block in _BLOCKS if block.words == "test_permissions.py"]
    (folder / script.words).write_text(script.text + "\n")
    (settings,) = [block for block in _BLOCKS if block.words == "pyproject.toml"]
    lines = [
        f'url = "{shop.url}"\nregion = "{shop.region}"' if line.startswith("url = ") else line
        for line in settings.text.splitlines()
    ]
    (folder / settings.words).write_text("\n".join(lines) + "\n")
    cells = [new_code_cell(block.text) for block in _BLOCKS if block.kind == "own-cell"]
    nbformat.write(new_notebook(cells=cells), folder / "permissions.ipynb")
    keys = shop.session.get_credentials()
    assert keys is not None
    assert keys.secret_key is not None
    credentials = folder / "credentials"
    credentials.write_text(
        f"[work]\naws_access_key_id = {keys.access_key}\naws_secret_access_key = {keys.secret_key}\n"
    )
    return {
        **os.environ,
        "AWS_SHARED_CREDENTIALS_FILE": str(credentials),
        "AWS_ENDPOINT_URL_STS": shop.sts_endpoint,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }


def run(command: str, folder: Path, environ: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a command of the page, below the variables that it exports."""
    exports = [block.text for block in _BLOCKS if block.kind == "sh" and block.text.startswith("export ")]
    script = "\n".join([*exports, command])
    return subprocess.run(
        ["/bin/sh", "-c", script], cwd=folder, env=environ, check=False, capture_output=True, text=True, timeout=120
    )


@pytest.mark.parametrize("command", _COMMANDS)
def test_permissions_hold(command: str, shop: Shop, tmp_path: Path) -> None:
    """Where the roles may do what the page says, the command ends well."""
    done = run(command, tmp_path, settle(shop, tmp_path))
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("command", _COMMANDS)
def test_permissions_do_not_hold(command: str, shop: Shop, tmp_path: Path) -> None:
    """Where a role may not what is expected, its exit status is 1, and it says so."""
    environ = settle(shop, tmp_path)
    for name in ("test_permissions.py", "permissions.ipynb"):
        path = tmp_path / name
        path.write_text(path.read_text().replace("403/AccessDeniedException", "204"))
    done = run(command, tmp_path, environ)
    assert done.returncode == 1
    assert "Expected 204, but DELETE /orders/A-0000 as reader was answered 403" in done.stdout + done.stderr
