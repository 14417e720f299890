"""What was found of one request over one connection."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from apigw_magic.connection import Connection, Response
    from apigw_magic.models import Request

SENT, SIMULATED = "sent", "simulated"
"""How a verdict was reached."""


class Verdict(StrEnum):
    """Whether a request is let through to the backend."""

    ALLOWED = "allowed"
    DENIED = "denied"
    UNDETERMINED = "undetermined"
    NOT_SENT = "not sent"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Finding:
    """Whether a request is allowed over a connection, and how that is known.

    Attributes:
        request: complete, without content.
        connection: that it was tried over.
        verdict: whether it is let through.
        how: `sent`, `simulated`, or empty where it was not sent and the simulator's word is not enough.
        status: of the answer; None if none came.
        reason: why it is not allowed or not known, or that the backend itself says no; empty for nothing.
        policy: the kind of policy that decided, as in `Explanation.policy`; empty if none did, or if it is not known.
        ms: from sending to the last byte; None if no answer came.
        response: the answer; None if none came.
        error: what kept an answer from coming, by the name of its class; empty for nothing.
    """

    request: Request
    connection: Connection
    verdict: Verdict
    how: str = ""
    status: int | None = None
    reason: str = ""
    policy: str = ""
    ms: int | None = None
    response: Response | None = field(default=None, repr=False)
    error: str = ""
