"""The table of commands and options, the help made from it, and the README."""

from __future__ import annotations

from pathlib import Path

import pytest

from apigw_magic.errors import CommandError
from apigw_magic.magics.arguments import parse_arguments
from apigw_magic.magics.options import (
    ACCESS_OPTIONS,
    COMMANDS,
    CONNECT_OPTIONS,
    DEMO_OPTIONS,
    REQUEST,
    REQUEST_OPTIONS,
    help_text,
)

_README = Path(__file__).parents[2].joinpath("README.md").read_text("utf-8")
_FLAGS = [
    flag for option in (*REQUEST_OPTIONS, *CONNECT_OPTIONS, *ACCESS_OPTIONS, *DEMO_OPTIONS) for flag in option.flags
]


@pytest.mark.parametrize("flag", _FLAGS)
def test_every_option_is_documented(flag: str) -> None:
    """Help and README name every option."""
    assert flag in help_text()
    assert f"`{flag}" in _README or f"{flag} " in _README or f"{flag}`" in _README


@pytest.mark.parametrize("name", [command.name for command in COMMANDS if command.name])
def test_every_command_is_documented(name: str) -> None:
    """Help and README name every command."""
    assert f"%apigw {name}" in help_text()
    assert f"%apigw {name}" in _README


def test_help_fits_a_cell() -> None:
    """No line of the help is wider than a notebook's cell."""
    assert max(map(len, help_text().splitlines())) <= 100


def test_arguments() -> None:
    """Options may stand before, between and after the words; values keep their form."""
    got = parse_arguments(
        REQUEST, ["-o", "df", "GET", "--as=writer", "/orders?a=b", "-H", "A: 1", "-H", "B: {{ x }}", "-q"]
    )
    assert got.words == ("GET", "/orders?a=b")
    assert got.values == {"out": "df", "as": "writer"}
    assert got.lists == {"header": ("A: 1", "B: {{ x }}")}
    assert got.flags == {"quiet"}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--expct", "403"], "has no option --expct.\nDid you mean --expect?"),
        (["--expct=403"], "has no option --expct.\nDid you mean --expect?"),
        (["--zzz"], "has no option --zzz.\n%apigw -h shows what it takes."),
        (["-o"], "lacks its value"),
        (["-o", "a", "-o", "b"], "--out stands 2 times.\nWrite it once."),
        (["--quiet=yes"], "takes no value"),
        (["GET", "/a", "/b"], "does not take '/b'"),
        (["GET", "/a", "b c"], "quote what contains spaces"),
    ],
)
def test_bad_arguments(words: list[str], told: str) -> None:
    """A wrong option says which, and what was meant; argparse neither exits nor prints."""
    with pytest.raises(CommandError) as caught:
        parse_arguments(REQUEST, words)
    assert told in str(caught.value)
    assert len(caught.value.lines) in {1, 2, 3}
