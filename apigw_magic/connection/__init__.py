"""A base URL with an identity and a name, the requests made over it, and their answers."""

from __future__ import annotations

from apigw_magic.connection.client import Connection
from apigw_magic.connection.delivery import SendingInterrupted
from apigw_magic.connection.expectation import ANY_SUCCESS, Expectation, parse_expectation
from apigw_magic.connection.explaining import explain
from apigw_magic.connection.opening import connect
from apigw_magic.connection.response import Response

__all__ = [
    "ANY_SUCCESS",
    "Connection",
    "Expectation",
    "Response",
    "SendingInterrupted",
    "connect",
    "explain",
    "parse_expectation",
]
