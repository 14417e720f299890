"""Invented secrets, and a search that finds them however they are spelt, and in part.

A text is flattened before it is searched: escapes are undone, as often as they were made, and all but letters and
digits is dropped, so that neither the signs of a secret nor line breaks, quotes and colours within it matter. Then any
fourteen characters of a secret in a row are found: what an ellipsis cut off is not missed.
"""

from __future__ import annotations

import base64
import html
import json
import random
import re
import string
import textwrap
from collections import defaultdict
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

_LETTERS = string.ascii_letters + string.digits
_BASE64 = f"{_LETTERS}+/"

_WIDTH, _STRIDE = 12, 3
_SHORT = 14
"""A secret of fewer characters is searched for whole: parts of it stand in any text."""

_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_PERCENT = re.compile(r"%(?:25)*([0-9A-Fa-f]{2})")
_BACKSLASH = re.compile(r"\\+(?:u00([0-9A-Fa-f]{2})|u001b|x([0-9A-Fa-f]{2}))")
_WHITE = re.compile(r"\\+[nrt]")
_JOINT = re.compile(r"""['"]\s*\n\s*[bBrRuU]{0,2}['"]""")
_SIGNS = re.compile(r"[^0-9A-Za-z]+")
_HEX = re.compile(r"[0-9a-f]{24,}")


class Found(NamedTuple):
    """A secret that stands in a text.

    Attributes:
        kind: of secret.
        value: the secret.
        where: what stands around it.
    """

    kind: str
    value: str
    where: str


# How long each kind of secret is, and of what characters: signs are in all that may have them.
SHAPES: Mapping[str, tuple[int, str]] = {
    "secret key of the environment": (40, _BASE64),
    "session token of the environment": (356, _BASE64),
    "secret key of the credentials file": (40, _BASE64),
    "secret key of the credential_process": (40, _BASE64),
    "secret key of SSO": (40, _BASE64),
    "session token of SSO": (356, _BASE64),
    "SSO access token": (180, f"{_LETTERS}-_"),
    "secret key of the container": (40, _BASE64),
    "session token of the container": (356, _BASE64),
    "container authorization token": (64, _BASE64),
    "web identity token": (420, f"{_LETTERS}-_."),
    "secret key of a role session": (40, _BASE64),
    "session token of a role session": (356, _BASE64),
    "MFA code": (6, string.digits),
    "API key": (40, _LETTERS),
    "proxy password": (28, f"{_LETTERS}@/:%+"),
    "password in a URL": (28, f"{_LETTERS}~.!"),
    "signature": (64, "0123456789abcdef"),
    "text of a fault": (40, _LETTERS),
}


LONG = tuple(kind for kind, (length, _) in SHAPES.items() if length >= _SHORT)
"""The kinds of secrets that are no MFA code."""


