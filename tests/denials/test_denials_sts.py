"""The catalogue's rows of STS: each matched by its wordings, old and new, and none of them by what an API says."""

from __future__ import annotations

import itertools

import pytest

from apigw_magic.denials import explain, load_catalogue
from apigw_magic.models import Circumstances, Refusal

USER = "arn:aws:iam::123456789012:user/ana"
SESSION = "arn:aws-cn:sts::123456789012:assumed-role/base/ana@host"
ROLE = "arn:aws:iam::210987654321:role/team/writer"
POLICY = "arn:aws:iam::123456789012:policy/narrow"
MISMATCH = "The request signature we calculated does not match the signature you provided."
NO_DEVICE = "MultiFactorAuthentication failed, unable to validate MFA code."
NO_STS = "STS is not activated in this region for account:123456789012"

# How IAM names each kind of policy where it allows nothing, and where it denies.
TYPES = [
    ("sts_identity_implicit", "because no identity-based policy allows the sts:AssumeRole action"),
    ("sts_trust_implicit", "because no role trust policy allows the sts:AssumeRole action"),
    ("sts_trust_implicit", "because the role trust policy allows the sts:AssumeRole action"),
    ("sts_trust_implicit", "because no resource-based policy allows the sts:AssumeRole action"),
    ("sts_boundary", "because no permissions boundary allows the sts:AssumeRole action"),
    ("sts_scp", "because no service control policy allows the sts:AssumeRole action"),
    ("sts_rcp", "because no resource control policy allows the sts:AssumeRole action"),
    ("sts_session_policy", "because no session policy allows the sts:AssumeRole action"),
    ("sts_vpce", "because no VPC endpoint policy allows the sts:AssumeRole action"),
    ("sts_identity_explicit", "with an explicit deny in an identity-based policy"),
    ("sts_identity_explicit", f"with an explicit deny in an identity-based policy: {POLICY}"),
    ("sts_trust_explicit", "with an explicit deny in the role trust policy"),
    ("sts_trust_explicit", "with an explicit deny in a resource-based policy"),
    ("sts_boundary", f"with an explicit deny in a permissions boundary: {POLICY}."),
    ("sts_scp", "with an explicit deny in a service control policy"),
    ("sts_scp", "with an explicit deny in a VPC endpoint policy transitively through a service control policy"),
    ("sts_rcp", "with an explicit deny in a resource control policy"),
    ("sts_session_policy", "with an explicit deny in a session policy"),
    ("sts_session_policy", "with an explicit deny in a sessions policy"),
    ("sts_vpce", "with an explicit deny in a VPC endpoint policy"),
    ("sts_explicit_untyped", "with an explicit deny"),
    ("sts_assume_denied", ""),
]


def deny(reason: str = "", principal: str = USER, action: str = "sts:AssumeRole", resource: str = ROLE) -> str:
    """Return IAM's sentence."""
    target = f" on resource: {resource}" if resource else ""
    return f"User: {principal} is not authorized to perform: {action}{target} {reason}".strip()


DENIED = [
    (kind, 403, "AccessDenied", deny(reason, principal, resource=resource))
    for (kind, reason), principal, resource in itertools.product(TYPES, (USER, SESSION), (ROLE, ""))
]

