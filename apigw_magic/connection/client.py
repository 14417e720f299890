"""A connection: resolve → credentials → sign → send → explain or answer."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING, TypedDict, Unpack

from apigw_magic import denials, http, text
from apigw_magic.connection.expectation import ANY_SUCCESS, Expectation, parse_expectation
from apigw_magic.connection.response import Response
from apigw_magic.errors import CommandError, CredentialsError, InvalidRequestError, StatusError
from apigw_magic.identity import redact
from apigw_magic.models import Request, Secret

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from apigw_magic.identity import Base, Caller
    from apigw_magic.models import Fields, Identity, Refusal, Reply, SigningScope, Url

TIMEOUT = 30.0
"""Seconds to wait for each part of an answer: one more than API Gateway waits for its backend."""

_LONGEST_TIMEOUT = 3600
_FIRST_REDIRECT, _FIRST_CLIENT_ERROR = 300, 400


class RequestOptions(TypedDict, total=False):
    """The keywords of `Connection.request`, for the methods that stand for it."""

    params: Mapping[str, object] | Iterable[tuple[str, object]]
    headers: Mapping[str, str] | None
    json: object
    content: bytes | str
    expect: int | str | None
    timeout: float


class Connection(Secret):
    """A base URL with an identity and a name. Made by `connect`.

    Attributes:
        name: what `--as` and `use` take.
        region: the Region that requests are signed for.
        service: the service that requests are signed for, such as `execute-api`.
    """

    def __init__(  # noqa: PLR0913 - the parts it joins
        self, *, name: str, url: Url, scope: SigningScope, base: Base, caller: Caller, transport: http.Transport
    ) -> None:
        self.name = name
        self.service = scope.service
        self.region = scope.region
        self._url = url
        self._base = base
        self._caller = caller
        self._signer = http.Signer(scope)
        self._transport = transport

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
    def base(self) -> Base:
        """The identity that the role was assumed from; other roles may be, too."""
        return self._base

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
        timeout: float = TIMEOUT,
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
            timeout: seconds to wait for each part of the answer.

        Raises:
            InvalidRequestError: it cannot be signed and sent as written; nothing was sent.
            CredentialsError: the role session ended and cannot be renewed.
            TransportError: no answer, or only a part of one.
            StatusError: not the wanted answer; carries response and explanation.
        """
        fields = tuple((headers or {}).items())
        if json is not None:
            if content:
                raise InvalidRequestError("A request has one content.", fix="Leave out json or content.")
            content = text.to_json(json, "json")
            if not any(name.lower() == "content-type" for name, _ in fields):
                fields = (*fields, ("Content-Type", "application/json"))
        asked = Request(method, http.add_params(target, params), fields, _encode(content))
        return self.send(asked, expect=parse_expectation(expect), timeout=timeout)

    def get(self, target: str, **options: Unpack[RequestOptions]) -> Response:
        """Send a GET; see `request`."""
        return self.request("GET", target, **options)

    def head(self, target: str, **options: Unpack[RequestOptions]) -> Response:
        """Send a HEAD; see `request`."""
        return self.request("HEAD", target, **options)

    def options(self, target: str, **options: Unpack[RequestOptions]) -> Response:
        """Send an OPTIONS; see `request`."""
        return self.request("OPTIONS", target, **options)

    def post(self, target: str, **options: Unpack[RequestOptions]) -> Response:
        """Send a POST; see `request`."""
        return self.request("POST", target, **options)

    def put(self, target: str, **options: Unpack[RequestOptions]) -> Response:
        """Send a PUT; see `request`."""
        return self.request("PUT", target, **options)

    def patch(self, target: str, **options: Unpack[RequestOptions]) -> Response:
        """Send a PATCH; see `request`."""
        return self.request("PATCH", target, **options)

    def delete(self, target: str, **options: Unpack[RequestOptions]) -> Response:
        """Send a DELETE; see `request`."""
        return self.request("DELETE", target, **options)

    def send(self, request: Request, *, expect: Expectation = ANY_SUCCESS, timeout: float = TIMEOUT) -> Response:
        """Send a request that is complete, such as one parsed from a cell.

        Raises:
            ApigwError: as `request`.
        """
        if not 0 < timeout <= _LONGEST_TIMEOUT:
            raise CommandError(f"{timeout} is not a time to wait.", fix=f"Write seconds, up to {_LONGEST_TIMEOUT}.")
        url, method, fields = self._settle(request)
        try:
            credentials = self._caller.credentials()
        except CredentialsError as error:
            raise explained(error, who=self.name, request="sts:AssumeRole") from None
        signed = self._signer.sign(method, url, fields, request.content, credentials)
        reply = self._transport(signed, timeout=timeout)
        secrets = (credentials.secret_access_key, *signed.secrets)
        return self._judge(replace(request, method=method), url, reply, expect, secrets)

    def _settle(self, request: Request) -> tuple[Url, str, Fields]:
        """Settle what is sent where, or refuse, before anything is signed."""
        method = http.check_method(request.method)
        if request.content and method in {"GET", "HEAD"}:
            raise InvalidRequestError(
                f"A {method} request has no content.",
                why="API Gateway's front door answers it with 403 before IAM is asked.",
                fix="Put the values into the query, or send a POST.",
            )
        given = http.check_fields(request.headers)
        names = {name.lower() for name, _ in given}
        ours = (("Accept-Encoding", "gzip"), ("User-Agent", _user_agent()))
        fields = given + tuple(field for field in ours if field[0].lower() not in names)
        return http.resolve(self._url, request.target), method, fields

    def _judge(
        self, request: Request, url: Url, reply: Reply, expect: Expectation, secrets: tuple[str, ...]
    ) -> Response:
        response = Response(request, url, self.name, reply)
        asked = f"{request.method} {request.target.partition('?')[0]}"
        if reply.status_code >= _FIRST_CLIENT_ERROR:
            response.explanation = denials.explain(_read_redacted(reply, secrets), who=self.name, request=asked)
        if expect.is_met(reply.status_code, response.explanation.error_type if response.explanation else ""):
            return response
        if expect.status_code is not None:
            raise _unexpected(response, expect, asked, secrets)
        raise _failed(response, secrets)


