"""Content that is larger than the memory is to hold: reading stops at the cap, and the memory stays flat."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MEASURED = """
import gzip, resource, sys, zlib
from apigw_magic.errors import TransportError
from apigw_magic.http import send_with
from tests.http.sending import signed
from tests.http.wire import Wire, reply

MB = 2**20
packer = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
deflated = b"".join(packer.compress(bytes(MB)) for _ in range(400)) + packer.flush()
gzipped = b"\\x1f\\x8b\\x08\\0\\0\\0\\0\\0\\0\\x03" + deflated
twice = gzip.compress(gzipped)
bombs = {"gzip": gzipped, "deflate": deflated, "gzip, gzip": twice, "identity": bytes(60 * MB)}
answers = [reply(content, fields=f"Content-Encoding: {coding}\\r\\n") for coding, content in bombs.items()]
with Wire(*answers, reply(b"ok")) as wire:
    send = send_with(max_bytes=20 * MB)
    request = signed(wire.port)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in bombs:
        try:
            send(request, timeout=5)
        except TransportError as error:
            assert "larger than 20 MB" in error.what, error
        else:
            raise AssertionError
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert send(request, timeout=5).content == b"ok"
kilobyte = 1 if sys.platform == "darwin" else 1024
print(len(gzipped), len(deflated), len(twice), (after - before) * kilobyte)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no getrusage")
def test_memory_stays_flat() -> None:
    """Of 400 MB that come as 400 kB or less, no more is held than the cap of 20 MB and what it takes to grow to it."""
    command = [sys.executable, "-W", "ignore", "-c", MEASURED]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr
    *sent, grown = map(int, done.stdout.split())
    assert max(sent) < 420_000
    assert grown < 30 * 2**20
