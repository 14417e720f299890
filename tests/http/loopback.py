"""A connection with the real signer and the real transport, to a server of the tests' own, as an invented role."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apigw_magic.connection import connect
from tests.http.verifier import Account
from tests.identity.fakes import FakeSts, make_base

if TYPE_CHECKING:
    from apigw_magic.connection import Connection
    from tests.http.wire import Wire

REGION = "eu-west-1"
SERVER = Account("ASIAEXAMPLE1", "invented secret 1", "invented token 1", REGION, "execute-api")
"""Whose keys sign, for which server: what the fake STS gives for the first role."""


def connect_to(wire: Wire, base: str = "/prod") -> Connection:
    """Connect to a server on loopback."""
    url = f"http://127.0.0.1:{wire.port}{base}"
    return connect(url, region=REGION, role="reader", base=make_base(FakeSts()))
