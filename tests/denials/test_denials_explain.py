"""The catalogue: well-formed, each row matched by its own wordings and by no earlier row; the unknown never guessed.

The rows of STS have their wordings in `test_denials_sts`.
"""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apigw_magic.denials import explain
from apigw_magic.denials.explain import KnownRefusal, load_catalogue
from apigw_magic.models import Refusal

ROLE = "arn:aws:sts::123456789012:assumed-role/reader/ana"
CN_ROLE = "arn:aws-cn:sts::123456789012:assumed-role/team/reader"
INVOKE = "execute-api:Invoke"
METHOD = "arn:aws:execute-api:eu-west-1:********9012:a1b2c3d4e5/prod/GET/orders"
POLICY = "arn:aws:iam::123456789012:policy/reader"
MORE = f"Go to https://console.aws.amazon.com/x?y=1 for more; authorization id: {'0a1b' * 4}"

DENIED = "AccessDeniedException"
NO_ID = "because no identity-based policy allows the execute-api:Invoke action"
NO_RESOURCE = "because no resource-based policy allows the execute-api:Invoke action"
ID_DENY = "with an explicit deny in an identity-based policy"
MISMATCH = "The request signature we calculated does not match the signature you provided."
RESOURCE_DENY = "with an explicit deny in a resource-based policy"

WORDINGS = [
    (
        "anon_resource_explicit",
        403,
        DENIED,
        f"User: anonymous is not authorized to perform: {INVOKE} on resource: {METHOD} with an explicit deny",
    ),
    (
        "anon_resource_explicit",
        403,
        "",
        f"User: anonymous is not authorized to perform: {INVOKE} on resource: {METHOD} {RESOURCE_DENY}: {POLICY}.",
    ),
    (
        "anon_resource_implicit",
        403,
        DENIED,
        f"User: anonymous is not authorized to perform: {INVOKE} on resource: {METHOD}",
    ),
    (
        "anon_resource_implicit",
        403,
        DENIED,
        f"User: anonymous is not authorized to perform: {INVOKE} on resource:{METHOD} {NO_RESOURCE}.",
    ),
    (
        "denied_identity_implicit",
        403,
        DENIED,
        f"User: {ROLE} is not authorized to perform: {INVOKE} on resource: {METHOD} {NO_ID}",
    ),
    (
        "denied_identity_implicit",
        403,
        DENIED,
        f"User: {CN_ROLE} is not authorized to perform: {INVOKE} {NO_ID}. {MORE}",
    ),
    (
        "denied_identity_explicit",
        403,
        DENIED,
        f"User: {ROLE} is not authorized to perform: {INVOKE} on resource: {METHOD} {ID_DENY}",
    ),
    (
        "denied_identity_explicit",
        403,
        DENIED,
        f"User: {ROLE} is not authorized to perform: {INVOKE} {ID_DENY}: {POLICY}",
    ),
    (
        "denied_resource_implicit",
        403,
        DENIED,
        f"User: {ROLE} is not authorized to perform: {INVOKE} on resource: {METHOD} {NO_RESOURCE}",
    ),
    (
        "denied_resource_implicit",
        403,
        "",
        f"User: {CN_ROLE} is not authorized to perform: {INVOKE} on resource:{METHOD} {NO_RESOURCE}.",
    ),
    (
        "denied_resource_explicit",
        403,
        DENIED,
        f"User: {ROLE} is not authorized to perform: {INVOKE} on resource: {METHOD} {RESOURCE_DENY}",
    ),
    (
        "denied_resource_explicit",
        403,
        DENIED,
        f"User: {ROLE} is not authorized to perform: {INVOKE} on resource: {METHOD} {RESOURCE_DENY} {POLICY}.",
    ),
    (
        "denied_explicit_untyped",
        403,
        DENIED,
        f"User: {ROLE} is not authorized to perform: {INVOKE} on resource: {METHOD} with an explicit deny",
    ),
    (
        "denied_explicit_untyped",
        403,
        DENIED,
        f"User: {ROLE} is not authorized to perform: {INVOKE} with an explicit deny.",
    ),
    (
        "denied_implicit_untyped",
        403,
        DENIED,
        f"User: {ROLE} is not authorized to perform: {INVOKE} on resource: {METHOD}",
    ),
    ("denied_implicit_untyped", 403, DENIED, f"User: {CN_ROLE} is not authorized to perform: {INVOKE}"),
    ("missing_auth_token", 403, "MissingAuthenticationTokenException", "Missing Authentication Token"),
    ("missing_auth_token", 403, "", "Missing Authentication Token."),
    ("token_invalid", 403, "UnrecognizedClientException", "The security token included in the request is invalid."),
    ("token_invalid", 403, "", "The security token included in the request is invalid"),
    ("token_expired", 403, "ExpiredTokenException", "The security token included in the request is expired"),
    ("token_expired", 403, "", "The security token included in the request is expired."),
    (
        "signature_mismatch",
        403,
        "InvalidSignatureException",
        f"{MISMATCH} Check your AWS Secret Access Key and signing method.",
    ),
    ("signature_mismatch", 403, "", MISMATCH),
    (
        "signature_expired",
        403,
        "InvalidSignatureException",
        "Signature expired: 20300101T000000Z is now earlier than 20300101T000500Z (20300101T001000Z - 5 min.)",
    ),
    (
        "signature_expired",
        403,
        "",
        "Signature not yet current: 20300101T001000Z is still later than 20300101T000500Z (20300101T000000Z + 5 min.)",
    ),
    (
        "wrong_scope",
        403,
        "InvalidSignatureException",
        "Credential should be scoped to a valid region, not 'us-east-1'. ",
    ),
    ("wrong_scope", 403, "", "Credential should be scoped to correct service: 'execute-api'."),
    ("forbidden_http_api", 403, "", "Forbidden"),
    ("forbidden_rest", 403, "ForbiddenException", "Forbidden"),
    ("forbidden_rest", 403, "ForbiddenException", ""),
    ("no_method_signed", 404, "NotFoundException", "No method found matching route orders/7 for http method DELETE."),
    ("no_method_signed", 404, "", "No method found matching route  for http method GET"),
    ("throttled", 429, "TooManyRequestsException", "Too Many Requests"),
    ("throttled", 429, "", "Too Many Requests."),
    ("quota", 429, "LimitExceededException", "Limit Exceeded"),
    ("quota", 429, "", "Limit Exceeded"),
    ("backend_502", 502, "InternalServerErrorException", "Internal server error"),
    ("backend_502", 502, "", "Internal Server Error"),
    ("internal_500", 500, "InternalServerErrorException", "Internal server error"),
    ("internal_500", 500, "ApiConfigurationException", "Internal Server Error"),
    ("integration_timeout", 504, "InternalServerErrorException", "Endpoint request timed out"),
    ("integration_timeout", 504, "", "Endpoint request timed out"),
]

