"""Each way to credentials, tried for real: boto3's own chain against servers on loopback, and who signs in the end."""

from __future__ import annotations

import base64
import json
import os
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from multiprocessing import get_context
from typing import TYPE_CHECKING

import botocore
import pytest
from botocore import UNSIGNED, exceptions
from botocore.config import Config
from botocore.credentials import SSOProvider  # noqa: TID251 - where botocore looks for SSO's tokens
from botocore.loaders import create_loader
from botocore.tokens import SSOTokenProvider

import apigw_magic
from apigw_magic.errors import CredentialsError, StatusError
from apigw_magic.identity import RoleOptions, assume_role, open_base
from apigw_magic.identity.chain import open_session
from apigw_magic.identity.source import describe_source
from tests.http.certificates import Authority
from tests.identity.local_sts import ACCOUNT, LocalSts, keys_of
from tests.identity.portals import LoginPortal, Metadata, SsoPortal, Tunnel
from tests.identity.ways import CONFIG, PROCESS, REGION, ROLE, URL, WAYS, Api, Home, Way, go, write_keys

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Executor
    from pathlib import Path

EACH = pytest.mark.parametrize("way", WAYS.values(), ids=list(WAYS))
SOME = pytest.mark.parametrize(
    "way",
    [
        pytest.param(WAYS[name], id=name)
        for name in (
            "role of a profile's role",
            "role from the environment",
            "web identity of the environment",
            "role from a web identity",
            "role from SSO",
        )
    ],
)


@dataclass
class Later:
    """The real time, and a while more."""

    more: timedelta = timedelta()

    def __call__(self) -> datetime:
        """Return the time."""
        return datetime.now(UTC) + self.more


def clear_environment(patch: pytest.MonkeyPatch) -> None:
    """Take away all that the environment says of AWS."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        patch.delenv(name)


@pytest.fixture
def sts() -> Iterator[LocalSts]:
    """An STS."""
    with LocalSts() as started:
        yield started


@pytest.fixture(scope="module")
def metadata() -> Iterator[Metadata]:
    """The services of an instance and of a container."""
    with Metadata() as started:
        yield started


@pytest.fixture(autouse=True, scope="module")
def _read_once() -> Iterator[None]:
    """Let all sessions share what botocore reads of its own data, which takes it longer than all that is tried here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("botocore.session.create_loader", cache(create_loader))
        yield


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sts: LocalSts, metadata: Metadata) -> Iterator[Home]:
    """Give boto3 a home of its own."""
    clear_environment(monkeypatch)
    for owner in (SSOProvider, SSOTokenProvider):  # botocore asked for the home directory when it was imported
        monkeypatch.setattr(owner, "_SSO_TOKEN_CACHE_DIR", str(tmp_path / ".aws" / "sso" / "cache"))
    with SsoPortal() as sso:
        made = Home(tmp_path, sts.url, sso, metadata.url)
        for name, value in made.environ.items():
            monkeypatch.setenv(name, value)
        yield made


def fail(call: Callable[[], object]) -> CredentialsError:
    """Return the error that a call ends with: ours, with nothing of the SDK's on it."""
    with pytest.raises(CredentialsError) as caught:
        call()
    part: BaseException | None = caught.value
    while part is not None:
        assert isinstance(part, CredentialsError)
        part = part.__cause__ or part.__context__
    return caught.value


@EACH
def test_a_way(way: Way, home: Home, sts: LocalSts, monkeypatch: pytest.MonkeyPatch) -> None:
    """The right keys sign, for as long as they last; each hop is asked for once, of the connection's Region."""
    connection, api = go(way, home, monkeypatch)
    for _ in range(3):
        connection.get("/orders?status=open")
    assert set(api.signers) == {way.key}
    assert connection.source == way.source
    assert connection.seconds_left == (way.lasts and pytest.approx(way.lasts, abs=20))
    assert connection.identity is not None
    assert not way.hops or connection.identity.arn.split("/")[1] == way.hops[-1][0]
    expected = [*way.hops, ("", way.key)]
    assert [(asked.role, asked.key, asked.scope) for asked in sts.asked] == [
        (role, key, key and f"{REGION}/sts") for role, key in expected
    ]
    reader = apigw_magic.connect(role="reader", base=connection, transport=api)
    reader.get("/orders")
    assert api.signers[-1] == "ASIAREADER1"
    assert reader.source == (*way.source, "role reader")
    assert sts.hops == [*way.hops, ("reader", way.key)]
    assert home.runs == ("credential_process" in way.source[0])
    assert {asked.params["WebIdentityToken"] for asked in sts.asked if not asked.key} <= {"invented web token"}


