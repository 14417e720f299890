"""`%apigw connect` in a real shell, with an STS and an API on this machine: what is refused, and what is asked for."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from apigw_magic.connection import connect
from apigw_magic.errors import ApigwError, CommandError, CredentialsError
from apigw_magic.identity import wrap_session
from apigw_magic.identity.options import default_session_name
from apigw_magic.magics.connecting import note_place
from tests.magics.fakes import run
from tests.magics.local_sts import (
    ACCOUNT,
    HANG_UP,
    KEY,
    REGION,
    SECRET_KEY,
    TOKEN,
    USER_ARN,
    Answer,
    Local,
    LocalSts,
    read_scope,
    refuse,
    serve,
    serve_both,
    succeed,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from IPython.core.interactiveshell import InteractiveShell

    from apigw_magic.connection import Connection, Response
    from apigw_magic.magics.state import State

API_KEY = "invented-api-key-0123456789"
HOST = "https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com"
URL = f"{HOST}/prod"
ROLE = f"arn:aws:iam::{ACCOUNT}:role"
POLICY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
VALUES = {
    "aws": "arn:aws:iam::aws",
    "bearer": TOKEN,
    "key": API_KEY,
    "line_break": "a\r\nX-Other: b",
    "long": {"Statement": "x" * 2100},
    "nothing": None,
    "number": 5,
    "policy": POLICY,
    "roles": ["reader", "writer"],
    "unnamed": "~nobody-of-this-name/policy.json",
    "void": "",
}


@dataclass(frozen=True)
class Standing:
    """A shell in which all is well: two connections, values in `_` and in `orders`, a last response.

    Attributes:
        shell: the user's.
        state: what its magics keep.
        local: the STS and the API that it talks to.
        folder: the working directory.
        capsys: what is shown.
    """

    shell: InteractiveShell
    state: State
    local: Local
    folder: Path
    capsys: pytest.CaptureFixture[str]

    def refuse(self, line: str, asked: int = 0) -> ApigwError:
        """Run a line that is refused, and see that it costs nothing; `asked` tells how often STS was asked."""
        before = self._look()
        self.local.sts.asked.clear()
        error = run(self.shell, f"%apigw connect {line}").error
        assert isinstance(error, ApigwError)
        assert 2 <= len(error.lines) <= 3
        shown = self.capsys.readouterr().out
        assert shown.splitlines() == list(error.lines)
        assert not [secret for secret in (API_KEY, SECRET_KEY, TOKEN) if secret in shown]
        assert len(self.local.sts.asked) == asked
        assert self._look() == before
        self.local.sts.answers.clear()
        assert run(self.shell, "%apigw /orders --raw").result.status_code == 200
        assert len(self.local.api.sent) == 2
        return error

    def _look(self) -> dict[str, object]:
        """Return what no refusal may change."""
        names = {name: id(value) for name, value in self.shell.user_ns.items() if not name.startswith("_")}
        names |= {name: id(self.shell.user_ns[name]) for name in ("_", "__", "___")}
        last: Response | None = self.state.last
        connections = self.state.connections
        return {
            "connections": [(made.name, id(made), made.seconds_left is None) for made in connections],
            "current": id(connections.current),
            "last": id(last),
            "names": names,
            "sent": len(self.local.api.sent),
        }


@pytest.fixture(scope="module")
def servers() -> Iterator[Local]:
    """The STS and the API of these tests."""
    with serve_both() as made:
        yield made


@pytest.fixture(scope="module")
def former(servers: Local) -> tuple[Connection, Connection]:
    """A connection to the API on another stage, and the one that is current."""
    base = wrap_session(boto3.Session(KEY, SECRET_KEY), REGION, servers.sts_url)
    other = connect(f"{servers.url}-other", name="other", region=REGION, base=base)
    return other, connect(servers.url, role="reader", region=REGION, base=base)


@pytest.fixture
def local(servers: Local, shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Local:
    """The STS and the API, reached from a folder of the test's own."""
    servers.settle(shell, monkeypatch, tmp_path)
    return servers


@pytest.fixture
def standing(
    state: State, local: Local, former: tuple[Connection, Connection], capsys: pytest.CaptureFixture[str]
) -> Standing:
    """A shell in which all is well."""
    shell = state.shell
    for connection in former:
        state.connections.add(connection)
    shell.user_ns.update(VALUES)
    run(shell, "orders = %apigw /orders")
    run(shell, "'underscore'")
    capsys.readouterr()
    return Standing(shell, state, local, Path.cwd(), capsys)


