"""Expressions in the user's namespace."""

from __future__ import annotations

import pytest

from apigw_magic.errors import RequestSyntaxError
from apigw_magic.text import evaluate_in


class UnprintableError(Exception):
    """An exception whose text cannot be had."""

    def __str__(self) -> str:
        raise RuntimeError


def fail(error: BaseException) -> None:
    """Raise what is given."""
    raise error


def test_sees_globals_and_builtins() -> None:
    """An expression has the user's names and Python's."""
    assert evaluate_in({"x": [1, 2]})("max(x) + 1") == 3


def test_locals_win_and_reach_comprehensions() -> None:
    """The names of a function are seen as in an f-string there, also inside comprehensions."""
    namespace: dict[str, object] = {"x": 1, "items": [1, 2, 3]}
    evaluate = evaluate_in(namespace, {"x": 2, "wanted": {2, 3}})
    assert evaluate("x") == 2
    assert evaluate("[i for i in items if i in wanted]") == [2, 3]
    assert set(namespace) == {"x", "items"}


@pytest.mark.parametrize("local", [None, {"x": 1}])
def test_sees_what_the_expression_before_has_changed(local: dict[str, object] | None) -> None:
    """A name that an expression assigns or rebinds is there for the next one, in a cell and in a function."""
    namespace: dict[str, object] = {"n": 1}
    exec("def count():\n    global n\n    n += 1\n    return n", namespace)  # noqa: S102 - a cell of the notebook
    evaluate = evaluate_in(namespace, local)
    assert [evaluate(source) for source in ("n", "count()", "n", "(y := n)", "y")] == [1, 2, 2, 2, 2]
    assert ("y" in namespace) is (local is None)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("oder_id", "{{ oder_id }} failed: NameError: name 'oder_id' is not defined"),
        ("oder_id", "Did you mean order_id?"),
        ("pritn(1)", "Did you mean print?"),
        ("zzzzqq", "Assign zzzzqq first"),
        ("nope", "Assign nope first"),
        ("next(iter([]))", "failed: StopIteration\n"),
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("{}['k']", "KeyError: 'k'"),
        ("fail(ValueError('a\\nb'))", "ValueError: a\n"),
        ("fail(Unprintable())", "its message raised RuntimeError"),
        ("1 +", "SyntaxError"),
        ("x" * 5000, "…"),
    ],
)
def test_names_the_expression_and_the_exception(source: str, said: str) -> None:
    """Whatever an expression raises is told in three lines at most."""
    evaluate = evaluate_in({"order_id": 1, "open": open, "fail": fail, "Unprintable": UnprintableError})
    with pytest.raises(RequestSyntaxError) as caught:
        evaluate(source)
    assert said in str(caught.value)
    assert all("\n" not in line and len(line) < 400 for line in caught.value.lines)


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit])
def test_interrupts_pass(kind: type[BaseException]) -> None:
    """An interrupt is no fault of the expression."""
    with pytest.raises(kind):
        evaluate_in({"fail": fail, "error": kind()})("fail(error)")
