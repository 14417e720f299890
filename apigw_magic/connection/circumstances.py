"""What is known beside an answer of one of our requests, for its explanation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apigw_magic import http
from apigw_magic.models import Circumstances, is_loopback

if TYPE_CHECKING:
    from apigw_magic.connection.client import Connection
    from apigw_magic.connection.delivery import Delivery
    from apigw_magic.identity import RoleOptions
    from apigw_magic.models import Request, Url


def tell_circumstances(connection: Connection, request: Request, url: Url, delivery: Delivery) -> Circumstances:
    """Tell what is known beside an answer.

    Args:
        connection: it was sent over.
        request: as asked.
        url: that it was sent to.
        delivery: what became of it.
    """
    named = http.find_scope(url)
    headers = delivery.reply.headers
    return Circumstances(
        who=connection.name,
        request=f"{request.method} {request.target.partition('?')[0]}",
        method=request.method,
        principal=connection.identity.arn if connection.identity else "",
        host=url.host,
        path=url.path,
        service=connection.service,
        region=connection.region,
        host_region=named.region if named else "",
        is_local=is_loopback(url.host),
        session_policies=connection.session_policies,
        canonical_request=delivery.canonical_request,
        string_to_sign=delivery.string_to_sign,
        server_time=headers.get("date", ""),
        retry_after=headers.get("retry-after", ""),
    )


def name_session_policies(role: RoleOptions | None) -> tuple[str, ...]:
    """Return the options that narrow the session of a role, as they are written."""
    if role is None:
        return ()
    inline = ("--policy",) if role.policy is not None else ()
    return inline + tuple(f"--policy-arn {arn}" for arn in role.policy_arns)
