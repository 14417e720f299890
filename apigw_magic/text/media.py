"""What a Content-Type says of the content, of requests and of answers alike."""

from __future__ import annotations

_JSON = frozenset({"application/json", "text/json"})

_AWS_JSON = "application/x-amz-json-"
"""What AWS's own services call JSON, before the version of their protocol."""

_TEXT = frozenset(
    {
        "application/graphql",
        "application/javascript",
        "application/toml",
        "application/x-www-form-urlencoded",
        "application/x-yaml",
        "application/xml",
        "application/yaml",
    }
)

_NDJSON = frozenset(
    {
        "application/json-lines",
        "application/jsonl",
        "application/jsonlines",
        "application/ndjson",
        "application/x-jsonl",
        "application/x-jsonlines",
        "application/x-ndjson",
    }
)
"""What servers call one JSON document per line; none of the names is registered."""


_DELIMITERS = {"text/csv": ",", "application/csv": ",", "text/x-csv": ",", "text/tab-separated-values": "\t"}
"""What stands between the cells of separated values (RFC 4180; IANA, text/tab-separated-values)."""


def read_media_type(content_type: str) -> str:
    """Return the media type of a Content-Type field, in lower case and without parameters (RFC 9110 §8.3.1)."""
    return content_type.partition(";")[0].strip().lower()


def is_json_type(media_type: str) -> bool:
    """Whether a media type is JSON, by name, by suffix (RFC 6839 §3.1), or AWS's own; it may carry parameters."""
    name = read_media_type(media_type)
    return name in _JSON or name.endswith("+json") or name.startswith(_AWS_JSON)


def is_ndjson_type(media_type: str) -> bool:
    """Whether a media type is one JSON document per line; it may carry parameters."""
    return read_media_type(media_type) in _NDJSON


def find_delimiter(media_type: str) -> str:
    """Return what stands between cells if a media type is separated values, else nothing; it may carry parameters."""
    return _DELIMITERS.get(read_media_type(media_type), "")


def is_text_type(media_type: str) -> bool:
    """Whether a media type is text to be read; it may carry parameters. SVG is: as a picture it could run scripts."""
    name = read_media_type(media_type)
    return name.startswith("text/") or name.endswith(("+xml", "+yaml")) or name in _TEXT
