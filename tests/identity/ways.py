"""The ways to credentials: the configuration of each, who signs in the end, and what STS is asked on the way."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import apigw_magic
from apigw_magic.models import Headers, Reply
from tests.connection.fakes import FakeApi
from tests.identity.local_sts import ACCOUNT, keys_of, read_signer
from tests.identity.portals import CONTAINER_TOKEN, START_URL, in_seconds

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from apigw_magic import Connection
    from apigw_magic.models import SignedRequest
    from tests.identity.portals import SsoPortal

REGION = "eu-west-1"
URL = f"https://a1b2c3d4e5.execute-api.{REGION}.amazonaws.com/prod"
ROLE = f"arn:aws:iam::{ACCOUNT}:role"

# Prints keys as a credential_process does, and says something secret on the side: KEY, then seconds or nothing.
PROCESS = """
import json, sys
from datetime import datetime, timedelta, timezone
open(__file__ + ".runs", "a").write("once ")
key, *seconds = sys.argv[1:]
given = {"Version": 1, "AccessKeyId": key, "SecretAccessKey": f"invented secret of {key}"}
if seconds:
    ends = datetime.now(timezone.utc) + timedelta(seconds=int(seconds[0]))
    given |= {"SessionToken": f"invented token of {key}", "Expiration": ends.isoformat()}
print("invented secret on the side", file=sys.stderr)
print(json.dumps(given))
"""

# The Regions of the profiles are others than the connection's, and the global STS is asked for.
CONFIG = f"""
[default]
region = us-west-2
sts_regional_endpoints = legacy
aws_access_key_id = AKIADEFAULT
aws_secret_access_key = invented secret of AKIADEFAULT

[profile keys]
region = us-west-2
aws_access_key_id = AKIAKEYS
aws_secret_access_key = invented secret of AKIAKEYS

[profile bare]
region = us-west-2

[profile base]
role_arn = {ROLE}/base
source_profile = keys
region = ap-southeast-2
sts_regional_endpoints = legacy

[profile top]
role_arn = {ROLE}/team/top
source_profile = base
duration_seconds = 900
role_session_name = ana
external_id = ext
region = us-east-1

[profile self]
role_arn = {ROLE}/base
source_profile = self
aws_access_key_id = AKIASELF
aws_secret_access_key = invented secret of AKIASELF

[profile over-self]
role_arn = {ROLE}/top
source_profile = self

[profile from-environment]
role_arn = {ROLE}/base
credential_source = Environment

[profile from-container]
role_arn = {ROLE}/base
credential_source = EcsContainer

[profile from-instance]
role_arn = {ROLE}/base
credential_source = Ec2InstanceMetadata

[profile process]
credential_process = {{process}} AKIAPROCESS

[profile process-ends]
credential_process = {{process}} ASIAPROCESS 300

[profile from-process]
role_arn = {ROLE}/base
source_profile = process

[profile web]
role_arn = {ROLE}/web
web_identity_token_file = {{home}}/token
role_session_name = ana

[profile from-web]
role_arn = {ROLE}/base
source_profile = web

[profile sso-old]
sso_start_url = {START_URL}
sso_region = us-east-2
sso_account_id = {ACCOUNT}
sso_role_name = viewer

[profile sso]
sso_session = work
sso_account_id = {ACCOUNT}
sso_role_name = viewer

[sso-session work]
sso_start_url = {START_URL}
sso_region = us-east-2
sso_registration_scopes = sso:account:access

[profile login]
region = ca-central-1
login_session = arn:aws:iam::{ACCOUNT}:user/ana

