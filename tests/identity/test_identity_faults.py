"""What the SDK's exceptions become: what happened, why, the one next step; and nothing that may hold a secret."""

from __future__ import annotations

import configparser
import hashlib
import os
import string
import sys
from typing import TYPE_CHECKING, cast

import boto3
import pytest
from botocore import exceptions
from botocore.credentials import ContainerProvider  # noqa: TID251 - gives what a container's role does, over a fake
from botocore.parsers import ResponseParserError
from botocore.utils import JSONFileCache, SSOTokenLoader  # noqa: TID251 - the SSO cache's place is fixed at import

from apigw_magic.errors import ApigwError, CredentialsError, SessionExpiredError
from apigw_magic.identity.faults import FAULTS, credentials_ended, no_credentials, translate
from apigw_magic.identity.sts import call_sts
from apigw_magic.identity.wording import load_words, say
from tests.identity.fakes import refusal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from botocore.credentials import AssumeRoleCredentialFetcher  # noqa: TID251 - as the provider's fetcher is typed

SECRET = "invented/secret+key=="
STS = "https://sts.eu-west-1.amazonaws.com/"
PORTAL = "https://portal.sso.eu-west-1.amazonaws.com/federation"
CONFIG = "/home/ana/.aws/config"
NO_FILE = "No such file or directory: /no/such/file."


def make_login(name: str, **facts: str) -> Exception:
    """Return an exception of login sessions, which older versions of botocore do not know."""
    known = getattr(exceptions, name, None)
    if known is not None:
        return known(**facts)
    above = type("LoginError", (exceptions.BotoCoreError,), {})
    return type(name, (above,), {})(**facts)


def fail_config(text: str) -> Exception:
    """Return what botocore raises of a configuration file that cannot be parsed."""
    try:
        configparser.RawConfigParser().read_string(text)
    except configparser.Error as error:
        return exceptions.ConfigParseError(path=CONFIG, error=error)
    raise AssertionError(text)


def retrieve(provider: str, message: str) -> Exception:
    """Return what botocore raises where a provider fails."""
    return exceptions.CredentialRetrievalError(provider=provider, error_msg=message)


