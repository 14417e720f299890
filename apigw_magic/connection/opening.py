"""Opens a connection: freezes the URL, finds the base identity, assumes the role."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from apigw_magic import http
from apigw_magic.connection.client import Connection
from apigw_magic.connection.verdict import explain_refused
from apigw_magic.errors import CommandError, CredentialsError, InvalidRequestError
from apigw_magic.identity import Base, Caller, RoleOptions, assume_role, open_base

if TYPE_CHECKING:
    from apigw_magic.http import Transport
    from apigw_magic.models import SigningScope, Url

_NAME = re.compile(r"[\w.@-]+")


def connect(  # noqa: PLR0913 - the options of `%apigw connect`, all but the URL by keyword
    url: str | None = None,
    *,
    name: str | None = None,
    role: str | None = None,
    profile: str | None = None,
    region: str | None = None,
    external_id: str | None = None,
    session_name: str | None = None,
    sts_endpoint: str | None = None,
    base: Connection | Base | None = None,
    transport: Transport | None = None,
) -> Connection:
    """Connect to an API, as the role to assume or as the base identity itself.

    Args:
        url: the invoke URL with its stage; None for the one of `base`.
        name: of the connection; None for the role's name, else the profile, else the API id.
        role: an ARN, or the name of a role in the base identity's account; None for the base identity.
        profile: of the AWS configuration; None for what boto3's chain finds.
        region: needed where the host does not name it (a custom domain).
        external_id: what the role's trust policy may want.
        session_name: what an auditor reads in CloudTrail; None for user@host.
        sts_endpoint: a URL that replaces AWS's STS.
        base: a connection whose base identity is used again, and whose base URL where none is given.
        transport: sends the requests; None for a connection pool of its own.

    Raises:
        InvalidRequestError: the URL cannot be signed for.
        CommandError: an option that cannot be.
        CredentialsError: no credentials, or STS refuses them or the role.
    """
    former = base if isinstance(base, Connection) else None
    frozen, scope = _place(url, region, former)
    if sts_endpoint is not None:
        http.freeze(sts_endpoint)  # credentials go there and come from there: https, or loopback
    if base is None or profile is not None:
        start = open_base(profile, scope.region, sts_endpoint)
    else:
        start = (base.base if isinstance(base, Connection) else base).derive(scope.region, sts_endpoint)
    caller = _open_caller(start, role, session_name, external_id)
    if name is not None and _NAME.fullmatch(name) is None:
        raise CommandError(
            f"{name!r} cannot name a connection.", fix="Write letters, digits and - _ . @ without spaces."
        )
    return Connection(
        name=name or _default_name(role, start.profile, frozen),
        url=frozen,
        scope=scope,
        base=start,
        caller=caller,
        transport=transport or http.send_with(start.ca_bundle),
    )


def _place(url: str | None, region: str | None, former: Connection | None) -> tuple[Url, SigningScope]:
    if url is None:
        if former is None:
            raise CommandError(
                "There is no URL to connect to.", fix="Give it: https://API.execute-api.REGION.amazonaws.com/STAGE"
            )
        frozen = http.freeze(former.url)
        return frozen, http.scope_of(frozen, region or former.region)
    frozen = http.freeze(url)
    if frozen.query:
        raise InvalidRequestError(
            f"The base URL {url!r} has a query.",
            why="Every request goes below the base URL.",
            fix=f"Write {frozen.origin}{frozen.path} here, and the query with the request.",
        )
    return frozen, http.scope_of(frozen, region)


def _open_caller(base: Base, role: str | None, session_name: str | None, external_id: str | None) -> Caller:
    try:
        return base.caller() if role is None else assume_role(base, RoleOptions(role, session_name, external_id))
    except CredentialsError as error:
        if role is None:
            raise explain_refused(
                error, who=base.profile or "the base identity", request="sts:GetCallerIdentity"
            ) from None
        raise explain_refused(error, who=_short(role), request="sts:AssumeRole") from None


def _default_name(role: str | None, profile: str | None, url: Url) -> str:
    if role is not None:
        return _short(role)
    label = url.host.partition(".")[0]
    is_loopback = label.startswith("[") or label in {"127", "localhost"}
    return profile or ("local" if is_loopback else label)


def _short(role: str) -> str:
    """Return a role's name without ARN and path."""
    return role.rpartition("/")[2]
