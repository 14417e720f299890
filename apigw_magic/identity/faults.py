"""What the SDK's exceptions mean, said in our words. The only place that knows them.

An exception is known by its class's name, since newer versions of botocore have classes that older ones lack; one that
is not the SDK's own, such as a ValueError, is known by the place in botocore where it arose.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from traceback import walk_tb
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from apigw_magic.errors import CredentialsError
from apigw_magic.identity.wording import Case, load_words, say, to_line
from apigw_magic.models import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from apigw_magic.errors import ApigwError

FAULTS = (
    ClientError,
    BotoCoreError,
    ResponseParserError,
    AttributeError,  # a credential_process that prints JSON, but no object
    EOFError,  # nobody is there to type an MFA code
    KeyError,  # a container's answer, or a file of the SSO cache, that lacks something
    OSError,  # a program, a token's file or a cache that is not there, or not for us
    OverflowError,  # a date beyond all calendars
    RuntimeError,  # new credentials that are past their end; a kernel without input (NotImplementedError)
    TypeError,  # a date that is a number, or has no time zone
    ValueError,  # what is no JSON, UTF-8, number, date or endpoint
)
"""What a call to the SDK may raise that `translate` knows. All of them do come out of botocore's credential chain."""

_PROFILES_SHOWN = 12

# Where an exception that is not the SDK's own arose, by class or function, the innermost reason first, and its words.
_PLACES = {
    "_expiry_datetime": "expiry",
    "_seconds_remaining": "expiry",
    "_set_from_data": "expiry",
    "EnvProvider": "expiry",
    "compat_shell_split": "process_line",
    "ProcessProvider": "process_text",
    "FileWebIdentityTokenLoader": "web_token",
    "ContainerProvider": "container",
    "LoginProvider": "LoginError",
    "QueryParser": "ResponseParserError",
    "LoginCredentialFetcher": "LoginError",
    "SSOTokenLoader": "sso_cache",
    "SSOTokenProvider": "sso_cache",
    "SSOCredentialFetcher": "sso_cache",
}

# The calls that are not STS's, and what their refusals mean.
_SSO_CALLS = frozenset({"CreateToken", "GetRoleCredentials"})
_SSO_CODES = {
    "ForbiddenException": "sso_forbidden",
    "ResourceNotFoundException": "sso_forbidden",
    "SlowDownException": "sso_throttled",
    "TooManyRequestsException": "sso_throttled",
    "UnauthorizedException": "SSOError",
}

_MISSING_KEY = re.compile("Missing required key in response: '(AccessKeyId|SecretAccessKey)'")
_NO_CA_FILE = re.compile("No such file|Permission denied|NO_CERTIFICATE")

# STS quotes a value that it refuses, which may be an MFA code.
_QUOTED_VALUE = re.compile(r"Value '.*?' at '", re.DOTALL)


def translate(error: Exception, profiles: Sequence[str] = (), profile: str | None = None) -> ApigwError:
    """Return our error for one of the SDK's, with nothing of it but what may be shown.

    Args:
        error: one of `FAULTS`.
        profiles: the names of the profiles there are, for a near miss.
        profile: the profile in use, for the advice.

    Returns:
        A CredentialsError, with `refusal` if STS answered, without if it could not be asked; a CommandError if the
        endpoint that is to be asked is none.
    """
    case = Case(error, profiles, profile)
    for name in (kind.__name__ for kind in type(error).__mro__):
        if name in _WAYS:
            return _WAYS[name](case)
        if name in load_words():
            return case.say(name)
    return _say_elsewhere(case)


_MOST_NAMED = 8


def credentials_ended() -> CredentialsError:
    """Return the error for new credentials that are past their end."""
    return say("ended")


def no_credentials(profile: str | None = None, profiles: Sequence[str] = ()) -> CredentialsError:
    """Return the error for a credential chain that ends empty.

    Args:
        profile: that was named; None for none.
        profiles: the names of those there are.
    """
    return _say_none(Case(RuntimeError(), profiles, profile))


