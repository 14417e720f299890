"""STS's refusals, explained: whose words, which role, and the one next step that fits what was given."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apigw_magic.connection.refused import explain_refused
from apigw_magic.errors import CredentialsError, SessionExpiredError
from apigw_magic.identity import RoleOptions
from apigw_magic.models import Refusal

USER = "arn:aws:iam::123456789012:user/ana"
SESSION = "arn:aws:sts::123456789012:assumed-role/base/ana@host"
WRITER = "arn:aws:iam::210987654321:role/team/writer"
HOP = "arn:aws:iam::123456789012:role/hop"
BASE = "arn:aws:iam::123456789012:role/base"
DEVICE = "arn:aws:iam::123456789012:mfa/ana"

PLAIN = RoleOptions(WRITER)
NAMED = RoleOptions("writer")
EXTERNAL = RoleOptions(WRITER, external_id="given id")
CHAINED = RoleOptions(WRITER, via=(HOP,))

NO_TRUST = "because no role trust policy allows the sts:AssumeRole action"
ID_DENY = "with an explicit deny in an identity-based policy"
MISMATCH = "The request signature we calculated does not match the signature you provided."
TOO_LONG = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
CHAIN_TOO_LONG = "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining."
NO_DEVICE = "MultiFactorAuthentication failed, unable to validate MFA code."
TAGS_TOO_LARGE = "Packed size of session tags consumes 112% of allotted space."
POLICY_TOO_LARGE = "Packed policy consumes 118% of allotted space, please use smaller policy."


def deny(reason: str = "", principal: str = USER, action: str = "sts:AssumeRole", resource: str = WRITER) -> str:
    """Return IAM's sentence."""
    target = f" on resource: {resource}" if resource else ""
    return f"User: {principal} is not authorized to perform: {action}{target} {reason}".strip()


def breach(field: str, rule: str = "Member must have length less than or equal to 64") -> str:
    """Return STS's sentence on a parameter."""
    return f"1 validation error detected: Value at '{field}' failed to satisfy constraint: {rule}"


def refuse(
    message: str,
    code: str = "AccessDenied",
    status: int = 403,
    subject: str = "writer",
    kind: type[CredentialsError] = CredentialsError,
) -> CredentialsError:
    """Return what a refusal of STS is before it is explained."""
    error = kind(f"STS refused AssumeRole: {code}.", why=message)
    error.refusal = Refusal(status, code, message)
    error.subject = subject
    return error


def explain(error: CredentialsError, role: RoleOptions | None = PLAIN) -> CredentialsError:
    """Return the error explained."""
    told = explain_refused(error, who="the connection", request="sts:AssumeRole", role=role)
    assert told.explanation is not None
    assert told.lines == tuple(
        line for line in (told.explanation.summary, told.explanation.cause, told.explanation.remedy) if line
    )
    return told


