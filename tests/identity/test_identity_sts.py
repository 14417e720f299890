"""Calls to the SDK: what they give is handed through, and what goes wrong is ours."""

from __future__ import annotations

import pytest
from botocore.exceptions import NoCredentialsError

from apigw_magic.errors import ApigwError, CredentialsError
from apigw_magic.identity.sts import call_sts


def test_what_is_right_is_handed_through() -> None:
    """A call that works gives back what it gives."""
    assert call_sts(lambda: 42) == 42


def test_what_goes_wrong_is_ours() -> None:
    """An exception of the SDK's becomes one of ours, with nothing of it hanging on."""

    def call() -> None:
        raise NoCredentialsError

    with pytest.raises(CredentialsError, match="No AWS credentials") as caught:
        call_sts(call)
    assert caught.value.__cause__ is caught.value.__context__ is None


def test_our_own_errors_are_left_alone() -> None:
    """An error of ours within the SDK comes out as it is, once."""
    ours = ApigwError("What.")

    def call() -> None:
        raise ours

    with pytest.raises(ApigwError) as caught:
        call_sts(call)
    assert caught.value is ours
