"""Lets docstrings be read as they are meant.

Napoleon takes the first line of a property's docstring for `type: description`, and reads no sections in it. docutils
takes `user@host` for an address, and makes a link of it. How our objects are made is no user's business.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sphinx.ext.napoleon import GoogleDocstring

if TYPE_CHECKING:
    from sphinx.application import Sphinx

_BEFORE_NAPOLEON = 400
_ADDRESS = re.compile(r"(?<![`\w])\w+@\w+(?![`\w])")


def read(app: Sphinx, what: str, name: str, obj: object, options: object, lines: list[str]) -> None:  # noqa: PLR0913, PLR0917 - autodoc's event hands these over
    """Read a property's docstring as that of a method; an empty comment keeps Napoleon from doing otherwise."""
    lines[:] = [_ADDRESS.sub(r"`\g<0>`", line) for line in lines]
    if what == "property":
        lines[:] = ["..", "", *GoogleDocstring(lines, app.config, app, "method", name, obj, options).lines()]


def hide_constructor(
    _app: Sphinx,
    what: str,
    _name: str,
    _obj: object,
    _options: object,
    signature: str | None,
    returned: str | None,
) -> tuple[str | None, str | None]:
    """Leave out how a class is made: users are given its objects."""
    return ("", None) if what in {"class", "exception"} else (signature, returned)


def setup(app: Sphinx) -> dict[str, bool]:
    """Add the steps."""
    app.connect("autodoc-process-signature", hide_constructor)
    app.connect("autodoc-process-docstring", read, priority=_BEFORE_NAPOLEON)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
