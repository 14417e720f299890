"""A transport that is a function, and a connection over it that signs with invented keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apigw_magic.connection import Connection
from apigw_magic.http import Pace, freeze, scope_of
from apigw_magic.models import Credentials, Headers, Reply
from tests.identity.fakes import FakeSts, make_base, make_caller

if TYPE_CHECKING:
    from apigw_magic.identity import Caller
    from apigw_magic.models import SignedRequest

URL = "https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/prod"
ARN = "arn:aws:sts::123456789012:assumed-role/reader/ana"
SECRET_KEY = "invented/secret+key"
TOKEN = "IQoJb3JpZ2lu/invented+token=" + "aB3/" * 200 + "=="
KEYS = Credentials("ASIAEXAMPLE", SECRET_KEY, TOKEN)


class FakeApi:
    """Keeps the requests it is sent and gives each the answer that was laid down.

    Args:
        status: of the answer.
        content: of the answer.
        reason: of the answer.
        headers: of the answer.
    """

    def __init__(
        self, status: int = 200, content: bytes | str = b"", reason: str = "", headers: dict[str, str] | None = None
    ) -> None:
        raw = content.encode() if isinstance(content, str) else content
        self.reply = Reply(status, reason, Headers((headers or {}).items()), raw, 0.1234)
        self.requests: list[SignedRequest] = []
        self.timeouts: list[float] = []
        self.error: Exception | None = None

    def __call__(self, request: SignedRequest, *, timeout: float) -> Reply:
        """Answer."""
        self.requests.append(request)
        self.timeouts.append(timeout)
        if self.error is not None:
            raise self.error
        return self.reply

    @property
    def sent(self) -> SignedRequest:
        """The one request that was sent."""
        (request,) = self.requests
        return request

    @property
    def headers(self) -> dict[str, str]:
        """The fields of the one request that was sent, names in lower case."""
        return {name.lower(): value for name, value in self.sent.headers}


def open_over(api: FakeApi, *, url: str = URL, caller: Caller | None = None, name: str = "reader") -> Connection:
    """Return a connection over a fake API."""
    frozen = freeze(url)
    return Connection(
        name=name,
        url=frozen,
        scope=scope_of(frozen),
        base=make_base(FakeSts()),
        caller=caller or make_caller(KEYS, ARN),
        transport=api,
        pace=Pace(sleep=lambda _: None),
    )
