"""An answer that says no, as read and as understood."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer that says no, read but not yet understood.

    Attributes:
        status_code: of the answer.
        error_type: what `x-amzn-ErrorType` or the STS error code says, cut at the colon; empty if nothing does.
        message: the text of the body; empty if there is none.
    """

    status_code: int
    error_type: str
    message: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why an answer says no.

    Attributes:
        kind: the catalogue entry's id; `unknown` where none fits.
        summary: what happened, one line.
        cause: why, one line.
        remedy: the next step, one line.
        error_type: what `x-amzn-ErrorType` says, cut at the colon; empty if it says nothing.
        message: the refusal's own text; empty if there is none.
        principal: the ARN that was refused; empty if the text does not say.
        action: such as `execute-api:Invoke`; empty if the text does not say.
        resource: the ARN that was asked for; empty if the text does not say.
    """

    kind: str
    summary: str
    cause: str
    remedy: str
    error_type: str = ""
    message: str = ""
    principal: str = ""
    action: str = ""
    resource: str = ""

    def __str__(self) -> str:
        return "\n".join(line for line in (self.summary, self.cause, self.remedy) if line)
