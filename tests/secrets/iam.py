"""What IAM and API Gateway's own API answer to who asks what is allowed: much of it what they received."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from tests.secrets.answers import Answer
from tests.secrets.sts import ACCOUNT

if TYPE_CHECKING:
    from tests.http.verifier import Received

IAM_ACTIONS = (b"Action=GetRole", b"Action=SimulatePrincipalPolicy")
IAM_REGION = "us-east-1"
"""That IAM is signed for, wherever one is; on loopback it is the Region that is asked for."""

MANAGED = ("/restapis/", "/v2/apis/")
"""Paths of API Gateway's own API."""


def answer_iam(request: Received, dump: str) -> Answer:
    """Refuse to name `keyed`'s role, echo in the code for `far`'s, and in what is missing for the others."""
    given = {name: values[0] for name, values in parse_qs(request.content.decode()).items()}
    if given["Action"] == "GetRole":
        return _refuse(403, "AccessDenied", dump)
    role = given["PolicySourceArn"].rpartition("/")[2]
    if role == "writer":
        return _refuse(418, f"Code {request.text('authorization')}", dump)
    missing = "".join(
        f"<member>{escape(text)}</member>" for text in ("aws:SourceIp", dump, request.text("authorization")[-64:])
    )
    results = "".join(
        "<member><EvalActionName>execute-api:Invoke</EvalActionName><EvalDecision>allowed</EvalDecision>"
        f"<EvalResourceName>{escape(value)}</EvalResourceName>"
        f"<MissingContextValues>{missing}</MissingContextValues></member>"
        for name, value in given.items()
        if name.startswith("ResourceArns.member.")
    )
    result = f"<EvaluationResults>{results}</EvaluationResults><IsTruncated>false</IsTruncated>"
    name = "SimulatePrincipalPolicy"
    body = f"<{name}Result>{result}</{name}Result>"
    return Answer(
        200, f'<{name}Response xmlns="https://iam.amazonaws.com/doc/2010-05-08/">{body}</{name}Response>', "text/xml"
    )


def answer_managed(dump: str) -> Answer:
    """Refuse to tell of an API, with all that was received in type and message."""
    fields = (("x-amzn-ErrorType", " ".join(dump.split())[:3000]),)
    return Answer(403, json.dumps({"message": dump, "account": ACCOUNT}), fields=fields)


def _refuse(status: int, code: str, message: str) -> Answer:
    error = f"<Error><Type>Sender</Type><Code>{escape(code)}</Code><Message>{escape(message)}</Message></Error>"
    return Answer(status, f"<ErrorResponse>{error}</ErrorResponse>", "text/xml")
