"""The words for what goes wrong with credentials, which are in `faults.toml`, and what fills them."""

from __future__ import annotations

import shlex
import tomllib
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from apigw_magic.errors import CredentialsError, SessionExpiredError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_LONGEST = 400

# What is said by the error for a role session that ended: it begins again with an MFA code.
_ENDS = frozenset({"EOFError", "NotImplementedError", "RefreshWithMFAUnsupportedError"})


@dataclass(frozen=True, slots=True)
class Case:
    """An exception, and what is known beside it.

    Attributes:
        error: the exception.
        profiles: the names of the profiles there are.
        profile: the profile in use.
    """

    error: Exception
    profiles: Sequence[str] = ()
    profile: str | None = None

    @property
    def facts(self) -> Mapping[str, object]:
        """What the SDK's exception was made of; empty for another's."""
        return getattr(self.error, "kwargs", {})

    def fact(self, name: str) -> str:
        """Return one of them as a line; empty if there is none of the name."""
        return to_line("; ".join(str(self.facts.get(name) or "").splitlines()))

    def say(self, key: str, /, **facts: str) -> CredentialsError:
        """Say what an entry says, of this exception and with these facts."""
        of = f"profile {self.profile}" if self.profile else "the default profile"
        option = f" --profile {shlex.quote(self.profile)}" if self.profile else ""
        known = {"name": type(self.error).__name__, "text": to_line(str(self.error))}
        known |= {name: self.fact(name) for name in self.facts}
        return say(key, **known | {"of": of, "Of": of[0].upper() + of[1:], "option": option} | facts)


def say(key: str, /, **facts: str) -> CredentialsError:
    """Say what an entry says; a fact that is not given is left out."""
    what, why, fix = (part.format_map(defaultdict(str, facts)) for part in load_words()[key])
    kind = SessionExpiredError if key in _ENDS else CredentialsError
    return kind(what, why=why, fix=fix)


@cache
def load_words() -> Mapping[str, tuple[str, str, str]]:
    """Load the entries: what happened, why, and what to do."""
    text = resources.files("apigw_magic.identity").joinpath("faults.toml").read_text("utf-8")
    return {name: (entry["what"], entry["why"], entry["fix"]) for name, entry in tomllib.loads(text).items()}


def to_line(text: str) -> str:
    """Return a text of others as one line of at most 400 characters, without what a terminal would obey."""
    words = " ".join(text.split())
    line = "".join(char if char.isprintable() else "\ufffd" for char in words)
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