# An exception of the SDK, the entry of `faults.toml` that says it, and what that is filled with.
TRANSLATED: list[tuple[Exception, str, dict[str, str]]] = [
    # nothing found, or half of it
    (exceptions.NoCredentialsError(), "none_in_profile", {}),
    (
        exceptions.PartialCredentialsError(provider="env", cred_var="AWS_SECRET_ACCESS_KEY"),
        "partial_env",
        {"cred_var": "AWS_SECRET_ACCESS_KEY"},
    ),
    (
        exceptions.PartialCredentialsError(provider="shared-credentials-file", cred_var="aws_secret_access_key"),
        "partial_file",
        {"cred_var": "aws_secret_access_key"},
    ),
    (
        exceptions.PartialCredentialsError(provider="explicit", cred_var=["a", "b"]),  # type: ignore[arg-type] # as boto does
        "partial_file",
        {"cred_var": "a, b"},
    ),
    (
        exceptions.PartialCredentialsError(provider="assume-role", cred_var="source_profile or credential_source"),
        "partial_role",
        {"cred_var": "source_profile or credential_source"},
    ),
    # logins
    (exceptions.UnauthorizedSSOTokenError(), "SSOError", {}),
    (exceptions.SSOTokenLoadError(error_msg="Token for https://x.test does not exist"), "SSOError", {}),
    (exceptions.TokenRetrievalError(provider="sso", error_msg="Token has expired"), "TokenRetrievalError", {}),
    (make_login("LoginRefreshRequired"), "LoginError", {}),
    (make_login("LoginTokenLoadError", error_msg="Unable to load a existing login session"), "LoginError", {}),
    (make_login("LoginAuthorizationCodeError", error_msg="x"), "LoginError", {}),
    (make_login("LoginError"), "LoginError", {}),
    (make_login("LoginInsufficientPermissions"), "LoginInsufficientPermissions", {}),
    (exceptions.MissingDependencyException(msg="You will need to pip install it."), "MissingDependencyException", {}),
    # MFA
    (exceptions.RefreshWithMFAUnsupportedError(), "RefreshWithMFAUnsupportedError", {}),
    (EOFError(), "EOFError", {}),
    (NotImplementedError("This frontend does not support input requests."), "NotImplementedError", {}),
    # the configuration
    (
        exceptions.InfiniteLoopConfigError(source_profile="dev", visited_profiles=["dev", "base"]),
        "InfiniteLoopConfigError",
        {"circle": "dev → base → dev"},
    ),
    (
        exceptions.InvalidConfigError(error_msg='The source profile "base" must have credentials.'),
        "InvalidConfigError",
        {"text": 'The source profile "base" must have credentials.'},
    ),
    (exceptions.UnknownCredentialError(name="Enviroment"), "UnknownCredentialError", {"name": "Enviroment"}),
    (fail_config("[x]\na = b\nnonsense [[\n"), "ConfigParseError", {"path": CONFIG, "line": ", line 3,"}),
    (fail_config(f"secret = {SECRET}\n"), "ConfigParseError", {"path": CONFIG, "line": ", line 1,"}),
    (fail_config("[x]\n[x]\n"), "ConfigParseError", {"path": CONFIG, "line": ", line 2,"}),
    (exceptions.ConfigParseError(path=CONFIG), "ConfigParseError", {"path": CONFIG}),
    (exceptions.ConfigNotFound(path="/etc/aws.keys"), "ConfigNotFound", {"path": "/etc/aws.keys"}),
    (exceptions.NoRegionError(), "NoRegionError", {}),
    (exceptions.InvalidRegionError(region_name="eu west"), "InvalidRegionError", {"region_name": "eu west"}),
    (
        exceptions.UnknownServiceError(service_name="signin", known_service_names=["sts"] * 300),
        "DataNotFoundError",
        {"service_name": "signin"},
    ),
    (exceptions.DataNotFoundError(data_path="endpoints"), "DataNotFoundError", {"data_path": "endpoints"}),
    (
        exceptions.UnknownEndpointError(service_name="sts", region_name="eu-west-9"),
        "UnknownEndpointError",
        {"text": "Unable to construct an endpoint for sts in region eu-west-9"},
    ),
    (exceptions.EndpointResolutionError(msg="No FIPS"), "EndpointProviderError", {"text": "No FIPS"}),
    (exceptions.InvalidIMDSEndpointError(endpoint="nope"), "InvalidIMDSEndpointError", {"endpoint": "nope"}),
    (
        exceptions.ParamValidationError(report="Invalid value: 60\nInvalid length: 1"),
        "ParamValidationError",
        {"report": "Invalid value: 60; Invalid length: 1"},
    ),
    (
        exceptions.InvalidDefaultsMode(mode="abc", valid_modes="legacy, auto"),
        "BotoCoreError",
        {
            "name": "InvalidDefaultsMode",
            "text": "Client configured with invalid defaults mode: abc. Valid defaults modes include: legacy, auto.",
        },
    ),
    (
        ValueError("invalid literal for int() with base 10: 'abc'"),
        "number",
        {"text": "invalid literal for int() with base 10: 'abc'"},
    ),
    # programs and metadata services
    (retrieve("custom-process", f"no session\n{SECRET}"), "process", {}),
    (retrieve("custom-process", "Missing required key in response: 'hunter2'"), "process", {}),
    (retrieve("custom-process", f"Unsupported version '{SECRET}' for credential process"), "process_text", {}),
    (
        retrieve("custom-process", "Missing required key in response: 'SecretAccessKey'"),
        "process_key",
        {"key": "SecretAccessKey"},
    ),
    (
        retrieve("container-role", f"Received non 200 response 403 from container metadata: {SECRET}"),
        "container",
        {"problem": "Its metadata service answered 403."},
    ),
    (
        retrieve("container-role", f"Received error when attempting to retrieve container metadata: {SECRET}"),
        "container",
        {"problem": "Nothing answers at the address of its service."},
    ),
    (
        retrieve("Environment", "No credentials found in credential_source referenced in profile dev"),
        "source_empty",
        {"provider": "Environment"},
    ),
    (
        retrieve("iam-role", "Credential refresh failed, response did not contain: token"),
        "BotoCoreError",
        {
            "name": "CredentialRetrievalError",
            "text": "Credential refresh failed, response did not contain: token",
        },
    ),
    (retrieve("somebody's own", SECRET), "BotoCoreError", {"name": "CredentialRetrievalError"}),
    (
        exceptions.MetadataRetrievalError(error_msg="Unable to retrieve token, and IMDSv1 has been disabled"),
        "MetadataRetrievalError",
        {"problem": "Its metadata service gives no token for IMDSv2, and IMDSv1 is disabled."},
    ),
    (
        exceptions.MetadataRetrievalError(error_msg="Unable to parse JSON returned from container metadata services"),
        "MetadataRetrievalError",
        {"problem": "Its answer is not JSON."},
    ),
    (RuntimeError("Credentials were refreshed, but the refreshed credentials are still expired."), "ended", {}),
    (ResponseParserError(f"Unable to parse response, invalid XML received:\n{SECRET}"), "ResponseParserError", {}),
    # what has no place in botocore that is known is named, and its text, which may be anything, is not shown
    (ValueError(f"Value cannot be cached, must be JSON serializable: {SECRET}"), "other", {"name": "ValueError"}),
    (KeyError(SECRET), "other", {"name": "KeyError"}),
    (RuntimeError(f"awscrt: {SECRET}"), "other", {"name": "RuntimeError"}),
    (FileNotFoundError(2, "No such file or directory", "/no/such/file"), "file", {"problem": NO_FILE}),
]

