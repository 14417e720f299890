"""What went wrong on the wire, in words: the only place where foreign exceptions become errors of ours."""

from __future__ import annotations

import ssl
from http.client import BadStatusLine, HTTPException, IncompleteRead, InvalidURL, UnknownProtocol
from typing import TYPE_CHECKING

from urllib3 import exceptions

from apigw_magic.errors import TransportError
from apigw_magic.http.attempt import DeadlineError, Stage
from apigw_magic.http.content import CutShortError, DecodingError, FramingError, TooLargeError
from apigw_magic.http.unconnected import Told, explain_tls, tell_unconnected

if TYPE_CHECKING:
    from apigw_magic.http.attempt import Attempt

FOREIGN = (
    exceptions.HTTPError,
    HTTPException,
    OSError,
    ValueError,  # from a name that DNS cannot have, or a request line that HTTP cannot have
    TooLargeError,
    DecodingError,
)
"""What an attempt may raise."""

_MAYBE_PROCESSED = "The server may have processed the request."
_TRY_AGAIN = "Try again; if the request changes something, look first whether it did."
_AT_FAULT = "The API, or a proxy on the way, is at fault."
_MB = 2**20


def translate(error: Exception, attempt: Attempt) -> TransportError:
    """Return what a foreign exception means to the user, without the exception, which may show the request.

    Args:
        error: one of `FOREIGN`.
        attempt: how far it came.
    """
    was_sent = attempt.stage >= Stage.SEND
    told = _tell_broken(error, attempt) if attempt.stage >= Stage.READY else tell_unconnected(error, attempt)
    return TransportError(told.what, why=told.why, fix=told.fix, was_sent=was_sent, is_transient=told.is_transient)


def _tell_broken(error: Exception, attempt: Attempt) -> Told:
    """Tell why no whole answer came to what was sent."""
    match error:
        case TooLargeError() | DecodingError():
            return _tell_unusable(error, attempt)
        case TimeoutError():
            return _tell_late(error, attempt)
        case ssl.SSLError() if not isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
            why = f"{explain_tls(error)} {_MAYBE_PROCESSED}"
            return Told(f"The TLS connection to {attempt.authority} failed.", why, _TRY_AGAIN)
        case IncompleteRead() | OSError():
            return _tell_broken_off(error, attempt)
        case BadStatusLine() if not str(error).endswith("\n"):
            return _tell_broken_off(error, attempt)
    return _tell_not_http(error, attempt)


def _tell_not_http(error: Exception, attempt: Attempt) -> Told:
    match error:
        case FramingError():
            why = "Its header or its chunks are not HTTP, or contradict each other."
            return Told(f"The end of the answer of {attempt.authority} cannot be told.", why, _AT_FAULT)
        case BadStatusLine() | UnknownProtocol():
            why = "Its first line is no status line of HTTP/1."
            return Told(f"{attempt.authority} does not answer in HTTP.", why, "Check the host and port in %apigw.")
        case HTTPException() if not isinstance(error, InvalidURL):
            why = "It has more than 100 fields, or a line of more than 64 kB."
            return Told(f"The header of the answer of {attempt.authority} is too large.", why, _AT_FAULT)
    why = "Its request line or a header field is none that HTTP can have."
    return Told(f"The request cannot be sent to {attempt.authority}.", why, "Check its method, target and headers.")


def _tell_unusable(error: TooLargeError | DecodingError, attempt: Attempt) -> Told:
    match error:
        case TooLargeError():
            return Told(
                f"The answer of {attempt.authority} is larger than {attempt.max_bytes / _MB:g} MB.",
                "Reading stopped there, so that the kernel's memory lasts.",
                "Ask for less: a page size, a filter, fewer fields.",
            )
        case CutShortError():
            why = f"The compressed content ends before its end. {_MAYBE_PROCESSED}"
            what = f"The answer of {attempt.authority} broke off within its content."
            return Told(what, why, _TRY_AGAIN, is_transient=True)
    why = "Its Content-Encoding is not what the bytes are."
    return Told(f"The answer of {attempt.authority} cannot be decoded.", why, _AT_FAULT)


def _tell_late(error: TimeoutError, attempt: Attempt) -> Told:
    is_sending = attempt.stage is Stage.SEND
    if isinstance(error, DeadlineError):
        did = "take the request" if is_sending else "finish its answer"
        what, fix = f"{attempt.authority} did not {did} within {attempt.deadline:.3g} s.", "Ask for less, or try again."
    elif is_sending:
        what, fix = f"{attempt.authority} took nothing more for {attempt.timeout:.3g} s.", _TRY_AGAIN
    elif attempt.stage is Stage.WAIT:
        what = f"{attempt.authority} did not answer within {attempt.timeout:.3g} s."
        fix = "Wait longer with --timeout, or ask for less."
    else:
        what, fix = f"{attempt.authority} sent nothing more for {attempt.timeout:.3g} s.", _TRY_AGAIN
    return Told(what, _MAYBE_PROCESSED, fix, is_transient=True)


def _tell_broken_off(error: Exception, attempt: Attempt) -> Told:
    why = _MAYBE_PROCESSED
    match attempt.stage:
        case Stage.SEND:
            what = f"{attempt.authority} closed the connection before it had the whole request."
        case Stage.WAIT:
            what = f"{attempt.authority} closed the connection without an answer."
            if attempt.is_reused:
                why = f"The connection was kept from an earlier request, and may have ended before. {why}"
        case Stage.HEAD:
            what = f"The answer of {attempt.authority} broke off within its header."
        case _:
            what = f"The answer of {attempt.authority} broke off within its content."
            if isinstance(error, IncompleteRead) and error.expected:
                why = f"At least {error.expected} more bytes should have come. {why}"
    return Told(what, why, _TRY_AGAIN, is_transient=True)
