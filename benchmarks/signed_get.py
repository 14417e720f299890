"""`python -m benchmarks.signed_get`: measures all contenders and writes RESULTS.md; `--quick` only tries."""

from __future__ import annotations

import argparse
import os
import sys
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import trustme

from benchmarks import contenders
from benchmarks.measuring import Task, measure
from benchmarks.report import write_report
from benchmarks.server import SIZES, run_server

if TYPE_CHECKING:
    from collections.abc import Iterator

_RESULTS = Path(__file__).with_name("RESULTS.md")
_GETS = [Task(f"GET, {size // 1000} kB", "GET", f"/orders?limit={limit}", size) for limit, size in SIZES.items()]
_POST = Task("POST of 1 kB", "POST", "/orders", size=11, content=b"%1000d" % 0)


def main() -> None:
    """Measure, and write what came out."""
    options = argparse.ArgumentParser(description="What a signed request costs.")
    options.add_argument("--quick", action="store_true", help="a rough run of a few seconds; RESULTS.md stays")
    quick: bool = options.parse_args().quick
    rounds, block = (10, 10) if quick else (120, 25)
    _stay_on_one_core()
    with TemporaryDirectory() as folder, _serve(Path(folder)) as (origin, ca_bundle):
        _isolate(ca_bundle)
        racers = [
            make(origin, ca_bundle)
            for make in (
                contenders.limit,
                contenders.ours,
                contenders.unsigned_urllib3,
                contenders.botocore_session,
                contenders.httpx_client,
                contenders.aws4auth,
                contenders.script,
            )
        ]
        results = [(task, measure(task, racers, rounds=rounds, block=block)) for task in _GETS]
        stalling = contenders.botocore_session(origin, ca_bundle, nodelay=False)
        results.append((_POST, measure(_POST, [*racers[:4], stalling], rounds=rounds // 6 + 2, block=block)))
    report = write_report(results, rounds=rounds, block=block)
    sys.stdout.write(report)
    if not quick:
        _RESULTS.write_text(report, "utf-8")


@contextmanager
def _serve(folder: Path) -> Iterator[tuple[str, Path]]:
    """Run the server with a certificate made for this run; gives its origin and the CA to trust."""
    authority = trustme.CA()
    certificate, ca_bundle = folder / "server.pem", folder / "ca.pem"
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(str(certificate))
    authority.cert_pem.write_to_path(str(ca_bundle))
    with run_server(certificate) as port:
        yield f"https://127.0.0.1:{port}", ca_bundle


def _stay_on_one_core() -> None:
    """Keep this process and the server on one core, where the system lets us.

    They never work at the same time. On two cores each waits for the other's to wake, which takes as long as the limit
    itself, differs from run to run, and would make every contender look closer to the limit than it is.
    """
    if sys.platform == "linux":
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def _isolate(ca_bundle: Path) -> None:
    """Leave nothing of the user's configuration: no AWS settings, proxies or certificates; the keys are invented."""
    for name in list(os.environ):
        if name.startswith(("AWS_", "BOTO_", "SSL_CERT_")) or name.lower().endswith(("_proxy", "_ca_bundle")):
            del os.environ[name]
    os.environ |= {
        "AWS_ACCESS_KEY_ID": "AKIAEXAMPLEOFTHEBENCH",
        "AWS_SECRET_ACCESS_KEY": "invented/secret/key/of/the/benchmark/0000",
        "AWS_CA_BUNDLE": str(ca_bundle),
        "REQUESTS_CA_BUNDLE": str(ca_bundle),  # or requests would look for it in more places each time
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


if __name__ == "__main__":
    main()
