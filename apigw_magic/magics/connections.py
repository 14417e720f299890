"""The connections of one notebook, by name, one of them the current one."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from apigw_magic.errors import UnknownConnectionError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apigw_magic.connection import Connection

_NEAR = 0.7


class Connections:
    """Connections in the order they were made."""

    def __init__(self) -> None:
        self._named: dict[str, Connection] = {}
        self._used: list[str] = []  # names, the current one last

    def __iter__(self) -> Iterator[Connection]:
        return iter(self._named.values())

    @property
    def current(self) -> Connection | None:
        """The one that is used where none is named; None if there is none."""
        return self._named[self._used[-1]] if self._used else None

    def add(self, connection: Connection) -> None:
        """Add a connection and make it current; one of the same name is replaced."""
        self._named[connection.name] = connection
        self.use(connection.name)

    def use(self, name: str) -> Connection:
        """Make a connection current.

        Raises:
            UnknownConnectionError: there is none of that name.
        """
        connection = self.find(name)
        self._used = [*(used for used in self._used if used != name), name]
        return connection

    def close(self, name: str) -> None:
        """Forget a connection and its credentials; if it was current, the one before becomes so.

        Raises:
            UnknownConnectionError: there is none of that name.
        """
        self.find(name)
        del self._named[name]
        self._used.remove(name)

    def find(self, name: str | None = None) -> Connection:
        """Return the connection of that name, or the current one.

        Raises:
            UnknownConnectionError: there is none.
        """
        wanted = next(reversed(self._used), None) if name is None else name
        if wanted is None:
            raise UnknownConnectionError(
                "There is no connection yet.",
                fix="Make one: %apigw connect URL --role NAME. To try without an AWS account: %apigw demo",
            )
        if wanted not in self._named:
            near = get_close_matches(wanted, self._named, n=1, cutoff=_NEAR)
            make = "%apigw connect --role NAME" if self._named else "%apigw connect URL --role NAME"
            raise UnknownConnectionError(
                f"There is no connection {wanted!r}.",
                why=f"Connections: {', '.join(self._named) or 'none'}.",
                fix=f"Did you mean {near[0]}?" if near else f"Make it: {make}",
            )
        return self._named[wanted]