ONLY_ONE_WORDING = {"forbidden_http_api"}

UNKNOWN = [
    # a backend's own words, or those of something in between
    (403, "", "You shall not pass"),
    (403, "", ""),
    (403, "AccessDeniedException", ""),
    (403, "CustomException", "Forbidden"),
    (403, "", "<html><h1>403 ERROR</h1> Request blocked.</html>"),
    (403, "", f"The user said: User: {ROLE} is not authorized to perform: {INVOKE}"),
    (403, "", "forbidden"),
    (404, "", "Not Found"),
    (404, "NotFoundException", "order 7 does not exist"),
    (400, "", "The security token included in the request is invalid"),
    (401, "", "Missing Authentication Token"),
    (429, "", "slow down"),
    (500, "", "database is locked"),
    (500, "", ""),
    (502, "", ""),
    (504, "", "gateway timeout"),
    (418, "", "I'm a teapot"),
    (799, "", "odd"),
    (0, "", ""),
    # known words under another error type
    (429, "LimitExceededException", "Too Many Requests"),
    (403, "ValidationException", f"User: {ROLE} is not authorized to perform: {INVOKE}"),
    # what STS says under a type of its own means nothing without that type
    (400, "", "Rate exceeded"),
    (400, "", "1 validation error detected: Value at 'roleArn' failed to satisfy constraint: Member must not be null"),
    (400, "", "Request ARN is invalid"),
    (400, "", "Incorrect token audience"),
    (400, "", "Unexpected character ('i' (code 105))"),
    (403, "", "Access denied"),
    (503, "", "Service Unavailable"),
]

CATALOGUE = load_catalogue()


@pytest.mark.parametrize(
    ("kind", "status", "error_type", "message"), WORDINGS, ids=[f"{row[0]}-{at}" for at, row in enumerate(WORDINGS)]
)
def test_each_wording_is_its_row(kind: str, status: int, error_type: str, message: str) -> None:
    """Each wording is explained by its own row; none before it takes it."""
    told = explain(Refusal(status, error_type, message), who="reader", request="GET /orders")
    assert told.kind == kind
    assert (told.error_type, told.message) == (error_type, message)
    assert told.summary.startswith(f"{status} {error_type}")
    assert told.cause
    assert told.remedy
    for line in (told.summary, told.cause, told.remedy):
        assert "\n" not in line
        assert not set("{}") & set(line)
        assert "  " not in line
        assert " ." not in line