def _say_none(case: Case) -> CredentialsError:
    """Say that there are no credentials: in the profile that was named, or anywhere."""
    if case.profile is not None:
        return case.say("none_in_profile")
    known = ", ".join(case.profiles[:_MOST_NAMED])
    return case.say("none", known=f" ({known})" if known else "")


def _refused(case: Case) -> CredentialsError:
    """Tell STS's refusal as it is, to be explained like any other; those of others here."""
    answer, operation = getattr(case.error, "response", {}), getattr(case.error, "operation_name", "")
    code = str(answer.get("Error", {}).get("Code") or "")
    message = _keep(code, str(answer.get("Error", {}).get("Message") or ""))
    if operation in _SSO_CALLS:
        return case.say(_SSO_CODES.get(code, "sso_refused"), operation=operation, code=code, message=message)
    if operation == "CreateOAuth2Token":
        return case.say("login_refused", code=code, message=message)
    problem = CredentialsError(f"STS refused {operation}: {code}.", why=message)
    status = answer.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    problem.refusal = Refusal(status_code=status, error_type=code, message=message)
    return problem


def _keep(code: str, message: str) -> str:
    """Return what may be shown of an answer's message.

    Below its first line STS may quote the request, with the session token in it. An incomplete signature is quoted in
    the first line already.
    """
    first = _QUOTED_VALUE.sub("Value at '", message).strip().partition("\n")[0]
    return to_line(first.partition("'")[0] if code == "IncompleteSignature" else first)


def _no_profile(case: Case) -> CredentialsError:
    wanted = case.fact("profile")
    near = get_close_matches(wanted, case.profiles, n=1)
    more = len(case.profiles) - _PROFILES_SHOWN
    names = [*case.profiles[:_PROFILES_SHOWN], *([f"{more} more"] if more > 0 else [])]
    return CredentialsError(
        f"There is no AWS profile {wanted!r}.",
        why=f"Profiles here: {', '.join(names) or 'none'}.",
        fix=f"Did you mean --profile {near[0]}?" if near else "Add it to ~/.aws/config, or name another.",
    )


def _say_partial(case: Case) -> CredentialsError:
    given = case.facts.get("cred_var", "")
    missing = ", ".join(given) if isinstance(given, list) else str(given)
    key = {"env": "partial_env", "assume-role": "partial_role"}.get(case.fact("provider"), "partial_file")
    return case.say(key, cred_var=missing)


def _say_circle(case: Case) -> CredentialsError:
    visited = case.facts.get("visited_profiles")
    names = [*(visited if isinstance(visited, list) else []), case.fact("source_profile")]
    return case.say("InfiniteLoopConfigError", circle=" → ".join(map(str, names)))


def _say_misconfigured(case: Case) -> CredentialsError:
    text = to_line(str(case.error))
    keys = {"The credential source ": "source", "The provided profile or the current environment ": "web_role"}
    problem = case.say(next((key for start, key in keys.items() if text.startswith(start)), "InvalidConfigError"))
    if wanted := re.match(r'The source_profile "([^"]*)" ', text):
        for near in get_close_matches(wanted[1], case.profiles, n=1):
            problem.fix = f"Did you mean source_profile = {near}?"
    return problem


def _say_unparsed(case: Case) -> CredentialsError:
    cause = case.facts.get("error")  # its text may quote a line with a secret; its number may be shown
    faulty = getattr(cause, "errors", None) or [(getattr(cause, "lineno", None), "")]
    line = faulty[0][0]
    return case.say("ConfigParseError", line=f", line {line}," if line else "")


def _say_retrieval(case: Case) -> CredentialsError:
    provider, message = case.fact("provider"), str(case.facts.get("error_msg", ""))
    match provider:
        case "custom-process":
            if missing := _MISSING_KEY.fullmatch(message):
                return case.say("process_key", key=missing[1])
            return case.say("process_text" if message.startswith("Unsupported version '") else "process")
        case "container-role":
            return case.say("container", problem=_read_metadata_problem(message))
    if message.startswith("No credentials found in credential_source"):
        return case.say("source_empty")
    return case.say("BotoCoreError", text=message if message.startswith("Credential refresh failed") else "")


