"""The content of an answer: received to its end, decoded, never more of it than the memory is to hold.

urllib3 before 2.6 decodes what it received in one piece: 400 kB of gzip may be 400 MB.
"""

from __future__ import annotations

import io
import re
import zlib
from collections import deque
from functools import partial
from http.client import HTTPException, IncompleteRead
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from io import BufferedReader

    from apigw_magic.http.answer import Answer

_PIECE_RECEIVED = 2**16
_PIECE_DECODED = 2**18
_LONGEST_LINE = 2**16
_GZIP = 16 + zlib.MAX_WBITS
_ZLIB_HEADER = 2
_MOST_CODINGS = 3  # each a multiple of the work
_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,16})[ \t]*(?:;[^\n]*)?\r\n")
_LENGTH = re.compile(r"[0-9]{1,18}")


class TooLargeError(Exception):
    """Content that is larger than was allowed."""


class DecodingError(Exception):
    """Content that is not what its Content-Encoding says."""


class CutShortError(DecodingError):
    """Coded content that ends before its end."""


class FramingError(HTTPException):
    """An answer of which nobody can tell where it ends."""


def read_content(answer: Answer, max_bytes: int) -> bytes:
    """Receive and decode the content of an answer.

    Content in a coding that is not known is returned as it is: only gzip is asked for, and what stands there instead
    is, as a rule, a mistake such as `Content-Encoding: utf-8`.

    Args:
        answer: its head read.
        max_bytes: how much may be received, and how much may come of it.

    Raises:
        TooLargeError: it is more.
        DecodingError: it is not what its Content-Encoding says.
        http.client.HTTPException: it broke off, or nobody can tell where it ends.
        OSError: the connection failed, or it took too long.
    """
    codings = _read_codings(answer)
    if answer.length and answer.length > max_bytes:
        raise TooLargeError
    pieces = _receive(answer, max_bytes)
    if len(codings) > _MOST_CODINGS:
        raise DecodingError
    if all(coding in _DECODERS for coding in codings):
        for coding in reversed(codings):
            pieces = _DECODERS[coding](pieces)
    content = io.BytesIO()  # gives what it holds without a copy
    try:
        for piece in pieces:
            if content.tell() + len(piece) > max_bytes:
                raise TooLargeError
            content.write(piece)
    except zlib.error:
        pass
    else:
        return content.getvalue()
    raise DecodingError


def _read_codings(answer: Answer) -> list[str]:
    """Return the content codings in the order they were applied (RFC 9110 §8.4)."""
    named = ",".join(answer.headers.get_all("content-encoding", []))
    return [coding for word in named.split(",") if (coding := word.strip().lower()) not in {"", "identity"}]


def _receive(answer: Answer, max_bytes: int) -> Iterator[bytes]:
    """Yield the content as it comes, still coded."""
    size = 0
    for piece in _unframe(answer):
        size += len(piece)
        if size > max_bytes:
            raise TooLargeError
        yield piece


def _unframe(answer: Answer) -> Iterator[bytes]:
    """Return the pieces of the content, by what says where it ends (RFC 9112 §6.3)."""
    headers = answer.headers
    lengths = {word.strip() for field in headers.get_all("content-length", []) for word in field.split(",")}
    transfer = [field.strip().lower() for field in headers.get_all("transfer-encoding", [])]
    # `http.client` takes the first length, and what it does not understand for content that ends with the connection.
    if len(lengths) > 1 or transfer not in ([], ["chunked"]) or _has_broken_lines(answer):
        raise FramingError
    if answer.length == 0:  # to HEAD, 204 and 304 too
        return iter(())
    if answer.chunked:
        return _receive_chunks(answer.stream)
    if not lengths:
        return iter(partial(answer.stream.read1, _PIECE_RECEIVED), b"")
    if not _LENGTH.fullmatch(length := lengths.pop()):
        raise FramingError
    return _receive_exactly(answer.stream, int(length))


def _has_broken_lines(answer: Answer) -> bool:
    """Tell whether a line of the head has no colon: it and all after it is then not among the headers."""
    return not answer.headers.is_multipart() and bool(answer.headers.get_payload())


def _receive_exactly(stream: BufferedReader, size: int) -> Iterator[bytes]:
    left = size
    while left:
        piece = stream.read1(min(left, _PIECE_RECEIVED))
        if not piece:
            raise IncompleteRead(b"", left)
        left -= len(piece)
        yield piece


def _receive_chunks(stream: BufferedReader) -> Iterator[bytes]:
    """Yield the chunks' content (RFC 9112 §7.1). `http.client` would take a size of -1 and read without an end."""
    while size := _receive_size(stream):
        yield from _receive_exactly(stream, size)
        if _receive_line(stream) != b"\r\n":
            raise FramingError
    while _receive_line(stream) != b"\r\n":
        pass  # trailer fields; nobody asked for them


def _receive_size(stream: BufferedReader) -> int:
    match = _CHUNK_SIZE.fullmatch(_receive_line(stream))
    if match is None:
        raise FramingError
    return int(match[1], 16)


def _receive_line(stream: BufferedReader) -> bytes:
    line = stream.readline(_LONGEST_LINE)
    if line.endswith(b"\n"):
        return line
    raise FramingError if len(line) == _LONGEST_LINE else IncompleteRead(line)


def _gunzip(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Decode gzip (RFC 1952), which may be several members; what else follows the first is left out, as gzip does."""
    member, count, is_begun = zlib.decompressobj(_GZIP), 0, False
    for received in pieces:
        piece = received
        while piece:
            is_begun = True
            try:
                yield from _inflate(member, piece)
            except zlib.error as error:
                if count and "header check" in str(error):
                    deque(pieces, maxlen=0)  # received to its end all the same
                    return
                raise
            piece = member.unused_data.lstrip(b"\0")  # padding
            if member.eof:
                member, count, is_begun = zlib.decompressobj(_GZIP), count + 1, False
    if is_begun:
        raise CutShortError


def _undeflate(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Decode deflate: with zlib's frame, as RFC 9110 §8.4.1.2 says, or without, as some servers send it."""
    member, start = None, b""
    for received in pieces:
        piece = received
        if member is None:
            piece = start = start + piece
            if len(start) < _ZLIB_HEADER:
                continue
            member = zlib.decompressobj(zlib.MAX_WBITS if _has_zlib_header(start) else -zlib.MAX_WBITS)
        if not member.eof:
            yield from _inflate(member, piece)
    if start and (member is None or not member.eof):
        raise CutShortError


def _has_zlib_header(start: bytes) -> bool:
    """Tell by method and check bits (RFC 1950 §2.2)."""
    return start[0] & 0x0F == zlib.DEFLATED and int.from_bytes(start[:_ZLIB_HEADER], "big") % 31 == 0


def _inflate(member: zlib._Decompress, piece: bytes) -> Iterator[bytes]:
    """Yield what comes of a piece, a bounded part at a time."""
    while not member.eof:
        decoded = member.decompress(piece, _PIECE_DECODED)
        if decoded:
            yield decoded
        piece = member.unconsumed_tail
        if not piece and len(decoded) < _PIECE_DECODED:
            return


_DECODERS: dict[str, Callable[[Iterable[bytes]], Iterator[bytes]]] = {
    "gzip": _gunzip,
    "x-gzip": _gunzip,
    "deflate": _undeflate,
}
