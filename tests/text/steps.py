"""How much a function does, counted without a look at the clock: machines are noisy."""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

from apigw_magic.errors import RequestSyntaxError

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType, FrameType

T = TypeVar("T")
FEW, MANY, VERY_MANY = 50, 200, 4_000


def check_linear(work: Callable[[str], object], start: str, unit: str, end: str = "") -> None:
    """Check that four times the input takes at most five times the steps, and that much of it ends at all.

    What runs inside one call into C, such as a regular expression, makes no steps: an input on which that is quadratic
    does not come back from the last of these calls for minutes.

    Args:
        work: takes the input; may refuse it.
        start: what the input starts with.
        unit: what it has many of.
        end: what it ends with.
    """
    few = count_steps(work, start + unit * FEW + end)
    many = count_steps(work, start + unit * MANY + end)
    assert many <= few * 5
    with suppress(RequestSyntaxError):
        work(start + unit * VERY_MANY + end)


def count_steps(work: Callable[[T], object], given: T) -> int:
    """Return how many lines of Python run, and how many calls into Python and C are made."""
    steps = 0

    def step(_frame: FrameType, _event: str, _arg: Any) -> Any:
        nonlocal steps
        steps += 1
        return step

    tracer, profiler = sys.gettrace(), sys.getprofile()
    sys.setprofile(step)
    sys.settrace(step)
    try:
        with suppress(RequestSyntaxError):
            work(given)
    finally:
        sys.settrace(tracer)
        sys.setprofile(profiler)
    return steps


def count_characters(work: Callable[[str], object], text: str, function: CodeType, argument: str) -> int:
    """Return how many characters a function is handed in this argument, over all calls to it."""
    characters = 0

    def step(frame: FrameType, event: str, _arg: Any) -> None:
        nonlocal characters
        if event == "call" and frame.f_code is function:
            characters += len(frame.f_locals[argument])

    profiler = sys.getprofile()
    sys.setprofile(step)
    try:
        with suppress(RequestSyntaxError):
            work(text)
    finally:
        sys.setprofile(profiler)
    return characters
