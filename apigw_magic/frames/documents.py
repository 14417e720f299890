"""Whatever a notebook holds of an answer → frame: a document, its text or its bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apigw_magic.errors import FrameError
from apigw_magic.frames.content import tabulate_content
from apigw_magic.frames.tabulate import tabulate

if TYPE_CHECKING:
    from apigw_magic.frames.tabulate import Value
    from apigw_magic.models import Json

_FIX = "Pass a list or a dict as `json.loads` gives it, or the text or bytes of one."


def to_frame(document: Json | bytes, *, records: str = "") -> Value:
    """Return a JSON document as a DataFrame, one row per record; a scalar or null as it is.

    Args:
        document: as parsed, or its text or bytes: text that starts with `{` or `[`, and any bytes, are parsed first
            (lines of JSON objects too).
        records: the path of the rows, such as `Items` or `data.users`; `$` for the document itself; empty to search.

    Returns:
        What `tabulate` gives as the value.

    Raises:
        FrameError: as `tabulate` and `parse`, or if the document is none that JSON has.
    """
    if isinstance(document, str) and document.lstrip("\ufeff \t\r\n").startswith(("{", "[")):
        document = document.encode("utf-8", "surrogatepass")
    if isinstance(document, bytes | bytearray | memoryview):
        return tabulate_content(bytes(document), records=records).value
    if not isinstance(document, dict | list | str | int | float | None):
        raise FrameError(f"A value of type {type(document).__name__} is no JSON document.", fix=_FIX)
    try:
        return tabulate(document, records=records).value
    except (AttributeError, TypeError):
        # Keys are taken for texts everywhere; to look at each of them first would cost more than all the rest.
        key = _find_foreign_key(document)
        if isinstance(key, str):
            raise
        raise FrameError(f"{key!r} is no key of a JSON document: keys are texts.", fix=_FIX) from None


def _find_foreign_key(document: Json) -> object:
    """Return a key that is no text; an empty text if there is none."""
    pending: list[object] = [document]
    while pending:
        place = pending.pop()
        if isinstance(place, dict):
            foreign = [key for key in place if not isinstance(key, str)]
            if foreign:
                return foreign[0]
            pending.extend(place.values())
        elif isinstance(place, list):
            pending.extend(place)
    return ""
