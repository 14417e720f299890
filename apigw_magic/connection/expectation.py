"""The answer that a request wants: `403`, or `403/AccessDeniedException`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from apigw_magic.errors import CommandError

_EXPECT = re.compile(r"(?P<status>[1-5]\d\d)(?:/(?P<error_type>\w+))?", re.ASCII)
_FIRST_FAILURE = 300


@dataclass(frozen=True, slots=True)
class Expectation:
    """What makes an answer the wanted one.

    Attributes:
        status_code: None for any 2xx.
        error_type: None for any.
    """

    status_code: int | None = None
    error_type: str | None = None

    def __str__(self) -> str:
        status = "2xx" if self.status_code is None else str(self.status_code)
        return f"{status}/{self.error_type}" if self.error_type else status

    def is_met(self, status_code: int, error_type: str) -> bool:
        """Tell whether an answer is the wanted one."""
        if self.status_code is None:
            return status_code < _FIRST_FAILURE
        return status_code == self.status_code and self.error_type in {None, error_type}


ANY_SUCCESS = Expectation()
"""What a request wants that says nothing else."""


def parse_expectation(expect: int | str | None) -> Expectation:
    """Parse `403` or `403/AccessDeniedException`; None wants any 2xx.

    Raises:
        CommandError: it is neither.
    """
    if expect is None:
        return ANY_SUCCESS
    match = _EXPECT.fullmatch(str(expect))
    if match is None:
        raise CommandError(
            f"{expect!r} is not an answer to expect.", fix="Write a status, or status/type: 403/AccessDeniedException"
        )
    return Expectation(int(match["status"]), match["error_type"])
