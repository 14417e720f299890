"""AssumeRole: from the base identity, by the roles on the way, to a role session that renews itself before it ends."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC
from functools import cache, partial
from typing import TYPE_CHECKING

from apigw_magic.errors import CredentialsError
from apigw_magic.identity.caller import Caller, Grant, now
from apigw_magic.identity.mfa import Ask, ask_code
from apigw_magic.identity.options import (
    LONGEST_CHAINED,
    RoleOptions,
    check_chained,
    check_options,
    default_session_name,
    is_role_arn,
    write_policy,
)
from apigw_magic.identity.sts import call_sts
from apigw_magic.models import Credentials, Identity

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from mypy_boto3_sts.type_defs import AssumeRoleRequestTypeDef, AssumeRoleResponseTypeDef

    from apigw_magic.identity.base import Base


def assume_role(
    base: Base, options: RoleOptions, *, clock: Callable[[], datetime] = now, ask: Ask = ask_code
) -> Caller:
    """Assume a role, now, and those on the way to it.

    Args:
        base: the identity that asks first.
        options: what is asked for.
        clock: tells the time in UTC, by which the session is renewed.
        ask: asks for an MFA code.

    Raises:
        CommandError: an option that STS would refuse; nothing was sent.
        CredentialsError: STS refuses, or cannot be reached; `subject` is the role.
    """
    check_options(options)
    if options.duration is not None and options.duration > LONGEST_CHAINED and _is_role_session(base.identity()):
        check_chained(options.duration)
    *hops, last = split_hops(options)
    caller = base.caller
    for number, hop in enumerate(hops):
        # The same hops on the way to another role are the same sessions: an MFA code is asked for once.
        shared = (base.region, base.sts.endpoint, *hops[: number + 1])
        caller = base.share_hop(shared, partial(_make_caller, base, caller, hop, clock, ask))
    caller = _make_caller(base, caller, last, clock, ask)
    caller.credentials()
    return caller


def split_hops(options: RoleOptions) -> tuple[RoleOptions, ...]:
    """Return what each role on the way is asked for, and at the end the role itself."""
    last = replace(options, via=(), mfa_serial=None, source_identity=None)
    hops = [*(RoleOptions(role, session_name=options.session_name) for role in options.via), last]
    hops[0] = replace(hops[0], mfa_serial=options.mfa_serial, source_identity=options.source_identity)
    return tuple(hops)


def _make_caller(base: Base, before: Caller, options: RoleOptions, clock: Callable[[], datetime], ask: Ask) -> Caller:
    """Make the one who signs as a role: a role session that `before` asks for."""

    def obtain(asking: Ask) -> Grant:
        credentials = before.credentials(asking)
        ask_once = cache(asking)  # STS does not use up a code that comes with credentials which it refuses
        try:
            return _assume(base, credentials, options, ask_once)
        except CredentialsError as error:
            if not error.has_ended or not before.renew(credentials, asking):
                raise
        # Keys that were replaced in a file, or a login that was renewed, are found without another kernel.
        return _assume(base, before.credentials(asking), options, ask_once)

    return Caller(obtain, base.sts.identify, before=before, clock=clock, ask=ask)


def _assume(base: Base, credentials: Credentials, options: RoleOptions, ask: Ask) -> Grant:
    """Ask for a role session.

    Raises:
        CredentialsError: STS refuses, or cannot be reached.
    """
    request = _write_request(options, _role_arn(options.role, base))
    if options.mfa_serial is not None:
        request["SerialNumber"] = options.mfa_serial
        request["TokenCode"] = ask(options.mfa_serial)
    try:
        answer = base.sts.assume_role(credentials, request)
        return call_sts(lambda: _read_grant(answer, options), profile=base.profile)
    except CredentialsError as error:
        error.subject = options.name
        raise


def _read_grant(answer: AssumeRoleResponseTypeDef, options: RoleOptions) -> Grant:
    given, arn = answer["Credentials"], answer["AssumedRoleUser"]["Arn"]
    return Grant(
        Credentials(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"]),
        expires=given["Expiration"].astimezone(UTC),
        identity=Identity(account=arn.split(":")[4], arn=arn),
        source=(f"role {options.name}",),
    )


def _write_request(options: RoleOptions, arn: str) -> AssumeRoleRequestTypeDef:
    """Write the parameters of AssumeRole, but for the MFA code."""
    request: AssumeRoleRequestTypeDef = {
        "RoleArn": arn,
        "RoleSessionName": options.session_name or default_session_name(),
    }
    if options.external_id is not None:
        request["ExternalId"] = options.external_id
    if options.source_identity is not None:
        request["SourceIdentity"] = options.source_identity
    if options.duration is not None:
        request["DurationSeconds"] = options.duration
    if options.tags:
        request["Tags"] = [{"Key": key, "Value": value} for key, value in options.tags]
    if options.policy is not None:
        request["Policy"] = write_policy(options.policy)
    if options.policy_arns:
        request["PolicyArns"] = [{"arn": policy} for policy in options.policy_arns]
    return request


def _role_arn(role: str, base: Base) -> str:
    if is_role_arn(role):
        return role
    identity = base.identity()
    partition = identity.arn.split(":")[1]
    return f"arn:{partition}:iam::{identity.account}:role/{role}"


def _is_role_session(identity: Identity) -> bool:
    return ":assumed-role/" in identity.arn
