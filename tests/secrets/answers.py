"""What an API, SSO's portal and a container's service answer: what was asked for, or all that they received."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qs, quote, urlsplit

from tests.http.verifier import canonical_request, read_claim
from tests.secrets.canaries import SPELLINGS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.http.verifier import Received
    from tests.secrets.canaries import Canaries

_ORDERS = json.dumps({"items": [{"id": "A-1", "total": 1.5}, {"id": "A-2", "total": 2.0}], "count": 2})
_TIE = json.dumps({"users": [{"a": 1}], "groups": [{"b": 2}]})


class Answer(NamedTuple):
    """What is answered.

    Attributes:
        status: of the answer.
        content: of the answer.
        media_type: of the content.
        reason: the reason phrase; empty for the usual one.
        fields: more header fields.
    """

    status: int
    content: str
    media_type: str = "application/json"
    reason: str = ""
    fields: tuple[tuple[str, str], ...] = ()


class Echo(NamedTuple):
    """What an API received, as it gives it back.

    Attributes:
        request: as received.
        dump: the whole of it.
        told: the whole of it, spelt as the path asks for.
    """

    request: Received
    dump: str
    told: str

    @property
    def token(self) -> str:
        """The session token."""
        return self.request.fields.get("x-amz-security-token", b"").decode()

    @property
    def line(self) -> str:
        """What is told, as a line."""
        return " ".join(self.told.split())

    @property
    def message(self) -> str:
        """What is told, as API Gateway writes its errors."""
        return json.dumps({"message": self.told})

    def answer(
        self, status: int, content: str, media_type: str = "application/json", *, error_type: str = "", reason: str = ""
    ) -> Answer:
        """Answer with an echo in the header as well; of the token, a part."""
        fields = [("x-amzn-RequestId", self.token[:200]), ("X-Echo", self.line)]
        if error_type:
            fields.append(("x-amzn-ErrorType", error_type))
        return Answer(status, content, media_type, reason, tuple(fields))


def spell(name: str) -> Callable[[str], str]:
    """Return how a path, or a role's name, wants an echo spelt."""
    return SPELLINGS.get(name.replace("_", " "), str)


def quote_request(request: Received) -> str:
    """Quote the canonical request, as AWS does where signatures do not match."""
    claim = read_claim(request)
    canonical = canonical_request(request, claim["names"]).decode()
    return (
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access "
        "Key and signing method. Consult the service documentation for details.\n\n"
        f"The Canonical String for this request should have been\n'{canonical}'\n\n"
        f"The String-to-Sign should have been\n'AWS4-HMAC-SHA256\n{request.text('x-amz-date')}\n{claim['scope']}\n0'\n"
    )


def answer_api(request: Received, dump: str, times: int) -> Answer:
    """Answer as the API, by the path below the stage: `/echo/hex`.

    Args:
        request: as received.
        dump: the whole of it.
        times: how often an ended token was answered so far, this time included.
    """
    _, _, way, spelling, *_ = f"{request.path}//".split("/")
    if way == "ended" and times > 1:
        way = "orders"
    echo = Echo(request, dump, spell(spelling)(dump))
    return _API.get(way, _answer_orders)(echo)


def answer_sso(path: str, dump: str, canaries: Canaries) -> Answer:
    """Answer as SSO's portal: by credentials if the role is `ok`, else by a refusal of the role's name."""
    role = parse_qs(urlsplit(path).query)["role_name"][0]
    if role != "ok":
        told = json.dumps({"message": f"{dump} {spell('base64')(dump)}"})
        return Answer(401 if role == "UnauthorizedException" else 403, told, fields=(("x-amzn-ErrorType", role),))
    (key,), (token,) = canaries.of("secret key of SSO"), canaries.of("session token of SSO")
    ends = int((time.time() + 3600) * 1000)
    keys = {"accessKeyId": "ASIASSO", "secretAccessKey": key, "sessionToken": token, "expiration": ends}
    return Answer(200, json.dumps({"roleCredentials": keys}))


