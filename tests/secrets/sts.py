"""What STS answers: by the name of the role that is asked for."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple
from xml.sax.saxutils import escape

from tests.http.verifier import read_claim
from tests.secrets.answers import Answer, quote_request, spell

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.http.verifier import Received

ACCOUNT = "111122223333"


class Asked(NamedTuple):
    """What STS was asked.

    Attributes:
        request: as received.
        dump: the whole of it.
        given: the parameters.
    """

    request: Received
    dump: str
    given: Mapping[str, str]

    @property
    def code(self) -> str:
        """The MFA code."""
        return self.given.get("TokenCode", "")


class Keys(NamedTuple):
    """What is given out for a role."""

    key_id: str
    secret_key: str
    token: str


def refuse(asked: Asked, way: str, spelling: str) -> Answer | None:
    """Refuse, or answer what is no answer of STS's, if a role's name asks for that; None otherwise."""
    if way in _REFUSALS:
        status, code, message = _REFUSALS[way](asked)
        told = escape(spell(spelling)(message))
        error = f"<Error><Type>Sender</Type><Code>{code}</Code><Message>{told}</Message></Error>"
        return Answer(status, f"<ErrorResponse>{error}</ErrorResponse>", "text/xml")
    match way:
        case "garbled":
            return Answer(200, f"<AssumeRoleResponse><{asked.dump}", "text/xml")
        case "page":
            return Answer(200, f"<!doctype html><html><body>{asked.dump}<br></body></html>", "text/html")
        case "lacking":
            result = f"<AssumeRoleResult><X>{escape(asked.dump)}</X></AssumeRoleResult>"
            return Answer(200, f"<R>{result}</R>", "text/xml")
    return None


def identify(asked: Asked) -> Answer:
    """Say who signs."""
    arn = f"arn:aws:iam::{ACCOUNT}:user/{read_claim(asked.request)['key_id'].lower()}"
    result = f"<Arn>{arn}</Arn><UserId>AIDA</UserId><Account>{ACCOUNT}</Account>"
    return _answer("GetCallerIdentity", result)


def give(asked: Asked, role: str, keys: Keys, *, lifetime: timedelta) -> Answer:
    """Give a role session."""
    arn = f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/{asked.given['RoleSessionName']}"
    credentials = (
        f"<AccessKeyId>{keys.key_id}</AccessKeyId><SecretAccessKey>{keys.secret_key}</SecretAccessKey>"
        f"<SessionToken>{keys.token}</SessionToken>"
        f"<Expiration>{datetime.now(UTC) + lifetime:%Y-%m-%dT%H:%M:%SZ}</Expiration>"
    )
    user = f"<AssumedRoleUser><Arn>{arn}</Arn><AssumedRoleId>AROA:x</AssumedRoleId></AssumedRoleUser>"
    return _answer(asked.given["Action"], f"{user}<Credentials>{credentials}</Credentials>")


def _answer(action: str, result: str) -> Answer:
    body = f"<{action}Result>{result}</{action}Result>"
    named = f'<{action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/">'
    return Answer(200, f"{named}{body}</{action}Response>", "text/xml")


def _refuse_denied(asked: Asked) -> tuple[int, str, str]:
    who, role = f"arn:aws:iam::{ACCOUNT}:user/ana", asked.given.get("RoleArn")
    message = f"User: {who} is not authorized to perform: sts:AssumeRole on resource: {role}"
    return 403, "AccessDenied", message


def _refuse_expired(asked: Asked) -> tuple[int, str, str]:
    token = asked.dump.split("Security-Token: ")[-1]
    return 400, "ExpiredToken", f"The security token included in the request is expired: {token}"


def _refuse_incomplete(asked: Asked) -> tuple[int, str, str]:
    message = "Authorization header requires 'Signature' parameter. Authorization="
    return 403, "IncompleteSignature", message + asked.request.text("authorization")


def _refuse_code(asked: Asked) -> tuple[int, str, str]:
    rule = "failed to satisfy constraint: Member must have length less than or equal to 6"
    return 400, "ValidationError", f"1 validation error detected: Value '{asked.code}' at 'tokenCode' {rule}"


def _refuse_oddly(asked: Asked) -> tuple[int, str, str]:
    signature = asked.request.text("authorization").rpartition("=")[2]
    return 418, f"Teapot{signature}", base64.b64encode(asked.dump.encode()).decode()


_REFUSALS: Mapping[str, Callable[[Asked], tuple[int, str, str]]] = {
    "code": _refuse_code,
    "denied": _refuse_denied,
    "echo": lambda asked: (403, "AccessDenied", " ".join(asked.dump.split())),
    "expired": _refuse_expired,
    "incomplete": _refuse_incomplete,
    "lines": lambda asked: (403, "AccessDenied", asked.dump),
    "mismatch": lambda asked: (403, "SignatureDoesNotMatch", quote_request(asked.request)),
    "said": lambda asked: (403, "AccessDenied", f"The code {asked.code} was used before"),
    "unknown": _refuse_oddly,
}
"""How STS refuses, by the first word of a role's name; the rest of it says how the message is spelt."""
