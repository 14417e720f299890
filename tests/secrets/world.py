"""A home directory, an environment and an AWS for one run, all full of invented secrets."""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote

from tests.secrets.aws import API, REGION, Aws
from tests.secrets.canaries import SHAPES, Canaries, Plant, make_plants
from tests.secrets.sts import ACCOUNT

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator
    from pathlib import Path

SSO_START = "https://d-1234567890.awsapps.com/start"
MFA = f"arn:aws:iam::{ACCOUNT}:mfa/ana"

_PROFILES = """\
[profile plain]
region = eu-west-1

[profile chained]
role_arn = arn:aws:iam::{account}:role/chained
source_profile = plain

[profile mfa]
role_arn = arn:aws:iam::{account}:role/with-mfa
source_profile = plain
mfa_serial = {mfa}

[profile web]
role_arn = arn:aws:iam::{account}:role/web
web_identity_token_file = {home}/web-token

[profile web-echo]
role_arn = arn:aws:iam::{account}:role/echo
web_identity_token_file = {home}/web-token

[profile mfa-echo]
role_arn = arn:aws:iam::{account}:role/said
source_profile = plain
mfa_serial = {mfa}

[profile container]
role_arn = arn:aws:iam::{account}:role/contained
credential_source = EcsContainer

[profile chained-echo]
role_arn = arn:aws:iam::{account}:role/echo-base64
source_profile = plain

[profile process]
credential_process = cat {home}/process.json
"""


@dataclass
class World:
    """What one run lives in.

    Attributes:
        canaries: the secrets.
        planted: the secrets that the tests themselves spill.
        plants: each of those, and how it is spelt.
        aws: who answers.
        root: the folder of all that is written: `home`, `work` (the working directory), `tmp`.
        ca_file: the certificate authority of the hosts behind the proxy.
        given: the files that were there at the start, with their content.
    """

    canaries: Canaries
    planted: Canaries
    plants: list[Plant]
    aws: Aws
    root: Path
    ca_file: str
    given: dict[Path, bytes] = field(default_factory=dict)

    @property
    def home(self) -> Path:
        """The home directory."""
        return self.root / "home"

    @property
    def work(self) -> Path:
        """The working directory."""
        return self.root / "work"

    @property
    def sts(self) -> str:
        """The STS that is asked without a proxy."""
        return f"http://127.0.0.1:{self.aws.port}"

    def one(self, kind: str) -> str:
        """Return the secret of a kind of which there is one."""
        (value,) = self.canaries.of(kind)
        return value

    def environment(self) -> dict[str, str]:
        """Return the environment variables."""
        password = quote(self.one("proxy password"), safe="")
        home = str(self.home)
        return {
            "AWS_ACCESS_KEY_ID": "ASIAENVIRONMENT",
            "AWS_SECRET_ACCESS_KEY": self.one("secret key of the environment"),
            "AWS_SESSION_TOKEN": self.one("session token of the environment"),
            "AWS_CONFIG_FILE": f"{home}/.aws/config",
            "AWS_SHARED_CREDENTIALS_FILE": f"{home}/.aws/credentials",
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{self.sts}/container/ok",
            "AWS_CONTAINER_AUTHORIZATION_TOKEN": self.one("container authorization token"),
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CA_BUNDLE": self.ca_file,
            "HTTPS_PROXY": f"http://ana:{password}@127.0.0.1:{self.aws.port}",
            "HOME": home,
            "TMPDIR": str(self.root / "tmp"),
            "IPYTHONDIR": f"{home}/.ipython",
            "JUPYTER_CONFIG_DIR": f"{home}/.jupyter",
            "JUPYTER_DATA_DIR": f"{home}/.jupyter",
            "JUPYTER_RUNTIME_DIR": f"{home}/.jupyter/runtime",
            "BOTO_DISABLE_CRT": "true",
        }

    def read_files(self) -> dict[Path, str]:
        """Return what is new or changed below the root, as text."""
        return {
            path: path.read_bytes().decode("utf-8", "replace")
            for path in sorted(self.root.rglob("*"))
            if path.is_file() and self.given.get(path) != path.read_bytes()
        }


