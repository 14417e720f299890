"""What a local account is started with."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from apigw_magic.demo.environment import build_environment, find_cache, find_port, find_uv, refuse_windows
from apigw_magic.errors import DemoError

KEPT = {
    "PATH": "/bin",
    "LANG": "pt_PT.UTF-8",
    "LC_TIME": "C",
    "UV_INDEX_URL": "https://mirror.example/simple",
    "SSL_CERT_FILE": "/certs.pem",
    "PIP_CERT": "/certs.pem",
    "HTTPS_PROXY": "http://proxy.example",
    "https_proxy": "http://proxy.example",
    "ALL_PROXY": "http://proxy.example",
}
LOST = {
    "AWS_PROFILE": "production",
    "AWS_SECRET_ACCESS_KEY": "hush",
    "BOTO_CONFIG": "/boto.cfg",
    "PYTHONPATH": "/mine",
    "PYTHONSTARTUP": "/mine.py",
    "DATABASE_PASSWORD": "hush",
    "PERSIST": "1",
    "USE_SSL": "1",
}


def build(user: dict[str, str]) -> dict[str, str]:
    """Build an environment for an account in /own."""
    return build_environment(user, directory=Path("/own"), cache="/home/me/.cache/uv", port=4999)


def test_what_is_passed_on() -> None:
    """Settings of uv, certificates and proxies are kept; AWS settings, secrets and Python's own are not."""
    built = build(KEPT | LOST)
    assert built.items() >= KEPT.items()
    assert not built.keys() & LOST.keys()


def test_what_is_set() -> None:
    """The account checks signatures, listens on loopback only, and writes into its own directory."""
    built = build({"HOME": "/home/me", "TMPDIR": "/mine", "UV_CACHE_DIR": "/else", "UV_PYTHON_DOWNLOADS": "auto"})
    assert built["AUTH"] == "true"
    assert (built["BIND_HOST"], built["GATEWAY_PORT"]) == ("127.0.0.1", "4999")
    assert built["HOME"] == built["TMPDIR"] == "/own"
    assert built["UV_CACHE_DIR"] == "/home/me/.cache/uv"
    assert built["UV_PYTHON_DOWNLOADS"] == "never"
    assert (built["SFTP_ENABLED"], built["IOT_MTLS_ENABLED"], built["LAMBDA_EXECUTOR"]) == ("0", "0", "local")
    assert not Path(built["DOCKER_HOST"].removeprefix("unix://")).exists()


@pytest.mark.parametrize(("user", "expected"), [("", "127.0.0.1,localhost"), ("corp", "corp,127.0.0.1,localhost")])
def test_loopback_needs_no_proxy(user: str, expected: str) -> None:
    """Loopback is added to what the user exempts, in both spellings."""
    built = build({"no_proxy": user, "NO_PROXY": user})
    assert built["no_proxy"] == built["NO_PROXY"] == expected


def test_a_port_is_free_and_unprivileged() -> None:
    """The system chooses the port."""
    assert 1024 < find_port() < 65536


def test_uv_of_the_extra() -> None:
    """The uv package brings its own binary, which comes first, and knows where its cache is."""
    assert Path(find_cache(find_uv())).is_absolute()


def test_uv_on_the_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without the package, uv is looked for on the PATH."""
    binary = tmp_path / "uv"
    binary.touch(0o755)
    monkeypatch.setitem(sys.modules, "uv", None)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_uv() == str(binary)


def test_no_uv(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without uv the error says what to install, and how to do without."""
    monkeypatch.setitem(sys.modules, "uv", None)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DemoError) as refused:
        find_uv()
    assert len(refused.value.lines) <= 3
    assert "pip install 'apigw_magic[demo]'" in refused.value.fix
    assert "%apigw demo --endpoint http://127.0.0.1:4566" in refused.value.fix


def test_uv_that_does_not_run() -> None:
    """A uv that fails is named."""
    with pytest.raises(DemoError, match="does not run here") as refused:
        find_cache(shutil.which("false") or "false")
    assert len(refused.value.lines) == 3


def test_windows() -> None:
    """Where no process group can be owned, attaching is what is left."""
    refuse_windows()
    with pytest.raises(DemoError, match="Windows") as refused:
        refuse_windows("nt")
    assert "--endpoint" in refused.value.fix
