"""Words from files and from the data of botocore, checked against botocore itself."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.loaders import Loader

from apigw_magic.http import check_fields
from apigw_magic.http.hosts import _patterns
from apigw_magic.magics import surroundings, vocabulary
from tests.magics.test_suggestions import Known

if TYPE_CHECKING:
    from pathlib import Path

_CONFIG = """\
# [profile commented]
[default]
region = eu-west-1
[profile work]
role_arn = arn:aws:iam::111122223333:role/x
s3 =
  a = [profile nested]
[profile 'my own']
[profile "other one"] ; a comment
[profile  spaced ]
[profile]
[profile two words]
[profile it's]
[profiles]
[sso-session corp]
sso_region = eu-west-1
[services local]
[preview]
[plugins]
"""
_CREDENTIALS = """\
[default]
aws_access_key_id = AKIAEXAMPLE
aws_secret_access_key = [profile secret]
[keys]
aws_access_key_id = AKIAEXAMPLE
[work]
"""


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """AWS's configuration, of the test's own."""
    (tmp_path / "config").write_text(_CONFIG)
    (tmp_path / "credentials").write_text(_CREDENTIALS)
    monkeypatch.setenv("FOLDER", str(tmp_path))
    monkeypatch.setenv("AWS_CONFIG_FILE", "$FOLDER/config")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    return tmp_path


@pytest.mark.usefixtures("files")
def test_profiles_are_botocores() -> None:
    """The profiles are those that botocore has, in its order."""
    found = list(surroundings.profiles())
    assert found == boto3.Session().available_profiles
    assert found == ["default", "work", "my own", "other one", "spaced", "keys"]


def test_profiles_follow_the_files(files: Path) -> None:
    """A profile that is added is there at once; a file that cannot be read has none."""
    assert "new" not in surroundings.profiles()
    (files / "config").write_text("[profile new]\n")
    assert list(surroundings.profiles()) == ["new", "default", "keys", "work"]
    (files / "config").write_bytes(b"\xff\xfe[profile x\n[")
    (files / "credentials").unlink()
    assert list(surroundings.profiles()) == []


@pytest.mark.parametrize("given", ["", "~nobody-of-that-name/config", "/", "a\0b"])
def test_no_profiles(given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no file there are no profiles, and no failure."""
    monkeypatch.setattr("os.environ", {"AWS_CONFIG_FILE": given, "AWS_SHARED_CREDENTIALS_FILE": given})
    assert list(surroundings.profiles()) == []


def test_regions_are_botocores() -> None:
    """The Regions are those of all partitions that botocore knows; those of the connections come first."""
    partitions = Loader().load_data("partitions")["partitions"]
    known = {
        region
        for partition in partitions
        for region in partition["regions"]
        if re.fullmatch(partition["regionRegex"], region)
    }
    found = list(vocabulary.regions(Known()))
    assert set(found) == known
    assert len(found) == len(known)
    assert found[:2] == ["eu-west-1", "us-east-1"]


def test_services() -> None:
    """The services are those that hosts are known of."""
    assert set(vocabulary.SERVICES) == {service for service, _ in _patterns() if " " not in service}


@pytest.mark.parametrize("name", vocabulary.HEADERS)
def test_headers_may_be_set(name: str) -> None:
    """A suggested header is none that we set ourselves."""
    assert check_fields(((name, "x"),)) == ((name, "x"),)


def test_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The names are those of the nearest `pyproject.toml`; one that is wrong has none."""
    monkeypatch.setattr(surroundings, "_FRESH", 1e-9)
    monkeypatch.chdir(tmp_path)
    project = tmp_path / "pyproject.toml"
    project.write_text('[tool.apigw_magic.connections.shop]\nurl = "https://a/b"\n')
    assert surroundings.project_names() == ("shop",)
    project.write_text("[tool")
    assert surroundings.project_names() == ()


def test_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A working directory that is gone has no project."""
    folder = tmp_path / "gone"
    folder.mkdir()
    monkeypatch.chdir(folder)
    folder.rmdir()
    assert surroundings.project_names() == ()