WRONG_URLS = [
    ("a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/prod", ("no scheme and host", "Write it whole: https://")),
    ("localhost:4566/prod", ("no scheme and host",)),
    ("/prod", ("no scheme and host",)),
    ("https:/a1b2c3d4e5/prod", ("no scheme and host",)),
    ("''", ("no scheme and host",)),
    ("https://", ("is not a host name",)),
    (f"{URL}?status=open", ("has a query", f"Write {URL} here")),
    (f"{URL}#orders", ("fragment",)),
    (f"https://ana:{SECRET_KEY[:8]}@a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/prod", ("before the @",)),
    ("http://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/prod", ("Plain http", "Write https://")),
    ("ftp://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/prod", ("'ftp' is not HTTP", "Write https://")),
    (f"{HOST}//prod", ("empty path segment", "Write one slash")),
    (f"{HOST}/%zz", ("is not an escape", "%25")),
    (f"{HOST}/my stage", ("does not take 'stage'", "quote what contains spaces")),
    ("https://exämple.com/v1 --region eu-west-1", ("not ASCII", "xn--")),
    ("https://api.example.com:99999/v1 --region eu-west-1", ("is not a port",)),
    ("https://eu-west-1.console.aws.amazon.com/apigateway/main/apis/a1b2c3d4e5/stages?api=x", ("console", "Stages")),
    ("https://api.example.com/v1", ("api.example.com does not say which Region", "--region eu-west-1")),
    (f"{URL} --region us-east-1", ("--region us-east-1 is not the Region of", "signed for eu-west-1", "Leave out")),
    (f"{URL} --region Ireland", ("'Ireland' is not a Region", "eu-west-1")),
    (f"{URL} --service lambda", ("--service lambda is not the service of", "signed for execute-api", "Leave out")),
    (f"{URL} --service 'My API'", ("is not a service", "execute-api")),
    (f"{URL} {URL}", ("does not take 'https://", "%apigw connect [URL|NAME]")),
    ("{{ no_url }}", ("name 'no_url' is not defined", "Nothing was sent", "Assign no_url first")),
    ("{{ nothing }}", ("{{ nothing }} is missing",)),
    ("{{ roles }}", ("{{ roles }} is a list",)),
    ("reader", ("reader is a connection already", "%apigw use reader")),
    ("a1b2c3d4e5", ("no connection 'a1b2c3d4e5' in a pyproject.toml", "Give the URL: https://")),
]

WRONG_ROLES = [
    ("--role 'two words'", ("'two words' is not a role", f"arn:aws:iam::{'123456789012'}:role/reader")),
    ("--role team/", ("is not a role",)),
    ("--role /reader", ("is not a role",)),
    ("--role arn:aws:iam::12:role/reader", ("is not a role",)),
    (f"--role arn:aws:iam::{ACCOUNT}:user/ana", ("is not a role",)),
    (f"--role arn:aws:sts::{ACCOUNT}:assumed-role/reader/ana", ("is not a role",)),
    ("--role {{ roles }}", ("{{ roles }} is a list",)),
    ("--role {{ nothing }}", ("{{ nothing }} is missing",)),
    ("--role ''", ("--role is empty", "leave it out")),
    ("--role '{{ void }}'", ("--role is empty",)),
    ("--role writer --via 'two words'", ("'two words' is not a role",)),
    ("--role writer --via {{ nowhere }}", ("name 'nowhere' is not defined",)),
    ("--role reader --role writer", ("--role stands 2 times", "Write it once")),
    ("--role", ("--role", "lacks its value", "Write --role ARN|NAME")),
    ("--via hop", ("--via belongs to a role", "Add --role NAME")),
    (f"--mfa-serial arn:aws:iam::{ACCOUNT}:mfa/ana", ("--mfa-serial belongs to a role", "Add --role NAME")),
    ("--external-id abc", ("--external-id belongs to a role", "Add --role NAME")),
    ("--duration 900", ("--duration belongs to a role", "Add --role NAME")),
    ("--session-name ana", ("--session-name belongs to a role", "Add --role NAME")),
    ("--source-identity ana", ("--source-identity belongs to a role", "Add --role NAME")),
    ("--tag team=data", ("--tag belongs to a role", "Add --role NAME")),
    ("--policy '{{ policy }}'", ("--policy belongs to a role", "Add --role NAME")),
    ("--policy-arn arn:aws:iam::aws:policy/ReadOnlyAccess", ("--policy-arn belongs to a role", "Add --role NAME")),
]

