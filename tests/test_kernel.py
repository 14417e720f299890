"""Real kernels: cells run as a notebook runs them, by nbclient."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat.v4 import new_code_cell, new_notebook

if TYPE_CHECKING:
    from nbformat import NotebookNode

# Writes every secret that the kernel holds to a file, for the test to look for where they must not be.
_CONFESS = """
import json, pathlib
_state = get_ipython().magics_manager.registry["ApigwMagics"]._state
_held = [c._caller.credentials() for c in _state.connections]
_secrets = [s for h in _held for s in (h.secret_access_key, h.session_token)]
_secrets.append(_state.demo.shop.session.get_credentials().secret_key)
pathlib.Path({path!r}).write_text(json.dumps(_secrets))
"""


def execute(cells: list[str], *, allow_errors: bool = False) -> NotebookNode:
    """Run cells in a kernel of their own and return the executed notebook."""
    notebook = new_notebook(cells=[new_code_cell(cell) for cell in cells])
    NotebookClient(notebook, timeout=120, kernel_name="python3", allow_errors=allow_errors).execute()
    return notebook


def texts(cell: Any) -> str:
    """Return the plain text of all outputs of a cell."""
    parts = []
    for output in cell.outputs:
        match output.output_type:
            case "stream":
                parts.append(output.text)
            case "error":
                parts.append("\n".join(output.traceback))
            case _:
                parts.append(output.data.get("text/plain", ""))
    return "\n".join(parts)


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> tuple[NotebookNode, list[str]]:
    """One kernel's work with the demo, refusals included, and the secrets it held at its end."""
    confession = tmp_path_factory.mktemp("kernel") / "secrets.json"
    notebook = execute(
        [
            "%load_ext apigw_magic",
            "%apigw demo",
            "%apigw GET /orders?status=open",
            "_.shape",
            '%%apigw -o made --as writer\nPOST /orders\n\n{"customer": "C-07", "total": {{ 40 + 2.5 }}}',
            'made["id"][0]',
            "%apigw DELETE /orders/A-1001",
            "%apigw DELETE /orders/A-1001 --expect 403",
            "%xmode Verbose",
            "%apigw connect --role locked",
            "%tb",
            "df = %apigw /customers",
            "%apigw",
            "%apigw last",
            _CONFESS.format(path=str(confession)),
            "%who",
        ],
        allow_errors=True,
    )
    return notebook, json.loads(confession.read_text())


def test_frame(session: tuple[NotebookNode, list[str]]) -> None:
    """A line gives a DataFrame as the cell's result, as HTML too, under a status line."""
    notebook, _ = session
    status, result = notebook.cells[2].outputs
    assert status.output_type == "display_data"
    assert re.fullmatch(
        r"200 OK · 9 rows × 11 columns from items · \d+ ms · as reader \(60 min left\) · req \w{8}…",  # noqa: RUF001 - as it is shown
        status.data["text/plain"],
    )
    assert status.data["text/html"].startswith("<div")
    assert result.output_type == "execute_result"
    assert "<table" in result.data["text/html"]
    assert texts(notebook.cells[3]) == "(9, 11)"


def test_out(session: tuple[NotebookNode, list[str]]) -> None:
    """`-o` shows the status line alone; the variable holds the frame."""
    notebook, _ = session
    assert [output.output_type for output in notebook.cells[4].outputs] == ["display_data"]
    assert "201 Created · 1 row" in texts(notebook.cells[4])
    assert texts(notebook.cells[5]) == "'A-1041'"


def test_refusal(session: tuple[NotebookNode, list[str]]) -> None:
    """A refusal is a real error output of three lines."""
    notebook, _ = session
    (output,) = notebook.cells[6].outputs
    assert output.output_type == "error"
    assert output.ename == "StatusError"
    shown = "\n".join(output.traceback).splitlines()
    assert shown[0] == "403 AccessDeniedException: reader may not DELETE /orders/A-1001."
    assert len(shown) == 3


def test_expected_refusal(session: tuple[NotebookNode, list[str]]) -> None:
    """`--expect 403` shows the reason and passes."""
    notebook, _ = session
    assert [output.output_type for output in notebook.cells[7].outputs] == ["display_data"]
    assert "reader may not DELETE /orders/A-1001." in texts(notebook.cells[7])


def test_refused_by_sts(session: tuple[NotebookNode, list[str]]) -> None:
    """A role that may not be assumed is explained, short under `%xmode Verbose` and `%tb`, and nothing is lost."""
    notebook, _ = session
    for cell in (notebook.cells[9], notebook.cells[10]):
        shown = texts(cell).strip().splitlines()
        assert shown[0] == "403 AccessDenied: STS does not let locked be assumed."
        assert len(shown) == 3
    assert "8 rows" in texts(notebook.cells[11])
    assert re.search(r"\* +reader", texts(notebook.cells[12]))


def test_last_response(session: tuple[NotebookNode, list[str]]) -> None:
    """`%apigw last` gives back the response."""
    notebook, _ = session
    shown = texts(notebook.cells[13])
    assert "< 200 OK" in shown
    assert '"C-07"' in shown
    assert shown.splitlines()[-1].startswith("<Response 200 OK: GET http://127.0.0.1:")


def test_no_secret_in_the_notebook(session: tuple[NotebookNode, list[str]]) -> None:
    """No secret key and no session token stands anywhere in the executed notebook."""
    notebook, secrets = session
    assert len(secrets) >= 7
    text = nbformat.writes(notebook)
    assert "C-07" in text  # the search does find what is there
    assert [secret for secret in secrets if secret in text] == []


def test_run_all_stops_at_an_unexpected_refusal() -> None:
    """Run All stops there; the cells below do not run."""
    with pytest.raises(CellExecutionError, match="reader may not POST /orders"):
        execute(["%load_ext apigw_magic", "%apigw demo", "%apigw POST /orders", "raise SystemError('ran on')"])
