"""A connection: resolve → credentials → sign → send → explain or answer."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from apigw_magic import http, text
from apigw_magic.connection.circumstances import tell_circumstances
from apigw_magic.connection.defaults import TIMEOUT, Defaults, check_timeout
from apigw_magic.connection.delivery import Courier
from apigw_magic.connection.expectation import ANY_SUCCESS, Expectation, parse_expectation
from apigw_magic.connection.methods import Methods
from apigw_magic.connection.refused import explaining
from apigw_magic.connection.response import Response
from apigw_magic.connection.sealing import sealed
from apigw_magic.connection.settling import encode, settle
from apigw_magic.connection.verdict import describe_failure, describe_surprise, explain_answer
from apigw_magic.errors import InvalidRequestError
from apigw_magic.models import REDACTED, SECRET_FIELDS, Request, Secret, redact_fields

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime
    from pathlib import Path

    from apigw_magic.connection.delivery import Delivery
    from apigw_magic.errors import CredentialsError
    from apigw_magic.identity import Base, Caller
    from apigw_magic.models import Identity, SigningScope, Url

NO_DEFAULTS = Defaults()

_SIGNATURE = re.compile(r"(Signature\W{1,9}(?:3D)?)[0-9a-f]{64}")  # of which request is not known any more


class Connection(Secret, Methods):
    """A base URL with an identity and a name. Made by `connect`.

    Attributes:
        name: what `--as` and `use` take.
        region: the Region that requests are signed for.
        service: the service that requests are signed for, such as `execute-api`.
        settings: the file that the connection was described in; None if it was described where it was made.
        session_policies: the options that narrow the session, such as `--policy`; empty where none does.
    """

    def __init__(  # noqa: PLR0913 - the parts it joins
        self,
        *,
        name: str,
        url: Url,
        scope: SigningScope,
        base: Base,
        caller: Caller,
        transport: http.Transport,
        pace: http.Pace = http.DEFAULT_PACE,
        defaults: Defaults = NO_DEFAULTS,
        settings: Path | None = None,
        session_policies: tuple[str, ...] = (),
    ) -> None:
        self.name = name
        self.service = scope.service
        self.region = scope.region
        self._url = url
        self._base = base
        self._caller = caller
        self._defaults = defaults
        self.settings = settings
        self.session_policies = session_policies
        self._courier = Courier(name, caller, http.Signer(scope), transport, pace)

    def __repr__(self) -> str:
        who = self.identity.arn if self.identity else "unknown"
        return f"<Connection {self.name}: {self._url} as {who}>"

    @property
    def url(self) -> str:
        """The base URL."""
        return str(self._url)

    @property
    def identity(self) -> Identity | None:
        """Who signs, as STS says; None if it could not be asked."""
        return self._caller.identity

    @property
    def seconds_left(self) -> float | None:
        """Seconds until the present credentials end; None if they do not."""
        return self._caller.seconds_left

    @property
    def expires(self) -> datetime | None:
        """When the present credentials end, in UTC; None if they do not. They are renewed before."""
        return self._caller.expires

    @property
    def source(self) -> tuple[str, ...]:
        """How the credentials came about, a step each: `("profile work (SSO)", "role reader")`."""
        return self._caller.source

    @property
    def asks(self) -> bool:
        """Whether an MFA code has to be typed to renew the credentials."""
        return self._caller.asks

    @property
    def trouble(self) -> CredentialsError | None:
        """Why the credentials could not be renewed, while the old ones last; None if all is well."""
        return self._caller.trouble

    @property
    def timeout(self) -> float | None:
        """Seconds to wait for each part of an answer, where a request says nothing; None for 30."""
        return self._defaults.timeout

    @property
    def protected(self) -> bool:
        """Whether methods that may change something have to be confirmed."""
        return self._defaults.protected

    @property
    def is_base(self) -> bool:
        """Whether the base identity itself signs, and no role was assumed here."""
        return self._caller is self._base.caller

    @property
    def base(self) -> Base:
        """The identity that the role was assumed from; other roles may be, too."""
        return self._base

    @property
    def brings(self) -> tuple[str, ...]:
        """What goes with every request, in words: names of headers, never their values; what narrows the session."""
        return (*self._defaults.describe(), *(f"narrowed by {option}" for option in self.session_policies))

    def hand_on(self) -> Defaults:
        """Return what goes with every request, for another connection to the same API; an API key may be among it."""
        return self._defaults

    @sealed
    def identify(self) -> Identity:
        """Ask STS who signs.

        Raises:
            CredentialsError: STS refuses the credentials, or cannot be reached.
        """
        with explaining(self.name, "sts:GetCallerIdentity"):
            return self._caller.identify()

    @sealed
    def prepare(self) -> None:
        """Obtain credentials now if the present ones are about to end, and ask for an MFA code here if one is needed.

        Raises:
            CredentialsError: they ended, and no others can be had.
        """
        self._courier.prepare()

    @sealed
    def renew(self) -> None:
        """Log in again: read the base credentials anew, ask for an MFA code where one is needed, assume all roles.

        Raises:
            CredentialsError: that failed; the present credentials are kept while they last.
        """
        with explaining(self.name, "sts:AssumeRole"):
            self._caller.log_in()

    @sealed
    def request(  # noqa: PLR0913 - a request has this many parts; all but two by keyword
        self,
        method: str,
        target: str,
        *,
        params: Mapping[str, object] | Iterable[tuple[str, object]] = (),
        headers: Mapping[str, str] | None = None,
        json: object = None,
        content: bytes | str = b"",
        expect: int | str | None = None,
        timeout: float | None = None,
        confirmed: bool = False,
    ) -> Response:
        """Send a signed request.

        Args:
            method: such as `GET`.
            target: a path below the base URL, or an absolute URL of its origin.
            params: query parameters; a list repeats its key, None drops it.
            headers: header fields beside those that are set here.
            json: sent as JSON content.
            content: sent as it is, text as UTF-8.
            expect: the wanted answer, `403` or `"403/AccessDeniedException"`; None wants any 2xx.
            timeout: seconds to wait for each part of the answer; None for the connection's.
            confirmed: on a protected connection, that a method which may change something is meant.

        Raises:
            CommandError: it was to be confirmed, or the timeout is none; nothing was sent.
            InvalidRequestError: it cannot be signed and sent as written; nothing was sent.
            RequestSyntaxError: a parameter, or a value in `json`, has no form in a request; nothing was sent.
            CredentialsError: the role session ended and cannot be renewed.
            TransportError: no answer, or only a part of one.
            StatusError: not the wanted answer; carries response and explanation.
        """
        fields = tuple((name, str(value)) for name, value in (headers or {}).items())
        if json is not None:
            if content:
                raise InvalidRequestError("A request has one content.", fix="Leave out json or content.")
            content = text.to_json(json, "json")
            if not any(name.lower() == "content-type" for name, _ in fields):
                fields = (*fields, ("Content-Type", "application/json"))
        asked = Request(method, text.add_params(target, params), fields, encode(content))
        return self.send(asked, expect=parse_expectation(expect), timeout=timeout, confirmed=confirmed)

    @sealed
    def send(
        self,
        request: Request,
        *,
        expect: Expectation = ANY_SUCCESS,
        timeout: float | None = None,
        confirmed: bool = False,
        may_retry: Callable[[], bool] | None = None,
    ) -> Response:
        """Send a request that is complete, such as one parsed from a cell.

        Args:
            request: complete.
            expect: the wanted answer.
            timeout: as in `request`.
            confirmed: as in `request`.
            may_retry: asked before it is sent again whether anybody still waits; None for yes.

        Raises:
            ApigwError: as `request`.
        """
        patience = (self.timeout or TIMEOUT) if timeout is None else check_timeout(timeout)
        settled = settle(request, self._url, self.region, self._defaults)
        self._defaults.check_confirmed(settled.method, self.name, confirmed=confirmed)
        delivery = self._courier.deliver(settled, expect, patience, may_retry)
        # What is kept of the request holds no API key.
        fields = redact_fields(self._defaults.add_headers(request.headers))
        kept = replace(request, method=settled.method, headers=fields)
        return self._judge(kept, settled.url, delivery, expect)

    def check(self, request: Request, *, confirmed: bool = False) -> None:
        """Check a request without signing it.

        Raises:
            CommandError: it has to be confirmed.
            InvalidRequestError: it cannot be signed and sent as written.
        """
        self._defaults.check_confirmed(
            settle(request, self._url, self.region, self._defaults).method, self.name, confirmed=confirmed
        )

    def redact(self, shown: str, request: Request) -> str:
        """Take out of a text what of the connection and of a request must not be shown."""
        fields = self._defaults.add_headers(request.headers)
        keys = (value for name, value in fields if name.lower() in SECRET_FIELDS)
        return _SIGNATURE.sub(rf"\1{REDACTED}", self._caller.redact(shown, keys))

    def resolve(self, request: Request) -> Url:
        """Return the URL that a request would be sent to.

        Raises:
            InvalidRequestError: it cannot be signed and sent as written.
        """
        return settle(request, self._url, self.region, self._defaults).url

    @sealed
    def show_signed(self, request: Request) -> str:
        """Return what would be sent, and what is signed of it, without secrets; nothing is sent.

        Raises:
            InvalidRequestError: it cannot be signed and sent as written.
            CredentialsError: the credentials ended and cannot be renewed.
        """
        return self._courier.describe(settle(request, self._url, self.region, self._defaults))

    def _judge(self, request: Request, url: Url, delivery: Delivery, expect: Expectation) -> Response:
        response = Response(
            request, url, self.name, delivery.reply, tries=delivery.tries.count, skew=delivery.tries.skew
        )
        refusal = delivery.refusal
        told = explain_answer(refusal, tell_circumstances(self, request, url, delivery)) if refusal else None
        response.explanation = told
        if expect.is_met(response.status_code, refusal.error_type if refusal else "", told):
            return response
        if expect.is_named:
            raise describe_surprise(response, expect, f"{request.method} {request.target.partition('?')[0]}")
        raise describe_failure(response)
