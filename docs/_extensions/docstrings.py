"""Lets the docstring of a property be one like any other.

Napoleon takes the first line of a property's docstring for `type: description`, and reads no sections in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sphinx.ext.napoleon import GoogleDocstring

if TYPE_CHECKING:
    from sphinx.application import Sphinx

_BEFORE_NAPOLEON = 400


def read_property(app: Sphinx, what: str, name: str, obj: object, options: object, lines: list[str]) -> None:  # noqa: PLR0913, PLR0917 - autodoc's event hands these over
    """Read a property's docstring as that of a method; an empty comment keeps Napoleon from doing otherwise."""
    if what == "property":
        read = GoogleDocstring(lines, app.config, app, "method", name, obj, options)
        lines[:] = ["..", "", *read.lines()]


def setup(app: Sphinx) -> dict[str, bool]:
    """Add the step."""
    app.connect("autodoc-process-docstring", read_property, priority=_BEFORE_NAPOLEON)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
