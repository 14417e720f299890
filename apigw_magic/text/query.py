"""The query, each name and value percent-encoded (RFC 3986 §2.1, §3.4), whether a cell or a call gives them.

A missing value drops its pair, a list repeats it. A dict standing alone in the query of a cell becomes pairs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from apigw_magic.errors import RequestSyntaxError
from apigw_magic.text.faults import Argument, show, show_expression, show_type
from apigw_magic.text.template import Inserted
from apigw_magic.text.values import to_plain, write_scalar

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from apigw_magic.text.template import Part
    from apigw_magic.text.values import Plain

_FIX_IN_CELL = "A dict of them becomes pairs where it stands alone: ?{{ params }}"
_FIX_IN_CALL = "Give each value a parameter of its own."


def encode_query(parts: Iterable[Part]) -> str:
    """Return the query from its evaluated parts.

    Raises:
        RequestSyntaxError: a value that has no form in a query.
    """
    return "&".join(pair for parts_of_pair in _split_pairs(parts) for pair in _encode_pair(parts_of_pair))


def add_params(target: str, params: Mapping[str, object] | Iterable[tuple[str, object]]) -> str:
    """Add query parameters to a target, encoded as values in the query of a cell are.

    Args:
        target: a path or a URL, with a query of its own or none.
        params: names and values. A missing value (None, NaN, NaT, `pandas.NA`) drops its pair, a list or an array
            repeats it; booleans are `true` and `false`, dates and times ISO 8601.

    Raises:
        RequestSyntaxError: a value that has no form in a query, such as a dict; names the parameter.
    """
    pairs = params.items() if hasattr(params, "items") else params
    written = [pair for name, value in pairs for pair in _encode_param(name, value)]
    if not written:
        return target
    return f"{target}{'&' if '?' in target else '?'}{'&'.join(written)}"


def percent_encode(text: str) -> str:
    """Encode all but the unreserved characters (RFC 3986 §2.3)."""
    return quote(text, safe="")


def _encode_param(name: object, value: object) -> list[str]:
    plain = to_plain(name, Argument(repr(name)))
    if plain is None or isinstance(plain, list | dict):
        raise RequestSyntaxError(f"params has a name that is no text: {show(repr(name))}", fix="Name each parameter.")
    encoded = percent_encode(write_scalar(plain))
    part = Inserted(Argument(f"params[{name!r}]"), value)
    return [f"{encoded}={text}" for text in _encode_items(to_plain(value, part.source), part, fix=_FIX_IN_CALL)]


def _split_pairs(parts: Iterable[Part]) -> list[list[Part]]:
    """Cut a query at the `&` that were written, not at those in values."""
    pairs: list[list[Part]] = [[]]
    for part in parts:
        if isinstance(part, str):
            first, *more = part.split("&")
            pairs[-1].append(first)
            pairs.extend([text] for text in more)
        else:
            pairs[-1].append(part)
    return [[part for part in pair if part != ""] for pair in pairs]


def _encode_pair(parts: list[Part]) -> list[str]:
    """Return what one pair becomes: itself, nothing, or several pairs."""
    written = [""]
    for part in parts:
        if isinstance(part, str):
            written = [text + part for text in written]
            continue
        plain = to_plain(part.value, part.source)
        if isinstance(plain, dict) and len(parts) == 1:
            return _encode_dict(plain, part)
        if isinstance(plain, list) and sum(_is_list(other) for other in parts) > 1:
            raise RequestSyntaxError(
                f"{show_expression(part.source)} is one of two lists in the same pair.", fix=_FIX_IN_CELL
            )
        texts = _encode_items(plain, part, fix=_FIX_IN_CELL)
        written = [before + text for before in written for text in texts]
    return written


def _is_list(part: Part) -> bool:
    return isinstance(part, Inserted) and isinstance(to_plain(part.value, part.source), list)


def _encode_dict(pairs: dict[str, Plain], part: Inserted) -> list[str]:
    return [
        f"{percent_encode(name)}={text}"
        for name, value in pairs.items()
        for text in _encode_items(value, part, fix=_FIX_IN_CELL)
    ]


def _encode_items(plain: Plain, part: Inserted, *, fix: str) -> list[str]:
    """Return the encoded texts of a value: none if it is missing, one for each item of a list."""
    items = plain if isinstance(plain, list) else [plain]
    if any(isinstance(item, list | dict) for item in items):
        raise RequestSyntaxError(
            f"{show_expression(part.source)} is {show_type(part.value)}, and a query takes single values or lists of "
            "them.",
            fix=fix,
        )
    return [percent_encode(write_scalar(item)) for item in items if not (item is None or isinstance(item, list | dict))]
