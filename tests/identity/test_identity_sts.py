"""What goes wrong with STS and the SDK, said in our words, with nothing of theirs hanging on it."""

from __future__ import annotations

import pytest
from botocore import exceptions

from apigw_magic.errors import ApigwError, CredentialsError
from apigw_magic.identity.sts import call_sts
from tests.identity.fakes import refusal

TRANSLATED = [
    (exceptions.NoCredentialsError(), "No AWS credentials were found.", "", "--profile"),
    (
        exceptions.PartialCredentialsError(provider="env", cred_var="AWS_SECRET_ACCESS_KEY"),
        "PartialCredentialsError",
        "AWS_SECRET_ACCESS_KEY",
        "",
    ),
    (exceptions.UnauthorizedSSOTokenError(), "SSO session has expired", "", "aws sso login --profile dev"),
    (exceptions.SSOTokenLoadError(profile_name="dev", error_msg="x"), "SSO session", "", "aws sso login --profile dev"),
    (exceptions.TokenRetrievalError(provider="sso", error_msg="x"), "SSO session", "", "aws sso login --profile dev"),
    (
        exceptions.EndpointConnectionError(endpoint_url="https://sts.eu-west-1.amazonaws.com/"),
        "STS cannot be reached",
        "https://sts.eu-west-1.amazonaws.com/",
        "--sts-endpoint",
    ),
    (
        exceptions.ConnectTimeoutError(endpoint_url="https://sts.example"),
        "cannot be reached",
        "https://sts.example",
        "",
    ),
    (exceptions.ReadTimeoutError(endpoint_url="https://sts.example"), "cannot be reached", "ReadTimeoutError", ""),
    (exceptions.ProxyConnectionError(proxy_url="http://proxy.example"), "cannot be reached", "its endpoint", "proxy"),
    (exceptions.SSLError(endpoint_url="https://sts.example", error=OSError("x")), "cannot be reached", "SSLError", ""),
    (exceptions.ConfigParseError(path="/x/config"), "ConfigParseError", "/x/config", ""),
    (
        exceptions.CredentialRetrievalError(provider="custom-process", error_msg="line one\n\nline two"),
        "CredentialRetrievalError",
        "line one line two",
        "",
    ),
]


def fail_with(error: Exception) -> CredentialsError:
    """Return what a call that raises an SDK's exception becomes."""

    def call() -> None:
        raise error

    with pytest.raises(CredentialsError) as caught:
        call_sts(call, ("dev", "prod"), "dev")
    assert caught.value.__cause__ is caught.value.__context__ is None
    assert all("\n" not in line for line in caught.value.lines)
    return caught.value


@pytest.mark.parametrize(("error", "what", "why", "fix"), TRANSLATED, ids=[type(row[0]).__name__ for row in TRANSLATED])
def test_translations(error: Exception, what: str, why: str, fix: str) -> None:
    """Each exception of the SDK has its words, and no refusal, as STS said nothing."""
    translated = fail_with(error)
    assert what in translated.what
    assert why in translated.why
    assert fix in translated.fix
    assert translated.refusal is None


@pytest.mark.parametrize(
    ("wanted", "fix"), [("prd", "--profile prod?"), ("deev", "--profile dev?"), ("zzz", "~/.aws/config")]
)
def test_a_profile_that_does_not_exist(wanted: str, fix: str) -> None:
    """The profile asked for is named, with those there are and a near miss."""
    translated = fail_with(exceptions.ProfileNotFound(profile=wanted))
    assert translated.what == f"There is no AWS profile {wanted!r}."
    assert "dev, prod" in translated.why
    assert fix in translated.fix


def test_no_profiles_at_all() -> None:
    """With no configuration there is nothing to list."""

    def call() -> None:
        raise exceptions.ProfileNotFound(profile="dev")

    with pytest.raises(CredentialsError, match="Profiles here: none"):
        call_sts(call)


def test_a_refusal_of_sts() -> None:
    """What STS said travels as a refusal, to be explained like any other."""
    translated = fail_with(refusal("AccessDenied", "User: x is not authorized"))
    assert translated.lines == ("STS refused AssumeRole: AccessDenied.", "User: x is not authorized")
    assert translated.refusal is not None
    assert (translated.refusal.status_code, translated.refusal.error_type) == (403, "AccessDenied")
    assert translated.refusal.message == "User: x is not authorized"


def test_a_refusal_that_quotes_the_request() -> None:
    """STS answers a bad signature with the canonical request, session token and all: only its first line is kept."""
    token = "invented/session+token=="
    message = (
        "The request signature we calculated does not match the signature you provided.\n\n"
        f"The Canonical String for this request should have been\n'POST\n/\n\nx-amz-security-token:{token}\n'"
    )
    translated = fail_with(refusal("SignatureDoesNotMatch", message))
    assert translated.refusal is not None
    assert token not in f"{translated} {translated.refusal!r}"
    assert translated.refusal.message.endswith("you provided.")


def test_a_refusal_without_anything() -> None:
    """An answer that is empty is a refusal still."""
    translated = fail_with(exceptions.ClientError({}, "GetCallerIdentity"))
    assert translated.refusal is not None
    assert (translated.refusal.status_code, translated.refusal.message) == (0, "")


def test_what_is_right_is_handed_through() -> None:
    """A call that works gives back what it gives."""
    assert call_sts(lambda: 42) == 42


def test_our_own_errors_are_left_alone() -> None:
    """An error of ours within the SDK comes out as it is, once."""
    ours = ApigwError("What.")

    def call() -> None:
        raise ours

    with pytest.raises(ApigwError) as caught:
        call_sts(call)
    assert caught.value is ours
