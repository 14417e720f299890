"""What is asked for → requests of the API → what the cell shows and gives back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from apigw_magic import frames
from apigw_magic.connection import SendingInterrupted
from apigw_magic.denials import to_line
from apigw_magic.errors import ApigwError, FrameError, StatusError, TransportError
from apigw_magic.magics.answering import Answer, read_answer
from apigw_magic.magics.display import describe, describe_exchange, describe_trouble, show, show_object
from apigw_magic.magics.edge import Interrupted
from apigw_magic.magics.history import Entry, now
from apigw_magic.magics.saving import encode_value, save

if TYPE_CHECKING:
    from apigw_magic.connection import Connection, Response
    from apigw_magic.magics.asking import Asked
    from apigw_magic.magics.state import State


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a request over one connection.

    Attributes:
        connection: it was sent over.
        response: the answer; None if none came, or if it was not the wanted one.
        answer: what was made of it.
        problem: what went wrong; None if nothing did.
        cut_short: whether an interrupt or a fault of ours ended it.
    """

    connection: Connection
    response: Response | None = None
    answer: Answer | None = None
    problem: ApigwError | None = None
    cut_short: bool = False


def perform(state: State, asked: Asked) -> object:
    """Send what is asked for, show what came, and return the value of the cell.

    Raises:
        ApigwError: it cannot be sent, or an answer is not the wanted one. Where several connections are named and some
            were answered, what the others were told is shown instead.
    """
    connections = [state.connections.find(name) for name in asked.names] or [state.connections.find()]
    for connection in connections:
        connection.check(asked.request, confirmed=bool(asked.flags & {"yes", "dry-run"}))
    if "dry-run" in asked.flags:
        for connection in connections:
            print(connection.show_signed(asked.request))  # noqa: T201 - to be read and copied as text
        return None
    state.asked = asked
    outcomes = [_send(state, connection, asked) for connection in connections]
    is_alone = len(outcomes) == 1
    for outcome in outcomes:
        if outcome.problem is None or not is_alone:
            _show(state, asked, outcome)
        if "verbose" in asked.flags:
            _show_details(asked, outcome)
    problem = _choose_problem(outcomes, asked)
    if problem is not None:
        raise problem
    value = _value_of(outcomes[0]) if is_alone else _stack(outcomes)
    return _hand_over(state, asked, value, outcomes)


def _send(state: State, connection: Connection, asked: Asked) -> Outcome:
    """Send a request, keep its answer, and note it in the history."""
    trouble = connection.trouble
    response: Response | None = None
    outcome = Outcome(connection, cut_short=True)
    try:
        response = _deliver(state, connection, asked)
        state.last = response
        outcome = Outcome(connection, response, cut_short=True)
        outcome = Outcome(connection, response, read_answer(response, asked.reading))
    except ApigwError as error:
        answered = _response_of(error) or response
        state.last = answered or state.last
        if isinstance(error, FrameError) and response is not None:
            # The request went through, which matters more than that its rows cannot be told.
            error.response = response
            show(status=describe(response, connection, ""))
        outcome = Outcome(connection, answered, problem=error)
    finally:
        state.history.add(_note(outcome, asked), state.settings.history_size)
    if connection.trouble is not None and connection.trouble is not trouble:
        show(*describe_trouble(connection))
    return outcome


def _deliver(state: State, connection: Connection, asked: Asked) -> Response:
    timeout = asked.timeout or connection.timeout or state.settings.timeout  # none of them is 0
    try:
        return connection.send(asked.request, expect=asked.expect, timeout=timeout, confirmed="yes" in asked.flags)
    except SendingInterrupted:
        problem: BaseException = Interrupted(asked.request.method)
    except TransportError as error:
        if error.was_sent or state.demo is None or not state.demo.owns(connection) or state.demo.account.alive:
            raise
        problem = TransportError(
            "The local account is gone.", why="Nothing was sent.", fix="Start it again: %apigw demo"
        )
    raise problem


