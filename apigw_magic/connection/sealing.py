"""What goes wrong behind a public function comes out without the variables of the frames it passed through.

Debuggers, `%xmode Verbose`, `pytest -l` and error reporters show them: a key that was an argument, the SDK's requests,
an MFA code. The traceback stays, line by line.
"""

from __future__ import annotations

import sys
import traceback
from functools import wraps
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from apigw_magic.errors import ApigwError

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
T = TypeVar("T")


def sealed(call: Callable[P, T]) -> Callable[P, T]:
    """Return a function whose exceptions carry no variables; on errors of ours, no other exception hangs either."""

    @wraps(call)
    def seal(*args: P.args, **kwargs: P.kwargs) -> T:
        outer = sys.exception()  # what the caller is handling is the caller's
        try:
            return call(*args, **kwargs)
        except BaseException as error:
            del args, kwargs
            _clear(error, outer)
            if isinstance(error, ApigwError) and error is not outer:
                error.__cause__, error.__context__, error.__suppress_context__ = None, outer, False
            raise

    return seal


def _clear(error: BaseException, outer: BaseException | None) -> None:
    """Clear the frames that an exception passed through, and those of its causes."""
    left: list[BaseException | None] = [error]
    seen: set[int] = set()
    while left:
        part = left.pop()
        if part is not None and part is not outer and id(part) not in seen:
            seen.add(id(part))
            traceback.clear_frames(part.__traceback__)
            left += [part.__cause__, part.__context__]
