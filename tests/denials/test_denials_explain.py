"""The catalogue: well-formed, each row matched by its own wordings and by no earlier row; the unknown never guessed.

The rows of STS have their wordings in `test_denials_sts`.
"""

from __future__ import annotations

import json
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apigw_magic.denials import KnownRefusal, explain, load_catalogue, read_refusal
from apigw_magic.models import Circumstances, Refusal

ROLE = "arn:aws:sts::123456789012:assumed-role/reader/ana"
CN_ROLE = "arn:aws-cn:sts::123456789012:assumed-role/team/reader"
USER = "arn:aws:iam::123456789012:user/team/ana"
INVOKE = "execute-api:Invoke"
METHOD = "arn:aws:execute-api:eu-west-1:********9012:a1b2c3d4e5/prod/GET/orders"
PLAIN = "arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/prod/GET/orders/{id}"
POLICY = "arn:aws:iam::123456789012:policy/reader"
SCP = "arn:aws:organizations::123456789012:policy/o-exampleorg/service_control_policy/p-example"
MORE = f"Go to https://console.aws.amazon.com/x?y=1 for more; authorization id: {'0a1b' * 4}"

DENIED = "AccessDeniedException"
MISMATCH = "The request signature we calculated does not match the signature you provided."
EARLIER = "Signature expired: 20300101T000000Z is now earlier than 20300101T000500Z"
LATER = "Signature not yet current: 20300101T001000Z is still later than 20300101T000500Z"
TOKEN = "The security token included in the request is"
LINK = "For troubleshooting Function URL authorization issues, see: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html"

READER = Circumstances(who="reader", request="GET /orders")


def deny(reason: str = "", principal: str = ROLE, action: str = INVOKE, resource: str = METHOD) -> str:
    """Return IAM's sentence."""
    target = f" on resource: {resource}" if resource else ""
    return f"User: {principal} is not authorized to perform: {action}{target}{reason}"


def none(policy: str, action: str = INVOKE) -> str:
    """Return IAM's reason where nothing allows it."""
    return f" because no {policy} allows the {action} action"


def explicit(policy: str) -> str:
    """Return IAM's reason where a Deny matches."""
    return f" with an explicit deny in {policy}"


# How IAM names each kind of policy, where it allows nothing and where it denies.
POLICIES = [
    ("identity", "identity-based policy", "an identity-based policy"),
    ("resource", "resource-based policy", "a resource-based policy"),
    ("scp", "service control policy", "a service control policy"),
    ("rcp", "resource control policy", "a resource control policy"),
    ("boundary", "permissions boundary", "a permissions boundary"),
    ("session", "session policy", "a session policy"),
    ("vpce", "VPC endpoint policy", "a VPC endpoint policy"),
]

