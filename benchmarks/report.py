"""The results as Markdown, with what they depend on."""

from __future__ import annotations

import os
import platform
import ssl
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from benchmarks.measuring import Measured, Task

_PACKAGES = ("apigw_magic", "boto3", "botocore", "urllib3", "requests", "requests-aws4auth", "httpx")

_INTRODUCTION = """# What a signed request costs

One signed request to a server on loopback, over TLS with the certificate verified, the content read. Written by
`python -m benchmarks.signed_get`; not edited by hand.
"""

_READING = """## How to read it

- *median* and *quartiles* are times of single requests in microseconds: half of all requests lie between the quartiles.
- *times the limit* is what counts: how many times as long it took. It is compared within each round of the run, where
  both met the same machine, by the lower quartile, since what disturbs a request only ever adds to it; what stands here
  is the median over all rounds. Times differ from machine to machine, ratios hardly.
- The limit is an unsigned `http.client` loop: what the connection, TLS and Python's HTTP parser cost in any case.
  urllib3 stands there as what a client over urllib3 could reach if it did nothing else.
- The contenders take turns, in an order drawn anew for each round, over connections they keep; only *script* opens one
  each time. Credentials and TLS contexts are made once, for the scripts too. All have `TCP_NODELAY`, but where it says
  otherwise.
- Client and server share one core, since they never work at the same time: that leaves out how long a core takes to
  wake, and counts every contender's own work in full.
- The network is left out: to an API in the same Region add 10 to 30 ms to each row, and a TCP and TLS handshake to
  *script*.
- The POST shows whether content waits for the acknowledgement of the header (Nagle's algorithm against delayed ACK): a
  stall is a p50 above 40,000 µs. The last row, botocore's session as it comes, shows that this server brings it out.
"""


def write_report(results: Iterable[tuple[Task, list[Measured]]], *, rounds: int, block: int) -> str:
    """Write the report; the first contender of each task is the limit."""
    parts = [_INTRODUCTION, _describe_run(rounds, block)]
    for task, measured in results:
        parts.append(f"## {task.title}\n")
        parts.append(_table_of_tails(measured) if task.content else _table(measured))
    return "\n".join((*parts, _READING))


def _describe_run(rounds: int, block: int) -> str:
    packages = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    return (
        f"{datetime.now(UTC):%Y-%m-%d}: {platform.system()} on {platform.machine()}, {os.cpu_count()} cores; "
        f"{platform.python_implementation()} {platform.python_version()}, {ssl.OPENSSL_VERSION}; {packages}. "
        f"{rounds} rounds of {block} requests.\n"
    )


def _table(measured: list[Measured]) -> str:
    lines = ["| | how | median µs | quartiles µs | times the limit |", "|---|---|--:|--:|--:|"]
    for one in sorted(measured, key=lambda one: one.ratio_to(measured[0])):
        first, middle, third = one.quartiles
        lines.append(
            f"| {one.contender.name} | {one.contender.how} | {middle:,.0f} | {first:,.0f} to {third:,.0f} "
            f"| {one.ratio_to(measured[0]):.2f} |"
        )
    return "\n".join((*lines, ""))


def _table_of_tails(measured: list[Measured]) -> str:
    lines = ["| | how | p50 µs | p95 µs | times the limit |", "|---|---|--:|--:|--:|"]
    lines += [
        f"| {one.contender.name} | {one.contender.how} | {one.percentile(0.5):,.0f} "
        f"| {one.percentile(0.95):,.0f} | {one.ratio_to(measured[0]):.2f} |"
        for one in measured
    ]
    return "\n".join((*lines, ""))
