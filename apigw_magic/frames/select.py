"""Document → part of it: JMESPath, checked before anything is sent, and its errors in our words.

Source: the JMESPath specification, https://jmespath.org/specification.html.
"""

from __future__ import annotations

import difflib
import re
import warnings
from typing import TYPE_CHECKING, TypedDict

import jmespath
from jmespath.exceptions import JMESPathTypeError, LexerError, ParseError
from jmespath.functions import REVERSE_TYPES_MAP, TYPES_MAP, Functions

from apigw_magic.errors import CommandError, FrameError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from jmespath.parser import ParsedResult

    from apigw_magic.models import Json

_EXAMPLE = "Write for example --query 'Items[?price > `10`].{id: id, price: price}'"

_MOST_FRAMES = 600
"""What evaluating a query may take of Python's recursion limit, 1,000 by default."""

_FRAMES = {"function_expression": 6}
"""Frames that evaluating a node takes; two for all others."""

_EXCERPT = 40
"""Characters of a query or a value that an error quotes."""

_LONGEST_NAME = 60
"""Longer names of functions are not compared with others: similarity costs the product of the lengths."""

_NOT_IN_NAMES = re.compile(r"[^\x00-\x7f]|[-#/@:;\\]")
"""What people write into bare names, though only letters, digits and `_` may stand there."""

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


class _Signature(TypedDict):
    """What a function takes, as `jmespath` has it: for each argument the types, none for any."""

    signature: list[dict[str, list[str]]]


class _Node(TypedDict):
    """A node of a parsed query, as `jmespath` has it; the children of a slice are its numbers."""

    type: str
    value: str
    children: list[_Node]


_FUNCTIONS: dict[str, _Signature] = Functions.FUNCTION_TABLE


def check_query(query: str) -> None:
    """Refuse a query that cannot work on any document.

    Besides the syntax, the names of functions, the number of their arguments and where `&` stands are checked, which
    `jmespath` itself would find out only from the answer.

    Args:
        query: a JMESPath expression.

    Raises:
        CommandError: it names the place and says what to write.
    """
    _compile(query)


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
    compiled = _compile(query)
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
            raise FrameError(what, why=f"Python says: {_excerpt(str(error), 2 * _EXCERPT)}.") from None
        return result


_OPTIONS = jmespath.Options(custom_functions=_Checked())


def _check_objects(arguments: list[Json]) -> None:
    """Refuse to merge what is no object."""
    for argument in arguments:
        if not isinstance(argument, dict):
            raise JMESPathTypeError("merge", argument, type(argument).__name__, ["object"])