# kind, status, error type, text
WORDINGS = [
    ("anon_resource_explicit", 403, DENIED, deny(" with an explicit deny", "anonymous")),
    ("anon_resource_explicit", 403, "", deny(f"{explicit('a resource-based policy')}: {POLICY}.", "anonymous")),
    ("anon_resource_implicit", 403, DENIED, deny("", "anonymous")),
    ("anon_resource_implicit", 403, DENIED, deny(f"{none('resource-based policy')}.", "anonymous")),
    ("anon_resource_implicit", 403, "", deny("", "anonymous").replace("resource: ", "resource:")),
    ("anon_vpce_implicit", 403, DENIED, deny(none("VPC endpoint policy"), "anonymous")),
    ("anon_vpce_implicit", 403, "", deny(f"{none('VPC endpoint policy')}.", "anonymous", resource=PLAIN)),
    *(
        row
        for name, allows, denies in POLICIES
        for row in (
            (f"denied_{name}_implicit", 403, DENIED, deny(none(allows))),
            (f"denied_{name}_implicit", 403, "", deny(f"{none(allows)}: {POLICY}.", USER, resource=PLAIN)),
            (f"denied_{name}_implicit", 403, DENIED, deny(f"{none(allows)}. {MORE}", CN_ROLE, resource="")),
            (f"denied_{name}_explicit", 403, DENIED, deny(explicit(denies))),
            (f"denied_{name}_explicit", 403, "", deny(f"{explicit(denies)}: {SCP}.", USER, resource=PLAIN)),
            (
                f"denied_{name}_explicit",
                403,
                DENIED,
                deny(f"{explicit(denies)} transitively through a service control policy. {MORE}", CN_ROLE, resource=""),
            ),
        )
    ),
    ("denied_session_implicit", 403, DENIED, deny(none("sessions policy"))),
    (
        "denied_identity_implicit",
        403,
        DENIED,
        deny(none("identity-based policy", "execute-api:ManageConnections"), action="execute-api:ManageConnections"),
    ),
    (
        "denied_identity_implicit",
        403,
        DENIED,
        deny(none("identity-based policy", "appsync:GraphQL"), action="appsync:GraphQL"),
    ),
    ("denied_identity_implicit", 401, DENIED, deny(none("identity-based policy"))),  # the API's author chose 401
    (
        "denied_identity_implicit",
        403,
        DENIED,
        deny(f"{none('identity-based policy')} (Service: x; Status Code: 403; Request ID: y)"),
    ),
    ("denied_explicit_untyped", 403, DENIED, deny(" with an explicit deny")),
    ("denied_explicit_untyped", 403, DENIED, deny(" with an explicit deny.", USER, resource="")),
    ("denied_implicit_untyped", 403, DENIED, deny()),
    ("denied_implicit_untyped", 403, DENIED, deny("", CN_ROLE, resource="")),
    ("denied_implicit_untyped", 403, "", deny(f". {MORE}")),
    ("denied_implicit_untyped", 403, DENIED, f"User: {ROLE} is not authorized to access this resource"),
    (
        "denied_explicit_untyped",
        403,
        DENIED,
        (
            f"You are not authorized to perform this operation. {deny(' with an explicit deny')}. "
            "Encoded authorization failure message: XQ_jq"
        ),
    ),
    (
        "lambda_authorizer_explicit",
        403,
        DENIED,
        "User is not authorized to access this resource with an explicit deny",
    ),
    (
        "lambda_authorizer_explicit",
        403,
        "",
        "User is not authorized to access this resource with an explicit deny in an identity-based policy.",
    ),
    ("lambda_authorizer_implicit", 403, DENIED, "User is not authorized to access this resource"),
    (
        "lambda_authorizer_implicit",
        403,
        DENIED,
        f"User is not authorized to access this resource{none('identity-based policy')}.",
    ),
    ("missing_auth_token", 403, "MissingAuthenticationTokenException", "Missing Authentication Token"),
    ("missing_auth_token", 403, "", "Missing Authentication Token."),
    ("missing_auth_token", 404, "MissingAuthenticationTokenException", "Missing Authentication Token"),
    (
        "not_sigv4_header",
        403,
        "IncompleteSignatureException",
        "'abc' not a valid key=value pair (missing equal-sign) in Authorization header: 'Bearer abc'.",
    ),
    (
        "not_sigv4_header",
        403,
        "",
        f"Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256): '{'0f' * 32}'.",
    ),
    (
        "incomplete_signature",
        403,
        "IncompleteSignatureException",
        "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter.",
    ),
    (
        "incomplete_signature",
        403,
        "",
        "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. Authorization=x",
    ),
    ("token_invalid", 403, "UnrecognizedClientException", f"{TOKEN} invalid."),
    ("token_invalid", 403, "AccessDeniedException", f"{TOKEN} invalid"),
    ("token_invalid", 403, "", f"{TOKEN} invalid"),
    ("token_expired", 403, "ExpiredTokenException", f"{TOKEN} expired"),
    ("token_expired", 403, "", f"{TOKEN} expired."),
    (
        "signature_mismatch",
        403,
        "InvalidSignatureException",
        f"{MISMATCH} Check your AWS Secret Access Key and signing method.",
    ),
    ("signature_mismatch", 403, "", MISMATCH),
    ("signature_expired", 403, "InvalidSignatureException", f"{EARLIER} (20300101T001000Z - 5 min.)"),
    ("signature_expired", 403, "", EARLIER),
    ("signature_future", 403, "InvalidSignatureException", f"{LATER} (20300101T000000Z + 5 min.)"),
    ("signature_future", 403, "", LATER),
    (
        "wrong_scope",
        403,
        "InvalidSignatureException",
        "Credential should be scoped to a valid region, not 'us-east-1'. ",
    ),
    ("wrong_scope", 403, "", "Credential should be scoped to a valid Region."),
    ("wrong_scope", 403, "InvalidSignatureException", "Credential should be scoped to correct service: 'execute-api'."),
    (
        "scope_date",
        403,
        "InvalidSignatureException",
        "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '20300101' != '2'",
    ),
    ("scope_date", 403, "", "Date in Credential scope does not match that of the header"),
    ("forbidden_rest", 403, "ForbiddenException", "Forbidden"),
    ("forbidden_rest", 403, "ForbiddenException", ""),
    ("forbidden_http_api", 403, "", "Forbidden"),
    ("unauthorized", 401, "UnauthorizedException", "Unauthorized"),
    ("unauthorized", 401, "", "Unauthorized"),
    ("unauthorized", 401, "UnauthorizedException", "The incoming token has expired"),
    ("bad_parameters", 400, "BadRequestException", "Missing required request parameters: [limit]"),
    ("bad_parameters", 400, "", "Missing required request parameters: [limit, x-tenant]"),
    ("bad_body", 400, "BadRequestException", "Invalid request body"),
    ("bad_body", 400, "", "Invalid request body"),
    ("no_method_signed", 404, "NotFoundException", "No method found matching route orders/7 for http method DELETE."),
    ("no_method_signed", 404, "", "No method found matching route  for http method GET"),
    ("not_found_http_api", 404, "", "Not Found"),
    ("too_large", 413, "RequestTooLargeException", "HTTP content length exceeded 10485760 bytes."),
    ("too_large", 413, "", "Request Too Long"),
    ("too_large", 413, "RequestEntityTooLargeException", "Request Entity Too Large"),
    ("uri_too_long", 414, "", "Request URI too long"),
    ("uri_too_long", 414, "", "Request-URI Too Large"),
    ("unsupported_media_type", 415, "BadRequestException", "Unsupported Media Type"),
    ("unsupported_media_type", 415, "UnsupportedMediaTypeException", "Unsupported Media Type"),
    ("throttled", 429, "TooManyRequestsException", "Too Many Requests"),
    ("throttled", 429, "", "Too Many Requests."),
    ("throttled", 429, "TooManyRequestsException", "Rate Exceeded."),
    ("quota", 429, "LimitExceededException", "Limit Exceeded"),
    ("quota", 429, "", "Limit Exceeded"),
    ("authorizer_5xx", 500, "AuthorizerConfigurationException", "Internal server error"),
    ("authorizer_5xx", 500, "AuthorizerFailureException", ""),
    ("backend_502", 502, "InternalServerErrorException", "Internal server error"),
    ("backend_502", 502, "", "Internal Server Error"),
    ("internal_500", 500, "InternalServerErrorException", "Internal server error"),
    ("internal_500", 500, "ApiConfigurationException", "Internal Server Error"),
    ("http_api_500", 500, "", "Internal Server Error"),
    ("http_api_500", 500, "", "Internal server error"),
    ("denied_by_type", 403, DENIED, ""),
    ("denied_by_type", 403, DENIED, '{"error": {"code": "E17"}}'),
    ("denied_by_type", 401, DENIED, "not you"),
    ("signature_by_type", 403, "InvalidSignatureException", ""),
    ("signature_by_type", 403, "InvalidSignatureException", "E18"),
    ("bad_request", 400, "BadRequestException", ""),
    ("bad_request", 400, "BadRequestException", "E19"),
    ("service_credentials", 403, "SignatureDoesNotMatch", MISMATCH),
    ("service_credentials", 400, "ExpiredToken", f"{TOKEN} expired"),
    # the type alone: the API's owner has replaced the words, or there are none
    ("missing_auth_token", 403, "MissingAuthenticationTokenException", "E1"),
    ("missing_auth_token", 404, "MissingAuthenticationTokenException", ""),
    ("incomplete_signature", 403, "IncompleteSignatureException", "E2"),
    ("token_expired", 403, "ExpiredTokenException", ""),
    ("token_invalid", 403, "UnrecognizedClientException", "E3"),
    ("forbidden_rest", 403, "ForbiddenException", "E4"),
    ("unauthorized", 401, "UnauthorizedException", ""),
    ("throttled", 429, "TooManyRequestsException", "E5"),
    ("quota", 429, "LimitExceededException", ""),
    ("too_large", 413, "RequestTooLargeException", "E6"),
    ("unsupported_media_type", 415, "BadRequestException", "E7"),
    ("authorizer_5xx", 500, "AuthorizerFailureException", "E8"),
    ("internal_500", 500, "InternalServerErrorException", ""),
    ("backend_502", 502, "InternalServerErrorException", "E9"),
    ("integration_timeout", 504, "InternalServerErrorException", "E10"),
    ("integration_timeout", 504, "IntegrationTimeoutException", ""),
    ("unavailable", 503, "ServiceUnavailableException", "E11"),
    ("integration_timeout", 504, "InternalServerErrorException", "Endpoint request timed out"),
    ("integration_timeout", 504, "", "Endpoint request timed out"),
    ("integration_failure", 504, "InternalServerErrorException", "Network error communicating with endpoint"),
    ("integration_failure", 504, "", "Network error communicating with endpoint."),
    ("unavailable", 503, "", "Service Unavailable"),
    ("unavailable", 503, "ServiceUnavailableException", "Service Unavailable."),
    ("forbidden_function_url", 403, DENIED, "Forbidden"),
    ("forbidden_function_url", 403, DENIED, f"Forbidden. {LINK}"),
    ("forbidden_function_url", 403, "", f"Forbidden. {LINK}"),
    (
        "lattice_denied",
        403,
        DENIED,
        deny(none("network-based policy", "vpc-lattice-svcs:Invoke"), action="vpc-lattice-svcs:Invoke"),
    ),
    (
        "lattice_denied",
        403,
        "",
        deny(explicit("a service-based policy"), USER, action="vpc-lattice-svcs:Invoke"),
    ),
    ("lattice_denied", 403, DENIED, deny("", "anonymous", "vpc-lattice-svcs:Invoke")),
    ("appsync_unauthorized", 401, "UnauthorizedException", "Permission denied"),
    ("appsync_unauthorized", 401, "UnauthorizedException", "Unable to parse JWT token."),
    ("appsync_unauthorized", 401, "UnauthorizedException", "Valid authorization header not provided."),
    ("cloudfront_403", 403, "", "<H2>The request could not be satisfied.</H2> Request blocked."),
    ("cloudfront_403", 403, "", "<TITLE>ERROR: The request could not be satisfied</TITLE> Bad request."),
    ("websocket_handshake", 403, "", "server rejected WebSocket connection: HTTP 403"),
    ("websocket_handshake", 403, "", "Error during WebSocket handshake: Unexpected response code: 403"),
    (
        "sdk_sso_expired",
        0,
        "UnauthorizedSSOTokenError",
        "The SSO session associated with this profile has expired or is otherwise invalid.",
    ),
    ("sdk_sso_expired", 0, "SSOTokenLoadError", "Error loading SSO Token: Token for x does not exist"),
    ("sdk_sso_expired", 0, "TokenRetrievalError", "Error when retrieving token from sso: Token has expired"),
    ("sdk_mfa_refresh", 0, "RefreshWithMFAUnsupportedError", "Cannot refresh credentials: MFA token required."),
    ("sdk_mfa_refresh", 0, "", "Cannot refresh credentials: MFA token required."),
]

