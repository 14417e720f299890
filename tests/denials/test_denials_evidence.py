"""What answer and request show of the cause: clocks, Regions, the canonical request, whether it may have run."""

from __future__ import annotations

from dataclasses import replace

import pytest

from apigw_magic.denials import explain, read_refusal
from apigw_magic.models import Circumstances, Explanation, Refusal

URL = Circumstances(
    who="reader",
    request="GET /orders",
    method="GET",
    host="a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com",
    service="execute-api",
    region="eu-west-1",
    host_region="eu-west-1",
)
CUSTOM = replace(URL, host="api.example.com", host_region="")

MISMATCH = (
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key "
    "and signing method. Consult the service documentation for details."
)
CANONICAL = (
    "GET",
    "/prod/orders",
    "status=open",
    "host:a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com",
    "x-amz-date:20300101T000000Z",
    "x-amz-security-token:…",
    "",
    "host;x-amz-date;x-amz-security-token",
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
)
TO_SIGN = ("AWS4-HMAC-SHA256", "20300101T000000Z", "20300101/eu-west-1/execute-api/aws4_request", "0f" * 32)
SIGNED = replace(URL, canonical_request="\n".join(CANONICAL), string_to_sign="\n".join(TO_SIGN))


def compute(
    canonical: tuple[str, ...] = CANONICAL, to_sign: tuple[str, ...] = TO_SIGN, signed: str = SIGNED.canonical_request
) -> Explanation:
    """Explain a mismatch in which AWS shows what it computed."""
    newline = "\n"
    message = (
        f"{MISMATCH}\n\nThe Canonical String for this request should have been\n'{newline.join(canonical)}'\n\n"
        f"The String-to-Sign should have been\n'{newline.join(to_sign)}'\n"
    )
    around = replace(SIGNED, canonical_request=signed)
    return explain(Refusal(403, "InvalidSignatureException", message[:400], message), around)


def change(number: int, line: str) -> tuple[str, ...]:
    """Return the canonical request with another line."""
    return (*CANONICAL[: number - 1], line, *CANONICAL[number:])


@pytest.mark.parametrize(
    ("canonical", "cause", "remedy"),
    [
        (
            change(1, "POST"),
            "Line 1 of the canonical request, the method, differs: sent 'GET', AWS saw 'POST'.",
            "method",
        ),
        (
            change(2, "/v1/orders"),
            "Line 2 of the canonical request, the path, differs: sent '/prod/",
            "changes the path",
        ),
        (
            change(3, "status=Open"),
            "the query, differs: sent 'status=open', AWS saw 'status=Open'.",
            "writes the query",
        ),
        (change(4, "host:api.example.com"), "Line 4 of the canonical request, the host, differs", "changes Host"),
        (change(5, "x-amz-date:20300101T000001Z"), "the header x-amz-date, differs", "this header"),
        (change(8, "host;x-amz-date"), "the signed headers, differs", "adds or takes away headers"),
        (change(9, "0f" * 32), "the content, differs: AWS saw other content than was sent.", "changes the content"),
        (CANONICAL[:6], "Line 7", "headers"),
        ((*CANONICAL, "more"), "Line 10", "content"),
        (CANONICAL, "AWS computed the same canonical request", "Connect again"),
    ],
)
def test_the_first_line_that_differs(canonical: tuple[str, ...], cause: str, remedy: str) -> None:
    """AWS's canonical request beside ours: the first line that differs is named, and what changes such a line."""
    told = compute(canonical)
    assert told.kind == "signature_mismatch"
    assert cause in told.cause
    assert remedy in told.remedy
    assert told.causes == ()


@pytest.mark.parametrize("token", ["x-amz-security-token:AnotherTokenOfNobody", "x-amz-security-token:…"])
def test_a_token_is_not_shown(token: str) -> None:
    """That the token is another is told, and not even one that is not ours is shown."""
    assert "the same canonical request" in compute(change(6, token)).cause
    told = compute(change(6, token), signed="\n".join(change(6, "x-amz-security-token:")))
    assert "its value is a secret, and not shown" in told.cause
    assert "Another" not in f"{told.cause} {told.remedy} {told.evidence}"


def test_the_string_to_sign() -> None:
    """Where the canonical request is the same, the scope may be another."""
    told = compute(to_sign=(*TO_SIGN[:2], "20300101/us-east-1/execute-api/aws4_request", TO_SIGN[3]))
    assert "The credential scope of what is signed differs: sent '20300101/eu-west-1/" in told.cause
    assert "--region REGION" in told.remedy