def _compile(query: str) -> ParsedResult:
    """Return the query parsed and checked."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", PendingDeprecationWarning)  # `open` for 'open': old, and still understood
            compiled = jmespath.compile(query)
    except ParseError as error:
        raise _explain_syntax(error, query) from None
    except RecursionError:
        raise _explain_depth() from None
    except ValueError:
        # An empty query, or an index of more digits than int() reads.
        what = "--query has a number that is too long." if query else "--query is empty."
        raise CommandError(what, fix=_EXAMPLE) from None
    for node, inside in _walk(compiled.parsed):
        _check_node(node, inside, query)
    return compiled


def _walk(root: _Node) -> Iterator[tuple[_Node, _Node | None]]:
    """Yield each node and the one it stands in.

    Raises:
        CommandError: if there are too many levels.
    """
    pending: list[tuple[_Node, _Node | None, int]] = [(root, None, 0)]
    while pending:
        node, inside, frames = pending.pop()
        frames += _FRAMES.get(node["type"], 2)
        if frames > _MOST_FRAMES:
            raise _explain_depth()
        yield node, inside
        if node["type"] != "slice":
            pending.extend((child, node, frames) for child in node["children"])


def _check_node(node: _Node, inside: _Node | None, query: str) -> None:
    """Refuse what can be parsed but not evaluated."""
    if node["type"] == "function_expression":
        _check_call(node["value"], node["children"], query)
    elif node["type"] == "slice" and 0 in node["children"][2:]:  # type: ignore[comparison-overlap] # numbers here
        raise CommandError("--query: the step of a slice cannot be 0.", fix="Write [::2] for every second element.")
    elif node["type"] == "expref" and (inside is None or inside["type"] != "function_expression"):
        fix = "Write for example --query 'sort_by(Items, &price)'"
        raise CommandError("--query: & stands only before an argument of a function.", fix=fix)


def _check_call(name: str, arguments: list[_Node], query: str) -> None:
    """Refuse a function that does not exist, or arguments that it never takes."""
    known = _FUNCTIONS.get(name)
    if known is None:
        near = difflib.get_close_matches(name[:_LONGEST_NAME], _FUNCTIONS, n=1)
        fix = f"Did you mean {near[0]}()?" if near else f"There are {', '.join(sorted(_FUNCTIONS))}."
        raise CommandError(f"--query: there is no function {_excerpt(name)}(){_find_call(name, query)}.", fix=fix)
    signature = known["signature"]
    many = bool(signature) and "variadic" in signature[-1]
    if len(arguments) < len(signature) or (len(arguments) > len(signature) and not many):
        count = f"{'at least ' if many else ''}{len(signature)} argument{'s' if len(signature) > 1 else ''}"
        what = f"--query: {name}() takes {count}, not {len(arguments)}{_find_call(name, query)}."
        raise CommandError(what, fix=f"Write {name}({_write_arguments(signature)})")
    for number, argument in enumerate(arguments):
        wanted = "expref" in signature[min(number, len(signature) - 1)]["types"]
        if wanted != (argument["type"] == "expref"):
            what = f"--query: argument {number + 1} of {name}() is {'' if wanted else 'not '}an expression after &"
            raise CommandError(f"{what}{_find_call(name, query)}.", fix=f"Write {name}({_write_arguments(signature)})")


def _write_arguments(signature: list[dict[str, list[str]]]) -> str:
    """Return what an example of a call has in its brackets."""
    return ", ".join("&price" if "expref" in argument["types"] else "Items" for argument in signature)


def _find_call(name: str, query: str) -> str:
    """Return where in the query a function is called, as a message says it."""
    call = re.search(rf"(?<![A-Za-z0-9_]){re.escape(name)}\s*\(", query)
    return f" (character {call.start() + 1:,})" if call else ""


def _explain_syntax(error: ParseError, query: str) -> CommandError:
    """Say where a query cannot be read on, and what may have been meant."""
    place = error.lex_position
    rest = query[place:]
    if not rest.strip():
        before = f" after {_excerpt(query.strip()[-_EXCERPT:])}" if query.strip() else ""
        return CommandError(f"--query ends too early: something is missing{before}.", fix=_EXAMPLE)
    what = f"--query is no JMESPath from character {place + 1:,} on: {_excerpt(rest)}"
    return CommandError(what, why=_hint(error, rest, query[:place]), fix=_EXAMPLE)


def _hint(error: ParseError, rest: str, before: str) -> str:  # noqa: PLR0911 - one return for each usual mistake
    """Return what is usually wrong where a query cannot be read on; nothing if that is not known."""
    if isinstance(error, LexerError) and error.message.startswith("Unclosed"):
        return f"The {rest[0]} that opens there is not closed."
    if rest[0] == "=":
        return "Equal is == in JMESPath."
    if rest[0] == "$":
        return "JMESPath has no $: a path starts with its first name, and the document itself is @."
    if rest[0] in "0123456789":
        element = "An element of a list is chosen by its number in brackets: [0]."
        return element if before.endswith((".", "(")) else "A number stands in backquotes: `10`."
    if isinstance(error, LexerError) and _NOT_IN_NAMES.match(rest):
        return 'A name of more than letters, digits and _ stands in double quotes: "order-id".'
    if rest[0] == "'":
        return "Single quotes are for texts; a name stands bare or in double quotes."
    if error.msg.startswith("Expecting: colon"):
        return "In braces each value has a name: {price: price}."
    if error.msg.startswith("Quoted identifier"):
        return "The name of a function stands without quotes."
    return ""


def _explain_depth() -> CommandError:
    """Say that a query has too many levels."""
    return CommandError("--query has more levels than can be evaluated.", fix=_EXAMPLE)


def _explain_type(error: JMESPathTypeError) -> FrameError:
    """Say what a function was given, and what it takes."""
    # Of the elements of a list jmespath gives the Python type.
    given = TYPES_MAP.get(error.actual_type, error.actual_type)
    if given not in REVERSE_TYPES_MAP:  # it compares the results of sort_by() and its like with the first of them
        given = TYPES_MAP.get(type(error.current_value).__name__, given)
    value = f': "{_excerpt(error.current_value)}"' if isinstance(error.current_value, str) else ""
    takes = " or ".join(_WORDS.get(kind, kind) for kind in error.expected_types)
    nothing = " Null is also what a path gives that leads nowhere in this answer." if given == "null" else ""
    return FrameError(
        f"--query: {error.function_name}() was given {_WORDS.get(given, given)}{value}.",
        why=f"It takes {takes}.{nothing}",
    )


def _excerpt(text: str, width: int = _EXCERPT) -> str:
    """Return the beginning of a text on one line, printable in any encoding."""
    start = ascii(text[:width])[1:-1]
    return f"{start}…" if len(text) > width else start
