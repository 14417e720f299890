"""Words from outside the kernel: AWS's configuration, botocore's data, the project's file.

Nothing is imported for them that a request needs, and nothing is asked over a network. Of AWS's files the names of the
sections are looked at and nothing else.
"""

from __future__ import annotations

import json
import os
import pkgutil
import re
import shlex
from contextlib import suppress
from functools import cache, lru_cache
from pathlib import Path
from time import monotonic

from apigw_magic.errors import ApigwError

_REGION = re.compile(r"[a-z]+(?:-[a-z0-9]+)+-\d+")  # partitions name themselves a Region, too: aws-global
_SECTION = re.compile(r"\[(?P<name>.+)\]")
_FRESH = 2  # seconds


def project_names() -> tuple[str, ...]:
    """Return the names in the nearest `pyproject.toml`; none if there is something wrong with it."""
    with suppress(OSError):  # the working directory was removed
        return _read_project(Path.cwd(), int(monotonic() / _FRESH))
    return ()


@cache
def regions() -> tuple[str, ...]:
    """Return the Regions of all of AWS's partitions, from the data that botocore ships.

    Its own reader of that would load half of botocore first, for a quarter of a second.
    """
    partitions = json.loads(pkgutil.get_data("botocore", "data/partitions.json") or b"{}").get("partitions", ())
    return tuple(region for partition in partitions for region in partition["regions"] if _REGION.fullmatch(region))


def profiles() -> tuple[str, ...]:
    """Return the profiles of the AWS configuration, as botocore finds them."""
    files = (
        _stamp(os.environ.get("AWS_CONFIG_FILE", "~/.aws/config")),
        _stamp(os.environ.get("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials")),
    )
    return _read_profiles(*files)


@lru_cache(maxsize=1)
def _read_project(folder: Path, _time: int) -> tuple[str, ...]:
    from apigw_magic.config import list_names  # noqa: PLC0415 - no other words need it

    with suppress(ApigwError):
        return list_names(folder)
    return ()


def _stamp(given: str) -> tuple[Path, int, int] | None:
    """Return a path, and what tells whether the file changed; None for no file."""
    path = Path(os.path.expandvars(given))
    with suppress(OSError, RuntimeError):  # RuntimeError: there is no home
        path = path.expanduser()
        if path.is_file():
            status = path.stat()
            return path, status.st_mtime_ns, status.st_size
    return None


@lru_cache(maxsize=1)
def _read_profiles(config: tuple[Path, int, int] | None, credentials: tuple[Path, int, int] | None) -> tuple[str, ...]:
    found = dict.fromkeys(filter(None, map(_name_profile, _read_sections(config))))
    return (*found, *(name for name in _read_sections(credentials) if name not in found))


def _read_sections(file: tuple[Path, int, int] | None) -> tuple[str, ...]:
    if file is None:
        return ()
    with suppress(OSError), file[0].open(encoding="utf-8", errors="replace") as lines:
        matches = [_SECTION.match(line) for line in lines]
        return tuple(dict.fromkeys(match["name"] for match in matches if match))
    return ()


def _name_profile(section: str) -> str | None:
    """Return the profile that a section of `~/.aws/config` describes; None if it is about something else."""
    if section == "default":
        return section
    if section.startswith("profile"):
        with suppress(ValueError):  # a quote that is not closed
            words = shlex.split(section)
            return words[1] if len(words) == 2 else None  # noqa: PLR2004 - profile NAME
    return None