UNREACHABLE: list[tuple[Exception, str, dict[str, str]]] = [
    (
        exceptions.EndpointConnectionError(endpoint_url=STS),
        "network",
        {"service": "STS", "name": "EndpointConnectionError", "where": STS},
    ),
    (
        exceptions.ConnectTimeoutError(endpoint_url=f"{PORTAL}?role_name=reader&account_id=123456789012"),
        "network",
        {"service": "SSO", "name": "ConnectTimeoutError", "where": PORTAL},
    ),
    (
        exceptions.ReadTimeoutError(endpoint_url=STS),
        "network",
        {"service": "STS", "name": "ReadTimeoutError", "where": STS},
    ),
    (
        exceptions.HTTPClientError(error=Exception(SECRET)),
        "network",
        {"service": "STS", "name": "HTTPClientError", "where": "its endpoint"},
    ),
    (
        exceptions.ProxyConnectionError(proxy_url=f"htt***://***:{SECRET}@proxy.example:3128"),
        "proxy",
        {"service": "STS", "proxy": "proxy.example:3128"},
    ),
    (exceptions.ProxyConnectionError(proxy_url="http://proxy"), "proxy", {"service": "STS", "proxy": "proxy"}),
    (
        exceptions.SSLError(endpoint_url=STS, error=OSError("certificate verify failed: self-signed certificate")),
        "certificate",
        {"service": "STS", "where": STS},
    ),
    (
        exceptions.SSLError(endpoint_url=STS, error=FileNotFoundError(2, "No such file or directory")),
        "ca_file",
        {"service": "STS"},
    ),
    (
        exceptions.SSLError(endpoint_url=STS, error=OSError("[SSL: WRONG_VERSION_NUMBER] wrong version number")),
        "network",
        {"service": "STS", "name": "SSLError", "where": STS},
    ),
]

