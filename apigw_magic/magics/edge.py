"""The edge between our code and the notebook: what goes wrong behind it comes out short, and without our locals.

`%xmode Verbose` and `%debug` show the variables of every frame that a traceback holds. So the traceback stays behind.
"""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from apigw_magic.errors import ApigwError
from apigw_magic.magics.visible import clean_line

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


class Interrupted(KeyboardInterrupt):
    """An interrupt that came while a command ran; shown without the frames it passed through.

    Args:
        method: of the request that was under way; empty for none.
    """

    def __init__(self, method: str = "") -> None:
        super().__init__()
        self._method = method

    def __str__(self) -> str:
        if not self._method:
            return "Interrupted."
        from apigw_magic.models import SAFE_METHODS  # noqa: PLC0415 - `%load_ext` does without it

        if self._method in SAFE_METHODS:
            return f"Interrupted; the {self._method} changed nothing."
        return f"Interrupted.\nThe server may have processed this {self._method}: look before it is sent again."

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


def guard(call: Callable[[], T]) -> T:
    """Make a call; let its errors out cleared of frames, causes and contexts.

    Raises:
        ApigwError: as the call did, or for a fault of our own.
        Interrupted: the call was interrupted.
    """
    problem: BaseException
    try:
        return call()
    except ApigwError as error:
        # Servers have a hand in some of it: keys, reasons, messages.
        error.what, error.why, error.fix = map(clean_line, (error.what, error.why, error.fix))
        problem = _clear(error)
    except Interrupted as error:
        problem = _clear(error)
    except KeyboardInterrupt as error:
        _clear(error)
        problem = Interrupted()
    except Exception as error:  # noqa: BLE001 - whatever it is, its frames stay here
        where = traceback.extract_tb(error.__traceback__)[-1]
        _clear(error)
        problem = ApigwError(
            f"apigw_magic failed: {type(error).__name__} at {Path(where.filename).name}:{where.lineno}.",
            why="This is a fault of apigw_magic, not of yours; connections and variables are as they were.",
            fix="Please report it, with the cell that led to it.",
        )
    raise problem


def _clear(error: BaseException) -> BaseException:
    """Drop what an exception holds of the frames it passed through, its causes' too."""
    for part in (error, error.__cause__, error.__context__):
        if part is not None:
            traceback.clear_frames(part.__traceback__)
            part.__traceback__ = None
    error.__cause__ = error.__context__ = None
    return error
