"""All checks: `nox` runs them, `nox -s tests` one of them, `nox -l` lists them."""

from __future__ import annotations

import sys
from pathlib import Path

import nox

nox.options.default_venv_backend = "uv|virtualenv"
nox.options.error_on_missing_interpreters = True
nox.options.sessions = ["lint", "tests", "docs", "wheel"]

PROJECT = nox.project.load_toml("pyproject.toml")


def install(session: nox.Session, *groups: str) -> None:
    """Install the project, editable, with dependency groups."""
    session.install("-e", ".[demo]", *nox.project.dependency_groups(PROJECT, *groups))


@nox.session(venv_backend="none")
def dev(session: nox.Session) -> None:
    """Install all that development needs into the environment that nox runs in."""
    groups = nox.project.dependency_groups(PROJECT, "lint", "types", "test", "browser", "docs")
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
def docs(session: nox.Session) -> None:
    """The documentation, from its sources and the docstrings; a reference that leads nowhere is an error."""
    install(session, "docs")
    built = Path(session.create_tmp()) / "html"
    session.run("sphinx-build", "-W", "-n", "--keep-going", "-q", "-E", "-b", "html", "docs", str(built))
    session.log(f"{built / 'index.html'}")


@nox.session
def bench(session: nox.Session) -> None:
    """What a signed request and a frame cost beside the other ways; writes benchmarks/RESULTS.md and others."""
    install(session, "bench")
    session.run("python", "-m", "benchmarks.signed_get", *session.posargs)
    session.run("python", "-m", "benchmarks.access_matrix", *session.posargs)
    session.run("python", "-m", "benchmarks.frames", *session.posargs)


@nox.session
def startup(session: nox.Session) -> None:
    """What `%load_ext` costs beside other extensions, and the first requests; writes benchmarks/STARTUP.md."""
    install(session, "startup")
    session.run("python", "-m", "benchmarks.startup", *session.posargs)


@nox.session
def floors(session: nox.Session) -> None:
    """The tests, but for the browser's, on the oldest versions that are allowed."""
    oldest = [requirement.replace(">=", "==") + ".*" for requirement in PROJECT["project"]["dependencies"]]
    oldest.append("pyarrow==15.*")  # later ones want a later NumPy
    session.install("-e", ".[demo]", *nox.project.dependency_groups(PROJECT, "test"), *oldest)
    session.run("pytest", "-n", "auto", "--dist", "loadfile", "--ignore=tests/browser", *session.posargs)


@nox.session
def notebooks(session: nox.Session) -> None:
    """Run the notebooks and store them with their outputs, free of what is of this machine."""
    install(session, "test")
    session.run("python", "-m", "tests.notebooks.storing")


@nox.session
def pictures(session: nox.Session) -> None:
    """Take the pictures of the quickstart in JupyterLab, in light and dark: docs/pictures/."""
    install(session, "test", "browser")
    session.run("python", "-m", "tests.browser.pictures", *session.posargs)


@nox.session
def wheel(session: nox.Session) -> None:
    """Build wheel and sdist, check them, install each into an environment without a checkout, and use it there."""
    session.install("build", "twine")
    dist = Path(session.create_tmp()).absolute()
    for old in dist.glob("apigw_magic-*"):
        old.unlink()
    session.run("python", "-m", "build", "--outdir", str(dist), silent=True)
    (built,) = dist.glob("*.whl")
    (source,) = dist.glob("*.tar.gz")
    session.run("twine", "check", "--strict", str(built), str(source), silent=True)
    session.run("python", str(Path("tests", "built.py").absolute()), str(built), str(source))
    session.install(f"{built}[demo]")
    session.chdir(dist)  # where no checkout is in reach
    session.run("python", "-c", _USE)
    session.run("python", "-m", "apigw_magic", "demo", silent=True)
    session.install("--no-deps", "--force-reinstall", str(source))
    session.run("python", "-c", _USE)


_USE = """
import IPython, apigw_magic
shell = IPython.InteractiveShell.instance()
shell.run_line_magic("load_ext", "apigw_magic")
assert shell.find_line_magic("apigw"), "the magic is not there"
assert apigw_magic.to_frame({"items": [{"a": 1}, {"a": None}]})["a"].dtype == "Int64"
assert apigw_magic.explain(403, {}, b'{"message":"Missing Authentication Token"}').kind != "unknown"
"""