# What SSO and sign-in answer; they are no refusals of STS.
ELSEWHERE = [
    ("GetRoleCredentials", "ForbiddenException", "No access", "sso_forbidden"),
    ("GetRoleCredentials", "ResourceNotFoundException", "The specified resource doesn't exist.", "sso_forbidden"),
    ("GetRoleCredentials", "UnauthorizedException", "Session token not found or invalid", "SSOError"),
    ("GetRoleCredentials", "TooManyRequestsException", "HTTP 429 Unknown Code", "sso_throttled"),
    ("GetRoleCredentials", "InvalidRequestException", "No such role", "sso_refused"),
    ("CreateToken", "InvalidGrantException", "Invalid refresh token", "sso_refused"),
    ("CreateOAuth2Token", "ValidationException", "Invalid request", "login_refused"),
]


def lines_of(error: ApigwError) -> tuple[str, str, str]:
    """Return the three lines of an error."""
    return error.what, error.why, error.fix


def fail_with(error: Exception, profile: str | None = "dev") -> ApigwError:
    """Return what a call that raises an SDK's exception becomes."""

    def call() -> None:
        raise error

    return fail(call, profile)


def fail(call: Callable[[], object], profile: str | None = "dev", profiles: tuple[str, ...] = ()) -> ApigwError:
    """Return what a call to the SDK that fails becomes, with nothing of the SDK's on it."""
    with pytest.raises(ApigwError) as caught:
        call_sts(call, profiles, profile)
    error = caught.value
    assert error.__cause__ is error.__context__ is None
    assert not any("\n" in line for line in error.lines)
    assert SECRET not in str(error)
    assert all(len(line) <= 180 for line in error.lines)
    return error


def words_of(key: str, facts: dict[str, str]) -> tuple[str, str, str]:
    """Return the three lines of an entry, filled, with the profile `dev` in use."""
    return lines_of(say(key, of="profile dev", Of="Profile dev", option=" --profile dev", **facts))


@pytest.mark.parametrize(
    ("error", "key", "facts"), TRANSLATED, ids=[f"{type(row[0]).__name__}-{row[1]}" for row in TRANSLATED]
)
def test_translations(error: Exception, key: str, facts: dict[str, str]) -> None:
    """Each exception has its words, and no refusal, as STS said nothing."""
    told = fail_with(error)
    assert lines_of(told) == words_of(key, facts)
    assert isinstance(told, CredentialsError)
    assert (told.refusal, told.is_unreachable) == (None, False)
    assert isinstance(told, SessionExpiredError) == ("%apigw renew" in told.fix)


@pytest.mark.parametrize(
    ("error", "key", "facts"), UNREACHABLE, ids=[f"{type(row[0]).__name__}-{row[1]}" for row in UNREACHABLE]
)
def test_what_cannot_be_reached(error: Exception, key: str, facts: dict[str, str]) -> None:
    """A network that fails says which service, where, and what may be in the way; no proxy's password is shown."""
    told = fail_with(error)
    assert lines_of(told) == words_of(key, facts)
    assert isinstance(told, CredentialsError)
    assert (told.refusal, told.is_unreachable) == (None, True)


@pytest.mark.parametrize(("operation", "code", "message", "key"), ELSEWHERE)
def test_refusals_of_others(operation: str, code: str, message: str, key: str) -> None:
    """What SSO or sign-in refuse is told as theirs, and is not for the catalogue of STS's refusals."""
    told = fail_with(refusal(code, message, operation=operation))
    assert lines_of(told) == words_of(key, {"operation": operation, "code": code, "message": message})
    assert isinstance(told, CredentialsError)
    assert told.refusal is None


def test_words_in_full() -> None:
    """What happened, why, and what to run, profile included."""
    assert fail_with(retrieve("custom-process", SECRET)).lines == (
        "The credential_process of profile dev failed.",
        "What it wrote is not shown here: it may hold a secret.",
        "Run it in a terminal to read it: aws configure get credential_process --profile dev",
    )
    assert fail_with(exceptions.UnauthorizedSSOTokenError()).lines == (
        "The SSO session has expired or is absent.",
        "Run in a terminal: aws sso login --profile dev",
    )
    assert fail_with(make_login("LoginRefreshRequired")).fix == "Run in a terminal: aws login --profile dev"
    assert fail_with(exceptions.RefreshWithMFAUnsupportedError()).fix == "Run %apigw renew"


