"""A JSON document to look at: a tree that opens and closes in a notebook, indented JSON elsewhere.

Both forms are of a bounded size. What is shown is chosen level by level, so that the upper levels are there even if the
first of many branches could fill the page; and without recursion, so that no nesting is too deep.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Protocol

from apigw_magic.magics.leaves import (
    LONGEST_KEY,
    brackets,
    classify,
    count_members,
    escape_text,
    is_branch,
    join_told,
    list_members,
    mark_label,
    mark_note,
    name_branch,
    peek,
    shorten,
    tell_value,
)
from apigw_magic.magics.longtext import MOST_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from apigw_magic.models import Json

_MOST_CHILDREN = 100
_DEEPEST = 30
_MOST_LINES = 500
"""Values in the form for a terminal, which cannot fold them."""

_MOST_OPEN = 50
"""Lines to which the second level unfolds at first."""

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
        key = f"{join_told(shorten(label, LONGEST_KEY))}: " if isinstance(label, str) else ""
        return key + (brackets(value)[0] if is_branch(value) else join_told(tell_value(value)))

    def frame(self, node: _Node, left: str) -> tuple[str, str]:
        indent, end = "  " * node.depth, "\n" if node.is_last else ",\n"
        if not is_branch(node.value):
            return f"{indent}{node.head}{end}", ""
        close = brackets(node.value)[1]
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
        key = "" if label is None else mark_label(label)
        if is_branch(value):
            return f'{key}<i>{name_branch(value)}</i> <span class="p">{escape_text(peek(value))}</span>'
        text, note = tell_value(value)
        return f'{key}<span class="{classify(value)}">{escape_text(text)}</span>{mark_note(note)}'

    def frame(self, node: _Node, left: str) -> tuple[str, str]:
        if not node.children:
            return (f'<li class="v">{node.head}{mark_note(left)}</li>' if node.depth else node.head), ""
        more = f'<li class="v"><i>{left}</i></li>' if left else ""
        start, end = ("<li>", "</li>") if node.depth else ("", "")
        state = " open" if node.is_open else ""
        return (
            f'{start}<details{state}><summary>{node.head}</summary><ul role="list">',
            f"{more}</ul></details>{end}",
        )

    def bind(self, body: str, note: str) -> str:
        return f'<div class="apigw-tree">{_STYLE}{body}{mark_note(note)}</div>'


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
        if node.depth == _DEEPEST or not is_branch(node.value):
            continue
        for number, (label, value) in enumerate(islice(list_members(node.value), _MOST_CHILDREN), 1):
            child = _Node(form.head(label, value), value, node.depth + 1, is_last=number == len(node.value))
            count += 1
            left -= len(child.head.encode()) + form.costs[is_branch(value)]
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


def _tell_left(node: _Node) -> str:
    """Return what is to be said of the members that are not shown; empty if all are."""
    if not is_branch(node.value) or len(node.value) == len(node.children):
        return ""
    if node.depth == _DEEPEST:
        return f"… nested deeper: {count_members(node.value, len(node.value))}; the value holds it all"
    if not node.children:
        return f"… {count_members(node.value, len(node.value))} not shown"
    left = len(node.value) - len(node.children)
    return f"… {count_members(node.value, left, 'more ')}; the value holds {'it' if left == 1 else 'them all'}"
