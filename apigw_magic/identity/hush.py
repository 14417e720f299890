"""Keeps botocore's DEBUG log quiet while it talks to STS: it prints requests and answers, credentials included."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from threading import local
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# A filter works on the logger that a record is made with, not on those above it; so each is named. Those that botocore
# makes later are found when the next call begins.
_SPEAKERS = ("botocore.auth", "botocore.client", "botocore.endpoint", "botocore.hooks", "botocore.parsers")

_here = local()
_known = 0  # how many loggers there were when each had the filter


def _speaks_up(record: logging.LogRecord) -> bool:
    """Let pass what is said elsewhere, and warnings; those without the exception, whose text may quote the request."""
    if not getattr(_here, "is_quiet", False):
        return True
    record.exc_info = record.exc_text = None
    return record.levelno >= logging.WARNING


def _attach() -> None:
    """Give each of botocore's loggers the filter; the same filter is added once."""
    global _known  # noqa: PLW0603 - loggers are the process's, too
    known = [name for name in list(logging.root.manager.loggerDict) if name.startswith(("botocore.", "boto3."))]
    for name in (*_SPEAKERS, *known):
        logging.getLogger(name).addFilter(_speaks_up)
    _known = len(logging.root.manager.loggerDict)


@contextmanager
def hushed() -> Iterator[None]:
    """Drop what botocore logs below WARNING in this thread, for as long as the context lasts."""
    if len(logging.root.manager.loggerDict) != _known:
        _attach()
    before = getattr(_here, "is_quiet", False)
    _here.is_quiet = True
    try:
        yield
    finally:
        _here.is_quiet = before
