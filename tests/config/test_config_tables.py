"""The nearest file is found, and one that cannot be read says so."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from apigw_magic.config import find_connection, list_names
from apigw_magic.errors import CommandError

URL = "https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/prod"
NO_BOM = "Save the file as UTF-8 without BOM."
CORRECT = 'Correct it there. An entry is written key = "text".'
PUT = "Put a file there that can be read, or connect by URL: %apigw connect URL"

on_posix = pytest.mark.skipif(os.name == "nt", reason="Windows has neither pipes nor links for everybody")


def write(folder: Path, name: str | None) -> Path:
    """Write a file with one connection, or with nothing of ours."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "pyproject.toml"
    table = "[project]" if name is None else f'[tool.apigw_magic.connections.{name}]\nurl = "{URL}"'
    path.write_text(table, encoding="utf-8")
    return path


def refusal(folder: Path) -> CommandError:
    """Return what is said of a folder's file."""
    with pytest.raises(CommandError) as caught:
        list_names(folder)
    assert len(str(caught.value).splitlines()) <= 3
    return caught.value


def test_nearest_wins(tmp_path: Path) -> None:
    """The nearest file from the folder upwards is read, and no other."""
    write(tmp_path, "outer")
    inner = write(tmp_path / "a", "inner")
    below = tmp_path / "a" / "b" / "c"
    below.mkdir(parents=True)
    assert list_names(below) == ("inner",)
    found = find_connection("inner", below)
    assert found is not None
    assert found.path == inner
    assert find_connection("outer", below) is None
    assert list_names(tmp_path) == ("outer",)


def test_nearest_wins_without_a_table(tmp_path: Path) -> None:
    """A file without our table ends the search, too."""
    write(tmp_path, "outer")
    write(tmp_path / "a", None)
    assert list_names(tmp_path / "a") == ()
    assert find_connection("outer", tmp_path / "a") is None


def test_no_file(tmp_path: Path) -> None:
    """Where no folder upwards has a file, there is no connection."""
    if any((folder / "pyproject.toml").exists() for folder in tmp_path.resolve().parents):
        pytest.skip("a file lies above the temporary folder")
    assert list_names(tmp_path) == ()
    assert find_connection("reader", tmp_path) is None


def test_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The search begins in the working directory; a relative folder is one below it. The path is absolute."""
    path = write(tmp_path, "reader")
    (tmp_path / "a").mkdir()
    monkeypatch.chdir(tmp_path / "a")
    for folder in (None, Path(), Path(".."), Path("missing"), Path("../a")):
        found = find_connection("reader", folder)
        assert found is not None
        assert found.path == path.resolve()
        assert found.path.is_absolute()


def test_folder_that_is_a_file(tmp_path: Path) -> None:
    """The path of a notebook does as well as its folder's."""
    write(tmp_path, "reader")
    notebook = tmp_path / "x.ipynb"
    notebook.touch()
    assert list_names(notebook) == ("reader",)


@on_posix
def test_linked_folder(tmp_path: Path) -> None:
    """A link to a folder is followed first, as it is for a kernel that starts there."""
    write(tmp_path / "beside", "beside")
    real = write(tmp_path / "project", "project")
    (tmp_path / "project" / "notebooks").mkdir()
    link = tmp_path / "beside" / "link"
    link.symlink_to(tmp_path / "project" / "notebooks", target_is_directory=True)
    found = find_connection("project", link)
    assert found is not None
    assert found.path == real.resolve()
    assert list_names(link) == ("project",)


@on_posix
def test_linked_file(tmp_path: Path) -> None:
    """A link to a file is read, and is the file that errors name."""
    (tmp_path / "a").mkdir()
    link = tmp_path / "a" / "pyproject.toml"
    link.symlink_to(write(tmp_path, "reader"))
    found = find_connection("reader", tmp_path / "a")
    assert found is not None
    assert found.path == link


