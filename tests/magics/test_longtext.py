"""The text of an answer: shown as it is, as no markup and to no terminal's taking, and not without end."""

from __future__ import annotations

import copy
import html
import json
import pickle
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from IPython.core.formatters import DisplayFormatter

from apigw_magic.magics.longtext import MOST_BYTES, LongText
from apigw_magic.magics.visible import UNSEEN, make_visible
from tests.text.steps import count_steps

_MARKUP = re.compile(
    r'<pre tabindex="0" role="region" aria-label="Text of the answer" style="[^"<>]*">\n'
    r'([^<>]*)</pre>(?:<div style="[^"<>]*">(… cut: [^<>]*)</div>)?'
)


def show(text: str) -> tuple[str, str]:
    """Return what is seen of a text in a notebook and in a terminal, after looking at what must be true of any."""
    shown, _ = DisplayFormatter().format(LongText(text))
    json.dumps(shown, ensure_ascii=False).encode()  # as in the message to the notebook
    for form in shown.values():
        assert len(form.encode()) <= MOST_BYTES
        assert not UNSEEN.search(form)
    found = _MARKUP.fullmatch(shown["text/html"])
    assert found
    return "\n".join(html.unescape(part) for part in found.groups() if part is not None), shown["text/plain"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("two\nlines\n", "two\nlines"),
        ("two\r\nlines\r\n", "two\nlines"),
        ("\n\nbelow", "\n\nbelow"),
        ("\tid\tname", "\tid\tname"),
        ("# Markdown\n\n* **a**\n\n    code", "# Markdown\n\n* **a**\n\n    code"),
        ("<h1>Not found</h1><script>alert(1)</script>", "<h1>Not found</h1><script>alert(1)</script>"),
        ("</pre><img src=x onerror=alert(1)>", "</pre><img src=x onerror=alert(1)>"),
        ("&lt;b&gt; & &#60;", "&lt;b&gt; & &#60;"),
        ("日本 👩‍💻 می‌خواهم", "日本 👩‍💻 می‌خواهم"),
        ("\x1b[2J\x1b]0;title\x07", "<U+001B>[2J<U+001B>]0;title<U+0007>"),
        ("\x9b31m\x9d0;title\x9c\x7f\x00", "<U+009B>31m<U+009D>0;title<U+009C><U+007F><U+0000>"),
        ("over\rwritten\b\v\f", "over<U+000D>written<U+0008><U+000B><U+000C>"),
        ("user\u202etxt.exe\u2066\u061c", "user<U+202E>txt.exe<U+2066><U+061C>"),
        ("\ufeffid\u200b\u2028\xad", "<U+FEFF>id<U+200B><U+2028><U+00AD>"),
        ("half \ud83d tag \U000e0041", "half <U+D83D> tag <U+E0041>"),
    ],
    ids=range(16),
)
def test_shown_as_it_is(text: str, shown: str) -> None:
    """Every character that can be seen is, in both forms, and every other by its number."""
    assert show(text) == (shown, shown)


@settings(max_examples=60, deadline=None)
@given(text=st.text(st.characters() | st.sampled_from("<>&\"'\x1b\r\n\u202e\ud800"), min_size=1, max_size=3000))
def test_any_text(text: str) -> None:
    """A text that is not long is shown whole."""
    expected = make_visible(text).removesuffix("\n")
    if expected.count("\n") < 400:
        assert show(text) == (expected, expected)
    else:
        show(text)


@pytest.mark.parametrize(
    ("text", "lines", "note"),
    [
        ("x\n" * 400, 400, ""),
        ("x\n" * 401, 400, "… cut: 802 characters, 401 lines in all; the value holds it whole"),
        ("x\n" * 18_000 + "é", 400, "… cut: 36,001 characters, 18,001 lines in all; the value holds it whole"),
        ("x" * 200_000, 1, ""),
        ("x" * 1_234_567, 1, "… cut: 1,234,567 characters, 1 line in all; the value holds it whole"),
        ("\U000e0041" * 100_000, 1, "… cut: 100,000 characters, 1 line in all; the value holds it whole"),
        ("&" * 255_000 + "\n", 1, None),
        ("日" * 50_000_000, 1, "… cut: 50,000,000 characters, 1 line in all; the value holds it whole"),
        (
            "\ud800\n" * 25_000_000,
            400,
            "… cut: 50,000,000 characters, 25,000,000 lines in all; the value holds it whole",
        ),
    ],
    ids=range(9),
)
def test_cut(text: str, lines: int, note: str | None) -> None:
    """What is long is cut, by lines and by bytes, with bounded work, and it is said how long it is."""
    assert count_steps(show, text) < 4_000_000
    shown = show(text)
    for form in shown:
        if note is None:  # the forms differ: in one of them a character takes more bytes
            continue
        assert len(form.removesuffix(note).splitlines()) == lines
        assert note in form.splitlines()[-1]
        assert bool(note) == ("… cut" in form)


def test_forms_are_cut_for_themselves() -> None:
    """Escaping makes markup longer: it is cut where the text is not."""
    marked_up, text = show("&" * 200_000)
    assert text == "&" * 200_000
    assert marked_up.endswith("… cut: 200,000 characters, 1 line in all; the value holds it whole")
    assert 40_000 < marked_up.count("&") < 60_000


def test_nothing() -> None:
    """A text without a character is shown in quotes, or it would not be seen."""
    assert DisplayFormatter().format(LongText(""))[0] == {"text/plain": "''"}


def test_inside_a_container() -> None:
    """Among other values a text is quoted, or where it ends could not be told; a long one is cut."""
    shown, _ = DisplayFormatter().format([LongText("a, b\n\x1b"), LongText("y" * 5000)])
    assert shown == {"text/plain": r"['a, b\n\x1b'," + f"\n '{'y' * 200}'… (5,000 characters)]"}
    assert repr(LongText("y" * 5000)) == f"'{'y' * 5000}'"


def test_it_is_a_str() -> None:
    """It equals the text and is used as one; what is derived, copied or unpickled is a plain `str`."""
    text = LongText("<b>\x1b")
    assert text == "<b>\x1b"
    assert hash(text) == hash("<b>\x1b")
    assert json.dumps([text]) == '["<b>\\u001b"]'
    derived = (text.upper(), text[:1], text + "", f"{text}", str(text), text.strip())
    unpickled = pickle.loads(pickle.dumps(text))  # noqa: S301 - ours
    for plain in (*derived, copy.copy(text), copy.deepcopy(text), unpickled):
        assert type(plain) is str
