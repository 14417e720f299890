"""Many requests over many connections: each sent, or asked of the simulator, a few at a time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product
from threading import Event
from typing import TYPE_CHECKING

from apigw_magic.access.account import Account
from apigw_magic.access.findings import SENT, Finding, Verdict
from apigw_magic.access.judging import judge_answer, judge_error
from apigw_magic.access.running import MOST_AT_ONCE, run
from apigw_magic.access.simulating import simulate
from apigw_magic.errors import ApigwError
from apigw_magic.models import SAFE_METHODS, Secret

if TYPE_CHECKING:
    from collections.abc import Sequence

    from apigw_magic.connection import Connection
    from apigw_magic.models import Request


@dataclass(frozen=True, slots=True)
class _Job(Secret):
    """Something to be done in one go.

    Attributes:
        blanks: what is to be found, by its number: one request that is sent, or all of a connection that are not.
        account: that is asked; None to send.
        timeout: seconds; None for the connection's own.
        confirmed: as in `try_access`.
        is_over: set when nobody waits for it any more; what is under way then is not sent again.
    """

    blanks: dict[int, Finding]
    is_over: Event
    account: Account | None = None
    timeout: float | None = None
    confirmed: bool = False

    def __call__(self) -> list[Finding]:
        """Do it, whatever goes wrong."""
        blanks = list(self.blanks.values())
        connection = blanks[0].connection
        try:
            if self.account is not None:
                return simulate(blanks, connection, self.account)
            timeout = connection.timeout or self.timeout
            response = connection.send(
                blanks[0].request,
                timeout=timeout,
                confirmed=self.confirmed,
                may_retry=lambda: not self.is_over.is_set(),
            )
            return [judge_answer(blanks[0], response)]
        except Exception as error:  # noqa: BLE001 - one finding never ruins the others
            how = SENT if self.account is None else ""
            return [replace(judge_error(blank, error), how=how) for blank in blanks]

    def cut_short(self) -> list[Finding]:
        """Tell what is known after an interrupt that came while it was under way."""
        return [_cut_short(blank, is_sent=self.account is None) for blank in self.blanks.values()]


def try_access(  # noqa: PLR0913 - what is tried, and how; all but that by keyword
    requests: Sequence[Request],
    connections: Sequence[Connection],
    *,
    send_all: bool = False,
    timeout: float | None = None,
    confirmed: bool = False,
    most: int = MOST_AT_ONCE,
) -> list[Finding]:
    """Tell who may do what.

    An interrupt ends it and keeps what is known by then.

    Args:
        requests: complete, without content.
        connections: each is tried with each request.
        send_all: whether methods that may change something are sent, too.
        timeout: seconds to wait for each part of an answer where the connection does not say; None for 30.
        confirmed: on protected connections, that such methods are meant.
        most: requests that are under way at a time.

    Returns:
        A finding for each request over each connection, by request first.

    Raises:
        CommandError: such a method is to be sent over a protected connection, and was not confirmed; nothing was sent.
        InvalidRequestError: a request cannot be signed and sent as written; nothing was sent.
    """
    pairs = list(product(requests, connections))
    for request, connection in pairs:
        is_sent = send_all or request.method in SAFE_METHODS
        connection.check(request, confirmed=confirmed or not is_sent)
    findings = {
        number: Finding(request, connection, Verdict.NOT_SENT, reason="Interrupted before its turn.")
        for number, (request, connection) in enumerate(pairs)
    }
    failed = {connection: error for connection in connections if (error := _prepare(connection)) is not None}
    findings |= {
        number: replace(judge_error(blank, failed[blank.connection]), how="")
        for number, blank in findings.items()
        if blank.connection in failed
    }
    left = {number: blank for number, blank in findings.items() if blank.connection not in failed}
    sent = {number: blank for number, blank in left.items() if send_all or blank.request.method in SAFE_METHODS}
    is_over = Event()
    jobs = [_Job({number: blank}, is_over, timeout=timeout, confirmed=confirmed) for number, blank in sent.items()]
    accounts = {connection.base: Account(connection.base) for connection in connections}
    for connection in connections:
        asked = {n: blank for n, blank in left.items() if blank.connection is connection and n not in sent}
        if asked:
            jobs.append(_Job(asked, is_over, accounts[connection.base]))
    work = run(jobs, most)
    is_over.set()
    for number, job in enumerate(jobs):
        if number in work.begun:
            done = work.results.get(number) or job.cut_short()
            findings |= zip(job.blanks, done, strict=True)
    return list(findings.values())


def _prepare(connection: Connection) -> ApigwError | None:
    """Obtain credentials here, where an MFA code can be asked for, and not in a thread."""
    try:
        connection.prepare()
    except ApigwError as error:
        return error
    return None


def _cut_short(blank: Finding, *, is_sent: bool) -> Finding:
    if not is_sent:
        return replace(blank, verdict=Verdict.UNDETERMINED, reason="Interrupted before IAM answered.")
    reason = "Interrupted before the answer came."
    if blank.request.method not in SAFE_METHODS:
        reason += " The server may have processed it."
    return replace(blank, verdict=Verdict.ERROR, how=SENT, reason=reason, error="Interrupted")
