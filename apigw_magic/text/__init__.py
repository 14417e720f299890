"""Cell text to request, with `{{ }}` expanded by where it stands.

A magic line is split into words (`words`), a cell is read as one HTTP message (`message`), its templates are cut at
`{{ }}` (`template`), the expressions evaluated (`evaluate`), their values turned into plain ones (`values`), encoded
for where they stand (`target`, `query`, `expand`), and what comes out is a `Request` (`request`). What a Content-Type
says is told for requests and answers alike (`media`).
"""

from __future__ import annotations

from apigw_magic.text.evaluate import evaluate_in
from apigw_magic.text.expand import expand_text, expand_value
from apigw_magic.text.line import METHODS
from apigw_magic.text.lines import build_requests
from apigw_magic.text.media import find_delimiter, is_json_type, is_ndjson_type, is_text_type, read_media_type
from apigw_magic.text.message import CONTENT_FREE, FIX_CONTENT_FREE, WHY_CONTENT_FREE, Message, parse_message
from apigw_magic.text.query import add_params
from apigw_magic.text.request import build_request
from apigw_magic.text.template import Evaluate
from apigw_magic.text.values import to_json
from apigw_magic.text.words import split_words
from apigw_magic.text.write import write_head, write_request

__all__ = [
    "CONTENT_FREE",
    "FIX_CONTENT_FREE",
    "METHODS",
    "WHY_CONTENT_FREE",
    "Evaluate",
    "Message",
    "add_params",
    "build_request",
    "build_requests",
    "evaluate_in",
    "expand_text",
    "expand_value",
    "find_delimiter",
    "is_json_type",
    "is_ndjson_type",
    "is_text_type",
    "parse_message",
    "read_media_type",
    "split_words",
    "to_json",
    "write_head",
    "write_request",
]
