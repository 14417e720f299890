"""A real shell within the tests' process, and all that comes out of it."""

from __future__ import annotations

import getpass
import logging
import os
import signal
import threading
import time
import traceback
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from botocore.credentials import SSOProvider  # noqa: TID251 - it looked for the home directory when it was imported
from botocore.utils import ContainerMetadataFetcher  # noqa: TID251 - it waits, too
from IPython.core import ultratb
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from traitlets.config import Config

from apigw_magic.http.pools import PROCESS_POOL
from tests.secrets.channels import Trace, view, view_last
from tests.secrets.world import outside

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pytest

    from tests.secrets.scenes import Scene
    from tests.secrets.world import World

MODES = ("Plain", "Context", "Verbose", "Minimal", *(("Docs",) if hasattr(ultratb, "DocTB") else ()))
"""Of `%xmode`; the last is not in IPython 7."""


class Recorder(logging.Handler):
    """Keeps all that any logger says: message, arguments, exception, and all else that hangs on a record."""

    def __init__(self) -> None:
        super().__init__(logging.NOTSET)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a record."""
        parts = [record.getMessage(), repr(record.args), repr(vars(record))]
        if record.exc_info:
            parts.append("".join(traceback.format_exception(*record.exc_info)))
        self.said.append("\n".join(parts))


@contextmanager
def recorded() -> Iterator[Recorder]:
    """Record what any logger says, at DEBUG."""
    recorder, root = Recorder(), logging.getLogger()
    level = root.level
    root.setLevel(logging.DEBUG)
    root.addHandler(recorder)
    try:
        yield recorder
    finally:
        root.removeHandler(recorder)
        root.setLevel(level)


@contextmanager
def moved_into(world: World, patch: pytest.MonkeyPatch) -> Iterator[None]:
    """Live in a world: its environment, its working directory, somebody who types its MFA code."""
    wanted = outside() | world.environment()
    for name in set(os.environ) - set(wanted):
        patch.delenv(name)
    for name, value in wanted.items():
        patch.setenv(name, value)
    patch.chdir(world.work)
    # A kernel, too, puts its own in this place.
    patch.setattr(getpass, "getpass", lambda _prompt="": world.one("MFA code"))
    patch.setattr(SSOProvider, "_SSO_TOKEN_CACHE_DIR", str(world.home / ".aws" / "sso" / "cache"))
    patch.setattr(time, "sleep", lambda _seconds: None)  # botocore waits between its tries
    patch.setattr(ContainerMetadataFetcher, "RETRY_ATTEMPTS", 1)  # as above
    patch.setattr(world.aws, "interrupt", _interrupt)
    PROCESS_POOL.start_anew()
    try:
        yield
    finally:
        PROCESS_POOL.start_anew()
        patch.undo()


def _interrupt() -> None:
    """Interrupt the main thread, as Ctrl-C does."""
    signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)


@contextmanager
def opened_shell(world: World) -> Iterator[InteractiveShell]:
    """Open a shell, and leave none behind."""
    config = Config()
    config.HistoryManager.hist_file = ":memory:"
    config.InteractiveShell.colors = "linux"
    shell = InteractiveShell.instance(config=config, ipython_dir=str(world.home / ".ipython"))
    try:
        yield shell
    finally:
        if shell.history_manager is not None:
            shell.history_manager.end_session()
        shell.restore_sys_module_state()
        InteractiveShell.clear_instance()


class Player:
    """Plays scenes in a shell.

    Attributes:
        traces: all that came out.
        ran: the scenes, with the exception that each ended with.
    """

    def __init__(self, world: World, shell: InteractiveShell, recorder: Recorder) -> None:
        self._world = world
        self._shell = shell
        self._recorder = recorder
        self.traces: list[Trace] = []
        self.ran: list[tuple[Scene, str]] = []

    def play(self, scenes: Iterable[Scene]) -> None:
        """Run cells, and look at all that each may leave behind."""
        for scene in scenes:
            value, error = self._run(scene.cell.replace("{sts}", self._world.sts), scene.cell)
            self.ran.append((scene, type(error).__name__ if error else ""))
            self.traces += view(scene.cell, value)
            if error is not None:
                self.traces += view_last(scene.cell)
                for mode in MODES:
                    self._shell.InteractiveTB.set_mode(mode=mode)
                    self._run("%tb", scene.cell, f"%tb, {mode}")
                self._shell.InteractiveTB.set_mode(mode="Verbose")

    def _run(self, cell: str, scene: str, channel: str = "stdout") -> tuple[Any, BaseException | None]:
        """Run a cell, and note what it showed."""
        before = len(self._recorder.said)
        with capture_output() as shown, warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            done = self._shell.run_cell(cell, store_history=channel == "stdout")
        self.traces += [
            Trace(channel, scene, shown.stdout),
            Trace("stderr", scene, shown.stderr),
            Trace("displays", scene, "\n".join(repr((one.data, one.metadata)) for one in shown.outputs)),
            Trace("warnings", scene, "\n".join(f"{one.message!r} {one.message} {one.source!r}" for one in warned)),
            *(Trace("logs", scene, text) for text in self._recorder.said[before:]),
        ]
        return done.result, done.error_in_exec or done.error_before_exec