# A refusal of the role `writer`, what it was asked for with, and the next step.
STEPS: list[tuple[str, CredentialsError, RoleOptions, str]] = [
    # trust: what was not given may be wanted, what was given may be another
    ("sts_trust_implicit", refuse(deny(NO_TRUST)), PLAIN, "external ID or MFA: --external-id ID, --mfa-serial ARN"),
    (
        "sts_trust_implicit",
        refuse(deny(NO_TRUST)),
        replace(PLAIN, mfa_serial=DEVICE),
        "wants an external ID: --external-id ID",
    ),
    ("sts_trust_implicit", refuse(deny(NO_TRUST, SESSION)), PLAIN, "wants an external ID: --external-id ID"),
    ("sts_trust_implicit", refuse(deny(NO_TRUST)), EXTERNAL, "The external ID may be another: compare --external-id"),
    ("sts_trust_implicit", refuse(deny(NO_TRUST, SESSION, resource="")), NAMED, "wants an external ID: --external-id"),
    ("sts_trust_explicit", refuse(deny("with an explicit deny in the role trust policy")), PLAIN, "--mfa-serial ARN"),
    (
        "sts_trust_explicit",
        refuse(deny("with an explicit deny in the role trust policy", SESSION)),
        PLAIN,
        "Read that Deny and its condition",
    ),
    # the old wording: the role may not exist
    (
        "sts_assume_denied",
        refuse(deny()),
        NAMED,
        "If its trust policy wants one: --external-id ID. Else check the name",
    ),
    ("sts_assume_denied", refuse(deny()), PLAIN, "external ID or MFA: --external-id ID, --mfa-serial ARN"),
    ("sts_assume_denied", refuse(deny(principal=SESSION)), PLAIN, "wants an external ID: --external-id ID"),
    ("sts_assume_denied", refuse(deny()), replace(NAMED, external_id="x1"), "compare --external-id with"),
    ("sts_assume_denied", refuse("Not authorized to perform sts:AssumeRole"), PLAIN, "an external ID: --external-id"),
    # the caller's own policies
    (
        "sts_identity_implicit",
        refuse(deny("because no identity-based policy allows the sts:AssumeRole action")),
        EXTERNAL,
        f"Allow it there on {WRITER};",
    ),
    (
        "sts_identity_implicit",
        refuse(deny("because no identity-based policy allows the sts:AssumeRole action")),
        NAMED,
        "Check the role's name; if it is right, allow it in the caller's policy",
    ),
    ("sts_identity_explicit", refuse(deny(ID_DENY)), PLAIN, "what comes without MFA: --mfa-serial ARN"),
    ("sts_identity_explicit", refuse(deny(ID_DENY)), replace(PLAIN, mfa_serial=DEVICE), "Find that Deny"),
    ("sts_identity_explicit", refuse(deny(ID_DENY, SESSION)), PLAIN, "Find that Deny and narrow it"),
    # tags and source identity: given, or passed on by the caller
    (
        "sts_tag_denied",
        refuse(deny(action="sts:TagSession")),
        replace(PLAIN, tags=(("team", "data"),)),
        "or leave --tag out",
    ),
    ("sts_tag_denied", refuse(deny(action="sts:TagSession")), PLAIN, "passes its own tags on"),
    (
        "sts_source_identity_denied",
        refuse(deny(action="sts:SetSourceIdentity")),
        replace(PLAIN, source_identity="ana"),
        "or leave --source-identity out",
    ),
    ("sts_source_identity_denied", refuse(deny(action="sts:SetSourceIdentity")), PLAIN, "stays with it: allow"),
    # MFA
    (
        "sts_mfa_serial",
        refuse(NO_DEVICE),
        replace(PLAIN, mfa_serial=DEVICE),
        "--mfa-serial arn:aws:iam::ACCOUNT:mfa/NAME",
    ),
    (
        "sts_mfa_bad_code",
        refuse("MultiFactorAuthentication failed with invalid MFA one time pass code. "),
        replace(PLAIN, mfa_serial=DEVICE),
        "Wait for the device's next code",
    ),
    # lengths
    ("sts_duration", refuse(TOO_LONG, "ValidationError", 400), replace(PLAIN, duration=7200), "shorter --duration"),
    ("sts_duration_chained", refuse(CHAIN_TOO_LONG, "ValidationError", 400), PLAIN, "--duration 3600 or less"),
    # policies
    ("sts_packed", refuse(POLICY_TOO_LARGE, "PackedPolicyTooLarge", 400), replace(PLAIN, policy="{}"), "--policy, or"),
    (
        "sts_packed",
        refuse(POLICY_TOO_LARGE, "PackedPolicyTooLarge", 400),
        replace(PLAIN, policy_arns=("arn:aws:iam::aws:policy/x",)),
        "Give fewer --policy-arn.",
    ),
    (
        "sts_packed_tags",
        refuse(TAGS_TOO_LARGE, "PackedPolicyTooLarge", 400),
        replace(PLAIN, tags=(("a", "b"),)),
        "Give fewer or shorter --tag.",
    ),
    (
        "sts_packed_tags",
        refuse(TAGS_TOO_LARGE, "PackedPolicyTooLarge", 400),
        PLAIN,
        "passes them on: start from another one, --profile NAME",
    ),
    (
        "sts_malformed_policy",
        refuse("Syntax errors in policy.", "MalformedPolicyDocument", 400),
        PLAIN,
        "Correct --policy",
    ),
    # parameters
    ("sts_validation", refuse(breach("roleSessionName"), "ValidationError", 400), PLAIN, "Correct --session-name."),
    ("sts_validation", refuse(breach("roleArn"), "ValidationError", 400), PLAIN, "Correct --role."),
    ("sts_validation", refuse(breach("tags.1.member.value"), "ValidationError", 400), PLAIN, "Correct --tag."),
    ("sts_validation", refuse(breach("policyArns"), "ValidationError", 400), PLAIN, "Correct --policy-arn."),
    ("sts_validation", refuse(breach("tokenCode"), "ValidationError", 400), PLAIN, "Type the six digits"),
    ("sts_validation", refuse(breach("newParameter"), "ValidationError", 400), PLAIN, "options of %apigw connect"),
    ("sts_validation", refuse("Request ARN is invalid", "ValidationError", 400), PLAIN, "Correct --role."),
    ("sts_validation", refuse("Duplicate tag keys", "InvalidParameterValue", 400), PLAIN, "options of %apigw connect"),
]


