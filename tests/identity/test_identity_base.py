"""The base identity: boto3's chain, with fakes where it would ask and real where it is cheap."""

from __future__ import annotations

import os
import pickle
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import CredentialRetrievalError, NoCredentialsError

from apigw_magic.errors import CredentialsError
from apigw_magic.identity import open_base
from apigw_magic.models import Credentials, Identity
from tests.identity.fakes import ACCOUNT, SECRET_KEY, USER_ARN, FakeSts, make_base, refusal

if TYPE_CHECKING:
    from pathlib import Path

    from mypy_boto3_sts import STSClient

    from apigw_magic.identity import Base


def client_of(base: Base) -> STSClient:
    """Return the client that STS is asked by."""
    return base.sts._client(base.caller.credentials())


CONFIG = """
[default]
region = us-east-1

[profile foo]
region = us-west-2
aws_access_key_id = AKIDFOO
aws_secret_access_key = invented secret of foo

[profile sso]
sso_session = work
sso_account_id = 123456789012
sso_role_name = reader

[sso-session work]
sso_region = eu-west-1
sso_start_url = https://work.example/start
sso_registration_scopes = sso:account:access

[profile chain]
role_arn = arn:aws:iam::123456789012:role/reader
source_profile = absent

[profile half]
aws_access_key_id = AKIDHALF
"""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give boto3 a home of its own: boto3 reads all this from the environment alone."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws" / "config").write_text(CONFIG)
    return tmp_path


def keys_of(base: Base) -> Credentials:
    """Return the keys that the chain finds, without asking STS."""
    return base.caller.credentials()


def test_a_caller_is_the_base_identity() -> None:
    """Without a role the profile's own identity signs, and STS says who it is."""
    sts = FakeSts()
    caller = make_base(sts).present()
    assert caller.identity == Identity(ACCOUNT, USER_ARN)
    assert caller.credentials() == Credentials("AKIDEXAMPLE", SECRET_KEY, None)
    assert caller.seconds_left is None
    assert sts.asked == []


def test_who_it_is_is_asked_once() -> None:
    """The identity of the base is kept, so that every further role costs one call."""
    sts = FakeSts()
    base = make_base(sts)
    assert base.identity() == base.identity() == base.present().identity
    assert sts.identity_asked == 1


def test_a_failed_identity_is_asked_again() -> None:
    """A refusal is not kept: after logging in the same base works."""
    sts = FakeSts()
    base = make_base(sts)
    sts.error = refusal("ExpiredToken", "The security token included in the request is expired")
    with pytest.raises(CredentialsError, match="ExpiredToken"):
        base.identity()
    sts.error = None
    assert base.identity().account == ACCOUNT


@pytest.mark.parametrize(
    ("credentials", "what"),
    [
        (None, "Profile foo has no credentials"),
        (NoCredentialsError(), "Profile foo has no credentials"),
        (CredentialRetrievalError(provider="x", error_msg="y"), "CredentialRetrievalError"),
    ],
)
def test_a_chain_that_gives_nothing(credentials: Exception | None, what: str) -> None:
    """No credentials are our error, with nothing of the SDK's on it, and STS is not asked."""
    sts = FakeSts()
    with pytest.raises(CredentialsError, match=what) as caught:
        make_base(sts, credentials).present()
    assert caught.value.__cause__ is caught.value.__context__ is None
    assert sts.identity_asked == 0


def test_a_base_shows_nothing_secret() -> None:
    """The repr has profile and Region; a base is not pickled."""
    base = make_base(FakeSts())
    base.identity()
    assert repr(base) == "Base(profile='foo', region='eu-west-1')"
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(base)


def test_keys_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment's keys are found, the session token with them."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDENV")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "invented secret of env")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "invented token of env")
    base = open_base(None, "eu-west-1", None)
    assert keys_of(base) == Credentials("AKIDENV", "invented secret of env", "invented token of env")
    assert base.profile is None