# Words that are known without a type in the gateway's own form alone: bare text may be anybody's.
COMMON = {
    "backend_502",
    "bad_body",
    "forbidden_http_api",
    "http_api_500",
    "integration_timeout",
    "not_found_http_api",
    "quota",
    "throttled",
    "too_large",
    "unauthorized",
    "unavailable",
    "unsupported_media_type",
    "uri_too_long",
}
ONLY_ONE_WORDING = {"forbidden_http_api", "not_found_http_api"}
BY_FORM = {"backend_denied", "lambda_error", "graphql_errors", "backend_4xx", "backend_5xx"}
"""Rows that are known by the form of the answer; see `test_denials_provenance`."""

UNKNOWN = [
    # a backend's own words, or those of something in between
    (403, "", "You shall not pass"),
    (403, "", ""),
    (403, "CustomException", "Forbidden"),
    (403, "", "<html><h1>403 ERROR</h1> Request blocked.</html>"),
    (403, "", f"The user said: {deny()}"),
    (403, "", "forbidden"),
    (404, "NotFoundException", "order 7 does not exist"),
    (400, "", "The security token included in the request is invalid"),
    (401, "", "Missing Authentication Token"),
    (429, "", "slow down"),
    (500, "", "database is locked"),
    (500, "", ""),
    (502, "", ""),
    (504, "", "gateway timeout"),
    (407, "", "proxy authentication required"),
    (799, "", "odd"),
    (0, "", ""),
    # known words under another error type
    (403, "ValidationException", deny()),
    # what STS says under a type of its own means nothing without that type
    (400, "", "Rate exceeded"),
    (400, "", "1 validation error detected: Value at 'roleArn' failed to satisfy constraint: Member must not be null"),
    (400, "", "Request ARN is invalid"),
    (400, "", "Incorrect token audience"),
    (400, "", "Unexpected character ('i' (code 105))"),
    (403, "", "Access denied"),
    # words that AppSync shares with everybody, from nobody knows whom
    (401, "", "Permission denied"),
]

