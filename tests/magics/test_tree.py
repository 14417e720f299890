"""Documents as trees: what is shown, that nothing of it is markup or a control character, and that it stays small."""

from __future__ import annotations

import copy
import json
import pickle
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from IPython.core.formatters import DisplayFormatter

from apigw_magic.magics.longtext import MOST_BYTES
from apigw_magic.magics.tree import JsonArray, JsonObject, make_tree
from apigw_magic.magics.visible import UNSEEN
from tests.text.steps import count_steps

if TYPE_CHECKING:
    from apigw_magic.models import Json

_SHOP: Json = {
    "items": [{"id": "A-1", "total": 1.5, "tags": ["new", "vip"]}, {"id": "A-2", "total": 2, "tags": []}],
    "count": 2,
    "next": None,
    "done": False,
}
_SHOP_LINES = """\
▾ object, 4 keys {items: […], count: 2, next: null, done: false}
  ▾ items: array, 2 items [{…}, {…}]
    ▸ 0: object, 3 keys {id: "A-1", total: 1.5, tags: […]}
        id: "A-1"
        total: 1.5
      ▸ tags: array, 2 items ["new", "vip"]
          0: "new"
          1: "vip"
    ▸ 1: object, 3 keys {id: "A-2", total: 2, tags: []}
        id: "A-2"
        total: 2
        tags: []
    count: 2
    next: null
    done: false
"""

PAYLOADS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "</style><svg onload=alert(1)>",
    "</details></ul></div><iframe src=javascript:alert(1)>",
    "\"><b onmouseover='alert(1)'>",
    "&lt;script&gt;&#60;b&#62;&amp",
    "<!--",
    "]]><?x ?>",
    "\x00<\x00script>",
]
"""What would be run, or would end the markup around it, if it were not escaped."""

HOSTILE = st.text(st.characters(), max_size=300) | st.sampled_from([*PAYLOADS, "\x1b]0;x\x07\x9b2J", "\u202e\ud800"])
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | HOSTILE
DOCUMENTS = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner) | st.dictionaries(HOSTILE, inner) | st.lists(inner, min_size=90),
    max_leaves=50,
)


