"""`%%apigw access`: request lines and connections → who may do what."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

from apigw_magic import text
from apigw_magic.access import Verdict, try_access
from apigw_magic.denials import to_line
from apigw_magic.errors import CommandError
from apigw_magic.magics.arguments import expand_arguments, refuse_empty
from apigw_magic.magics.asking import check_name
from apigw_magic.magics.display import describe_trouble, show
from apigw_magic.magics.history import Entry, now
from apigw_magic.magics.matrix import AccessTable, tabulate_access

if TYPE_CHECKING:
    from collections.abc import Sequence

    from apigw_magic.access import Finding
    from apigw_magic.connection import Connection
    from apigw_magic.magics.arguments import Arguments
    from apigw_magic.magics.state import State

_KILO = 1000


def show_access(state: State, arguments: Arguments, cell: str, evaluate: text.Evaluate) -> AccessTable | None:
    """Try the cell's request lines over connections, and return what was found, or put it into its name.

    Raises:
        CommandError: there is no request in the cell, or an option that cannot be.
        ApigwError: a request cannot be sent as written, or there is no such connection; nothing was sent.
    """
    given = expand_arguments(arguments, evaluate)
    refuse_empty(given)
    out = check_name(given.values.get("out"))
    connections = _choose_connections(state, given.words)
    requests = text.build_requests(cell, evaluate)
    if not requests:
        raise CommandError(
            "There are no request lines in the cell.", fix="Write each on a line of its own: GET /orders"
        )
    troubles = [connection.trouble for connection in connections]
    start = monotonic()
    findings = try_access(
        requests,
        connections,
        send_all="send" in given.flags,
        timeout=state.settings.timeout,
        confirmed="yes" in given.flags,
    )
    seconds = monotonic() - start
    for finding in findings:
        if finding.how == "sent":
            state.history.add(_note(finding), state.settings.history_size)
    for connection, trouble in zip(connections, troubles, strict=True):
        if connection.trouble is not None and connection.trouble is not trouble:
            show(*describe_trouble(connection))
    if not ("quiet" in given.flags or state.settings.quiet):
        status = _describe(findings, len(requests), len(connections), seconds)
        show(*_tell_more(findings, is_sending="send" in given.flags), status=status)
    table = tabulate_access(findings)
    if out is None:
        return table
    state.shell.user_ns[out] = table
    return None


def _choose_connections(state: State, names: Sequence[str]) -> list[Connection]:
    """Return the connections of these names, or all that have the current one's base URL."""
    if len(set(names)) < len(names):
        raise CommandError("access names a connection twice.", fix="Name each once.")
    if names:
        return [state.connections.find(name) for name in names]
    url = state.connections.find().url
    return [connection for connection in state.connections if connection.url == url]


def _describe(findings: Sequence[Finding], requests: int, connections: int, seconds: float) -> str:
    """Return the status line: how much was tried, what came of it, how long it took."""
    counts = {verdict: sum(finding.verdict is verdict for finding in findings) for verdict in Verdict}
    told = ", ".join(f"{count} {verdict}" for verdict, count in counts.items() if count)
    size = f"{_count(requests, 'request')} \N{MULTIPLICATION SIGN} {_count(connections, 'connection')}"
    return f"{size} · {told} · {seconds * _KILO:,.0f} ms"


def _tell_more(findings: Sequence[Finding], *, is_sending: bool) -> list[str]:
    """Return what is to be said below the status line."""
    lines = []
    if any(finding.verdict is Verdict.NOT_SENT or finding.error == "Interrupted" for finding in findings):
        lines.append("Interrupted; what came by then is kept.")
    if not is_sending and any(
        finding.verdict is Verdict.UNDETERMINED and finding.how != "sent" for finding in findings
    ):
        lines.append("What may change something was not sent; --send sends it.")
    return lines


def _note(finding: Finding) -> Entry:
    """Return the line of the history."""
    request, response = finding.request, finding.response
    target = finding.connection.redact(request.target, request)
    entry = Entry(now(), finding.connection.name, request.method, target, error=finding.error)
    if response is None:
        return entry
    told = response.explanation
    return entry._replace(
        status=response.status_code,
        error=told.error_type if told else "",
        bytes=len(response.content),
        ms=finding.ms,
        request_id=response.request_id and to_line(response.request_id),
    )


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
