"""The table of contents against reality."""

from __future__ import annotations

import subprocess
import sys
from importlib import metadata

import pytest

import apigw_magic
from apigw_magic import errors


@pytest.mark.parametrize("name", apigw_magic.__all__)
def test_every_public_name_is_there(name: str) -> None:
    """Each name of `__all__` can be had, and shows where it was made."""
    assert getattr(apigw_magic, name).__module__.startswith("apigw_magic.")


def test_every_error_is_public() -> None:
    """The whole error tree is public."""
    tree = {name for name, value in vars(errors).items() if isinstance(value, type) and issubclass(value, Exception)}
    assert tree <= set(apigw_magic.__all__)


def test_the_list_is_sorted_and_shown() -> None:
    """`dir` shows what there is, in order."""
    assert apigw_magic.__all__ == sorted(apigw_magic.__all__)
    assert set(apigw_magic.__all__) <= set(dir(apigw_magic))


def test_unknown_name() -> None:
    """Another name is an AttributeError, as for any module."""
    with pytest.raises(AttributeError, match="no attribute 'conect'"):
        _ = apigw_magic.conect


def test_version() -> None:
    """The version is the one of the installed distribution."""
    assert apigw_magic.__version__ == metadata.version("apigw_magic")


def test_import_is_light() -> None:
    """`import apigw_magic` loads nothing that takes time."""
    code = "import sys, apigw_magic; print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert {"IPython", "boto3", "botocore", "pandas", "urllib3", "ssl"} & set(done.stdout.split()) == set()
