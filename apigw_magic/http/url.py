"""A URL is frozen once, before signing, and exactly that is sent.

SigV4 signs the path encoded once more and the query sorted. Whoever encodes again on the way breaks the signature, so
everything that a client would rewrite later is settled here. Freezing what is frozen changes nothing.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NoReturn
from urllib.parse import quote, unquote_to_bytes

from apigw_magic.errors import ForeignHostError, InvalidRequestError
from apigw_magic.models import DEFAULT_PORTS, Url, is_loopback

_ABSOLUTE = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<authority>[^/?#]*)(?P<rest>.*)", re.DOTALL)
_LABEL = r"[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?"  # RFC 1035 §2.3.4: at most 63 characters
_HOST = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_HOST_AND_PATH = re.compile(rf"{_LABEL}(?:\.{_LABEL}){{2,}}(?:[/?]|\Z)", re.IGNORECASE)
_PORT = re.compile(r"[0-9]{1,5}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")
_MAX_PORT = 65535

# Where a user name and a password may stand, with or without the scheme before them; a path may have an @, too.
_USER = re.compile(r"(?P<before>(?:[A-Za-z][A-Za-z0-9+.-]*:(?=/))?+/*+)(?:[^/]*|.*:.*)@", re.DOTALL)

# RFC 3986 §3.3: pchar = unreserved / pct-encoded / sub-delims / ":" / "@". The semicolon is left out: some clients and
# proxies take what follows it for path parameters and drop it.
_PATH_SAFE = "/-._~!$&'()*+,=:@%"
# SigV4 encodes all but RFC 3986 §2.3 unreserved characters in a query, so nothing else may stand there raw.
_QUERY_SAFE = "-._~"


def freeze(text: str) -> Url:
    """Freeze an absolute URL.

    Args:
        text: such as `https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/prod`.

    Raises:
        InvalidRequestError: the URL cannot be signed and sent as written.
    """
    match = _ABSOLUTE.fullmatch(text)
    if match is None:
        _refuse(
            text, "It has no scheme and host.", "Write it whole: https://API.execute-api.REGION.amazonaws.com/STAGE"
        )
    scheme = match["scheme"].lower()
    authority, host = _freeze_authority(match["authority"], scheme, text)
    if scheme == "http" and not is_loopback(host):
        _refuse(text, "Plain http would show the request to everyone on the way.", "Write https://")
    if scheme not in DEFAULT_PORTS:
        _refuse(text, f"The scheme {scheme!r} is not HTTP.", "Write https://")
    path, query = _freeze_target(match["rest"] or "/", text)
    return Url(scheme, authority, path, query)


@lru_cache(maxsize=256)
def resolve(base: Url, target: str) -> Url:
    """Resolve a target against a base URL and freeze it; the last 256 are remembered.

    A path goes below the base's path and cannot climb out of it with dot segments; an absolute URL must be of the
    base's origin (RFC 6454), since a signature for one host is not to be shown to another.

    Raises:
        ForeignHostError: an absolute URL of another origin.
        InvalidRequestError: the target cannot be signed and sent as written.
    """
    if _ABSOLUTE.fullmatch(target):
        url = freeze(target)
        if url.origin != base.origin:
            raise ForeignHostError(
                f"{url.origin} is not the connection's host.",
                why=f"Requests here are signed for {base.origin} only.",
                fix=f"Write a path such as {url.path}, or connect to that URL first: %apigw connect {url.origin}",
            )
        return url
    if target.startswith("//"):
        _refuse(target, "A target that starts with // names another host.", f"Write one slash: {mask_user(target[1:])}")
    if not target.startswith(("/", "?")):
        whole = "https://" if _HOST_AND_PATH.match(target) else "/"
        _refuse(target, "A target is a path or an absolute URL.", f"Write {mask_user(whole + target)}")
    path, query = _freeze_target(target, target)
    below = "" if target.startswith("?") else path
    return Url(base.scheme, base.authority, _join(base.path, below), query)


def _join(base_path: str, path: str) -> str:
    if not path:
        return base_path
    return base_path.rstrip("/") + path


def _freeze_authority(authority: str, scheme: str, text: str) -> tuple[str, str]:
    """Return authority and host, both in lower case (RFC 3986 §3.2.2), a default port dropped (§6.2.3)."""
    if "@" in authority:
        _refuse(text, "A user name or password in a URL ends in logs.", "Leave out what stands before the @")
    if not authority.isascii():
        _refuse(text, "The host is not ASCII.", "Write it in its xn-- form")
    host, port = _split_port(authority.lower(), text)
    if _HOST.fullmatch(host) is None and host != "[::1]":
        _refuse(text, f"{host!r} is not a host name.", "Write https://API.execute-api.REGION.amazonaws.com/STAGE")
    if port is None or port == DEFAULT_PORTS.get(scheme):
        return host, host
    return f"{host}:{port}", host


def _split_port(authority: str, text: str) -> tuple[str, int | None]:
    """Split host and port (RFC 3986 §3.2.2 and §3.2.3)."""
    host, colon, port = authority.rpartition(":")
    if not colon or authority.endswith("]"):
        return authority, None
    if _PORT.fullmatch(port) is None or not 0 < int(port) <= _MAX_PORT:
        shown = repr(port) if port.isdigit() else "What follows the colon"  # a password, if a slash or # is in it
        _refuse(text, f"{shown} is not a port.", "Write a number from 1 to 65535, or leave it out")
    return host, int(port)


def _freeze_target(target: str, text: str) -> tuple[str, str]:
    """Return path and query, or refuse what reaches different servers, and different clients, differently."""
    # Browsers take both away (https://url.spec.whatwg.org/#url-parsing), and nobody sees that they are there.
    if text != text.strip() or unicodedata.category(text[-1]) == "Cf":
        _refuse(text.strip(), "It begins or ends with white space or an invisible character.", "Take that away")
    # RFC 9110 §7.1: the target URI excludes the fragment.
    if "#" in target:
        _refuse(text, "A fragment (#…) is never sent.", "Leave it out, or write %23 for the character")
    # No character of RFC 3986; browsers make it a slash (https://url.spec.whatwg.org/#path-state).
    if "\\" in target:
        _refuse(text, "A backslash is read in two ways by different servers.", "Write / or %5C")
    # RFC 9112 §3.2: white space and controls in a request line are how requests are smuggled.
    if found := _CONTROL.search(target):
        _refuse(text, "It contains a control character.", f"Write %{ord(found[0]):02X} if it is meant")
    # RFC 3986 §2.1: a percent sign is followed by two hexadecimal digits.
    if found := _BAD_ESCAPE.search(target):
        _refuse(
            text, f"{target[found.start() : found.start() + 3]!r} is not an escape.", "Write %25 for a percent sign"
        )
    path, _, query = target.partition("?")
    return _freeze_path(path or "/", text), _freeze_query(query, text)


def _freeze_path(path: str, text: str) -> str:
    """Encode and normalise a path (RFC 3986 §6.2.2): escapes in upper case, `%2E` as the dot it is, no dot segments.

    What else is escaped stays so: `%2F` is no slash to API Gateway. SigV4 then signs the path encoded once more.
    """
    # RFC 3986 §3.3 allows an empty segment; SigV4's normalisation takes it away, and the signature would be another's.
    if "//" in path:
        _refuse(text, "An empty path segment (//) is collapsed by some servers and not by others.", "Write one slash")
    encoded = quote(_encode(path, text), safe=_PATH_SAFE)
    upper = _ESCAPE.sub(lambda escape: escape[0].upper(), encoded)
    return _remove_dot_segments(upper.replace("%2E", "."))


def _remove_dot_segments(path: str) -> str:
    """Remove `.` and `..` segments (RFC 3986 §5.2.4): clients do so after signing."""
    kept: list[str] = []
    segments = path.split("/")[1:]
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in {".", ".."} and kept[-1:] != [""]:
        kept.append("")
    return "/" + "/".join(kept)


def _freeze_query(query: str, text: str) -> str:
    """Encode each pair as it is signed, so that what is signed is only sorted.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
    """
    return "&".join(_freeze_pair(pair, text) for pair in query.split("&") if pair)


def _freeze_pair(pair: str, text: str) -> str:
    """Encode a pair as SigV4 does: decoded first, so that what was encoded already is not encoded twice."""
    key, _, value = pair.partition("=")
    if key.startswith("amp;"):
        _refuse(text, "It was copied from HTML, where & is written &amp;.", "Write & alone between the pairs")
    return "=".join(quote(unquote_to_bytes(_encode(part, text)), safe=_QUERY_SAFE) for part in (key, value))


def _encode(part: str, text: str) -> bytes:
    if _SURROGATE.search(part):
        _refuse(text, "It contains half of a surrogate pair, which is no character.", "Check where the text came from")
    return part.encode()


def mask_user(text: str) -> str:
    """Return a URL or a target without the user name and the password that it may have."""
    found = _USER.match(text)
    return f"{found['before']}…@{text[found.end() :]}" if found else text


def _refuse(text: str, why: str, fix: str) -> NoReturn:
    text = mask_user(text)
    shown = text if len(text) <= 100 else f"{text[:99]}…"  # noqa: PLR2004 - a line's length, for the eye
    raise InvalidRequestError(f"Cannot send {shown!r}.", why=why, fix=f"{fix}.")