def test_without_a_profile() -> None:
    """Where no profile is in use, the commands name none."""
    assert fail_with(exceptions.UnauthorizedSSOTokenError(), None).fix == "Run in a terminal: aws sso login"
    told = fail_with(exceptions.CredentialRetrievalError(provider="custom-process", error_msg="x"), None)
    assert told.what == "The credential_process of the default profile failed."


def test_a_profile_with_a_space() -> None:
    """A command that is to be copied quotes what a shell would tear apart."""
    told = fail_with(exceptions.UnauthorizedSSOTokenError(), "my work")
    assert told.fix == "Run in a terminal: aws sso login --profile 'my work'"


# --- profiles that do not exist


@pytest.mark.parametrize(
    ("wanted", "fix"), [("prd", "--profile prod?"), ("deev", "--profile dev?"), ("zzz", "~/.aws/config")]
)
def test_a_profile_that_does_not_exist(wanted: str, fix: str) -> None:
    """The profile asked for is named, with those there are and a near miss."""
    told = translate(exceptions.ProfileNotFound(profile=wanted), ("dev", "prod"))
    assert told.what == f"There is no AWS profile {wanted!r}."
    assert told.why == "Profiles here: dev, prod."
    assert fix in told.fix


def test_many_profiles_or_none() -> None:
    """Of many profiles the first are named; with no configuration there is nothing to list."""
    told = translate(exceptions.ProfileNotFound(profile="dev"), [f"p{number}" for number in range(40)])
    assert told.why == f"Profiles here: {', '.join(f'p{number}' for number in range(12))}, 28 more."
    assert translate(exceptions.ProfileNotFound(profile="dev")).why == "Profiles here: none."


# --- STS's refusals, which are explained elsewhere


def refuse(code: str, message: str) -> CredentialsError:
    """Return the error for a refusal of STS."""
    told = fail_with(refusal(code, message))
    assert isinstance(told, CredentialsError)
    assert told.refusal is not None
    assert told.why == told.refusal.message
    return told


def test_a_refusal_of_sts() -> None:
    """What STS said travels as a refusal, to be explained like any other."""
    told = refuse("AccessDenied", "User: x is not authorized")
    assert told.lines == ("STS refused AssumeRole: AccessDenied.", "User: x is not authorized")
    assert told.refusal is not None
    assert (told.refusal.status_code, told.refusal.error_type) == (403, "AccessDenied")


def test_a_refusal_that_quotes_the_request() -> None:
    """STS answers a bad signature with the canonical request, session token and all: only its first line is kept."""
    said = "The request signature we calculated does not match the signature you provided."
    quoted = f"The Canonical String for this request should have been\n'POST\n/\n\nx-amz-security-token:{SECRET}\n'"
    told = refuse("SignatureDoesNotMatch", f"\n{said}\n\n{quoted}")
    assert SECRET not in f"{told} {told.refusal!r}"
    assert told.why == said


@pytest.mark.parametrize(
    ("code", "message", "kept"),
    [
        (
            "ValidationError",
            "1 validation error detected: Value '123456' at 'tokenCode' failed to satisfy constraint: A",
            "1 validation error detected: Value at 'tokenCode' failed to satisfy constraint: A",
        ),
        (
            "ValidationError",
            "2 validation errors: Value '{\n 123456\n}' at 'policy' failed: A; Value '123456' at 'tokenCode' failed: B",
            "2 validation errors: Value at 'policy' failed: A; Value at 'tokenCode' failed: B",
        ),
        ("IncompleteSignature", "'AWS4-HMAC-SHA256 Signature=123456' not a valid key=value pair", ""),
        (
            "IncompleteSignature",
            "Credential must have 5 elements, got '123456'",
            "Credential must have 5 elements, got",
        ),
    ],
)
def test_a_refusal_that_quotes_a_value(code: str, message: str, kept: str) -> None:
    """STS quotes what it does not accept, which may be an MFA code or a signature: that is left out."""
    told = refuse(code, message)
    assert told.why == kept
    assert "123456" not in f"{told} {told.refusal!r}"


