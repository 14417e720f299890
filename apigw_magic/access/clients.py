"""boto3's clients that ask as a base identity, each made when it is first needed."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, TypedDict
from urllib.parse import urlsplit

from botocore.config import Config

from apigw_magic.models import Secret, is_loopback

if TYPE_CHECKING:
    from mypy_boto3_apigateway import APIGatewayClient
    from mypy_boto3_apigatewayv2 import ApiGatewayV2Client
    from mypy_boto3_iam import IAMClient

    from apigw_magic.identity import Base

_CONFIG = Config(connect_timeout=5, read_timeout=20, retries={"mode": "standard", "total_max_attempts": 4})
_DIRECT = Config(proxies={})  # a proxy has no way to this machine's own loopback


class _Options(TypedDict):
    """What every client is made with."""

    region_name: str
    endpoint_url: str | None
    config: Config
    aws_access_key_id: str
    aws_secret_access_key: str
    aws_session_token: str | None


class Clients(Secret):
    """Clients that sign as a base identity. Threads may share them, but not make one together.

    Where STS is on this machine, so is the rest of the account.

    Args:
        base: whose credentials sign; its Region is asked.
    """

    def __init__(self, base: Base) -> None:
        self._base = base
        self._session = base.sts.session
        is_near = is_loopback(urlsplit(base.sts.endpoint or "").hostname or "")
        self._endpoint = base.sts.endpoint if is_near else None
        self._config = _CONFIG.merge(_DIRECT) if is_near else _CONFIG
        self._lock = Lock()
        self._iam: IAMClient | None = None
        self._rest: APIGatewayClient | None = None
        self._http: ApiGatewayV2Client | None = None

    def __repr__(self) -> str:
        return f"Clients({self._base!r})"

    def iam(self) -> IAMClient:
        """Return IAM's.

        Raises:
            CredentialsError: the base identity has no credentials.
        """
        with self._lock:
            self._iam = self._iam or self._session.client("iam", **self._tell())
            return self._iam

    def rest(self) -> APIGatewayClient:
        """Return that of REST APIs; raises as `iam`."""
        with self._lock:
            self._rest = self._rest or self._session.client("apigateway", **self._tell())
            return self._rest

    def http(self) -> ApiGatewayV2Client:
        """Return that of HTTP APIs; raises as `iam`."""
        with self._lock:
            self._http = self._http or self._session.client("apigatewayv2", **self._tell())
            return self._http

    def _tell(self) -> _Options:
        keys = self._base.caller.credentials()
        return {
            "region_name": self._base.region,
            "endpoint_url": self._endpoint,
            "config": self._config,
            "aws_access_key_id": keys.access_key_id,
            "aws_secret_access_key": keys.secret_access_key,
            "aws_session_token": keys.session_token,
        }
