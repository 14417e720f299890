"""Query → compiled: JMESPath, checked before anything is sent, and its errors in our words.

Source: the JMESPath specification, https://jmespath.org/specification.html.
"""

from __future__ import annotations

import difflib
import re
import warnings
from typing import TYPE_CHECKING, TypedDict

import jmespath
from jmespath.exceptions import LexerError, ParseError
from jmespath.functions import Functions

from apigw_magic.errors import CommandError
from apigw_magic.frames.excerpts import WIDTH, excerpt

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jmespath.parser import ParsedResult

_EXAMPLE = "Write for example --query 'Items[?price > `10`].{id: id, price: price}'"

_MOST_FRAMES = 600
"""What evaluating a query may take of Python's recursion limit, 1,000 by default."""

_FRAMES = {"function_expression": 6}
"""Frames that evaluating a node takes; two for all others."""

_LONGEST_NAME = 60
"""Longer names of functions are not compared with others: similarity costs the product of the lengths."""

_NOT_IN_NAMES = re.compile(r"[^\x00-\x7f]|[-#/@:;\\]")
"""What people write into bare names, though only letters, digits and `_` may stand there."""


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

    Args:
        query: a JMESPath expression.

    Raises:
        CommandError: as `compile_query`.
    """
    compile_query(query)


def compile_query(query: str) -> ParsedResult:
    """Return a query parsed, and surely one that works on some document.

    Besides the syntax, the names of functions, the number of their arguments and where `&` stands are checked, which
    `jmespath` itself would find out only from the answer.

    Args:
        query: a JMESPath expression.

    Raises:
        CommandError: it names the place and says what to write.
    """
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
        raise CommandError(f"--query: there is no function {excerpt(name)}(){_find_call(name, query)}.", fix=fix)
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
        before = f" after {excerpt(query.strip()[-WIDTH:])}" if query.strip() else ""
        return CommandError(f"--query ends too early: something is missing{before}.", fix=_EXAMPLE)
    what = f"--query is no JMESPath from character {place + 1:,} on: {excerpt(rest)}"
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