@pytest.mark.parametrize(
    ("kind", "error", "role", "step"), STEPS, ids=[f"{row[0]}-{at}" for at, row in enumerate(STEPS)]
)
def test_the_next_step(kind: str, error: CredentialsError, role: RoleOptions, step: str) -> None:
    """The next step is one, and fits what was given."""
    told = explain(error, role)
    assert told.explanation is not None
    assert told.explanation.kind == kind
    assert step in told.fix
    assert len(told.fix.replace(WRITER, "")) <= 130
    assert "the connection" not in str(told)


# The same of a role that a profile asked for, without our options or before them.
IN_PROFILES = [
    (
        refuse(deny(NO_TRUST, resource=BASE), subject=""),
        "Check role_arn in ~/.aws/config, and external_id and mfa_serial",
    ),
    (refuse(deny(resource=BASE), subject=""), "Check role_arn in ~/.aws/config"),
    (refuse(deny(ID_DENY, resource=BASE), subject=""), "mfa_serial = ARN in ~/.aws/config"),
    (refuse(deny(action="sts:TagSession", resource=BASE), subject=""), "passes its own tags on"),
    (refuse(NO_DEVICE, subject=""), "mfa_serial in ~/.aws/config"),
    (refuse(TOO_LONG, "ValidationError", 400, subject=""), "Lower duration_seconds in ~/.aws/config"),
    (refuse(CHAIN_TOO_LONG, "ValidationError", 400, subject=""), "Lower duration_seconds in ~/.aws/config"),
    (refuse(breach("roleSessionName"), "ValidationError", 400, subject=""), "Correct role_session_name in"),
    (refuse("Request ARN is invalid", "ValidationError", 400, subject=""), "Correct role_arn in ~/.aws/config."),
    (refuse("Something else", "ValidationError", 400, subject=""), "Check the profile in ~/.aws/config."),
]


@pytest.mark.parametrize("role", [None, EXTERNAL])
@pytest.mark.parametrize(("error", "step"), IN_PROFILES, ids=range(len(IN_PROFILES)))
def test_a_profile_is_corrected_where_it_stands(error: CredentialsError, step: str, role: RoleOptions | None) -> None:
    """What a profile asked for is no matter of our options, whether a role was to follow or not."""
    assert step in explain(error, role).fix


ON_THE_WAY = [
    (refuse(deny(NO_TRUST, resource=HOP), subject="hop"), CHAINED, "wants MFA: --mfa-serial ARN"),
    (
        refuse(deny(NO_TRUST, resource=HOP), subject="hop"),
        replace(CHAINED, mfa_serial=DEVICE, external_id="of writer"),
        "it goes into a profile: role_arn, external_id",
    ),
    (refuse(deny(NO_TRUST, SESSION, resource=HOP), subject="hop"), CHAINED, "an external ID, it goes into a profile"),
    (
        refuse(deny(action="sts:TagSession", resource=HOP), subject="hop"),
        replace(CHAINED, tags=(("for", "writer"),)),
        "passes its own tags on",
    ),
    (
        refuse(deny(action="sts:SetSourceIdentity", principal=SESSION)),
        replace(CHAINED, source_identity="ana"),
        "leave --source-identity out",
    ),
    (refuse(breach("roleArn"), "ValidationError", 400, subject="hop"), CHAINED, "Correct --via."),
    (refuse(deny(NO_TRUST, SESSION)), CHAINED, "wants an external ID: --external-id ID"),
]