@cache
def _user_agent() -> str:
    return f"apigw_magic/{version('apigw_magic')}"


def _encode(content: bytes | str) -> bytes:
    with suppress(UnicodeEncodeError):
        return content.encode() if isinstance(content, str) else content
    raise InvalidRequestError(
        "The content has half of a surrogate pair, which is no character.", fix="Check where the text came from."
    )


def explained(error: CredentialsError, *, who: str, request: str) -> CredentialsError:
    """Return the error with its refusal explained, or as it is if STS did not refuse."""
    if error.refusal is None:
        return error
    told = denials.explain(error.refusal, who=who, request=request)
    problem = CredentialsError(told.summary, why=told.cause, fix=told.remedy, explanation=told)
    problem.refusal = error.refusal
    return problem


def _read_redacted(reply: Reply, secrets: tuple[str, ...]) -> Refusal:
    """Read a refusal, the secrets taken out first: what is cut afterwards would not be found."""
    headers = {name: redact(value, secrets) for name, value in reply.headers.items()}
    return denials.read_refusal(reply.status_code, headers, redact(reply.content.decode("utf-8", "replace"), secrets))


def _failed(response: Response, secrets: tuple[str, ...]) -> StatusError:
    told = response.explanation
    if told is not None:
        return StatusError(told.summary, why=told.cause, fix=told.remedy, response=response, explanation=told)
    location = denials.to_line(redact(response.headers.get("location", "elsewhere"), secrets))
    return StatusError(
        f"{_status(response, secrets)}: the API redirects to {location}.",
        why="A signed request is not sent on: its session token must not reach another host.",
        fix="If that is the API, connect to it: %apigw connect URL",
        response=response,
    )


def _status(response: Response, secrets: tuple[str, ...]) -> str:
    return denials.to_line(f"{response.status_code} {redact(response.reason, secrets)}")


def _unexpected(response: Response, expect: Expectation, asked: str, secrets: tuple[str, ...]) -> StatusError:
    came = _status(response, secrets)
    told = response.explanation
    if told and told.error_type:
        came = f"{response.status_code}/{told.error_type}"
    return StatusError(
        f"Expected {expect}, but {asked} as {response.connection} was answered {came}.",
        why=told.cause if told else _of_no_refusal(response),
        fix=told.remedy if told else "",
        response=response,
        explanation=told,
    )


def _of_no_refusal(response: Response) -> str:
    if response.status_code < _FIRST_REDIRECT:
        return "The request was allowed and processed."
    return "A redirect is not followed: the session token must not reach another host."