def test_keys_of_a_profile() -> None:
    """A profile's keys are found; the Region is the connection's, not the profile's."""
    base = open_base("foo", "eu-central-1", None)
    assert keys_of(base) == Credentials("AKIDFOO", "invented secret of foo")
    assert base.profile == "foo"
    client = client_of(base)
    assert client.meta.region_name == "eu-central-1"
    assert client.meta.endpoint_url == "https://sts.eu-central-1.amazonaws.com"


def test_the_profile_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """AWS_PROFILE counts, and is the base's name."""
    monkeypatch.setenv("AWS_PROFILE", "foo")
    base = open_base(None, "eu-west-1", None)
    assert base.profile == "foo"
    assert keys_of(base).access_key_id == "AKIDFOO"


def test_the_shared_credentials_file(home: Path) -> None:
    """The credentials file counts, as everywhere in AWS."""
    (home / ".aws" / "credentials").write_text("[old]\naws_access_key_id = AKIDOLD\naws_secret_access_key = x\n")
    assert keys_of(open_base("old", "eu-west-1", None)).access_key_id == "AKIDOLD"


@pytest.mark.parametrize("region", ["us-east-1", "ap-northeast-1", "me-central-1"])
def test_sts_is_regional(region: str) -> None:
    """STS is the Region's own, also where the SDK would take the global one."""
    assert client_of(open_base("foo", region, None)).meta.endpoint_url == f"https://sts.{region}.amazonaws.com"


def test_sts_is_regional_in_the_hops_of_a_profile() -> None:
    """The session's configuration says so, which is what the clients within the chain read."""
    session = open_base("foo", "us-east-1", None).sts.session._session
    assert session.get_config_variable("sts_regional_endpoints") == "regional"
    assert session.get_config_variable("region") == "us-east-1"


def test_endpoints_that_are_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """An endpoint of ours wins over AWS_ENDPOINT_URL_STS, which wins over AWS's own."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:4566")
    assert client_of(open_base("foo", "eu-west-1", None)).meta.endpoint_url == "http://127.0.0.1:4566"
    ours = open_base("foo", "eu-west-1", "http://127.0.0.1:4567")
    assert client_of(ours).meta.endpoint_url == "http://127.0.0.1:4567"


@pytest.mark.parametrize("endpoint", ["sts.example", "http://", "no url at all"])
def test_an_endpoint_that_is_no_url(endpoint: str) -> None:
    """What the SDK cannot parse is a wrong option, said in our words."""
    with pytest.raises(CredentialsError, match="is not an endpoint") as caught:
        client_of(open_base("foo", "eu-west-1", endpoint))
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    ("profile", "lines"),
    [
        ("fooo", ["no AWS profile 'fooo'", "default, foo, sso, chain, half", "--profile foo?"]),
        ("sso", ["SSO session has expired or is absent", "aws sso login --profile sso"]),
        ("chain", ["absent"]),
        ("half", ["aws_secret_access_key"]),
        ("default", ["Profile default has no credentials"]),
    ],
)
def test_real_chains_that_end(profile: str, lines: list[str]) -> None:
    """What really goes wrong in boto3's chain is said in our words, with nothing of the SDK's on it."""
    with pytest.raises(CredentialsError) as caught:
        open_base(profile, "eu-west-1", None).present()
    assert [line for line in lines if line not in str(caught.value)] == []
    assert caught.value.__cause__ is caught.value.__context__ is None


def test_a_profile_of_the_environment_that_does_not_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong AWS_PROFILE is named, though no option said it."""
    monkeypatch.setenv("AWS_PROFILE", "fo")
    with pytest.raises(CredentialsError, match="no AWS profile 'fo'"):
        open_base(None, "eu-west-1", None)


@pytest.mark.parametrize("config", ["[profile\nx", "no = section", "\x00"])
def test_a_configuration_that_cannot_be_read(home: Path, config: str) -> None:
    """A damaged file is our error, and names the file."""
    (home / ".aws" / "config").write_text(config)
    with pytest.raises(CredentialsError, match="config") as caught:
        open_base(None, "eu-west-1", None)
    assert caught.value.__context__ is None