def _show(state: State, asked: Asked, outcome: Outcome) -> None:
    """Show the status line of an answer, and what is to be said of it."""
    connection, response, answer, problem = outcome.connection, outcome.response, outcome.answer, outcome.problem
    if problem is not None:
        status = describe(response, connection, "") if response is not None else f"no answer · as {connection.name}"
        show(*problem.lines, status="" if isinstance(problem, FrameError) else status)
        return
    if response is None or answer is None:
        return
    if "verbose" in asked.flags:
        show(*describe_exchange(response, lambda text: connection.redact(text, asked.request)))
    if not ("quiet" in asked.flags or state.settings.quiet):
        show(*answer.notes, status=describe(response, connection, answer.shape))
    if answer.picture is not None and asked.out is None:
        show_object(answer.picture)


def _show_details(asked: Asked, outcome: Outcome) -> None:
    """Show what is known of a refusal beyond its three lines, below the heads of request and answer."""
    response = outcome.response
    if response is None or response.explanation is None:
        return
    if outcome.problem is not None:
        show(*describe_exchange(response, lambda text: outcome.connection.redact(text, asked.request)))
    show(*response.explanation.details)


def _choose_problem(outcomes: list[Outcome], asked: Asked) -> ApigwError | None:
    """Return the error that the cell fails with: the only one's; of several, if all failed or one was unexpected."""
    problems = [outcome.problem for outcome in outcomes if outcome.problem is not None]
    if not problems or len(outcomes) == 1:
        return problems[0] if problems else None
    names = ", ".join(outcome.connection.name for outcome in outcomes if outcome.problem is not None)
    if asked.expect.is_named:
        return StatusError(f"Expected {asked.expect}, which {names} did not get.", fix="Each answer is shown above.")
    if len(problems) < len(outcomes):
        return None
    return StatusError(
        f"All were refused: {names}.", fix="Each answer is shown above; --expect denied passes with them."
    )


def _stack(outcomes: list[Outcome]) -> object:
    """Return the answers over several connections as one frame, or by name where they are no values."""
    # A refusal that was wanted has no value but itself.
    answered = {
        outcome.connection.name: outcome.response if outcome.response.explanation else _value_of(outcome)
        for outcome in outcomes
        if outcome.answer is not None and outcome.response is not None
    }
    values = {name: value for name, value in answered.items() if frames.is_value(value)}
    return frames.stack(values) if len(values) == len(answered) else answered


def _value_of(outcome: Outcome) -> object:
    return outcome.answer.value if outcome.answer else None


def _hand_over(state: State, asked: Asked, value: object, outcomes: list[Outcome]) -> object:
    """Save the value, put it into its name, or return it."""
    first = outcomes[0].response
    # A refusal that was wanted has no value but itself, and is told in words.
    is_refusal = all(one.response is not None and one.response.explanation is not None for one in outcomes)
    if asked.out is not None:
        state.shell.user_ns[asked.out] = first if is_refusal and len(outcomes) == 1 else value
    if asked.save is not None:
        _save(asked, value, first, is_refusal=is_refusal)
    return None if asked.out is not None or (is_refusal and asked.reading.form != "raw") else value


def _save(asked: Asked, value: object, response: Response | None, *, is_refusal: bool) -> None:
    """Save the value, or the content it was made of."""
    if asked.save is None or is_refusal:
        show("The answer is a refusal: nothing was saved.")
        return
    content, what = encode_value(value, response.content if response else b"", asked.save.suffix)
    save(asked.save, content, force=asked.force)
    show(f"saved {asked.save} ({what}, {len(content):,} bytes)")


def _note(outcome: Outcome, asked: Asked) -> Entry:
    """Return the line of the history."""
    response, problem = outcome.response, outcome.problem
    value = outcome.answer.value if outcome.answer else None
    request = asked.request
    entry = Entry(
        now(),
        outcome.connection.name,
        request.method,
        outcome.connection.redact(request.target, request),
        error="Interrupted" if outcome.cut_short else _name_error(response, problem),
        rows=frames.count_rows(value),
    )
    if response is None:
        return entry
    return entry._replace(
        status=response.status_code,
        bytes=len(response.content),
        ms=round(response.elapsed * 1000),
        request_id=response.request_id and to_line(response.request_id),
    )


def _name_error(response: Response | None, problem: ApigwError | None) -> str:
    told = response.explanation if response is not None else None
    if told is not None:
        return told.error_type
    # An answer that was not expected is no error of its own.
    return type(problem).__name__ if problem is not None and not isinstance(problem, StatusError) else ""


def _response_of(error: ApigwError) -> Response | None:
    return error.response  # type: ignore[return-value] # errors, below Response, cannot name it
