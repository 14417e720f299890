"""`python -m benchmarks.access_matrix`: a matrix of 12 requests by 30 connections, beside what its server allows.

The server takes a set time for each answer, as an API does, in a process of its own. Eight at a time cannot take less
than that time for every eight of them. Writes ACCESS.md; `--quick` only tries.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from math import ceil
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apigw_magic import Connection

_RESULTS = Path(__file__).with_name("ACCESS.md")
_REQUESTS, _CONNECTIONS = 12, 30
_DELAYS = (0.2, 0.05, 0.02)
_WHO = b"User: arn:aws:iam::111122223333:user/ana is not authorized to perform: execute-api:Invoke"
_WHY = b" because no identity-based policy allows the execute-api:Invoke action"
_REFUSAL = b'{"Message": "' + _WHO + _WHY + b'"}'


class Measured(NamedTuple):
    """What a matrix cost.

    Attributes:
        delay: seconds that the server takes for an answer.
        seconds: that the matrix took.
        own: seconds of this process's own work in them.
    """

    delay: float
    seconds: float
    own: float

    @property
    def least(self) -> float:
        """The seconds that it cannot take less than."""
        from apigw_magic.access import MOST_AT_ONCE  # noqa: PLC0415 - not in the server's process

        return ceil(_REQUESTS * _CONNECTIONS / MOST_AT_ONCE) * self.delay


def main() -> None:
    """Measure, and write what came out."""
    options = argparse.ArgumentParser(description="What a matrix of permissions costs.")
    options.add_argument("--quick", action="store_true", help="a rough run of a few seconds; ACCESS.md stays")
    options.add_argument("--serve", type=float, metavar="SECONDS", help="be the server")
    given = options.parse_args()
    if given.serve is not None:
        asyncio.run(_serve(given.serve))
        return
    os.environ |= {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    rounds = 1 if given.quick else 7
    report = _write([_measure(delay, rounds) for delay in _DELAYS], _measure_showing(), rounds)
    sys.stdout.write(report)
    if not given.quick:
        _RESULTS.write_text(report, "utf-8")


def _measure(delay: float, rounds: int) -> Measured:
    """Return the median of some rounds, after one that does not count."""
    from apigw_magic.access import try_access  # noqa: PLC0415 - not in the server's process
    from apigw_magic.models import Request  # noqa: PLC0415 - as above

    requests = [Request("GET", f"/orders/{number}") for number in range(_REQUESTS)]
    took: list[tuple[float, float]] = []
    with _run_server(delay) as port:
        connections = [_connect(port, number) for number in range(_CONNECTIONS)]
        for _ in range(rounds + 1):
            start, work = time.perf_counter(), time.process_time()
            findings = try_access(requests, connections)
            took.append((time.perf_counter() - start, time.process_time() - work))
            if {finding.verdict for finding in findings} != {"allowed", "denied"}:
                raise RuntimeError("The matrix is not what the server answers.")
    return Measured(delay, *map(median, zip(*took[1:], strict=True)))


def _measure_showing() -> float:
    """Return the seconds that the frame, its HTML and its text take."""
    from apigw_magic.access import Finding, Verdict  # noqa: PLC0415 - not in the server's process
    from apigw_magic.magics.matrix import tabulate_access  # noqa: PLC0415 - as above
    from apigw_magic.models import Request  # noqa: PLC0415 - as above

    connections = [_connect(1, number) for number in range(_CONNECTIONS)]
    requests = [Request("GET", f"/orders/{number}") for number in range(_REQUESTS)]
    findings = [
        Finding(r, c, Verdict.DENIED, "sent", 403, "Why.", "identity", 12) for r in requests for c in connections
    ]
    tabulate_access(findings)
    start = time.perf_counter()
    table = tabulate_access(findings)
    repr(table)
    table._repr_html_()
    return time.perf_counter() - start


def _connect(port: int, number: int) -> Connection:
    """Return a connection of an invented user."""
    import boto3  # noqa: PLC0415 - not in the server's process

    import apigw_magic  # noqa: PLC0415 - as above
    from apigw_magic.identity import wrap_session  # noqa: PLC0415 - as above
    from apigw_magic.models import Identity  # noqa: PLC0415 - as above

    base = wrap_session(boto3.Session("AKIAEXAMPLE", "invented/secret/key"), "eu-west-1")
    base.caller.identity = Identity("111122223333", f"arn:aws:iam::111122223333:user/ana-{number}")
    url = f"http://127.0.0.1:{port}/prod"
    return apigw_magic.connect(url, name=f"ana-{number:02}", region="eu-west-1", base=base)


@contextmanager
def _run_server(delay: float) -> Iterator[int]:
    """Run the server in a process of its own; yields its port."""
    command = [sys.executable, "-m", "benchmarks.access_matrix", "--serve", str(delay)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:  # noqa: S603 - this very file
        if process.stdout is None:
            raise RuntimeError("The server cannot tell its port.")
        try:
            yield int(process.stdout.readline())
        finally:
            process.terminate()


async def _serve(delay: float) -> None:
    """Answer every request after a time: half of the paths are refused."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            try:
                head = await reader.readuntil(b"\r\n\r\n")
            except asyncio.IncompleteReadError:
                break
            await asyncio.sleep(delay)
            is_refused = int(head.partition(b" HTTP/1.1")[0].rpartition(b"/")[2]) % 2
            status = b"403 Forbidden\r\nx-amzn-ErrorType: AccessDeniedException" if is_refused else b"200 OK"
            content = _REFUSAL if is_refused else b"{}"
            writer.write(
                b"HTTP/1.1 %b\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
                % (status, len(content), content)
            )
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


def _write(results: list[Measured], showing: float, rounds: int) -> str:
    """Write the report."""
    rows = "\n".join(
        f"| {one.delay * 1000:.0f} ms | {one.least:.2f} s | {one.seconds:.2f} s | {one.seconds / one.least:.2f} "
        f"| {one.own / (_REQUESTS * _CONNECTIONS) * 1e6:,.0f} µs |"
        for one in results
    )
    return f"""# What a matrix of permissions costs

{_REQUESTS} requests by {_CONNECTIONS} connections over plain HTTP on loopback, eight at a time; half are refused and
explained. Written by `python -m benchmarks.access_matrix`; not edited by hand.

{datetime.now(UTC):%Y-%m-%d}: {platform.system()} on {platform.machine()}, {os.cpu_count()} cores; Python \
{platform.python_version()}; apigw_magic {version("apigw_magic")}. The median of {rounds} rounds.

| the server takes | the least | the matrix | times the least | own work for a request |
|--:|--:|--:|--:|--:|
{rows}

To show it (the frame, its HTML and its text) takes {showing * 1000:.0f} ms more.

- *the least* is what eight at a time cannot go below: the server's time for every eight of them.
- *own work* is this process's time on the processor, for signing, sending, reading and, of every other one, explaining.
  This server takes equally long for each, so eight answers come together, and the work on them is not done while others
  are waited for: the worst case. From an API they come one by one.
"""


if __name__ == "__main__":
    main()
