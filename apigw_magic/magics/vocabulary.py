"""The words of this notebook, of HTTP and of AWS that may be proposed beside commands and options."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Protocol

from apigw_magic.magics import surroundings

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

HEADERS = (
    "Accept",
    "Content-Type",
    "X-Api-Key",
    "Accept-Language",
    "Cache-Control",
    "Idempotency-Key",
    "If-Match",
    "If-Modified-Since",
    "If-None-Match",
    "If-Unmodified-Since",
    "Prefer",
    "X-Amz-Invocation-Type",
    "X-Amzn-Trace-Id",
    "X-Apigw-Api-Id",
    "X-Correlation-Id",
    "X-Request-Id",
)
"""Fields that a user may set: the usual three first."""

MEDIA_TYPES = (
    "application/json",
    "text/plain; charset=utf-8",
    "text/csv",
    "application/x-ndjson",
    "application/x-www-form-urlencoded",
    "application/xml",
    "application/vnd.api+json",
    "application/octet-stream",
)

MEDIA_FIELDS = frozenset({"accept", "content-type"})
"""The fields whose value is a media type, in lower case."""

SERVICES = ("execute-api", "lambda", "appsync", "vpc-lattice-svcs")
"""What a request can be signed for."""

_STATUSES = ("200", "201", "204", "400", "401", "403", "404", "409", "429")
_ERROR_TYPE = re.compile(r"\w+", re.ASCII)
_MOST_PATHS = 100


class Connected(Protocol):
    """What is looked at of a connection."""

    @property
    def name(self) -> str:
        """What `--as` takes."""

    @property
    def region(self) -> str:
        """Where it is."""

    @property
    def url(self) -> str:
        """The base URL."""


class Connections(Protocol):
    """What is looked at of all connections."""

    @property
    def current(self) -> Connected | None:
        """The one that is used where none is named."""

    def __iter__(self) -> Iterator[Connected]: ...


class Entry(Protocol):
    """What is looked at of a request that was sent."""

    @property
    def connection(self) -> str:
        """The name of the one it was sent over."""

    @property
    def method(self) -> str:
        """In upper case."""

    @property
    def target(self) -> str:
        """A path, or an absolute URL."""

    @property
    def status(self) -> int | None:
        """None if no answer came."""

    @property
    def error(self) -> str:
        """The answer's error type; empty for none."""


class Shell(Protocol):
    """What is looked at of IPython: the names that there are, never what they stand for."""

    @property
    def user_ns(self) -> Mapping[str, object]:
        """The user's namespace."""

    @property
    def user_ns_hidden(self) -> Mapping[str, object]:
        """What of it is IPython's own."""


class Known(Protocol):
    """What a notebook keeps between cells, as far as it is looked at. A `State` is one."""

    @property
    def shell(self) -> Shell:
        """Whose namespace is read for `{{ }}`."""

    @property
    def connections(self) -> Connections:
        """By name."""

    @property
    def history(self) -> Iterable[Entry]:
        """The requests of this kernel, oldest first."""


def connections(known: Known) -> Iterable[str]:
    """Return the names of the connections."""
    return (connection.name for connection in known.connections)


def urls(known: Known) -> Iterable[str]:
    """Return the base URLs of the connections."""
    return dict.fromkeys(connection.url for connection in known.connections)


_LOWEST_REFUSAL = 300


def answers(known: Known) -> Iterable[str]:
    """Return statuses, and the refusals that were met, as `403/AccessDeniedException`."""
    met = (
        f"{entry.status}/{entry.error}"
        for entry in known.history
        if (entry.status or 0) >= _LOWEST_REFUSAL and _ERROR_TYPE.fullmatch(entry.error)
    )
    return dict.fromkeys((*_STATUSES, *met))


def names(known: Known, *, private: bool) -> Iterable[str]:
    """Return the names in the user's namespace that are not IPython's own; those that start with `_` if wanted."""
    hidden: Collection[str] = () if private else known.shell.user_ns_hidden
    given = (name for name in list(known.shell.user_ns) if name.isidentifier() and name not in hidden)
    return sorted(name for name in given if private or not name.startswith("_"))


def paths(known: Known, asked: Iterable[str], method: str) -> Iterable[str]:
    """Return the paths that were requested, without their queries: what a `{{ }}` inserted there may be a secret.

    Args:
        known: has the history.
        asked: the names of the connections that are asked; none for the current one. What others asked at the same
            base URL counts as well: an API is one, whoever calls it.
        method: the paths that it was sent to come first; the last before those that are longer ago.
    """
    current = known.connections.current
    wanted = set(asked) or ({current.name} if current else set())
    places = {connection.url for connection in known.connections if connection.name in wanted}
    wanted.update(connection.name for connection in known.connections if connection.url in places)
    sent = [entry for entry in known.history if entry.connection in wanted][::-1]
    sent.sort(key=lambda entry: entry.method != method)
    found = dict.fromkeys(entry.target.partition("?")[0] for entry in sent)
    return [path for path in found if path and not any(map(str.isspace, path))][:_MOST_PATHS]


def regions(known: Known) -> Iterable[str]:
    """Return the Regions of AWS, those of the connections first."""
    return dict.fromkeys((*(connection.region for connection in known.connections), *surroundings.regions()))