def test_every_row_has_its_wordings() -> None:
    """No row is without a wording of its own, and all but those that are one phrase have two."""
    seen = [row[0] for row in WORDINGS]
    assert list(dict.fromkeys(seen)) == [known.kind for known in CATALOGUE if not known.kind.startswith("sts_")]
    assert {kind for kind in seen if seen.count(kind) < 2} == ONLY_ONE_WORDING


@pytest.mark.parametrize(("status", "error_type", "message"), UNKNOWN, ids=range(len(UNKNOWN)))
def test_what_is_not_known_is_shown(status: int, error_type: str, message: str) -> None:
    """What no row knows is shown in its own words, without a cause of ours."""
    told = explain(Refusal(status, error_type, message), who="reader", request="GET /orders")
    assert told.kind == "unknown"
    assert told.summary.startswith(f"{status}")
    assert told.summary.endswith(": GET /orders as reader.")
    assert (told.cause, told.remedy, told.message) == (message, "", message)
    assert (told.principal, told.action, told.resource) == ("", "", "")


def test_who_what_and_on_what() -> None:
    """The refusal's own words say who was refused which action on which ARN."""
    told = explain(
        Refusal(403, DENIED, f"User: {ROLE} is not authorized to perform: {INVOKE} on resource: {METHOD} {NO_ID}")
    )
    assert (told.principal, told.action, told.resource) == (ROLE, INVOKE, METHOD)
    assert f"{INVOKE} on {METHOD}." in told.cause


def test_what_the_words_leave_out_is_left_out() -> None:
    """Without a resource in the text the sentence closes without one."""
    told = explain(Refusal(403, DENIED, f"User: {ROLE} is not authorized to perform: {INVOKE} {NO_ID}"), who="reader")
    assert told.resource == ""
    assert told.cause == f"No policy of the role allows {INVOKE}."
    assert told.summary == "403 AccessDeniedException: reader may not this request."


def test_braces_of_others_mean_nothing() -> None:
    """Braces in a name, a target or a server's words are text."""
    words = f"User: {{who}} is not authorized to perform: {INVOKE}"
    told = explain(Refusal(403, DENIED, words), who="{request}", request="GET /{who}/{0}")
    assert told.summary == "403 AccessDeniedException: {request} may not GET /{who}/{0}."
    assert told.principal == "{who}"


@pytest.mark.parametrize("known", CATALOGUE, ids=lambda known: known.kind)
def test_every_row_is_well_formed(known: KnownRefusal) -> None:
    """Each row's status, types, groups, placeholders, sources and confidence are of the known ones."""
    assert known.kind.isidentifier()
    assert known.status_codes
    assert all(400 <= status < 600 for status in known.status_codes)
    assert known.error_types
    assert len(set(known.error_types)) == len(known.error_types)
    groups = set(known.pattern.groupindex)
    assert groups <= {"principal", "action", "resource", "authz_id", "policy", "limit"}
    for line in (known.summary, known.cause, known.remedy):
        fields = {name for _, name, _, _ in string.Formatter().parse(line) if name is not None}
        assert fields <= {"who", "request", "on"} | groups
        assert "on" not in fields or "resource" in groups
        assert line.endswith(".") or "--" in line or not line
        assert len(line) < 130
    assert known.summary
    assert known.remedy
    assert known.cause or known.pattern.pattern == "^$"  # STS's own words, whatever they are, are the cause
    assert known.sources
    assert known.confidence in {"documented", "measured", "quoted"}


def test_rows_are_unique() -> None:
    """No id stands twice, and `unknown` is nobody's."""
    kinds = [known.kind for known in CATALOGUE]
    assert len(set(kinds)) == len(kinds)
    assert "unknown" not in kinds


@pytest.mark.parametrize("known", CATALOGUE, ids=lambda known: known.kind)
def test_no_text_makes_a_pattern_slow(known: KnownRefusal) -> None:
    """The longest text that is read, made to nearly match, is judged: a pattern that tries all ways would not end."""
    for text in (
        f"User: {'a' * 100} is not authorized to perform: {' on resource: x' * 20} with an explicit deny in a !",
        f"User: x is not authorized to perform: {'y' * 300} because no identity-based policy allows the",
        "User: " * 66,
        " Go to x authorization id: " * 14,
    ):
        refusal = Refusal(known.status_codes[0], known.error_types[0], text[:400])
        assert known.match(refusal) is None or known.pattern.search(text[:400])


@given(st.integers(), st.text(), st.text())
def test_any_refusal_is_explained(status: int, error_type: str, message: str) -> None:
    """Whatever an answer says, there is an explanation that carries its words."""
    told = explain(Refusal(status, error_type, message))
    assert told.message == message
    assert told.summary
