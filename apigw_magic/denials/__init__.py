"""An answer that says no → who was refused what, why, and the next step."""

from __future__ import annotations

from apigw_magic.denials.explain import explain
from apigw_magic.denials.reading import read_refusal, to_line

__all__ = ["explain", "read_refusal", "to_line"]
