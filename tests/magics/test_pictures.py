"""Pictures: those whose bytes are one, in a size that a notebook can bear."""

from __future__ import annotations

import copy
import pickle
import re
import struct
import zlib
from base64 import b64decode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from IPython.core.formatters import DisplayFormatter

from apigw_magic.magics.pictures import MOST_BYTES, Picture, make_picture
from tests.text.steps import count_steps


def png(width: int, height: int, rest: bytes = b"") -> bytes:
    """Return a PNG of one colour, or what claims to be one."""
    head = struct.pack(">4sIIBBBBB", b"IHDR", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + head + struct.pack(">I", zlib.crc32(head)) + rest


def jpeg(
    width: int, height: int, before: bytes = b"\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
) -> bytes:
    """Return the beginning of a JPEG: SOI, other segments, SOF."""
    return b"\xff\xd8" + before + b"\xff\xc2\x00\x11\x08" + struct.pack(">HH", height, width) + bytes(12)


def gif(width: int, height: int) -> bytes:
    """Return the beginning of a GIF."""
    return b"GIF89a" + struct.pack("<HH", width, height) + bytes(6)


def webp(chunk: bytes) -> bytes:
    """Return the beginning of a WebP."""
    return b"RIFF" + struct.pack("<I", 100) + b"WEBP" + chunk + bytes(12)


THUMBNAIL = b"\xff\xe1\x00\x0a\xff\xd8\xff\xc0\x00\x11\x08\x00"  # a segment that holds another JPEG's frame marker
LOSSY = b"VP8 " + bytes(7) + b"\x9d\x01\x2a" + struct.pack("<HH", 640, 480 | 0x4000)
LOSSLESS = b"VP8L" + bytes(4) + b"\x2f" + struct.pack("<I", 639 | 479 << 14)
EXTENDED = b"VP8X" + bytes(8) + (639).to_bytes(3, "little") + (479).to_bytes(3, "little")


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (png(640, 480), "PNG"),
        (gif(640, 480), "GIF"),
        (gif(640, 480).replace(b"89a", b"87a"), "GIF"),
        (jpeg(640, 480), "JPEG"),
        (jpeg(640, 480, b""), "JPEG"),
        (jpeg(640, 480, THUMBNAIL), "JPEG"),
        (jpeg(640, 480, b"\xff\xc4\x00\x05abc\xff\xff\xff\xd0"), "JPEG"),
        (webp(b"VP8 " + bytes(4) + bytes(3) + LOSSY[11:]), "WebP"),
        (webp(LOSSLESS), "WebP"),
        (webp(EXTENDED), "WebP"),
    ],
    ids=range(10),
)
def test_formats(content: bytes, kind: str) -> None:
    """The format and the size are what the first bytes say, whatever picture the server speaks of."""
    for media_type in ("image/png", "image/jpg", "IMAGE/X-Thing; q=1", "image/svg+xml", "application/octet-stream", ""):
        picture = make_picture(content, media_type)
        assert repr(picture) == f"<picture: {kind}, 640 \N{MULTIPLICATION SIGN} 480, {len(content)} bytes>"


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "image/svg+xml"),
        (b"<script>alert(1)</script>", "image/png"),
        (b"", "image/png"),
        (b"BM" + bytes(50), "image/bmp"),
        (png(1, 1), "text/html"),
        (png(1, 1), "application/json"),
        (png(1, 1)[:18], "image/png"),
        (png(0, 1), "image/png"),
        (png(30_000, 30_000), "image/png"),
        (png(2**32 - 1, 1), "image/png"),
        (b"\x89PNG\r\n\x1a\n" + bytes(20), "image/png"),
        (b"GIF89a", "image/gif"),
        (b"\xff\xd8\xff", "image/jpeg"),
        (jpeg(1, 1)[:24], "image/jpeg"),
        (b"\xff\xd8\xff\xe0" + bytes(40), "image/jpeg"),
        (b"\xff\xd8" + b"\xff" * 4_000_000, "image/jpeg"),
        (b"\xff\xd8" + b"\xff\xe0\x00\x02" * 1_000_000, "image/jpeg"),
        (webp(b"ALPH"), "image/webp"),
        (webp(b"VP8 " + bytes(20)), "image/webp"),
        (b"RIFF\0\0\0\0WAVE" + bytes(40), "image/webp"),
        (png(1, 1, bytes(MOST_BYTES)), "image/png"),
    ],
    ids=range(21),
)
def test_no_picture(content: bytes, media_type: str) -> None:
    """What is no picture, is active, broken, too long or would unpack to too much, is not shown; told in one pass."""
    assert make_picture(content, media_type) is None
    assert count_steps(lambda given: make_picture(given, media_type), content) < len(content) + 1000


@settings(max_examples=200, deadline=None)
@given(
    start=st.sampled_from([png(1, 1)[:16], b"GIF89a", b"\xff\xd8\xff", b"\xff\xd8\xff\xc0", webp(b"")[:12], b""]),
    rest=st.binary(max_size=100),
)
def test_any_bytes(start: bytes, rest: bytes) -> None:
    """No bytes are too strange."""
    picture = make_picture(start + rest, "image/png")
    assert picture is None or (picture == start + rest and 0 < picture.width * picture.height <= 2**26)


def test_shown() -> None:
    """A notebook gets the picture with words in its place, and a terminal the words alone."""
    content = jpeg(640, 480)
    shown, _ = DisplayFormatter().format(make_picture(content, "image/png"))
    assert shown.keys() == {"text/html", "text/plain"}
    assert shown["text/plain"] == f"<picture: JPEG, 640 \N{MULTIPLICATION SIGN} 480, {len(content)} bytes>"
    found = re.fullmatch(r'<img alt="([^"]*)" style="[^"]*" src="data:image/jpeg;base64,([^"]*)">', shown["text/html"])
    assert found
    assert found[1] == "Picture of the answer: JPEG, 640 \N{MULTIPLICATION SIGN} 480"
    assert b64decode(found[2]) == content


def test_it_is_bytes() -> None:
    """It equals the content and is used as such; what is derived, copied or unpickled is plain `bytes`."""
    content = png(2, 3)
    picture = make_picture(content, "image/png")
    assert isinstance(picture, Picture)
    assert picture == content
    assert (picture.kind, picture.width, picture.height) == ("PNG", 2, 3)
    for plain in (picture[:], copy.copy(picture), pickle.loads(pickle.dumps(picture))):  # noqa: S301 - ours
        assert type(plain) is bytes
        assert plain == content
