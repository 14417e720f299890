"""Starts the supervisor, and ends what it leaves behind if it is killed itself."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from apigw_magic.demo import supervisor
from apigw_magic.demo.environment import build_environment

if TYPE_CHECKING:
    from typing import IO

_GRACE = 2.0


class Supervised:
    """A running supervisor with everything below it: one process group and one directory.

    Attributes:
        directory: the account's own; gone when the processes are.
        output: what the supervisor reported before it ended; complete once `has_ended`.
    """

    def __init__(self, uv: str, *, cache: str, port: int) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="apigw-magic-demo-"))
        self.output = b""
        try:
            self._process = self._start(uv, cache=cache, port=port)
        except BaseException:
            shutil.rmtree(self.directory, ignore_errors=True)
            raise
        # A daemon: it waits for as long as the account lives, and must not keep the kernel from ending.
        self._watcher = threading.Thread(target=self._watch, name="apigw-demo-watcher", daemon=True)
        self._watcher.start()

    def _start(self, uv: str, *, cache: str, port: int) -> subprocess.Popen[bytes]:
        program = [sys.executable, "-I", supervisor.__file__]
        return subprocess.Popen(  # noqa: S603 - our own program
            [*program, str(os.getpid()), str(self.directory), uv, sys.executable],
            bufsize=0,
            cwd=self.directory,
            env=build_environment(os.environ, directory=self.directory, cache=cache, port=port),
            start_new_session=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    def _watch(self) -> None:
        """Wait for the supervisor's end, however it comes, and leave nothing behind."""
        with _pipe(self._process.stdout) as reports:
            self.output = reports.read()
        # It is not reaped yet, so its id still means this process group.
        self._kill_group()
        self._process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)

    def _kill_group(self) -> None:
        with contextlib.suppress(OSError):
            os.killpg(self._process.pid, signal.SIGKILL)

    @property
    def pid(self) -> int:
        """The supervisor's process id, which is that of its group."""
        return self._process.pid

    @property
    def has_ended(self) -> bool:
        """Whether nothing of it is left."""
        return not self._watcher.is_alive()

    def confirm(self) -> None:
        """Tell the supervisor that the account answers."""
        with contextlib.suppress(OSError):
            _pipe(self._process.stdin).write(supervisor.READY)

    def read_log(self) -> bytes:
        """Return what uv and MiniStack have printed so far."""
        try:
            return (self.directory / supervisor.LOG_NAME).read_bytes()
        except OSError:
            return b""

    def end(self) -> None:
        """Let go of the pipe, which ends the supervisor, and wait until all is gone; harmless when repeated."""
        _pipe(self._process.stdin).close()
        self._watcher.join(_GRACE)
        if self._watcher.is_alive():  # a supervisor that is stopped or stuck
            self._kill_group()
            self._watcher.join(_GRACE)


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    """Return a pipe of a process that was started with it."""
    if stream is None:
        msg = "the supervisor has no pipe"
        raise RuntimeError(msg)
    return stream