# With `--role writer`, of the current connection's base identity.
WRONG_OPTIONS = [
    ("--duration an-hour", ("--duration an-hour is not a time", "--duration 60")),
    ("--duration 3600s", ("--duration 3600s is not a time",)),
    ("--duration 1.5", ("--duration 1.5 is not a whole number", "--duration 900")),
    ("--duration nan", ("--duration nan is not a whole number",)),
    ("--duration 899", ("899 seconds", "--duration 900 to 43200")),
    ("--duration -5", ("-5 seconds", "--duration 900 to 43200")),
    ("--duration 43201", ("43,201 seconds", "--duration 900 to 43200")),
    ("--duration 7200 --via hop", ("7,200 seconds", "an hour at most", "--duration 3600 or less")),
    ("--session-name x", ("'x' is not a session name", "2 to 64")),
    ("--session-name 'my name'", ("is not a session name",)),
    ("--source-identity x", ("'x' is not a source identity", "2 to 64")),
    ("--source-identity aws:x", ("is not a source identity",)),
    ("--external-id x", ("not an external ID", "2 to 1,224")),
    ("--mfa-serial short", ("'short' is not an MFA device", ":mfa/ana")),
    (f"--mfa-serial arn:aws:iam::{ACCOUNT}:mfa/ana", ("MFA code is needed", "no input", "%apigw renew")),
    ("--tag team", ("--tag 'team' has no value", "--tag KEY=VALUE")),
    ("--tag team=a --tag team=b", ("--tag team stands twice", "Keep one")),
    ("--tag team=a --tag Team=b", ("'Team' stands twice", "Keep one")),
    ("--tag aws:x=1", ("'aws:x' is reserved for AWS", "does not start with aws:")),
    ("--tag =data", ("'' is not the key of a session tag", "--tag KEY=VALUE")),
    ("--tag team=50%", ("The value of the session tag 'team' cannot be sent", "256")),
    ("--tag ''", ("--tag is empty",)),
    ("--policy absent.json", ("Cannot read the policy 'absent.json'", "No such file", "relative paths start at")),
    ("--policy folder", ("Cannot read the policy 'folder'", "directory")),
    ("--policy latin-1.json", ("Cannot read the policy 'latin-1.json'", "UTF-8")),
    ("--policy '{{ unnamed }}'", ("Cannot read the policy '~nobody", "home directory", "Write the path")),
    ("--policy no.json", ("not a policy document", "Write JSON")),
    ("--policy list.json", ("not a policy document", "Write JSON")),
    ("--policy '{no JSON'", ("not a policy document", "Write JSON")),
    ("--policy long.json", ("2,1", "characters long", "Shorten it to 2,048", "--policy-arn")),
    ("--policy '{{ long }}'", ("characters long", "Shorten it to 2,048")),
    ("--policy '{{ number }}'", ("a policy document or the path", "type int", "'{{ expr }}' that is a dict")),
    ("--policy '{{ roles }}'", ("a policy document or the path", "type list")),
    ("--policy '{{ polcy }}'", ("name 'polcy' is not defined", "Did you mean policy?")),
    ("--policy ''", ("--policy is empty",)),
    ("--policy-arn ReadOnlyAccess", ("'ReadOnlyAccess' is not the ARN of a managed policy", ":policy/ReadOnlyAccess")),
    (f"--api-key {API_KEY}", ("stay in the notebook", "--api-key '{{ key }}'", "getpass")),
    ("--api-key 'Bearer {{ key }}'", ("--api-key '{{ key }}'",)),
    ("--api-key '{{ key }}{}'", ("--api-key '{{ key }}'",)),
    ("--api-key '{{ number }}'", ("that is text", "--api-key '{{ key }}'")),
    ("--api-key '{{ nothing }}'", ("that is text",)),
    ("--api-key '{{ void }}'", ("that is text",)),
    ("--api-key '{{ kay }}'", ("name 'kay' is not defined", "Did you mean key?")),
    ("--api-key '{{ key + chr(10) }}'", ("x-api-key has a character that HTTP cannot carry",)),
    ("--api-key", ("--api-key", "lacks its value")),
    (f"--api-kye {API_KEY}", ("no option --api-kye", "Did you mean --api-key?")),
    (f"--api-kye={API_KEY}", ("no option --api-kye", "Did you mean --api-key?")),
    ("--header X-Tenant", ("no colon", "--header 'Name: value'")),
    ("--header '{{ bearer }}'", ("no colon", "--header 'Name: value'")),
    ("--header 'X-Tenant: a' --header 'x-tenant: b'", ("--header x-tenant stands twice", "Keep one")),
    ("--header 'Host: other.example.com'", ("Host cannot be set", "Leave it out")),
    ("--header 'Authorization: {{ bearer }}'", ("Authorization cannot be set", "the signature", "Leave it out")),
    ("--header 'X-Amz-Security-Token: {{ bearer }}'", ("X-Amz-Security-Token cannot be set",)),
    ("--header 'X-Tenant: {{ line_break }}'", ("X-Tenant has a character that HTTP cannot carry",)),
    ("--header 'X Tenant: a'", ("'X Tenant' is not a header name", "Name: value")),
    ("--header ': a'", ("'' is not a header name",)),
    ("--timeout soon", ("--timeout soon is not a time",)),
    ("--timeout 0", ("not a time to wait", "up to 3600")),
    ("--timeout -1", ("not a time to wait",)),
    ("--timeout nan", ("not a time to wait",)),
    ("--timeout 1e9", ("not a time to wait", "up to 3600")),
    ("--name 'my name'", ("'my name' cannot name a connection", "without spaces")),
    ("--name a/b", ("'a/b' cannot name a connection",)),
    ("--name a --name b", ("--name stands 2 times",)),
    ("--region Ireland", ("'Ireland' is not a Region",)),
    ("--region '{{ void }}'", ("--region is empty",)),
    ("--service '{{ void }}'", ("--service is empty",)),
    ("--service Lambda", ("'Lambda' is not a service",)),
    ("--sts-endpoint sts.example.com", ("'sts.example.com' is not an endpoint", "no scheme and host", "https://sts.")),
    ("--sts-endpoint http://sts.example.com", ("is not an endpoint", "Plain http", "https://sts.")),
    ("--sts-endpoint ftp://sts.example.com", ("'ftp' is not HTTP",)),
    ("--profile wrok", ("no AWS profile 'wrok'", "Profiles here: work, home", "Did you mean --profile work?")),
    ("--profile elsewhere", ("no AWS profile 'elsewhere'", "Profiles here: work, home", "~/.aws/config")),
    ("--profile ''", ("--profile is empty",)),
    ("--rol x", ("%apigw connect has no option --rol", "Did you mean --role?")),
    ("--external_id x", ("no option --external_id", "Did you mean --external-id?")),
    ("--quiet", ("no option --quiet", "-h shows what it takes")),
    ("--protected yes", ("no connection 'yes' in a pyproject.toml",)),
    ("--session-name 'open", ("not closed", "Close it")),
    ("--session-name {{ open", ("{{ without }}",)),
]


def _write_policies(folder: Path) -> None:
    (folder / "folder").mkdir()
    (folder / "latin-1.json").write_bytes('{"Statement": "é"}'.encode("latin-1"))
    (folder / "list.json").write_text("[1]")
    (folder / "long.json").write_text(json.dumps(VALUES["long"]))
    (folder / "no.json").write_text("{no JSON")


