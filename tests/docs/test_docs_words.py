"""What the pages have to name, and that no block of them is left without a test."""

from __future__ import annotations

import configparser
import json
import re
import tomllib
from typing import TYPE_CHECKING

import pytest

import apigw_magic
from apigw_magic.magics.options import (
    ACCESS_OPTIONS,
    AGAIN_OPTIONS,
    COMMANDS,
    CONNECT_OPTIONS,
    DEMO_OPTIONS,
    HISTORY_OPTIONS,
    REQUEST_OPTIONS,
)
from apigw_magic.magics.settings import Settings
from tests.docs.pages import CELLS, DOCS, MADE, PAGES, TESTED, matches, read_page

if TYPE_CHECKING:
    from pathlib import Path

_EACH = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
_ALL = "\n".join(page.read_text("utf-8") for page in PAGES)
_OPTIONS = (*REQUEST_OPTIONS, *CONNECT_OPTIONS, *AGAIN_OPTIONS, *HISTORY_OPTIONS, *ACCESS_OPTIONS, *DEMO_OPTIONS)
_FLAGS = sorted({flag for option in _OPTIONS for flag in option.flags})
_KNOWN = ("aws login ", "aws sso login ", "export ", "jupyter execute ", "pytest ")


@_EACH
def test_every_block_is_of_a_kind_that_is_tested(page: Path) -> None:
    """A block is run, compared, used, or made by Sphinx; an output stands below a cell."""
    blocks = read_page(page)
    assert {block.kind for block in blocks} <= TESTED | MADE
    for before, block in zip([None, *blocks], blocks, strict=False):
        if block.kind == "output":
            assert before is not None, f"{page.name}:{block.number}"
            assert before.kind in CELLS, f"{page.name}:{block.number}"


@_EACH
def test_files_are_what_their_names_say(page: Path) -> None:
    """What stands as a file can be read as one."""
    for block in read_page(page):
        if block.kind != "file":
            continue
        match block.words.rpartition(".")[2]:
            case "json":
                json.loads(block.text)
            case "toml":
                tomllib.loads(block.text)
            case "py":
                compile(block.text, block.words, "exec")
            case "aws/config":
                configparser.ConfigParser().read_string(block.text)
            case other:
                pytest.fail(f"{page.name}:{block.number}: nobody looks at {other} files")


@_EACH
def test_commands_of_the_shell_are_known(page: Path) -> None:
    """Each is a login, a variable, one that a test runs, or one of the README's, which CI runs."""
    readme = (DOCS.parent / "README.md").read_text("utf-8").splitlines()
    for block in read_page(page):
        if block.kind == "sh":
            lines = block.text.splitlines()
            assert [line for line in lines if not line.startswith(_KNOWN) and line not in readme] == []


@pytest.mark.parametrize("flag", _FLAGS)
def test_every_option_is_shown(flag: str) -> None:
    """Each option stands in a page that somebody wrote, beside the table that is made."""
    assert re.search(rf"(?<![\w-]){re.escape(flag)}(?![\w-])", _ALL)


@pytest.mark.parametrize("name", [command.name for command in COMMANDS if command.name not in {"", "help"}])
def test_every_command_is_shown(name: str) -> None:
    """As the options."""
    assert f"%apigw {name}" in _ALL


def test_every_table_is_made() -> None:
    """The reference has the options of each command that takes some, the commands and the settings."""
    blocks = {(block.kind, block.words) for page in PAGES for block in read_page(page)}
    named = {command.name for command in COMMANDS if command.options} | {"request"}
    assert {("options", name) for name in named} <= blocks
    assert {("commands", ""), ("settings", ""), ("refusals", "api"), ("refusals", "sts")} <= blocks
    assert Settings.class_own_traits(config=True)


@pytest.mark.parametrize("name", apigw_magic.__all__)
def test_every_public_name_is_described(name: str) -> None:
    """The page of the Python API has the docstring of each."""
    assert re.search(rf"^\.\. auto(function|class|exception):: {name}$", _ALL, re.MULTILINE)


def test_no_page_names_this_machine_or_a_registry() -> None:
    """Pages are for every machine; what is installed comes from wherever the reader's tools say."""
    assert not re.search(r"pypi\.org|pythonhosted|files\.|/home/|/root/|/tmp/|/work/", _ALL)


@pytest.mark.parametrize(
    ("told", "shown", "is_so"),
    [
        ("a\nb", "a\nb\n", True),
        ("a … c", "a b c", True),
        ("a … c", "a b d", False),
        ("…\nc", "a\nb\nc", True),
        ("a\n…", "a", True),
        ("a", "a\nb", False),
        ("1.5", "105", False),
        ("a", "a   ", True),
    ],
)
def test_matching(told: str, shown: str, *, is_so: bool) -> None:
    """`…` stands for anything in its line, or for any lines; all else is as it is."""
    assert matches(told, shown) is is_so
