"""`python -m apigw_magic demo`: the quickstart in the terminal, and its exit status."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from uv import find_uv_bin

from apigw_magic.errors import DemoError
from apigw_magic.magics.player import find_notebook

_QUICKSTART = Path(__file__).parents[1] / "notebooks" / "quickstart.ipynb"

# As the account's root user: the reader may write, from now on.
_LET_READER_WRITE = """
import boto3
_url = (%apigw).loc[0, "base URL"]
boto3.client(
    "iam", endpoint_url=_url.partition("/_aws")[0], region_name="eu-west-1",
    aws_access_key_id="test", aws_secret_access_key="test",
).put_role_policy(
    RoleName="reader", PolicyName="more", PolicyDocument='{"Version": "2012-10-17", "Statement": '
    '[{"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "*"}]}',
)
""".replace("(%apigw)", "get_ipython().run_line_magic('apigw', '')")


def run(*arguments: str, home: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run Python in a process of its own, with a home that is empty but for uv's cache, which stays where it is."""
    cache = subprocess.run([find_uv_bin(), "cache", "dir"], capture_output=True, text=True, check=True).stdout.strip()
    return subprocess.run(
        [sys.executable, *arguments],
        check=False,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=120,
        env={**os.environ, "HOME": str(home), "IPYTHONDIR": str(home / "ipython"), "UV_CACHE_DIR": cache, **settings},
    )


def test_demo_plays(tmp_path: Path) -> None:
    """The command plays the quickstart with its outputs, exits with 0 and leaves nothing in the home directory."""
    done = run("-m", "apigw_magic", "demo", home=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    assert "In [3]: %apigw GET /customers\n200 OK · 8 rows" in done.stdout
    assert "403 AccessDeniedException: partner may not GET /customers." in done.stdout
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "settings",
    [
        {"HTTP_PROXY": "http://127.0.0.1:9", "HTTPS_PROXY": "http://127.0.0.1:9"},
        {"FORCE_COLOR": "1", "CLICOLOR_FORCE": "1", "UV_OFFLINE": "1"},
        {"PYTHONIOENCODING": "latin-1"},
        {"AWS_PROFILE": "absent", "AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "AKIAOTHER"},
    ],
    ids=["a proxy", "colours, offline", "a narrow terminal", "other AWS settings"],
)
def test_demo_plays_whatever_the_environment_says(settings: dict[str, str], tmp_path: Path) -> None:
    """Neither proxies, colours, encodings nor AWS settings keep the local account from working."""
    done = run("-m", "apigw_magic", "demo", home=tmp_path, **settings)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr


def test_demo_fails_when_a_policy_is_changed(tmp_path: Path) -> None:
    """When one policy of the local account says otherwise, the cell that tells of it fails, and so does the demo."""
    notebook = json.loads(_QUICKSTART.read_text("utf-8"))
    demo = next(i for i, cell in enumerate(notebook["cells"]) if "".join(cell["source"]) == "%apigw demo")
    notebook["cells"].insert(demo + 1, {"cell_type": "code", "source": [_LET_READER_WRITE]})
    changed = tmp_path / "changed.ipynb"
    changed.write_text(json.dumps(notebook))
    code = "import sys, pathlib; from apigw_magic.magics.player import play; sys.exit(play(pathlib.Path(sys.argv[1])))"
    done = run("-c", code, str(changed), home=tmp_path)
    assert done.returncode == 1
    refused = done.stdout.partition("In [10]: %%apigw\n")[2]
    assert "201 Created · 1 row × 11 columns · " in refused  # noqa: RUF001 - as it is shown
    assert refused.rstrip().endswith("The cell above did not end as it should.")


def test_no_such_notebook() -> None:
    """A notebook that is not installed is said to be missing."""
    with pytest.raises(DemoError, match="There is no notebook"):
        find_notebook("missing.ipynb")


@pytest.mark.parametrize("arguments", [[], ["dmeo"]])
def test_command_line(arguments: list[str], tmp_path: Path) -> None:
    """Without a command, or with one that does not exist, the usage is shown and the exit status is 2."""
    done = run("-m", "apigw_magic", *arguments, home=tmp_path)
    assert done.returncode == 2
    assert "usage: python -m apigw_magic" in done.stderr