@pytest.mark.parametrize(
    ("line", "words"),
    [*WRONG_URLS, *WRONG_ROLES, *((f"--role writer {line}", words) for line, words in WRONG_OPTIONS)],
)
def test_what_is_refused_before_anything_is_sent(standing: Standing, line: str, words: tuple[str, ...]) -> None:
    """A wrong argument fails the cell in two or three lines, nothing is asked or sent, and nothing is lost."""
    _write_policies(standing.folder)
    told = str(standing.refuse(line))
    assert [word for word in words if word not in told] == []


TABLE = "[tool.apigw_magic.connections.orders]\n"
WRONG_FILES = [
    (f'{TABLE}url = "{URL}"', "ordes", ("no connection 'ordes'", "Connections there: orders", "Did you mean orders?")),
    (f'{TABLE}url = "{URL}"', "Orders", ("no connection 'Orders'", "Did you mean orders?")),
    (f'{TABLE}url = "{URL}"', "billing", ("no connection 'billing'", "Connections there: orders", "Give the URL")),
    (f'{TABLE}url = "{URL}"', "reader", ("reader is a connection already", "%apigw use reader")),
    (f'{TABLE}url = "{URL}"', "orders --duration 900", ("--duration belongs to a role", "Add --role NAME")),
    (f'{TABLE}url = "{URL}"', "orders --region us-east-1", ("--region us-east-1 is not the Region of",)),
    (f'{TABLE}url = "{URL}?a=b"', "orders", ("has a query",)),
    (f'{TABLE}url = "{URL}"\nprofile = "wrok"', "orders", ("no AWS profile 'wrok'", "Did you mean --profile work?")),
    (f'{TABLE}url = "{URL}"\nrole = "two words"', "orders", ("'two words' is not a role",)),
    (f'{TABLE}url = "{URL}"\nrole = "x"\nduration = 5', "orders", ("5 seconds", "900 to 43200")),
    (f'{TABLE}url = "{URL}"\nduration = "1 h"', "orders", ("pyproject.toml", "duration", "Write a whole number")),
    (f'{TABLE}urll = "{URL}"', "orders", ("pyproject.toml", "unknown key urll", "Did you mean url?")),
    (f'{TABLE}role = "x"', "orders", ("pyproject.toml", "has no url", 'Write url = "https://')),
    (f'{TABLE}url = "{URL}"\napi-key = "{API_KEY}"', "orders", ("pyproject.toml", "the key api-key", "Take it out")),
    (f'{TABLE}url = "{URL}"\nsts-endpoint = "x"', "orders", ("pyproject.toml", "sts-endpoint", "Take it out")),
    ("[tool.apigw_magic.connections.orders\n", "orders", ("pyproject.toml is not valid TOML", "line 1", "Correct it")),
    ("[tool.apigw_magic.connections.orders\n", "reader", ("pyproject.toml is not valid TOML",)),
    ("", "orders", ("no connection 'orders' in a pyproject.toml", "Give the URL")),
]


@pytest.mark.parametrize(("content", "line", "words"), WRONG_FILES)
def test_what_a_file_cannot_say(standing: Standing, content: str, line: str, words: tuple[str, ...]) -> None:
    """A wrong name or a wrong pyproject.toml fails alike; what it says that is wrong is named, secrets are not."""
    (standing.folder / "pyproject.toml").write_text(content)
    told = str(standing.refuse(line))
    assert [word for word in words if word not in told] == []


DENIED = f"User: {USER_ARN} is not authorized to perform: sts:AssumeRole on resource: {ROLE}/writer"
CLOCK = "Signature expired: 20300101T000000Z is now earlier than 20300101T010000Z (20300101T011500Z - 15 min.)"
LENGTH = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
LONG = "1 validation error detected: Value '43200' at 'durationSeconds' failed to satisfy constraint: Member must have value less than or equal to 3600"  # noqa: E501 - AWS's own line
DISABLED = f"STS is not activated in this region for account:{ACCOUNT}. Your account administrator can activate it."
MISMATCH = "The request signature we calculated does not match the signature you provided."
REFUSALS = [
    (refuse("AccessDenied", DENIED), "sts_assume_denied", ("STS does not let writer be assumed",)),
    (
        refuse("AccessDenied", f"{DENIED} because no identity-based policy allows the sts:AssumeRole action"),
        "sts_identity_implicit",
        (f"No policy of {USER_ARN} allows sts:AssumeRole", "Check the role's name"),
    ),
    (
        refuse("AccessDenied", f"{DENIED} because no role trust policy allows the sts:AssumeRole action"),
        "sts_trust_implicit",
        ("trust policy does not name", USER_ARN, "--external-id"),
    ),
    (
        refuse("AccessDenied", f"{DENIED} because no resource-based policy allows the sts:AssumeRole action"),
        "sts_trust_implicit",
        ("trust policy does not name", USER_ARN),
    ),
    (
        refuse("AccessDenied", f"{DENIED} with an explicit deny in an identity-based policy"),
        "sts_identity_explicit",
        ("A Deny in the policies of", USER_ARN),
    ),
    (
        refuse("AccessDenied", f"{DENIED} because no permissions boundary allows the sts:AssumeRole action"),
        "sts_boundary",
        ("permissions boundary",),
    ),
    (refuse("AccessDenied"), "sts_denied", ("403 AccessDenied", "writer")),
    (refuse("ExpiredToken", "The security token included in the request is expired"), "sts_expired", ("expired",)),
    (
        refuse("InvalidClientTokenId", "The security token included in the request is invalid."),
        "sts_bad_key",
        ("access key", "--profile NAME"),
    ),
    (refuse("SignatureDoesNotMatch", MISMATCH), "sts_sig", ("signature", "secret key")),
    (refuse("SignatureDoesNotMatch", CLOCK), "sts_clock", ("clock", "Set the clock")),
    (refuse("RegionDisabledException", DISABLED), "sts_region_disabled", ("Region", "activate")),
    (refuse("ValidationError", LENGTH, 400), "sts_duration", ("writer", "--duration")),
    (refuse("ValidationError", LONG, 400), "sts_validation", ("durationSeconds", "less than or equal to 3600")),
    (refuse("MalformedPolicyDocument", "Syntax errors in policy.", 400), "sts_malformed_policy", ("--policy",)),
    (
        refuse("PackedPolicyTooLarge", "Packed policy consumes 112% of allotted space", 400),
        "sts_packed",
        ("112%", "--policy"),
    ),
]


