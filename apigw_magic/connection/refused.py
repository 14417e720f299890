"""Refusals of STS, explained, with the next step in terms of what was given.

The catalogue knows what a refusal means. Which of its causes is likely, and which option mends it, the options show:
who gave an external ID is not helped by being told to give one.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from apigw_magic import denials
from apigw_magic.errors import CredentialsError, SessionExpiredError
from apigw_magic.identity import short_name
from apigw_magic.models import Circumstances, Explanation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from apigw_magic.identity import RoleOptions
    from apigw_magic.models import Refusal

# What others call an error that STS calls otherwise: a stand-in for STS may speak as they do.
_SAME = {
    "AccessDeniedException": "AccessDenied",
    "ExpiredTokenException": "ExpiredToken",
    "IncompleteSignatureException": "IncompleteSignature",
    "InvalidSignatureException": "SignatureDoesNotMatch",
    "MissingAuthenticationTokenException": "MissingAuthenticationToken",
    "TooManyRequestsException": "Throttling",
    "UnrecognizedClientException": "InvalidClientTokenId",
    "ValidationException": "ValidationError",
}

_BREACH = re.compile(r"at '([\w.]+)' failed to satisfy constraint: ([^;]+)")

# What STS calls a parameter, the option that gives it, and how a profile does.
_PARAMETERS = {
    "durationSeconds": ("--duration", "duration_seconds"),
    "externalId": ("--external-id", "external_id"),
    "policy": ("--policy", ""),
    "policyArns": ("--policy-arn", ""),
    "roleArn": ("--role", "role_arn"),
    "roleSessionName": ("--session-name", "role_session_name"),
    "serialNumber": ("--mfa-serial", "mfa_serial"),
    "sourceIdentity": ("--source-identity", ""),
    "tags": ("--tag", ""),
}


@dataclass(frozen=True, slots=True)
class _Asked:
    """What was asked for when STS refused.

    Attributes:
        told: the explanation so far.
        role: the options of `%apigw connect`; None where a profile asked, for a role of its own or for its identity.
        is_on_way: whether the refused role is one on the way to `role`.
    """

    told: Explanation
    role: RoleOptions | None
    is_on_way: bool

    @property
    def is_user(self) -> bool:
        """Whether the caller is an IAM user, who may have an MFA device."""
        return ":user/" in self.told.principal


@contextmanager
def explaining(who: str, request: str, role: RoleOptions | None = None) -> Iterator[None]:
    """Explain what STS refuses within the context.

    Args:
        who: the connection, or what is to become one.
        request: what STS is asked for.
        role: what was asked for; None where none was.
    """
    try:
        yield
    except CredentialsError as error:
        raise explain_refused(error, who=who, request=request, role=role) from None


def explain_refused(
    error: CredentialsError, *, who: str, request: str, role: RoleOptions | None = None
) -> CredentialsError:
    """Return the error with its refusal explained, or as it is if STS did not refuse.

    Args:
        error: as the SDK's call ended.
        who: whom the refusal is about where neither it nor the error names a role.
        request: what STS was asked for.
        role: the options that were given; None for the base identity alone.
    """
    if error.refusal is None:
        return error
    told = _explain(error.refusal, error.subject or who, request)
    refused = short_name(told.resource) if ":role/" in told.resource else error.subject
    if refused and refused != (error.subject or who):  # a role within a profile
        told = _explain(error.refusal, refused, request)
    on_way = [] if role is None else [short_name(hop) for hop in role.via]
    is_ours = role is not None and refused in {*on_way, role.name}
    asked = _Asked(told, role if is_ours else None, is_on_way=is_ours and role is not None and refused != role.name)
    told = replace(told, cause=_find_cause(asked), remedy=_find_remedy(asked))
    kind = SessionExpiredError if isinstance(error, SessionExpiredError) else CredentialsError
    problem = kind(told.summary, why=told.cause, fix=told.remedy, explanation=told)
    problem.refusal, problem.subject, problem.is_unreachable = error.refusal, error.subject, error.is_unreachable
    return problem


def _explain(refusal: Refusal, who: str, request: str) -> Explanation:
    """Explain a refusal by the catalogue's rows for STS: by its words or, where they are not known, by its type."""
    alike = replace(refusal, error_type=_SAME.get(refusal.error_type, refusal.error_type), api="sts")
    numbers_alone = refusal.error_type in {"", str(refusal.status_code)}  # what the SDK makes of a page without a type
    head = str(refusal.status_code) if numbers_alone else f"{refusal.status_code} {refusal.error_type}"
    told = denials.explain(alike, Circumstances(who=who, request=request, service="sts"))
    if told.kind.startswith("sts_"):
        summary = f"{head}: {told.summary.partition(': ')[2]}"
        return replace(told, summary=summary, error_type=refusal.error_type)
    return Explanation(
        kind="unknown",
        summary=f"{head}: STS refuses {request} to {who}.",
        cause=denials.to_line(refusal.message),
        remedy="",
        error_type=refusal.error_type,
        message=refusal.message,
        status_code=refusal.status_code,
    )


