"""What a Content-Type says of the content."""

from __future__ import annotations

import pytest

from apigw_magic.text import is_json_type, is_ndjson_type

TYPES = [
    # Content-Type, whether it is JSON, whether it is a document per line
    ("application/json", True, False),
    (" Application/JSON ; charset=utf-8", True, False),
    ("text/json", True, False),
    ("application/problem+json", True, False),
    ("application/vnd.api+json;a=b", True, False),
    ("application/x-amz-json-1.0", True, False),
    ("application/x-amz-json-1.1", True, False),
    ("application/x-ndjson", False, True),
    ("application/X-NDJSON; charset=utf-8", False, True),
    ("application/jsonl", False, True),
    ("application/jsonlines", False, True),
    ("application/jsonp", False, False),
    ("application/json-seq", False, False),
    ("application/json5", False, False),
    ("text/plain; a=application/json", False, False),
    ("text/html", False, False),
    ("json", False, False),
    ("", False, False),
]


@pytest.mark.parametrize(("content_type", "is_json", "is_ndjson"), TYPES)
def test_types(content_type: str, *, is_json: bool, is_ndjson: bool) -> None:
    """One rule for requests and answers."""
    assert (is_json_type(content_type), is_ndjson_type(content_type)) == (is_json, is_ndjson)
