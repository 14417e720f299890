"""What one key with its value says of pages: that there are some, that one follows, that none does, or nothing.

Names alone deceive: a thing has a `next`, an `offset` or a `position`, too. So values are judged as well, and keys of
which one alone could be anybody's count only beside another.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from apigw_magic.frames.found import LONGEST_KEY, fold, split_words
from apigw_magic.frames.names import ENDS, PAGING

if TYPE_CHECKING:
    from apigw_magic.models import Json

SURE = 2
"""What a key counts that speaks of pages by itself; one that needs another beside it counts 1."""

_STEM = re.compile(r"continu|pagi|prev")
"""The names that are beginnings of words."""

_HINT = re.compile("|".join(sorted({"links", *PAGING})))
"""Is in every key of paging, folded: most keys need no closer look."""

LINKS = (["links"], ["link"])
"""Words of keys under which links stand, one of which may lead to the next page; a thing may have a `link`, too."""

_TURNS = frozenset({"next", "prev"})
"""Words that name another page, whatever stands between them and the end of the key."""

_WINDOW = frozenset({"offset", "limit"})
"""Words for the part of a list that was asked for."""

_LONE = frozenset({"cursor", "offset", "position"})
"""Keys that, alone and with a token, lead to the next page: of Square, Airtable and API Gateway."""

_AFTER = frozenset({"after", "link"})
"""What stands under `next` in the paging of HubSpot, whose search leaves the link out."""

_NAME = re.compile(r"[a-z]+(-[a-z]+)*")
"""A value that is a word of ours, such as a `cursor` of CSS: no token."""

_SHORTEST_TOKEN = 16

_LONGEST_FLAG = 3
"""Words of a flag that says whether there is more of one kind; longer ones say something of a thing."""

_DATE = re.compile(r"\d{4}-\d\d-\d\d")


def read_words(key: str) -> list[str]:
    """Return the words of a key, those that begin as a name of `PAGING` does as that."""
    return [stem[0] if (stem := _STEM.match(word)) else word for word in split_words(key)]


def is_turn(key: str) -> bool:
    """Say whether a key has a word for another page."""
    return not _TURNS.isdisjoint(read_words(key))


def rate(key: str, value: Json) -> int:
    """Return how surely a key speaks of pages: 0 for not, 1 for only beside another, 2 for by itself."""
    if len(key) > LONGEST_KEY or isinstance(value, float) or _HINT.search(fold(key)) is None:
        return 0
    words = read_words(key)
    if words == ["links"]:
        return SURE if any(_is_link(link) for link in find_next(value)) else 0
    return _rate_words(words, value) if words else 0


def says_more(key: str, value: Json) -> bool | None:
    """Say whether a key says that another page follows (True), that none does (False), or neither (None)."""
    words = read_words(key)
    if words in LINKS:
        return True if any(_leads(link) for link in find_next(value)) else None
    if is_last(words, value):
        return not value
    if isinstance(value, bool):
        is_flag = "more" in words or words[:2] == ["has", "next"] or words == ["is", "truncated"]
        return value if is_flag and rate(key, value) else None
    if len(words) == 1 and words[0] in _LONE:
        return True if isinstance(value, str) and _leads_alone(words[0], value) else None
    is_known = not {"next", "evaluated", "continu"}.isdisjoint(words) and rate(key, value)
    leads = is_known and value and (not isinstance(value, dict) or "evaluated" in words or _leads(value))
    return True if leads or (words == ["next"] and _leads_after(value)) else None


def find_next(links: Json) -> list[Json]:
    """Return the links to the next page, null among them: of an object by name, of a list by what they call it.

    That is `rel` (RFC 8288), or `relation` in a `Bundle` of FHIR.
    """
    if isinstance(links, dict):
        return [links["next"]] if "next" in links else []
    if isinstance(links, list):
        known = [link for link in links if isinstance(link, dict)]
        nexts = [link for link in known if (link.get("rel") or link.get("relation")) == "next"]
        return [link.get("href") or link.get("url") for link in nexts]
    return []


def is_last(words: list[str], value: Json) -> bool:
    """Say whether a key says if this page is the last: `last`, `isLast`, `isLastPage`."""
    return isinstance(value, bool) and words in (["last"], ["is", "last"], ["is", "last", "page"], ["last", "page"])


def _rate_words(words: list[str], value: Json) -> int:
    """Rate a key by its words, and its value by what such a key would hold."""
    if len(words) > 1 and "".join(words) in PAGING:
        return SURE
    if is_last(words, value):
        return SURE if "page" in words else 1  # a step may be the last, too
    if len(words) == 1 and words[0] in _WINDOW | _LONE:
        return _rate_alone(words[0], value)
    return _rate_name(words, value) if _TURNS.isdisjoint(words) else _rate_turn(words, value)


def _rate_alone(word: str, value: Json) -> int:
    """Rate a part of a list that was asked for (`offset`, `limit`), or a token under a name that may mean much."""
    if word == "cursor" and (value is None or (isinstance(value, str) and _is_token(value))):
        return SURE
    is_number = type(value) is int and word in _WINDOW
    return 1 if is_number or (isinstance(value, str) and word != "limit" and _is_token(value)) else 0


def _rate_turn(words: list[str], value: Json) -> int:
    """Rate a key with a word for another page: what stands there has to be able to lead to one."""
    if isinstance(value, list):
        return 0
    if isinstance(value, dict):
        return SURE if _is_link(value) else 0
    if len(words) == 1:
        if type(value) is int:
            return 1
        return 0 if isinstance(value, str) and not _is_address(value) else SURE
    if words[-1] in PAGING | ENDS:
        return SURE
    foreign = set(words) - PAGING - ENDS
    return SURE if len(foreign) == 1 and (is_url(value) or ("page" in words and type(value) is int)) else 0


def _rate_name(words: list[str], value: Json) -> int:
    """Rate a key that ends with a word of paging; one word more is usual (`per_page`, `hasMore`, `endCursor`)."""
    if words[:2] == ["has", "more"]:  # of what, the third word may say: `hasMoreItems`
        return SURE if isinstance(value, bool) and len(words) <= _LONGEST_FLAG else 0
    if words == ["continu"]:  # what leads on in Kubernetes, and may be a question elsewhere
        return SURE if isinstance(value, str) and _is_token(value) else 0
    if words[-1] not in PAGING | ENDS or PAGING.isdisjoint(words):
        return 0
    if not {"last", "limit", "position"}.isdisjoint(words) and {"page", "evaluated"}.isdisjoint(words):
        return 0
    most = 0 if not {"offset", "marker"}.isdisjoint(words) else 1
    is_number = "page" in words and "token" not in words
    fits = bool if "more" in words else int | dict if is_number else object
    return SURE if len(set(words) - PAGING - ENDS) <= most and isinstance(value, fits) else 0


def _is_link(link: Json) -> bool:
    """Say whether something stands where a link to another page would: one that leads there, or null for none."""
    if isinstance(link, dict):
        return _leads(link) or (bool(link) and all(part is None for part in link.values()))
    return link is None or isinstance(link, str | int)


def _leads(link: Json) -> bool:
    """Say whether a link leads anywhere: a text or number, or an object with an address or a value of paging."""
    if not isinstance(link, dict):
        return isinstance(link, str | int) and bool(link)
    return any(
        isinstance(part, str | int) and part and (is_url(part) or not PAGING.isdisjoint(read_words(key)))
        for key, part in link.items()
    )


def _leads_after(link: Json) -> bool:
    """Say whether a link says after what the next page begins, and nothing else but its address."""
    return isinstance(link, dict) and link.keys() <= _AFTER and _leads(link.get("after"))


def _leads_alone(word: str, text: str) -> bool:
    """Say whether a text under a key of `_LONE` leads to the next page; a cursor of any length may."""
    return _is_token(text) or (word == "cursor" and text != "" and _NAME.fullmatch(text) is None)


def is_url(value: Json) -> bool:
    """Say whether a value is a URL, absolute or of the same server."""
    return isinstance(value, str) and value.startswith(("https://", "http://", "/", "?"))


def _is_address(text: str) -> bool:
    """Say whether a text could be a URL or a token, not words or a date."""
    could_be = any(sign in text for sign in "/?=") or len(text) >= _SHORTEST_TOKEN
    return could_be and not any(map(str.isspace, text)) and _DATE.match(text) is None


def _is_token(text: str) -> bool:
    """Say whether a text looks like a token: long, in one piece, and no word."""
    return len(text) >= _SHORTEST_TOKEN and _is_address(text) and any(map(str.isdigit, text))
