"""Two other signers, AWS's own in C and one in pure Python, sign the same hostile requests with the same signature."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from io import BytesIO
from types import SimpleNamespace
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

import awscrt.auth  # type: ignore[import-untyped] # it says nothing of its types
import awscrt.http  # type: ignore[import-untyped] # as above
import pytest
from requests_aws4auth import AWS4Auth  # type: ignore[import-untyped] # as above

from apigw_magic.connection import connect
from tests.connection.fakes import URL, FakeApi
from tests.http.hostile import REFUSALS, Asked, on_each
from tests.identity.fakes import FakeSts, make_base

if TYPE_CHECKING:
    from collections.abc import Callable

    from apigw_magic.models import SignedRequest

TRIED, COMPARED = 2200, 1200
KEY_ID, SECRET_KEY, TOKEN = "ASIAEXAMPLE1", "invented secret 1", "invented token 1"
REGION, SERVICE = "eu-west-1", "execute-api"


def signed_fields(request: SignedRequest) -> dict[str, str]:
    """Return the fields that are signed, names in lower case."""
    sent = {name.lower(): value for name, value in request.headers}
    names = authorization(request).partition("SignedHeaders=")[2].partition(",")[0]
    return {name: sent[name] for name in names.split(";")}


def authorization(request: SignedRequest) -> str:
    """Return the field with the signature."""
    return dict(request.headers)["Authorization"]


def sign_with_awscrt(request: SignedRequest) -> str:
    """Sign with AWS's Common Runtime, which the AWS CLI and the SDK for C++ sign with."""
    fields = signed_fields(request)
    stamp = datetime.strptime(fields.pop("x-amz-date"), "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    del fields["x-amz-security-token"]  # it sets both itself
    asked = awscrt.http.HttpRequest(
        request.method,
        request.url.target,
        awscrt.http.HttpHeaders(list(fields.items())),
        BytesIO(request.content),
    )
    config = awscrt.auth.AwsSigningConfig(
        credentials_provider=awscrt.auth.AwsCredentialsProvider.new_static(KEY_ID, SECRET_KEY, TOKEN),
        region=REGION,
        service=SERVICE,
        date=stamp,
    )
    try:
        return str(awscrt.auth.aws_sign_request(asked, config).result(5).headers.get("Authorization"))
    except awscrt.exceptions.AwsCrtError as error:
        return str(error.name)


def sign_with_aws4auth(request: SignedRequest) -> str:
    """Sign with requests-aws4auth, over what `requests` would hand it if it did not write URLs anew."""
    fields = signed_fields(request)
    asked = SimpleNamespace(method=request.method, url=str(request.url), headers=dict(fields), body=request.content)
    day = fields["x-amz-date"][:8]
    try:
        AWS4Auth(KEY_ID, SECRET_KEY, REGION, SERVICE, day, session_token=TOKEN, include_hdrs=list(fields))(asked)
    except ValueError as error:
        return str(error)
    return str(asked.headers["Authorization"])


def has_colon_before_slash(request: SignedRequest) -> bool:
    """Tell whether awscrt takes what stands before `:/` in the path for a URL's scheme, and gives up."""
    return ":/" in request.url.path


def has_other_than_utf8(request: SignedRequest) -> bool:
    """Tell whether requests-aws4auth replaces bytes of the query that are not UTF-8."""
    try:
        unquote_to_bytes(request.url.query).decode()
    except UnicodeDecodeError:
        return True
    return False


def has_quotes_and_spaces(request: SignedRequest) -> bool:
    """Tell whether requests-aws4auth keeps the spaces between quotes, as the SigV4 of 2014 did, or misses a quote."""
    return any(" " in value and set("'\"") & set(value) for value in signed_fields(request).values())


ORACLES: list[tuple[Callable[[SignedRequest], str], list[Callable[[SignedRequest], bool]]]] = [
    # who signs, and where it is known to differ
    (sign_with_awscrt, [has_colon_before_slash]),
    (sign_with_aws4auth, [has_other_than_utf8, has_quotes_and_spaces]),
]


@pytest.mark.parametrize(("sign", "differences"), ORACLES, ids=["awscrt", "requests-aws4auth"])
def test_another_signer_agrees(
    sign: Callable[[SignedRequest], str], differences: list[Callable[[SignedRequest], bool]]
) -> None:
    """The signatures are equal but for the known differences, which are few."""
    api, tally = FakeApi(), Counter[str]()
    connection = connect(URL, role="reader", base=make_base(FakeSts()), transport=api)

    @on_each(TRIED)
    def compare(asked: Asked) -> None:
        try:
            asked.send(connection)
        except REFUSALS:
            return
        request = api.requests[-1]
        if sign(request) == authorization(request):
            tally["equal"] += 1
            return
        reasons = [differs.__name__ for differs in differences if differs(request)]
        assert reasons, f"{sign.__name__} differs for no known reason"
        tally[reasons[0]] += 1

    compare()
    assert tally["equal"] >= COMPARED
    assert tally.total() - tally["equal"] <= 0.15 * tally["equal"]


def test_the_known_differences_are_still_there() -> None:
    """Each is shown by one request: what an oracle has mended is no longer excused."""
    api = FakeApi()
    connection = connect(URL, role="reader", base=make_base(FakeSts()), transport=api)
    for sign, target, value, answer in (
        (sign_with_awscrt, "/a:/b", "", "AWS_ERROR_MALFORMED_INPUT_STRING"),
        (sign_with_aws4auth, "/x?a=%FF", "", "AWS4-HMAC-SHA256"),
        (sign_with_aws4auth, "/x", "it 's so", "No closing quotation"),
        (sign_with_aws4auth, "/x", '"a  b"', "AWS4-HMAC-SHA256"),
    ):
        connection.get(target, headers={"X-Amz-Meta": value})
        request = api.requests[-1]
        assert sign(request) != authorization(request)
        assert sign(request).startswith(answer)