class Page(HTMLParser):
    """What a browser would make of the markup: its tags, balanced, and its text with the folds as signs.

    Attributes:
        tags: all that were opened, with their attributes.
        text: a line per value, indented by two spaces per level.
    """

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, tuple[tuple[str, str | None], ...]]] = []
        self.text = ""
        self._within: list[str] = []
        self.feed(markup)
        self.close()
        assert self._within == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a line where one would."""
        level = self._within.count("ul")
        if tag == "details":
            self.text += f"{'  ' * level}{'▾' if ('open', None) in attrs else '▸'} "
        elif tag == "li" and ("class", "v") in attrs:
            self.text += "  " * (level + 1)
        self.tags.append((tag, tuple(attrs)))
        self._within.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """End what was begun last."""
        assert self._within.pop() == tag
        if tag == "summary" or (tag == "li" and not self.text.endswith("\n")):
            self.text += "\n"

    def handle_data(self, data: str) -> None:
        """Take text, the style aside."""
        if self._within[-1] != "style":
            self.text += data

    def handle_comment(self, data: str) -> None:
        """Refuse."""
        pytest.fail(f"a comment: {data}")

    def handle_decl(self, decl: str) -> None:
        """Refuse."""
        pytest.fail(f"a declaration: {decl}")

    def handle_pi(self, data: str) -> None:
        """Refuse."""
        pytest.fail(f"an instruction: {data}")

    def unknown_decl(self, data: str) -> None:
        """Refuse."""
        pytest.fail(f"a section: {data}")


def show(document: Json) -> tuple[str, str]:
    """Return the two forms, after looking at what must be true of any."""
    shown, _ = DisplayFormatter().format(make_tree(document))
    json.dumps(shown, ensure_ascii=False).encode()  # as in the message to the notebook
    for form in shown.values():
        assert len(form.encode()) <= MOST_BYTES
        assert not UNSEEN.search(form)
    return shown["text/html"], shown["text/plain"]


def nest(levels: int) -> Json:
    """Return arrays in arrays."""
    document: Json = []
    for _ in range(levels):
        document = [document]
    return document


def test_html() -> None:
    """Keys, values, types and counts stand in words; two levels are open, and what is folded shows how it begins."""
    assert Page(show(_SHOP)[0]).text == _SHOP_LINES


def test_text() -> None:
    """The text is JSON indented by two spaces."""
    assert show(_SHOP)[1] == json.dumps(_SHOP, indent=2)


@settings(max_examples=60, deadline=None)
@given(document=DOCUMENTS)
def test_any_document(document: Json) -> None:
    """No JSON is too much: both forms are small, can be sent, and are well-formed, with tags and attributes of ours."""
    if not isinstance(document, dict | list):
        assert make_tree(document) is document
        return
    page = Page(show(document)[0])
    assert {tag for tag, _ in page.tags} <= {"div", "style", "details", "summary", "ul", "li", "b", "i", "span"}
    assert {pair for _, attributes in page.tags for pair in attributes} <= {
        ("class", "apigw-tree"), ("open", None), ("role", "list"), *(("class", name) for name in "vpsnw"),
    }  # fmt: skip
    assert Page(show(_tame(document))[0]).tags == page.tags


@settings(max_examples=60, deadline=None)
@given(
    document=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=50),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=50), inner),
        max_leaves=30,
    )
)
def test_text_is_json(document: Json) -> None:
    """A document that is shown whole can be read back."""
    if isinstance(document, dict | list):
        assert json.loads(show(document)[1]) == document


@pytest.mark.parametrize("payload", PAYLOADS)
def test_payloads(payload: str) -> None:
    """Markup in a key or a value is text, shown as JSON writes it."""
    page = Page(show({payload: payload, "folded": {"deep": {payload: [payload]}}})[0])
    written = json.dumps(payload)
    assert f"{written[1:-1]}: {written}\n" in page.text
    assert page.text.count(written[1:13]) >= 4


@pytest.mark.parametrize(
    ("value", "html", "text"),
    [
        ("x" * 200, f'"{"x" * 200}"', f'"{"x" * 200}"'),
        ("x" * 12_345, f'"{"x" * 200}…" (12,345 characters)', f'"{"x" * 200}…" (12,345 characters)'),
        ("\x1b[2J\x07\x7f\x9b", r'"\u001b[2J\u0007\u007f\u009b"', r'"\u001b[2J\u0007\u007f\u009b"'),
        ("\u202eevil\u2066\u200b", r'"\u202eevil\u2066\u200b"', r'"\u202eevil\u2066\u200b"'),
        ("\ud800 \U000e0041", r'"\ud800 \udb40\udc41"', r'"\ud800 \udb40\udc41"'),
        ('a\r\nb\t"\\', r'"a\r\nb\t\"\\"', r'"a\r\nb\t\"\\"'),
        ("日本 👩‍💻 می‌خواهم", '"日本 👩‍💻 می‌خواهم"', '"日本 👩‍💻 می‌خواهم"'),
        ("true", '"true"', '"true"'),
        (True, "true", "true"),
        (None, "null", "null"),
        (float("nan"), "NaN", "NaN"),
        (-0.0, "-0.0", "-0.0"),
        (2**64 + 1, "18446744073709551617", "18446744073709551617"),
        (10**4999, "… (integer of about 4,999 digits)", "… (integer of about 4,999 digits)"),
        (-(10**100_000), "… (integer of about 100,000 digits)", "… (integer of about 100,000 digits)"),
        ({}, "{}", "{}"),
        ([], "[]", "[]"),
    ],
    ids=range(17),
)  # fmt: skip
def test_values(value: Json, html: str, text: str) -> None:
    """A value is written as JSON, with what is not seen escaped; what is long is cut, and its length said."""
    shown = show([value])
    assert f"    0: {html}\n" in Page(shown[0]).text
    assert f"[\n  {text}\n]" == shown[1]


@pytest.mark.parametrize(
    ("key", "html", "text"),
    [
        ("plain key", "plain key", '"plain key"'),
        ("", '""', '""'),
        (" padded", '" padded"', '" padded"'),
        ("\u202e<b>", r"\u202e<b>", r'"\u202e<b>"'),
        ("k" * 81, f"{'k' * 80}… (81 characters)", f'"{"k" * 80}…" (81 characters)'),
    ],
)
def test_keys(key: str, html: str, text: str) -> None:
    """A key is bold and bare, in quotes where it would not be seen."""
    shown = show({key: 1})
    assert f"    {html}: 1\n" in Page(shown[0]).text
    assert shown[1] == f"{{\n  {text}: 1\n}}"


def test_the_second_level_opens_while_short() -> None:
    """Of two branches, the one that would make the page long stays closed."""
    text = Page(show({"long": list(range(60)), "short": [1, 2]})[0]).text
    assert "\n  ▸ long: array, 60 items [0, 1, 2, 3, " in text
    assert "\n  ▾ short: array, 2 items [1, 2]\n" in text


def test_many_members() -> None:
    """The first hundred are shown, and the number of the others."""
    html, text = show({"rows": list(range(4313)), "odd": list(range(101))})
    assert "      … 4,213 more items; the value holds them all\n" in Page(html).text
    assert "    99,\n    … 4,213 more items; the value holds them all\n  ],\n" in text
    assert "… 1 more item; the value holds it\n" in text


def test_a_hundred_thousand_levels() -> None:
    """No nesting is too deep."""
    html, text = show(nest(100_000))
    assert "… nested deeper: 1 item; the value holds it all" in Page(html).text
    assert "[ … nested deeper: 1 item; the value holds it all ]" in text


def test_upper_levels_come_first() -> None:
    """The first branch does not fill the page: the others are named, and it is said that some are not shown."""
    inner: Json = {str(number): "x" * 150 for number in range(100)}
    html, text = show({name: [inner] * 100 for name in ("first", "second", "last")})
    for form in (Page(html).text, text):
        assert "last" in form
        assert "100 keys not shown" in form
    assert Page(html).text.endswith("… cut at 256 KB; the value holds it all")
    assert text.endswith("}\n… cut at 500 values; the value holds it all")


@pytest.mark.parametrize(
    "document",
    [
        [{"id": 1, "text": "x" * 50, "tags": ["a", "b"], "deep": {"er": [1, 2, 3]}}] * 1_000_000,
        dict.fromkeys(map(str, range(1_000_000)), "x" * 50),
        ["x" * 50_000_000],
        {"k" * 50_000_000: 1},
        [[["\U000e0001" * 300] * 100] * 100] * 100,
        dict.fromkeys((f"{number}" + "<\x01" * 80 for number in range(300)), ["&\ud800" * 300] * 300),
        [{"": [{}] * 1000}] * 1000,
    ],
    ids=range(7),
)
def test_large_documents(document: Json) -> None:
    """What is large takes no more work than what fills the form."""
    assert count_steps(show, document) < 4_000_000


def test_a_tree_is_the_document() -> None:
    """It equals the plain one and shares what is nested; copies and pickles are plain."""
    pairs: list[tuple[Json, type]] = [(_SHOP, JsonObject), ([1, [2]], JsonArray)]
    for document, kind in pairs:
        tree = make_tree(document)
        assert type(tree) is kind
        assert tree == document
        assert json.dumps(tree) == json.dumps(document)
        for copied in (copy.copy(tree), copy.deepcopy(tree), pickle.loads(pickle.dumps(tree))):  # noqa: S301 - ours
            assert type(copied) is type(document)
            assert copied == document
    tree = make_tree(_SHOP)
    assert isinstance(tree, dict)
    assert isinstance(_SHOP, dict)
    assert tree["items"] is _SHOP["items"]
    assert type(tree | {}) is dict


def _tame(document: Json) -> Json:
    """Return the document with signs of no meaning for those of markup, its shape and lengths kept."""
    if isinstance(document, str):
        return document.translate({ord("<"): "\ue000", ord(">"): "\ue001", ord("&"): "\ue002"})
    if isinstance(document, list):
        return [_tame(value) for value in document]
    if isinstance(document, dict):
        return {f"{_tame(key)}": _tame(value) for key, value in document.items()}
    return document
