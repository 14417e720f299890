"""The frozen data that travels between the parts: what is asked, what is signed, what came back.

A type that holds a secret shows none of it and refuses to be pickled or copied into a file.
"""

from __future__ import annotations

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