[profile from-sso]
role_arn = {ROLE}/base
source_profile = sso
"""


class Home:
    """A machine as boto3 sees it: a home directory, logged in to SSO, and an environment that leads to servers here.

    Args:
        path: the home directory.
        sts: where STS is.
        sso: the portal of its logins.
        metadata: where the services of the instance and of the container are.

    Attributes:
        environ: what has to be in the environment.
    """

    def __init__(self, path: Path, sts: str, sso: SsoPortal, metadata: str = "") -> None:
        self.path = path
        self.sso = sso
        self.places = {
            "ends": in_seconds(7200),
            "home": str(path),
            "metadata": metadata,
            "process": f'"{sys.executable}" "{path}/process.py"',
        }
        self.environ = {
            "AWS_DEFAULT_REGION": "us-west-2",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_ENDPOINT_URL_SSO": sso.url,
            "AWS_ENDPOINT_URL_SSO_OIDC": sso.url,
            "AWS_ENDPOINT_URL_STS": sts,
            "AWS_STS_REGIONAL_ENDPOINTS": "legacy",
            "HOME": str(path),
        }
        (path / ".aws").mkdir(exist_ok=True)
        (path / "token").write_text("invented web token")
        (path / "process.py").write_text(PROCESS)
        self.write("config", CONFIG.format_map(self.places))
        self.write("credentials", write_keys("old", "AKIAOLD"))
        sso.log_in(path)
        sso.log_in(path, session="work")

    @property
    def runs(self) -> int:
        """How often the program was run."""
        runs = self.path / "process.py.runs"
        return len(runs.read_text().split()) if runs.exists() else 0

    def write(self, name: str, content: str) -> None:
        """Write a file of `~/.aws`."""
        (self.path / ".aws" / name).write_text(content)


def write_keys(profile: str, key: str) -> str:
    """Return a section of the credentials file; keys of a session have their token."""
    keys = keys_of(key, token=key.startswith("ASIA"))
    token = f"aws_session_token = {keys.session_token}\n" if keys.session_token else ""
    return f"[{profile}]\naws_access_key_id = {key}\naws_secret_access_key = {keys.secret_access_key}\n{token}"


def in_environment(key: str, *, token: bool = False) -> dict[str, str]:
    """Return the variables that hold keys."""
    keys = keys_of(key, token=token)
    given = {"AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": keys.secret_access_key}
    return given | ({"AWS_SESSION_TOKEN": keys.session_token} if keys.session_token else {})


def who(request: SignedRequest) -> str:
    """Return who signed a request for the API: the key id, after the signature is verified by its secret."""
    fields = {name.lower(): value for name, value in request.headers}
    target = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    key, scope = read_signer(request.method, target, fields, request.content)
    assert scope == f"{REGION}/execute-api"
    assert ("x-amz-security-token" in fields) == key.startswith("ASIA")
    return key


@dataclass(frozen=True)
class Way:
    """A way to credentials.

    Attributes:
        key: who signs in the end.
        source: how that reads.
        profile: that is named; None for what the environment says.
        environ: variables; what is in braces is filled in.
        hops: the roles that STS is asked for on the way, each with who asks; nobody, of a web identity.
        lasts: seconds; None for ever.
    """

    key: str
    source: tuple[str, ...]
    profile: str | None = None
    environ: dict[str, str] = field(default_factory=dict)
    hops: tuple[tuple[str, str], ...] = ()
    lasts: float | None = None


CONTAINER = {
    "AWS_CONTAINER_CREDENTIALS_FULL_URI": "{metadata}/task",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN": CONTAINER_TOKEN,
}
INSTANCE = {"AWS_EC2_METADATA_SERVICE_ENDPOINT": "{metadata}", "AWS_EC2_METADATA_DISABLED": "false"}
POD = {"AWS_ROLE_ARN": f"{ROLE}/pod", "AWS_WEB_IDENTITY_TOKEN_FILE": "{home}/token"}

WAYS = {
    "environment": Way("AKIAENV", ("environment variables",), environ=in_environment("AKIAENV")),
    "environment, with a token": Way(
        "ASIAENV", ("environment variables",), environ=in_environment("ASIAENV", token=True)
    ),
    "environment, with an end": Way(
        "ASIAENV",
        ("environment variables",),
        environ=in_environment("ASIAENV", token=True) | {"AWS_CREDENTIAL_EXPIRATION": "{ends}"},
        lasts=7200,
    ),
    "environment before AWS_PROFILE": Way(
        "AKIAENV", ("environment variables",), environ=in_environment("AKIAENV") | {"AWS_PROFILE": "keys"}
    ),
    "profile before environment": Way(
        "AKIAKEYS", ("profile keys (config file)",), "keys", environ=in_environment("AKIAENV")
    ),
    "default profile": Way("AKIADEFAULT", ("profile default (config file)",)),
    "profile": Way("AKIAKEYS", ("profile keys (config file)",), "keys"),
    "AWS_PROFILE": Way("AKIAKEYS", ("profile keys (config file)",), environ={"AWS_PROFILE": "keys"}),
    "credentials file": Way("AKIAOLD", ("profile old (credentials file)",), "old"),
    "role of a profile": Way(
        "ASIABASE1", ("profile keys", "role base"), "base", hops=(("base", "AKIAKEYS"),), lasts=3600
    ),
    "role of a profile's role": Way(
        "ASIATOP1",
        ("profile keys", "role base", "role top"),
        "top",
        hops=(("base", "AKIAKEYS"), ("top", "ASIABASE1")),
        lasts=900,
    ),
    "role and keys in one profile": Way(
        "ASIABASE1", ("profile self", "role base"), "self", hops=(("base", "AKIASELF"),), lasts=3600
    ),
    "role of a profile with keys, whose own role is passed by": Way(
        "ASIATOP1", ("profile self", "role top"), "over-self", hops=(("top", "AKIASELF"),), lasts=3600
    ),
    "role from the environment": Way(
        "ASIABASE1",
        ("environment variables", "role base"),
        "from-environment",
        in_environment("AKIAENV"),
        (("base", "AKIAENV"),),
        3600,
    ),
    "role from a container": Way(
        "ASIABASE1", ("container role", "role base"), "from-container", CONTAINER, (("base", "ASIATASK"),), 3600
    ),
    "role from an instance": Way(
        "ASIABASE1", ("instance role", "role base"), "from-instance", INSTANCE, (("base", "ASIAMACHINE"),), 3600
    ),
    "program": Way("AKIAPROCESS", ("profile process (credential_process)",), "process"),
    "program, with an end": Way(
        "ASIAPROCESS", ("profile process-ends (credential_process)",), "process-ends", lasts=300
    ),
    "role from a program": Way(
        "ASIABASE1",
        ("profile process (credential_process)", "role base"),
        "from-process",
        hops=(("base", "AKIAPROCESS"),),
        lasts=3600,
    ),
    "web identity of the environment": Way(
        "ASIAPOD1", ("web identity", "role pod"), environ=POD, hops=(("pod", ""),), lasts=3600
    ),
    "web identity of a profile": Way(
        "ASIAWEB1", ("web identity", "role web"), "web", POD, hops=(("web", ""),), lasts=3600
    ),
    "role from a web identity": Way(
        "ASIABASE1",
        ("web identity", "role web", "role base"),
        "from-web",
        hops=(("web", ""), ("base", "ASIAWEB1")),
        lasts=3600,
    ),
    "container": Way("ASIATASK", ("container role",), "bare", CONTAINER, lasts=21600),
    "instance": Way("ASIAMACHINE", ("instance role",), "bare", INSTANCE, lasts=21600),
    "SSO, older form": Way("ASIAVIEWER1", ("profile sso-old (SSO)",), "sso-old", lasts=28800),
    "SSO": Way("ASIAVIEWER2", ("profile sso (SSO)",), "sso", lasts=28800),
    "role from SSO": Way(
        "ASIABASE1", ("profile sso (SSO)", "role base"), "from-sso", hops=(("base", "ASIAVIEWER2"),), lasts=3600
    ),
}


class Api(FakeApi):
    """An API that tells who signed, and refuses the keys that have ended.

    Attributes:
        ended: key ids.
    """

    def __init__(self) -> None:
        super().__init__()
        self.ended: set[str] = set()

    def __call__(self, request: SignedRequest, *, timeout: float) -> Reply:
        """Answer."""
        reply = super().__call__(request, timeout=timeout)
        if who(request) not in self.ended:
            return reply
        message = b'{"message": "The security token included in the request is expired"}'
        return Reply(403, "Forbidden", Headers([("x-amzn-ErrorType", "ExpiredTokenException")]), message, 0.1)

    @property
    def signers(self) -> list[str]:
        """Who signed each request, by key id."""
        return [who(request) for request in self.requests]


def go(
    way: Way, home: Home, monkeypatch: pytest.MonkeyPatch, role: str | None = None, sts_endpoint: str | None = None
) -> tuple[Connection, Api]:
    """Set the environment of a way, and connect by it to an API that answers."""
    for name, value in way.environ.items():
        monkeypatch.setenv(name, value.format_map(home.places))
    api = Api()
    return apigw_magic.connect(URL, profile=way.profile, role=role, sts_endpoint=sts_endpoint, transport=api), api
