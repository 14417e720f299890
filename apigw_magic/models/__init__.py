"""The frozen data that travels between the parts: what is asked, what is signed, what came back.

A type that holds a secret shows none of it and refuses to be pickled or copied into a file.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from apigw_magic.models.arns import MethodArn, Principal, parse_method_arn, parse_principal
    from apigw_magic.models.callers import Credentials, Identity, SigningScope
    from apigw_magic.models.messages import SAFE_METHODS, Fields, Headers, Json, Reply, Request, SignedRequest
    from apigw_magic.models.refusals import Circumstances, Explanation, Refusal
    from apigw_magic.models.secret import REDACTED, SECRET_FIELDS, Secret, redact_fields
    from apigw_magic.models.url import DEFAULT_PORTS, Url, is_loopback

__all__ = [
    "DEFAULT_PORTS",
    "REDACTED",
    "SAFE_METHODS",
    "SECRET_FIELDS",
    "Circumstances",
    "Credentials",
    "Explanation",
    "Fields",
    "Headers",
    "Identity",
    "Json",
    "MethodArn",
    "Principal",
    "Refusal",
    "Reply",
    "Request",
    "Secret",
    "SignedRequest",
    "SigningScope",
    "Url",
    "is_loopback",
    "parse_method_arn",
    "parse_principal",
    "redact_fields",
]

# Loaded at first use: making these classes takes most of the time that `%load_ext apigw_magic` would take.
_HOMES = {
    **dict.fromkeys(("MethodArn", "Principal", "parse_method_arn", "parse_principal"), "arns"),
    **dict.fromkeys(("Credentials", "Identity", "SigningScope"), "callers"),
    **dict.fromkeys(("SAFE_METHODS", "Fields", "Headers", "Json", "Reply", "Request", "SignedRequest"), "messages"),
    **dict.fromkeys(("Circumstances", "Explanation", "Refusal"), "refusals"),
    **dict.fromkeys(("REDACTED", "SECRET_FIELDS", "Secret", "redact_fields"), "secret"),
    **dict.fromkeys(("DEFAULT_PORTS", "Url", "is_loopback"), "url"),
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    found: object = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = found
    return found
