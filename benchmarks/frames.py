"""`python -m benchmarks.frames`: measures all readers and writes FRAMES.md; `--quick` only tries."""

from __future__ import annotations

import argparse
import multiprocessing
import os
import platform
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median
from time import perf_counter

from benchmarks.bodies import Body, make_bodies
from benchmarks.frame_readers import BASELINE, OURS, READERS, Reader, find_difference

_RESULTS = Path(__file__).with_name("FRAMES.md")
_PACKAGES = ("apigw_magic", "pandas", "numpy", "msgspec", "orjson", "pyarrow", "polars", "duckdb")

_ROUNDS = 7
_MOST_ROUNDS = 300
_FEW_ROWS = 10_000

_INTRODUCTION = """# What a frame costs

From the bytes of an answer to the finished pandas DataFrame. Written by `python -m benchmarks.frames`; not edited by
hand.
"""

_READING = """## How to read it

- *times as fast* is against `pd.json_normalize(json.loads(…))`, what most scripts do; compared within each round, where
  both met the same machine; what stands here is the median over all rounds, and *ms* the shortest of them.
- The readers take turns; the garbage collector is as Python sets it.
- A result is *equal* if it has the same rows, columns and values as ours, missing ones at the same places; dtypes and
  the order of columns may differ. Others stand without a rank, with what is different.
- Ours also finds out where the rows are, keeps 64-bit integers beside missing values exact (`json_normalize` makes
  floats of them), and checks each value's type.
- *Memory* is what a fresh process needs at most beyond what it had with the content loaded, and how many times as much
  that is as `json_normalize` needs.
"""


def main() -> None:
    """Measure, and write what came out."""
    options = argparse.ArgumentParser(description="What a frame costs.")
    options.add_argument("--quick", action="store_true", help="a tenth of the rows; FRAMES.md stays")
    quick: bool = options.parse_args().quick
    parts = [_INTRODUCTION, _describe_run()]
    for body in make_bodies(quick=quick):
        parts.append(_write_table(body, rounds=_MOST_ROUNDS if body.rows < _FEW_ROWS else _ROUNDS))
        sys.stderr.write(parts[-1] + "\n")
    report = "\n".join((*parts, _READING))
    sys.stdout.write(report)
    if not quick:
        _RESULTS.write_text(report, "utf-8")


def _write_table(body: Body, *, rounds: int) -> str:
    """Return the table of one body, quickest first."""
    readers = [BASELINE, OURS, *READERS[body.kind]]
    frame = OURS.read(body)
    differences = {}
    for reader in readers:
        try:
            differences[reader.name] = find_difference(frame, reader.read(body))
        except Exception as error:  # noqa: BLE001 - a reader that fails is a result
            differences[reader.name] = f"fails: {type(error).__name__}"
    able = [reader for reader in readers if not differences[reader.name].startswith("fails")]
    del frame
    times = _measure(body, able, rounds)
    memory = {reader.name: _measure_memory(body, reader) for reader in able} if body.rows > _FEW_ROWS else {}
    lines = [f"## {body.title}\n", f"{body.size:,} bytes.\n"]
    lines += ["| | how | ms | times as fast | memory | result |", "|---|---|--:|--:|--:|---|"]
    for reader in sorted(able, key=lambda reader: -_ratio(times, reader)):
        used = memory[reader.name] / memory[BASELINE.name] if memory else 0
        lines.append(
            f"| {reader.name} | {reader.how} | {min(times[reader.name]) * 1000:,.2f} | {_ratio(times, reader):.2f} "
            f"| {f'{used:.2f} ({memory[reader.name] / 1e6:,.0f} MB)' if memory else ''} "
            f"| {differences[reader.name] or 'equal'} |"
        )
    lines += [f"| {name} | | | | | {difference} |" for name, difference in differences.items() if "fails" in difference]
    return "\n".join((*lines, ""))


def _ratio(times: dict[str, list[float]], reader: Reader) -> float:
    """Return how many times as fast as the baseline a reader was."""
    return median(base / its for base, its in zip(times[BASELINE.name], times[reader.name], strict=True))


def _measure(body: Body, readers: list[Reader], rounds: int) -> dict[str, list[float]]:
    """Return the seconds of each reader in each round."""
    times: dict[str, list[float]] = {reader.name: [] for reader in readers}
    for _ in range(rounds):
        for reader in readers:
            started = perf_counter()
            frame = reader.read(body)
            times[reader.name].append(perf_counter() - started)
            del frame
    return times


def _measure_memory(body: Body, reader: Reader) -> int:
    """Return the bytes that a fresh process needs at most to read a body, beyond what it had before."""
    context = multiprocessing.get_context("spawn")
    queue: multiprocessing.Queue[int] = context.Queue()
    process = context.Process(target=_report_memory, args=(body, reader.name, queue))
    process.start()
    used = queue.get()
    process.join()
    return used


def _report_memory(body: Body, name: str, queue: multiprocessing.Queue[int]) -> None:
    """Read a body and say how much memory that took; Linux tells the peak since it was last reset."""
    (reader,) = (one for one in (BASELINE, OURS, *READERS[body.kind]) if one.name == name)
    small = next(one for one in make_bodies(quick=True) if one.kind == "flat")
    (BASELINE if reader.name == BASELINE.name else OURS).read(small)  # what is imported late is there now
    Path("/proc/self/clear_refs").write_text("5", "ascii")
    before = _read_status("VmRSS")
    frame = reader.read(body)
    queue.put(_read_status("VmHWM") - before)
    del frame


def _read_status(field: str) -> int:
    """Return a field of the process's status in bytes."""
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    (line,) = (line for line in lines if line.startswith(f"{field}:"))
    return int(line.split()[1]) * 1024


def _describe_run() -> str:
    """Return what the numbers depend on."""
    packages = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    return (
        f"{datetime.now(UTC):%Y-%m-%d}: {platform.system()} on {platform.machine()}, {os.cpu_count()} cores; "
        f"{platform.python_implementation()} {platform.python_version()}; {packages}.\n"
    )


if __name__ == "__main__":
    main()
