"""What is signed is what is sent: URLs, hosts, headers, signing, transport."""

from __future__ import annotations

from apigw_magic.http.headers import check_fields, check_method
from apigw_magic.http.hosts import scope_of
from apigw_magic.http.signing import Signer
from apigw_magic.http.transport import Transport, send_with
from apigw_magic.http.url import add_params, freeze, resolve

__all__ = [
    "Signer",
    "Transport",
    "add_params",
    "check_fields",
    "check_method",
    "freeze",
    "resolve",
    "scope_of",
    "send_with",
]
