"""A JSON document to look at: a tree that opens and closes in a notebook, indented JSON elsewhere.

Both forms are of a bounded size. What is shown is chosen level by level, so that the upper levels are there even if the
first of many branches could fill the page; and without recursion, so that no nesting is too deep.
"""

from __future__ import annotations

import json
import math
from collections import deque
from dataclasses import dataclass, field
from html import escape
from itertools import islice
from typing import TYPE_CHECKING, Protocol, TypeGuard

from apigw_magic.magics.longtext import MOST_BYTES
from apigw_magic.magics.visible import UNSEEN

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable, Iterator

    from apigw_magic.models import Json

_MOST_CHILDREN = 100
_DEEPEST = 30
_LONGEST_TEXT = 200
_LONGEST_KEY = 80
_LONGEST_NUMBER = 200
"""Digits; Python writes a number of thousands slowly, and may refuse to."""

_MOST_LINES = 500
"""Values in the form for a terminal, which cannot fold them."""

_MOST_OPEN = 50
"""Lines to which the second level unfolds at first."""

_LONGEST_PEEK = 60
_LONGEST_PEEKED = 24

_STYLE = """<style>
.apigw-tree { font: var(--jp-code-font-size, 13px)/1.6 var(--jp-code-font-family, monospace);
  padding-left: 2px; overflow-wrap: anywhere; color: var(--jp-content-font-color1, inherit) }
.apigw-tree ul { margin: 0 0 0 .4em; padding: 0 0 0 1em;
  border-left: 1px solid var(--jp-border-color2, color-mix(in srgb, currentColor 25%, transparent)) }
.apigw-tree li { list-style: none; margin: 0 }
.apigw-tree .v { padding-left: 3em; text-indent: -1.9em }
.apigw-tree summary { cursor: pointer }
.apigw-tree summary:focus-visible { outline: 2px solid var(--jp-brand-color1, currentColor) }
.apigw-tree b { font-weight: 600 }
.apigw-tree i, .apigw-tree .p { font-style: normal;
  color: var(--jp-ui-font-color2, color-mix(in srgb, currentColor 65%, transparent)) }
.apigw-tree .s { color: var(--jp-mirror-editor-string-color, inherit) }
.apigw-tree .n { color: var(--jp-mirror-editor-number-color, inherit) }
.apigw-tree .w { color: var(--jp-mirror-editor-keyword-color, inherit); font-style: italic }
.apigw-tree b, .apigw-tree span { unicode-bidi: isolate }
.apigw-tree [open] > summary > .p { display: none }
</style>"""


class JsonObject(dict[str, "Json"]):
    """A JSON object that is shown as a tree, equal to and usable as a `dict`, which `copy` and `pickle` give."""

    def __repr__(self) -> str:
        return _write(self, _Text())

    def _repr_html_(self) -> str:
        return _write(self, _Html())

    def __reduce__(self) -> tuple[type, tuple[()], None, None, Iterator[tuple[str, Json]]]:
        return dict, (), None, None, iter(self.items())


class JsonArray(list["Json"]):
    """A JSON array that is shown as a tree, equal to and usable as a `list`, which `copy` and `pickle` give."""

    def __repr__(self) -> str:
        return _write(self, _Text())

    def _repr_html_(self) -> str:
        return _write(self, _Html())

    def __reduce__(self) -> tuple[type, tuple[()], None, Iterator[Json]]:
        return list, (), None, iter(self)


def make_tree(document: Json) -> Json:
    """Return a document that a notebook shows as a tree; a scalar as it is.

    Args:
        document: as parsed; it is not changed, and what is nested in it stays its own.
    """
    if isinstance(document, dict):
        return JsonObject(document)
    return JsonArray(document) if isinstance(document, list) else document


@dataclass(slots=True)
class _Node:
    """A value that is shown.

    Attributes:
        head: its own line, in the form it is written in.
        value: as in the document.
        depth: 0 for the document itself.
        is_last: whether no sibling follows, shown or not.
        is_open: whether its children are seen at first.
        children: those of its members that are shown, from the first on.
    """

    head: str
    value: Json
    depth: int = 0
    is_last: bool = True
    is_open: bool = False
    children: list[_Node] = field(default_factory=list)