@pytest.mark.parametrize(
    ("answer", "kind", "words"), REFUSALS, ids=[f"{kind}-{n}" for n, (_, kind, _) in enumerate(REFUSALS)]
)
def test_a_role_that_sts_refuses(standing: Standing, answer: Answer, kind: str, words: tuple[str, ...]) -> None:
    """STS's refusal is explained; it is asked once, nothing goes to the API, and nothing is lost."""
    standing.local.sts.answers["AssumeRole"] = answer
    error = standing.refuse("--role writer", asked=1)
    assert isinstance(error, CredentialsError)
    assert error.explanation is not None
    assert error.explanation.kind == kind
    assert [word for word in words if word not in str(error)] == []


HTML = "<html><body>Please log in to the proxy</body></html>"
LACKING = f"<Credentials><AccessKeyId>ASIAEXAMPLE</AccessKeyId><SessionToken>{TOKEN}</SessionToken></Credentials>"
# What is no answer of STS's; the last number tells how often it is asked: what may be passing is tried again.
ODD_ANSWERS = [
    ("fault", Answer("", 500), "500", 3),
    ("unavailable", refuse("ServiceUnavailable", "Try later.", 503), "503", 3),
    ("page", Answer(HTML, media_type="text/html"), "", 1),
    ("empty", Answer(""), "not STS", 1),
    ("empty refusal", Answer("", 403), "not STS", 1),
    ("JSON", Answer("{}", 403, "application/json"), "not STS", 1),
    ("closed connection", HANG_UP, "STS cannot be reached", 3),
    ("other XML", Answer("<a><b/></a>"), "", 1),
    ("no credentials", succeed("AssumeRole", ""), "", 1),
    ("no secret key", succeed("AssumeRole", LACKING), "", 1),
]


@pytest.mark.parametrize(
    ("answer", "words", "asked"), [row[1:] for row in ODD_ANSWERS], ids=[row[0] for row in ODD_ANSWERS]
)
def test_an_answer_that_is_none(standing: Standing, answer: Answer, words: str, asked: int) -> None:
    """A fault, a page, an empty answer, none at all, or one without credentials: an error, and nothing is lost."""
    standing.local.sts.answers["AssumeRole"] = answer
    error = standing.refuse("--role writer", asked=asked)
    assert isinstance(error, CredentialsError)
    assert words in str(error)
    assert HTML not in str(error)


@pytest.mark.parametrize("line", ["{url} --region {region}", "{url} --region {region} --role writer"])
def test_base_credentials_that_sts_refuses(standing: Standing, line: str) -> None:
    """Base credentials that have expired are refused at once, before any role is asked for."""
    standing.local.sts.answers["GetCallerIdentity"] = refuse("ExpiredToken", "The provided token has expired.")
    error = standing.refuse(line.format(url=standing.local.url, region=REGION), asked=1)
    assert error.explanation is not None
    assert error.explanation.kind == "sts_expired"


def test_a_duration_that_a_role_session_cannot_ask_for(standing: Standing) -> None:
    """Who the base identity is decides whether more than an hour can be had; the role is not asked for in vain."""
    standing.local.sts.arn = f"arn:aws:sts::{ACCOUNT}:assumed-role/base/ana"
    line = f"{standing.local.url} --region {REGION} --role {ROLE}/writer --duration 7200"
    error = standing.refuse(line, asked=1)
    assert isinstance(error, CommandError)
    assert "an hour at most" in error.why
    assert standing.local.sts.actions == ["GetCallerIdentity"]


def test_the_same_name_is_replaced_by_what_works(standing: Standing) -> None:
    """A connection is replaced when the new one works, and only then; the order stays."""
    standing.local.sts.answers["AssumeRole"] = refuse("AccessDenied", DENIED)
    standing.refuse("--role reader --duration 900", asked=1)
    before = standing.state.connections.find("reader")
    assert run(standing.shell, "%apigw connect --role reader --duration 900").success
    after = standing.state.connections.find("reader")
    assert after is not before
    assert standing.state.connections.current is after
    assert [connection.name for connection in standing.state.connections] == ["other", "reader"]
    assert after.seconds_left is not None
    assert 800 < after.seconds_left <= 900


