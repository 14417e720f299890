"""Tables that are made of what the program says of itself, so that they cannot say anything else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from apigw_magic.denials import load_catalogue
from apigw_magic.magics import options
from apigw_magic.magics.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sphinx.application import Sphinx

_OPTIONS = {
    "request": options.REQUEST_OPTIONS,
    "connect": options.CONNECT_OPTIONS,
    "access": options.ACCESS_OPTIONS,
    "again": options.AGAIN_OPTIONS,
    "history": options.HISTORY_OPTIONS,
    "demo": options.DEMO_OPTIONS,
}
_OF_STS = "sts_"
_STAND_INS = {
    "action": "the action",
    "kind": "role",
    "principal": "the caller",
    "request": "the request",
    "who": "the role",
}


class Commands(SphinxDirective):
    """The line commands."""

    def run(self) -> list[nodes.Node]:
        """Return their table."""
        commands = [(f"{each.title} {each.usage}".strip(), each.told) for each in options.COMMANDS]
        request = options.REQUEST
        commands[1:1] = [
            (f"%apigw {request.usage}", request.told),
            ("%%apigw [options] [METHOD target]", "send the request that the cell is"),
        ]
        return [_make_table(("command", "what it does"), commands)]


class Options(SphinxDirective):
    """The options of a command."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return their table."""
        rows = [(option.shown, option.told) for option in _OPTIONS[self.arguments[0]]]
        return [_make_table(("option", "what it does"), rows)]


class SettingsTable(SphinxDirective):
    """What `%config` sets."""

    def run(self) -> list[nodes.Node]:
        """Return the table, with the values they have at first."""
        traits = Settings.class_own_traits(config=True)
        rows = [(f"{name} = {trait.default_value!r}", trait.help or "") for name, trait in traits.items()]
        return [_make_table(("setting", "what it says"), rows)]


class Refusals(SphinxDirective):
    """The refusals that are explained: those of APIs, or those of STS."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return a definition for each, in the order in which they are looked for."""
        wants_sts = self.arguments[0] == "sts"
        found = nodes.definition_list(classes=["apigw-refusals"])
        for known in load_catalogue():
            if known.kind.startswith(_OF_STS) is not wants_sts:
                continue
            types = ", ".join(dict.fromkeys(kind for kind in known.error_types if kind))
            term = nodes.term("", "", nodes.literal("", known.kind))
            statuses = "/".join(map(str, known.status_codes))
            term += nodes.Text(f" · {statuses} {types}".rstrip())
            told = [
                nodes.paragraph("", _fill(text), support_smartquotes=False)
                for text in (known.meaning, known.remedy)
                if text
            ]
            found += nodes.definition_list_item("", term, nodes.definition("", *(told or [nodes.paragraph()])))
        return [found]


def _fill(text: str) -> str:
    """Say what stands for what the answer says."""
    words = {
        "principal": "the caller",
        "action": "the action",
        "who": "the role",
        "request": "the request",
        "kind": "role",
    }
    return text.format_map(_Words(words))


class _Words(dict[str, str]):
    def __missing__(self, _name: str) -> str:
        return ""


def _make_table(head: tuple[str, str], rows: Iterable[tuple[str, str]]) -> nodes.table:
    """Return a table whose first column is code."""
    group = nodes.tgroup("", nodes.colspec(colwidth=2), nodes.colspec(colwidth=3), cols=2)
    group += nodes.thead("", nodes.row("", *(nodes.entry("", nodes.paragraph("", text)) for text in head)))
    group += nodes.tbody("", *(_make_row(*row) for row in rows))
    return nodes.table("", group, classes=["apigw-table"])


def _make_row(code: str, told: str) -> nodes.row:
    first = nodes.paragraph("", "", nodes.literal("", code))
    # Two dashes in it are an option.
    second = nodes.paragraph("", told, support_smartquotes=False)
    return nodes.row("", nodes.entry("", first), nodes.entry("", second))


def setup(app: Sphinx) -> dict[str, bool]:
    """Add the directives."""
    directives = {"commands": Commands, "options": Options, "settings": SettingsTable, "refusals": Refusals}
    for name, directive in directives.items():
        app.add_directive(name, directive)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
