"""Every error that reaches a user.

    ApigwError
    ├── CommandError               a command or option that does not exist, or a value it cannot take
    │   └── UnknownConnectionError no connection of that name, or none at all
    ├── RequestSyntaxError         a cell that is not an HTTP request, or `{{ }}` that cannot stand where it stands
    ├── InvalidRequestError        a URL, header or content that cannot be signed and sent as written
    │   └── ForeignHostError       a target on another host than the connection's
    ├── CredentialsError           no credentials, or credentials that STS refuses
    │   └── SessionExpiredError    a role session that ended and cannot be renewed by itself
    ├── TransportError             no answer, or only a part of one
    ├── StatusError                an answer that says no, or that is not the one expected
    ├── FrameError                 an answer whose rows cannot be told
    └── DemoError                  a local account that cannot start or be reached

Each carries what happened, why, and what to do, at most a line each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from apigw_magic.models import Explanation, Refusal


_ENDED = frozenset({"ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId"})


class ApigwError(Exception):
    """Base of all errors of apigw_magic.

    Attributes:
        what: what happened, one line.
        why: why, one line; empty where `what` says it.
        fix: what to do, one line; empty where nothing can be done.
        response: the `Response`, where there is one.
        explanation: why the answer says no, where there is one.
    """

    def __init__(
        self,
        what: str,
        *,
        why: str = "",
        fix: str = "",
        response: object | None = None,
        explanation: Explanation | None = None,
    ) -> None:
        super().__init__(what)
        self.what = what
        self.why = why
        self.fix = fix
        self.response = response
        self.explanation = explanation

    @property
    def lines(self) -> tuple[str, ...]:
        """The two or three lines that a user sees."""
        return tuple(line for line in (self.what, self.why, self.fix) if line)

    def __str__(self) -> str:
        return "\n".join(self.lines)

    def _render_traceback_(self) -> list[str]:
        """Show the lines alone in a notebook, under every `%xmode`: a traceback shows variables that hold secrets."""
        return [str(self)]  # one text: IPython joins several without line breaks under `%xmode Plain`


class CommandError(ApigwError):
    """A command or option that does not exist, or a value it cannot take."""


class UnknownConnectionError(CommandError):
    """No connection of that name, or none at all."""


class RequestSyntaxError(ApigwError):
    """A cell that is not an HTTP request, or `{{ }}` that cannot stand where it stands."""


class InvalidRequestError(ApigwError):
    """A URL, header or content that cannot be signed and sent as written."""


class ForeignHostError(InvalidRequestError):
    """A target on another host than the connection's."""


class CredentialsError(ApigwError):
    """No credentials, or credentials that STS refuses.

    Attributes:
        refusal: what STS said, where it was asked and said no.
        is_unreachable: whether STS could not be asked for want of a network.
        subject: the name of the role that was asked for; empty where none was.
    """

    refusal: Refusal | None = None
    is_unreachable: bool = False
    subject: str = ""

    @property
    def has_ended(self) -> bool:
        """Whether AWS says that the credentials which asked have ended or were replaced: others may do."""
        return self.refusal is not None and self.refusal.error_type in _ENDED


class SessionExpiredError(CredentialsError):
    """A role session that ended and cannot be renewed by itself."""


class TransportError(ApigwError):
    """No answer, or only a part of one.

    Attributes:
        was_sent: whether something of the request may have reached the API, which then may have processed it.
        is_transient: whether sending it again may help.
    """

    def __init__(
        self, what: str, *, why: str = "", fix: str = "", was_sent: bool = True, is_transient: bool = False
    ) -> None:
        super().__init__(what, why=why, fix=fix)
        self.was_sent = was_sent
        self.is_transient = is_transient


class StatusError(ApigwError):
    """An answer that says no, or that is not the one expected."""


class FrameError(ApigwError):
    """An answer whose rows cannot be told."""


class DemoError(ApigwError):
    """A local account that cannot start or be reached."""
