"""Pictures of the quickstart, run in JupyterLab, in light and dark: `nox -s pictures`."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tests.browser.lab import open_playwright, run_notebook, serve_lab

if TYPE_CHECKING:
    from playwright.sync_api import FloatRect, Page, ViewportSize

_ROOT = Path(__file__).parents[2]
PICTURES = _ROOT / "docs" / "pictures"
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}

_TOLD = ("%apigw GET /customers", "%%apigw --as writer", "%%apigw\n")
"""How the cells begin that the README's picture shows; the others are hidden for it."""

_MARGIN = 8
_SIZE: ViewportSize = {"width": 1240, "height": 3400}

_SHOW = """beginnings => {
  const panel = window.jupyterapp.shell.currentWidget;
  for (const cell of panel.content.widgets) {
    const told = cell.model.type === 'code'
      && beginnings.some(start => cell.model.sharedModel.getSource().startsWith(start));
    cell.node.style.display = told || beginnings.length === 0 ? '' : 'none';
  }
}"""


def take_pictures(folder: Path) -> None:
    """Run the quickstart, write `quickstart-light.png` and `quickstart-dark.png`, and `whole-….png` of the page."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        home = Path(temporary)
        (home / "notebooks").mkdir()
        shutil.copy(_ROOT / "notebooks" / "quickstart.ipynb", home / "notebooks")
        with (
            open_playwright() as playwright,
            serve_lab(home) as server,
            run_notebook(playwright, server, "quickstart.ipynb", home / "profile") as page,
        ):
            page.evaluate("window.jupyterapp.commands.execute('application:toggle-left-area')")
            page.set_viewport_size(_SIZE)
            for name, theme in THEMES.items():
                set_theme(page, theme)
                page.screenshot(path=folder / f"whole-{name}.png")
                page.evaluate(_SHOW, _TOLD)
                page.screenshot(path=folder / f"quickstart-{name}.png", clip=frame_cells(page))
                page.evaluate(_SHOW, ())


def set_theme(page: Page, theme: str) -> None:
    """Change the theme, and wait until it is there."""
    page.evaluate("theme => window.jupyterapp.commands.execute('apputils:change-theme', {theme})", theme)
    page.wait_for_function("theme => document.body.dataset.jpThemeName === theme", arg=theme)
    page.wait_for_timeout(1000)  # colours fade


def frame_cells(page: Page) -> FloatRect:
    """Return the rectangle around the cells that are shown."""
    page.wait_for_timeout(500)  # the page moves them together
    boxes = [box for cell in page.locator(".jp-CodeCell:visible").all() if (box := cell.bounding_box()) is not None]
    top, bottom = boxes[0], boxes[-1]
    height = bottom["y"] + bottom["height"] - top["y"]
    return {"x": top["x"], "y": top["y"] - _MARGIN, "width": top["width"], "height": height + 2 * _MARGIN}


if __name__ == "__main__":
    take_pictures(Path(sys.argv[1]) if len(sys.argv) > 1 else PICTURES)
