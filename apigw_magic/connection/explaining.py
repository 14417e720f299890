"""Explains an answer from anywhere: a `Response` of ours, requests, urllib3, a log line."""

from __future__ import annotations

from typing import TYPE_CHECKING, overload

from apigw_magic import denials
from apigw_magic.connection.response import Response

if TYPE_CHECKING:
    from collections.abc import Mapping

    from apigw_magic.models import Explanation


@overload
def explain(answer: Response, /) -> Explanation: ...
@overload
def explain(answer: int, /, headers: Mapping[str, str], content: bytes | str) -> Explanation: ...
def explain(
    answer: Response | int, /, headers: Mapping[str, str] | None = None, content: bytes | str = b""
) -> Explanation:
    """Explain why an answer says no.

    Args:
        answer: a `Response`, or a status code.
        headers: of the answer, names in any case.
        content: of the answer.
    """
    if not isinstance(answer, Response):
        return denials.explain(denials.read_refusal(answer, headers or {}, content))
    if answer.explanation is not None:
        return answer.explanation
    return denials.explain(denials.read_refusal(answer.status_code, answer.headers, answer.content))
