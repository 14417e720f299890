"""`--save FILE`: the target checked before anything is sent, and written whole or not at all."""

from __future__ import annotations

import json
import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path

from pandas import DataFrame

from apigw_magic import frames
from apigw_magic.errors import CommandError, FrameError

_BINARY: int = getattr(os, "O_BINARY", 0)
"""Windows' flag for content as it is."""

_MAY_READ_WRITE = 0o666
"""The permissions that programs ask for; the umask takes from them."""

_KEPT = "The answer is kept: %apigw last"

_LONGEST_PATH = 200
"""Characters of a path that an error shows."""


def check_target(name: str, *, force: bool) -> Path:
    """Return the file to write to, if it may be written.

    Args:
        name: a path; `~` is the home directory.
        force: whether a file that exists may be replaced.

    Raises:
        CommandError: the folder does not exist or cannot be written to; the path is a folder, a symbolic link or no
            regular file; there is such a file, and it may not be replaced; or its suffix takes pyarrow, which is not
            installed.
    """
    if not name.strip():
        raise CommandError("--save has no file.", fix="Write --save orders.csv")
    if any(char < " " or char == "\x7f" for char in name):
        raise CommandError(f"--save: a control character stands in {_show(name)}.", fix="Write --save orders.csv")
    path = _expand(name)
    frames.check_suffix(path.suffix)
    found = _look(path)
    if (found is not None and stat.S_ISDIR(found.st_mode)) or name.endswith(("/", os.sep)):
        raise CommandError(
            f"--save needs a file; {_show(path)} is a folder.", fix=f"Write --save {_quote(path / 'orders.csv')}"
        )
    if found is not None:
        _check_found(path, found, force=force)
    if not path.parent.is_dir():
        fix = f"Make it: Path({str(path.parent)!r}).mkdir(parents=True)"
        raise CommandError(f"There is no folder {_show(path.parent)} to save in.", fix=fix)
    if not os.access(path.parent, os.W_OK | os.X_OK):
        raise CommandError(f"The folder {_show(path.parent)} cannot be written to.", fix="Write --save ~/orders.csv")
    return path


_OTHER_TABLES = frozenset(
    {".xlsx", ".xls", ".xlsm", ".xlsb", ".ods", ".feather", ".orc", ".pkl", ".pickle", ".h5", ".hdf"}
)
"""Suffixes of tables that pandas writes and --save does not."""


def check_form(name: str, form: str, *, several: bool) -> None:
    """Refuse to save what a file of that suffix does not hold, before anything is sent.

    Args:
        name: of the file.
        form: how the answer is read: `frame`, `tree` or `raw`.
        several: whether several connections are asked.

    Raises:
        CommandError: rows are wanted where there will be none, or several answers are to go into one file.
    """
    suffix = Path(name).suffix.lower()
    rows = ", ".join(frames.ROW_SUFFIXES)
    if suffix in _OTHER_TABLES and form == "frame":
        raise CommandError(
            f"--save writes no {suffix}: the content would not be what the name says.",
            fix=f"Save the rows as {rows}, or put them into a variable (-o orders) for pandas to write.",
        )
    if several and (form != "frame" or suffix not in frames.ROW_SUFFIXES):
        raise CommandError(
            "Several answers do not go into one file as they are.",
            fix=f"Save their rows ({rows}), or ask over one connection.",
        )
    if form != "frame" and suffix in frames.ROW_SUFFIXES and suffix != ".json":
        option = "--json" if form == "tree" else "--raw"
        raise CommandError(f"{option} gives no rows to save as {suffix}.", fix=f"Leave {option} out, or save as .json")


def encode_value(value: object, content: bytes, suffix: str) -> tuple[bytes, str]:
    """Return what is to be saved, and what it is in a word or three: rows, JSON, or the content as received.

    Args:
        value: what the cell gives back.
        content: the answer's content.
        suffix: the file's, such as `.csv`, in any case.

    Raises:
        CommandError: as `encode_rows`.
        FrameError: as `encode_rows`; there are no rows for a file of rows.
    """
    suffix = suffix.lower()
    if isinstance(value, DataFrame) and suffix in frames.ROW_SUFFIXES:
        return frames.encode_rows(value, suffix), f"{len(value):,} rows"
    is_document = value is None or isinstance(value, dict | list | bool | int | float)
    if suffix == ".json" and is_document and content:
        return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass"), "JSON"
    if suffix in frames.ROW_SUFFIXES and suffix != ".json" and not isinstance(value, str):
        raise FrameError(
            f"The answer has no rows to save as {suffix}; nothing was saved.",
            why="The request was processed.",
            fix="Save it as .json, or as it is under another suffix: %apigw again --save",
        )
    return content, "the content as received"


