"""All checks: `nox` runs them, `nox -s tests` one of them, `nox -l` lists them."""

from __future__ import annotations

import sys
from pathlib import Path

import nox

nox.options.default_venv_backend = "uv|virtualenv"
nox.options.error_on_missing_interpreters = True
nox.options.sessions = ["lint", "tests", "wheel"]

PROJECT = nox.project.load_toml("pyproject.toml")


def install(session: nox.Session, *groups: str) -> None:
    """Install the project, editable, with dependency groups."""
    session.install("-e", ".[demo]", *nox.project.dependency_groups(PROJECT, *groups))


@nox.session(venv_backend="none")
def dev(session: nox.Session) -> None:
    """Install all that development needs into the environment that nox runs in."""
    groups = nox.project.dependency_groups(PROJECT, "lint", "types", "test", "browser")
    session.run(sys.executable, "-m", "uv", "pip", "install", "--python", sys.executable, "-e", ".[demo]", *groups)


@nox.session
def lint(session: nox.Session) -> None:
    """Ruff, mypy strict and the architecture's contracts."""
    install(session, "lint", "types", "test", "browser")
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")
    session.run("mypy")
    session.run("lint-imports")


@nox.session
def tests(session: nox.Session) -> None:
    """All tests, those against the local account, in kernels and in a browser included."""
    install(session, "test", "browser")
    session.run("pytest", "-n", "auto", "--dist", "loadfile", *session.posargs)


@nox.session
def bench(session: nox.Session) -> None:
    """What a signed request and a frame cost beside the other ways; writes benchmarks/RESULTS.md and FRAMES.md."""
    install(session, "bench")
    session.run("python", "-m", "benchmarks.signed_get", *session.posargs)
    session.run("python", "-m", "benchmarks.frames", *session.posargs)


@nox.session
def floors(session: nox.Session) -> None:
    """The tests, but for the browser's, on the oldest versions that are allowed."""
    oldest = [requirement.replace(">=", "==") + ".*" for requirement in PROJECT["project"]["dependencies"]]
    oldest.append("pyarrow==15.*")  # later ones want a later NumPy
    session.install("-e", ".[demo]", *nox.project.dependency_groups(PROJECT, "test"), *oldest)
    session.run("pytest", "-n", "auto", "--dist", "loadfile", "--ignore=tests/browser", *session.posargs)


@nox.session
def wheel(session: nox.Session) -> None:
    """Build, install into an empty environment, load there."""
    session.install("build")
    dist = Path(session.create_tmp())
    for old in dist.glob("apigw_magic-*"):
        old.unlink()
    session.run("python", "-m", "build", "--outdir", str(dist), silent=True)
    (built,) = dist.glob("*.whl")
    session.install(f"{built}[demo]")
    session.chdir(dist)  # where no checkout is in reach
    session.run(
        "python",
        "-c",
        "import IPython; shell = IPython.InteractiveShell.instance(); "
        "shell.run_line_magic('load_ext', 'apigw_magic'); assert shell.find_line_magic('apigw')",
    )
    session.run("python", "-m", "apigw_magic", "demo", silent=True)