# IAM's sentence with a kind of policy, or an end, that is not known: who and what are told, the cause is not guessed.
UNKNOWN_SENTENCES = [
    deny(none("moon-based policy")),
    deny(explicit("a moon-based policy")),
    deny(" because of the weather"),
    deny(none("identity-based policy"), "anonymous"),
    deny(none("role trust policy")),
]

CATALOGUE = load_catalogue()


@pytest.mark.parametrize(
    ("kind", "status", "error_type", "message"), WORDINGS, ids=[f"{row[0]}-{at}" for at, row in enumerate(WORDINGS)]
)
def test_each_wording_is_its_row(kind: str, status: int, error_type: str, message: str) -> None:
    """Each wording is explained by its own row; none before it takes it."""
    told = explain(Refusal(status, error_type, message), READER)
    assert told.kind == kind
    assert (told.error_type, told.message, told.status_code) == (error_type, message, status)
    assert told.summary.startswith(f"{status} {error_type}".strip() if status else error_type)
    assert told.cause
    assert told.remedy
    assert told.sources
    assert told.confidence
    for line in (told.summary, told.cause, told.remedy, *told.causes, *told.evidence):
        assert "\n" not in line
        assert not set("{}") & set(line.replace(PLAIN, ""))
        assert "  " not in line
        assert " ." not in line


