"""What `%load_ext apigw_magic` registers: light, so that a notebook does not wait for what it may not use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from IPython.core.magic import Magics, line_cell_magic, magics_class, needs_local_scope, no_var_expand

from apigw_magic.magics.completion import attach, detach
from apigw_magic.magics.edge import guard
from apigw_magic.magics.options import help_text
from apigw_magic.magics.settings import Settings
from apigw_magic.magics.state import State

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

_NAME = "apigw"


@magics_class
class ApigwMagics(Magics, Settings):
    """Holds `%apigw` and `%%apigw`, and what they keep between cells."""

    def __init__(self, shell: InteractiveShell) -> None:
        super().__init__(shell=shell, parent=None)
        for line in self.take(shell.config):
            print(f"apigw_magic: {line}")  # noqa: T201 - a word to the user, who may load it by hand
        self._state = State(shell, self)
        attach(shell, self._state)

    @needs_local_scope
    @no_var_expand
    @line_cell_magic
    def apigw(self, line: str, cell: str | None = None, local_ns: dict[str, object] | None = None) -> object:
        """Send signed requests; replaced below by the help, which is made from the options' own descriptions."""
        return guard(lambda: _run(self._state, line, cell, local_ns))

    apigw.__doc__ = help_text()

    def drop(self) -> tuple[str, ...]:
        """Forget all connections and return their names."""
        return self._state.drop()


def _run(state: State, line: str, cell: str | None, local_ns: dict[str, object] | None) -> object:
    from apigw_magic.magics.commands import run  # noqa: PLC0415 - boto3 and pandas load at the first command

    return run(state, line, cell, local_ns)


def load_ipython_extension(ipython: InteractiveShell) -> None:
    """Register `%apigw` and `%%apigw`. Called by `%load_ext apigw_magic`."""
    ipython.register_magics(ApigwMagics)


def unload_ipython_extension(ipython: InteractiveShell) -> None:
    """Take `%apigw` and `%%apigw` away and drop the credentials. Called by `%unload_ext apigw_magic`.

    IPython itself cannot unregister a magic.
    """
    manager = ipython.magics_manager
    magics = manager.registry.pop(ApigwMagics.__name__, None)
    for kind in ("line", "cell"):
        manager.magics[kind].pop(_NAME, None)
    detach(ipython)
    if magics is not None:
        if magics in ipython.configurables:
            ipython.configurables.remove(magics)
        if dropped := magics.drop():
            print(f"apigw_magic: dropped the connections {', '.join(dropped)}")  # noqa: T201 - a word to the user
