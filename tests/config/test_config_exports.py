"""The table of contents."""

from __future__ import annotations

import apigw_magic.config as package


def test_all_is_true() -> None:
    """Every exported name is there, once."""
    assert all(hasattr(package, name) for name in package.__all__)
    assert len(set(package.__all__)) == len(package.__all__)
