"""Cell text to request, with `{{ }}` expanded by where it stands.

A magic line is split into words (`words`), a cell is read as one HTTP message (`message`), its templates are cut at
`{{ }}` (`template`), the expressions evaluated (`evaluate`), their values turned into plain ones (`values`), encoded
for where they stand (`expand`), and what comes out is a `Request` (`request`).
"""

from __future__ import annotations

from apigw_magic.text.evaluate import evaluate_in
from apigw_magic.text.expand import expand_content, expand_header, expand_target, expand_text
from apigw_magic.text.line import METHODS
from apigw_magic.text.message import Message, parse_message
from apigw_magic.text.request import build_request
from apigw_magic.text.template import Evaluate
from apigw_magic.text.values import to_json
from apigw_magic.text.words import split_words

__all__ = [
    "METHODS",
    "Evaluate",
    "Message",
    "build_request",
    "evaluate_in",
    "expand_content",
    "expand_header",
    "expand_target",
    "expand_text",
    "parse_message",
    "split_words",
    "to_json",
]
