"""What `to_frame` takes: documents, their text and bytes; what it refuses, and how."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
import pytest

from apigw_magic import to_frame
from apigw_magic.errors import FrameError


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
@pytest.mark.parametrize(
    "content", [b'[{"a":1},{"a":2}]', b'\xef\xbb\xbf {"items":[{"a":1},{"a":2}]}', b'{"a":1}\n{"a":2}']
)
def test_bytes_are_parsed(kind: type[bytes], content: bytes) -> None:
    """The bytes of an answer are as good as the document in them."""
    frame = to_frame(kind(content))
    assert isinstance(frame, pd.DataFrame)
    assert frame["a"].tolist() == [1, 2]


def test_bytes_of_a_scalar_are_that() -> None:
    """Bytes are content; a text that looks like no document is a text."""
    assert to_frame(b"3") == 3
    assert to_frame("3") == "3"


@pytest.mark.parametrize("content", [b"", b"\xff", b"[1", "[1"])
def test_what_cannot_be_parsed_is_an_error(content: str | bytes) -> None:
    """As in an answer."""
    with pytest.raises(FrameError):
        to_frame(content)


@pytest.mark.parametrize(
    ("document", "name"),
    [
        ((1, 2), "tuple"),
        ({1, 2}, "set"),
        (object(), "object"),
        (np.arange(3), "ndarray"),
        (pd.DataFrame({"a": [1]}), "DataFrame"),
        (dt.date(2026, 1, 1), "date"),
    ],
)
def test_what_is_no_document_is_refused(document: Any, name: str) -> None:
    """The error names its type, and what to pass instead."""
    with pytest.raises(FrameError, match=f"A value of type {name} is no JSON document") as caught:
        to_frame(document)
    assert "`json.loads`" in caught.value.fix


@pytest.mark.parametrize("document", [{1: 2}, {None: 1}, {"a": {2: 3}}, [{1: 2}], {"items": [{"a": 1}], 3: 4}])
def test_keys_are_texts(document: Any) -> None:
    """A key that is none is refused by name, or kept as pandas has it; no other error comes of it."""
    try:
        frame = to_frame(document)
    except FrameError as error:
        assert "is no key of a JSON document" in error.what  # noqa: PT017 - it may also succeed
    else:
        assert isinstance(frame, pd.DataFrame)
