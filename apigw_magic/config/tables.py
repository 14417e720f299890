"""The nearest `pyproject.toml` and its tables.

What is wrong in a file is said without its values: one that stands in the wrong place may be a secret.
"""

from __future__ import annotations

import json
import os
import re
import tomllib
from codecs import BOM_UTF8
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from apigw_magic.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Mapping

_FILE = "pyproject.toml"
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_LONGEST_SHOWN = 60
_KINDS: dict[type, str] = {
    bool: "true or false",
    dict: "a table",
    float: "a decimal number",
    int: "a number",
    list: "a list",
    str: "text",
}


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a file. What it gives back is typed; a key may be written with `-` or with `_`.

    Attributes:
        path: of the file.
        names: of the table, from the outermost; none for the whole file.
        entries: what it holds, by the keys as they are written.
    """

    path: Path
    names: tuple[str, ...]
    entries: Mapping[str, object]

    def __str__(self) -> str:
        return f"[{'.'.join(map(show_key, self.names))}]" if self.names else "the file"

    def fault(self, what: str, *, why: str = "", fix: str) -> CommandError:
        """Return the error that names this file and this table."""
        return CommandError(f"{_show_path(self.path)}: {self} {what}", why=why, fix=fix)

    def table(self, key: str, fix: str) -> Table:
        """Return a table within this one, an empty one where there is none.

        Raises:
            CommandError: it is something else; with `fix`.
        """
        entry = self.entries.get(key, {})
        if not isinstance(entry, dict):
            raise self.fault(f"has {_kind(entry)} for {show_key(key)}, where a table belongs.", fix=fix)
        return Table(self.path, (*self.names, key), entry)

    def text(self, key: str) -> str | None:
        """Return a text, None where there is none.

        Raises:
            CommandError: it is empty or something else, or stands twice.
        """
        word, entry = self._find(key)
        if entry is None:
            return None
        if not isinstance(entry, str):
            raise self.fault(f"has {_kind(entry)} for {word}.", fix=f'Write text, in quotes: {word} = "…"')
        if not entry.strip():
            raise self.fault(f"has an empty {word}.", fix=f'Write {word} = "…", or take it out.')
        return entry

    def texts(self, key: str, example: str) -> tuple[str, ...]:
        """Return a list of texts, an empty one where there is none.

        Raises:
            CommandError: it is something else, or stands twice.
        """
        word, entry = self._find(key)
        fix = f'Write a list of texts: {word} = ["{example}"]'
        if entry is None:
            return ()
        if not isinstance(entry, list):
            raise self.fault(f"has {_kind(entry)} for {word}.", fix=fix)
        texts = tuple(item for item in entry if isinstance(item, str) and item.strip())
        if len(texts) < len(entry):
            raise self.fault(f"has a list for {word} in which not all is text.", fix=fix)
        return texts

    def number(self, key: str, example: int) -> int | None:
        """Return a whole number, None where there is none.

        Raises:
            CommandError: it is something else, or stands twice.
        """
        word, entry = self._find(key)
        if entry is None:
            return None
        if not isinstance(entry, int) or isinstance(entry, bool):
            raise self.fault(f"has {_kind(entry)} for {word}.", fix=f"Write a whole number: {word} = {example}")
        return entry

    def _find(self, key: str) -> tuple[str, object]:
        """Return how a key is written, and its value."""
        words = [word for word in self.entries if word.replace("-", "_") == key]
        if len(words) > 1:
            raise self.fault(f"has both {' and '.join(words)}, which are the same.", fix="Keep one of them.")
        return (words[0], self.entries[words[0]]) if words else (key, None)


def find_file(folder: Path | None = None) -> Path | None:
    """Return the absolute path of the nearest `pyproject.toml`, from a folder upwards.

    A link to a folder is followed first: a kernel that was started in one sees the folder itself as its working
    directory, too.

    Raises:
        CommandError: a folder on the way cannot be looked into.
    """
    try:
        start = Path(os.path.realpath(Path.cwd() if folder is None else folder))
    except OSError as error:
        raise CommandError(
            "The working directory cannot be told.",
            why=_reason(error),
            fix="Go to one that exists, or connect by URL: %apigw connect URL",
        ) from None
    return next((path for path in (near / _FILE for near in (start, *start.parents)) if _is_there(path)), None)


def read_file(path: Path) -> Table:
    """Return the whole of a file.

    Raises:
        CommandError: it cannot be read, or is no TOML.
    """
    text = _decode(path, _read_bytes(path))
    try:
        return Table(path, (), tomllib.loads(text))
    except RecursionError:
        why = "It is nested too deeply."
    except ValueError as error:  # TOMLDecodeError, and a number of more digits than Python reads
        why = f"{' '.join(str(error).split())}."
    raise CommandError(
        f"{_show_path(path)} is not valid TOML.", why=why, fix='Correct it there. An entry is written key = "text".'
    )


def show_key(key: str) -> str:
    """Return a key on one line as TOML writes it, quoted where it has to be, cut where it is long."""
    if len(key) > _LONGEST_SHOWN:
        key = f"{key[:_LONGEST_SHOWN]}…"
    return key if _BARE_KEY.fullmatch(key) else json.dumps(key, ensure_ascii=not key.isprintable())


def _is_there(path: Path) -> bool:
    try:
        path.lstat()  # not what a link leads to: one that leads nowhere is not passed over in silence
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise _unreadable(path, _reason(error)) from None
    return True


def _read_bytes(path: Path) -> bytes:
    try:
        if path.is_file():  # a pipe would be waited for
            return path.read_bytes()
    except OSError as error:
        raise _unreadable(path, _reason(error)) from None
    raise _unreadable(path, "It is not a file.")


def _decode(path: Path, content: bytes) -> str:
    if content.startswith(BOM_UTF8):
        raise CommandError(
            f"{_show_path(path)} begins with a byte order mark (BOM).",
            why="TOML has none.",
            fix="Save the file as UTF-8 without BOM.",
        )
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
    raise CommandError(
        f"{_show_path(path)} is not UTF-8.",
        why=f"Line {line} has bytes that are none; TOML is always UTF-8.",
        fix="Save the file as UTF-8 without BOM.",
    )


def _unreadable(path: Path, why: str) -> CommandError:
    return CommandError(
        f"{_show_path(path)} cannot be read.",
        why=why,
        fix="Put a file there that can be read, or connect by URL: %apigw connect URL",
    )


def _reason(error: OSError) -> str:
    return f"{error.strerror or type(error).__name__}."


def _show_path(path: Path) -> str:
    return str(path) if str(path).isprintable() else ascii(str(path))


def _kind(entry: object) -> str:
    return _KINDS.get(type(entry), "a date or time")
