"""A server that would run scripts in the page: nothing of it runs, and what it sent is told as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.browser.hostile import CELLS
from tests.browser.lab import skip_without_browser

if TYPE_CHECKING:
    from playwright.sync_api import Page

skip_without_browser()

_MADE = ".jp-OutputArea-output :is(script, iframe, object, embed, [onerror], [onload], [ontoggle], #evil)"


def test_nothing_runs(hostile: Page) -> None:
    """After all outputs were shown no script of the server has run, and no element of it stands in the page."""
    hostile.get_by_text("all asked", exact=True).wait_for()
    hostile.wait_for_timeout(500)  # an image that cannot be loaded says so later
    assert hostile.evaluate("window.ran") is None
    assert hostile.locator(_MADE).count() == 0
    assert hostile.locator(".jp-OutputArea-output img").count() == 0


def test_it_is_told_as_text(hostile: Page) -> None:
    """What it sent is there to be read: as columns, values, messages, headers and content."""
    shown = hostile.locator(".jp-OutputArea-output").all_inner_texts()
    assert sum("<img src=x onerror=" in text for text in shown) >= len(CELLS) // 2
    assert not [text for text in shown if "apigw_magic failed" in text]
    grids = hostile.locator(".apigw-access table").all_text_contents()  # those out of sight, too
    assert ["<img/src=x/onerror=" in grids[0], "<svg/onload=" in grids[1]] == [True, True]
    assert all("<img src=x onerror=" in text for text in grids)  # the connection's name


def test_a_leak_would_be_seen(hostile: Page) -> None:
    """The page does run what is written into it as it is: the tests above are not blind."""
    hostile.evaluate(
        "document.querySelector('.jp-OutputArea-output').insertAdjacentHTML('beforeend',"
        " '<img src=x onerror=window.seen=1>')"
    )
    hostile.wait_for_function("window.seen === 1")
    assert hostile.locator(_MADE).count() == 1
