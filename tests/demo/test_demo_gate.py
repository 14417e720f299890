"""The gate that browsers do not pass."""

from __future__ import annotations

from http.client import HTTPConnection
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from apigw_magic.demo.gate import is_refused

if TYPE_CHECKING:
    from apigw_magic.demo import LocalAccount


@pytest.mark.parametrize(
    ("headers", "refused"),
    [
        ([], False),
        ([(b"host", b"127.0.0.1:4566"), (b"authorization", b"AWS4-HMAC-SHA256 x")], False),
        ([(b"host", b"localhost:4566")], False),
        ([(b"host", b"localhost")], False),
        ([(b"host", b"127.0.0.1:4566"), (b"origin", b"http://evil.example")], True),
        ([(b"host", b"127.0.0.1:4566"), (b"origin", b"null")], True),
        ([(b"host", b"127.0.0.1:4566"), (b"referer", b"http://127.0.0.1:8888/lab")], True),
        ([(b"host", b"127.0.0.1:4566"), (b"sec-fetch-site", b"cross-site")], True),
        ([(b"host", b"evil.example:4566")], True),
        ([(b"host", b"127.0.0.1.evil.example:4566")], True),
    ],
)
def test_who_is_refused(headers: list[tuple[bytes, bytes]], *, refused: bool) -> None:
    """Whatever says that it comes from a page, or asks for another host."""
    assert is_refused(headers) is refused


@pytest.mark.parametrize(
    ("name", "value", "status"),
    [
        ("X-Nothing", "x", 200),
        ("Origin", "http://evil.example", 403),
        ("Sec-Fetch-Site", "cross-site", 403),
        ("Host", "evil.example", 403),
    ],
)
def test_the_account_stands_behind_it(account: LocalAccount, name: str, value: str, status: int) -> None:
    """The account that is started here refuses browsers."""
    connection = HTTPConnection(urlsplit(account.endpoint).netloc, timeout=10)
    connection.request("GET", "/_ministack/health", headers={name: value})
    assert connection.getresponse().status == status
    connection.close()