def test_every_row_has_its_wordings() -> None:
    """No row is without a wording of its own, and all but those that are one phrase have two."""
    seen = [row[0] for row in WORDINGS]
    assert set(seen) == {known.kind for known in CATALOGUE if not known.kind.startswith("sts_")} - BY_FORM
    assert {kind for kind in seen if seen.count(kind) < 2} == ONLY_ONE_WORDING


@pytest.mark.parametrize("body", ['{{"message":{0}}}', '{{"Message":{0}}}', "{0}"])
@pytest.mark.parametrize(
    ("kind", "status", "error_type", "message"), WORDINGS, ids=[f"{row[0]}-{at}" for at, row in enumerate(WORDINGS)]
)
def test_each_wording_over_the_wire(kind: str, status: int, error_type: str, message: str, body: str) -> None:
    """As an answer's body, with the type in the header with a URL beside it, each is its row, too."""
    headers = {"X-Amzn-ErrorType": f"{error_type}:http://internal.amazon.com/coral/x/"} if error_type else {}
    told = explain(read_refusal(status, headers, body.format(json.dumps(message))))
    is_bare = body == "{0}" and not error_type and kind in COMMON and "content length exceeded" not in message
    assert told.kind == ("unknown" if is_bare else kind)


@pytest.mark.parametrize(("status", "error_type", "message"), UNKNOWN, ids=range(len(UNKNOWN)))
def test_what_is_not_known_is_shown(status: int, error_type: str, message: str) -> None:
    """What no row knows is shown in its own words, without a cause of ours."""
    told = explain(Refusal(status, error_type, message), READER)
    assert (told.kind, told.is_known) == ("unknown", False)
    assert told.summary.startswith(f"{status}")
    assert told.summary.endswith(": this answer to GET /orders as reader is not known.")
    assert (told.cause, told.remedy, told.message) == (message, "", message)
    assert (told.statement, told.causes, told.sources) == ("", (), ())


