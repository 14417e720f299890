"""Words to a command's arguments, by argparse, which must neither exit the kernel nor print."""

from __future__ import annotations

import argparse
import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, NoReturn

from apigw_magic import text
from apigw_magic.errors import CommandError
from apigw_magic.magics.habits import mend_option, mend_word
from apigw_magic.magics.options import REQUEST

if TYPE_CHECKING:
    from apigw_magic.magics.options import Command


_NEAR = 0.7
_VERSION = re.compile(r"HTTP/\d(?:\.\d)?")


@dataclass(frozen=True, slots=True)
class Arguments:
    """What stood on the line.

    Attributes:
        words: what is no option, in order.
        values: the values of options that take one, by long name without dashes.
        lists: the values of options that may stand several times.
        flags: the options without value that stood there.
    """

    words: tuple[str, ...]
    values: dict[str, str]
    lists: dict[str, tuple[str, ...]]
    flags: frozenset[str]


_WANTS_VALUE = re.compile(r"argument (\S+): expected one argument")
_TAKES_NONE = re.compile(r"argument (\S+): ignored explicit argument .*", re.DOTALL)
"""What argparse says where a value lacks, and where one should not stand."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Raise instead of exiting, in our own words."""
        if found := _WANTS_VALUE.fullmatch(message):
            usage = next(action.metavar for action in self._actions if "/".join(action.option_strings) == found[1])
            flag = found[1].rpartition("/")[2]
            raise CommandError(f"{self.prog}: {flag} lacks its value.", fix=f"Write {flag} {usage}")
        if found := _TAKES_NONE.fullmatch(message):
            flag = found[1].rpartition("/")[2]
            raise CommandError(f"{self.prog}: {flag} takes no value.", fix=f"Write {flag} alone.")
        raise CommandError(f"{self.prog}: {message}.", fix=f"{self.prog} -h shows what it takes.")


def parse_arguments(command: Command, words: list[str]) -> Arguments:
    """Parse the words after a command.

    Raises:
        CommandError: an option that does not exist, lacks its value or stands twice; too many words.
    """
    title = command.title
    parser = _Parser(prog=title, add_help=False, allow_abbrev=False)
    for option in command.options:
        name = option.flags[-1].lstrip("-")
        if option.value:
            parser.add_argument(*option.flags, dest=name, metavar=option.value, action="append")
        else:
            parser.add_argument(*option.flags, dest=name, action="store_true")
    known, rest = parser.parse_known_args(words)
    if len(rest) > 1 and "/" not in rest[-1] and any(names.endswith(",") for names in vars(known).get("as") or ()):
        raise CommandError("--as has a space after its comma.", fix="Write --as reader,writer")
    if command is REQUEST and len(rest) > 1 and _VERSION.fullmatch(rest[-1]):
        rest = rest[:-1]  # of a request line that was copied
    for word in rest:
        if word.startswith("-") and word != "-":
            _refuse_unknown(title, word, command)
    if len(rest) > command.arguments:
        if rest[command.arguments].startswith("#"):
            raise CommandError("A comment stands in a cell, not on the line.", fix="Write %%apigw, and it below.")
        raise CommandError(
            f"{title} does not take {rest[command.arguments]!r}.",
            fix=mend_word(rest[command.arguments])
            or f"Write {title} {command.usage}".rstrip()
            + ("; quote what contains spaces." if command.arguments else ""),
        )
    return _gather(title, command, vars(known), tuple(rest))


def expand_arguments(
    arguments: Arguments, evaluate: text.Evaluate | None, *, leave: frozenset[str] = frozenset()
) -> Arguments:
    """Return the arguments with `{{ }}` expanded to text, but for the options that are left as they are.

    Without `evaluate` all is taken as it stands.

    Raises:
        RequestSyntaxError: an expression fails, or its value is missing or not a single one.
    """

    def expand(given: str) -> str:
        return text.expand_text(given, evaluate)

    return Arguments(
        tuple(map(expand, arguments.words)),
        {name: value if name in leave else expand(value) for name, value in arguments.values.items()},
        {name: values if name in leave else tuple(map(expand, values)) for name, values in arguments.lists.items()},
        arguments.flags,
    )


def refuse_empty(given: Arguments) -> None:
    """Refuse an option that stands there and says nothing, such as `--region {{ region }}` with an empty text.

    Raises:
        CommandError: naming the option.
    """
    options = [*given.values.items(), *((name, value) for name, values in given.lists.items() for value in values)]
    for name, value in options:
        if not value.strip() and name != "data":
            raise CommandError(f"--{name} is empty.", fix="Give it a value, or leave it out.")


def split_header(given: str, option: str) -> tuple[str, str]:
    """Return name and value of a header field.

    Raises:
        CommandError: there is no colon.
    """
    name, colon, value = given.partition(":")
    if not colon:
        # It is not shown: a token may stand here without its name.
        raise CommandError(f"What stands after {option} has no colon.", fix=f"Write {option} 'Name: value'")
    return name, value.strip()


def parse_seconds(given: str, option: str) -> float:
    """Return the seconds that an option is given.

    Raises:
        CommandError: it is none.
    """
    try:
        return float(given)
    except ValueError:
        problem = CommandError(f"{option} {given} is not a time.", fix=f"Write seconds, such as {option} 60")
    raise problem


def _gather(title: str, command: Command, found: dict[str, object], words: tuple[str, ...]) -> Arguments:
    values: dict[str, str] = {}
    lists: dict[str, tuple[str, ...]] = {}
    flags: set[str] = set()
    for option in command.options:
        name = option.flags[-1].lstrip("-")
        given = found[name]
        if isinstance(given, list) and option.many:
            lists[name] = tuple(given)
        elif isinstance(given, list) and len(given) > 1:
            raise CommandError(f"{title}: {option.flags[-1]} stands {len(given)} times.", fix="Write it once.")
        elif isinstance(given, list):
            values[name] = given[0]
        elif given:
            flags.add(name)
    return Arguments(words, values, lists, frozenset(flags))


def _refuse_unknown(title: str, word: str, command: Command) -> NoReturn:
    flag = word.partition("=")[0]
    if habit := mend_option(flag):
        raise CommandError(f"{title} has no option {flag}.", fix=habit)
    near = get_close_matches(flag, [flag for option in command.options for flag in option.flags], n=1, cutoff=_NEAR)
    raise CommandError(
        f"{title} has no option {flag}.",
        fix=f"Did you mean {near[0]}?" if near else f"{title or '%apigw'} -h shows what it takes.",
    )
