"""The same frames where pyarrow is not installed: pandas then keeps text in another way."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np

from apigw_magic.frames import check_suffix

_RUN = """
import sys
sys.modules["pyarrow"] = None  # before pandas looks for it
import pytest
sys.exit(pytest.main(sys.argv[1:]))
"""

_OF_PANDAS = (
    "test_columns.py",
    "test_content.py",
    "test_hostile.py",
    "test_tabulate.py",
    "test_frames_dates.py",
    "test_frames_stack.py",
    "test_frames_write.py",
)


def test_frames_need_no_pyarrow() -> None:
    """The tests of what depends on pandas pass without it; those that write Parquet are left out there."""
    here = Path(__file__)
    modules = [str(here.with_name(name)) for name in _OF_PANDAS]
    done = subprocess.run(
        [sys.executable, "-c", _RUN, "-q", "-p", "no:cacheprovider", *modules],
        cwd=here.parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:]
    assert "pyarrow is taken away" in done.stdout


def test_the_tests_have_pyarrow() -> None:
    """What writes Parquet is tested, but for the oldest NumPy, with which a new pyarrow does not load."""
    if np.lib.NumpyVersion(np.__version__) >= "2.0.0":
        check_suffix(".parquet")
