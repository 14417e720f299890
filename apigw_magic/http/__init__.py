"""What is signed is what is sent: URLs, hosts, headers, signing, transport, retries."""

from __future__ import annotations

from apigw_magic.http.headers import check_fields, check_method
from apigw_magic.http.hosts import find_scope, is_vpc_endpoint, scope_of
from apigw_magic.http.retries import BUDGET, DEFAULT_PACE, Pace, Tries, plan_retry
from apigw_magic.http.signing import Signer
from apigw_magic.http.transport import CONNECT_TIMEOUT, MAX_BYTES, Transport, send_with
from apigw_magic.http.url import freeze, mask_user, resolve

__all__ = [
    "BUDGET",
    "CONNECT_TIMEOUT",
    "DEFAULT_PACE",
    "MAX_BYTES",
    "Pace",
    "Signer",
    "Transport",
    "Tries",
    "check_fields",
    "check_method",
    "find_scope",
    "freeze",
    "is_vpc_endpoint",
    "mask_user",
    "plan_retry",
    "resolve",
    "scope_of",
    "send_with",
]