def test_a_refusal_that_is_long_or_odd() -> None:
    """A text of others is one line that a terminal can show, however long it was."""
    assert len(translate(refusal("AccessDenied", "x" * 5000)).why) == 400
    assert refuse("AccessDenied", "a\x1b[2J\tb").why == "a\ufffd[2J b"


def test_a_refusal_without_anything() -> None:
    """An answer that is empty is a refusal still."""
    told = fail_with(exceptions.ClientError({}, "GetCallerIdentity"))
    assert isinstance(told, CredentialsError)
    assert told.refusal is not None
    assert (told.refusal.status_code, told.refusal.message) == (0, "")


# --- botocore's real chain


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give boto3 a home of its own: boto3 reads all this from the environment alone."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    (tmp_path / ".aws").mkdir()
    return tmp_path


def load(home: Path, settings: str) -> Callable[[], object]:
    """Return a call that loads the credentials of a profile with these settings, which stand beside another's."""
    keys = "aws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = invented"
    (home / ".aws" / "config").write_text(f"[profile dev]\n{settings}\n\n[profile base]\n{keys}\n")

    def call() -> object:
        found = boto3.Session(profile_name="dev", region_name="eu-west-1").get_credentials()
        return found and found.get_frozen_credentials()

    return call


ROLE = "role_arn = arn:aws:iam::123456789012:role/reader"
KEYS = '"Version": 1, "AccessKeyId": "AKIDEXAMPLE", "SecretAccessKey": "invented", "SessionToken": "invented"'

PRINTS: list[tuple[str, str, dict[str, str]]] = [
    (SECRET, "process_text", {}),
    ("", "process_text", {}),
    (f'["{SECRET}"]', "process_text", {}),
    ("null", "process_text", {}),
    ("\\xff", "process_text", {}),
    (f'{{"Version": "{SECRET}"}}', "process_text", {}),
    (f'{{"Version": 1, "AccessKeyId": "{SECRET}"}}', "process_key", {"key": "SecretAccessKey"}),
    (f'{{{KEYS}, "Expiration": "{SECRET}"}}', "expiry", {}),
    (f'{{{KEYS}, "Expiration": 1893456000}}', "expiry", {}),
    (f'{{{KEYS}, "Expiration": "2040-01-01T00:00:00"}}', "expiry", {}),
    (f'{{{KEYS}, "Expiration": "99999999999999999999999"}}', "expiry", {}),
    (f'{{{KEYS}, "Expiration": "2020-01-01T00:00:00Z"}}', "ended", {}),
]


@pytest.mark.parametrize(("printed", "key", "facts"), PRINTS, ids=range(len(PRINTS)))
def test_what_a_program_prints(home: Path, printed: str, key: str, facts: dict[str, str]) -> None:
    """What a credential_process prints instead of credentials is told without showing it."""
    program = home / "program.py"
    program.write_text(f"import sys\nsys.stdout.buffer.write(b'''{printed}''')\n")
    assert lines_of(fail(load(home, f"credential_process = {sys.executable} {program}"))) == words_of(key, facts)


def test_what_a_program_says_when_it_fails(home: Path) -> None:
    """What a credential_process writes when it fails is not shown: it may hold a secret."""
    program = home / "program.py"
    program.write_text(f"import sys\nsys.exit('''{SECRET}''')\n")
    told = fail(load(home, f"credential_process = {sys.executable} {program}"))
    assert told.what == "The credential_process of profile dev failed."


