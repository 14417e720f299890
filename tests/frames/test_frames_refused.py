"""Documents that are no data: what fails with a status of success is said, and is no frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from apigw_magic.errors import FrameError
from apigw_magic.frames.records import find_records

if TYPE_CHECKING:
    from apigw_magic.models import Json

FAILURES: list[tuple[dict[str, Json], str, str]] = [
    (
        {"errorMessage": "list index\nout of range", "errorType": "IndexError", "requestId": "1", "stackTrace": ["x"]},
        "The Lambda function failed",
        "IndexError: list index\\nout of range",
    ),
    ({"statusCode": 404, "headers": {}, "body": '{"message": "no boat"}'}, "says 404", "no boat"),
    ({"statusCode": 500, "body": "x" * 5000}, "says 500", "xxx…"),
    ({"data": None, "errors": [{"message": "no such field", "path": ["q"]}]}, "GraphQL", "no such field"),
]


@pytest.mark.parametrize(("document", "what", "why"), FAILURES)
def test_an_error_is_no_data(document: dict[str, Json], what: str, why: str) -> None:
    """It says what failed, on three short lines; asked for by `$`, it is a row all the same."""
    with pytest.raises(FrameError) as caught:
        find_records(document)
    assert what in caught.value.what
    assert why in caught.value.why
    assert all(len(line) < 250 for line in caught.value.lines)
    assert find_records(document, records="$").rows


@pytest.mark.parametrize(
    "document",
    [
        {"errorMessage": "", "rows": [{"a": 1}]},
        {"errorType": "none", "errorMessage": "none", "boats": [{"a": 1}]},
        {"statusCode": 404, "boats": [{"a": 1}]},
        {"data": None, "errors": []},
        {"errors": [{"field": "a"}]},
    ],
)
def test_what_only_looks_like_one_is_data(document: dict[str, Json]) -> None:
    """An error is recognised only where all of it is there."""
    assert find_records(document).rows


def test_errors_beside_data_are_a_warning() -> None:
    """GraphQL may answer in part."""
    document: dict[str, Json] = {"data": {"boats": [{"a": 1}]}, "errors": [{"message": "no crew"}]}
    found = find_records(document)
    assert (found.path, found.warnings) == ("data.boats", ("GraphQL reports errors beside the data: no crew",))
