"""The search itself: it finds each kind of secret in each spelling, and nothing where there is nothing."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.secrets.canaries import CUTS, LONG, SHAPES, SPELLINGS, Canaries


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_each_kind_is_found_in_each_spelling(spelling: str) -> None:
    """A secret is found in the midst of a text, however it is spelt, and is told from all others."""
    canaries = Canaries(spelling)
    values = [(kind, canaries.make(kind)) for kind in SHAPES for _ in range(2)]
    for kind, value in values:
        text = f"before it\n{SPELLINGS[spelling](value)}\nbehind it"
        assert [(one.kind, one.value) for one in canaries.find(text)] == [(kind, value)]


@pytest.mark.parametrize("cut", CUTS)
def test_a_part_is_found(cut: str) -> None:
    """What is left of a secret that was cut off is found."""
    canaries = Canaries(cut)
    for kind in LONG:
        value = canaries.make(kind)
        assert [one.value for one in canaries.find(f"'{CUTS[cut](value)}'")] == [value]


def test_nothing_is_found_in_what_holds_none() -> None:
    """Neither prose, program text nor other random text holds a secret."""
    canaries = Canaries("none")
    for kind in SHAPES:
        canaries.make(kind)
    others = Canaries("others")
    texts = [others.make(kind) for kind in SHAPES]
    texts += [path.read_text("utf-8") for path in Path(__file__).parents[1].rglob("*.py")]
    texts.append(random.Random(1).randbytes(200_000).hex())  # noqa: S311 - is to come again
    assert canaries.find("\n".join(texts)) == []


def test_a_secret_within_a_longer_number_is_no_mfa_code() -> None:
    """Six digits within more are another number."""
    canaries = Canaries("code")
    code = canaries.make("MFA code")
    assert canaries.find(f"1{code} {code}0 x{code}") == []
    assert [one.value for one in canaries.find(f"TokenCode={code}&Action=AssumeRole")] == [code]
