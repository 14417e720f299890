"""A magic line as words."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apigw_magic.errors import RequestSyntaxError
from apigw_magic.text import split_words
from tests.text.steps import check_linear

SPLIT = [
    ("", []),
    ("   ", []),
    ("GET /orders -o  df", ["GET", "/orders", "-o", "df"]),
    ("-H 'X-Name: a b'", ["-H", "X-Name: a b"]),
    ('-H "X-Name: a b"', ["-H", "X-Name: a b"]),
    ("--name='a b' --x", ["--name=a b", "--x"]),
    ('--tag team="a b"', ["--tag", "team=a b"]),
    ("/x/{{ df['id'] }}/y", ["/x/{{ df['id'] }}/y"]),
    ('{{ df["id"] }} {{ "a b" }}', ['{{ df["id"] }}', '{{ "a b" }}']),
    ("-d '{{ {'a': {'b': 1}} }}'", ["-d", "{{ {'a': {'b': 1}} }}"]),
    ("'{{ a }} b'", ["{{ a }} b"]),
    ("-H 'X: {{ d['k'] }}' -q", ["-H", "X: {{ d['k'] }}", "-q"]),
    ("O'Brien it's", ["O'Brien", "it's"]),
    ("'it's fine' x", ["it's fine", "x"]),
    ("/Orders('A')?name='B'", ["/Orders('A')?name='B'"]),
    (r"C:\new\x 'a\' b", ["C:\\new\\x", "a\\", "b"]),
    ("'' \"\"", ["", ""]),
    ("--name=''", ["--name="]),
    ("a\tb\n", ["a", "b"]),
    ("'say \"hi\" now'", ['say "hi" now']),
    ("{a} $b", ["{a}", "$b"]),
    ("a" * 63 + "='b c'", ["a" * 63 + "=b c"]),
    ("a" * 64 + "='b c'", ["a" * 64 + "='b", "c'"]),
]


@pytest.mark.parametrize(("line", "words"), SPLIT)
def test_splits(line: str, words: list[str]) -> None:
    """Quotes group, templates stay whole, everything else is literal."""
    assert split_words(line) == words


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("-H 'X: a", "A ' that is not closed: -H 'X: a"),
        ('-H "X: a', 'A " that is not closed'),
        ("'a'b", "not closed"),
        ("'tis", 'quote the word with "'),
        ("a {{ b", "{{ without }}: {{ b"),
        ("'{{ b'", "{{ without }}"),
        ("{{ a b }}", "Not a Python expression: {{ a b }}"),
    ],
)
def test_says_what_is_not_closed(line: str, said: str) -> None:
    """A quote or a template that is not closed is an error that says so."""
    with pytest.raises(RequestSyntaxError) as caught:
        split_words(line)
    assert said in str(caught.value)


def test_braces_may_be_text() -> None:
    """Where nothing is inserted, braces neither group nor need an end."""
    assert split_words("-d 'a {{ b' {{ c d", inserts=False) == ["-d", "a {{ b", "{{", "c", "d"]
    assert split_words("", inserts=False) == []


@settings(deadline=None)
@given(st.text(alphabet="ab'\"{}= \\-\n\t/", max_size=40) | st.text(max_size=40))
def test_any_line_splits_or_is_refused(line: str) -> None:
    """No line raises anything else, and no word is invented."""
    try:
        words = split_words(line)
    except RequestSyntaxError:
        return
    assert sum(map(len, words)) <= len(line)


@pytest.mark.parametrize("unit", ["='", "'a' ", "a='='", "'", "{{ 1 }}=' ", "-a=", "a\\"])
def test_is_linear(unit: str) -> None:
    """A hostile line takes no more work than its length allows."""
    check_linear(split_words, "", unit)
