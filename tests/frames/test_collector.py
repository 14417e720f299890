"""The garbage collector is off inside and as it was outside, whoever else pauses it."""

from __future__ import annotations

import gc
from threading import Event, Thread

import pytest

from apigw_magic.errors import FrameError
from apigw_magic.frames import tabulate_content
from apigw_magic.frames.collector import pause_collector


def test_it_is_on_again_after_an_error() -> None:
    """A build that fails leaves the collector on."""
    with pytest.raises(FrameError):
        tabulate_content(b'{"items": [')
    assert gc.isenabled()


def test_who_has_turned_it_off_finds_it_off() -> None:
    """A user's own choice stays."""
    gc.disable()
    try:
        with pause_collector():
            assert not gc.isenabled()
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_pauses_overlap() -> None:
    """The last of several pauses turns it on, not the first that ends, nested or in another thread."""
    inside, leave = Event(), Event()

    def pause() -> None:
        with pause_collector():
            inside.set()
            leave.wait(60)

    other = Thread(target=pause)
    with pause_collector():
        other.start()
        assert inside.wait(60)
        with pause_collector():
            pass
        assert not gc.isenabled()
    assert not gc.isenabled()
    leave.set()
    other.join()
    assert gc.isenabled()