class Canaries:
    """The secrets of one run. Threads may share it.

    Args:
        seed: of the values, so that a failure comes again.
    """

    def __init__(self, seed: str) -> None:
        self._random = random.Random(seed)  # noqa: S311 - the values are invented, and are to come again
        self._lock = Lock()
        self._values: defaultdict[str, list[str]] = defaultdict(list)
        self._parts: dict[str, tuple[str, str]] = {}
        self._whole: list[tuple[re.Pattern[str], str, str]] = []

    def make(self, kind: str) -> str:
        """Invent a secret."""
        length, characters = SHAPES[kind]
        with self._lock:
            value = "".join(self._random.choices(characters, k=length))
        signs = "".join(sign for sign in characters if not sign.isalnum())
        for place, sign in enumerate(signs, 2):  # each sign at least once, not too near to the edges
            at = place * length // (len(signs) + 3)
            value = f"{value[:at]}{sign}{value[at + 1 :]}"
        return self.add(kind, value)

    def add(self, kind: str, value: str) -> str:
        """Add a secret that was not invented here, such as a signature."""
        with self._lock:
            if value not in self._values[kind]:
                self._values[kind].append(value)
                self._index(kind, value)
        return value

    def of(self, kind: str) -> tuple[str, ...]:
        """Return the secrets of a kind."""
        return tuple(self._values.get(kind, ()))

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of which there are any."""
        return tuple(kind for kind, values in self._values.items() if values)

    def find(self, text: str) -> list[Found]:
        """Return the secrets that stand in a text, each once."""
        plain = unescape(text)
        found: dict[str, Found] = {}
        for pattern, kind, value in self._whole:
            for place in (plain, text):
                if (match := pattern.search(place)) and value not in found:
                    found[value] = Found(kind, value, _around(place, match.start()))
        flat = _flatten(plain)
        for one in (*self._find_parts(flat), *self._find_parts(_flatten(_read_hex(flat)))):
            found.setdefault(one.value, one)
        return list(found.values())

    def _find_parts(self, flat: str) -> Iterator[Found]:
        for start in range(0, len(flat) - _WIDTH + 1, _STRIDE):
            part = self._parts.get(flat[start : start + _WIDTH])
            if part is not None:
                yield Found(*part, _around(flat, start))

    def _index(self, kind: str, value: str) -> None:
        if len(value) < _SHORT:
            between = r"""(?:['"\\\s]*\n['"\s]*)?"""
            bounded = rf"(?<![0-9A-Za-z]){between.join(value)}(?![0-9A-Za-z])"
            spelt = "|".join((bounded, *map(re.escape, base64_forms(value)), value.encode().hex()))
            self._whole.append((re.compile(spelt), kind, value))
            return
        for flat in map(_flatten, (value, *base64_forms(value))):
            for start in range(len(flat) - _WIDTH + 1):
                self._parts[flat[start : start + _WIDTH]] = (kind, value)


def unescape(text: str) -> str:
    """Undo the escapes of a text, as often as it was escaped, and join what was split into several strings."""
    for _ in range(4):
        before = text
        text = _BACKSLASH.sub(lambda escape: chr(int(escape[1] or escape[2], 16)), text)
        text = _WHITE.sub("\n", text)
        text = _PERCENT.sub(lambda escape: chr(int(escape[1], 16)), text)
        text = html.unescape(text)
        if text == before:
            break
    return _JOINT.sub("", _ANSI.sub("", text))


def _flatten(text: str) -> str:
    return _SIGNS.sub("", text).lower()


def _read_hex(flat: str) -> str:
    """Return what hexadecimal digits stand for, wherever the first of a pair may be."""
    runs = _HEX.findall(flat)
    pairs = [run[start : len(run) - (len(run) - start) % 2] for run in runs for start in (0, 1)]
    return ";".join(bytes.fromhex(run).decode("latin-1") for run in pairs)


def base64_forms(value: str) -> Iterator[str]:
    """Yield how a secret looks within base64, where it begins at one of three offsets."""
    content = value.encode()
    for offset in range(3):
        encoded = base64.b64encode(bytes(offset) + content).decode()
        yield encoded[-(-offset * 8 // 6) : (offset + len(content)) * 8 // 6]


def _around(text: str, start: int) -> str:
    return text[max(0, start - 60) : start + 40]


def _escape_all(value: str, form: str) -> str:
    return "".join(form.format(code=ord(char)) for char in value)


SPELLINGS: Mapping[str, Callable[[str], str]] = {
    "plain": str,
    "percent-encoded": lambda value: quote(value, safe=""),
    "percent-encoded, lower case": lambda value: re.sub("%..", lambda escape: escape[0].lower(), quote(value, safe="")),
    "percent-encoded, all of it": lambda value: _escape_all(value, "%{code:02X}"),
    "percent-encoded, all of it, lower case": lambda value: _escape_all(value, "%{code:02x}"),
    "percent-encoded twice": lambda value: quote(quote(value, safe=""), safe=""),
    "percent-encoded twice, all of it": lambda value: quote(_escape_all(value, "%{code:02x}"), safe=""),
    "JSON": lambda value: json.dumps({"k": value}).replace("/", r"\/"),
    "JSON, all of it": lambda value: _escape_all(value, "\\u{code:04x}"),
    "JSON, all of it, upper case": lambda value: _escape_all(value, "\\u{code:04X}"),
    "JSON in JSON": lambda value: json.dumps(json.dumps(_escape_all(value, "\\u{code:04x}"))),
    "HTML": lambda value: html.escape(value).replace("/", "&#x2F;").replace("+", "&plus;"),
    "HTML, all of it": lambda value: _escape_all(value, "&#{code};"),
    "HTML, all of it, in hex": lambda value: _escape_all(value, "&#x{code:x};"),
    "base64": lambda value: base64.b64encode(value.encode()).decode(),
    "base64, one before": lambda value: base64.b64encode(f"x{value}yz".encode()).decode(),
    "base64, two before": lambda value: base64.b64encode(f"xy{value}z".encode()).decode(),
    "base64 for URLs": lambda value: base64.urlsafe_b64encode(value.encode()).decode().rstrip("="),
    "base64 in lines": lambda value: base64.encodebytes(f"...{value}".encode()).decode(),
    "hex": lambda value: value.encode().hex(),
    "bytes": lambda value: repr(value.encode()),
    "bytes, escaped": lambda value: _escape_all(value, "\\x{code:02x}"),
    "two lines": lambda value: f"{value[: len(value) // 2]}\n    {value[len(value) // 2 :]}",
    "many lines": lambda value: "\n".join(textwrap.wrap(value, 4)),
    "many lines, quoted": lambda value: "\n ".join(map(repr, textwrap.wrap(value, 4))),
    "many lines, in JSON": lambda value: json.dumps("\n  ".join(textwrap.wrap(value, 4))),
    "colours": lambda value: f"\x1b[32m{value[:3]}\x1b[0m{value[3:]}\x1b[0m",
    "colours, in JSON": lambda value: json.dumps(f"\x1b[32m{value[:3]}\x1b[39;00m{value[3:]}\x1b[0m"),
}
"""Ways in which a secret may stand in a text. Each is found."""

CUTS: Mapping[str, Callable[[str], str]] = {
    "its start": lambda value: f"{value[:22]}…",
    "its end": lambda value: f"…{value[-22:]}",
    "its middle": lambda value: f"…{value[3:25]}…",
}
"""Parts of a secret that are found; those of an MFA code are a few digits, and are not."""


class Plant(NamedTuple):
    """A secret that the tests themselves spill, to see that it is found.

    Attributes:
        value: the secret.
        text: how it is spelt where it is spilt.
    """

    value: str
    text: str


def make_plants(canaries: Canaries) -> list[Plant]:
    """Invent one for each spelling, each kind among them."""
    kinds = list(SHAPES)
    plants = []
    for number, spell in enumerate(SPELLINGS.values()):
        value = canaries.make(kinds[number % len(kinds)])
        plants.append(Plant(value, spell(value)))
    return plants


def tell(found: Iterable[Found]) -> str:
    """Return what was found as lines."""
    return "\n".join(f"{one.kind}: …{one.where}…" for one in found)