@pytest.mark.parametrize(("error", "role", "step"), ON_THE_WAY, ids=range(len(ON_THE_WAY)))
def test_roles_on_the_way(error: CredentialsError, role: RoleOptions, step: str) -> None:
    """A role on the way is asked for with less than the last, and is told of as such."""
    assert step in explain(error, role).fix


def test_without_a_type() -> None:
    """Words that only STS has are known without a type, too."""
    assert explain(refuse(NO_DEVICE, "")).what == "403: STS does not know the MFA device."


def test_who_was_refused() -> None:
    """The role in STS's words is the one that is named; else the one that was asked for, else the connection."""
    assert explain(refuse(deny(NO_TRUST))).what == "403 AccessDenied: STS does not let writer be assumed."
    assert explain(refuse(deny(NO_TRUST, resource=HOP), subject="hop"), CHAINED).what.endswith("let hop be assumed.")
    assert explain(refuse(deny(NO_TRUST, resource=BASE), subject="")).what.endswith("let base be assumed.")
    assert explain(refuse(deny(NO_TRUST, resource=""))).what.endswith("let writer be assumed.")
    assert explain(refuse(deny(NO_TRUST, resource=""), subject=""), None).what.endswith(
        "let the connection be assumed."
    )


# --- by words and by type

BY_TYPE = [
    ("sts_denied", "AccessDenied", 403, "Access denied", "Access denied"),
    ("sts_malformed_policy", "MalformedPolicyDocument", 400, "Syntax errors in policy.", "Syntax errors in policy."),
    (
        "sts_malformed_policy",
        "MalformedPolicyDocument",
        400,
        "Unexpected character ('i' (code 105)): expected a valid value\n at [Source: line: 1]",
        "Unexpected character ('i' (code 105)): expected a valid value at [Source: line: 1]",
    ),
    (
        "sts_identity_token",
        "InvalidIdentityToken",
        400,
        "No OpenIDConnect provider found in your account for https://issuer.example",
        "No OpenIDConnect provider found in your account for https://issuer.example",
    ),
    ("sts_identity_token", "InvalidIdentityToken", 400, "Incorrect token audience", "Incorrect token audience"),
    ("sts_idp_unreachable", "IDPCommunicationError", 400, "Error communicating with the IdP", "Its keys have to be"),
    ("sts_idp_rejected", "IDPRejectedClaim", 403, "The token was revoked", "It has ended or was revoked"),
    ("sts_throttled", "Throttling", 400, "Rate exceeded", "All calls of the caller's account count"),
    ("sts_throttled", "ThrottlingException", 400, "Rate exceeded", "All calls of the caller's account count"),
    ("sts_throttled", "TooManyRequestsException", 429, "slow down", "All calls of the caller's account count"),
    (
        "sts_unavailable",
        "ServiceUnavailable",
        503,
        "Service is unable to handle request.",
        "The credentials and the role",
    ),
    ("sts_unavailable", "503", 503, "Service Unavailable", "The credentials and the role"),
    ("sts_not_sts", "InvalidAction", 400, "Could not find operation AssumeRole", "It does not know sts:AssumeRole."),
    ("sts_region_disabled", "RegionDisabledException", 403, "Not here.", "The account that owns the role"),
    ("sts_packed_token", "PackedPolicyTooLarge", 400, "Something new", "STS packs them into the session token"),
    ("sts_incomplete_signature", "IncompleteSignature", 400, "Credential must have", "A space, line break or quote"),
    # as other services, and stand-ins for STS, call the same
    (
        "sts_bad_key",
        "UnrecognizedClientException",
        403,
        "The security token included in the request is invalid.",
        "The",
    ),
    (
        "sts_expired",
        "ExpiredTokenException",
        403,
        "The security token included in the request is expired",
        "The session",
    ),
    ("sts_sig", "InvalidSignatureException", 403, MISMATCH, "The secret key is not the one"),
    ("sts_trust_implicit", "AccessDeniedException", 403, deny(NO_TRUST), "Its trust policy does not name"),
    ("sts_duration", "ValidationException", 400, TOO_LONG, "Its MaxSessionDuration is shorter"),
]


