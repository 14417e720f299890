"""An API that answers from a function, and how a user runs a cell."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from apigw_magic.models import Headers, Reply

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from apigw_magic.models import SignedRequest

REFUSAL = "User: arn:aws:sts::111122223333:assumed-role/reader/ana is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:eu-west-1:********3333:abc/prod/POST/orders because no identity-based policy allows the execute-api:Invoke action"  # noqa: E501 - AWS's own line


@dataclass
class Api:
    """Answers requests, and keeps what was sent."""

    sent: list[SignedRequest] = field(default_factory=list)
    timeouts: list[float] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)
    refusal: str = REFUSAL

    def __call__(self, request: SignedRequest, *, timeout: float) -> Reply:  # noqa: PLR0911 - an API in one table
        """Answer: orders, a refusal of POST, a page, nothing, a tie, or an interrupt."""
        self.timeouts.append(timeout)
        self.sent.append(request)
        path = request.url.path.removeprefix("/prod")
        if request.method == "POST" or self.refused & {name_caller(request)}:
            return reply(403, {"Message": self.refusal}, ("x-amzn-ErrorType", "AccessDeniedException"))
        match path:
            case "/orders":
                return reply(200, {"items": [{"id": "A-1", "total": 1.5}, {"id": "A-2", "total": 2.0}], "count": 2})
            case "/text":
                return Reply(200, "OK", Headers([("Content-Type", "text/plain")]), b"<b>hello</b>", 0.01)
            case "/table":
                return Reply(200, "OK", Headers([("Content-Type", "text/csv")]), b"id,zip\nA-1,01234\n", 0.01)
            case "/search":
                return reply(200, {"total_count": 2210, "items": [{"id": 1, "lines": [{"no": 1}, {"no": 2}]}]})
            case "/empty":
                return Reply(204, "No Content", Headers(), b"", 0.01)
            case "/tie":
                return reply(200, {"users": [{"a": 1}], "groups": [{"b": 2}]})
            case "/interrupt":
                raise KeyboardInterrupt
            case "/fault":
                msg = "SECRET-IN-A-FAULT"
                raise ZeroDivisionError(msg)
        return reply(404, {"message": "no such thing"})


def name_caller(request: SignedRequest) -> str:
    """Return the name of the connection that a request was signed over."""
    return dict(request.headers)["Authorization"].partition("Credential=")[2].partition("/")[0].lower()


def reply(status: int, document: object, *fields: tuple[str, str]) -> Reply:
    """Return a JSON answer."""
    headers = Headers([("Content-Type", "application/json"), ("x-amzn-RequestId", "0123456789abcdef"), *fields])
    reasons = {200: "OK", 403: "Forbidden", 404: "Not Found"}
    return Reply(status, reasons[status], headers, json.dumps(document).encode(), 0.0123)


@dataclass(frozen=True)
class Ran:
    """What became of a cell: whether it ended well, its value, its error."""

    success: bool
    result: Any
    error: Any


def run(shell: InteractiveShell, cell: str) -> Ran:
    """Run a cell as a user would."""
    done = shell.run_cell(cell, store_history=True)
    return Ran(done.success, done.result, done.error_in_exec)