@pytest.mark.parametrize("message", UNKNOWN_SENTENCES)
def test_a_sentence_of_an_unknown_kind(message: str) -> None:
    """A kind of policy that is not known is not taken for another, nor for none."""
    told = explain(Refusal(403, DENIED, message), READER)
    assert told.kind == "unknown"
    assert told.cause == message


def test_who_what_and_on_what() -> None:
    """The refusal's own words say who was refused which action on which ARN, and by what."""
    words = deny(f"{explicit('an identity-based policy')}: {POLICY}. {MORE}")
    told = explain(Refusal(403, DENIED, words))
    assert (told.principal, told.action, told.resource) == (ROLE, INVOKE, METHOD)
    assert (told.role, told.session, told.account) == ("reader", "ana", "123456789012")
    assert (told.api, told.stage, told.method, told.path) == ("a1b2c3d4e5", "prod", "GET", "/orders")
    assert (told.policy, told.effect, told.policy_arn) == ("identity", "explicit", POLICY)
    assert told.authorization_id == "0a1b" * 4
    assert told.allowed is False
    assert f"{INVOKE}." in told.cause
    assert told.details[0] == f"Refused was {INVOKE} on {METHOD}"


def test_what_the_words_leave_out_is_left_out() -> None:
    """Without a resource in the text the sentence closes without one."""
    told = explain(Refusal(403, DENIED, deny(none("identity-based policy"), resource="")), READER)
    assert told.resource == ""
    assert told.cause == f"No policy of the role allows {INVOKE}."
    assert told.summary == "403 AccessDeniedException: reader may not GET /orders."
    assert (told.api, told.stage, told.method, told.path) == ("", "", "", "")


def test_long_words_are_read_whole() -> None:
    """What is cut where it is shown is matched before it is cut: the reason stands at the end."""
    resource = f"{METHOD}/{'x' * 1500}"
    refusal = read_refusal(
        403, {}, json.dumps({"Message": deny(explicit("a permissions boundary"), resource=resource)})
    )
    told = explain(refusal)
    assert told.kind == "denied_boundary_explicit"
    assert len(told.message) == 400


def test_a_reason_in_the_path_is_none() -> None:
    """The reason is the last one: a path may have words like it."""
    resource = f"{METHOD}/x with an explicit deny in a service control policy"
    told = explain(Refusal(403, DENIED, deny(none("identity-based policy"), resource=resource)))
    assert (told.kind, told.resource) == ("denied_identity_implicit", resource)