class _Form(Protocol):
    """How a tree is written.

    Attributes:
        most: values that are shown.
        limit: what stops it, in words.
        costs: bytes that may stand around the head of a value without members, and of one with them.
    """

    most: int
    limit: str
    costs: tuple[int, int]

    def head(self, label: str | int | None, value: Json) -> str:
        """Return the line of a value, which is labelled by its key or by its number."""

    def frame(self, node: _Node, left: str) -> tuple[str, str]:
        """Return what stands before the children of a value and after them; `left` tells of those not shown."""

    def bind(self, body: str, note: str) -> str:
        """Return the whole form; the note tells that it is cut."""


class _Text:
    """JSON indented by two spaces, valid if nothing is left out."""

    most = _MOST_LINES
    limit = f"{_MOST_LINES} values"
    costs = (2 * _DEEPEST + 2, 6 * _DEEPEST + 120)

    def head(self, label: str | int | None, value: Json) -> str:
        key = f"{_join(_shorten(label, _LONGEST_KEY))}: " if isinstance(label, str) else ""
        return key + (_brackets(value)[0] if _is_branch(value) else _join(_tell(value)))

    def frame(self, node: _Node, left: str) -> tuple[str, str]:
        indent, end = "  " * node.depth, "\n" if node.is_last else ",\n"
        if not _is_branch(node.value):
            return f"{indent}{node.head}{end}", ""
        close = _brackets(node.value)[1]
        if not node.children:
            return f"{indent}{node.head} {left} {close}{end}", ""
        return f"{indent}{node.head}\n", (f"{indent}  {left}\n" if left else "") + f"{indent}{close}{end}"

    def bind(self, body: str, note: str) -> str:
        return body + note if note else body.removesuffix("\n")


class _Html:
    """Nested lists that fold by `<details>`: no script, and open to the keyboard and to screen readers."""

    most = MOST_BYTES  # that is, as many as its bytes allow
    limit = f"{MOST_BYTES // 1000} KB"
    costs = (20, 250)

    def head(self, label: str | int | None, value: Json) -> str:
        key = "" if label is None else _mark_label(label)
        if _is_branch(value):
            return f'{key}<i>{_name(value)}</i> <span class="p">{_escape(_peek(value))}</span>'
        text, note = _tell(value)
        return f'{key}<span class="{_classify(value)}">{_escape(text)}</span>{_mark_note(note)}'

    def frame(self, node: _Node, left: str) -> tuple[str, str]:
        if not node.children:
            return (f'<li class="v">{node.head}{_mark_note(left)}</li>' if node.depth else node.head), ""
        more = f'<li class="v"><i>{left}</i></li>' if left else ""
        start, end = ("<li>", "</li>") if node.depth else ("", "")
        state = " open" if node.is_open else ""
        return (
            f'{start}<details{state}><summary>{node.head}</summary><ul role="list">',
            f"{more}</ul></details>{end}",
        )

    def bind(self, body: str, note: str) -> str:
        return f'<div class="apigw-tree">{_STYLE}{body}{_mark_note(note)}</div>'


def _write(document: Json, form: _Form) -> str:
    root = _Node(form.head(None, document), document)
    note = "" if _grow(root, form) else f"… cut at {form.limit}; the value holds it all"
    _unfold(root)
    return form.bind("".join(_emit(root, form)), note)


def _grow(root: _Node, form: _Form) -> bool:
    """Give the root its children, then these theirs, until the form is full; tell whether it was enough for all."""
    count, left = 0, MOST_BYTES - len(form.bind(root.head, "").encode()) - 2 * form.costs[True]
    queue = deque([root])
    while queue:
        node = queue.popleft()
        if node.depth == _DEEPEST or not _is_branch(node.value):
            continue
        for number, (label, value) in enumerate(islice(_members(node.value), _MOST_CHILDREN), 1):
            child = _Node(form.head(label, value), value, node.depth + 1, is_last=number == len(node.value))
            count += 1
            left -= len(child.head.encode()) + form.costs[_is_branch(value)]
            if count > form.most or left < 0:
                return False
            node.children.append(child)
            queue.append(child)
    return True


def _unfold(root: _Node) -> None:
    """Open the first level, and of the second what leaves the page short."""
    root.is_open = True
    lines = len(root.children)
    for child in root.children:
        child.is_open = lines + len(child.children) <= _MOST_OPEN
        lines += len(child.children) * child.is_open