def _say_metadata(case: Case) -> CredentialsError:
    return case.say("MetadataRetrievalError", problem=_read_metadata_problem(case.fact("error_msg")))


def _read_metadata_problem(message: str) -> str:
    """Return why a metadata service gave nothing, without the answer's content."""
    if status := re.search(r"non 200 response (\d{3})", message):
        return f"Its metadata service answered {status[1]}."
    if "IMDSv1 has been disabled" in message:
        return "Its metadata service gives no token for IMDSv2, and IMDSv1 is disabled."
    return "Its answer is not JSON." if "parse JSON" in message else "Nothing answers at the address of its service."


def _say_unreachable(case: Case) -> CredentialsError:
    where = case.fact("endpoint_url").partition("?")[0] or "its endpoint"
    service = "SSO" if re.search(r"//(?:oidc\.|portal\.sso\.)", where) else "STS"
    key = {"SSLError": _find_tls_fault(case), "ProxyConnectionError": "proxy"}.get(type(case.error).__name__, "network")
    # What botocore masks in a proxy's URL is not always the password.
    proxy = case.fact("proxy_url").rpartition("@")[2].rpartition("//")[2]
    problem = case.say(key, service=service, where=where, proxy=proxy)
    problem.is_unreachable = True
    return problem


def _find_tls_fault(case: Case) -> str:
    cause = str(case.facts.get("error"))
    if _NO_CA_FILE.search(cause):
        return "ca_file"
    return "certificate" if "certificate verify failed" in cause else "network"


def _say_elsewhere(case: Case) -> ApigwError:
    """Say what an exception means that is not the SDK's own."""
    error, text = case.error, str(case.error)
    if isinstance(error, ValueError) and text.startswith("Invalid endpoint: "):
        endpoint = text.removeprefix("Invalid endpoint: ")
        why = "It stands in --sts-endpoint, in AWS_ENDPOINT_URL_STS, or as endpoint_url in ~/.aws/config."
        return CredentialsError(f"{endpoint!r} is not an endpoint.", why=why, fix="Write it as a URL: https://HOST")
    passed = {part for frame, _ in walk_tb(error.__traceback__) for part in frame.f_code.co_qualname.split(".")}
    key = next((key for place, key in _PLACES.items() if place in passed), "")
    if key == "process_text" and isinstance(error, OSError):
        key = "process_start"
    if key:
        return case.say(key, problem=_read_problem(error, key))
    if isinstance(error, RuntimeError) and "expired" in text:
        return credentials_ended()
    if text.startswith("invalid literal for int()"):
        return case.say("number")
    return case.say("file" if isinstance(error, OSError) else "other", problem=_read_problem(error, ""))


def _read_problem(error: Exception, key: str) -> str:
    match error:
        case OSError():
            return f"{error.strerror or type(error).__name__}: {error.filename or 'unnamed'}."
        case KeyError() if key == "container":
            return f"Its service's answer has no {error.args[0]}."
        case ValueError() if key == "container":
            return f"{str(error).partition('.  ')[0]}."
    return ""


_WAYS: Mapping[str, Callable[[Case], ApigwError]] = {
    "ClientError": _refused,
    "ConfigParseError": _say_unparsed,
    "ConnectionError": _say_unreachable,
    "CredentialRetrievalError": _say_retrieval,
    "HTTPClientError": _say_unreachable,
    "InfiniteLoopConfigError": _say_circle,
    "InvalidConfigError": _say_misconfigured,
    "MetadataRetrievalError": _say_metadata,
    "NoCredentialsError": _say_none,
    "PartialCredentialsError": _say_partial,
    "ProfileNotFound": _no_profile,
}