CHAINS: list[tuple[str, str, dict[str, str]]] = [
    ("credential_process = /no/such/file --token x", "process_start", {"problem": NO_FILE}),
    ("credential_process = program 'x", "process_line", {}),
    ("credential_process =\n  a = b", "process_line", {}),
    (f"{ROLE}\nweb_identity_token_file = /no/such/file", "web_token", {"problem": NO_FILE}),
    ("web_identity_token_file = /no/such/file", "web_role", {}),
    (f"{ROLE}\nsource_profile = dev", "InfiniteLoopConfigError", {"circle": "dev → dev"}),
    (
        f"{ROLE}\nsource_profile = zzz",
        "InvalidConfigError",
        {"text": 'The source_profile "zzz" referenced in the profile "dev" does not exist.'},
    ),
    (
        f"{ROLE}\nsource_profile = base\ncredential_source = Environment",
        "InvalidConfigError",
        {"text": 'The profile "dev" contains both source_profile and credential_source.'},
    ),
    (
        f"{ROLE}\ncredential_source = environment",
        "source",
        {"text": 'The credential source "environment" referenced in profile "dev" is not valid.'},
    ),
    (f"{ROLE}\ncredential_source = Environment", "source_empty", {"provider": "Environment"}),
    (ROLE, "partial_role", {"cred_var": "source_profile or credential_source"}),
    (
        f"{ROLE}\nsource_profile = base\nduration_seconds = 60",
        "ParamValidationError",
        {"report": "Invalid value for parameter DurationSeconds, value: 60, valid min value: 900"},
    ),
    (
        "sso_account_id = 123456789012\nsso_role_name = reader\nsso_session = work",
        "InvalidConfigError",
        {"text": 'The specified sso-session does not exist: "work"'},
    ),
    (
        "sso_account_id = 123456789012\nsso_role_name = x\nsso_region = eu-west-1\nsso_start_url = https://x.test/no",
        "SSOError",
        {},
    ),
    ("aws_access_key_id = AKIDEXAMPLE", "partial_file", {"cred_var": "aws_secret_access_key"}),
]


@pytest.mark.parametrize(("settings", "key", "facts"), CHAINS, ids=range(len(CHAINS)))
def test_chains_that_end(home: Path, settings: str, key: str, facts: dict[str, str]) -> None:
    """What really comes out of boto3's chain is told."""
    assert lines_of(fail(load(home, settings), profiles=("dev", "base"))) == words_of(key, facts)


def test_a_source_profile_that_is_misspelt(home: Path) -> None:
    """A profile of nearly that name is offered."""
    told = fail(load(home, f"{ROLE}\nsource_profile = bass"), profiles=("dev", "base"))
    assert told.fix == "Did you mean source_profile = base?"


@pytest.mark.parametrize("date", ["soon", "2040-01-01T00:00:00"])
@pytest.mark.usefixtures("home")
def test_an_end_in_the_environment(monkeypatch: pytest.MonkeyPatch, date: str) -> None:
    """An end of the environment's credentials that is no date, or has no zone, is told."""
    for name, value in (("ACCESS_KEY_ID", "AKID"), ("SECRET_ACCESS_KEY", "x"), ("CREDENTIAL_EXPIRATION", date)):
        monkeypatch.setenv(f"AWS_{name}", value)
    session = boto3.Session(region_name="eu-west-1")

    def call() -> object:
        found = session.get_credentials()
        return found and found.get_frozen_credentials()

    assert lines_of(fail(call)) == words_of("expiry", {})


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"FULL_URI": "http://api.example/role"}, "Unsupported host 'api.example'."),
        ({"FULL_URI": "http://127.0.0.1:9/role", "TOKEN": "a\nb"}, "Auth token value is not a legal header value."),
        (
            {"FULL_URI": "http://127.0.0.1:9/role", "TOKEN_FILE": "/no/such/file"},
            NO_FILE,
        ),
    ],
)
def test_a_container_without_credentials(settings: dict[str, str], problem: str) -> None:
    """What is wrong with a container's variables is told."""
    names = {
        "FULL_URI": "CREDENTIALS_FULL_URI",
        "TOKEN": "AUTHORIZATION_TOKEN",
        "TOKEN_FILE": "AUTHORIZATION_TOKEN_FILE",
    }
    environ = {f"AWS_CONTAINER_{names[name]}": value for name, value in settings.items()}
    told = fail(ContainerProvider(environ).load)
    assert lines_of(told) == words_of("container", {"problem": problem})


