"""The cells that want an AWS account, run on invented ones, by the files and variables that their page names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.docs.pages import matches, read_pages_with
from tests.docs.world import make_world

if TYPE_CHECKING:
    from pathlib import Path

    from tests.docs.pages import Block
    from tests.docs.world import World

_RUN = read_pages_with("own-cell")
_SERVICES = {
    "connecting": set[str](),
    "index": {"execute-api"},
    "python-api": {"execute-api"},
    "recipes": {"appsync", "execute-api", "lambda", "vpc-lattice-svcs"},
}
_BASES = {
    "connecting": ["AKIAWORK", "ASIAVIEWER2", "AKIACONSOLE", "ASIAPOD1", "AKIAVAULT", "ASIAMACHINE"],
}
"""The keys that roles have to be assumed with, such as those of SSO: pages that speak of them are tried with them."""


@pytest.mark.parametrize("page", _RUN, ids=lambda page: page.stem)
def test_own_cells(page: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each ends well, shows what the page tells, and what it sends is signed for the service of its host."""
    blocks = _RUN[page]
    with make_world(tmp_path) as world:
        write_files(world, blocks)
        exported: list[tuple[str, tuple[str, ...]]] = []
        for block, after in zip(blocks, [*blocks[1:], None], strict=True):
            for name, section in list(exported):
                if block.section[: len(section)] != section:
                    world.patch.delenv(name)
                    exported.remove((name, section))
            if block.kind == "sh":
                exported += [(name, block.section) for name in export(world, block)]
            if block.kind == "own-cell":
                done = world.shell.run_cell(world.prepare(block.text), store_history=True)
                shown = capsys.readouterr().out
                assert done.success, f"{page.name}:{block.number}: {shown}"
                if after is not None and after.kind == "output":
                    assert matches(after.text, shown), f"{page.name}:{block.number} shows\n{shown}"
        assert world.apis.services == _SERVICES[page.stem]
        assert set(_BASES.get(page.stem, [])) <= {key for _, key in world.sts.hops}


def write_files(world: World, blocks: list[Block]) -> None:
    """Write the files of a page where they belong; those of one name are parts of one."""
    written: dict[str, str] = {}
    for block in blocks:
        if block.kind == "file":
            written[block.words] = written.get(block.words, "") + block.text + "\n"
    world.configure(written.pop("~/.aws/config", ""))
    for name, content in written.items():
        (world.folder / name).write_text(content)


def export(world: World, block: Block) -> list[str]:
    """Set the variables that a shell is told to export, and return their names."""
    names = []
    for line in block.text.splitlines():
        if line.startswith("export "):
            name, _, value = line.removeprefix("export ").partition("=")
            world.patch.setenv(name, value)
            names.append(name)
    return names
