"""What `%config ApigwMagics` sets, and what a profile of IPython may say of it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from traitlets import Bool, Float, Int, TraitError, Unicode, validate
from traitlets.config import Config, Configurable

if TYPE_CHECKING:
    from traitlets import Bunch

_HOUR = 3600


class Settings(Configurable):
    """Settings of one notebook. A value that cannot be is refused, and the one before stays."""

    timeout = Float(30.0, min=0.001, max=_HOUR, help="Seconds to wait for each part of an answer.").tag(config=True)
    connect_timeout = Float(
        5.0, min=0.001, max=_HOUR, help="Seconds to wait for a connection; counts for what is connected afterwards."
    ).tag(config=True)
    max_bytes = Int(
        100 * 2**20, min=1, help="The largest content that is read; counts for what is connected afterwards."
    ).tag(config=True)
    quiet = Bool(default_value=False, help="Show no status line.").tag(config=True)
    history_size = Int(1000, min=1, help="How many requests `%apigw history` keeps.").tag(config=True)
    profile = Unicode("", help="The AWS profile to connect with where none is named.").tag(config=True)
    region = Unicode("", help="The Region of hosts that do not name it, where none is given.").tag(config=True)

    @validate("timeout", "connect_timeout")
    def _is_finite(self, proposal: Bunch) -> float:
        value: float = proposal["value"]
        if not math.isfinite(value):
            msg = f"{proposal['trait'].name} has to be a number of seconds, not {value}."
            raise TraitError(msg)
        return value

    def take(self, config: Config) -> list[str]:
        """Take the settings that a configuration has, and return what is to be said of those that cannot be.

        IPython merges what `%config` was given into its own configuration, also what was refused, and would fail with
        it whenever the extension is loaded again.
        """
        refused: list[str] = []
        for name, value in dict(config.get(type(self).__name__, {})).items():
            try:
                if self.has_trait(name):
                    setattr(self, name, value)
                else:
                    refused.append(f"There is no setting {name}.")
            except TraitError as error:
                refused.append(f"The setting {name} stays {getattr(self, name)!r}: {error}")
        return refused
