"""A local account with the shop in it, started once for all tests that want one, and a way to call it as somebody."""

from __future__ import annotations

import json
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

import pytest
from botocore.auth import SigV4Auth  # noqa: TID251 - the account is held against botocore's own signer
from botocore.awsrequest import AWSRequest  # noqa: TID251 - as above
from botocore.credentials import Credentials  # noqa: TID251 - as above

from apigw_magic.demo import provision, start
from apigw_magic.demo.sessions import DIRECT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apigw_magic.demo import LocalAccount, Shop


@pytest.fixture(scope="session")
def account() -> Iterator[LocalAccount]:
    """A local AWS account; whoever wants to stop one starts their own."""
    with start() as started:
        yield started


@pytest.fixture(scope="session")
def shop(account: LocalAccount) -> Shop:
    """The demo's shop in the local account."""
    return provision(account)


@dataclass(frozen=True)
class Got:
    """What came back over the wire."""

    status: int
    error_type: str | None
    media_type: str | None
    text: str

    @property
    def document(self) -> Any:
        """The content as JSON."""
        return json.loads(self.text)


class Call(Protocol):
    """Calls the shop as one of its roles, as the user (`analyst`), or unsigned (None)."""

    def __call__(self, who: str | None, method: str, target: str, document: object = None) -> Got:
        """Send one request."""


@pytest.fixture(scope="session")
def call(shop: Shop) -> Call:
    """Send requests to the shop, signed by botocore."""
    sts = shop.session.client("sts", endpoint_url=shop.sts_endpoint, config=DIRECT)
    user = shop.session.get_credentials()
    assert user is not None
    known = {"analyst": user}

    def find_credentials(who: str) -> Credentials:
        if who not in known:
            # To hear an external id that it does not ask for does not disturb a role.
            given = sts.assume_role(RoleArn=shop.roles[who], RoleSessionName="tests", ExternalId=shop.external_id)[
                "Credentials"
            ]
            known[who] = Credentials(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
        return known[who]

    def send(who: str | None, method: str, target: str, document: object = None) -> Got:
        content = None if document is None else json.dumps(document).encode()
        request = AWSRequest(method, shop.url + target, data=content)
        if who is not None:
            SigV4Auth(find_credentials(who), "execute-api", shop.region).add_auth(request)
        url = urlsplit(shop.url)
        connection = HTTPConnection(url.hostname or "", url.port, timeout=10)
        try:
            connection.request(method, url.path + target, content, dict(request.headers))
            got = connection.getresponse()
            text = got.read().decode()
            return Got(got.status, got.getheader("x-amzn-ErrorType"), got.getheader("Content-Type"), text)
        finally:
            connection.close()

    return send
