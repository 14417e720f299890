"""Document → part of it: what a JMESPath query selects, and what it says of an answer that it does not fit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import jmespath
from jmespath.exceptions import JMESPathTypeError
from jmespath.functions import REVERSE_TYPES_MAP, TYPES_MAP, Functions

from apigw_magic.errors import FrameError
from apigw_magic.frames.excerpts import WIDTH, excerpt
from apigw_magic.frames.query import compile_query

if TYPE_CHECKING:
    from collections.abc import Iterable

    from apigw_magic.models import Json

_WORDS = {
    "array": "a list",
    "array-number": "a list of numbers",
    "array-string": "a list of texts",
    "boolean": "a boolean",
    "expref": "an expression after &",
    "null": "null",
    "number": "a number",
    "object": "an object",
    "string": "a text",
}
"""The types of JMESPath as messages call them."""


def select(document: Json, query: str) -> Json:
    """Return what a JMESPath query selects from a document.

    Values are those of the document, integers of any size too; what is selected is not copied. A path that leads
    nowhere selects null.

    Args:
        document: as parsed; it is not changed.
        query: a JMESPath expression.

    Returns:
        A document.

    Raises:
        CommandError: as `check_query`.
        FrameError: if a function of the query cannot take what the answer holds; it says which and why.
    """
    compiled = compile_query(query)
    try:
        selected: Json = compiled.search(document, _OPTIONS)
    except TypeError:
        # Functions have errors of their own; the specification leaves open how a text compares with a number.
        fix = "Ask for the type first: [?type(price) == 'number' && price > `10`]"
        raise FrameError("--query compares a text with a number, by < or > or the like.", fix=fix) from None
    except RecursionError:
        fix = "Take the whole with --json or --raw."
        raise FrameError("--query cannot be applied: the answer is nested too deep.", fix=fix) from None
    return selected


class _Checked(Functions):
    """The functions of JMESPath, whose errors are ours."""

    def call_function(self, function_name: str, resolved_args: Iterable[Json]) -> Json:
        """Call a function, or say which it was and why it failed."""
        arguments = list(resolved_args)
        try:
            if function_name == "merge":  # of several arguments jmespath looks at the first only
                _check_objects(arguments)
            result: Json = super().call_function(function_name, arguments)
        except JMESPathTypeError as error:
            raise _explain_type(error) from None
        except (TypeError, ValueError, ArithmeticError) as error:
            # Such as contains('abc', `1`), ceil() of an infinity, or an average beyond the largest float.
            what = f"--query: {function_name}() fails on this answer."
            raise FrameError(what, why=f"Python says: {excerpt(str(error), 2 * WIDTH)}.") from None
        return result


_OPTIONS = jmespath.Options(custom_functions=_Checked())


def _check_objects(arguments: list[Json]) -> None:
    """Refuse to merge what is no object."""
    for argument in arguments:
        if not isinstance(argument, dict):
            raise JMESPathTypeError("merge", argument, type(argument).__name__, ["object"])


def _explain_type(error: JMESPathTypeError) -> FrameError:
    """Say what a function was given, and what it takes."""
    # Of the elements of a list jmespath gives the Python type.
    given = TYPES_MAP.get(error.actual_type, error.actual_type)
    if given not in REVERSE_TYPES_MAP:  # it compares the results of sort_by() and its like with the first of them
        given = TYPES_MAP.get(type(error.current_value).__name__, given)
    value = f': "{excerpt(error.current_value)}"' if isinstance(error.current_value, str) else ""
    takes = " or ".join(_WORDS.get(kind, kind) for kind in error.expected_types)
    nothing = " Null is also what a path gives that leads nowhere in this answer." if given == "null" else ""
    return FrameError(
        f"--query: {error.function_name}() was given {_WORDS.get(given, given)}{value}.",
        why=f"It takes {takes}.{nothing}",
    )
