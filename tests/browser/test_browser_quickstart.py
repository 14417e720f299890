"""The quickstart in JupyterLab and in Notebook 7, in headless Chromium: what a user really sees."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.lab import run_cell, skip_without_browser
from tests.browser.pictures import THEMES, set_theme

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

skip_without_browser()

# A text's colour against the first background behind it, as WCAG 2 has it.
_CONTRAST = """node => {
  const paint = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const read = colour => {
    paint.clearRect(0, 0, 1, 1); paint.fillStyle = colour; paint.fillRect(0, 0, 1, 1);
    return [...paint.getImageData(0, 0, 1, 1).data];
  };
  const light = ([r, g, b]) => [[r, .2126], [g, .7152], [b, .0722]].reduce((sum, [value, weight]) => {
    const part = value / 255;
    return sum + weight * (part <= .04045 ? part / 12.92 : ((part + .055) / 1.055) ** 2.4);
  }, 0);
  const text = light(read(getComputedStyle(node).color));
  let behind = node;
  while (behind.parentElement && read(getComputedStyle(behind).backgroundColor)[3] < 255) behind = behind.parentElement;
  const ground = light(read(getComputedStyle(behind).backgroundColor));
  return (Math.max(text, ground) + .05) / (Math.min(text, ground) + .05);
}"""

_ERROR = ".jp-OutputArea-output[data-mime-type='application/vnd.jupyter.stderr']"
"""What Jupyter makes of an error output."""

_READABLE = 4.5
"""WCAG 2, success criterion 1.4.3."""


@pytest.fixture(params=["quickstart", "classic"])
def page(request: pytest.FixtureRequest) -> Page:
    """The quickstart in JupyterLab, then in Notebook 7."""
    return request.getfixturevalue(request.param)


def outputs(page: Page, source: str) -> Locator:
    """Return the outputs of the first cell that holds this source."""
    return page.locator(".jp-CodeCell").filter(has_text=source).first.locator(".jp-OutputArea-output")


def test_frame_under_a_status_line(page: Page) -> None:
    """The first request shows a status line, and a table below it."""
    status, frame = outputs(page, "%apigw GET /customers").all()
    assert status.inner_text().startswith("200 OK · 8 rows × 5 columns from customers · ")  # noqa: RUF001 - as shown
    assert frame.locator("table.dataframe tbody tr").count() == 8


def test_refusal_is_a_failure(page: Page) -> None:
    """A refusal is told in two or three lines, as an error output; the page goes on where the notebook says so."""
    (refusal,) = page.locator(_ERROR).all()
    assert refusal.inner_text().startswith("403 AccessDeniedException: reader may not POST /orders.")
    assert len(refusal.inner_text().strip().splitlines()) <= 3


def test_expected_refusal_is_told(page: Page) -> None:
    """A refusal that the cell expects is told in words, and is no error output."""
    (told,) = outputs(page, "again --expect").all()
    assert "403 AccessDeniedException: reader may not POST /orders." in told.inner_text()
    assert told.and_(page.locator(_ERROR)).count() == 0


def test_connections_are_shown_whole(page: Page) -> None:
    """The table of connections cuts no ARN short."""
    assert page.get_by_text(":assumed-role/partner/").count() == 1


@pytest.mark.parametrize("source", ["%apigw -h", "%apigw?", "%%apigw?"])
def test_help_is_shown(page: Page, source: str) -> None:
    """Help is text in the page, examples first, with every option."""
    (shown,) = run_cell(page, source).all()
    told = shown.inner_text()
    assert "%apigw connect" in told
    assert told.index("GET /orders") < told.index("--expect STATUS")


@pytest.mark.parametrize("theme", THEMES)
def test_everything_is_legible(quickstart: Page, theme: str) -> None:
    """Our own words have the contrast that WCAG asks for, in light and in dark."""
    set_theme(quickstart, THEMES[theme])
    lines = [
        line
        for source in ("%apigw GET /customers", "again --expect")
        for line in outputs(quickstart, source).locator("div").all()
    ]
    ours = [line for line in lines if "as reader" in line.inner_text() or "403" in line.inner_text()]
    assert len(ours) >= 2
    assert min(line.evaluate(_CONTRAST) for line in ours) >= _READABLE
