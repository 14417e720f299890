"""Expressions evaluated where the user's names are."""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING

from apigw_magic.errors import RequestSyntaxError
from apigw_magic.text.faults import nearest, show, show_exception, show_expression

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from apigw_magic.text.template import Evaluate

_NEAR_BUILTIN = 0.8
"""How alike a name must be to one of Python's to be taken for it: `pritn` is `print`, `nope` is not `open`."""


def evaluate_in(namespace: dict[str, object], local: Mapping[str, object] | None = None) -> Evaluate:
    """Return what evaluates an expression in the user's namespace, as an f-string would.

    Args:
        namespace: the user's globals.
        local: the names of the function the magic is called in; they win over the globals. They are joined with them,
            as `eval` hides locals from comprehensions and lambdas.

    Returns:
        A function that raises `RequestSyntaxError`, naming the expression, whatever exception the expression raises.
        `KeyboardInterrupt` and `SystemExit` pass.
    """
    joined: dict[str, object] = {}

    def evaluate(source: str) -> object:
        names = namespace
        if local is not None and local is not namespace:
            names = joined
            names.update(namespace)  # each time, as an expression may change what the next one reads
            names.update(local)
        try:
            value: object = eval(source, names)  # noqa: S307 - to run the user's own expression in their kernel is the task
        except Exception as error:
            raise _describe(error, source, names) from error
        return value

    return evaluate


def _describe(error: Exception, source: str, names: Iterable[str]) -> RequestSyntaxError:
    """Return the error that names the expression and what it raised."""
    fix = ""
    if isinstance(error, NameError) and error.name:
        near = _find_near(error.name, names)
        fix = f"Did you mean {near}?" if near else f"Assign {show(error.name)} first, in a cell that has been run."
    return RequestSyntaxError(
        f"{show_expression(source)} failed: {show_exception(error)}", why="Nothing was sent.", fix=fix
    )


def _find_near(name: str, names: Iterable[str]) -> str:
    """Return the name that was meant: one of the user's own, or one of Python's if it is very near."""
    python = [known for known in vars(builtins) if not known.startswith("_")]
    own = (known for known in names if not (known.startswith("_") or known in python))
    return nearest(name, own) or nearest(name, python, cutoff=_NEAR_BUILTIN)
