"""The pages of the documentation, as the tests read them: blocks in order, each of a kind that some test looks at."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"
PAGES = sorted(DOCS.glob("*.md"))

CELLS = frozenset({"cell", "own-cell"})
TESTED = CELLS | {"output", "file", "sh"}
MADE = frozenset({"commands", "eval-rst", "image", "options", "refusals", "settings", "toctree"})
"""Blocks that Sphinx makes of what the program says of itself, or of pictures made elsewhere."""

_FENCE = re.compile(r"```(?:\{(?P<directive>[\w-]+)\}|(?P<language>\w+))(?: (?P<words>.*))?")
_ANYTHING = "…"


@dataclass(frozen=True)
class Block:
    """A fenced block.

    Attributes:
        kind: its directive or language.
        words: what stands behind that.
        text: what stands in it, without the last line end.
        section: the headings that it stands below, the page's aside.
        number: the line that it starts on.
    """

    kind: str
    words: str
    text: str
    section: tuple[str, ...]
    number: int


def read_page(path: Path) -> list[Block]:
    """Return the blocks of a page, in order."""
    blocks: list[Block] = []
    section: tuple[str, ...] = ()
    opened: re.Match[str] | None = None
    started, lines = 0, list[str]()
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if opened is not None:
            if line == "```":
                kind = opened["directive"] or opened["language"]
                blocks.append(Block(kind, opened["words"] or "", "\n".join(lines), section, started))
                opened = None
            else:
                lines.append(line)
        elif line.startswith("```"):
            opened = _FENCE.fullmatch(line)
            assert opened is not None, f"{path.name}:{number}: a block without a kind"
            started, lines = number, []
        elif heading := re.fullmatch(r"(##+) (.*)", line):
            section = (*section[: len(heading[1]) - 2], heading[2])
    assert opened is None, f"{path.name}:{started}: a block without an end"
    return blocks


def read_pages_with(kind: str) -> dict[Path, list[Block]]:
    """Return the pages that have blocks of a kind, with all their blocks."""
    pages = {page: read_page(page) for page in PAGES}
    return {page: blocks for page, blocks in pages.items() if any(block.kind == kind for block in blocks)}


def matches(told: str, shown: str) -> bool:
    """Say whether a page tells what a cell shows: line by line, `…` standing for anything, in a line or as lines."""
    lines = [line.rstrip() for line in told.strip("\n").splitlines()]
    pattern = "".join(
        r"(?:.*\n)*?" if line == _ANYTHING else ".*".join(map(re.escape, line.split(_ANYTHING))) + r"[ ]*\n"
        for line in lines
    )
    return re.fullmatch(pattern, re.sub(r"\x1b\[[\d;]*m", "", shown).strip("\n") + "\n") is not None
