"""The notebooks: each is run, and what is stored in it is what a run gives."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import nbformat
import pytest
from nbclient import NotebookClient

from apigw_magic.demo import open_demo
from tests.notebooks.storing import EXECUTED, FOLDER, execute, make_plain, read, read_texts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from nbformat import NotebookNode

    from apigw_magic.demo import Demo

NAMES = sorted(path.name for path in FOLDER.glob("*.ipynb"))

# The kernel, the user and the machine are nobody's business; neither is when it was run.
_TRACES = re.compile(r"/(home|root|Users|tmp|usr)/|[Pp]ython 3\.\d|\.py:\d|\bvm\b|\d\.\d+\.\d+|execution\.|iopub")


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    """A local account in which a notebook for an account of one's own can be tried."""
    demo = open_demo()
    yield demo
    demo.account.stop()


def squeeze(notebook: NotebookNode) -> list[tuple[int, str, str]]:
    """Return the outputs as any pandas shows them: widths and the word for a missing value differ."""
    return [(n, kind, " ".join(text.replace("NaN", "None").split())) for n, kind, text in read_texts(notebook)]


@pytest.mark.parametrize("name", EXECUTED)
def test_outputs_are_true(name: str) -> None:
    """A run gives what is stored, but for what belongs to the machine and the moment."""
    stored = read(name)
    assert squeeze(execute(read(name))) == squeeze(stored)
    assert any(text for _, _, text in read_texts(stored))


@pytest.mark.parametrize("name", NAMES)
def test_no_trace_of_a_machine(name: str) -> None:
    """No path, port, user, host, version or time of a machine is stored; a second cleaning changes nothing."""
    notebook = read(name)
    nbformat.validate(notebook)
    assert make_plain(notebook) == notebook
    content = (FOLDER / name).read_text("utf-8").replace("127.0.0.1:4566", "")
    assert [found[0] for found in _TRACES.finditer(content)] == []
    assert set(notebook.metadata) == {"kernelspec", "language_info"}


def test_every_notebook_is_run_or_has_no_outputs() -> None:
    """What cannot be run here claims no outputs."""
    assert set(EXECUTED) <= set(NAMES)
    for name in set(NAMES) - set(EXECUTED):
        assert [*read_texts(read(name))] == []


def test_first_connection_works(demo: Demo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the values of an account that exists, the notebook for one's own runs from top to bottom."""
    keys = demo.shop.session.get_credentials()
    assert keys is not None
    config = tmp_path / "config"
    config.write_text(
        f"[profile mine]\nregion = {demo.shop.region}\n"
        f"aws_access_key_id = {keys.access_key}\naws_secret_access_key = {keys.secret_key}\n"
    )
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", demo.shop.sts_endpoint)
    monkeypatch.chdir(tmp_path)
    notebook = read("first_connection.ipynb")
    (settings,) = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.startswith("url = ")]
    values = {"url": demo.shop.url, "profile": "mine", "role": "reader", "collection": "orders"}
    assert re.findall(r"^(\w+) = ", settings.source, re.MULTILINE) == list(values)
    settings.source = "\n".join(f"{name} = {json.dumps(value)}" for name, value in values.items())
    (line,) = [cell for cell in notebook.cells if cell.source.startswith("%apigw connect")]
    line.source += f" --region {demo.shop.region}"  # which AWS's own host names say
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    told = "\n".join(text for _, _, text in read_texts(notebook))
    assert "200 OK · 40 rows" in told
    assert "protected" in told
    assert "DELETE" in told
    assert keys.secret_key not in json.dumps(notebook)
