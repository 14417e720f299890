"""Starting an account that fails to start, and attaching to what is none."""

from __future__ import annotations

import json
import pickle
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from apigw_magic.demo import attach
from apigw_magic.demo.account import await_answer, last_words, read_endpoint
from apigw_magic.demo.environment import find_port
from apigw_magic.demo.launch import Supervised
from apigw_magic.errors import DemoError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from apigw_magic.demo import LocalAccount


@pytest.fixture
def serve() -> Iterator[Callable[[int, str], str]]:
    """A server on loopback that answers everything with one status and text; gives its endpoint."""
    servers: list[ThreadingHTTPServer] = []

    def start_server(status: int, text: str) -> str:
        class Answer(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(status)
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *_: object) -> None:
                """Stay silent."""

        servers.append(ThreadingHTTPServer(("127.0.0.1", 0), Answer))
        Thread(target=servers[-1].serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return f"http://127.0.0.1:{servers[-1].server_port}"

    yield start_server
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def run_uv(tmp_path: Path) -> Iterator[Callable[[str], Supervised]]:
    """Run a shell script in uv's place; it finds the test's directory in UV_CACHE_DIR."""
    running: list[Supervised] = []

    def run(script: str) -> Supervised:
        uv = tmp_path / "uv"
        uv.write_text(f"#!/bin/sh\n{script}\n")
        uv.chmod(0o755)
        running.append(Supervised(str(uv), cache=str(tmp_path), port=find_port()))
        return running[-1]

    yield run
    for supervised in running:
        supervised.end()


def explain(supervised: Supervised, timeout: float = 10) -> DemoError:
    """Wait for an account that will not answer, and return the error."""
    with pytest.raises(DemoError) as failed:
        await_answer(supervised, find_port(), timeout)
    assert len(failed.value.lines) <= 3
    return failed.value


def test_both_attempts_fail(run_uv: Callable[[str], Supervised], tmp_path: Path) -> None:
    """First from the cache, then from the index; the error ends with uv's last word, and the directory is gone."""
    supervised = run_uv('echo "$@" >> "$UV_CACHE_DIR/calls"; echo working; echo "error: The moon is full" >&2; exit 2')
    error = explain(supervised)
    assert (error.what, error.why) == ("The local account ended before it answered", "The moon is full")
    cached, fresh = (tmp_path / "calls").read_text().splitlines()
    assert cached.startswith("tool run --offline --python ")
    assert " --from ministack==1.5.33 python -I " in cached
    assert fresh == cached.replace("--offline ", "")
    assert not supervised.directory.exists()


def test_no_network_and_nothing_cached(run_uv: Callable[[str], Supervised]) -> None:
    """A package index that cannot be reached is told from any other failure."""
    error = explain(run_uv("echo 'error: Failed to fetch: https://x/'; echo '  cause: dns error'; exit 1"))
    assert "MiniStack is not in uv's cache" in error.what
    assert error.why == "dns error"
    assert "--endpoint" in error.fix


def test_an_account_that_never_answers(run_uv: Callable[[str], Supervised]) -> None:
    """When the time is up the error says what was printed last."""
    supervised = run_uv("echo Thinking; exec sleep 60")
    while not supervised.read_log():
        time.sleep(0.01)
    error = explain(supervised, timeout=0.1)
    assert (error.what, error.why) == ("The local account did not answer within 0.1 s", "Thinking")


def test_what_is_printed_does_not_block(run_uv: Callable[[str], Supervised]) -> None:
    """A program that prints more than a pipe holds is not held up, and the report of it is short."""
    supervised = run_uv("head -c 300000 /dev/zero | tr '\\0' x; echo; echo end; exit 1")
    assert explain(supervised).why == "end"
    assert len(supervised.output) <= 2_000


def test_uv_that_cannot_be_run(tmp_path: Path) -> None:
    """A uv that is no program is named."""
    supervised = Supervised(str(tmp_path / "uv"), cache=str(tmp_path), port=find_port())
    assert explain(supervised).why.endswith(f"No such file or directory: '{tmp_path}/uv'")
    assert not supervised.directory.exists()
    supervised.end()


@pytest.mark.parametrize(
    ("output", "words"),
    [
        (b"", ""),
        (b"error: one\n  cause: two\n\nhint: three\n", "two"),
        (
            "\u00d7 No solution found\n  \u2570\u2500\u25b6 ministack was not found\n".encode(),
            "ministack was not found",
        ),
        (b"\xff\n", "\N{REPLACEMENT CHARACTER}"),
    ],
)
def test_last_words(output: bytes, words: str) -> None:
    """The last line counts, without uv's prefixes and ornaments; hints do not."""
    assert last_words(output) == words


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://127.0.0.1:4566",
        "http://192.0.2.1:4566",
        "http://example.com:4566",
        "http://127.0.0.1.example.com:4566",
        "http://localhost.example:4566",
        "http://0.0.0.0:4566",
        "http://me:hush@127.0.0.1:4566",
        "http://127.0.0.1:4566/path",
        "http://127.0.0.1:4566/?q",
        "http://127.0.0.1:port",
        "http://127.0.0.1:99999",
        "http://[::1",
        "127.0.0.1:4566",
        "ftp://127.0.0.1",
        "",
    ],
)
def test_endpoints_that_are_refused(endpoint: str) -> None:
    """Nothing but http on loopback is asked at all."""
    with pytest.raises(DemoError, match="is no endpoint for the demo") as refused:
        attach(endpoint)
    assert "hush" not in str(refused.value)
    assert len(refused.value.lines) == 3


