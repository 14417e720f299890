"""The quickstart in JupyterLab, in headless Chromium: what a user really sees."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.browser.lab import skip_without_browser

if TYPE_CHECKING:
    from playwright.sync_api import Page

skip_without_browser()


def test_frame_under_a_status_line(quickstart: Page) -> None:
    """The first request shows a status line, and a table below it."""
    status, frame, *_ = quickstart.locator(".jp-OutputArea-output.jp-RenderedHTML").all()
    assert status.inner_text().startswith("200 OK · 5 rows")
    assert frame.locator("table.dataframe tbody tr").count() == 5


def test_expected_refusal_is_told(quickstart: Page) -> None:
    """A refusal that the cell expects is told in words, and is no error output."""
    told = quickstart.get_by_text("403 AccessDeniedException: reader may not POST /orders.")
    assert told.count() == 1
    assert quickstart.locator(".jp-OutputArea-output[data-mime-type='application/vnd.jupyter.stderr']").count() == 0


def test_connections_are_shown_whole(quickstart: Page) -> None:
    """The table of connections cuts no ARN short."""
    assert quickstart.get_by_text(":assumed-role/partner/").count() == 1
