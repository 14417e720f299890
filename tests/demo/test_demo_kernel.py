"""The local account and a real kernel: an interrupt leaves it, a SIGKILL takes it along."""

from __future__ import annotations

import re
import time
import urllib.request
from typing import TYPE_CHECKING

import psutil
import pytest
from jupyter_client.manager import KernelManager

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jupyter_client.blocking.client import BlockingKernelClient

_BOUND = 3.0  # seconds


@pytest.fixture
def kernel() -> Iterator[tuple[KernelManager, BlockingKernelClient]]:
    """A kernel of the test's own, and a client of it."""
    manager = KernelManager(kernel_name="python3")
    manager.start_kernel()
    client = manager.blocking_client()
    client.start_channels()
    client.wait_for_ready(timeout=60)
    yield manager, client
    client.stop_channels()
    if manager.is_alive():
        manager.shutdown_kernel(now=True)
    manager.cleanup_resources()


def run(client: BlockingKernelClient, code: str) -> str:
    """Run a cell and return what it printed."""
    printed: list[str] = []

    def keep(message: dict[str, dict[str, str]]) -> None:
        printed.append(message["content"].get("text", ""))

    reply = client.execute_interactive(code, timeout=60, output_hook=keep)
    assert reply["content"]["status"] == "ok"
    return "".join(printed)


def start_account(client: BlockingKernelClient) -> tuple[str, list[psutil.Process]]:
    """Start the local account from a kernel; return its endpoint and its processes."""
    printed = run(client, "%load_ext apigw_magic\n%apigw demo\nimport os; print('pid', os.getpid())")
    endpoint = re.search(r"http://127\.0\.0\.1:\d+", printed)
    pid = re.search(r"pid (\d+)", printed)
    assert endpoint
    assert pid
    processes = psutil.Process(int(pid[1])).children(recursive=True)
    assert any("ministack" in " ".join(process.cmdline()) for process in processes)
    return endpoint[0], processes


def answers(endpoint: str) -> bool:
    """Tell whether the account answers."""
    try:
        with urllib.request.urlopen(f"{endpoint}/_ministack/health", timeout=_BOUND) as answer:  # noqa: S310 - loopback
            return answer.status == 200
    except OSError:
        return False


def test_interrupt_leaves_the_account(kernel: tuple[KernelManager, BlockingKernelClient]) -> None:
    """An interrupt of a running cell stops the cell; the account lives on, and the connection with it."""
    manager, client = kernel
    endpoint, processes = start_account(client)
    client.execute("import time; time.sleep(60)")
    time.sleep(0.5)
    manager.interrupt_kernel()
    assert client.get_shell_msg(timeout=10)["content"]["ename"] == "KeyboardInterrupt"
    assert answers(endpoint)
    assert all(process.is_running() for process in processes)
    assert "200 OK" in run(client, "print(get_ipython().run_line_magic('apigw', '/health --raw'))")


def test_kill_takes_the_account_along(kernel: tuple[KernelManager, BlockingKernelClient]) -> None:
    """Within three seconds of a SIGKILL to the kernel no process of the account lives."""
    manager, client = kernel
    endpoint, processes = start_account(client)
    assert answers(endpoint)
    manager.shutdown_kernel(now=True)
    _, alive = psutil.wait_procs(processes, timeout=_BOUND)
    assert alive == []
    assert not answers(endpoint)
