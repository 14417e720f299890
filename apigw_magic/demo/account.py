"""A local AWS account: MiniStack, started for this kernel, or one that runs already."""

from __future__ import annotations

import time
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from apigw_magic.demo.environment import ATTACH_HINT, LOOPBACK, find_cache, find_port, find_uv, refuse_windows
from apigw_magic.demo.health import ask_health
from apigw_magic.demo.launch import Supervised
from apigw_magic.demo.sessions import make_session
from apigw_magic.errors import DemoError
from apigw_magic.models import Secret

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Self

    import boto3

ROOT_KEY: Final = "test"
"""Access key id and secret access key of MiniStack's root user. No other key is ever offered to an endpoint."""

_POLL = 0.025
_PATIENCE = 5.0
_UNTOLD = 5.0
"""Seconds that a user waits without a word; once it is downloaded, the account is up sooner."""

_ORNAMENTS = " \t│├╰─▶\N{MULTIPLICATION SIGN}"
_UNREACHABLE = ("failed to fetch", "error sending request", "not found in the cache", "network was disabled")


class LocalAccount(Secret):
    """A local AWS account that answers at one port of loopback.

    Attributes:
        endpoint: `http://127.0.0.1:PORT`, for every AWS service.
    """

    __slots__ = ("_host", "_port", "_supervised", "endpoint")

    def __init__(self, host: str, port: int, supervised: Supervised | None = None) -> None:
        self.endpoint = f"http://{f'[{host}]' if ':' in host else host}:{port}"
        self._host = host
        self._port = port
        self._supervised = supervised

    def session(self, region: str) -> boto3.Session:
        """Return a boto3 session of the account's root user; its clients need `endpoint_url`."""
        return make_session(ROOT_KEY, ROOT_KEY, region=region)

    @property
    def is_ours(self) -> bool:
        """Whether this process started it, and so ends it."""
        return self._supervised is not None

    @property
    def alive(self) -> bool:
        """Whether it still answers."""
        if self._supervised is not None and self._supervised.has_ended:
            return False
        return ask_health(self._host, self._port, timeout=_PATIENCE) is not None

    def stop(self) -> None:
        """End it and delete its files, if this process started it; else only let go. Harmless when repeated."""
        if self._supervised is not None:
            self._supervised.end()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def __repr__(self) -> str:
        return f"LocalAccount({self.endpoint})"


def start(*, timeout: float = 120, tell: Callable[[str], object] | None = None) -> LocalAccount:
    """Start a local account that lives for as long as this process, at the longest.

    Args:
        timeout: seconds until it has to answer; the first start downloads it.
        tell: gets a word for the user, if it takes longer than one waits without.

    Raises:
        DemoError: uv is missing, MiniStack cannot be had or does not start, or the system is Windows.
    """
    refuse_windows()
    uv = find_uv()
    port = find_port()
    supervised = Supervised(uv, cache=find_cache(uv), port=port)
    try:
        await_answer(supervised, port, timeout, tell)
    except BaseException:  # an interrupt too: nothing may be left behind
        supervised.end()
        raise
    supervised.confirm()
    return LocalAccount(LOOPBACK, port, supervised)


def await_answer(
    supervised: Supervised, port: int, timeout: float, tell: Callable[[str], object] | None = None
) -> None:
    """Wait until the account answers.

    Raises:
        DemoError: it ended, or the time is up.
    """
    begun = time.monotonic()
    while ask_health(LOOPBACK, port, timeout=_PATIENCE) is None:
        if supervised.has_ended:
            raise explain_end(supervised.output)
        waited = time.monotonic() - begun
        if tell is not None and waited > _UNTOLD:
            tell("Starting the local account; the first time, it is downloaded.")
            tell = None
        if waited > timeout:
            raise DemoError(
                f"The local account did not answer within {timeout:g} s",
                why=last_words(supervised.read_log()),
                fix=f"Try once more, or attach to a MiniStack that runs: {ATTACH_HINT}",
            )
        time.sleep(_POLL)


def explain_end(output: bytes) -> DemoError:
    """Return the error for an account that ended before it answered."""
    text = output.decode(errors="replace").lower()
    if any(sign in text for sign in _UNREACHABLE):
        return DemoError(
            "The local account cannot start: MiniStack is not in uv's cache, and the package index cannot be reached",
            why=last_words(output),
            fix=f"Go online for the first start, or attach to a MiniStack that runs: {ATTACH_HINT}",
        )
    return DemoError(
        "The local account ended before it answered",
        why=last_words(output),
        fix=f"Try once more, or attach to a MiniStack that runs: {ATTACH_HINT}",
    )


def last_words(output: bytes) -> str:
    """Return the last line that says why something ended; uv's hints and its ornaments are no such thing."""
    lines = [line.strip(_ORNAMENTS) for line in output.decode(errors="replace").splitlines()]
    useful = [line for line in lines if line and not line.startswith("hint:")]
    if not useful:
        return ""
    return useful[-1].removeprefix("error:").removeprefix("cause:").removeprefix("Caused by:").strip()


def attach(endpoint: str) -> LocalAccount:
    """Use a MiniStack that runs already, on loopback and with nothing but its public root key.

    Args:
        endpoint: such as `http://127.0.0.1:4566`.

    Raises:
        DemoError: the endpoint is not on loopback, is not MiniStack, or does not check signatures.
    """
    host, port = read_endpoint(endpoint)
    health = ask_health(host, port, timeout=_PATIENCE)
    if health is None:
        raise DemoError(
            f"No MiniStack answers at {endpoint}",
            why="The demo account's keys are sent to nothing else",
            fix="Start one: AUTH=true ministack; or let `%apigw demo` start its own",
        )
    if not health.checks_auth:
        raise DemoError(
            f"The MiniStack at {endpoint} checks neither signatures nor policies",
            why="It runs without AUTH=true, so every role may do everything there",
            fix="Start it with AUTH=true, or let `%apigw demo` start its own",
        )
    return LocalAccount(host, port)


def read_endpoint(endpoint: str) -> tuple[str, int]:
    """Read a URL that names nothing but a port of loopback.

    Returns:
        The address and the port.

    Raises:
        DemoError: it names something else.
    """
    try:
        url = urlsplit(endpoint)
        host, port = url.hostname or "", url.port or 80
    except ValueError:
        host, port = "", 0
    else:
        if url.scheme != "http" or url.username is not None or url.path not in {"", "/"} or url.query or url.fragment:
            host = ""
    if not is_loopback(host):
        raise DemoError(
            f"{endpoint.rpartition('@')[2]} is no endpoint for the demo",  # a password stands before the @
            why="Only a MiniStack on this machine will do: http, loopback, and no path",
            fix=ATTACH_HINT,
        )
    return host, port


def is_loopback(host: str) -> bool:
    """Return whether a host is this machine, without asking DNS; `localhost` is (RFC 6761 §6.3)."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
