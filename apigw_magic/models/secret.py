"""What is not shown, and what does not leave the process."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Iterable

REDACTED = "…"
"""What is shown where a secret stood."""

SECRET_FIELDS = frozenset({"authorization", "proxy-authorization", "x-amz-security-token", "x-api-key"})
"""Header fields, in lower case, whose values are secrets."""


def redact_fields(fields: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Return the header fields with the values that are secrets replaced."""
    return tuple((name, REDACTED if name.lower() in SECRET_FIELDS else value) for name, value in fields)


class Secret:
    """A mixin for what must not leave the process: it cannot be pickled, and so not deep-copied or stored either."""

    __slots__ = ()

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        """Refuse to be pickled.

        Raises:
            TypeError: always.
        """
        msg = f"{type(self).__name__} holds credentials and is not pickled"
        raise TypeError(msg)
