"""The answer that a request wants: `403`, `403/AccessDeniedException`, or `denied`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from apigw_magic.errors import CommandError

if TYPE_CHECKING:
    from apigw_magic.models import Explanation

_EXPECT = re.compile(r"(?P<status>[1-5]\d\d)(?:/(?P<error_type>\w+))?", re.ASCII)
_DENIED = "denied"
_FIRST_FAILURE = 300


@dataclass(frozen=True, slots=True)
class Expectation:
    """What makes an answer the wanted one.

    Attributes:
        status_code: None for any 2xx.
        error_type: None for any.
        denied: whether it is to be a refusal by a policy or an authorizer, whatever its status.
    """

    status_code: int | None = None
    error_type: str | None = None
    denied: bool = False

    def __str__(self) -> str:
        if self.denied:
            return _DENIED
        status = "2xx" if self.status_code is None else str(self.status_code)
        return f"{status}/{self.error_type}" if self.error_type else status

    @property
    def is_named(self) -> bool:
        """Whether a certain answer was asked for, and not any 2xx."""
        return self.denied or self.status_code is not None

    def is_met(self, status_code: int, error_type: str, told: Explanation | None = None) -> bool:
        """Tell whether an answer is the wanted one.

        Args:
            status_code: of the answer.
            error_type: of the answer; empty for none.
            told: why it says no; None if it does not, or before that is known.
        """
        if self.denied:
            return told is not None and told.allowed is False
        if self.status_code is None:
            return status_code < _FIRST_FAILURE and told is None
        return status_code == self.status_code and self.error_type in {None, error_type}


ANY_SUCCESS = Expectation()
"""What a request wants that says nothing else."""


def parse_expectation(expect: int | str | None) -> Expectation:
    """Parse `403`, `403/AccessDeniedException` or `denied`; None wants any 2xx.

    Raises:
        CommandError: it is none of them.
    """
    if expect is None:
        return ANY_SUCCESS
    if expect == _DENIED:
        return Expectation(denied=True)
    match = _EXPECT.fullmatch(str(expect))
    if match is None:
        raise CommandError(
            f"{expect!r} is not an answer to expect.",
            fix="Write a status, status/type (403/AccessDeniedException), or denied.",
        )
    return Expectation(int(match["status"]), match["error_type"])