ASKED = [
    ("--role writer", {"RoleArn": f"{ROLE}/writer", "RoleSessionName": default_session_name()}),
    ("--role {{ roles[1] }}", {"RoleArn": f"{ROLE}/writer"}),
    ("--role team/data/writer", {"RoleArn": f"{ROLE}/team/data/writer"}),
    ("--role arn:aws:iam::444455556666:role/writer", {"RoleArn": "arn:aws:iam::444455556666:role/writer"}),
    ("--role=writer", {"RoleArn": f"{ROLE}/writer"}),
    ('--role "writer"', {"RoleArn": f"{ROLE}/writer"}),
    ("--role writer --external-id a/b:c=d", {"ExternalId": "a/b:c=d"}),
    ("--role writer --external-id {{ 'a' + 'b' }}", {"ExternalId": "ab"}),
    ("--role writer --external-id=--x", {"ExternalId": "--x"}),
    ("--role writer --duration 1800", {"DurationSeconds": "1800"}),
    ("--role writer --duration {{ 60 * 30 }}", {"DurationSeconds": "1800"}),
    ("--role writer --session-name ana", {"RoleSessionName": "ana"}),
    ("--role writer --session-name {{ 'ana' }}@host", {"RoleSessionName": "ana@host"}),
    ("--role writer --source-identity {{ 'ana' }}", {"SourceIdentity": "ana"}),
    ("--role writer --tag team=data", {"Tags.member.1.Key": "team", "Tags.member.1.Value": "data"}),
    (
        "--role writer --tag 'cost centre=North = 7' --tag=empty= --tag n={{ number }}",
        {
            "Tags.member.1.Key": "cost centre",
            "Tags.member.1.Value": "North = 7",
            "Tags.member.2.Key": "empty",
            "Tags.member.2.Value": "",
            "Tags.member.3.Key": "n",
            "Tags.member.3.Value": "5",
        },
    ),
    ("--role writer --policy '{{ policy }}'", {"Policy": json.dumps(POLICY)}),
    ("--role writer --policy {{policy}}", {"Policy": json.dumps(POLICY)}),
    ("--role writer --policy '{{ repr(policy).replace(chr(39), chr(34)) }}'", {"Policy": json.dumps(POLICY)}),
    ("--role writer --policy 'my policies/read only.json'", {"Policy": json.dumps(POLICY)}),
    ("--role writer --policy 'my policies/{{ \"read only\" }}.json'", {"Policy": json.dumps(POLICY)}),
    ("--role writer --policy '{{ folder / \"read only.json\" }}'", {"Policy": json.dumps(POLICY)}),
    ("--role writer --policy '~/read only.json'", {"Policy": json.dumps(POLICY)}),
    (
        "--role writer --policy-arn arn:aws:iam::aws:policy/ReadOnlyAccess --policy-arn {{ aws }}:policy/X",
        {
            "PolicyArns.member.1.arn": "arn:aws:iam::aws:policy/ReadOnlyAccess",
            "PolicyArns.member.2.arn": "arn:aws:iam::aws:policy/X",
        },
    ),
]


