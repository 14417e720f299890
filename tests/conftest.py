"""Every test starts from an environment that knows no AWS account, no proxy and nobody's settings."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

# With awscrt installed, botocore would sign by it everywhere; users of the package do not have it.
os.environ["BOTO_DISABLE_CRT"] = "true"

_PROXIES = {"http_proxy", "https_proxy", "all_proxy", "no_proxy"}


@pytest.fixture(autouse=True, scope="session")
def _no_account(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Take away what of the machine's AWS settings and proxies the tests or what they start could find."""
    nowhere: Path = tmp_path_factory.mktemp("aws")
    for name in list(os.environ):
        if (name.startswith(("AWS_", "BOTO_")) and name != "BOTO_DISABLE_CRT") or name.lower() in _PROXIES:
            del os.environ[name]
    os.environ.pop("REQUESTS_CA_BUNDLE", None)
    os.environ["AWS_EC2_METADATA_DISABLED"] = "true"
    os.environ["AWS_CONFIG_FILE"] = str(nowhere / "config")
    os.environ["AWS_SHARED_CREDENTIALS_FILE"] = str(nowhere / "credentials")
    os.environ["IPYTHONDIR"] = str(tmp_path_factory.mktemp("ipython"))
    os.environ["JUPYTER_CONFIG_DIR"] = str(tmp_path_factory.mktemp("jupyter"))