def test_a_container_that_answers_otherwise() -> None:
    """An answer without what has to be in it is told."""

    class Fetcher:
        def retrieve_full_uri(self, _uri: str, **_options: object) -> dict[str, str]:
            return {"AccessKeyId": "ASIAEXAMPLE", "SecretAccessKey": SECRET}

    environ = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1/role"}
    told = fail(ContainerProvider(environ, cast("AssumeRoleCredentialFetcher", Fetcher())).load)  # as it is typed
    assert told.why == "Its service's answer has no Token."


def test_a_damaged_sso_cache(tmp_path: Path) -> None:
    """A file of the SSO cache that is no JSON is one to be written anew."""
    url = "https://x.test/start"
    (tmp_path / f"{hashlib.sha1(url.encode()).hexdigest()}.json").write_text("{")  # noqa: S324 - how botocore names it
    loader = SSOTokenLoader(cache=JSONFileCache(str(tmp_path)))
    told = fail(lambda: loader(url))
    assert told.what == "The SSO session cannot be read or kept."
    assert told.fix == "Run in a terminal: aws sso login --profile dev"


def test_a_damaged_login_cache() -> None:
    """What fails where login sessions are read is one to be begun anew, in whatever way it fails."""

    class LoginCredentialFetcher:
        def load(self) -> object:
            raise TypeError(SECRET)

    assert lines_of(fail(LoginCredentialFetcher().load)) == words_of("LoginError", {})


@pytest.mark.usefixtures("home")
def test_an_endpoint_that_is_none() -> None:
    """What is no URL is told as such."""
    told = fail(lambda: boto3.client("sts", region_name="eu-west-1", endpoint_url="sts.example"))
    assert isinstance(told, CredentialsError)
    assert lines_of(told) == (
        "'sts.example' is not an endpoint.",
        "It stands in --sts-endpoint, in AWS_ENDPOINT_URL_STS, or as endpoint_url in ~/.aws/config.",
        "Write it as a URL: https://HOST",
    )


# --- the words, and what is known


def test_ends_in_words() -> None:
    """The two ends of the chain that raise nothing have the words of those that do."""
    named = lines_of(no_credentials("dev"))
    assert named == lines_of(fail_with(exceptions.NoCredentialsError()))
    assert named[0] == "Profile dev has no credentials."
    assert lines_of(no_credentials())[0] == "No AWS credentials were found."
    assert "Name a profile (dev, test): --profile NAME" in lines_of(no_credentials(None, ["dev", "test"]))[2]
    assert lines_of(credentials_ended()) == lines_of(fail_with(RuntimeError("still expired")))


def test_faults_are_narrow() -> None:
    """What is caught is named: neither every exception nor one of ours."""
    assert not {Exception, BaseException, LookupError, ArithmeticError} & set(FAULTS)
    assert not issubclass(ApigwError, FAULTS)
    assert not issubclass(AssertionError, FAULTS)


@pytest.mark.parametrize("name", load_words())
def test_every_entry_is_well_formed(name: str) -> None:
    """Each entry of the words says what happened and what to do, in sentences or commands, with known placeholders."""
    what, why, fix = load_words()[name]
    assert what.endswith(".")
    assert why.endswith((".", "}")) or not why
    assert fix.endswith(".") or any(command in fix for command in ("--", "aws ", "%apigw"))
    known = {
        *("of", "Of", "option", "name", "text", "problem", "line", "circle", "key", "service", "where", "proxy"),
        *("code", "message", "operation", "known"),
        *("cred_var", "data_path", "endpoint", "path", "provider", "region_name", "report", "service_name"),
    }
    for line in (what, why, fix):
        assert {field for _, field, _, _ in string.Formatter().parse(line) if field is not None} <= known
        assert len(line) <= 130


def test_every_entry_is_used() -> None:
    """No entry is there for nothing: the tables above come to each, but for those that have a test of their own."""
    used = {row[1] for row in (*TRANSLATED, *UNREACHABLE, *PRINTS, *CHAINS)} | {row[3] for row in ELSEWHERE}
    assert set(load_words()) - used == {"none", "sso_cache"}