NO_TOML: tuple[tuple[bytes, str, str, str], ...] = (
    (b"\xef\xbb\xbf[project]", "begins with a byte order mark (BOM).", "TOML has none.", NO_BOM),
    (b"[project]\nname = '\xe9'", "is not UTF-8.", "Line 2 has bytes that are none; TOML is always UTF-8.", NO_BOM),
    ("[project]".encode("utf-16"), "is not UTF-8.", "Line 1 has bytes that are none; TOML is always UTF-8.", NO_BOM),
    (
        b"[project]\n\nname: x",
        "is not valid TOML.",
        "Expected '=' after a key in a key/value pair (at line 3, column 5).",
        CORRECT,
    ),
    (b"a = hunter2", "is not valid TOML.", "Invalid value (at line 1, column 5).", CORRECT),
    (b"a = 1\na = 2\n", "is not valid TOML.", "Cannot overwrite a value (at line 2", CORRECT),
    (
        b"[tool.apigw_magic.connections.a]\n[tool.apigw_magic.connections.a]",
        "is not valid TOML.",
        "Cannot declare ('tool', 'apigw_magic', 'connections', 'a') twice (at line 2",
        CORRECT,
    ),
    (b"a = 2026-02-31", "is not valid TOML.", "Invalid date or datetime", CORRECT),
    (b"a = '''hunter2", "is not valid TOML.", "Expected \"'''\" (at end of document).", CORRECT),
    (b"a = " + b"9" * 5000, "is not valid TOML.", "Exceeds the limit", CORRECT),
    (b"a = " + b"[" * 100_000, "is not valid TOML.", "It is nested too deeply.", CORRECT),
    (b"\0", "is not valid TOML.", "Invalid statement (at line 1, column 1).", CORRECT),
)


@pytest.mark.parametrize(("content", "what", "why", "fix"), NO_TOML, ids=[why for _, _, why, _ in NO_TOML])
def test_what_is_no_toml(tmp_path: Path, content: bytes, what: str, why: str, fix: str) -> None:
    """File and line are named, where the reader tells one."""
    path = tmp_path / "pyproject.toml"
    path.write_bytes(content)
    error = refusal(tmp_path)
    assert error.what == f"{path} {what}"
    assert error.why.startswith(why)
    assert error.fix == fix
    assert "hunter2" not in str(error)


def test_folder_of_the_name(tmp_path: Path) -> None:
    """Whatever has the name is the one that counts."""
    write(tmp_path, "outer")
    path = tmp_path / "a" / "pyproject.toml"
    path.mkdir(parents=True)
    error = refusal(tmp_path / "a")
    assert error.lines == (f"{path} cannot be read.", "It is not a file.", PUT)


@on_posix
@pytest.mark.parametrize("target", ["missing", "pyproject.toml"])
def test_link_to_nowhere(tmp_path: Path, target: str) -> None:
    """A link to nothing, or to itself, is not passed over."""
    write(tmp_path, "outer")
    (tmp_path / "a").mkdir()
    path = tmp_path / "a" / "pyproject.toml"
    path.symlink_to(target)
    assert refusal(tmp_path / "a").lines == (f"{path} cannot be read.", "It is not a file.", PUT)


@on_posix
def test_pipe(tmp_path: Path) -> None:
    """Nobody waits for a pipe."""
    path = tmp_path / "pyproject.toml"
    os.mkfifo(path)
    assert refusal(tmp_path).why == "It is not a file."


@on_posix
@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may read everything")
def test_forbidden_file(tmp_path: Path) -> None:
    """The reason is the system's."""
    path = write(tmp_path, "reader")
    path.chmod(0)
    assert refusal(tmp_path).lines == (f"{path} cannot be read.", "Permission denied.", PUT)


@pytest.mark.skipif(sys.platform != "linux", reason="a file that is there and cannot be read, for root either")
def test_file_that_fails(tmp_path: Path) -> None:
    """So it is where reading fails half-way."""
    path = tmp_path / "pyproject.toml"
    path.symlink_to("/proc/self/mem")
    assert refusal(tmp_path).lines == (f"{path} cannot be read.", "Input/output error.", PUT)


@on_posix
def test_folder_that_cannot_be(tmp_path: Path) -> None:
    """A folder that cannot be looked into may have a file: the search does not go on above it."""
    write(tmp_path, "outer")
    assert refusal(tmp_path / ("x" * 300)).why == "File name too long."


@on_posix
def test_working_directory_that_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A working directory that somebody removed is said to be gone."""
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    with pytest.raises(CommandError) as caught:
        list_names()
    assert caught.value.lines == (
        "The working directory cannot be told.",
        "No such file or directory.",
        "Go to one that exists, or connect by URL: %apigw connect URL",
    )


@on_posix
def test_path_on_one_line(tmp_path: Path) -> None:
    """A folder's name cannot add lines to a message."""
    folder = tmp_path / "a\nb"
    folder.mkdir()
    (folder / "pyproject.toml").write_text("x", encoding="utf-8")
    assert r"a\nb/pyproject.toml' is not valid TOML." in refusal(folder).what