WORDINGS = [
    *DENIED,
    (
        "sts_mfa_bad_code",
        403,
        "AccessDenied",
        "MultiFactorAuthentication failed with invalid MFA one time pass code. ",
    ),
    ("sts_mfa_bad_code", 403, "AccessDenied", "MultiFactorAuthentication failed with invalid MFA one time pass code"),
    (
        "sts_mfa_serial",
        403,
        "AccessDenied",
        f"{NO_DEVICE}  Please verify your MFA serial number is valid and associated with this user.",
    ),
    ("sts_mfa_serial", 403, "AccessDenied", NO_DEVICE),
    (
        "sts_mfa_incomplete",
        403,
        "AccessDenied",
        "MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code.",
    ),
    ("sts_root", 403, "AccessDenied", "Roles may not be assumed by root accounts."),
    ("sts_root", 403, "AccessDenied", "Roles may not be assumed by root accounts"),
    ("sts_web_identity_denied", 403, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity"),
    (
        "sts_web_identity_denied",
        403,
        "AccessDenied",
        deny("because no role trust policy allows it", "anonymous", "sts:AssumeRoleWithWebIdentity"),
    ),
    ("sts_tag_denied", 403, "AccessDenied", deny(action="sts:TagSession")),
    (
        "sts_tag_denied",
        403,
        "AccessDenied",
        deny("because no identity-based policy allows the sts:TagSession action", SESSION, "sts:TagSession", ""),
    ),
    ("sts_source_identity_denied", 403, "AccessDenied", deny(action="sts:SetSourceIdentity")),
    (
        "sts_source_identity_denied",
        403,
        "AccessDenied",
        deny("because no role trust policy allows the sts:SetSourceIdentity action", SESSION, "sts:SetSourceIdentity"),
    ),
    ("sts_assume_denied", 403, "AccessDenied", "Not authorized to perform sts:AssumeRole"),
    ("sts_denied", 403, "AccessDenied", ""),
    ("sts_bad_key", 403, "InvalidClientTokenId", "The security token included in the request is invalid."),
    ("sts_bad_key", 403, "InvalidClientTokenId", "The security token included in the request is invalid"),
    ("sts_bad_key", 403, "InvalidClientTokenId", ""),
    (
        "sts_web_token_expired",
        400,
        "ExpiredTokenException",
        "Token expired: current date/time 1893456000 must be before the expiration date/time1893455000",
    ),
    (
        "sts_web_token_expired",
        400,
        "ExpiredToken",
        "Token expired: current date/time 1893456000 must be before the expiration date/time 1893455000",
    ),
    ("sts_expired", 403, "ExpiredToken", "The security token included in the request is expired"),
    ("sts_expired", 400, "ExpiredTokenException", "The provided token has expired."),
    ("sts_expired", 403, "ExpiredToken", ""),
    (
        "sts_clock",
        403,
        "SignatureDoesNotMatch",
        "Signature expired: 20300101T000000Z is now earlier than 20300101T064500Z (20300101T070000Z - 15 min.)",
    ),
    (
        "sts_clock",
        403,
        "SignatureDoesNotMatch",
        "Signature not yet current: 20300101T001000Z is still later than 20300101T000500Z (20300101T000000Z + 5 min.)",
    ),
    ("sts_clock", 400, "RequestExpired", "Request has expired. Timestamp date is 2030-01-01T00:00:00Z"),
    ("sts_scope", 403, "SignatureDoesNotMatch", "Credential should be scoped to a valid region, not 'us-east-2'. "),
    ("sts_scope", 403, "SignatureDoesNotMatch", "Credential should be scoped to a valid region."),
    ("sts_scope", 403, "SignatureDoesNotMatch", "Credential should be scoped to correct service: 'sts'. "),
    ("sts_sig", 403, "SignatureDoesNotMatch", MISMATCH),
    (
        "sts_sig",
        403,
        "SignatureDoesNotMatch",
        f"{MISMATCH} Check your AWS Secret Access Key and signing method. Consult the service documentation.",
    ),
    ("sts_incomplete_signature", 400, "IncompleteSignature", ""),
    ("sts_incomplete_signature", 403, "MissingAuthenticationToken", ""),
    (
        "sts_region_disabled",
        403,
        "RegionDisabledException",
        f"{NO_STS}. Your account administrator can activate STS in this region using the IAM Console.",
    ),
    ("sts_region_disabled", 403, "RegionDisabledException", NO_STS),
    ("sts_region_disabled", 403, "RegionDisabledException", ""),
    (
        "sts_duration",
        400,
        "ValidationError",
        "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
    ),
    (
        "sts_duration",
        400,
        "ValidationError",
        "The requested DurationSeconds exceeds the 3600 second session limit for this role.",
    ),
    (
        "sts_duration_chained",
        400,
        "ValidationError",
        "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
    ),
    ("sts_validation", 400, "ValidationError", ""),
    ("sts_validation", 400, "InvalidParameterValue", ""),
    ("sts_malformed_policy", 400, "MalformedPolicyDocument", ""),
    ("sts_packed_tags", 400, "PackedPolicyTooLarge", "Packed size of session tags consumes 112% of allotted space."),
    ("sts_packed_tags", 400, "PackedPolicyTooLarge", "Packed size of session tags consumes 498% of allotted space"),
    (
        "sts_packed",
        400,
        "PackedPolicyTooLarge",
        "Packed policy consumes 118% of allotted space, please use smaller policy.",
    ),
    ("sts_packed", 400, "PackedPolicyTooLarge", "Packed policy consumes 157% of allotted space"),
    ("sts_packed_token", 400, "PackedPolicyTooLarge", "Serialized token too large for session"),
    ("sts_packed_token", 400, "PackedPolicyTooLarge", ""),
    ("sts_identity_token", 400, "InvalidIdentityToken", ""),
    ("sts_idp_unreachable", 400, "IDPCommunicationError", ""),
    ("sts_idp_rejected", 403, "IDPRejectedClaim", ""),
    ("sts_throttled", 400, "Throttling", ""),
    ("sts_throttled", 400, "ThrottlingException", ""),
    ("sts_throttled", 400, "Throttled", ""),
    ("sts_not_sts", 400, "InvalidAction", ""),
    ("sts_not_sts", 404, "404", ""),
    ("sts_unavailable", 503, "ServiceUnavailable", ""),
    ("sts_unavailable", 500, "InternalFailure", ""),
    ("sts_unavailable", 503, "503", ""),
]

# Rows that have one phrase or, by type alone, none.
ONLY_ONE_WORDING = {
    "sts_denied",
    "sts_duration_chained",
    "sts_identity_token",
    "sts_idp_rejected",
    "sts_idp_unreachable",
    "sts_malformed_policy",
    "sts_mfa_incomplete",
}

CATALOGUE = load_catalogue()
ASSUMING = Circumstances(who="writer", request="sts:AssumeRole")
OF_STS = [known for known in CATALOGUE if known.kind.startswith("sts_")]


@pytest.mark.parametrize(
    ("kind", "status", "error_type", "message"), WORDINGS, ids=[f"{row[0]}-{at}" for at, row in enumerate(WORDINGS)]
)
def test_each_wording_is_its_row(kind: str, status: int, error_type: str, message: str) -> None:
    """Each wording is explained by its own row, in whole sentences and without a secret of ours."""
    told = explain(Refusal(status, error_type, message, api="sts"), ASSUMING)
    assert told.kind == kind
    assert told.summary.startswith(f"{status} {error_type}: ")
    assert told.remedy
    for line in (told.summary, told.cause, told.remedy):
        assert line.endswith(".") or "--" in line or (not message and not line)
        assert not set("{}") & set(line)
        assert "  " not in line
        assert " ." not in line
        assert len(line.replace(told.principal or "?", "").replace(told.resource or "?", "")) <= 140


def test_every_row_has_its_wordings() -> None:
    """No row of STS is without a wording, and all but those of one phrase have two."""
    seen = [row[0] for row in WORDINGS]
    assert set(seen) == {known.kind for known in OF_STS}
    assert {kind for kind in seen if seen.count(kind) < 2} == ONLY_ONE_WORDING


def test_the_action_decides() -> None:
    """STS's own action makes it STS's refusal, wherever it stands and whatever its type."""
    for error_type in ("", "AccessDenied"):
        assert explain(Refusal(403, error_type, deny()), ASSUMING).kind == "sts_assume_denied"
    told = explain(Refusal(403, "AccessDenied", deny(action="execute-api:Invoke")), ASSUMING)
    assert told.kind == "denied_implicit_untyped"


@pytest.mark.parametrize(
    ("kind", "error_type", "message"),
    [
        ("token_expired", "ExpiredTokenException", "The security token included in the request is expired"),
        ("service_credentials", "ExpiredToken", "The security token included in the request is expired"),
        ("token_invalid", "UnrecognizedClientException", "The security token included in the request is invalid."),
        ("service_credentials", "InvalidClientTokenId", "The security token included in the request is invalid."),
        ("signature_mismatch", "InvalidSignatureException", MISMATCH),
        ("service_credentials", "SignatureDoesNotMatch", MISMATCH),
        ("wrong_scope", "SignatureDoesNotMatch", "Credential should be scoped to a valid region."),
    ],
)
def test_then_the_type_decides(kind: str, error_type: str, message: str) -> None:
    """Where STS and an API use the same words, the type tells them apart."""
    assert explain(Refusal(403, error_type, message)).kind == kind


@pytest.mark.parametrize(
    ("kind", "api", "status", "error_type", "message"),
    [
        ("unknown", "", 400, "ValidationError", "1 validation error detected: Value 'a b' at 'roleSessionName'"),
        ("sts_malformed_policy", "", 400, "MalformedPolicyDocument", "Syntax errors in policy."),
        ("sts_identity_token", "", 400, "InvalidIdentityToken", "Incorrect token audience"),
        ("sts_packed_token", "", 400, "PackedPolicyTooLarge", "Something new"),
        ("sts_region_disabled", "", 403, "RegionDisabledException", "Not here."),
        # types that others have as well
        ("sts_validation", "sts", 400, "ValidationError", "1 validation error detected: Value 'a b' at 'x'"),
        ("sts_denied", "sts", 403, "AccessDenied", "Access Denied"),
        ("unknown", "", 403, "AccessDenied", "Access Denied"),
        ("sts_throttled", "sts", 400, "Throttling", "Rate exceeded"),
        ("unknown", "", 400, "Throttling", "Rate exceeded"),
        ("unknown", "rest", 400, "ValidationError", "1 validation error detected: Value 'a b' at 'x'"),
    ],
)
def test_the_type_alone(kind: str, api: str, status: int, error_type: str, message: str) -> None:
    """Words that nobody knows are those of their type, where that is STS's own or the answer is."""
    told = explain(Refusal(status, error_type, message, api=api), ASSUMING)
    assert (told.kind, told.message) == (kind, message)


def test_who_what_and_on_what() -> None:
    """STS's words say who was refused what on which role, and newer ones by which policy."""
    told = explain(Refusal(403, "AccessDenied", deny(f"with an explicit deny in an identity-based policy: {POLICY}")))
    assert (told.principal, told.action, told.resource) == (USER, "sts:AssumeRole", ROLE)
    assert told.cause == f"A Deny in the policies of {USER} matches sts:AssumeRole on {ROLE}."
    assert told.remedy.endswith(f"overrides it: {POLICY}.")


def test_how_much_too_large() -> None:
    """The share of the space that tags take is told."""
    words = "Packed size of session tags consumes 112% of allotted space."
    told = explain(Refusal(400, "PackedPolicyTooLarge", words))
    assert "112% of the space" in told.cause
