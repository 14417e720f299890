"""Expressions evaluated where the user's names are."""

from __future__ import annotations

import builtins
from itertools import chain
from typing import TYPE_CHECKING

from apigw_magic.errors import RequestSyntaxError
from apigw_magic.text.faults import nearest, show, show_expression

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from apigw_magic.text.template import Evaluate


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
    names = namespace if local is None or local is namespace else {**namespace, **local}

    def evaluate(source: str) -> object:
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
        known = (name for name in chain(names, vars(builtins)) if not name.startswith("_"))
        near = nearest(error.name, known)
        fix = f"Did you mean {near}?" if near else f"Assign {show(error.name)} first, in a cell that has been run."
    return RequestSyntaxError(
        f"{show_expression(source)} failed: {type(error).__name__}: {_read_message(error)}",
        why="Nothing was sent.",
        fix=fix,
    )


def _read_message(error: Exception) -> str:
    """Return the first line of an exception's text; the exception is the user's, and its text may itself fail."""
    try:
        return show(str(error).partition("\n")[0])
    except Exception as broken:  # noqa: BLE001 - see above: nothing may hide the error that is being shown
        return f"(its message raised {type(broken).__name__})"
