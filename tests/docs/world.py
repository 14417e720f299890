"""An AWS of invented accounts, for cells that want one: boto3's real chain, an STS on loopback, APIs that answer.

Cells run as they are written. Whatever they connect to, requests end at a function that looks at who signed and for
what; nothing leaves this machine.
"""

from __future__ import annotations

import atexit
import json
import sys
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from botocore.credentials import SSOProvider  # noqa: TID251 - where botocore looks for SSO's tokens
from botocore.tokens import SSOTokenProvider
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from apigw_magic.magics.extension import ApigwMagics
from apigw_magic.models import Headers, Reply
from tests.identity.local_sts import LocalSts, keys_of, read_signer
from tests.identity.portals import Metadata, SsoPortal
from tests.identity.ways import Home, write_keys

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from apigw_magic.models import SignedRequest

_DENIED = {
    "Message": "User: arn:aws:sts::111122223333:assumed-role/reader/ana is not authorized to perform: "
    "execute-api:Invoke on resource: arn:aws:execute-api:eu-west-1:********3333:a1b2c3d4e5/prod/DELETE/orders/A-1001 "
    "because no identity-based policy allows the execute-api:Invoke action"
}
_ORDERS = [{"id": "A-1001", "total": 228.0}, {"id": "A-1002", "total": 278.0}]
_API_KEY = "invented-api-key"
_CODE = "123456"


@dataclass
class Apis:
    """Every API there is: orders for all, and DELETE for nobody.

    Attributes:
        asked: each request with what it was signed for, `eu-west-1/execute-api`.
    """

    asked: list[tuple[SignedRequest, str]] = field(default_factory=list)

    @property
    def services(self) -> set[str]:
        """The services that were signed for."""
        return {scope.partition("/")[2] for _, scope in self.asked}

    def __call__(self, request: SignedRequest, *, timeout: float) -> Reply:
        """Answer, once the signature holds; Lattice's covers no content."""
        assert timeout > 0
        fields = {name.lower(): value for name, value in request.headers}
        if "x-amz-content-sha256" in fields:
            claimed = fields["authorization"].partition("Credential=")[2].split("/")
            scope = "/".join(claimed[2:4])
        else:
            target = request.url.path + (f"?{request.url.query}" if request.url.query else "")
            _, scope = read_signer(request.method, target, fields, request.content)
        self.asked.append((request, scope))
        if request.method == "DELETE":
            return answer(403, _DENIED, ("x-amzn-ErrorType", "AccessDeniedException"))
        if request.url.path.endswith("/graphql"):
            return answer(200, {"data": {"orders": _ORDERS}})
        return answer(200, {"items": _ORDERS})


def answer(status: int, document: object, *fields: tuple[str, str]) -> Reply:
    """Return a JSON answer."""
    headers = Headers([("Content-Type", "application/json"), ("x-amzn-RequestId", "9f1c22ab-0000"), *fields])
    return Reply(status, "OK" if status == 200 else "Forbidden", headers, json.dumps(document).encode(), 0.01)


@dataclass(frozen=True)
class World:
    """A user's machine and what it reaches.

    Attributes:
        shell: where cells run.
        folder: the working directory.
        home: the home directory and the services behind it.
        sts: keeps what it was asked.
        apis: keep what they were asked.
        patch: sets variables.
    """

    shell: InteractiveShell
    folder: Path
    home: Home
    sts: LocalSts
    apis: Apis
    patch: pytest.MonkeyPatch

    def configure(self, config: str) -> None:
        """Write `~/.aws/config`, beside the profile `work` that everybody has.

        A session of `aws login` takes awscrt, which the tests switch off, and a new botocore: keys stand in its place.
        Logins with it are tested by `test_identity_ways`.
        """
        lines = [
            write_keys("x", "AKIACONSOLE").partition("\n")[2] if line.startswith("login_session") else line
            for line in config.splitlines()
        ]
        self.home.write("config", "\n".join(lines))
        self.home.write("credentials", write_keys("work", "AKIAWORK"))

    def prepare(self, cell: str) -> str:
        """Return a cell with an STS that is here in place of the one that it names."""
        return cell.replace("https://vpce-0a1b2c3d-4e5f.sts.eu-west-1.vpce.amazonaws.com", self.sts.url)


@contextmanager
def make_world(path: Path) -> Iterator[World]:
    """Let a world be, until its page is done; nobody else's settings are seen in it."""
    folder = path / "project"
    folder.mkdir()
    (folder / "token.jwt").write_text("invented web token")
    with pytest.MonkeyPatch.context() as patch, LocalSts() as sts, SsoPortal() as sso, Metadata() as metadata:
        home = Home(path, sts.url, sso, metadata.url)
        for name, value in home.environ.items():
            patch.setenv(name, value)
        for owner in (SSOProvider, SSOTokenProvider):  # botocore asked for the home directory when it was imported
            patch.setattr(owner, "_SSO_TOKEN_CACHE_DIR", str(path / ".aws" / "sso" / "cache"))
        for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
            patch.delenv(name, raising=False)
        # The machine is an instance with a role.
        patch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", metadata.url)
        patch.setenv("AWS_EC2_METADATA_DISABLED", "false")
        patch.setenv("PATH", f"{install_vault(path)}:/usr/bin:/bin")
        patch.chdir(folder)
        apis = Apis()
        # Cells name no transport, so that theirs has to be replaced where it is made.
        patch.setattr("apigw_magic.http.send_with", lambda *_args: apis)
        patch.setattr("getpass.getpass", lambda prompt="": _CODE if "MFA" in prompt else _API_KEY)
        with open_shell(path) as shell:
            yield World(shell, folder, home, sts, apis, patch)


def install_vault(path: Path) -> Path:
    """Install a program that prints keys, as `credential_process` asks for them, and return its folder."""
    folder = path / "bin"
    folder.mkdir()
    program = folder / "aws-vault"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{path}/process.py" {keys_of("AKIAVAULT").access_key_id}\n')
    program.chmod(0o755)
    return folder


@contextmanager
def open_shell(path: Path) -> Iterator[InteractiveShell]:
    """Open a shell without the extension, which the pages load."""
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    shell = InteractiveShell.instance(config=config, ipython_dir=str(path / "ipython"))
    atexit.unregister(shell.atexit_operations)
    try:
        yield shell
    finally:
        if (magics := shell.magics_manager.registry.get(ApigwMagics.__name__)) is not None:
            magics.drop()
        InteractiveShell.clear_instance()
