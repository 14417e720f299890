"""SigV4 by botocore's `SigV4Auth`, over a URL that is frozen already.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

from __future__ import annotations

import hmac
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from botocore.auth import SIGV4_TIMESTAMP, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.compat import HTTPHeaders
from botocore.credentials import ReadOnlyCredentials

from apigw_magic.http.headers import is_signed
from apigw_magic.models import Secret, SignedRequest

if TYPE_CHECKING:
    from collections.abc import Callable

    from apigw_magic.models import Credentials, Fields, SigningScope, Url


def _now() -> datetime:
    return datetime.now(UTC)


class Signer:
    """Signs requests for one service and Region.

    Args:
        scope: the service and the Region.
        clock: tells the time in UTC; AWS accepts five minutes of error.
    """

    def __init__(self, scope: SigningScope, clock: Callable[[], datetime] = _now) -> None:
        self._scope = scope
        self._clock = clock
        self._keys = _SigningKeys()

    def sign(  # noqa: PLR0913 - what a signature covers
        self,
        method: str,
        url: Url,
        headers: Fields,
        content: bytes,
        credentials: Credentials,
        *,
        skew: timedelta = timedelta(),
    ) -> SignedRequest:
        """Sign a request: what is returned is sent byte for byte.

        Args:
            method: upper case.
            url: frozen.
            headers: checked; without those that are set here.
            content: as it will be sent.
            credentials: one consistent set.
            skew: how far the server's clock is ahead of ours, as it told.
        """
        auth = _Auth(credentials, self._scope, self._keys)
        request = AWSRequest(method=method, url=str(url), headers=dict(headers), data=content)
        if "Host" not in request.headers:  # a private API's VPC endpoint is told the API's own host
            request.headers["Host"] = url.authority
        if self._scope.service == "vpc-lattice-svcs":
            # https://docs.aws.amazon.com/vpc-lattice/latest/ug/sigv4-authenticated-requests.html
            request.headers["X-Amz-Content-SHA256"] = "UNSIGNED-PAYLOAD"
        request.context["timestamp"] = (self._clock() + skew).strftime(SIGV4_TIMESTAMP)
        canonical_request, string_to_sign = auth.sign(request)
        return SignedRequest(
            method=method,
            url=url,
            headers=tuple(request.headers.items()),
            content=content,
            canonical_request=canonical_request,
            string_to_sign=string_to_sign,
        )


class _SigningKeys(Secret):
    """The derived key of a day, Region, service and secret: four HMACs once a day, not once a request."""

    __slots__ = ("_known",)

    def __init__(self) -> None:
        self._known: tuple[tuple[str, str, str, str], bytes] | None = None

    def derive(self, secret: str, day: str, scope: SigningScope) -> bytes:
        wanted = (secret, day, scope.region, scope.service)
        known = self._known  # read once: another thread may replace it meanwhile
        if known is None or known[0] != wanted:
            key = f"AWS4{secret}".encode()
            for part in (day, scope.region, scope.service, "aws4_request"):
                key = hmac.new(key, part.encode(), sha256).digest()
            known = self._known = (wanted, key)
        return known[1]


class _Auth(SigV4Auth):
    """Botocore's signer, but for which fields it signs, whose clock it reads, and that it logs nothing."""

    def __init__(self, credentials: Credentials, scope: SigningScope, keys: _SigningKeys) -> None:
        plain = ReadOnlyCredentials(credentials.access_key_id, credentials.secret_access_key, credentials.session_token)
        super().__init__(plain, scope.service, scope.region)
        self._plain = credentials
        self._scope = scope
        self._signing_keys = keys

    def sign(self, request: AWSRequest) -> tuple[str, str]:
        """Sign in place and return canonical request and string to sign.

        Botocore's `add_auth` would read the clock itself and log the session token at DEBUG.
        """
        request.headers["X-Amz-Date"] = request.context["timestamp"]
        if self._plain.session_token:
            request.headers["X-Amz-Security-Token"] = self._plain.session_token
        canonical_request = self.canonical_request(request)
        string_to_sign = self.string_to_sign(request, canonical_request)
        request.headers["Authorization"] = ", ".join(
            (
                f"AWS4-HMAC-SHA256 Credential={self.scope(request)}",
                f"SignedHeaders={self.signed_headers(self.headers_to_sign(request))}",
                f"Signature={self.signature(string_to_sign, request)}",
            )
        )
        return canonical_request, string_to_sign

    def headers_to_sign(self, request: AWSRequest) -> HTTPHeaders:
        """Sign the fields on the allow-list only."""
        signed = HTTPHeaders()
        for name, value in request.headers.items():
            if is_signed(name):
                signed[name.lower()] = value
        return signed

    def signature(self, string_to_sign: str, request: AWSRequest) -> str:
        """Sign with the day's derived key."""
        day = request.context["timestamp"][:8]
        key = self._signing_keys.derive(self._plain.secret_access_key, day, self._scope)
        return hmac.new(key, string_to_sign.encode(), sha256).hexdigest()
