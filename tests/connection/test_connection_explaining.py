"""Explaining an answer from anywhere."""

from __future__ import annotations

import pytest

from apigw_magic.connection import explain
from tests.connection.fakes import FakeApi, open_over

TYPED = {"X-Amzn-Errortype": "MissingAuthenticationTokenException"}
BODY = '{"message":"Missing Authentication Token"}'


@pytest.mark.parametrize("content", [BODY, BODY.encode()])
def test_an_answer_of_somebody_elses(content: bytes | str) -> None:
    """Status, headers and content are enough, in any case and as bytes or text."""
    told = explain(403, TYPED, content)
    assert told.kind == "missing_auth_token"
    assert told.error_type == "MissingAuthenticationTokenException"
    assert "the caller" not in told.summary


def test_a_response_that_was_refused() -> None:
    """A response's own explanation is given again, with the connection's name in it."""
    response = open_over(FakeApi(403, BODY, headers=TYPED)).get("/x", expect=403)
    assert explain(response) is response.explanation
    assert "GET /x" in explain(response).summary


def test_a_response_that_says_yes() -> None:
    """Where nothing was refused nothing is guessed."""
    response = open_over(FakeApi(200, "[]", "OK")).get("/x")
    assert explain(response).kind == "unknown"
    assert explain(response).summary.startswith("200 OK")
