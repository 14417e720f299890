"""Keeps a local account alive for exactly as long as the process that asked for it.

A program of its own, `python -I supervisor.py PARENT DIRECTORY UV PYTHON`, in a session of its own: Jupyter's interrupt
goes to the kernel's process group and must not reach it. MiniStack and the function workers it spawns stay in the
supervisor's process group. The supervisor ends the whole group, itself included, when

- its standard input reaches EOF: the kernel holds the other end, and every way to die closes it;
- its parent is another one than at the start: a process forked off the kernel may hold that end open for longer;
- uv ends, which it does when MiniStack does.

If the supervisor itself is killed, its standard output closes, and the launcher ends the group.
"""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Final, NoReturn

REQUIREMENT: Final = "ministack==1.5.33"
"""What uv runs: the version that was read and tested."""

GATE: Final = str(Path(__file__).with_name("gate.py"))
"""What runs it, behind a gate that browsers do not pass."""

LOG_NAME: Final = "log"
"""The file in the account's directory that takes what uv and MiniStack print."""

READY: Final = b"r"
"""What the launcher writes once the account answers; what ends from then on is not started again."""

_INTERVAL = 0.2
_TAIL = 2_000


def end_group(directory: Path) -> NoReturn:
    """Delete the account's directory, then kill the whole process group, this process with it."""
    # The directory first: nobody is left to do it afterwards. What still runs may write into it, hence again; once the
    # directory itself is gone nothing can be made in it.
    deadline = time.monotonic() + 1
    while directory.exists() and time.monotonic() < deadline:
        shutil.rmtree(directory, ignore_errors=True)
    os.killpg(0, signal.SIGKILL)
    raise SystemExit(1)


def spawn(command: list[str], directory: Path) -> subprocess.Popen[bytes]:
    """Start a command in this process group; it gets no end of the pipes to the kernel."""
    with (directory / LOG_NAME).open("ab") as log:
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)  # noqa: S603 - the command is built here


def is_orphaned(parent: int) -> bool:
    """Return whether the process that asked for the account is gone."""
    return os.getppid() != parent


def watch(child: subprocess.Popen[bytes], parent: int, directory: Path) -> bool:
    """Wait until the child ends, or end everything if the kernel does.

    Returns:
        Whether the account had answered before the child ended.
    """
    was_ready = False
    while child.poll() is None:
        readable, _, _ = select.select([0], [], [], _INTERVAL)
        heard = os.read(0, 1) if readable else None
        if heard == b"" or is_orphaned(parent):
            end_group(directory)
        was_ready = was_ready or heard == READY
    return was_ready


def report(text: bytes) -> None:
    """Tell the launcher what was printed last, unless it is gone: nothing may keep the group from its end."""
    with contextlib.suppress(OSError):
        os.write(1, text)


def main(arguments: list[str]) -> NoReturn:
    """Run MiniStack from uv's cache, or else from the package index, until it or the kernel ends."""
    parent, directory, uv, python = int(arguments[0]), Path(arguments[1]), arguments[2], arguments[3]
    if os.getpgrp() != os.getpid():
        sys.exit("the supervisor kills its process group, so it must lead one of its own")
    text = b""
    try:
        for offline in (["--offline"], []):
            command = [uv, "tool", "run", *offline, "--python", python, "--from", REQUIREMENT, "python", "-I", GATE]
            if watch(spawn(command, directory), parent, directory):
                break
        text = (directory / LOG_NAME).read_bytes()[-_TAIL:]
    except OSError as error:  # uv cannot be run, or somebody deleted the directory
        text = str(error).encode()
    report(text)
    end_group(directory)


if __name__ == "__main__":
    main(sys.argv[1:])
