"""A whole answer, as received, and what it means as JSON or as a DataFrame."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from pandas import DataFrame

from apigw_magic import frames, text
from apigw_magic.denials import to_line
from apigw_magic.errors import FrameError

if TYPE_CHECKING:
    from apigw_magic.models import Explanation, Headers, Json, Reply, Request, Url

_REQUEST_ID_FIELDS = ("x-amzn-requestid", "apigw-requestid", "x-amz-apigw-id", "x-amzn-request-id", "x-amz-request-id")

_SAYS_NOTHING = frozenset({"", "text/plain", "application/octet-stream"})
"""Media types that servers send without having looked at the content."""

_NEXT_LINK = re.compile(r""";\s*rel\s*=\s*"?next["\s,;]|;\s*rel\s*=\s*next$""", re.IGNORECASE)
"""Says in a Link field that another page follows (RFC 8288 §3)."""

_CHARSET = re.compile(r""";\s*charset\s*=\s*["']?([^\s;"']+)""", re.IGNORECASE)


class Response:
    """The answer to one request.

    Attributes:
        request: what was asked.
        url: where it was sent, frozen.
        connection: the name of the connection it was sent over.
        explanation: why it says no; None if it does not.
        tries: how often it was sent; 1 for once.
        skew: how far the server's clock was ahead of this machine's, where it refused the signature for that.
    """

    def __init__(  # noqa: PLR0913 - what is known of an answer
        self,
        request: Request,
        url: Url,
        connection: str,
        reply: Reply,
        explanation: Explanation | None = None,
        *,
        tries: int = 1,
        skew: timedelta = timedelta(),
    ) -> None:
        self.request = request
        self.url = url
        self.connection = connection
        self.explanation = explanation
        self.tries = tries
        self.skew = skew
        self._reply = reply
        self._meta: dict[str, Json] | None = None

    def __repr__(self) -> str:
        status = to_line(f"{self.status_code} {self.reason}")
        return f"<Response {status}: {self.request.method} {self.url}, {len(self.content):,} bytes>"

    @property
    def status_code(self) -> int:
        """Three digits (RFC 9110 §15)."""
        return self._reply.status_code

    @property
    def reason(self) -> str:
        """The reason phrase; may be empty."""
        return self._reply.reason

    @property
    def headers(self) -> Headers:
        """Header fields, by name in any case."""
        return self._reply.headers

    @property
    def content(self) -> bytes:
        """The content, decompressed."""
        return self._reply.content

    @property
    def elapsed(self) -> float:
        """Seconds from sending to the last byte."""
        return self._reply.elapsed

    @property
    def request_id(self) -> str | None:
        """What the API's owner finds the request by in the logs."""
        return next((self.headers[name] for name in _REQUEST_ID_FIELDS if name in self.headers), None)

    @property
    def text(self) -> str:
        """The content as text, by the charset of its Content-Type, else UTF-8."""
        try:
            return self.content.decode(self._charset or "utf-8", "replace")
        except (LookupError, ValueError):  # a charset that Python does not know, or one that is none
            return self.content.decode("utf-8", "replace")

    @property
    def _charset(self) -> str:
        """What the Content-Type says; empty if nothing."""
        charset = _CHARSET.search(self.headers.get("content-type", ""))
        return charset[1] if charset else ""

    @property
    def has_rows(self) -> bool:
        """Whether the content is something that `frame` reads: JSON, lines of it, CSV or TSV."""
        return bool(text.find_delimiter(self.headers.get("content-type", ""))) or self.is_json

    @property
    def is_json(self) -> bool:
        """Whether the Content-Type says JSON, or lines of it; where it says nothing of use, whether it parses."""
        media_type = text.read_media_type(self.headers.get("content-type", ""))
        if text.is_json_type(media_type) or text.is_ndjson_type(media_type):
            return True
        if media_type not in _SAYS_NOTHING or self.content.lstrip()[:1] not in {b"{", b"["}:
            return False
        try:
            self.json()
        except FrameError:  # such as a log that starts with [INFO]
            return False
        return True

    @cached_property
    def _document(self) -> Json:
        return frames.parse(self.content, lines=self._is_ndjson)

    @property
    def _is_ndjson(self) -> bool:
        """Whether the Content-Type says that it is lines of JSON."""
        return text.is_ndjson_type(text.read_media_type(self.headers.get("content-type", "")))

    def tabulate(self, records: str = "", *, query: str = "", dates: bool = False) -> frames.Tabulated:
        """Return the records with their path, what lies outside them, and warnings; made anew each time.

        Args:
            records: the path of the rows, such as `result.items`, or of rows inside of rows, such as
                `orders[].lines[]`, which then have the ids of the outer ones; found by structure if empty.
            query: a JMESPath expression that is applied to the document first; empty for none.
            dates: whether columns of full RFC 3339 date-times become `datetime64[us, UTC]`.

        Raises:
            CommandError: the query is none.
            FrameError: the content is neither JSON nor separated values, the query fails on it, or where its rows are
                cannot be told.
        """
        delimiter = text.find_delimiter(self.headers.get("content-type", ""))
        if delimiter:
            found = self._read_separated(delimiter, records or query)
        elif query:
            # What a query gives is no longer what the URL names.
            found = frames.tabulate(self.select(query), records=records)
        else:
            segment = self.url.path.rstrip("/").rpartition("/")[2]
            found = frames.tabulate_content(self.content, records=records, segment=segment, lines=self._is_ndjson)
        if not found.more and not query and _NEXT_LINK.search(self.headers.get("link", "")):
            found = replace(found, more="the Link header")
        if dates and isinstance(found.value, DataFrame):
            found = replace(found, value=frames.parse_dates(found.value)[0])
        self._meta = found.meta
        if isinstance(found.value, DataFrame):
            found.value.attrs["apigw"] = {
                "status": self.status_code,
                "request_id": self.request_id,
                "ms": round(self.elapsed * 1000),
                "records": found.records,
            }
        return found

    def _read_separated(self, delimiter: str, path: str) -> frames.Tabulated:
        """Return separated values as they are; they have no paths.

        Raises:
            FrameError: a path is asked for, or as `frames.read_separated`.
        """
        if path:
            raise FrameError(
                "The answer is a table already; --records and --query are for JSON.", fix="Leave them out."
            )
        return frames.Tabulated(frames.read_separated(self.content, charset=self._charset, delimiter=delimiter), "$")

    def select(self, query: str) -> Json:
        """Return what a JMESPath expression finds in the parsed JSON; all of it for an empty one.

        Raises:
            CommandError: it is no such expression.
            FrameError: the content is not JSON, or the expression fails on it.
        """
        return frames.select(self._document, query) if query else self._document

    def json(self) -> Json:
        """Return the parsed JSON.

        Raises:
            FrameError: the content is not JSON.
        """
        return self._document

    def frame(self, records: str = "", *, query: str = "", dates: bool = False) -> DataFrame | frames.Scalar:
        """Return the records as a DataFrame of shape (records, columns), or the value of a scalar or null document.

        Args:
            records: as in `tabulate`, like the others.
            query: applied first.
            dates: whether date-times become such.

        Raises:
            CommandError: as `tabulate`.
            FrameError: as `tabulate`.
        """
        return self.tabulate(records, query=query, dates=dates).value

    @property
    def meta(self) -> dict[str, Json]:
        """What the document says beside its records: those that were asked for last, else those that are found.

        Raises:
            FrameError: as `frame`.
        """
        return self.tabulate().meta if self._meta is None else self._meta