@pytest.mark.parametrize(
    "refusal",
    [
        Refusal(403, "InvalidSignatureException", MISMATCH),
        Refusal(
            403, "InvalidSignatureException", f"{MISMATCH} The Canonical String for this request should have been 'GET"
        ),
    ],
)
def test_without_a_canonical_request_nothing_is_guessed(refusal: Refusal) -> None:
    """Where AWS shows none, or a part, the possible causes are told in their order."""
    told = explain(refusal, SIGNED)
    assert told.cause.startswith("Something signed was changed on the way")
    assert len(told.causes) == 3
    assert explain(refusal).cause == told.cause


def test_long_lines_are_cut_around_the_difference() -> None:
    """Of a long line only what differs is shown."""
    ours = replace(SIGNED, canonical_request="\n".join(change(3, "a=" + "x" * 500 + "+" + "y" * 500)))
    message = "\n".join(change(3, "a=" + "x" * 500 + "%20" + "y" * 500))
    text = f"{MISMATCH}\n\nThe Canonical String for this request should have been\n'{message}'\n\nThe String-to-Sign"
    told = explain(Refusal(403, "InvalidSignatureException", text[:400], text), ours)
    assert "+yyy" in told.cause
    assert "%20yyy" in told.cause
    assert len(told.cause) < 300


@pytest.mark.parametrize(
    ("message", "kind", "cause"),
    [
        (
            "Signature expired: 20300101T090000Z is now earlier than 20300101T090312Z (20300101T090812Z - 5 min.)",
            "signature_expired",
            "It is 8 minutes behind; the credentials are fine.",
        ),
        (
            "Signature expired: 20300101T000000Z is now earlier than 20300101T064500Z (20300101T070000Z - 15 min.)",
            "signature_expired",
            "It is 7 hours behind; the credentials are fine.",
        ),
        (
            "Signature not yet current: 20300101T001000Z is still later than 2030… (20300101T000000Z + 5 min.)",
            "signature_future",
            "It is 10 minutes ahead; the credentials are fine.",
        ),
        (
            "Signature not yet current: 20310101T001000Z is still later than 2030… (20300101T001000Z + 5 min.)",
            "signature_future",
            "It is 365 days ahead; the credentials are fine.",
        ),
        (
            "Signature expired: 20300101T000250Z is now earlier than 20300101T000300Z",
            "signature_expired",
            "It is behind; the credentials are fine.",
        ),
        (
            "Signature expired: 20300101T000000Z is now earlier than 20300101T000300Z",
            "signature_expired",
            "It is more than 3 minutes behind; the credentials are fine.",
        ),
        (
            "Signature expired: 99999999T999999Z is now earlier than 20300101T000300Z",
            "signature_expired",
            "The signature's time is too far behind AWS's; the credentials are fine.",
        ),
    ],
)
def test_how_far_the_clock_is_off(message: str, kind: str, cause: str) -> None:
    """The times in the message tell by how much, and which way."""
    told = explain(Refusal(403, "InvalidSignatureException", message), replace(URL, server_time="Tue, 01 Jan 2030"))
    assert (told.kind, told.cause) == (kind, cause)
    assert bool(told.evidence) is (not cause.startswith("The signature"))


@pytest.mark.parametrize(
    ("message", "around", "cause", "remedy"),
    [
        (
            "Credential should be scoped to a valid region, not 'us-east-1'. ",
            replace(CUSTOM, region="us-east-1"),
            "It was signed for us-east-1; the host api.example.com does not say where it is.",
            "--region REGION",
        ),
        (
            "Credential should be scoped to a valid Region.",
            replace(URL, region="us-east-1"),
            "It was signed for us-east-1, and the host a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com is in eu-west-1.",
            "--region eu-west-1",
        ),
        (
            "Credential should be scoped to a valid region.",
            URL,
            "says the same: what stands behind it is in another Region.",
            "--region REGION",
        ),
        (
            "Credential should be scoped to a valid region, not 'us-east-1'.",
            Circumstances(),
            "It was signed for us-east-1; the API is in another Region.",
            "--region REGION",
        ),
        (
            "Credential should be scoped to correct service: 'lambda'.",
            CUSTOM,
            "It was signed for the service execute-api; the API wants lambda.",
            "--service lambda",
        ),
        (
            "Credential should be scoped to a valid region.",
            Circumstances(),
            "A custom domain does not",
            "--region REGION",
        ),
    ],
)
def test_our_region_beside_the_hosts(message: str, around: Circumstances, cause: str, remedy: str) -> None:
    """What was signed for stands beside what the host says."""
    told = explain(Refusal(403, "InvalidSignatureException", message), around)
    assert told.kind == "wrong_scope"
    assert cause in told.cause
    assert remedy in told.remedy


