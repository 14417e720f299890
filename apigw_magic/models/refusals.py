"""An answer that says no, as read and as understood."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from apigw_magic.models.arns import MethodArn, Principal, parse_method_arn, parse_principal

if TYPE_CHECKING:
    from typing import Protocol

    class _Printer(Protocol):
        """IPython's pretty printer, as much of it as is used."""

        def text(self, text: str) -> None:
            """Write a text."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer that says no, read but not yet understood.

    Attributes:
        status_code: of the answer; 0 where there is none, as for an exception of the SDK.
        error_type: what `x-amzn-ErrorType`, the STS error code or the body says, cut at the colon; empty for none.
        message: the text of the body, one line that can be shown; empty if there is none.
        text: the same text whole, lines kept, up to 64 kB: what is matched, and never shown as it is.
        api: what the answer shows of who wrote it: `rest`, `http`, `appsync`, `lambda-url`, `vpc-lattice`, `sts`, `aws`
            (any of them); empty if nothing.
        form: the form of the body, where API Gateway itself never answers in it: `lambda error`, `problem` (RFC 9457),
            `graphql errors`; empty else.
        body: the whole of a problem (RFC 9457), up to 64 kB; empty else.
        is_typed_inside: whether the error type stands in the body, and not in the header.
        is_other_form: whether the body is in another form than API Gateway's own `{"message": …}`.
    """

    status_code: int
    error_type: str
    message: str
    text: str = field(default="", compare=False, repr=False)
    api: str = field(default="", compare=False)
    form: str = field(default="", compare=False)
    body: str = field(default="", compare=False, repr=False)
    is_typed_inside: bool = field(default=False, compare=False)
    is_other_form: bool = field(default=False, compare=False)

    @property
    def is_typed_by_header(self) -> bool:
        """Whether the header tells the error type, as the gateway of a REST API always does."""
        return bool(self.error_type) and not self.is_typed_inside

    @property
    def words(self) -> str:
        """The text to match, as one line."""
        return " ".join((self.text or self.message).split())


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What is known beside the answer. Nothing in it is a secret.

    Attributes:
        who: the connection's name; empty where there is none.
        request: method and target, as the user wrote it; empty if it is not known.
        method: upper case; empty if it is not known.
        principal: the ARN that STS gives for who signed; empty if it is not known.
        host: that the request was sent to.
        path: of the URL, as sent.
        service: that it was signed for.
        region: that it was signed for.
        host_region: the Region that the host names; empty if it names none.
        is_local: whether the host is this machine, where all belongs to one account.
        session_policies: the options that narrow the session, as given: `--policy`.
        canonical_request: what was signed, secrets taken out.
        string_to_sign: what was signed of it.
        server_time: the answer's `Date`.
        retry_after: the answer's `Retry-After`.
    """

    who: str = ""
    request: str = ""
    method: str = ""
    principal: str = ""
    host: str = ""
    path: str = ""
    service: str = ""
    region: str = ""
    host_region: str = ""
    is_local: bool = False
    session_policies: tuple[str, ...] = ()
    canonical_request: str = field(default="", repr=False)
    string_to_sign: str = field(default="", repr=False)
    server_time: str = ""
    retry_after: str = ""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why an answer says no.

    Attributes:
        kind: the catalogue entry's id; `unknown` where none fits.
        summary: what happened, one line; it says so where the role is not the problem.
        cause: why, one line: the likeliest cause.
        remedy: the next step, one line.
        error_type: what `x-amzn-ErrorType` says, cut at the colon; empty if it says nothing.
        message: the refusal's own text; empty if there is none.
        principal: the ARN that was refused; empty if it is not known.
        action: such as `execute-api:Invoke`; empty if the text does not say.
        resource: the ARN that was asked for; empty if the text does not say.
        status_code: of the answer; 0 where there is none.
        about: where the fault lies: `permissions`, `credentials`, `signature`, `request`, `api`, `authorizer`,
            `limit`, `backend`, `organization`, `network`; empty if it is not known.
        policy: the kind of policy that decided: `identity`, `resource`, `boundary`, `session`, `scp`, `rcp`,
            `vpc-endpoint`, `trust`, `authorizer`, `network` (a service network's), `service` (a Lattice service's);
            empty if none did, or if the answer does not say.
        effect: `explicit` for a Deny that matches, `implicit` where nothing allows it; empty if no policy decided.
        policy_arn: the policy's, where the answer names it.
        allowed: whether the caller was let through to the backend: True if it was, also where the backend then
            failed or refused by itself; False if a policy or an authorizer said no; None if that was not decided.
        ran: whether the backend has run, and so may have done something: `yes`, `no`, `maybe`; empty if not known.
        causes: all possible causes, the likeliest first, each with how to tell it; empty where `cause` is the only one.
        evidence: what answer and request show of the cause, a line each.
        statement: the smallest policy statement that would allow it, as JSON; empty where none would.
        counterpart: the statement that the other side's policy needs as well, as JSON; empty where none does.
        sources: where this is known from.
        confidence: how well: `measured`, `documented`, `quoted` (by others), `wording documented`,
            `read in code`, `unconfirmed`.
        authorization_id: what AWS's console decodes the refusal by; empty if the answer gives none.
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
    status_code: int = 0
    about: str = ""
    policy: str = ""
    effect: str = ""
    policy_arn: str = ""
    allowed: bool | None = None
    ran: str = ""
    causes: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    statement: str = ""
    counterpart: str = ""
    sources: tuple[str, ...] = ()
    confidence: str = ""
    authorization_id: str = ""

    def __str__(self) -> str:
        return "\n".join(line for line in (self.summary, self.cause, self.remedy) if line)

    def _repr_pretty_(self, printer: _Printer, cycle: bool) -> None:  # noqa: FBT001 - as IPython calls it
        """Show the lines, where IPython would show all fields."""
        printer.text("…" if cycle else str(self))

    @property
    def details(self) -> tuple[str, ...]:
        """What there is to say beyond the three lines, a line each."""
        lines = [f"Refused was {self.action} on {self.resource}"] if self.action and self.resource else []
        lines += self.evidence
        if self.causes:
            lines.append("Possible causes, the likeliest first:")
            lines += [f"{number}. {cause}" for number, cause in enumerate(self.causes, start=1)]
        if self.statement:
            lines.append(f"The smallest statement that would allow it: {self.statement}")
        if self.counterpart:
            lines.append(f"The other side's policy needs as well: {self.counterpart}")
        # Where signatures differ AWS tells all that it saw, line by line: what matters of it is in the evidence.
        if self.message and self.message not in self.cause and self.kind != "signature_mismatch":
            lines.append(f"In its own words: {self.message}")
        if self.authorization_id:
            lines.append(f"Authorization id: {self.authorization_id}")
        if self.sources:
            lines.append(f"Known from ({self.confidence}): {', '.join(self.sources)}")
        return tuple(lines)

    @property
    def is_known(self) -> bool:
        """Whether the catalogue has it."""
        return self.kind != "unknown"

    @property
    def account(self) -> str:
        """The account of who was refused; empty if it is not known."""
        who = self._who
        return who.account if who else ""

    @property
    def role(self) -> str:
        """The name of the role whose session was refused; empty if it was none, or is not known."""
        who = self._who
        return who.name if who and who.type == "role" else ""

    @property
    def session(self) -> str:
        """The name of the role session that was refused; empty if it was none, or is not known."""
        who = self._who
        return who.session if who else ""

    @property
    def api(self) -> str:
        """The id of the API that was asked; empty if the text does not say."""
        what = self._what
        return what.api if what else ""

    @property
    def stage(self) -> str:
        """The stage that was asked for; empty if the text does not say."""
        what = self._what
        return what.stage if what else ""

    @property
    def method(self) -> str:
        """The HTTP method in the ARN; empty if the text does not say."""
        what = self._what
        return what.method if what else ""

    @property
    def path(self) -> str:
        """The path in the ARN, or a WebSocket's route key; empty if the text does not say."""
        what = self._what
        return what.path if what else ""

    @property
    def _who(self) -> Principal | None:
        return parse_principal(self.principal)

    @property
    def _what(self) -> MethodArn | None:
        return parse_method_arn(self.resource)
