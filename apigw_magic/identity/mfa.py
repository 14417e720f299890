"""The code of an MFA device, asked for where somebody can type it."""

from __future__ import annotations

import getpass
import re
import sys
import threading
from typing import TYPE_CHECKING, NoReturn, TypeAlias

from apigw_magic.errors import CommandError, SessionExpiredError

if TYPE_CHECKING:
    from collections.abc import Callable

Ask: TypeAlias = "Callable[[str], str]"
"""Asks for the code of the device with this serial number or ARN."""

_CODE = re.compile(r"\d{6}", re.ASCII)
_TRIES = 3
_RENEW = "Run %apigw renew in a cell that can ask for it."


def ask_code(serial: str) -> str:
    """Ask for a code on the main thread; it is shown nowhere and kept nowhere.

    Raises:
        SessionExpiredError: nobody can be asked here.
        CommandError: what was typed is no code.
    """
    if threading.current_thread() is not threading.main_thread():
        raise SessionExpiredError(
            "An MFA code is needed.", why="It can be asked for on the main thread only.", fix=_RENEW
        )
    prompt = f"MFA code for {serial}: "
    for _ in range(_TRIES):
        code = _read(prompt).strip()
        if _CODE.fullmatch(code):
            return code
        if not code:
            raise CommandError("No MFA code was given; nothing was sent.", fix="Run the cell again.")
        prompt = f"A code has six digits. MFA code for {serial}: "
    raise CommandError("That is no MFA code; nothing was sent.", fix="Run the cell again, and type its six digits.")


def never_ask(_serial: str) -> NoReturn:
    """Refuse to ask: the credentials at hand still last, and nobody is to be disturbed.

    Raises:
        SessionExpiredError: always.
    """
    raise SessionExpiredError("The role session needs an MFA code to be renewed.", fix=_RENEW)


def _read(prompt: str) -> str:
    # Looked up at each call, since a kernel replaces it while a cell runs. Python's own reads the terminal; without one
    # it would read what was meant for somebody else, or wait for ever.
    if getpass.getpass.__module__ == getpass.__name__ and not (sys.stdin and sys.stdin.isatty()):
        raise _no_stdin()
    try:
        return getpass.getpass(prompt)
    except (EOFError, NotImplementedError, OSError):  # a kernel without stdin says that it is not implemented
        problem = _no_stdin()
    raise problem


def _no_stdin() -> SessionExpiredError:
    return SessionExpiredError(
        "An MFA code is needed, and nobody can be asked for it here.",
        why="This kernel has no input: the notebook is run by a program, or its frontend does not ask.",
        fix="Run %apigw connect or %apigw renew by hand, or name a profile that needs no code.",
    )
