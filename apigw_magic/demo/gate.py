"""Runs MiniStack behind a gate that browsers do not pass.

MiniStack checks who calls an API, but not who administers the account, and it tells browsers that any page may. A page
that finds the port could so deploy a function, which is a program on this machine. A browser cannot help but say where
a request comes from; so whatever says so is refused, and whatever asks for another host than loopback's, which is what
DNS rebinding does.

A program of its own, run inside MiniStack's environment: it imports nothing of this package.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

    Message = MutableMapping[str, object]
    Receive = Callable[[], Awaitable[Message]]
    Send = Callable[[Message], Awaitable[None]]
    Application = Callable[[Message, Receive, Send], Awaitable[None]]

# Set by browsers, not by pages: https://fetch.spec.whatwg.org/#forbidden-request-header
_TELLTALES = (b"origin", b"referer", b"sec-")
_HOSTS = (b"127.0.0.1", b"localhost")


def is_refused(headers: list[tuple[bytes, bytes]]) -> bool:
    """Return whether a request comes from a browser, or for another host."""
    hosts = [value.rpartition(b":")[0] or value for name, value in headers if name == b"host"]
    return any(name.startswith(_TELLTALES) for name, _ in headers) or any(host not in _HOSTS for host in hosts)


def guard(application: Application) -> Application:
    """Return the application behind the gate."""

    async def answer(scope: Message, receive: Receive, send: Send) -> None:
        headers = scope.get("headers")
        if isinstance(headers, list) and is_refused(headers):
            if scope["type"] == "http":
                await send({"type": "http.response.start", "status": 403, "headers": [(b"content-length", b"0")]})
                await send({"type": "http.response.body", "body": b""})
            return
        await application(scope, receive, send)

    return answer


if __name__ == "__main__":
    import ministack.app  # type: ignore[import-not-found]  # it is in MiniStack's environment alone

    ministack.app.app = guard(ministack.app.app)
    ministack.app.main()