@pytest.mark.parametrize(("line", "expected"), ASKED)
def test_what_sts_is_asked_for(
    standing: Standing, line: str, expected: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each option reaches STS as it was written, `{{ }}`, spaces and quotes included."""
    folder = standing.folder / "my policies"
    folder.mkdir()
    (folder / "read only.json").write_text(json.dumps(POLICY), encoding="utf-8-sig")
    standing.shell.user_ns["folder"] = folder
    monkeypatch.setenv("HOME", str(folder))
    standing.local.sts.asked.clear()
    assert run(standing.shell, f"%apigw connect {line}").success
    (asked,) = standing.local.sts.assumed
    assert {name: asked.get(name) for name in expected} == expected
    assert set(asked) == {"RoleArn", "RoleSessionName", *expected}
    assert standing.state.connections.find().name == "writer"


def test_a_chain_of_roles(standing: Standing, monkeypatch: pytest.MonkeyPatch) -> None:
    """MFA and source identity go to the first role, the session name to all, the rest to the last."""
    monkeypatch.setattr("getpass.getpass", lambda _prompt: "123456")  # as a kernel does while a cell runs
    device = f"arn:aws:iam::{ACCOUNT}:mfa/ana"
    line = (
        f"--via hop --via {{{{ 'arn:aws:iam::444455556666:role/far' }}}} --role writer --mfa-serial '{device}' "
        "--source-identity ana --session-name s1 --external-id ext --tag a=b --duration 900"
    )
    assert run(standing.shell, f"%apigw connect {line}").success
    assert standing.local.sts.assumed == [
        {
            "RoleArn": f"{ROLE}/hop",
            "RoleSessionName": "s1",
            "SerialNumber": device,
            "TokenCode": "123456",
            "SourceIdentity": "ana",
        },
        {"RoleArn": "arn:aws:iam::444455556666:role/far", "RoleSessionName": "s1"},
        {
            "RoleArn": f"{ROLE}/writer",
            "RoleSessionName": "s1",
            "ExternalId": "ext",
            "DurationSeconds": "900",
            "Tags.member.1.Key": "a",
            "Tags.member.1.Value": "b",
        },
    ]
    assert [key[:4] for key in standing.local.sts.keys] == ["AKID", "ASIA", "ASIA"]
    connection = standing.state.connections.find()
    assert connection.source == ("given keys", "role hop", "role far", "role writer")


SENT = [
    ("--api-key '{{ key }}'", {"x-api-key": API_KEY}),
    ("--api-key {{key}}", {"x-api-key": API_KEY}),
    ("--api-key '{{ key[:8] }}{{ key[8:] }}'", {"x-api-key": API_KEY}),
    ("--header 'X-Tenant: north 7'", {"x-tenant": "north 7"}),
    ('--header "X-Tenant: O\'Brien" --header \'X-Note: "so"\'', {"x-tenant": "O'Brien", "x-note": '"so"'}),
    ("--header 'X-Tenant: a: b'", {"x-tenant": "a: b"}),
    ("--header 'X-{{ \"Tenant\" }}: {{ number }}'", {"x-tenant": "5"}),
    ("--header X-Tenant:", {"x-tenant": ""}),
]


@pytest.mark.parametrize(("line", "expected"), SENT)
def test_what_goes_with_every_request(standing: Standing, line: str, expected: dict[str, str]) -> None:
    """API key and headers are sent with each request, signed, and shown nowhere."""
    for cell in (f"%apigw connect --role writer {line}", "%apigw", "%apigw whoami", "%apigw /orders --dry-run"):
        assert run(standing.shell, cell).success
    assert run(standing.shell, "%apigw /orders").success
    _, headers = standing.local.api.sent[-1]
    assert {name: headers.get(name) for name in expected} == expected
    assert ("x-api-key" in headers["authorization"]) == ("x-api-key" in expected)
    assert API_KEY not in standing.capsys.readouterr().out


def test_profile_region_and_service(standing: Standing) -> None:
    """The profile's keys ask, of the Region's STS; requests are signed for Region and service."""
    line = (
        "{{ url }}/v1 --profile {{ 'work' }} --region us-west-2 --service {{ 'lambda' }} --role {{ roles[0] }} --name n"
    )
    standing.shell.user_ns["url"] = standing.local.url
    assert run(standing.shell, f"%apigw connect {line}").success
    assert [(scope[0], scope[2], scope[3]) for scope in standing.local.sts.scopes] == [
        ("AKIDWORK", "us-west-2", "sts")
    ] * 2
    assert run(standing.shell, "%apigw /orders").success
    target, headers = standing.local.api.sent[-1]
    assert target == "/prod/v1/orders"
    assert read_scope(headers)[2:] == ["us-west-2", "lambda"]


def test_another_sts(standing: Standing) -> None:
    """`--sts-endpoint` names the STS that is asked, and the configured one is not."""
    other = LocalSts()
    with serve(other.answer) as endpoint:
        standing.shell.user_ns["endpoint"] = endpoint
        assert run(standing.shell, "%apigw connect --role writer --sts-endpoint {{ endpoint }}").success
    assert other.actions == ["AssumeRole"]
    assert standing.local.sts.actions == []


def test_protected_and_timeout(standing: Standing) -> None:
    """A protected connection wants `--yes` for what may change something; the timeout is the connection's."""
    assert run(standing.shell, "%apigw connect --role writer --protected --timeout {{ 2 + 0.5 }} --name safe").success
    connection = standing.state.connections.find("safe")
    assert connection.protected
    assert connection._defaults.timeout == 2.5
    refused = run(standing.shell, "%apigw POST /orders -d '{}'")
    assert "safe is protected" in str(refused.error)
    assert len(standing.local.api.sent) == 1
    assert run(standing.shell, "%apigw POST /orders -d '{}' --yes").success


def test_without_a_url(standing: Standing) -> None:
    """Base URL, Region and base identity are the current connection's; who the base is need not be asked again."""
    assert run(standing.shell, "%apigw connect --role writer").success
    assert standing.local.sts.actions == ["AssumeRole"]
    reader, writer = (standing.state.connections.find(name) for name in ("reader", "writer"))
    assert (writer.url, writer.region, writer.service) == (reader.url, reader.region, reader.service)
    assert writer.base is reader.base
    run(standing.shell, "%apigw use other")
    assert run(standing.shell, "%apigw connect --role far").success
    assert standing.state.connections.find("far").url == standing.state.connections.find("other").url
    # From a role, the next one is assumed by the base identity, not by that role.
    assert set(standing.local.sts.keys) == {KEY}


def test_what_belongs_to_the_api_stays_with_it(standing: Standing) -> None:
    """Another role for the same API keeps key, headers, timeout and protection; the line wins; a URL drops them."""
    shell, sent = standing.shell, standing.local.api.sent
    shell.user_ns["url"] = standing.local.url
    first = "--api-key '{{ key }}' --header 'X-Tenant: a' --header 'X-Team: b' --timeout 7 --protected"
    assert run(shell, f"%apigw connect {{{{ url }}}} --region {REGION} --name first {first}").success
    assert run(shell, "%apigw connect --role writer --header 'x-tenant: c'").success
    assert run(shell, "%apigw /orders").success
    headers = sent[-1][1]
    assert (headers["x-api-key"], headers["x-tenant"], headers["x-team"]) == (API_KEY, "c", "b")
    assert standing.state.connections.find().hand_on().timeout == 7
    assert "writer is protected" in str(run(shell, "%apigw POST /orders -d '{}'").error)
    assert run(shell, f"%apigw connect {{{{ url }}}} --region {REGION} --role writer").success
    assert run(shell, "%apigw POST /orders -d '{}'").success
    assert {"x-api-key", "x-tenant", "x-team"} & set(sent[-1][1]) == set()


def test_a_url_starts_anew(standing: Standing, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a URL the credentials are found anew: those of one API are not taken to another unless asked."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDANOTHER")
    assert run(standing.shell, f"%apigw connect {standing.local.url} --region {REGION} --name anew").success
    assert standing.local.sts.keys == ["AKIDANOTHER"]


def test_the_first_connection(shell: InteractiveShell, state: State, local: Local) -> None:
    """Without a connection a URL is needed; the first good line makes one."""
    refused = run(shell, "%apigw connect --role reader")
    assert "no URL to connect to" in str(refused.error)
    assert "https://API.execute-api.REGION.amazonaws.com/STAGE" in str(refused.error)
    assert local.sts.asked == []
    assert list(state.connections) == []
    assert run(shell, f"%apigw connect {local.url} --region {REGION} --role reader").success
    assert run(shell, "%apigw /orders").success


FILE = """\
[tool.apigw_magic.connections.orders]
url = "{url}"
region = "eu-west-1"
profile = "work"
role = "orders-reader"
external-id = "ext"
session_name = "from-file"

[tool.apigw_magic.connections."orders.v2"]
url = "{url}/v2"
region = "eu-west-1"
"""


@pytest.mark.parametrize(
    ("line", "name", "expected"),
    [
        ("orders", "orders", {"RoleArn": f"{ROLE}/orders-reader", "RoleSessionName": "from-file", "ExternalId": "ext"}),
        ("{{ 'orders' }}", "orders", {"RoleArn": f"{ROLE}/orders-reader"}),
        ("orders --role writer", "writer", {"RoleArn": f"{ROLE}/writer", "RoleSessionName": "from-file"}),
        ("orders --external-id mine --session-name me", "orders", {"ExternalId": "mine", "RoleSessionName": "me"}),
        ("orders --name mine --duration 900", "mine", {"DurationSeconds": "900", "ExternalId": "ext"}),
    ],
)
def test_a_name_of_the_project(standing: Standing, line: str, name: str, expected: dict[str, str]) -> None:
    """What pyproject.toml says counts where the line says nothing; where it stands is shown."""
    (standing.folder / "pyproject.toml").write_text(FILE.format(url=standing.local.url))
    assert run(standing.shell, f"%apigw connect {line}").success
    assert standing.capsys.readouterr().out.rstrip().endswith(" min left), from pyproject.toml · current")
    (asked,) = standing.local.sts.assumed
    assert {key: asked.get(key) for key in expected} == expected
    assert set(standing.local.sts.keys) == {"AKIDWORK"}
    assert standing.state.connections.find().name == name


def test_a_profile_on_the_line_wins(standing: Standing) -> None:
    """The line's profile is asked, not the file's."""
    (standing.folder / "pyproject.toml").write_text(FILE.format(url=standing.local.url))
    assert run(standing.shell, "%apigw connect orders --profile home").success
    assert set(standing.local.sts.keys) == {"AKIDHOME"}


def test_a_name_of_the_project_twice(standing: Standing) -> None:
    """The second time the connection is replaced, by what the file says then."""
    file = standing.folder / "pyproject.toml"
    file.write_text(FILE.format(url=standing.local.url))
    assert run(standing.shell, "%apigw connect orders").success
    file.write_text(FILE.format(url=standing.local.url).replace("orders-reader", "other-role"))
    assert run(standing.shell, "%apigw connect orders").success
    assert standing.local.sts.assumed[-1]["RoleArn"] == f"{ROLE}/other-role"
    assert [connection.name for connection in standing.state.connections] == ["other", "reader", "orders"]
    file.unlink()
    assert "orders is a connection already" in str(run(standing.shell, "%apigw connect orders").error)
    assert run(standing.shell, "%apigw use orders").success


def test_a_name_with_a_dot(standing: Standing) -> None:
    """A quoted table's name may have a dot, and is no host."""
    (standing.folder / "pyproject.toml").write_text(FILE.format(url=standing.local.url))
    assert run(standing.shell, "%apigw connect orders.v2").success
    assert standing.state.connections.find().url.endswith("/prod/v2")


@pytest.mark.parametrize(
    ("folder", "home", "shown"),
    [
        ("", "elsewhere", "from pyproject.toml"),
        ("notebooks/deep", "", "from ~/pyproject.toml"),
        ("notebooks/deep", "elsewhere", "from {folder}/pyproject.toml"),
    ],
)
def test_where_the_file_is(
    standing: Standing, folder: str, home: str, shown: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The nearest file above the working directory is taken, and shown as one would write it."""
    (standing.folder / "pyproject.toml").write_text(FILE.format(url=standing.local.url))
    (standing.folder / folder).mkdir(parents=True, exist_ok=True)
    monkeypatch.chdir(standing.folder / folder)
    monkeypatch.setenv("HOME", str(standing.folder / home))
    assert run(standing.shell, "%apigw connect orders").success
    assert shown.format(folder=standing.folder) in standing.capsys.readouterr().out


def test_settings_come_last(standing: Standing) -> None:
    """The usual profile counts where neither line, file nor the connection in use name an identity."""
    (standing.folder / "pyproject.toml").write_text(FILE.format(url=standing.local.url))
    run(standing.shell, "%config ApigwMagics.profile = 'home'")
    assert run(standing.shell, "%apigw connect orders").success
    assert run(standing.shell, "%apigw connect --role writer --name again").success
    assert set(standing.local.sts.keys) == {"AKIDWORK"}
    assert run(standing.shell, f"%apigw connect {standing.local.url} --region {REGION} --role writer").success
    assert standing.local.sts.keys[-1] == "AKIDHOME"


@pytest.mark.parametrize(
    ("url", "noted"), [(HOST, True), (f"{HOST}/", True), (URL, False), ("http://127.0.0.1:1", False)]
)
def test_a_url_without_a_stage(url: str, *, noted: bool) -> None:
    """A stage that may lack is told where there can be one."""
    known: Any = SimpleNamespace(url=url)
    assert bool(note_place(known)) == noted
