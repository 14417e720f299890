"""A picture that an API answers with, shown as one: if its bytes say so, and if a notebook can bear it.

SVG is not among them: it is a document that may hold scripts.
"""

from __future__ import annotations

from base64 import b64encode
from html import escape
from typing import Literal, Self

MOST_BYTES = 5_000_000
"""A larger picture is not shown; in base64 it is a third longer, and a page with more in one output dies."""

_MOST_PIXELS = 2**26
"""As the browser unpacks it, a pixel is four bytes: some hundred bytes of PNG can claim gigabytes."""

_SAYS_NOTHING = frozenset({"", "application/octet-stream", "binary/octet-stream"})
"""Media types that servers send without having looked at the content."""

_SIZELESS_MARKERS = frozenset({0x01, *range(0xD0, 0xD9)})
_FRAME_MARKERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""JPEG's SOF markers (ITU-T T.81, table B.1); between them stand DHT, JPG and DAC."""

_MOST_SEGMENTS = 1000
"""A camera writes some dozens before the first frame."""

_FILL = 0xFF
"""What each marker begins with, and may be preceded by."""

# Where a picture is transparent, a pattern on which black and white can both be seen.
_STYLE = (
    "max-width: 100%; height: auto; background: repeating-conic-gradient(#a8a8a8 0 25%, #b8b8b8 0 50%) 0 0 / 16px 16px"
)


class Picture(bytes):
    """A picture, equal to and usable as its plain `bytes`, which its methods, `copy` and `pickle` give.

    Attributes:
        kind: `PNG`, `JPEG`, `GIF` or `WebP`.
        width: pixels.
        height: pixels.
    """

    kind: str
    width: int
    height: int

    def __new__(cls, content: bytes, kind: str, width: int, height: int) -> Self:
        """Take the bytes with what they were found to be."""
        made = super().__new__(cls, content)
        made.kind, made.width, made.height = kind, width, height
        return made

    def __repr__(self) -> str:
        return f"<picture: {self._describe()}, {len(self):,} bytes>"

    def _repr_html_(self) -> str:
        # Not as image/png: JupyterLab gives that no alternative text.
        source = f"data:image/{self.kind.lower()};base64,{b64encode(self).decode()}"
        return f'<img alt="Picture of the answer: {escape(self._describe())}" style="{_STYLE}" src="{source}">'

    def __reduce__(self) -> tuple[type[bytes], tuple[bytes]]:
        return bytes, (bytes(self),)

    def _describe(self) -> str:
        return f"{self.kind}, {self.width:,} \N{MULTIPLICATION SIGN} {self.height:,}"


def make_picture(content: bytes, media_type: str) -> Picture | None:
    """Return the content as a picture; None if it is none, or one that is not shown.

    Args:
        content: of the answer.
        media_type: what the server calls it; which format it really is, its first bytes say.

    Returns:
        None for SVG, for what neither the server nor the first bytes call a picture, for a picture of more than
        `MOST_BYTES`, and for one that is broken or too large for a browser to unpack.
    """
    named = media_type.partition(";")[0].strip().lower()
    if not named.startswith("image/") and named not in _SAYS_NOTHING:
        return None
    if len(content) > MOST_BYTES:
        return None
    kind, (width, height) = _measure(content)
    if not 0 < width * height <= _MOST_PIXELS:
        return None
    return Picture(content, kind, width, height)


def _measure(content: bytes) -> tuple[str, tuple[int, int]]:
    """Return the format that the first bytes tell, and width and height; zeros if they tell none."""
    if content.startswith(b"\x89PNG\r\n\x1a\n") and content[12:16] == b"IHDR":
        return "PNG", (_read(content, 16, 4), _read(content, 20, 4))
    if content.startswith((b"GIF87a", b"GIF89a")):
        return "GIF", (_read(content, 6, 2, "little"), _read(content, 8, 2, "little"))
    if content.startswith(b"\xff\xd8\xff"):
        return "JPEG", _measure_jpeg(content)
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return "WebP", _measure_webp(content)
    return "", (0, 0)


def _measure_jpeg(content: bytes) -> tuple[int, int]:
    """Go from segment to segment until one begins a frame."""
    at = 2
    for _ in range(_MOST_SEGMENTS):
        fill, marker = content[at : at + 2].ljust(2, b"\0")
        if fill != _FILL:
            break
        if marker in _FRAME_MARKERS:
            return _read(content, at + 7, 2), _read(content, at + 5, 2)
        if marker == _FILL:
            at += 1
        else:
            at += 2 if marker in _SIZELESS_MARKERS else 2 + max(2, _read(content, at + 2, 2))
    return 0, 0


def _measure_webp(content: bytes) -> tuple[int, int]:
    """Read the first chunk, one of three (RFC 9649 §2)."""
    match content[12:16]:
        case b"VP8 " if content[23:26] == b"\x9d\x01\x2a":
            return _read(content, 26, 2, "little") & 0x3FFF, _read(content, 28, 2, "little") & 0x3FFF
        case b"VP8L" if content[20:21] == b"\x2f":
            bits = _read(content, 21, 4, "little")
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case b"VP8X":
            return _read(content, 24, 3, "little") + 1, _read(content, 27, 3, "little") + 1
    return 0, 0


def _read(content: bytes, at: int, size: int, order: Literal["big", "little"] = "big") -> int:
    return int.from_bytes(content[at : at + size], order)
