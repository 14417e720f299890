"""However a local account or the kernel ends, nothing is left behind."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import psutil
import pytest

from apigw_magic.demo import start
from apigw_magic.demo.environment import LOOPBACK
from apigw_magic.demo.health import ask_health
from apigw_magic.demo.supervisor import GATE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from apigw_magic.demo import LocalAccount

BOUND = 3.0

# Stands in for a kernel: it survives an interrupt, and has whatever was started by it.
KERNEL = """
import os, sys, time
from apigw_magic.demo import provision, start
account = start()
if "provision" in sys.argv:
    provision(account)
if "fork" in sys.argv and os.fork() == 0:
    time.sleep(60)
supervised = account._supervised
told = f"{account.endpoint} {supervised.pid} {supervised.directory}"
while True:
    try:
        if told:
            print(told, flush=True)
        told = ""
        time.sleep(60)
    except KeyboardInterrupt:
        told = f"interrupted {account.alive}"
"""


def list_group(group: int) -> list[psutil.Process]:
    """Return the living processes of a group; one that only waits to be reaped is dead."""
    living = []
    for process in psutil.process_iter():
        with suppress(ProcessLookupError, psutil.NoSuchProcess):
            if os.getpgid(process.pid) == group and process.status() != psutil.STATUS_ZOMBIE:
                living.append(process)
    return living


def await_true(condition: Callable[[], bool], bound: float = BOUND) -> bool:
    """Wait until something holds; False if it does not in time."""
    deadline = time.monotonic() + bound
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def is_gone(group: int, directory: Path) -> bool:
    """Return whether neither a process nor a file is left."""
    return not list_group(group) and not directory.exists()


def find_member(group: int, words: str) -> psutil.Process:
    """Return the process of a group whose command line a pattern is found in."""
    found = [each for each in list_group(group) if re.search(words, " ".join(each.cmdline()))]
    assert len(found) == 1
    return found[0]


class Kernel:
    """A process that started an account, seen from outside."""

    def __init__(self, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", KERNEL, *arguments], start_new_session=True, stdout=subprocess.PIPE, text=True
        )
        endpoint, group, directory = self.read_line().split()
        self.port = urlsplit(endpoint).port or 0
        self.group = int(group)
        self.directory = Path(directory)

    def read_line(self) -> str:
        """Read what it prints next."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def end(self) -> None:
        """End it, whatever a test did to it."""
        # It is not reaped yet, so its id still means its group; a process forked off it is in there too.
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.communicate()
        if not await_true(lambda: is_gone(self.group, self.directory)):
            for process in list_group(self.group):
                process.kill()


@pytest.fixture
def own() -> Iterator[LocalAccount]:
    """An account that a test may kill."""
    with start() as account:
        yield account


def test_the_kernel_is_interrupted_and_killed() -> None:
    """SIGINT, sent to the kernel's process group as Jupyter does, leaves all as it is; SIGKILL leaves nothing."""
    kernel = Kernel()
    try:
        before = {process.pid for process in list_group(kernel.group)}
        os.killpg(kernel.process.pid, signal.SIGINT)
        assert kernel.read_line() == "interrupted True"
        assert before <= {process.pid for process in list_group(kernel.group)}
        assert ask_health(LOOPBACK, kernel.port, timeout=BOUND) is not None
        kernel.process.kill()
        assert await_true(lambda: is_gone(kernel.group, kernel.directory))
    finally:
        kernel.end()


def test_the_kernel_is_killed_at_work() -> None:
    """A process forked off the kernel, which holds the pipe open, and the function's worker change nothing."""
    kernel = Kernel("provision", "fork")
    try:
        # supervisor, uv, MiniStack, and the worker that was warmed up
        assert await_true(lambda: len(list_group(kernel.group)) >= 4)
        kernel.process.kill()
        assert await_true(lambda: is_gone(kernel.group, kernel.directory))
    finally:
        kernel.end()


@pytest.mark.parametrize(
    "words",
    [r"supervisor\.py", "uv tool run", rf"^\S*python -I {re.escape(GATE)}"],
    ids=["supervisor", "uv", "MiniStack"],
)
def test_a_part_is_killed(own: LocalAccount, words: str) -> None:
    """SIGKILL to the supervisor, to uv or to MiniStack takes the rest along, and the launcher notices."""
    supervised = own._supervised
    assert supervised is not None
    # The supervisor's command line ends with uv's path, so "uv tool run" is in that of uv alone.
    find_member(supervised.pid, words).kill()
    assert await_true(lambda: is_gone(supervised.pid, supervised.directory) and not own.alive)
    assert await_true(lambda: supervised.has_ended)


def test_the_supervisor_is_stuck(own: LocalAccount) -> None:
    """A supervisor that no longer runs is killed with its group when the account is stopped."""
    supervised = own._supervised
    assert supervised is not None
    psutil.Process(supervised.pid).suspend()
    own.stop()
    assert await_true(lambda: is_gone(supervised.pid, supervised.directory))


def test_the_account_is_stopped(own: LocalAccount) -> None:
    """Nothing is left, and stopping once more does no harm."""
    supervised = own._supervised
    assert supervised is not None
    own.stop()
    assert await_true(lambda: is_gone(supervised.pid, supervised.directory))
    own.stop()
    assert not own.alive
    assert supervised.has_ended


def test_only_one_port_is_open(own: LocalAccount) -> None:
    """The account listens at its endpoint and nowhere else."""
    supervised = own._supervised
    assert supervised is not None
    listening = [
        connection.laddr
        for process in list_group(supervised.pid)
        for connection in process.net_connections()
        if connection.status == psutil.CONN_LISTEN
    ]
    assert listening == [(LOOPBACK, urlsplit(own.endpoint).port)]


def test_the_supervisor_kills_no_foreign_group(tmp_path: Path) -> None:
    """Started in the group of somebody else it refuses to run."""
    program = Path(str(sys.modules["apigw_magic.demo.supervisor"].__file__))
    command = [sys.executable, "-I", str(program), str(os.getpid()), str(tmp_path), "uv", "python"]
    done = subprocess.run(command, capture_output=True, check=False, stdin=subprocess.DEVNULL, text=True, timeout=10)
    assert done.returncode == 1
    assert "must lead one of its own" in done.stderr
    assert tmp_path.exists()
