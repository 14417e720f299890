"""Requests that try to be signed in one spelling and sent in another, made by Hypothesis, the same in every run."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from apigw_magic.errors import InvalidRequestError, RequestSyntaxError

if TYPE_CHECKING:
    from collections.abc import Callable

    from apigw_magic.connection import Connection, Response

REFUSALS = (InvalidRequestError, RequestSyntaxError)
"""What a request that cannot be signed and sent as written, or not even be written, ends in."""

_SEED = 20150830


@dataclass(frozen=True)
class Asked:
    """What a user asks of a connection.

    Attributes:
        method: as written.
        path: as written, with its first slash.
        query: as written, without the question mark.
        options: the keywords of `Connection.request`.
    """

    method: str
    path: str
    query: str
    options: dict[str, Any] = field(default_factory=dict)

    def send(self, connection: Connection) -> Response:
        """Send it."""
        target = f"{self.path}?{self.query}" if self.query else self.path
        return connection.request(self.method, target, **self.options)


def on_each(count: int) -> Callable[[Callable[[Asked], None]], Callable[[], None]]:
    """Call a function with the same `count` requests in every run; a request that fails it is made smaller."""

    def run(test: Callable[[Asked], None]) -> Callable[[], None]:
        chosen = settings(
            max_examples=count,
            database=None,  # what failed elsewhere does not count here
            deadline=None,  # a socket may take its time
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=[HealthCheck.too_slow],  # on a busy machine
        )
        return seed(_SEED)(chosen(given(asked())(test)))

    return run


# What can be sent, if it is spelt right.
_GOOD = (
    *("a", "Z", "0", "-", "_", "~", "é", "日", "😀", "e\u0301", "İ", "\u200b", "\u2028", "\x85", "\xa0"),
    *(".", "..", "...", "%2e", "%2E%2e", ".%2E", "%252e"),
    *(
        "+",
        " ",
        ";",
        ":",
        "@",
        "!",
        "$",
        "&",
        "'",
        "(",
        ")",
        "*",
        ",",
        "=",
        "[",
        "]",
        "{",
        "}",
        "|",
        "^",
        "`",
        '"',
        "<",
    ),
    *("%20", "%2F", "%2f", "%2B", "%25", "%3B", "%3b", "%3D", "%26", "%40", "%7E", "%41", "%C3%A9", "%c3%a9"),
    *("%ff", "%00", "%0A", "%0d%0a", "%5C", "%23", "%80", "%ed%a0%80"),
    *("$default", "@connections", "https:", "null", "undefined", "2024-01-02T03:04:05+09:00"),
)
# What can not.
_BAD = (
    "//",
    "\\",
    "#",
    "%",
    "%2",
    "%zz",
    "%%",
    "\t",
    "\n",
    "\r\nHost: evil.example",
    "\x00",
    "\x7f",
    "\ud800",
    "\udfff",
)


@cache
def _words(*pieces: str, least: int = 0) -> st.SearchStrategy[str]:
    """Join pieces. Drawn as one text with a character for each: far quicker than a list of choices."""
    piece_of = {chr(0x100 + index): piece for index, piece in enumerate(pieces)}
    return st.text("".join(piece_of), min_size=least, max_size=5).map(
        lambda drawn: "".join(piece_of[character] for character in drawn)
    )


_good, _good_or_bad = _words(*_GOOD), st.one_of(_words(*_GOOD, *_BAD, *_BAD), st.text(st.characters(), max_size=5))
_plain = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)

_METHODS = ["GET", "GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "get", "Post", "M-SEARCH"]
_NO_METHODS = ["", " ", "GET /x", "GET\r\nX: y", "GÉT", "\x00"]

_SIGNED_NAMES = ["Content-Type", "X-Api-Key", "x-apigw-api-id", "X-Amz-Meta", "x-amz-target", "X-AMZ-META-B"]
_FREE_NAMES = ["Accept", "User-Agent", "x-note", "X-Forwarded-For", "Cookie", "If-None-Match", "!#$%&'*+.^_`|~-9aZ"]
_NO_NAMES = [
    *("", "X Note", "X-Note:", "X-Nöte", "X\r\nX", "Host", "hOST", "Authorization", "Content-Length", "X-Amz-Date"),
    *("Transfer-Encoding", "X-Amz-Security-Token", "x-amz-content-sha256", "Connection", "Date", "\ud800"),
]
_NO_VALUES = [
    "a\r\nX: y",
    "a\nb",
    "\x00",
    "a\x1fb",
    "\x7f",
    "\x80",
    "日本",
    "\u2028",
    "\ud800",
    "a\r\n\r\nGET / HTTP/1.1",
]
_ascii = _words(*map(chr, range(32, 127)), *["  ", "   ", " ", "\t", " \t "] * 3)
_latin = _words(*map(chr, range(160, 256)), "a", "  ", "\t")

_JSON = [{}, {"é": None}, [1.5, "日", True], "x", 0, {"a": {"b": [{}]}}]
_NO_CONTENT = ["\ud800", "a\udfff"]


_TRAPPED = st.sampled_from(
    ["", "", "", "", "", "", "method", "path", "path", "query", "query", "params", "headers", "headers", "content"]
)
_METHOD, _BAD_METHOD = st.sampled_from(_METHODS), st.sampled_from(_NO_METHODS)
_BAD_CONTENT = st.sampled_from(_NO_CONTENT)


@st.composite
def asked(draw: st.DrawFn) -> Asked:
    """Make a request with at most one part that holds what cannot be sent, and most with none."""
    trap = draw(_TRAPPED)
    method = draw(_BAD_METHOD if trap == "method" else _METHOD)
    options: dict[str, Any] = {"params": draw(_params(trap == "params")), "headers": draw(_headers(trap == "headers"))}
    if trap == "content":
        options["content"] = draw(_BAD_CONTENT)
    elif method.upper() not in {"GET", "HEAD"}:
        options |= draw(_contents)
    return Asked(method, draw(_paths(trap == "path")), draw(_queries(trap == "query")), options)


@cache
def _paths(is_trap: bool) -> st.SearchStrategy[str]:  # noqa: FBT001 - which of two strategies
    if is_trap:
        return _good_or_bad.map(lambda rest: f"/{rest}")
    segment = _words(*_GOOD, least=1)
    return st.builds("/{}{}{}".format, segment, segment.map(lambda more: f"/{more}"), st.sampled_from(["", "", "/"]))


@cache
def _queries(is_trap: bool) -> st.SearchStrategy[str]:  # noqa: FBT001 - as above
    return st.builds("{}{}".format, _good_or_bad if is_trap else st.just(""), _words(*_GOOD, *"?/&&&===ab"))


@cache
def _params(is_trap: bool) -> st.SearchStrategy[Any]:  # noqa: FBT001 - as above
    word = _good_or_bad if is_trap else st.one_of(_good, _plain)
    value = st.one_of(word, word, st.lists(word, max_size=3), st.sampled_from([None, True, -1, 1.5, ""]))
    return st.one_of(st.dictionaries(word, value, max_size=2), st.lists(st.tuples(word, value), max_size=2))


@cache
def _headers(is_trap: bool) -> st.SearchStrategy[dict[str, str]]:  # noqa: FBT001 - as above
    signed = st.dictionaries(st.sampled_from(_SIGNED_NAMES), _ascii, max_size=2)
    free = st.dictionaries(st.sampled_from(_FREE_NAMES), st.one_of(_ascii, _latin), max_size=1)
    both = st.builds(lambda one, other: one | other, signed, free)
    if not is_trap:
        return both
    value = st.one_of(st.sampled_from(_NO_VALUES), _latin)
    names = st.sampled_from(_NO_NAMES + _SIGNED_NAMES)
    return st.builds(lambda given, name, worse: given | {name: worse}, both, names, value)


_contents: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.just({}),
    st.binary(max_size=40).map(lambda content: {"content": content}),
    _plain.map(lambda content: {"content": content}),
    st.sampled_from(_JSON).map(lambda document: {"json": document}),
)
