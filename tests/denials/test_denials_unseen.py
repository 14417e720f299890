"""Forty answers, collected from documentation and public threads by someone who had not seen the catalogue."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from apigw_magic.denials import explain, load_catalogue, read_refusal
from apigw_magic.models import Circumstances, Explanation, Headers

UNSEEN: list[dict[str, Any]] = json.loads(Path(__file__).with_name("unseen.json").read_text("utf-8"))
RIGHT = 36


def read(case: dict[str, Any]) -> Explanation:
    """Explain one of them, as a connection to its host would."""
    refusal = read_refusal(case["status"], Headers(case["headers"].items()), case["body"].encode())
    return explain(refusal, Circumstances(host=case["host"], service=case["service"], region="eu-west-1"))


def accept(case: dict[str, Any]) -> set[str]:
    """Return the kinds that are right."""
    return {case["kind"], *case["also"]}


def test_kinds_are_of_the_catalogue() -> None:
    """What is expected of them is a kind that exists, or none."""
    kinds = {known.kind for known in load_catalogue()} | {"unknown"}
    assert {kind for case in UNSEEN for kind in accept(case)} <= kinds
    assert len({case["name"] for case in UNSEEN}) == len(UNSEEN) == 40


def test_most_are_recognised() -> None:
    """At least nine of ten are of the right kind."""
    wrong = {case["name"]: kind for case in UNSEEN if (kind := read(case).kind) not in accept(case)}
    assert len(UNSEEN) - len(wrong) >= RIGHT, wrong


@pytest.mark.parametrize("case", UNSEEN, ids=[case["name"] for case in UNSEEN])
def test_none_is_taken_for_another(case: dict[str, Any]) -> None:
    """What is not recognised is not known, and is never told a wrong cause."""
    assert read(case).kind in accept(case) | {"unknown"}
