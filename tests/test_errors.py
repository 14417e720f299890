"""The error tree: drawn as it is, and short in front of a user."""

from __future__ import annotations

import pickle
import re

import pytest

from apigw_magic import errors
from apigw_magic.errors import ApigwError
from apigw_magic.models import Explanation

DRAWN = re.compile(r"^ {4}(?P<indent>[│ ]*)(?:[├└]── )?(?P<name>\w+Error)\b", re.MULTILINE)
CLASSES = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, Exception)]


def drawn_tree() -> dict[str, str]:
    """Read the drawing: each error's name with its parent's."""
    assert errors.__doc__ is not None
    parents: list[tuple[int, str]] = []
    tree: dict[str, str] = {}
    for line in errors.__doc__.splitlines():
        match = DRAWN.match(line)
        if match is None:
            continue
        column = match.start("name")
        parents = [(at, name) for at, name in parents if at < column]
        tree[match["name"]] = parents[-1][1] if parents else "Exception"
        parents.append((column, match["name"]))
    return tree


def test_the_drawn_tree_is_the_real_one() -> None:
    """The drawing at the top of the module names every error, and its base."""
    assert drawn_tree() == {kind.__name__: kind.__base__.__name__ for kind in CLASSES if kind.__base__}


@pytest.mark.parametrize("kind", [kind for kind in CLASSES if kind is not ApigwError], ids=lambda kind: kind.__name__)
def test_the_drawing_says_what_the_class_says(kind: type[Exception]) -> None:
    """Each error is described in the drawing with the first line of its own docstring."""
    assert errors.__doc__ is not None
    assert kind.__doc__ is not None
    first = kind.__doc__.splitlines()[0].rstrip(".")
    (drawn,) = re.findall(rf"\b{kind.__name__}\s+(.+)", errors.__doc__)
    assert drawn.lower() == first.lower()


@pytest.mark.parametrize(
    ("why", "fix", "lines"),
    [
        ("", "", ("What.",)),
        ("Why.", "", ("What.", "Why.")),
        ("", "Fix.", ("What.", "Fix.")),
        ("Why.", "Fix.", ("What.", "Why.", "Fix.")),
    ],
)
def test_an_error_is_its_lines(why: str, fix: str, lines: tuple[str, ...]) -> None:
    """The lines, the text and what a notebook shows are the same; what is empty leaves no line."""
    error = ApigwError("What.", why=why, fix=fix)
    assert error.lines == lines
    assert str(error) == "\n".join(lines)
    assert error._render_traceback_() == ["\n".join(lines)]


@pytest.mark.parametrize("kind", [kind for kind in CLASSES if kind is not errors.TransportError])
def test_every_error_carries_response_and_explanation(kind: type[ApigwError]) -> None:
    """The answer and what it means travel with every error but the one for no answer; None where there is none."""
    told = Explanation("unknown", "s", "c", "r")
    response = object()
    error = kind("What.", response=response, explanation=told)
    assert (error.response, error.explanation) == (response, told)
    assert (kind("What.").response, kind("What.").explanation) == (None, None)


def test_an_error_survives_pickling() -> None:
    """An error holds no secret, so it may come back from another process whole."""
    error = pickle.loads(pickle.dumps(errors.ForeignHostError("What.", why="Why.", fix="Fix.")))  # noqa: S301 - our own
    assert isinstance(error, errors.ForeignHostError)
    assert error.lines == ("What.", "Why.", "Fix.")