def test_throttled() -> None:
    """How long to wait is told, where the answer says it."""
    told = explain(Refusal(429, "TooManyRequestsException", "Too Many Requests"), replace(URL, retry_after="7"))
    assert told.evidence == ("The answer's Retry-After: 7.",)
    assert any("Retry-After: 7" in line for line in told.details)


@pytest.mark.parametrize(("method", "warns"), [("GET", False), ("HEAD", False), ("POST", True), ("DELETE", True)])
@pytest.mark.parametrize("status", [502, 504])
def test_whether_it_may_have_run(method: str, status: int, *, warns: bool) -> None:
    """What may have run is not sent again without a look; what changes nothing may be."""
    text = "Endpoint request timed out" if status == 504 else "Internal server error"
    told = explain(Refusal(status, "InternalServerErrorException", text), replace(URL, method=method))
    assert (told.allowed, told.ran) == (True, "maybe")
    assert ("may have run: look what it did" in told.remedy) is warns
    assert any("can be sent again" in line for line in told.evidence) is not warns


BACKEND = [
    # the marks of having passed the gateway, and no type
    ("backend_4xx", 404, {"x-amz-apigw-id": "x", "x-amzn-requestid": "y"}, '{"message":"no order 7"}', "no order 7"),
    ("backend_4xx", 403, {"apigw-requestid": "x"}, '{"error":"not yours"}', "not yours"),
    ("backend_4xx", 401, {"x-amzn-requestid": "y"}, "log in", "log in"),
    ("backend_5xx", 500, {"x-amz-apigw-id": "x"}, '{"message":"database is locked"}', "database is locked"),
    # what API Gateway never answers, and a proxy on the way may
    ("backend_4xx", 409, {}, '{"message":"order 7 is closed"}', "order 7 is closed"),
    ("backend_4xx", 422, {}, "", ""),
    ("backend_4xx", 403, {"content-type": "application/problem+json"}, '{"title":"Not yours"}', "Not yours"),
    (
        "backend_5xx",
        500,
        {"content-type": "application/problem+json"},
        '{"title":"Oh","errors":[1,{"a":2}]}',
        "Oh (a 2)",
    ),
    ("backend_4xx", 401, {"content-type": "application/problem+json"}, '{"title":"Unauthorized"}', "Unauthorized"),
    ("lambda_error", 502, {}, '{"errorMessage":"boom","errorType":"KeyError"}', "KeyError: boom"),
    (
        "lambda_error",
        500,
        {},
        '{"errorMessage":"2030 Task timed out after 3.00 seconds","errorType":null}',
        "2030 Task",
    ),
    # a type is the gateway's, whatever the marks
    ("unknown", 403, {"x-amz-apigw-id": "x", "x-amzn-errortype": "OwnException"}, "own words", "own words"),
    # nobody knows whose
    ("unknown", 403, {}, '{"message":"own words"}', "own words"),
    ("unknown", 502, {"content-type": "text/html"}, "<h1>Bad Gateway</h1>", "<h1>Bad Gateway</h1>"),
    ("unknown", 407, {}, "proxy", "proxy"),
]


@pytest.mark.parametrize(("kind", "status", "headers", "content", "cause"), BACKEND, ids=range(len(BACKEND)))
def test_the_backends_own(kind: str, status: int, headers: dict[str, str], content: str, cause: str) -> None:
    """What passed the gateway is the backend's, and the caller was allowed; what nobody knows is not guessed."""
    told = explain(read_refusal(status, headers, content), URL)
    assert told.kind == kind
    assert told.cause.startswith(cause)
    is_sure = kind != "unknown" and (bool({"x-amz-apigw-id", "apigw-requestid", "x-amzn-requestid"} & headers.keys()))
    is_allowed = is_sure or kind == "lambda_error"
    assert told.allowed is (True if is_allowed else None)
    assert ("was allowed" in told.summary) is is_allowed
    assert ("not known to be behind the gateway" in told.summary) is (kind != "unknown" and not is_allowed)
    around = replace(URL, host="127.0.0.1", host_region="", is_local=True)  # where nothing is on the way
    assert explain(read_refusal(status, headers, content), around).allowed is (None if kind == "unknown" else True)
