"""Roles of the local account by way of the whole chain: another STS and another API than the tests' own judge."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import apigw_magic
from apigw_magic.errors import CredentialsError, StatusError

if TYPE_CHECKING:
    from pathlib import Path

    from apigw_magic.demo import Shop

CONFIG = """
[profile analyst]
aws_access_key_id = {keys.access_key}
aws_secret_access_key = {keys.secret_key}

[profile partner]
role_arn = {role}
source_profile = analyst
external_id = {external_id}
"""


@pytest.fixture(autouse=True)
def _profiles(shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Write profiles with the keys of the demo's user, and lead STS to the local account."""
    session = shop.session.get_credentials()
    assert session is not None
    for external_id in (shop.external_id, "stranger"):
        text = CONFIG.format(keys=session, role=shop.roles["partner"], external_id=external_id)
        (tmp_path / external_id).write_text(text)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / shop.external_id))
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", shop.sts_endpoint)


def test_a_role_with_its_external_id(shop: Shop) -> None:
    """The role session is used: the API lets it read orders, and not customers."""
    connection = apigw_magic.connect(
        shop.url, region=shop.region, profile="analyst", role="partner", external_id=shop.external_id
    )
    assert connection.get("/orders").status_code == 200
    assert connection.source == ("profile analyst (config file)", "role partner")
    assert connection.identity is not None
    assert connection.identity.arn.startswith(f"arn:aws:sts::{shop.account_id}:assumed-role/partner/")
    with pytest.raises(StatusError, match="partner may not GET /customers"):
        connection.get("/customers")


@pytest.mark.parametrize("external_id", [None, "stranger"])
def test_a_role_with_another_external_id(shop: Shop, external_id: str | None) -> None:
    """Without the right external ID the role is refused, and the refusal is STS's."""
    with pytest.raises(CredentialsError) as caught:
        apigw_magic.connect(shop.url, region=shop.region, profile="analyst", role="partner", external_id=external_id)
    assert caught.value.refusal is not None
    assert caught.value.refusal.error_type == "AccessDenied"


def test_a_profile_with_an_external_id(shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A profile's own external ID is judged, too; the right one lets its role session sign."""
    connection = apigw_magic.connect(shop.url, region=shop.region, profile="partner")
    assert connection.get("/orders").status_code == 200
    assert connection.source == ("profile analyst", "role partner")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "stranger"))
    with pytest.raises(CredentialsError) as caught:
        apigw_magic.connect(shop.url, region=shop.region, profile="partner")
    assert caught.value.refusal is not None
    assert caught.value.refusal.error_type == "AccessDenied"


def test_a_role_by_way_of_another(shop: Shop) -> None:
    """The role on the way is really the one who asks: the trust policy lets the user, and not him."""
    with pytest.raises(CredentialsError, match="reader") as caught:
        apigw_magic.connect(shop.url, region=shop.region, profile="analyst", role="writer", via=[shop.roles["reader"]])
    assert caught.value.refusal is not None
    assert "assumed-role/reader/" in caught.value.refusal.message
