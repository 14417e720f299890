"""Call an IAM-authorised API Gateway from a notebook cell, as any role you may assume, and get a DataFrame.

    %load_ext apigw_magic
    %apigw connect https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/prod --role reader

or without IPython:

    import apigw_magic as apigw
    orders = apigw.connect("https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/prod", role="reader")
    orders.get("/orders", params={"status": "open"}).frame()
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from apigw_magic.connection import Connection, Response, connect, explain
    from apigw_magic.errors import (
        ApigwError,
        CommandError,
        CredentialsError,
        DemoError,
        ForeignHostError,
        FrameError,
        InvalidRequestError,
        RequestSyntaxError,
        SessionExpiredError,
        StatusError,
        TransportError,
        UnknownConnectionError,
    )
    from apigw_magic.frames import to_frame
    from apigw_magic.magics import load_ipython_extension, unload_ipython_extension
    from apigw_magic.models import Explanation

__all__ = [
    "ApigwError",
    "CommandError",
    "Connection",
    "CredentialsError",
    "DemoError",
    "Explanation",
    "ForeignHostError",
    "FrameError",
    "InvalidRequestError",
    "RequestSyntaxError",
    "Response",
    "SessionExpiredError",
    "StatusError",
    "TransportError",
    "UnknownConnectionError",
    "connect",
    "explain",
    "load_ipython_extension",
    "to_frame",
    "unload_ipython_extension",
]

# Loaded at first use: `%load_ext apigw_magic` must not wait for boto3, pandas and TLS.
_HOMES = {
    "Connection": "connection",
    "Explanation": "models",
    "Response": "connection",
    "connect": "connection",
    "explain": "connection",
    "load_ipython_extension": "magics",
    "to_frame": "frames",
    "unload_ipython_extension": "magics",
}


def __getattr__(name: str) -> object:
    if name == "__version__":
        from importlib.metadata import version  # noqa: PLC0415 - a quarter of what `%load_ext` would take

        return version("apigw_magic")
    if name not in __all__:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    home = import_module(f"{__name__}.{_HOMES.get(name, 'errors')}")
    return getattr(home, name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
