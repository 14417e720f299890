"""One request on its way: signed, sent, and sent again where that is safe and may help."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from apigw_magic import denials, http
from apigw_magic.connection.refused import explaining
from apigw_magic.connection.verdict import add_tries
from apigw_magic.errors import TransportError
from apigw_magic.identity import redact

if TYPE_CHECKING:
    from apigw_magic.connection.expectation import Expectation
    from apigw_magic.identity import Caller
    from apigw_magic.models import Credentials, Fields, Refusal, Reply, SignedRequest, Url

_FIRST_CLIENT_ERROR = 400
_LEAST_TIMEOUT = 1.0


@dataclass(frozen=True, slots=True)
class Settled:
    """A request that is complete and checked, before it is signed.

    Attributes:
        method: upper case.
        url: frozen.
        fields: checked, ours among them.
        content: as it will be sent.
    """

    method: str
    url: Url
    fields: Fields
    content: bytes


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of a request.

    Attributes:
        reply: the last one.
        refusal: the reply's, read, without secrets; None if it says yes or redirects.
        secrets: what of the request must not be shown.
        tries: how it went.
    """

    reply: Reply
    refusal: Refusal | None
    secrets: tuple[str, ...]
    tries: http.Tries


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

    def deliver(self, settled: Settled, expect: Expectation, timeout: float) -> Delivery:
        """Send a request, again where that is safe and may help; a reply that is expected is taken as it is.

        Raises:
            CredentialsError: the credentials ended and cannot be renewed.
            TransportError: no answer, or only a part of one.
        """
        tries = http.Tries(started=self.pace.clock())
        while True:
            credentials = self._take_credentials()
            signed = self.sign(settled, credentials, tries)
            secrets = (credentials.secret_access_key, *signed.secrets)
            left = http.BUDGET - (self.pace.clock() - tries.started)
            outcome = self._try(signed, timeout if tries.count == 1 else min(timeout, max(left, _LEAST_TIMEOUT)))
            refusal = None if isinstance(outcome, TransportError) else _read_refusal(outcome, secrets)
            if refusal is None or not expect.is_met(refusal.status_code, refusal.error_type):
                planned = http.plan_retry(signed, outcome, refusal, tries, self.pace)
            else:
                planned = None
            if planned is None:
                break
            if planned.renew and not self._renew(credentials):
                break
            tries = planned
            self.pace.sleep(tries.wait)
        if isinstance(outcome, TransportError):
            if tries.count > 1:
                outcome.why = add_tries(outcome.why, tries.count)
            raise outcome
        return Delivery(outcome, refusal, secrets, tries)

    def sign(self, settled: Settled, credentials: Credentials, tries: http.Tries) -> SignedRequest:
        """Sign for one try: each has its own time, and a signed request is never signed over."""
        return self.signer.sign(
            settled.method, settled.url, settled.fields, settled.content, credentials, skew=tries.skew
        )

    def sign_first(self, settled: Settled) -> tuple[SignedRequest, tuple[str, ...]]:
        """Sign as for the first try, and tell what of it must not be shown.

        Raises:
            CredentialsError: as `deliver`.
        """
        credentials = self._take_credentials()
        signed = self.sign(settled, credentials, http.Tries(started=0))
        return signed, (credentials.secret_access_key, *signed.secrets)

    def _try(self, signed: SignedRequest, timeout: float) -> Reply | TransportError:
        try:
            return self.transport(signed, timeout=timeout)
        except TransportError as error:
            return error

    def _take_credentials(self) -> Credentials:
        with explaining(self.name, "sts:AssumeRole"):
            return self.caller.credentials()

    def _renew(self, refused: Credentials) -> bool:
        with explaining(self.name, "sts:AssumeRole"):
            return self.caller.renew(refused)


def _read_refusal(reply: Reply, secrets: tuple[str, ...]) -> Refusal | None:
    """Read a refusal, the secrets taken out first: what is cut afterwards would not be found."""
    if reply.status_code < _FIRST_CLIENT_ERROR:
        return None
    headers = {name: redact(value, secrets) for name, value in reply.headers.items()}
    return denials.read_refusal(reply.status_code, headers, redact(reply.content.decode("utf-8", "replace"), secrets))
