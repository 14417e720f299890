"""What one notebook keeps between cells."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from apigw_magic.magics.connections import Connections
from apigw_magic.models import Secret

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from apigw_magic.connection import Response
    from apigw_magic.demo import Demo


@dataclass(slots=True, eq=False)
class State(Secret):
    """The state of one notebook; lives on the magics instance, never in the user's namespace.

    Attributes:
        shell: whose namespace is read for `{{ }}` and written for `-o`.
        connections: by name.
        last: the last response, failed or not; None before the first.
        demo: the local account; None if there is none.
    """

    shell: InteractiveShell
    connections: Connections = field(default_factory=Connections)
    last: Response | None = None
    demo: Demo | None = None

    def drop(self) -> tuple[str, ...]:
        """Forget everything; return the names of the connections there were."""
        names = tuple(connection.name for connection in self.connections)
        if self.demo is not None:
            self.demo.account.stop()
        self.connections, self.last, self.demo = Connections(), None, None
        return names