def answer_container(path: str, dump: str, canaries: Canaries) -> Answer:
    """Answer as a container's service: by credentials, by some of them, or by what is none."""
    (key,), (token,) = canaries.of("secret key of the container"), canaries.of("session token of the container")
    ends = (datetime.now(UTC) + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    keys = {"SecretAccessKey": key, "Token": token, "Expiration": ends}
    match path.rpartition("/")[2]:
        case "ok":
            return Answer(200, json.dumps(keys | {"AccessKeyId": "ASIACONTAINER"}))
        case "lacking":
            return Answer(200, json.dumps(keys))
    return Answer(200, f"{{{key} {token} {dump}")


def _answer_orders(_echo: Echo) -> Answer:
    return Answer(200, _ORDERS, fields=(("x-amzn-RequestId", "0123456789abcdef"),))


def _refuse(echo: Echo) -> Answer:
    error_type = f"AccessDeniedException:{echo.token}"
    return echo.answer(403, echo.message, error_type=error_type, reason=echo.line[:2000])


def _redirect(echo: Echo) -> Answer:
    answer = echo.answer(302, "", reason=echo.line[:2000])
    location = ("Location", f"https://elsewhere.example/?token={quote(echo.token)}")
    return answer._replace(fields=(*answer.fields, location))


def _refuse_ended(echo: Echo) -> Answer:
    message = json.dumps({"message": "The security token included in the request is expired"})
    return echo.answer(403, message, error_type="ExpiredTokenException")


def _refuse_signature(echo: Echo) -> Answer:
    message = json.dumps({"message": quote_request(echo.request)})
    return echo.answer(403, message, error_type="InvalidSignatureException")


def _refuse_computed(echo: Echo) -> Answer:
    """Quote another canonical request than was signed: another host, and a part of the token."""
    quoted = quote_request(echo.request).replace("host:", "host:other.").replace(echo.token, echo.token[:-9])
    return echo.answer(403, json.dumps({"message": quoted}), error_type="InvalidSignatureException")


def _refuse_sentence(echo: Echo) -> Answer:
    """Refuse as IAM does, with the token wherever a refusal names something."""
    told = quote(echo.token)
    arn = f"arn:aws:execute-api:eu-west-1:********9012:{told}/prod/GET/{told}"
    reason = f"with an explicit deny in a resource-based policy: arn:aws:iam::123456789012:policy/{told}"
    message = f"User: arn:aws:sts::123456789012:assumed-role/reader/{told} is not authorized to perform: "
    return echo.answer(
        403,
        json.dumps({"Message": f"{message}execute-api:Invoke on resource: {arn} {reason}"}),
        error_type="AccessDeniedException",
    )


def _refuse_problem(echo: Echo) -> Answer:
    problem = {"title": echo.told, "detail": echo.token, "errors": [{echo.token: echo.told}]}
    return echo.answer(422, json.dumps(problem), "application/problem+json")


_API: Mapping[str, Callable[[Echo], Answer]] = {
    "computed": _refuse_computed,
    "function": lambda echo: Answer(200, json.dumps({"errorMessage": echo.told, "errorType": echo.token})),
    "graphql": lambda echo: Answer(200, json.dumps({"errors": [{"message": echo.told}], "data": None})),
    "problem": _refuse_problem,
    "sentence": _refuse_sentence,
    "broken": lambda echo: echo.answer(200, f'{{"items": [{json.dumps(echo.token)}, '),
    "data": lambda echo: Answer(200, json.dumps({"items": [{"echo": echo.told}]})),
    "echo": _refuse,
    "elsewhere": _redirect,
    "ended": _refuse_ended,
    "good": lambda echo: echo.answer(200, _ORDERS, reason=echo.line[:2000]),
    "mismatch": _refuse_signature,
    "page": lambda echo: echo.answer(403, f"<html><body>{echo.told}</body></html>", "text/html"),
    "text": lambda echo: echo.answer(500 if echo.request.method == "POST" else 404, echo.told, "text/plain"),
    "tie": lambda echo: echo.answer(200, _TIE),
    "type": lambda echo: echo.answer(403, echo.message, error_type=f"Denied{echo.token}"),
}
"""What the API answers, by the first segment below the stage."""
