"""What a connection brings to every request that is sent over it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from apigw_magic import http
from apigw_magic.errors import CommandError
from apigw_magic.models import REDACTED, SAFE_METHODS, Secret

if TYPE_CHECKING:
    from collections.abc import Mapping

    from apigw_magic.models import Fields

TIMEOUT = 30.0
"""Seconds to wait for each part of an answer: one more than API Gateway waits for its backend."""

_LONGEST_TIMEOUT = 3600


@dataclass(frozen=True, slots=True)
class Defaults(Secret):
    """What a connection brings to every request.

    Attributes:
        headers: fields that are sent where the request has none of the name; their values may be secrets.
        timeout: seconds to wait for each part of an answer; None where nothing was said.
        protected: whether methods that may change something have to be confirmed.
    """

    headers: Fields = ()
    timeout: float | None = None
    protected: bool = False

    def __repr__(self) -> str:
        names = tuple(f"{name}: {REDACTED}" for name, _ in self.headers)
        return f"Defaults(headers={names!r}, timeout={self.timeout!r}, protected={self.protected!r})"

    def describe(self) -> tuple[str, ...]:
        """Return what there is, in words, without the headers' values."""
        return (
            *(("protected",) if self.protected else ()),
            *(name for name, _ in self.headers),
            *((f"timeout {self.timeout:g} s",) if self.timeout is not None else ()),
        )

    def add_headers(self, fields: Fields) -> Fields:
        """Return a request's fields, and those of the connection that it does not have."""
        names = {name.lower() for name, _ in fields}
        return fields + tuple(field for field in self.headers if field[0].lower() not in names)

    def check_confirmed(self, method: str, name: str, *, confirmed: bool) -> None:
        """Refuse a method that may change something, unless it is allowed here or was confirmed.

        Raises:
            CommandError: it is not.
        """
        if self.protected and not confirmed and method not in SAFE_METHODS:
            raise CommandError(
                f"{name} is protected: {method} was not sent.",
                fix="If it is meant, add --yes (in Python: confirmed=True).",
            )


def make_defaults(  # noqa: PLR0913 - what a connection is told, and what it follows from
    headers: Mapping[str, str] | None,
    api_key: str | None,
    timeout: float | None,
    *,
    protected: bool,
    private_in: str | None = None,
    former: Defaults | None = None,
) -> Defaults:
    """Return the defaults of a connection, checked.

    Args:
        headers: sent with every request.
        api_key: sent as `x-api-key`.
        timeout: seconds; None for 30.
        protected: whether methods that may change something have to be confirmed.
        private_in: the Region of a VPC endpoint, for which `Host` may be set; None for any other host.
        former: of a connection to the same API, which count where nothing else is given; None for 30 s and no more.

    Raises:
        InvalidRequestError: a header field that cannot be sent.
        CommandError: a timeout that is none.
    """
    fields = tuple((name, str(value)) for name, value in (headers or {}).items())
    if api_key is not None:
        fields = (*(field for field in fields if field[0].lower() != "x-api-key"), ("x-api-key", api_key))
    http.check_fields(fields, private_in=private_in)
    kept = former or Defaults()
    chosen = kept.timeout if timeout is None else check_timeout(timeout)
    return Defaults(kept.add_headers(fields), chosen, protected or kept.protected)


def check_timeout(timeout: float) -> float:
    """Return the timeout.

    Raises:
        CommandError: it is no time to wait.
    """
    if not 0 < timeout <= _LONGEST_TIMEOUT:
        raise CommandError(f"{timeout} is not a time to wait.", fix=f"Write seconds, up to {_LONGEST_TIMEOUT}.")
    return timeout
