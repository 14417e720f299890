"""One request on its way: signed, sent, and sent again where that is safe and may help."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from apigw_magic import denials, http
from apigw_magic.connection.refused import explaining
from apigw_magic.connection.verdict import add_tries
from apigw_magic.errors import TransportError
from apigw_magic.identity import redact
from apigw_magic.models import REDACTED, SECRET_FIELDS, Headers

if TYPE_CHECKING:
    from collections.abc import Callable

    from apigw_magic.connection.expectation import Expectation
    from apigw_magic.connection.settling import Settled
    from apigw_magic.identity import Caller
    from apigw_magic.models import Credentials, Refusal, Reply, SignedRequest

_FIRST_CLIENT_ERROR = 400
_LEAST_TIMEOUT = 1.0
_COMPUTED = "Canonical String"  # which AWS shows where signatures do not match
_LARGEST_REFUSAL = 2**20  # bytes that are read of why


class SendingInterrupted(KeyboardInterrupt):
    """An interrupt that came while a request was on its way: it may have been processed."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of a request.

    Attributes:
        reply: the last one, no secret of the request in its head.
        refusal: the reply's, read, without secrets; None if it says yes or redirects.
        tries: how it went.
        canonical_request: what was signed, without secrets, where the reply shows what AWS computed; empty else.
        string_to_sign: likewise.
    """

    reply: Reply
    refusal: Refusal | None
    tries: http.Tries
    canonical_request: str = field(default="", repr=False)
    string_to_sign: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Courier:
    """Delivers the requests of one connection.

    Attributes:
        name: the connection's, for messages.
        caller: whose credentials sign.
        signer: signs.
        transport: sends.
        pace: the clock, sleep and dice of retries.
    """

    name: str
    caller: Caller
    signer: http.Signer
    transport: http.Transport
    pace: http.Pace

    def deliver(
        self, settled: Settled, expect: Expectation, timeout: float, may_retry: Callable[[], bool] | None = None
    ) -> Delivery:
        """Send a request, again where that is safe and may help; a reply that is expected is taken as it is.

        Args:
            settled: the request.
            expect: the reply that is wanted.
            timeout: seconds to wait for each part of it.
            may_retry: asked before it is sent again whether anybody still waits; None for yes.

        Raises:
            CredentialsError: the credentials ended and cannot be renewed.
            TransportError: no answer, or only a part of one.
        """
        tries = http.Tries(started=self.pace.clock())
        while True:
            credentials = self._take_credentials()
            signed = self.sign(settled, credentials, tries)
            left = http.BUDGET - (self.pace.clock() - tries.started)
            outcome = self._try(signed, timeout if tries.count == 1 else min(timeout, max(left, _LEAST_TIMEOUT)))
            refusal = None
            if not isinstance(outcome, TransportError):
                outcome, refusal = _read(outcome, signed, credentials)
            if refusal is None or not expect.is_met(refusal.status_code, refusal.error_type):
                planned = http.plan_retry(signed, outcome, refusal, tries, self.pace)
            else:
                planned = None
            if planned is None:
                break
            if planned.renew and not self._renew(credentials):
                break
            self.pace.sleep(planned.wait)
            if may_retry is not None and not may_retry():
                break
            tries = planned
        if isinstance(outcome, TransportError):
            if tries.count > 1:
                outcome.why = add_tries(outcome.why, tries.count)
            raise outcome
        if refusal is None or _COMPUTED not in refusal.text:
            return Delivery(outcome, refusal, tries)
        canonical_request = _show_canonical(signed, outcome)
        shown = redact(canonical_request, _list_secrets(signed, credentials))
        return Delivery(outcome, refusal, tries, shown, signed.string_to_sign)

    def prepare(self) -> None:
        """Obtain credentials if the present ones are about to end.

        Raises:
            CredentialsError: as `deliver`.
        """
        self._take_credentials()

    def sign(self, settled: Settled, credentials: Credentials, tries: http.Tries) -> SignedRequest:
        """Sign for one try: each has its own time, and a signed request is never signed over."""
        return self.signer.sign(
            settled.method, settled.url, settled.fields, settled.content, credentials, skew=tries.skew
        )

    def describe(self, settled: Settled) -> str:
        """Return what the first try would send, and what is signed of it, without secrets.

        Raises:
            CredentialsError: as `deliver`.
        """
        credentials = self._take_credentials()
        signed = self.sign(settled, credentials, http.Tries(started=0))
        # Once more: an API key may stand in the URL, too.
        return redact(signed.describe(), _list_secrets(signed, credentials))

    def _try(self, signed: SignedRequest, timeout: float) -> Reply | TransportError:
        try:
            return self.transport(signed, timeout=timeout)
        except TransportError as error:
            return error
        except KeyboardInterrupt:
            raise SendingInterrupted from None

    def _take_credentials(self) -> Credentials:
        with explaining(self.name, "sts:AssumeRole"):
            return self.caller.credentials()

    def _renew(self, refused: Credentials) -> bool:
        with explaining(self.name, "sts:AssumeRole"):
            return self.caller.renew(refused)


def _list_secrets(signed: SignedRequest, credentials: Credentials) -> tuple[str, ...]:
    """Return what an echo of the request must not show."""
    return (credentials.secret_access_key, *signed.secrets)


def _show_canonical(signed: SignedRequest, reply: Reply) -> str:
    """Return the canonical request with each secret taken out, and its mark as well if the server saw another one."""
    computed = reply.content[:_LARGEST_REFUSAL].decode("utf-8", "replace")
    seen = set(denials.read_message(computed).splitlines())
    lines = []
    for line in signed.canonical_request.split("\n"):
        name = line.partition(":")[0]
        is_secret = name in SECRET_FIELDS
        lines.append(f"{name}:{REDACTED if line in seen else ''}" if is_secret else line)
    return "\n".join(lines)


def _read(reply: Reply, signed: SignedRequest, credentials: Credentials) -> tuple[Reply, Refusal | None]:
    """Return the reply without the request's secrets in its head, and its refusal without them.

    They are taken out first: what is cut afterwards would not be found. The content stays as received.
    """
    secrets = _list_secrets(signed, credentials)
    head = "\n".join((reply.reason, *(f"{name}: {value}" for name, value in reply.headers.items())))
    if redact(head, secrets) != head:
        fields = ((name, redact(value, secrets)) for name, value in reply.headers.items())
        reply = replace(reply, reason=redact(reply.reason, secrets), headers=Headers(fields))
    if reply.status_code < _FIRST_CLIENT_ERROR and not denials.may_be_error(reply.content):
        return reply, None
    text = redact(reply.content[:_LARGEST_REFUSAL].decode("utf-8", "replace"), secrets)
    refusal = denials.read_refusal(reply.status_code, reply.headers, text)
    is_error = reply.status_code >= _FIRST_CLIENT_ERROR or refusal.form in denials.ERRORS_IN_SUCCESS
    return reply, refusal if is_error else None