def test_a_sentence_that_is_cut_has_no_reason() -> None:
    """A sentence longer than any is not known: its reason may stand where nobody reads."""
    words = deny(explicit("a session policy"), resource=METHOD + "x" * 5000)
    assert explain(Refusal(403, DENIED, words)).kind == "unknown"


def test_braces_of_others_mean_nothing() -> None:
    """Braces in a name, a target or a server's words are text."""
    words = f"User: {{who}} is not authorized to perform: {INVOKE}"
    told = explain(Refusal(403, DENIED, words), Circumstances(who="{request}", request="GET /{who}/{0}"))
    assert told.summary == "403 AccessDeniedException: {request} may not GET /{who}/{0}."
    assert told.principal == "{who}"


@pytest.mark.parametrize(
    ("principal", "noun"),
    [
        (ROLE, "role"),
        (USER, "user"),
        ("arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_Analyst_0123456789abcdef/ana", "permission set"),
        ("arn:aws:sts::123456789012:federated-user/ana", "federated user"),
        ("arn:aws:iam::123456789012:root", "root user"),
        ("AIDAEXAMPLE", "caller"),
    ],
)
def test_what_was_refused_is_called_by_its_name(principal: str, noun: str) -> None:
    """A user has no role, and a permission set is changed elsewhere than a role."""
    told = explain(Refusal(403, DENIED, deny(none("identity-based policy"), principal)))
    assert told.cause.startswith(f"No policy of the {noun} allows ")
    assert f"in the {noun}'s policy" in told.remedy


NOT_THE_ROLE = (
    "not the problem",
    "was allowed",
    "not the role's policy",
    "not the role's",
    "an organization forbids it",
)
LONGEST_LINE = 115
OTHERS = {"other", "others_action"}
ABOUT_POLICIES = {"permissions", ""}
ABOUTS = {
    *ABOUT_POLICIES,
    "api",
    "authorizer",
    "backend",
    "credentials",
    "limit",
    "network",
    "organization",
    "request",
    "signature",
}


@pytest.mark.parametrize("known", CATALOGUE, ids=lambda known: known.kind)
def test_where_the_role_is_not_the_problem_the_first_line_says_so(known: KnownRefusal) -> None:
    """What no change of the role's policies mends is told so at once."""
    assert known.about in ABOUTS
    if known.kind.startswith("sts_") or known.kind == "graphql_errors" or known.about in ABOUT_POLICIES:
        return
    words = {"kind": "role", "who": "reader", "request": "GET /orders", "other": "role x", "others_action": "a:b"}
    line = known.summary.format_map(words)
    assert any(words in line for words in NOT_THE_ROLE)


@pytest.mark.parametrize("known", CATALOGUE, ids=lambda known: known.kind)
def test_every_row_is_well_formed(known: KnownRefusal) -> None:
    """Each row's status, types, groups, placeholders, sources and confidence are of the known ones."""
    assert known.kind.isidentifier()
    assert known.meaning.endswith(".")
    assert bool(known.form) is (known.kind in BY_FORM)
    assert known.status_codes or known.form or known.file in {"others", "sdk"}
    assert all(status == 0 or 400 <= status < 600 for status in known.status_codes)
    assert bool(known.error_types) is not bool(known.form)
    assert len(set(known.error_types)) == len(known.error_types)
    groups = set(known.pattern.groupindex)
    assert groups <= {"limit", "names", "sure"}
    for line in (known.summary, known.unsure, known.cause, known.remedy, *known.causes):
        fields = {name for _, name, _, _ in string.Formatter().parse(line) if name is not None}
        assert fields <= {"who", "request", "kind", "on", "principal", "action", "resource", "policy"} | groups | OTHERS
        assert line.endswith(".") or "--" in line or "%apigw" in line or not line
        assert len(line) < 150
    assert known.summary
    assert known.remedy
    assert (
        known.cause or known.form or known.by_type or known.pattern.pattern == "^$"
    )  # the refusal's own words are the cause
    assert len(known.causes) != 1
    assert known.sources
    assert all(" " not in source for source in known.sources)
    assert known.confidence in {"documented", "measured", "quoted", "read in code", "unconfirmed", "wording documented"}
    assert known.ran in {"", "no", "maybe", "yes"}


