"""What one notebook keeps between cells."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from apigw_magic.magics.connections import Connections
from apigw_magic.magics.history import History
from apigw_magic.models import Secret

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from apigw_magic.connection import Response
    from apigw_magic.demo import Demo
    from apigw_magic.magics.asking import Asked
    from apigw_magic.magics.settings import Settings


@dataclass(slots=True, eq=False)
class State(Secret):
    """The state of one notebook; lives on the magics instance, never in the user's namespace.

    Attributes:
        shell: whose namespace is read for `{{ }}` and written for `-o`.
        connections: by name.
        settings: what `%config ApigwMagics` says.
        last: the last response, failed or not; None before the first.
        asked: the last request, for `again`; None before the first.
        history: the requests of this kernel.
        demo: the local account; None if there is none.
    """

    shell: InteractiveShell
    settings: Settings
    connections: Connections = field(default_factory=Connections)
    last: Response | None = None
    asked: Asked | None = None
    history: History = field(default_factory=History)
    demo: Demo | None = None

    def drop(self) -> tuple[str, ...]:
        """Forget everything; return the names of the connections there were."""
        names = tuple(connection.name for connection in self.connections)
        if self.demo is not None:
            self.demo.account.stop()
        self.connections, self.last, self.demo = Connections(), None, None
        self.asked, self.history = None, History()
        return names
