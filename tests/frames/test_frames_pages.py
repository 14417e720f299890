"""Pages of a list → one frame, as if they had come at once; and what is no page of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from apigw_magic.errors import FrameError
from apigw_magic.frames.columns import assemble, build_exactly
from apigw_magic.frames.pages import tabulate_pages
from apigw_magic.frames.parse import parse
from apigw_magic.frames.records import find_records
from apigw_magic.frames.storage import Storage
from apigw_magic.frames.tabulate import finish
from tests.frames.test_content import describe

PAGES = [
    # pages, in which all rows are
    [b'{"items":[{"a":1},{"a":2}],"next":"x"}', b'{"items":[{"a":3},{"b":null}],"next":"y"}', b'{"items":[]}'],
    [b'{"items":[{"a":{"b":1}}]}', b'{"items":[{"a":2}]}', b'{"items":[{"a":null},{"a":"x"}]}'],
    [b'{"a":1}\n{"a":2}\n', b'[{"a":0.5}]', b"[]"],
    [b'{"id":1,"a":[2]}', b'{"id":2,"a":[]}'],
    [b'{"B-1":{"a":1},"B-2":{"a":2}}', b'{"B-3":{"a":3},"B-4":{"a":4}}'],
    [b'{"hourly":{"t":[1,2],"x":[3,4]}}', b'{"hourly":{"t":[5,6],"x":[7,8]}}'],
    [b"[]"],
]

UNLIKE = [
    # pages, what is said of the one that does not fit
    ([b'[{"a": 1}]', b"7"], "Page 2: It holds no rows: it is a single value"),
    ([b'{"items":[{"a":1}],"next":"/2"}', b'{"message":"rate limited"}'], "Page 2: There is nothing at items"),
    ([b'{"items":[{"a":1}]}', b'{"items":[]}', b'{"items":'], "Page 3: The JSON ends early"),
    ([b'[{"a":1}]', b'[{"a":2}]', b'{"message":"rate limited"}'], "Page 3 is not like the first"),
    ([b'[{"a":1}]', b'{"items":[{"a":2}]}'], r"Page 2 is not like the first, whose rows are at \$: items"),
    ([b'{"message":"rate limited"}', b'[{"a":1}]'], "Page 2 is not like the first"),
]


@pytest.mark.parametrize("contents", PAGES)
@pytest.mark.parametrize("size", [8, 1_000])
def test_pages_are_one_frame(contents: list[bytes], size: int) -> None:
    """The rows of all pages have the dtypes that they would have in one; the rest is the last page's."""
    founds = [find_records(document) for document in map(parse, contents) if isinstance(document, dict | list)]
    rows = [row for found in founds for row in found.rows]
    last, storage = replace(founds[-1], index=None), Storage()
    exact = describe(lambda: finish(last, *assemble(build_exactly(rows, storage), len(rows), storage)))
    assert describe(lambda: tabulate_pages(contents, size=size)) == exact


@pytest.mark.parametrize(("contents", "words"), UNLIKE)
@pytest.mark.parametrize("size", [8, 1_000])
def test_a_page_that_is_unlike_the_first_is_refused(contents: list[bytes], words: str, size: int) -> None:
    """An error among the pages is no row; the page is named."""
    with pytest.raises(FrameError, match=words):
        tabulate_pages(contents, size=size)


def test_the_warnings_of_all_pages_are_kept() -> None:
    """What is said of the first page is not forgotten over the last."""
    first, last = b'{"id":1,"boats":[{"hull":"A1"}]}', b'{"id":2}'
    assert len(tabulate_pages([first, last]).warnings) == 1