@pytest.mark.parametrize("known", CATALOGUE, ids=lambda known: known.kind)
def test_lines_are_short(known: KnownRefusal) -> None:
    """No line of a row is so long that a notebook breaks it in the middle of a word."""
    kinds = known.kind.startswith("sts_")
    words = {"who": "reader", "request": "GET /orders/A-1001", "kind": "role", "on": "", "policy": "", "resource": ""}
    words |= {"principal": "arn:aws:iam::123456789012:role/reader", "action": "sts:AssumeRole" if kinds else INVOKE}
    words |= {"other": "role fn-role", "others_action": "dynamodb:GetItem", "names": "limit, page", "limit": "112"}
    head = f"{(*known.status_codes, 403)[0]} {(*known.error_types, '')[0] or 'Forbidden'}: "
    for line in (head + known.summary, head + known.unsure, known.cause, known.remedy):
        assert len(line.format_map(words)) <= LONGEST_LINE, line


def test_rows_are_unique() -> None:
    """No id stands twice, and `unknown` is nobody's."""
    kinds = [known.kind for known in CATALOGUE]
    assert len(set(kinds)) == len(kinds)
    assert "unknown" not in kinds


@pytest.mark.parametrize("known", CATALOGUE, ids=lambda known: known.kind)
def test_no_text_makes_a_pattern_slow(known: KnownRefusal) -> None:
    """Long texts made to nearly match are judged: a pattern that tries all ways would not end."""
    for text in (
        f"User: {'a' * 100} is not authorized to perform: {' on resource: x' * 2000} with an explicit deny in a !",
        f"User: x is not authorized to perform: {'y' * 30000} because no identity-based policy allows the",
        "User: " * 6000,
        f"User: x is not authorized to perform: a:b{' because no a' * 5000}",
        " Go to x authorization id: " * 1400,
        "Missing required request parameters: [" * 1000,
        f"User: x is not authorized to perform: a:b on resource: {'.' * 60000}",
        f"User: x is not authorized to perform: a:b on resource: {' .' * 30000}",
        f"User: x is not authorized to perform: a:b on resource: {' because no a polic' * 3000}",
    ):
        refusal = Refusal((*known.status_codes, 403)[0], (*known.error_types, "")[0], text[:400], text)
        assert explain(refusal).message == text[:400]


@given(st.integers(), st.text(), st.text())
def test_any_refusal_is_explained(status: int, error_type: str, message: str) -> None:
    """Whatever an answer says, there is an explanation that carries its words."""
    told = explain(Refusal(status, error_type, message))
    assert told.message == message
    assert told.summary
    assert str(told)
    assert all(isinstance(line, str) for line in told.details)


@pytest.mark.parametrize(
    ("message", "error_type", "summary"),
    [
        (deny(), DENIED, "403 AccessDeniedException: role reader may not GET /orders."),
        (deny(resource=""), DENIED, "403 AccessDeniedException: role reader may not make this request."),
        (deny(principal=USER), DENIED, "403 AccessDeniedException: user ana may not GET /orders."),
        ("Forbidden", DENIED, "403 AccessDeniedException: the caller may not make this request, or the request was"),
        (
            deny(action="sts:AssumeRole", resource="arn:aws:iam::210987654321:role/team/writer"),
            "AccessDenied",
            "403 AccessDenied: STS does not let role writer be assumed.",
        ),
        ("You shall not pass", "", "403 Forbidden: this answer is not known."),
    ],
)
def test_an_answer_from_anywhere_says_who_and_what(message: str, error_type: str, summary: str) -> None:
    """Where no connection and no request are known, the answer's own words name them."""
    assert explain(Refusal(403, error_type, message)).summary.startswith(summary)