@SOME
def test_an_endpoint_of_ours(way: Way, home: Home, sts: LocalSts, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--sts-endpoint` is where the hops inside a profile are asked for, too."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:9")
    connection, api = go(way, home, monkeypatch, role=f"{ROLE}/reader", sts_endpoint=sts.url)
    connection.get("/orders")
    assert api.signers == ["ASIAREADER1"]
    assert sts.hops == [*way.hops, ("reader", way.key)]
    assert {asked.scope for asked in sts.asked} <= {"", f"{REGION}/sts"}


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Make an authority."""
    return Authority(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="module")
def regional(authority: Authority) -> Iterator[tuple[LocalSts, Tunnel]]:
    """AWS's own STS of one Region, behind the only proxy that leads anywhere."""
    host = f"sts.{REGION}.amazonaws.com"
    with LocalSts(tls=authority.context(f"DNS:{host}")) as sts, Tunnel(sts.port) as tunnel:
        yield sts, tunnel


@SOME
def test_aws_own_endpoints(
    way: Way,
    home: Home,
    authority: Authority,
    regional: tuple[LocalSts, Tunnel],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where no endpoint is set, every hop goes to the STS of the connection's Region, and to no other host."""
    sts, tunnel = regional
    sts.asked.clear()
    tunnel.hosts.clear()
    monkeypatch.delenv("AWS_ENDPOINT_URL_STS")
    monkeypatch.setenv("AWS_CA_BUNDLE", authority.ca_file)
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{tunnel.port}")
    go(way, home, monkeypatch, role=f"{ROLE}/reader")
    host = f"sts.{REGION}.amazonaws.com"
    assert {asked.host for asked in sts.asked} == {host}
    assert set(tunnel.hosts) == {f"{host}:443"}
    assert [asked.role for asked in sts.asked] == [*(role for role, _ in way.hops), "reader"]
    assert [bool(asked.key) for asked in sts.asked] == [*(bool(key) for _, key in way.hops), True]


def test_the_region_of_sso(
    authority: Authority, regional: tuple[LocalSts, Tunnel], monkeypatch: pytest.MonkeyPatch
) -> None:
    """SSO is asked in the Region that the profile names for it; what is not its portal is said to be so."""
    _, tunnel = regional
    tunnel.hosts.clear()
    monkeypatch.delenv("AWS_ENDPOINT_URL_SSO")
    monkeypatch.setenv("AWS_CA_BUNDLE", authority.ca_file)
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{tunnel.port}")
    problem = fail(lambda: apigw_magic.connect(URL, profile="sso"))
    assert problem.what == "SSO cannot be reached."
    assert problem.is_unreachable
    assert set(tunnel.hosts) == {"portal.sso.us-east-2.amazonaws.com:443"}


@pytest.mark.parametrize(
    ("method", "source"),
    [
        ("assume-role", ("profile login (aws login)", "role base")),
        ("assume-role-with-web-identity", ("web identity", "role base")),
        ("explicit", ("given keys",)),
        ("a way of tomorrow", ("a way of tomorrow",)),
        (None, ("unknown",)),
    ],
)
def test_ways_in_words(method: str | None, source: tuple[str, ...]) -> None:
    """What cannot be gone here reads well, too, and an unknown way has botocore's own word."""
    profiles = {"x": {"role_arn": f"{ROLE}/base", "source_profile": "login"}, "login": {"login_session": "arn"}}
    assert describe_source(method, "x", profiles) == source


def test_no_way_at_all(home: Home) -> None:
    """Without credentials it is said so, and STS is not asked."""
    home.write("config", "")
    home.write("credentials", "")
    assert "No AWS credentials were found" in str(fail(lambda: apigw_magic.connect(URL)))


@pytest.mark.parametrize("named", [True, False])
def test_a_profile_that_does_not_exist(monkeypatch: pytest.MonkeyPatch, *, named: bool) -> None:
    """A misspelt profile is named with the one that was meant, whether an option or AWS_PROFILE says it."""
    if not named:
        monkeypatch.setenv("AWS_PROFILE", "from-containr")
    problem = fail(lambda: apigw_magic.connect(URL, profile="from-containr" if named else None))
    assert "There is no AWS profile 'from-containr'." in str(problem)
    assert "from-container" in problem.fix


PROGRAMS = {
    "fails": "import sys; sys.stderr.write('invented secret'); sys.exit(1)",
    "prints no JSON": "print('invented secret')",
    "prints no key": 'print(\'{"Version": 1, "SecretAccessKey": "invented secret"}\')',
}


@pytest.mark.parametrize("profile", ["process", "from-process"])
@pytest.mark.parametrize("program", PROGRAMS.values(), ids=list(PROGRAMS))
def test_a_program_without_keys(
    program: str, profile: str, home: Home, sts: LocalSts, caplog: pytest.LogCaptureFixture
) -> None:
    """A program that gives no keys is named as such; what it said is shown nowhere, in no log either."""
    (home.path / "process.py").write_text(program)
    problem = fail(lambda: apigw_magic.connect(URL, profile=profile))
    assert "credential_process" in str(problem)
    assert "invented secret" not in f"{problem!r} {problem} {caplog.text}"
    assert sts.asked == []


def test_a_program_that_fails_when_it_is_asked_again(home: Home, caplog: pytest.LogCaptureFixture) -> None:
    """The SDK asks for keys again that soon end, and logs what the program said; that is shown nowhere either."""
    once = "import pathlib\nif pathlib.Path(__file__ + '.runs').exists(): sys.exit('invented secret')\n"
    (home.path / "process.py").write_text(PROCESS.replace("import json, sys\n", f"import json, sys\n{once}"))
    home.write("config", CONFIG.format_map(home.places).replace("AKIAPROCESS", "ASIAPROCESS 60"))
    problem = fail(lambda: apigw_magic.connect(URL, profile="from-process"))
    assert "credential_process" in str(problem)
    assert "botocore" in caplog.text
    assert "invented secret" not in f"{problem!r} {problem} {caplog.text}"


def test_a_program_that_is_missing(home: Home) -> None:
    """A program that is not there is said to be so."""
    home.write("config", "[profile process]\ncredential_process = /nowhere/program\n")
    problem = fail(lambda: apigw_magic.connect(URL, profile="process"))
    assert "/nowhere/program" in str(problem)
    assert "credential_process" in str(problem)


@pytest.mark.parametrize(
    ("profile", "session"),
    [("sso-old", None), ("sso", "work"), ("from-sso", "work")],
    ids=["older form", "session", "role"],
)
def test_an_sso_login_that_ends(profile: str, session: str | None, home: Home, sts: LocalSts) -> None:
    """The error has the command; once it was run, connecting works, and so does the connection that there was."""
    api = Api()
    later = sts.clock = home.sso.clock = Later()
    connection = apigw_magic.connect(URL, base=open_base(profile, REGION, None, clock=later), transport=api)
    connection.get("/orders")
    home.sso.log_out()
    later.more = timedelta(hours=9)
    for call in (lambda: connection.get("/orders"), lambda: apigw_magic.connect(URL, profile=profile)):
        problem = fail(call)
        assert "SSO session has expired" in str(problem)
        assert f"aws sso login --profile {profile}" in problem.fix
    home.sso.log_in(home.path, session=session)
    connection.get("/orders")
    again = apigw_magic.connect(URL, profile=profile, transport=api)
    again.get("/orders")
    if profile == "from-sso":
        assert api.signers == ["ASIABASE1", "ASIABASE2", "ASIABASE3"]
    else:
        assert api.signers[1:] == ["ASIAVIEWER3"] * 2


@pytest.mark.parametrize("session", [None, "work"])
@pytest.mark.parametrize("state", ["past its end", "absent", "of another time"])
def test_an_sso_token_that_is_no_good(session: str | None, state: str, home: Home) -> None:
    """A token that is past its end, absent or revoked is one error: the login is to be done again."""
    if state == "absent":
        for token in (home.path / ".aws" / "sso" / "cache").iterdir():
            token.unlink()
    elif state == "past its end":
        home.sso.log_in(home.path, session=session, lasts=-60)
    else:
        home.sso.log_out()
    profile = "sso" if session else "sso-old"
    problem = fail(lambda: apigw_magic.connect(URL, profile=profile))
    assert "SSO session has expired or is absent" in str(problem)
    assert f"aws sso login --profile {profile}" in problem.fix


def test_an_sso_login_that_renews_itself(home: Home) -> None:
    """A session with a refresh token goes on by itself, and the new token is kept for the AWS CLI."""
    home.sso.log_in(home.path, session="work", lasts=-60, renewable=True)
    api = Api()
    apigw_magic.connect(URL, profile="sso", transport=api).get("/orders")
    assert api.signers == ["ASIAVIEWER4"]
    cached = [token.read_text() for token in (home.path / ".aws" / "sso" / "cache").iterdir()]
    assert sum(home.sso.tokens[-1] in token for token in cached) == 1


def test_the_sdk_has_a_notebooks_patience() -> None:
    """Whoever gives credentials is not waited for minutes, as the SDK would."""
    for service in ("sts", "sso", "sso-oidc"):
        config = open_session("sso", REGION, None)[1].create_client(service, region_name=REGION).meta.config
        patience = {name: getattr(config, name) for name in ("connect_timeout", "read_timeout")}
        assert patience == {"connect_timeout": 5, "read_timeout": 10}


NO_LOGIN = pytest.mark.skipif(
    not hasattr(exceptions, "LoginError"), reason=f"botocore {botocore.__version__} has no `aws login`"
)


@NO_LOGIN
@pytest.mark.parametrize("named", [True, False])
def test_the_region_of_a_login(monkeypatch: pytest.MonkeyPatch, *, named: bool) -> None:
    """A session of `aws login` is renewed where the profile is, or where it says itself; STS is the connection's."""
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    if not named:
        monkeypatch.setenv("AWS_PROFILE", "login")
    core = open_session("login" if named else None, REGION, None)[1]
    config = Config(signature_version=UNSIGNED)
    assert core.create_client("signin", config=config).meta.region_name == "ca-central-1"
    assert core.create_client("signin", config=config, region_name="us-east-1").meta.region_name == "us-east-1"
    assert core.create_client("sts", config=config).meta.region_name == REGION


def test_keys_that_are_replaced_under_a_connection(home: Home) -> None:
    """When the API says that they have ended, the file is read again, and the request repeated once."""
    api = Api()
    home.write("credentials", write_keys("old", "ASIAFIRST"))
    connection = apigw_magic.connect(URL, profile="old", transport=api)
    connection.get("/orders")
    api.ended.add("ASIAFIRST")
    with pytest.raises(StatusError, match="expired"):
        connection.get("/orders")
    assert api.signers == ["ASIAFIRST"] * 2  # the same keys are not tried again
    home.write("credentials", write_keys("old", "ASIASECOND"))
    assert connection.get("/orders").tries == 2
    assert connection.post("/orders").tries == 1
    assert api.signers[2:] == ["ASIAFIRST", "ASIASECOND", "ASIASECOND"]


@pytest.mark.parametrize("code", ["ExpiredToken", "InvalidClientTokenId"])
def test_keys_that_are_replaced_under_a_role(code: str, home: Home, sts: LocalSts) -> None:
    """When STS says that they have ended, the file is read again, and the role is asked for once more."""
    api = Api()
    home.write("credentials", write_keys("old", "ASIAFIRST"))
    connection = apigw_magic.connect(URL, profile="old", role=f"{ROLE}/reader", transport=api)
    api.ended.add("ASIAREADER1")
    sts.refuse = lambda asked: (code, "The token is no good.") if asked.key == "ASIAFIRST" else None
    problem = fail(lambda: connection.get("/orders"))
    assert problem.refusal is not None
    assert problem.refusal.error_type == code
    home.write("credentials", write_keys("old", "ASIASECOND"))
    assert connection.get("/orders").tries == 2
    assert api.signers == ["ASIAREADER1", "ASIAREADER1", "ASIAREADER2"]
    asked = ["ASIAFIRST", "ASIAFIRST", "ASIAFIRST", "ASIASECOND"]
    assert sts.hops == [("reader", key) for key in asked]


def test_a_session_that_ends_under_a_connection(sts: LocalSts) -> None:
    """A profile's role session is asked for again when it has ended, before anything is sent with it."""
    api = Api()
    later = sts.clock = Later()
    base = open_base("top", REGION, None, clock=later)
    connection = apigw_magic.connect(URL, base=base, transport=api)
    connection.get("/orders")
    later.more = timedelta(seconds=901)
    connection.get("/orders")
    assert api.signers == ["ASIATOP1", "ASIATOP2"]
    assert sts.hops == [("base", "AKIAKEYS"), ("top", "ASIABASE1"), ("base", "AKIAKEYS"), ("top", "ASIABASE2")]
    assert sts.asked[1].params["DurationSeconds"] == "900"


def tell_of_sso(path: Path) -> list[str]:
    """Live through two logins with SSO in this process, and tell who signed and what was said."""
    api = Api()
    with LocalSts() as sts, SsoPortal() as sso:
        os.environ.update(Home(path, sts.url, sso).environ)
        connection = apigw_magic.connect(URL, profile="sso", transport=api)
        connection.get("/orders")
        sso.log_out()
        api.ended.add(api.signers[-1])
        told = fail(lambda: connection.get("/orders")).fix
        sso.log_in(path, session="work")
        connection.get("/orders")
    return [told, *api.signers]


def tell_of_logins(path: Path) -> list[str]:
    """Live through two logins with `aws login` in this process, and tell who signed and what was said."""
    from awscrt.crypto import EC, ECExportFormat, ECType  # type: ignore[import-untyped] # noqa: PLC0415 - as its users do

    content = base64.b64encode(EC.new_generate(ECType.P_256).export_key(ECExportFormat.SEC1)).decode()
    proof_key = f"-----BEGIN EC PRIVATE KEY-----\n{content}\n-----END EC PRIVATE KEY-----\n"
    session = f"arn:aws:iam::{ACCOUNT}:user/ana"
    api = Api()
    with LocalSts() as sts, SsoPortal() as sso, LoginPortal() as portal:
        os.environ.update(Home(path, sts.url, sso).environ, AWS_ENDPOINT_URL_SIGNIN=portal.url)
        portal.log_in(path, session, "ASIALOGINONE", proof_key)
        connection = apigw_magic.connect(URL, profile="login", transport=api)
        told = [*connection.source, str(round((connection.seconds_left or 0) / 60))]
        connection.get("/orders")
        portal.log_in(path, session, "ASIALOGINTWO", proof_key, lasts=-60)  # it renews itself
        api.ended.add("ASIALOGINONE")
        connection.get("/orders")
        portal.log_in(path, session, "ASIALOGINTHREE", proof_key, lasts=-60)
        portal.is_open = False
        api.ended.add(api.signers[-1])
        told.append(fail(lambda: connection.get("/orders")).fix)
        portal.log_in(path, session, "ASIALOGINFOUR", proof_key)
        connection.get("/orders")
        assert {key for _, key in sts.hops} == set()
    return [*told, *api.signers]


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Executor]]:
    """A home directory, and a process that was started in it, as a kernel is."""
    path = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch, ProcessPoolExecutor(1, get_context("spawn")) as started:
        clear_environment(patch)
        patch.setenv("HOME", str(path))
        patch.delenv("BOTO_DISABLE_CRT")  # who logs in with `aws login` has awscrt, and botocore signs by it
        started.submit(os.getpid).result(30)
        yield path, started


def test_sso_in_a_home_of_its_own(elsewhere: tuple[Path, Executor]) -> None:
    """Tokens are read where the AWS CLI writes them, those of a new login without another process."""
    path, process = elsewhere
    told = process.submit(tell_of_sso, path).result(60)
    assert "aws sso login --profile sso" in told.pop(0)
    assert told == ["ASIAVIEWER2", "ASIAVIEWER2", "ASIAVIEWER2", "ASIAVIEWER3"]


@NO_LOGIN
def test_login_sessions_in_a_home_of_its_own(elsewhere: tuple[Path, Executor]) -> None:
    """A session of `aws login` signs, renews itself, and at its end the error has the command; a new one is found."""
    path, process = elsewhere
    told = process.submit(tell_of_logins, path).result(60)
    assert told[:2] == ["profile login (aws login)", "15"]
    assert "aws login --profile login" in told[2]
    signers = ["LOGINONE", "LOGINONE", "LOGINNEW1", "LOGINNEW1", "LOGINNEW1", "LOGINFOUR"]
    assert told[3:] == [f"ASIA{signer}" for signer in signers]


WRONG_CODE = "MultiFactorAuthentication failed with invalid MFA one time pass code."
CONFIG_WITH_DEVICE = f"""
[profile guarded]
role_arn = {ROLE}/guarded
source_profile = keys
mfa_serial = arn:aws:iam::123456789012:mfa/ana
role_session_name = ana
"""
DEVICE = "arn:aws:iam::123456789012:mfa/ana"
POLICY = '{"Version": "2012-10-17", "Statement": []}'


@dataclass
class Pocket:
    """An MFA device that somebody reads off, and how often it was asked for."""

    asked: list[str] = field(default_factory=list)

    def __call__(self, serial: str) -> str:
        """Return a new code each time."""
        self.asked.append(serial)
        return f"{len(self.asked):06}"


def test_a_chain_of_roles(sts: LocalSts) -> None:
    """Each role is asked for by the one before, and each option reaches the role that it belongs to, and no other."""
    pocket = Pocket()
    options = RoleOptions(
        f"{ROLE}/team/reader",
        via=(f"{ROLE}/one", f"{ROLE}/two", f"{ROLE}/three"),
        session_name="ana",
        external_id="ext/1",
        mfa_serial=DEVICE,
        source_identity="ana@example.com",
        duration=1800,
        tags=(("team", "data"), ("cost centre", "ä=1")),
        policy=POLICY,
        policy_arns=("arn:aws:iam::aws:policy/ReadOnlyAccess", f"arn:aws:iam::{ACCOUNT}:policy/x"),
    )
    caller = assume_role(open_base("keys", REGION, None), options, ask=pocket)
    assert sts.hops == [("one", "AKIAKEYS"), ("two", "ASIAONE1"), ("three", "ASIATWO1"), ("reader", "ASIATHREE1")]
    assert caller.credentials() == keys_of("ASIAREADER1")
    assert caller.source == ("profile keys (config file)", "role one", "role two", "role three", "role reader")
    assert caller.seconds_left == pytest.approx(1800, abs=20)
    assert caller.asks
    name = {"RoleSessionName": "ana"}
    first = {"SerialNumber": DEVICE, "TokenCode": "000001", "SourceIdentity": "ana@example.com"}
    last = {
        "ExternalId": "ext/1",
        "DurationSeconds": "1800",
        "Policy": POLICY,
        "Tags.member.1.Key": "team",
        "Tags.member.1.Value": "data",
        "Tags.member.2.Key": "cost centre",
        "Tags.member.2.Value": "ä=1",
        "PolicyArns.member.1.arn": "arn:aws:iam::aws:policy/ReadOnlyAccess",
        "PolicyArns.member.2.arn": f"arn:aws:iam::{ACCOUNT}:policy/x",
    }
    for role, params in (("one", name | first), ("two", name), ("three", name), ("reader", name | last)):
        assert sts.params(role) == params
    assert {asked.scope for asked in sts.asked} == {f"{REGION}/sts"}


def test_the_options_of_connect(sts: LocalSts) -> None:
    """What `connect` takes as Python values is what STS receives; without a role on the way all belongs to the role."""
    apigw_magic.connect(
        URL,
        profile="keys",
        role="reader",
        session_name="ana",
        external_id="ext",
        source_identity="ana",
        duration=900,
        tags={"team": "data"},
        policy={"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]},
        policy_arns=["arn:aws:iam::aws:policy/ReadOnlyAccess"],
        transport=Api(),
    )
    params = sts.params("reader")
    assert json.loads(params.pop("Policy"))["Statement"] == [{"Effect": "Allow", "Action": "*", "Resource": "*"}]
    assert params == {
        "RoleSessionName": "ana",
        "ExternalId": "ext",
        "SourceIdentity": "ana",
        "DurationSeconds": "900",
        "Tags.member.1.Key": "team",
        "Tags.member.1.Value": "data",
        "PolicyArns.member.1.arn": "arn:aws:iam::aws:policy/ReadOnlyAccess",
    }


def test_a_code_is_good_for_all_roles_behind_one(sts: LocalSts) -> None:
    """Two roles by way of the same one take one code; one by way of another, or that role itself, takes its own."""
    pocket, base = Pocket(), open_base("keys", REGION, None)
    via, other = (f"{ROLE}/one",), (f"{ROLE}/two",)
    for role, way in (("reader", via), ("writer", via), ("reader", other)):
        assume_role(base, RoleOptions(f"{ROLE}/{role}", via=way, mfa_serial=DEVICE), ask=pocket)
    assert [(hop.role, hop.params.get("TokenCode"), hop.key) for hop in sts.asked] == [
        ("one", "000001", "AKIAKEYS"),
        ("reader", None, "ASIAONE1"),
        ("writer", None, "ASIAONE1"),
        ("two", "000002", "AKIAKEYS"),
        ("reader", None, "ASIATWO1"),
    ]
    assert pocket.asked == [DEVICE] * 2


def test_a_code_for_a_profile_is_good_for_all_its_roles(home: Home, sts: LocalSts) -> None:
    """The device of a profile is asked for by us, once for the profile and the roles from it."""
    home.write("config", CONFIG_WITH_DEVICE)
    home.write("credentials", write_keys("keys", "AKIAKEYS"))
    pocket = Pocket()
    base = open_base("guarded", REGION, None, ask=pocket)
    for role in ("reader", "writer"):
        assert assume_role(base, RoleOptions(role), ask=pocket).asks
    assert pocket.asked == [DEVICE]
    assert sts.params("guarded") == {
        "RoleSessionName": "ana",
        "SerialNumber": DEVICE,
        "TokenCode": "000001",
    }
    assert sts.hops == [("guarded", "AKIAKEYS"), ("reader", "ASIAGUARDED1"), ("writer", "ASIAGUARDED1")]


def test_a_code_that_sts_refuses(sts: LocalSts) -> None:
    """A wrong code is STS's refusal, with the role; the next try asks for another."""
    sts.refuse = lambda asked: ("AccessDenied", WRONG_CODE) if asked.params.get("TokenCode") == "000001" else None
    pocket, base = Pocket(), open_base("keys", REGION, None)
    options = RoleOptions(f"{ROLE}/reader", via=(f"{ROLE}/one",), mfa_serial=DEVICE)
    problem = fail(lambda: assume_role(base, options, ask=pocket))
    assert problem.refusal is not None
    assert (problem.refusal.error_type, problem.refusal.message, problem.subject) == ("AccessDenied", WRONG_CODE, "one")
    assert assume_role(base, options, ask=pocket).credentials() == keys_of("ASIAREADER1")
    assert len(pocket.asked) == 2
