"""The methods of HTTP, each a method of a connection."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, TypedDict, Unpack

from apigw_magic.connection.sealing import sealed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from apigw_magic.connection.response import Response


class RequestOptions(TypedDict, total=False):
    """The keywords of `Connection.request`, for the methods that stand for it."""

    params: Mapping[str, object] | Iterable[tuple[str, object]]
    headers: Mapping[str, str] | None
    json: object
    content: bytes | str
    expect: int | str | None
    timeout: float | None
    confirmed: bool


class Methods(ABC):
    """`get` and its kin, for what can send a request."""

    __slots__ = ()

    @abstractmethod
    def request(self, method: str, target: str, **options: Unpack[RequestOptions]) -> Response:
        """Send a request."""

    @sealed
    def get(self, target: str, **options: Unpack[RequestOptions]) -> Response:
        """Send a GET; see `request`."""
        return self.request("GET", target, **options)

    @sealed
    def head(self, target: str, **options: Unpack[RequestOptions]) -> Response:
        """Send a HEAD; see `request`."""
        return self.request("HEAD", target, **options)

    @sealed
    def options(self, target: str, **options: Unpack[RequestOptions]) -> Response:
        """Send an OPTIONS; see `request`."""
        return self.request("OPTIONS", target, **options)

    @sealed
    def post(self, target: str, **options: Unpack[RequestOptions]) -> Response:
        """Send a POST; see `request`."""
        return self.request("POST", target, **options)

    @sealed
    def put(self, target: str, **options: Unpack[RequestOptions]) -> Response:
        """Send a PUT; see `request`."""
        return self.request("PUT", target, **options)

    @sealed
    def patch(self, target: str, **options: Unpack[RequestOptions]) -> Response:
        """Send a PATCH; see `request`."""
        return self.request("PATCH", target, **options)

    @sealed
    def delete(self, target: str, **options: Unpack[RequestOptions]) -> Response:
        """Send a DELETE; see `request`."""
        return self.request("DELETE", target, **options)