def _find_cause(asked: _Asked) -> str:
    told = asked.told
    if told.kind == "sts_validation":
        breaches = [f"{field}: {rule.strip()}" for field, rule in _BREACH.findall(told.message)]
        return denials.to_line("; ".join(breaches) or told.message)
    return told.cause or denials.to_line(told.message)


def _find_remedy(asked: _Asked) -> str:
    fit = _FITS.get(asked.told.kind)
    return (fit(asked) if fit else "") or asked.told.remedy


def _fit_trust(asked: _Asked) -> str:
    role = asked.role
    if role is None:
        return "Check role_arn in ~/.aws/config, and external_id and mfa_serial beside it."
    can_give_mfa = asked.is_user and role.mfa_serial is None
    if asked.is_on_way:
        elsewhere = "an external ID, it goes into a profile: role_arn, external_id"
        return f"If its trust policy wants {'MFA: --mfa-serial ARN' if can_give_mfa else elsewhere}"
    if role.external_id is not None:
        return "The external ID may be another: compare --external-id with sts:ExternalId in its trust policy."
    if asked.told.kind == "sts_assume_denied" and not role.role.startswith("arn:"):
        return (
            "If its trust policy wants one: --external-id ID. "
            "Else check the name (--role arn:aws:iam::ACCOUNT:role/PATH/NAME)"
        )
    if can_give_mfa:
        return "If its trust policy wants an external ID or MFA: --external-id ID, --mfa-serial ARN"
    return "If its trust policy wants an external ID: --external-id ID"


def _fit_name(asked: _Asked) -> str:
    if asked.role is None or asked.is_on_way or asked.role.role.startswith("arn:"):
        return ""
    return "Check the role's name; if it is right, allow it in the caller's policy, and the caller in its trust policy."


def _fit_deny(asked: _Asked) -> str:
    if not asked.is_user or (asked.role and asked.role.mfa_serial):
        return ""
    option = "--mfa-serial ARN" if asked.role else "mfa_serial = ARN in ~/.aws/config"
    return f"If it denies what comes without MFA: {option}; else narrow it, as no Allow overrides it."


def _fit_tags(asked: _Asked) -> str:
    if asked.role and asked.role.tags and not asked.is_on_way:
        return ""
    return "The caller's session passes its own tags on: allow sts:TagSession in the role's trust policy."


def _fit_source_identity(asked: _Asked) -> str:
    if asked.role and asked.role.source_identity:
        return ""
    return "The caller's source identity stays with it: allow sts:SetSourceIdentity in the role's trust policy."


def _fit_mfa_device(asked: _Asked) -> str:
    return "" if asked.role else "Write the calling user's own device: mfa_serial in ~/.aws/config."


def _fit_duration(asked: _Asked) -> str:
    return "" if asked.role else "Lower duration_seconds in ~/.aws/config: 3600 is always allowed."


def _fit_packed_tags(asked: _Asked) -> str:
    if asked.role and asked.role.tags:
        return ""
    return "The caller's session passes them on: start from another one, --profile NAME"


def _fit_packed(asked: _Asked) -> str:
    if asked.role and asked.role.policy_arns and not asked.role.policy:
        return "Give fewer --policy-arn."
    return ""


def _fit_validation(asked: _Asked) -> str:
    fields = [field.partition(".")[0] for field, _ in _BREACH.findall(asked.told.message)]
    if not fields and "ARN is invalid" in asked.told.message:
        fields = ["roleArn"]
    for field in fields:
        if field == "tokenCode":
            return "Type the six digits that the MFA device shows."
        option, setting = _PARAMETERS.get(field, ("", ""))
        if asked.is_on_way and field == "roleArn":
            option = "--via"
        if asked.role is not None and option:
            return f"Correct {option}."
        if asked.role is None and setting:
            return f"Correct {setting} in ~/.aws/config."
    return "" if asked.role else "Check the profile in ~/.aws/config."


_FITS: Mapping[str, Callable[[_Asked], str]] = {
    "sts_assume_denied": _fit_trust,
    "sts_duration": _fit_duration,
    "sts_duration_chained": _fit_duration,
    "sts_identity_explicit": _fit_deny,
    "sts_identity_implicit": _fit_name,
    "sts_mfa_incomplete": _fit_mfa_device,
    "sts_mfa_serial": _fit_mfa_device,
    "sts_packed": _fit_packed,
    "sts_packed_tags": _fit_packed_tags,
    "sts_source_identity_denied": _fit_source_identity,
    "sts_tag_denied": _fit_tags,
    "sts_trust_explicit": _fit_deny,
    "sts_trust_implicit": _fit_trust,
    "sts_validation": _fit_validation,
}
