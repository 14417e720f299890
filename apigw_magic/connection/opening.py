"""Opens a connection: freezes the URL, finds the base identity, assumes the role."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING

from apigw_magic import http, text
from apigw_magic.config import find_connection, list_names
from apigw_magic.connection.circumstances import name_session_policies
from apigw_magic.connection.client import Connection
from apigw_magic.connection.defaults import make_defaults
from apigw_magic.connection.refused import explaining
from apigw_magic.connection.sealing import sealed
from apigw_magic.errors import CommandError, InvalidRequestError
from apigw_magic.identity import Base, Caller, RoleOptions, assume_role, choose_role, open_base

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from apigw_magic.http import Transport
    from apigw_magic.models import SigningScope, Url

_NAME = re.compile(r"[\w.@-]+")


@sealed
def connect(  # noqa: PLR0913 - the options of `%apigw connect`, all but the URL by keyword
    url: str | None = None,
    *,
    name: str | None = None,
    role: str | None = None,
    via: Sequence[str] = (),
    profile: str | None = None,
    region: str | None = None,
    service: str | None = None,
    external_id: str | None = None,
    mfa_serial: str | None = None,
    duration: int | None = None,
    session_name: str | None = None,
    source_identity: str | None = None,
    tags: Mapping[str, str] | None = None,
    policy: Mapping[str, object] | str | None = None,
    policy_arns: Sequence[str] = (),
    api_key: str | None = None,
    headers: Mapping[str, str] | None = None,
    sts_endpoint: str | None = None,
    timeout: float | None = None,
    connect_timeout: float = http.CONNECT_TIMEOUT,
    max_bytes: int = http.MAX_BYTES,
    protected: bool = False,
    base: Connection | Base | None = None,
    transport: Transport | None = None,
) -> Connection:
    """Connect to an API, as the role to assume or as the base identity itself.

    Args:
        url: the invoke URL with its stage, or the name of a connection in the nearest `pyproject.toml`, whose settings
            count where nothing else is given; None for the URL of `base`.
        name: of the connection; None for the role's name, else the profile, else the API id.
        role: an ARN, or the name of a role in the base identity's account; None for the base identity.
        via: roles on the way to it, each assumed by the one before it.
        profile: of the AWS configuration; None for what boto3's chain finds.
        region: needed where the host does not name it (a custom domain).
        service: needed where the host does not name it and it is not `execute-api`.
        external_id: what the role's trust policy may want.
        mfa_serial: the device whose code is asked for, when the first role is assumed.
        duration: seconds that the role session lasts before it is renewed, 900 to 43,200; None for 3,600.
        session_name: what an auditor reads in CloudTrail; None for user@host.
        source_identity: who is behind the session, for CloudTrail; it stays through all roles.
        tags: session tags.
        policy: a session policy, as JSON or as what becomes JSON: the session may do what both it and the role allow.
        policy_arns: managed policies that narrow the session likewise.
        api_key: sent with every request, as `x-api-key`.
        headers: sent with every request that has none of the name.
        sts_endpoint: a URL that replaces AWS's STS.
        timeout: seconds to wait for each part of an answer; None for 30.
        connect_timeout: seconds to wait for a connection.
        max_bytes: the largest content that is read, decoded.
        protected: whether methods that may change something have to be confirmed.
        base: a connection whose base identity is used again and, where no URL is given, its base URL with the API
            key, headers, timeout and protection that go with it; what is given here counts before them.
        transport: sends the requests; None for a connection pool of its own.

    Raises:
        InvalidRequestError: the URL cannot be signed for, or a header cannot be sent.
        CommandError: an option that cannot be.
        CredentialsError: no credentials, or STS refuses them or the role.
    """
    settings = None
    if url is not None and "/" not in url and (found := find_connection(url)) is not None:
        settings, url, name = found.path, found.url, name or (found.name if role in {None, found.role} else None)
        http.freeze(url)  # a file's URL is one: it is not looked up as a name again
        role, profile, region = role or found.role, profile or found.profile, region or found.region
        service, via, external_id = service or found.service, via or found.via, external_id or found.external_id
        mfa_serial, duration = mfa_serial or found.mfa_serial, duration or found.duration
        session_name = session_name or found.session_name
        source_identity = source_identity or found.source_identity
    former = base if isinstance(base, Connection) else None
    frozen, scope = _place(url, region, service, former)
    private_in = scope.region if http.is_vpc_endpoint(frozen) else None
    # The API key, the headers, the timeout and the care that is taken belong to the API, whoever calls it.
    kept = former.hand_on() if former is not None and url is None else None
    defaults = make_defaults(headers, api_key, timeout, protected=protected, private_in=private_in, former=kept)
    if name is not None and _NAME.fullmatch(name) is None:
        raise CommandError(
            f"{name!r} cannot name a connection.", fix="Write letters, digits and - _ . @ without spaces."
        )
    if sts_endpoint is not None:
        _check_endpoint(sts_endpoint)
    wanted = choose_role(
        role,
        via=tuple(via),
        session_name=session_name,
        external_id=external_id,
        mfa_serial=mfa_serial,
        source_identity=source_identity,
        duration=duration,
        tags=tuple((tags or {}).items()),
        policy=policy if policy is None or isinstance(policy, str) else text.to_json(policy, "policy"),
        policy_arns=tuple(policy_arns),
    )
    if base is None or profile is not None:
        start = open_base(profile, scope.region, sts_endpoint)
    else:
        start = (base.base if isinstance(base, Connection) else base).derive(scope.region, sts_endpoint)
    return Connection(
        name=name or _default_name(wanted, start.profile, frozen),
        url=frozen,
        scope=scope,
        base=start,
        caller=_open_caller(start, wanted),
        transport=transport or http.send_with(start.ca_bundle, max_bytes, connect_timeout),
        defaults=defaults,
        settings=settings,
        session_policies=name_session_policies(wanted),
    )


def _place(
    url: str | None, region: str | None, service: str | None, former: Connection | None
) -> tuple[Url, SigningScope]:
    if url is None:
        if former is None:
            raise CommandError(
                "There is no URL to connect to.", fix="Give it: https://API.execute-api.REGION.amazonaws.com/STAGE"
            )
        frozen = http.freeze(former.url)
        return frozen, http.scope_of(frozen, region or former.region, service or former.service)
    if re.fullmatch(r"[\w@-]+", url):  # neither a scheme, nor a host with its dots
        known = list_names()
        near = get_close_matches(url, known, n=1)
        raise CommandError(
            f"There is no connection {url!r} in a pyproject.toml.",
            why=f"Connections there: {', '.join(known)}." if known else "",
            fix=f"Did you mean {near[0]}?"
            if near
            else "Give the URL: https://API.execute-api.REGION.amazonaws.com/STAGE",
        )
    frozen = http.freeze(url)
    scope = http.scope_of(frozen, region, service)
    if frozen.query:
        raise InvalidRequestError(
            f"The base URL {url!r} has a query.",
            why="Every request goes below the base URL.",
            fix=f"Write {frozen.origin}{frozen.path} here, and the query with the request.",
        )
    return frozen, scope


def _check_endpoint(endpoint: str) -> None:
    """Refuse what credentials cannot be sent to, nor come from: https, or this machine."""
    try:
        http.freeze(endpoint)
    except InvalidRequestError as error:
        why = error.why
    else:
        return
    shown = http.mask_user(endpoint)
    raise CommandError(
        f"--sts-endpoint {shown!r} is not an endpoint.", why=why, fix="Write https://sts.REGION.amazonaws.com"
    )


def _open_caller(base: Base, role: RoleOptions | None) -> Caller:
    if role is None:
        with explaining(base.profile or "the base identity", "sts:GetCallerIdentity"):
            return base.present()
    with explaining(role.name, "sts:AssumeRole", role):
        return assume_role(base, role)


def _default_name(role: RoleOptions | None, profile: str | None, url: Url) -> str:
    if role is not None:
        return role.name
    label = url.host.partition(".")[0]
    is_loopback = label.startswith("[") or label in {"127", "localhost"}
    return profile or ("local" if is_loopback else label)
