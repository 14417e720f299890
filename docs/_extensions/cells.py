"""Cells of a notebook on a page, what they show, and files beside them.

| directive | what stands in it |
|---|---|
| `cell` | a cell that the tests run on the local account; `fails` behind it says that it ends with an error |
| `own-cell` | a cell that wants an AWS account; the tests run it on invented ones |
| `output` | what the cell above shows; `…` stands for anything |
| `file` | a file by its name, which the cells of the page find |
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from lexer import CellLexer
from sphinx.directives.code import CodeBlock

if TYPE_CHECKING:
    from docutils import nodes
    from sphinx.application import Sphinx

_LANGUAGES = {".json": "json", ".py": "python", ".toml": "toml", ".yml": "yaml"}


class Cell(CodeBlock):
    """A cell of a notebook."""

    optional_arguments = 1
    language = "apigw"
    css = "apigw-cell"
    caption = ""

    def run(self) -> list[nodes.Node]:
        """Return a code block in the cell's own language."""
        self.options["class"] = [self.css]
        if self.caption:
            self.options["caption"] = self.caption
        self.arguments = [self.language]
        return super().run()


class OwnCell(Cell):
    """A cell that wants an AWS account."""

    css = "apigw-own"
    caption = "with your own account"


class Output(Cell):
    """What the cell above shows."""

    language = "text"
    css = "apigw-output"


class File(Cell):
    """A file by its name."""

    css = "apigw-file"

    def run(self) -> list[nodes.Node]:
        """Return a code block in the file's language, under its name."""
        self.caption = self.arguments[0]
        self.language = _LANGUAGES.get(PurePosixPath(self.caption).suffix, "ini")
        return super().run()


def setup(app: Sphinx) -> dict[str, bool]:
    """Add the directives and the language of cells."""
    app.add_lexer("apigw", CellLexer)
    for name, directive in {"cell": Cell, "own-cell": OwnCell, "output": Output, "file": File}.items():
        app.add_directive(name, directive)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