@pytest.mark.parametrize(
    ("endpoint", "expected"),
    [
        ("http://127.0.0.1:4566", ("127.0.0.1", 4566)),
        ("http://127.8.9.1:80/", ("127.8.9.1", 80)),
        ("http://localhost:4566", ("localhost", 4566)),
        ("http://[::1]:4566", ("::1", 4566)),
    ],
)
def test_endpoints_that_are_asked(endpoint: str, expected: tuple[str, int]) -> None:
    """Loopback has many names."""
    assert read_endpoint(endpoint) == expected


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (404, "Not found"),
        (200, "<html>"),
        (200, "[]"),
        (200, '{"status": "ok"}'),
        (200, '{"services": "none"}'),
    ],
)
def test_servers_that_are_not_ministack(serve: Callable[[int, str], str], status: int, text: str) -> None:
    """What does not say that it is MiniStack is offered no key."""
    with pytest.raises(DemoError, match="No MiniStack answers"):
        attach(serve(status, text))


def test_nobody_answers() -> None:
    """Where nobody listens the error says how to start one."""
    with pytest.raises(DemoError, match="No MiniStack answers") as refused:
        attach(f"http://127.0.0.1:{find_port()}")
    assert "AUTH=true" in refused.value.fix


@pytest.mark.parametrize("auth", ["disabled", None])
def test_a_ministack_that_checks_nothing(serve: Callable[[int, str], str], auth: str | None) -> None:
    """Without AUTH=true every role could do everything."""
    health = {"services": {"iam": "available"}, "version": "1.5.33"} | ({"auth": auth} if auth else {})
    with pytest.raises(DemoError, match="checks neither signatures nor policies") as refused:
        attach(serve(200, json.dumps(health)))
    assert "AUTH=true" in refused.value.fix


def test_attaching(account: LocalAccount) -> None:
    """An attached account is only let go of."""
    with attach(account.endpoint + "/") as attached:
        assert attached.endpoint == account.endpoint
        assert attached.alive
        assert not attached.is_ours
    attached.stop()
    assert account.alive


def test_an_account_is_not_pickled(account: LocalAccount) -> None:
    """It belongs to this process, and shows no key."""
    assert repr(account) == f"LocalAccount({account.endpoint})"
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(account)


def test_its_directory_is_private(run_uv: Callable[[str], Supervised]) -> None:
    """Nobody else may read what the account writes."""
    assert run_uv("exec sleep 60").directory.stat().st_mode & 0o077 == 0