@contextmanager
def build_world(root: Path, contexts: tuple[ssl.SSLContext, ssl.SSLContext], ca_file: str) -> Iterator[World]:
    """Build the files and serve."""
    canaries, planted = Canaries(root.name), Canaries(f"planted {root.name}")
    for kind in SHAPES:
        if "role session" not in kind and kind != "signature":
            canaries.make(kind)
    plants = make_plants(planted)
    with Aws(canaries).serve(*contexts) as aws:
        world = World(canaries, planted, plants, aws, root, ca_file)
        keys = "secret key of the {}".format
        aws.know("ASIAENVIRONMENT", keys("environment"), *_pair(world, "environment"))
        aws.know("AKIAFILE", keys("credentials file"), world.one(keys("credentials file")))
        aws.know("AKIAPROCESS", keys("credential_process"), world.one(keys("credential_process")))
        aws.know("ASIACONTAINER", keys("container"), *_pair(world, "container"))
        aws.know("ASIASSO", "secret key of SSO", world.one("secret key of SSO"), world.one("session token of SSO"))
        for folder in ("home/.aws/sso/cache", "home/.ipython", "work", "tmp"):
            (root / folder).mkdir(parents=True)
        for name, text in _write_files(world).items():
            path = root / name
            path.write_text(text)
        world.given.update((path, path.read_bytes()) for path in root.rglob("*") if path.is_file())
        yield world


def _pair(world: World, whose: str) -> tuple[str, str]:
    return world.one(f"secret key of the {whose}"), world.one(f"session token of the {whose}")


def _write_files(world: World) -> dict[str, str]:
    home, process = world.home, world.one("secret key of the credential_process")
    expires = (datetime.now(UTC) + timedelta(hours=8)).strftime("%Y-%m-%dT%H:%M:%SZ")
    keys = {"Version": 1, "AccessKeyId": "AKIAPROCESS", "SecretAccessKey": process}
    ways = {
        "garbage": f"cat {home}/garbage",
        "partial": f"cat {home}/partial.json",
        "dateless": f"cat {home}/dateless.json",
        "versionless": f"cat {home}/versionless.json",
        "listed": f"cat {home}/listed.json",
        "fails": f"sh {home}/fails.sh",
        "noisy": f"sh {home}/noisy.sh",
        "absent": f"/nowhere/to-be-found --secret {process}",
        "unquoted": f"cat '{process}",
    }
    profiles = _PROFILES.format(account=ACCOUNT, mfa=MFA, home=home)
    profiles += "".join(f"[profile {name}]\ncredential_process = {way}\n\n" for name, way in ways.items())
    for name in ("ok", "ForbiddenException", "UnauthorizedException", "InvalidRequestException"):
        profiles += (
            f"[profile sso-{name}]\nsso_start_url = {SSO_START}\nsso_region = {REGION}\n"
            f"sso_account_id = {ACCOUNT}\nsso_role_name = {name}\n\n"
        )
    login = {"accessToken": world.one("SSO access token"), "expiresAt": expires, "startUrl": SSO_START}
    cached = hashlib.sha1(SSO_START.encode(), usedforsecurity=False).hexdigest()
    settings = f'[tool.apigw_magic.connections.shop]\nurl = "{API}"\nrole = "reader"\nvia = ["hop"]\n'
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    file_key = world.one("secret key of the credentials file")
    return {
        "home/.aws/config": profiles,
        "home/.aws/credentials": f"[plain]\naws_access_key_id = AKIAFILE\naws_secret_access_key = {file_key}\n",
        "home/.aws/broken": f"[default]\naws_access_key_id = AKIAFILE\naws_secret_access_key {file_key}\n",
        f"home/.aws/sso/cache/{cached}.json": json.dumps(login),
        "home/process.json": json.dumps(keys),
        "home/garbage": f"export AWS_SECRET_ACCESS_KEY={process}",
        "home/partial.json": json.dumps({"Version": 1, "SecretAccessKey": process}),
        "home/dateless.json": json.dumps(keys | {"Expiration": f"soon {process}"}),
        "home/versionless.json": json.dumps(keys | {"Version": process}),
        "home/listed.json": json.dumps([keys]),
        "home/fails.sh": f"echo no {process} >&2; echo {process}; exit 3\n",
        "home/noisy.sh": f"echo {process} >&2; cat {home}/process.json\n",
        "home/web-token": world.one("web identity token"),
        "home/.ipython/key.txt": world.one("API key"),
        "work/policy.json": json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
        "work/pyproject.toml": settings,
        "home/key.txt": world.one("API key"),
        "home/code.txt": world.one("MFA code"),
        "home/password.txt": world.one("password in a URL"),
        "home/fault.txt": world.one("text of a fault"),
        "home/plants.json": json.dumps(world.plants),
    }


def outside() -> dict[str, str]:
    """Return what of the environment a process needs to start."""
    kept = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "SYSTEMROOT", "COVERAGE_PROCESS_START")
    return {name: os.environ[name] for name in kept if name in os.environ}