def _emit(root: _Node, form: _Form) -> Iterator[str]:
    pending: list[_Node | str] = [root]
    while pending:
        part = pending.pop()
        if isinstance(part, str):
            yield part
            continue
        before, after = form.frame(part, _tell_left(part))
        yield before
        pending.append(after)
        pending.extend(reversed(part.children))


def _is_branch(value: Json) -> TypeGuard[dict[str, Json] | list[Json]]:
    """Say whether a value has members."""
    return isinstance(value, dict | list) and bool(value)


def _members(branch: dict[str, Json] | list[Json]) -> Iterable[tuple[str | int, Json]]:
    return branch.items() if isinstance(branch, dict) else enumerate(branch)


def _name(branch: dict[str, Json] | list[Json]) -> str:
    return f"{'object' if isinstance(branch, dict) else 'array'}, {_count(branch, len(branch))}"


def _count(branch: dict[str, Json] | list[Json], number: int, which: str = "") -> str:
    noun = "key" if isinstance(branch, dict) else "item"
    return f"{number:,} {which}{noun}{'' if number == 1 else 's'}"


def _tell_left(node: _Node) -> str:
    """Return what is to be said of the members that are not shown; empty if all are."""
    if not _is_branch(node.value) or len(node.value) == len(node.children):
        return ""
    if node.depth == _DEEPEST:
        return f"… nested deeper: {_count(node.value, len(node.value))}; the value holds it all"
    if not node.children:
        return f"… {_count(node.value, len(node.value))} not shown"
    left = len(node.value) - len(node.children)
    return f"… {_count(node.value, left, 'more ')}; the value holds {'it' if left == 1 else 'them all'}"


def _tell(value: Json, longest: int = _LONGEST_TEXT) -> tuple[str, str]:
    """Return a value without members as JSON writes it, and what is to be said if that is not all of it."""
    if isinstance(value, str):
        return _shorten(value, longest)
    if isinstance(value, int) and value.bit_length() > _LONGEST_NUMBER * math.log2(10):
        return "…", f"(integer of about {value.bit_length() / math.log2(10):,.0f} digits)"
    return json.dumps(value), ""


def _shorten(text: str, longest: int) -> tuple[str, str]:
    """Return a text in quotes, and how long it is if it is cut."""
    if len(text) <= longest:
        return _quote(text), ""
    return _quote(f"{text[:longest]}…"), f"({len(text):,} characters)"


def _quote(text: str) -> str:
    """Return a text as a JSON string in which nothing is hidden."""
    return UNSEEN.sub(_escape_json, json.dumps(text, ensure_ascii=False))


def _escape_json(found: re.Match[str]) -> str:
    return json.dumps(found[0])[1:-1] if found[0] != "\x7f" else r"\u007f"


def _peek(branch: dict[str, Json] | list[Json]) -> str:
    """Return the first members of a branch on one short line."""
    shown: list[str] = []
    for label, value in islice(_members(branch), _LONGEST_PEEK):
        key = f"{_shorten(label, _LONGEST_PEEKED)[0][1:-1]}: " if isinstance(label, str) else ""
        told = "…".join(_brackets(value)) if _is_branch(value) else _tell(value, _LONGEST_PEEKED)[0]
        if sum(map(len, shown)) + len(key) + len(told) > _LONGEST_PEEK:
            break
        shown.append(f"{key}{told}, ")
    line = "".join(shown)
    return (line.removesuffix(", ") if len(shown) == len(branch) else f"{line}…").join(_brackets(branch))


def _brackets(value: Json) -> str:
    return "{}" if isinstance(value, dict) else "[]"


def _join(told: tuple[str, str]) -> str:
    return " ".join(filter(None, told))


def _escape(text: str) -> str:
    return escape(text, quote=False)


def _mark_label(label: str | int) -> str:
    if isinstance(label, int):
        return f"<i>{label}:</i> "
    text, note = _shorten(label, _LONGEST_KEY)
    plain = text[1:-1]
    return f"<b>{_escape(plain if plain.strip() == plain != '' else text)}</b>{_mark_note(note)}: "


def _mark_note(note: str) -> str:
    return f" <i>{note}</i>" if note else ""


def _classify(value: Json) -> str:
    """Return the class of a value's style: string, number, word of JSON, or empty."""
    if isinstance(value, bool) or value is None:
        return "w"
    return "s" if isinstance(value, str) else "n" if isinstance(value, int | float) else "p"