@pytest.mark.parametrize(("kind", "code", "status", "message", "cause"), BY_TYPE)
def test_what_is_known_by_its_type(kind: str, code: str, status: int, message: str, cause: str) -> None:
    """Words that are not known are those of their type, and tell the cause where the type does not."""
    told = explain(refuse(message, code, status))
    assert told.explanation is not None
    assert told.explanation.kind == kind
    assert (told.explanation.error_type, told.explanation.message) == (code, message)
    assert told.what.startswith(f"{status}: " if code == str(status) else f"{status} {code}: ")
    assert told.why.startswith(cause)
    assert told.fix


@pytest.mark.parametrize(
    ("status", "code", "message"),
    [
        (403, "ForbiddenException", "Forbidden"),  # an API at --sts-endpoint
        (403, "", "Forbidden"),
        (429, "LimitExceededException", "Limit Exceeded"),
        (418, "Teapot", "short and stout"),
        (0, "", ""),
    ],
)
def test_what_is_not_known(status: int, code: str, message: str) -> None:
    """What no row of STS knows is shown, and no row of an API takes it."""
    told = explain(refuse(message, code, status))
    assert told.explanation is not None
    assert (told.explanation.kind, told.why, told.fix) == ("unknown", message, "")
    assert told.what == f"{status} {code}".strip() + ": STS refuses sts:AssumeRole to writer."


# --- causes that are worked out


@pytest.mark.parametrize(
    ("message", "cause"),
    [
        (
            "Signature expired: 20300101T000000Z is now earlier than 20300101T064500Z (20300101T070000Z - 15 min.)",
            "It is 7 hours behind; the credentials are fine.",
        ),
        (
            "Signature not yet current: 20300101T001000Z is still later than 2030… (20300101T000000Z + 5 min.)",
            "It is 10 minutes ahead; the credentials are fine.",
        ),
        (
            "Signature expired: 20300101T000000Z is now earlier than 20300101T010000Z",
            "It is more than 60 minutes behind; the credentials are fine.",
        ),
        (
            "Signature expired: 99999999T999999Z is now earlier than 20300101T010000Z (20300101T010000Z - 5 min.)",
            "The time in the signature is minutes or more away from AWS's; the credentials are fine.",
        ),
    ],
)
def test_how_far_the_clock_is_off(message: str, cause: str) -> None:
    """The two clocks in STS's words tell how far this machine's is off."""
    told = explain(refuse(message, "SignatureDoesNotMatch"))
    assert told.what == "403 SignatureDoesNotMatch: this machine's clock is too far from AWS's."
    assert told.why == cause


def test_which_rule_is_broken() -> None:
    """Of a parameter that STS refuses, its name and the rule are told."""
    words = f"{breach('roleSessionName', 'Member must have a to z: [a-z]*')}; {breach('tags', 'B')}"
    told = explain(refuse(words, "ValidationError", 400))
    assert told.why == "roleSessionName: Member must have a to z: [a-z]*; tags: B"


# --- what is kept


def test_without_a_refusal() -> None:
    """Where STS did not refuse there is nothing to explain: the error is as it was, the very same."""
    error = CredentialsError("STS cannot be reached.", why="x")
    error.is_unreachable = True
    assert explain_refused(error, who="reader", request="sts:AssumeRole", role=PLAIN) is error


@pytest.mark.parametrize("kind", [CredentialsError, SessionExpiredError])
def test_what_is_kept(kind: type[CredentialsError]) -> None:
    """The refusal, its subject and an error's class stay."""
    error = refuse(deny(), kind=kind)
    told = explain(error)
    assert (told.refusal, told.subject, told.is_unreachable) == (error.refusal, "writer", False)
    assert type(told) is kind
    assert told.explanation is not None
    assert (told.explanation.principal, told.explanation.resource) == (USER, WRITER)


@given(st.integers(), st.text(), st.text(), st.sampled_from([None, PLAIN, EXTERNAL, CHAINED]))
def test_any_refusal_is_explained(status: int, code: str, message: str, role: RoleOptions | None) -> None:
    """Whatever STS says, there are three lines at most, and nothing is raised."""
    told = explain_refused(refuse(message, code, status), who="reader", request="sts:AssumeRole", role=role)
    assert told.explanation is not None
    assert told.explanation.message == message
    assert 1 <= len(told.lines) <= 3
    assert not any("\n" in line for line in (told.why, told.fix))
