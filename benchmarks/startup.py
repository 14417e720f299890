"""`python -m benchmarks.startup`: what loading costs in a fresh kernel, and the first requests after it.

Every number is from a kernel or a process of its own, since a second load is free. Writes STARTUP.md; `--quick` only
tries.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from jupyter_client.manager import start_new_kernel

if TYPE_CHECKING:
    from collections.abc import Iterable

_RESULTS = Path(__file__).with_name("STARTUP.md")


@dataclass(frozen=True, slots=True)
class Extension:
    """An extension that is loaded in a fresh kernel.

    Attributes:
        name: what follows `%load_ext`, or the statement where it is none.
        package: the distribution that brings it.
        what: what it is, for the report.
    """

    name: str
    package: str
    what: str

    @property
    def statement(self) -> str:
        """What is timed."""
        if self.name.startswith("import "):
            return self.name
        return f"get_ipython().run_line_magic('load_ext', {self.name!r})"


_EXTENSIONS = (
    Extension("storemagic", "ipython", "IPython's own `%store`"),
    Extension("apigw_magic", "apigw_magic", "**this one**"),
    Extension("import boto3, pandas", "boto3", "no extension: what an eager one would import"),
    Extension("bigquery_magics", "bigquery-magics", "BigQuery in cells"),
    Extension("sql", "jupysql", "SQL in cells"),
)

_TIMED = """
import time as _time
_started = _time.perf_counter()
{statement}
_took = _time.perf_counter() - _started
import json as _json
print("@" + _json.dumps(_took * 1000))
"""

# What the first cells of a notebook wait for, one after another; the imports by who brings them.
_FIRST_CELLS = """
import json, sys, time
steps = []
def step(name, of=time.perf_counter):
    steps.append((name, of()))
step("")
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
step("(IPython, which a kernel has already)")
shell.run_line_magic("load_ext", "apigw_magic"); step("`%load_ext apigw_magic`")
import boto3.session, botocore.session, botocore.credentials, botocore.client; step("import boto3 and botocore")
import urllib3, ssl; step("import urllib3 and ssl")
import numpy, pandas, msgspec; step("import pandas, NumPy and msgspec")
import apigw_magic.connection, apigw_magic.magics.commands; step("import apigw_magic's own")
session = boto3.session.Session(
    aws_access_key_id=sys.argv[3], aws_secret_access_key=sys.argv[4], region_name="eu-west-1")
shell.user_ns["session"] = session
from apigw_magic.identity import wrap_session
import apigw_magic as apigw
base = wrap_session(session, "eu-west-1", sys.argv[2]); step("a base session")
orders = apigw.connect(sys.argv[1], role="reader", region="eu-west-1", base=base)
step("`connect`: AssumeRole, GetCallerIdentity (the local account answers)")
orders.get("/orders"); step("first request: a connection, signed, answered")
orders.get("/orders"); step("second request")
frame = orders.get("/orders").frame(); step("third request and its frame")
orders.get("/orders").frame(); step("fourth request and its frame")
print("@" + json.dumps([(name, (at - before) * 1000) for (_, before), (name, at) in zip(steps, steps[1:])]))
"""

_INTRODUCTION = """# What starting costs

Written by `python -m benchmarks.startup`; not edited by hand.
"""


def main() -> None:
    """Measure, and write what came out."""
    options = argparse.ArgumentParser(description="What starting costs.")
    options.add_argument("--quick", action="store_true", help="a rough run; STARTUP.md stays")
    quick: bool = options.parse_args().quick
    rounds = 3 if quick else 15
    loads = measure_loads(rounds)
    cells = measure_first_cells(rounds)
    report = "\n".join((_INTRODUCTION, _describe_run(rounds), _table_of_loads(loads), _table_of_cells(cells)))
    sys.stdout.write(report)
    if not quick:
        _RESULTS.write_text(report, "utf-8")


def measure_loads(rounds: int) -> dict[Extension, list[float]]:
    """Return the milliseconds of each load, the extensions in turn so that the machine's moods meet all alike."""
    taken: dict[Extension, list[float]] = {extension: [] for extension in _EXTENSIONS}
    for number in range(rounds + 1):
        for extension, times in taken.items():
            took = _time_in_kernel(extension.statement)
            if number:  # the first round fills the disk's caches
                times.append(took)
    return taken


def measure_first_cells(rounds: int) -> list[tuple[str, float]]:
    """Return what the first cells wait for and the median milliseconds of each."""
    from apigw_magic.demo import open_demo  # noqa: PLC0415 - the kernels before are measured without it

    demo = open_demo()
    try:
        keys = demo.shop.session.get_credentials()
        if keys is None:
            msg = "the demo has no credentials"
            raise RuntimeError(msg)
        command = [sys.executable, "-W", "ignore", "-c", _FIRST_CELLS, demo.shop.url, demo.shop.sts_endpoint]
        command += [keys.access_key, keys.secret_key]
        runs = [
            _read(subprocess.run(command, check=True, capture_output=True, text=True).stdout)  # noqa: S603 - ours
            for _ in range(rounds + 1)
        ][1:]
    finally:
        demo.account.stop()
    names = [name for name, _ in runs[0]]
    return [(name, median(run[place][1] for run in runs)) for place, name in enumerate(names)]


def _time_in_kernel(statement: str) -> float:
    """Return how many milliseconds a statement takes in a fresh kernel."""
    manager, client = start_new_kernel(stderr=subprocess.DEVNULL)
    told: list[str] = []
    try:
        client.execute_interactive(
            _TIMED.format(statement=statement),
            timeout=60,
            output_hook=lambda message: told.append(message["content"].get("text", "")),
        )
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    return float(_read("".join(told)))


def _read(printed: str) -> object:
    """Return what was printed behind the mark, among whatever an extension says."""
    return json.loads(printed.rpartition("@")[2])


def _describe_run(rounds: int) -> str:
    packages = ("ipython", "ipykernel", *(extension.package for extension in _EXTENSIONS[1:]), "botocore", "pandas")
    named = ", ".join(f"{name} {version(name)}" for name in dict.fromkeys(packages))
    return (
        f"{datetime.now(UTC):%Y-%m-%d}: {platform.system()} on {platform.machine()}, {os.cpu_count()} cores; "
        f"{platform.python_implementation()} {platform.python_version()}; {named}. Medians of {rounds} kernels each.\n"
    )


def _table_of_loads(loads: dict[Extension, list[float]]) -> str:
    least = median(loads[_EXTENSIONS[0]])
    lines = ["## Loading in a fresh kernel\n", "| | what | ms | times storemagic |", "|---|---|--:|--:|"]
    lines += [
        f"| `{extension.name}` | {extension.what} | {median(times):,.1f} | {median(times) / least:,.1f} |"
        for extension, times in loads.items()
    ]
    return "\n".join((*lines, ""))


def _table_of_cells(cells: Iterable[tuple[str, float]]) -> str:
    lines = [
        "## The first cells, in a fresh process\n",
        "What is imported late is imported by the first command; each row waits for what no row above has brought.\n",
        "| step | ms |",
        "|---|--:|",
    ]
    lines += [f"| {name} | {took:,.1f} |" for name, took in cells]
    return "\n".join((*lines, ""))


if __name__ == "__main__":
    main()