def save(path: Path, content: bytes, *, force: bool) -> None:
    """Write a file whole or not at all.

    The content goes to a temporary file beside it and is put in place once it is on the disk. Without `force` a file
    that has come meanwhile stays. The permissions are the umask's, and never wider than those of the file replaced. No
    symbolic link is followed. Whatever happens, an interrupt too, leaves no temporary file.

    Args:
        path: from `check_target`.
        content: all of it.
        force: whether a file that exists may be replaced.

    Raises:
        CommandError: it cannot be written.
    """
    found = _look(path)
    if found is not None:  # both may have come since the request was sent
        _check_found(path, found, force=force)
    mode = _MAY_READ_WRITE if found is None else stat.S_IMODE(found.st_mode) & _MAY_READ_WRITE
    temporary = path.with_name(f".{secrets.token_hex(16)}.part")  # nobody guesses it, so it is ours
    try:
        _write(temporary, content, mode)
        if force:
            temporary.replace(path)
        else:
            _place(temporary, path)
    except FileExistsError:
        raise _refuse_existing(path) from None
    except OSError as error:
        what = f"{_show(path)} could not be written: {error.strerror or error}."
        raise CommandError(what, fix=_KEPT) from None
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def _expand(name: str) -> Path:
    """Return the path, the home directory for `~`."""
    try:
        return Path(name).expanduser()
    except (RuntimeError, ValueError):  # ValueError: no name that a system takes
        what = f"--save: there is no home directory {_show(Path(name).parts[0])}."
        raise CommandError(what, fix="Write --save ~/orders.csv") from None


def _look(path: Path) -> os.stat_result | None:
    """Return what is there, a symbolic link itself; None for nothing."""
    try:
        return path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:  # ValueError: text that no file system takes
        reason = error.strerror if isinstance(error, OSError) else error
        raise CommandError(f"--save cannot use {_show(path)}: {reason}.", fix="Write --save orders.csv") from None


def _check_found(path: Path, found: os.stat_result, *, force: bool) -> None:
    """Refuse to replace what is there, unless it is a regular file and may be."""
    if stat.S_ISLNK(found.st_mode):
        what = f"{_show(path)} is a symbolic link, which --save does not follow."
        raise CommandError(what, fix="Write the path of the file itself.")
    if not stat.S_ISREG(found.st_mode):
        raise CommandError(f"{_show(path)} is no regular file.", fix="Write --save orders.csv")
    if not force:
        raise _refuse_existing(path)
    if not os.access(path, os.W_OK):
        raise CommandError(f"{_show(path)} is write-protected.", fix="Write to another file.")


def _refuse_existing(path: Path) -> CommandError:
    """Say that there is such a file, which is not replaced."""
    fix = f"Write --save {_quote(path)} --force to replace it, or another name."
    return CommandError(f"{_show(path)} exists, and stays as it is.", fix=fix)


def _write(temporary: Path, content: bytes, mode: int) -> None:
    """Write a new file and wait until it is on the disk."""
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _place(temporary: Path, path: Path) -> None:
    """Give the file its name, unless that name has come into use.

    Raises:
        FileExistsError: if it has.
        OSError: it cannot be done.
    """
    try:
        path.hardlink_to(temporary)
    except FileExistsError:
        raise
    except (OSError, NotImplementedError):  # file systems without hard links say so in many ways
        _reserve(temporary, path)


def _reserve(temporary: Path, path: Path) -> None:
    """Take the name with an empty file, which only one can do, and replace that; it goes again if this fails.

    Raises:
        FileExistsError: if the name is in use.
        OSError: it cannot be done.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _MAY_READ_WRITE)
    ours = os.fstat(descriptor)
    os.close(descriptor)
    try:
        temporary.replace(path)
    except BaseException:
        if temporary.exists() and os.path.samestat(ours, path.lstat()):
            path.unlink()
        raise


def _quote(path: Path) -> str:
    """Return a path as an argument of the magic line."""
    return f'"{_show(path)}"' if any(char.isspace() for char in str(path)) else _show(path)


def _show(path: Path | str) -> str:
    """Return a path as a message says it: printable, on one line, and cut where it is long."""
    text = str(path)
    shown = text[:_LONGEST_PATH] if text.isprintable() else ascii(text[:_LONGEST_PATH])
    return f"{shown}…" if len(text) > _LONGEST_PATH else shown
