"""What a local account is run with: uv, a free port, and an environment without the user's AWS settings."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from apigw_magic.errors import DemoError

if TYPE_CHECKING:
    from collections.abc import Mapping

LOOPBACK: Final = "127.0.0.1"
"""The only address a local account listens at."""

ATTACH_HINT: Final = "`%apigw demo --endpoint http://127.0.0.1:4566`"
"""How to use a MiniStack that runs already."""

# LD_LIBRARY_PATH: a Python from an environment module does not start without it.
_KEPT = frozenset({"PATH", "LANG", "LANGUAGE", "LD_LIBRARY_PATH"})
_KEPT_PREFIXES = ("LC_", "UV_", "SSL_CERT_", "PIP_")
_PROXY_SETTINGS = frozenset({"http_proxy", "https_proxy", "all_proxy", "no_proxy"})

_SETTINGS = {
    "AUTH": "true",
    "BIND_HOST": LOOPBACK,
    # No other port, and no container engine: the socket does not exist, so MiniStack does not look for one.
    "DOCKER_HOST": "unix:///nonexistent/docker.sock",
    "IOT_MTLS_ENABLED": "0",
    "LAMBDA_EXECUTOR": "local",
    "LOG_LEVEL": "WARNING",
    "NO_COLOR": "1",
    "PERSIST_STATE": "0",
    "SFTP_ENABLED": "0",
    "UV_NO_PROGRESS": "1",
    "UV_PYTHON_DOWNLOADS": "never",
}


def find_uv() -> str:
    """Return the path of uv: the one of the `demo` extra, else the one on the PATH.

    Raises:
        DemoError: there is none.
    """
    try:
        from uv import find_uv_bin  # noqa: PLC0415 - an optional dependency

        return find_uv_bin()
    except (ImportError, FileNotFoundError):
        found = shutil.which("uv")
    if found is None:
        raise DemoError(
            "The local account needs uv, which is not installed",
            fix=f"`pip install 'apigw_magic[demo]'`, or attach to a MiniStack that runs: {ATTACH_HINT}",
        )
    return found


def find_cache(uv: str) -> str:
    """Return the directory of the user's uv cache, as uv itself finds it.

    Raises:
        DemoError: uv does not run.
    """
    try:
        # Away from the working directory, whose own uv settings do not count here.
        done = subprocess.run(  # noqa: S603 - the path is the one just found
            [uv, "--color", "never", "cache", "dir"],
            capture_output=True,
            check=True,
            cwd=tempfile.gettempdir(),
            text=True,
            timeout=30,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise DemoError(
            "The local account needs uv, which does not run here",
            why=f"`{uv} cache dir` failed: {error}",
            fix=f"`pip install 'apigw_magic[demo]'`, or attach to a MiniStack that runs: {ATTACH_HINT}",
        ) from None
    return done.stdout.strip()


def find_port() -> int:
    """Return a port that is free now."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def is_kept(name: str) -> bool:
    """Return whether a variable of the user's environment is passed on."""
    return name in _KEPT or name.startswith(_KEPT_PREFIXES) or name.lower() in _PROXY_SETTINGS


def exempt_loopback(value: str) -> str:
    """Return a `NO_PROXY` value with loopback added."""
    return ",".join(part for part in (value, LOOPBACK, "localhost") if part)


def build_environment(user: Mapping[str, str], *, directory: Path, cache: str, port: int) -> dict[str, str]:
    """Return the environment of the supervisor, of uv and of MiniStack.

    Args:
        user: the user's own environment; nothing of `AWS_*` or `BOTO_*` is passed on.
        directory: the account's own directory; its home and its temporary files are in it.
        cache: the user's uv cache, which uv would not find from another home.
        port: where the account listens.
    """
    return (
        {name: value for name, value in user.items() if is_kept(name)}
        | {name: exempt_loopback(user.get(name, "")) for name in ("NO_PROXY", "no_proxy")}
        | _SETTINGS
        | {
            "GATEWAY_PORT": str(port),
            "HOME": str(directory),
            "S3_DATA_DIR": str(directory / "s3"),
            "STATE_DIR": str(directory / "state"),
            "TMPDIR": str(directory),
            "UV_CACHE_DIR": cache,
            # Where uv finds the password of a company's package index.
            "NETRC": user.get("NETRC") or str(Path.home() / ".netrc"),
            # The user's uv.toml, which names a company's package index, is looked for here.
            "XDG_CONFIG_HOME": user.get("XDG_CONFIG_HOME") or str(Path.home() / ".config"),
        }
    )


def refuse_windows(system: str = os.name) -> None:
    """Refuse where there are no process groups to own.

    Args:
        system: as Python names it, `nt` for Windows.

    Raises:
        DemoError: on Windows.
    """
    if system == "nt":
        raise DemoError(
            "The local account does not start on Windows",
            why=f"It is ended through its process group, which {sys.platform} does not have",
            fix=f"Run `ministack` with AUTH=true in WSL or a container, and attach: {ATTACH_HINT}",
        )
