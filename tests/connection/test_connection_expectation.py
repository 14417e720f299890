"""The wanted answer: parsed from what a user writes, and met or not."""

from __future__ import annotations

import pytest

from apigw_magic.connection import Expectation, parse_expectation
from apigw_magic.errors import CommandError
from apigw_magic.models import Explanation


@pytest.mark.parametrize(
    ("given", "status", "error_type", "shown"),
    [
        (None, None, None, "2xx"),
        (403, 403, None, "403"),
        ("403", 403, None, "403"),
        ("403/AccessDeniedException", 403, "AccessDeniedException", "403/AccessDeniedException"),
        ("100", 100, None, "100"),
        (599, 599, None, "599"),
    ],
)
def test_parse(given: int | str | None, status: int | None, error_type: str | None, shown: str) -> None:
    """A status, with a type or without; nothing wants any success."""
    expectation = parse_expectation(given)
    assert expectation == Expectation(status, error_type)
    assert str(expectation) == shown


def test_parse_denied() -> None:
    """A refusal of whatever status is a word."""
    expectation = parse_expectation("denied")
    assert expectation == Expectation(denied=True)
    assert (str(expectation), expectation.is_named) == ("denied", True)
    assert not parse_expectation(None).is_named


@pytest.mark.parametrize(
    "given",
    [
        "Denied",
        "denied/AccessDeniedException",
        "",
        "4xx",
        "403/",
        "/Type",
        "403 Type",
        42,
        600,
        99,
        4030,
        -403,
        "\u0664\u0660\u0663",
        "403/a/b",
        True,
        403.0,
    ],
)
def test_parse_refuses(given: int | str) -> None:
    """All else is a command that cannot be."""
    with pytest.raises(CommandError, match="is not an answer to expect"):
        parse_expectation(given)


@pytest.mark.parametrize(
    ("expectation", "status", "error_type", "met"),
    [
        (Expectation(), 200, "", True),
        (Expectation(), 299, "", True),
        (Expectation(), 300, "", False),
        (Expectation(), 404, "", False),
        (Expectation(403), 403, "", True),
        (Expectation(403), 403, "AnyType", True),
        (Expectation(403), 200, "", False),
        (Expectation(403, "T"), 403, "T", True),
        (Expectation(403, "T"), 403, "U", False),
        (Expectation(403, "T"), 403, "", False),
        (Expectation(403, "T"), 404, "T", False),
    ],
)
def test_is_met(expectation: Expectation, status: int, error_type: str, met: bool) -> None:  # noqa: FBT001 - the expectation
    """The status must be the one; the type too, where one is wanted."""
    assert expectation.is_met(status, error_type) is met


@pytest.mark.parametrize(
    ("expectation", "allowed", "met"),
    [
        (Expectation(denied=True), False, True),
        (Expectation(denied=True), True, False),
        (Expectation(denied=True), None, False),
        (Expectation(403), None, True),
        (Expectation(403), True, True),
        (Expectation(), True, False),
    ],
)
def test_is_met_by_what_is_told(expectation: Expectation, allowed: bool | None, met: bool) -> None:  # noqa: FBT001 - as above
    """Only a refusal of who asked is `denied`; a status is met whatever it means."""
    told = Explanation("k", "s", "c", "r", allowed=allowed)
    assert expectation.is_met(403, "", told) is met


def test_an_error_that_comes_with_200() -> None:
    """An answer that is an error is no success, whatever its status."""
    assert not Expectation().is_met(200, "", Explanation("lambda_error", "s", "c", "r"))
    assert not Expectation(denied=True).is_met(200, "")
