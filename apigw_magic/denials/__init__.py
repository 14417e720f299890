"""An answer that says no → who was refused what, why, and the next step."""

from __future__ import annotations

from apigw_magic.denials.catalogue import load_catalogue
from apigw_magic.denials.explain import explain
from apigw_magic.denials.hiding import hide_secrets
from apigw_magic.denials.known import KnownRefusal
from apigw_magic.denials.reading import ERRORS_IN_SUCCESS, may_be_error, read_message, read_refusal, to_line

__all__ = [
    "ERRORS_IN_SUCCESS",
    "KnownRefusal",
    "explain",
    "hide_secrets",
    "load_catalogue",
    "may_be_error",
    "read_message",
    "read_refusal",
    "to_line",
]
