"""An answer → the value of the cell, and what is said of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from apigw_magic import text
from apigw_magic.magics.display import describe_value
from apigw_magic.magics.longtext import LongText
from apigw_magic.magics.pictures import MOST_BYTES, make_picture
from apigw_magic.magics.tree import make_tree

if TYPE_CHECKING:
    from apigw_magic.connection import Response
    from apigw_magic.magics.asking import Reading

_LONGEST_TYPE = 80


@dataclass(frozen=True, slots=True)
class Answer:
    """What a cell gives and says.

    Attributes:
        value: of the cell.
        shape: what the value is, in a few words; empty for nothing.
        notes: what is to be said of it, a line each.
        picture: what is shown beside it; None for nothing.
    """

    value: object
    shape: str = ""
    notes: tuple[str, ...] = ()
    picture: object = None


def read_answer(response: Response, reading: Reading) -> Answer:
    """Read an answer as it was asked for.

    Raises:
        FrameError: it is no JSON where JSON was asked for, a broken table, or where its rows are cannot be told.
    """
    told = response.explanation
    if told is not None:  # a refusal that was wanted; it has no value but itself
        value = response if reading.form == "raw" else None
        return Answer(value, notes=tuple(filter(None, (told.summary, told.cause, told.remedy))))
    if reading.form == "raw":
        return Answer(response)
    if not response.content:
        return Answer(None, "no content")
    if reading.form == "tree":
        return Answer(make_tree(response.select(reading.query)))
    if response.has_rows or reading.records or reading.query:
        return _read_rows(response, reading)
    return _read_other(response)


def _read_rows(response: Response, reading: Reading) -> Answer:
    found = response.tabulate(reading.records, query=reading.query, dates=reading.dates)
    value, notes = found.value, found.warnings
    if value is None:
        return Answer(None, "null: the query found nothing" if reading.query else "null", notes)
    shown = LongText(value) if isinstance(value, str) else value
    return Answer(shown, describe_value(shown, found.records, found.total, found.more), notes)


def _read_other(response: Response) -> Answer:
    media_type = text.read_media_type(response.headers.get("content-type", ""))
    shape = f"{len(response.content):,} bytes of {media_type[:_LONGEST_TYPE] or 'unknown type'}"
    if text.is_text_type(media_type):
        return Answer(LongText(response.text), shape)
    picture = make_picture(response.content, media_type)
    is_large = picture is None and media_type.startswith("image/") and len(response.content) > MOST_BYTES
    notes = ("The picture is too large to be shown; the Response holds it.",) if is_large else ()
    return Answer(response, shape, notes, picture)
