"""A real kernel, and all that comes out of it: messages on every channel, the notebook, files, its own output."""

from __future__ import annotations

import json
import os
import signal
import sys
from contextlib import contextmanager, suppress
from queue import Empty
from typing import TYPE_CHECKING, Any

import nbformat
from jupyter_client.blocking.client import BlockingKernelClient
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

from tests.secrets.channels import Trace
from tests.secrets.shell import MODES
from tests.secrets.world import outside

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from tests.secrets.scenes import Scene
    from tests.secrets.world import World

_TIMEOUT = 60

# Runs in the kernel. After each cell that fails, it looks at what is kept of the exception, and shows it in all modes.
_WATCH = f"""\
import json, logging, os, pathlib
home = pathlib.Path(os.environ["HOME"])
logging.getLogger().addHandler(logging.FileHandler(home / "debug.log"))
logging.getLogger().setLevel(logging.DEBUG)
get_ipython().Completer.use_jedi = False  # slow, and it sees no more
def _look(result):
    if result.error_in_exec is None:
        return
    from tests.secrets.channels import view_last
    with (home / "looked.jsonl").open("a") as file:
        for trace in view_last(""):
            print(json.dumps(trace), file=file)
    shell = get_ipython()
    for mode in {MODES!r}:
        shell.InteractiveTB.set_mode(mode=mode)
        shell.run_line_magic("tb", "")
    shell.InteractiveTB.set_mode(mode="Verbose")
get_ipython().InteractiveTB.set_mode(mode="Verbose")
get_ipython().events.register("post_run_cell", _look)
environment = hash(frozenset(os.environ.items()))
"""


class Kernel:
    """A kernel that nbclient drives, and a second client that hears all it says, and types for it.

    Attributes:
        traces: the messages.
        notebook: the executed cells with their outputs.
        ran: the scenes, with the exception that each ended with.
    """

    def __init__(self, world: World, driver: NotebookClient, client: BlockingKernelClient) -> None:
        self._world = world
        self._driver = driver
        self._client = client
        self.traces: list[Trace] = []
        self.notebook = driver.nb
        self.ran: list[tuple[Scene, str]] = []

    def play(self, scenes: Iterable[Scene]) -> None:
        """Run cells as a notebook's; those that ask for a code as a frontend does that can ask."""
        for scene in scenes:
            source = scene.cell.replace("{sts}", self._world.sts)
            if "mfa" in source or "coded" in source:
                error = self._run_and_type(source, scene.cell)
            else:
                error = self.run_in_notebook(source)
            self._drain(scene.cell)
            self.ran.append((scene, error))

    def ask(self, scene: str) -> None:
        """Ask for what frontends ask for beside cells: tooltips, completion, history, variables."""
        client = self._client
        names = ("conn", "raw", "caught", "table", "df", "connections", "shown", "p0", "plants")
        asked = [client.inspect(name, detail_level=level) for name in names for level in (0, 1)]
        texts = ("conn.", "raw.", "%apigw ", "%apigw use ", "%%apigw --as ", 'by_name["', "environment")
        asked += [client.complete(text, len(text)) for text in texts]
        for kind in ("range", "tail", "search"):
            asked.append(client.history(output=True, hist_access_type=kind, session=0, start=1, stop=999, n=999))
        asked.append(client.execute("", user_expressions={name: name for name in names}, store_history=False))
        asked += [client.comm_info(), client.kernel_info(), client.is_complete("conn.")]
        for number in asked:
            while True:
                reply = client.get_shell_msg(timeout=_TIMEOUT)
                self._note(reply["header"]["msg_type"], scene, reply)
                if reply["parent_header"]["msg_id"] == number:
                    break
        self._drain(scene)

    def run_in_notebook(self, source: str) -> str:
        """Run a cell by nbclient, and return the exception that it ended with."""
        cell = new_code_cell(source)
        self.notebook.cells.append(cell)
        self._driver.execute_cell(cell, len(self.notebook.cells) - 1, store_history=True)
        return _name_error(cell.outputs)

    def _run_and_type(self, source: str, scene: str) -> str:
        client, error = self._client, ""
        number = client.execute(source, allow_stdin=True)
        while True:
            with suppress(Empty):
                question = client.get_stdin_msg(timeout=0)
                self._note("input_request", scene, question)
                client.input(self._world.one("MFA code"))
            with suppress(Empty):
                reply = client.get_shell_msg(timeout=0.02)
                self._note(reply["header"]["msg_type"], scene, reply)
                if reply["parent_header"]["msg_id"] == number:
                    error = reply["content"].get("ename", "")
                    break
        return str(error)

    def _drain(self, scene: str) -> None:
        """Take all that was published so far: the kernel says last that it is idle."""
        with suppress(Empty):
            while True:
                message = self._client.get_iopub_msg(timeout=0.01)
                self._note(message["header"]["msg_type"], scene, message)

    def _note(self, channel: str, scene: str, message: dict[str, Any]) -> None:
        parts = {key: message[key] for key in ("content", "metadata", "header")}
        parts["header"] = parts["header"] | {"date": ""}  # the microseconds of some time are six digits, too
        self.traces.append(Trace(channel, scene, json.dumps(parts, default=repr)))


def _name_error(outputs: list[Any]) -> str:
    """Return the exception that a cell ended with; it is shown several times."""
    return next((str(output.ename) for output in outputs if output.output_type == "error"), "")


@contextmanager
def opened_kernel(world: World) -> Iterator[Kernel]:
    """Start a kernel that lives in a world."""
    profile = world.home / ".ipython" / "profile_default"
    profile.mkdir(parents=True)
    (profile / "ipython_kernel_config.py").write_text("c.HistoryManager.db_log_output = True\n")
    driver = NotebookClient(
        new_notebook(), timeout=_TIMEOUT, kernel_name="python3", allow_errors=True, ipython_hist_file=""
    )
    environment = outside() | world.environment() | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with (
        (world.root / "kernel.out").open("wb") as out,
        (world.root / "kernel.err").open("wb") as err,
        driver.setup_kernel(env=environment, cwd=str(world.work), stdout=out, stderr=err),
    ):
        manager = driver.km
        assert manager is not None
        client = BlockingKernelClient(connection_file=manager.connection_file)
        client.load_connection_file()
        client.start_channels()
        try:
            client.wait_for_ready(timeout=_TIMEOUT)
            pid: int = manager.provisioner.pid  # type: ignore[union-attr] # that of a local process
            world.aws.interrupt = lambda: os.kill(pid, signal.SIGINT)
            kernel = Kernel(world, driver, client)
            kernel.run_in_notebook(_WATCH)
            yield kernel
        finally:
            client.stop_channels()


def read_notebook(kernel: Kernel) -> str:
    """Return the executed notebook as it would be saved."""
    return str(nbformat.writes(kernel.notebook))


def read_looked(home: Path) -> list[Trace]:
    """Return what was kept of exceptions."""
    return [Trace(*json.loads(line)) for line in (home / "looked.jsonl").read_text().splitlines()]
