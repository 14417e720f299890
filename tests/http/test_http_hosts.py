"""Service and Region follow from AWS's own host names, in every partition; from no look-alike."""

from __future__ import annotations

import pytest

from apigw_magic.errors import InvalidRequestError
from apigw_magic.http import check_fields, freeze, is_vpc_endpoint, scope_of
from apigw_magic.models import SigningScope

API = "a1b2c3d4e5"

KNOWN = [
    (f"{API}.execute-api.eu-west-1.amazonaws.com", "execute-api", "eu-west-1"),
    (f"{API}.execute-api.ap-northeast-1.amazonaws.com", "execute-api", "ap-northeast-1"),
    (f"{API}.execute-api.mx-central-1.amazonaws.com", "execute-api", "mx-central-1"),
    (f"{API}.execute-api.us-gov-west-1.amazonaws.com", "execute-api", "us-gov-west-1"),
    (f"{API}.execute-api.cn-northwest-1.amazonaws.com.cn", "execute-api", "cn-northwest-1"),
    (f"{API}.execute-api.us-iso-east-1.c2s.ic.gov", "execute-api", "us-iso-east-1"),
    (f"{API}.execute-api.us-isob-east-1.sc2s.sgov.gov", "execute-api", "us-isob-east-1"),
    (f"{API}.execute-api.eu-isoe-west-1.cloud.adc-e.uk", "execute-api", "eu-isoe-west-1"),
    (f"{API}.execute-api.us-isof-south-1.csp.hci.ic.gov", "execute-api", "us-isof-south-1"),
    # private APIs: by the endpoint's own name, and by its Route 53 alias
    ("vpce-0a1b2c3d-4e5f.execute-api.us-east-1.vpce.amazonaws.com", "execute-api", "us-east-1"),
    ("vpce-0a1b2c3d-4e5f-us-east-1a.execute-api.us-east-1.vpce.amazonaws.com", "execute-api", "us-east-1"),
    (f"{API}-vpce-0a1b2c3d4e5f.execute-api.us-east-1.amazonaws.com", "execute-api", "us-east-1"),
    # other services that take signed requests
    ("abcdefghijklmnopqrstuvwxyz012345.lambda-url.us-west-2.on.aws", "lambda", "us-west-2"),
    ("abcdefghijklmnopqrstuvwxyz.appsync-api.eu-central-1.amazonaws.com", "appsync", "eu-central-1"),
    ("abcdefghijklmnopqrstuvwxyz.appsync-api.cn-north-1.amazonaws.com.cn", "appsync", "cn-north-1"),
    ("orders-0a1b2c3d4e5f.7d67968.vpc-lattice-svcs.us-east-2.on.aws", "vpc-lattice-svcs", "us-east-2"),
]

UNKNOWN = [
    f"{API}.execute-api.eu-west-1.amazonaws.com.evil.com",
    f"{API}.execute-api.eu-west-1.amazonaws.com-evil.com",
    f"{API}.execute-api.eu-west-1.amazonaws.co",
    f"{API}.execute-api.eu-west-1.amazonaws.com.cn.evil.example",
    f"{API}.execute-api.eu-west-1.evilamazonaws.com",
    f"{API}.execute-api.eu-west-1.amazonawsxcom.example",
    f"{API}.execute-api.evil.com",
    f"{API}.execute-api.eu-west-1.evil.com",
    f"{API}.execute-api.eu-west.amazonaws.com",
    f"{API}.execute-api.euwest1.amazonaws.com",
    f"{API}.execute-api.amazonaws.com",
    "execute-api.eu-west-1.amazonaws.com",
    f"evil.com.{API}.execute-api.eu-west-1.amazonaws.com",
    f"{API}.execute-apiv.eu-west-1.amazonaws.com",
    f"{API}xexecute-api.eu-west-1.amazonaws.com",
    f"{API}.execute-api.eu-west-1.vpce.amazonaws.com.evil.com",
    f"{API}.lambda-url.us-west-2.on.aws.evil.com",
    f"{API}.lambda-url.us-west-2.on-aws.com",
    "vpc-lattice-svcs.us-east-2.on.aws",
    "orders.vpc-lattice-svcs.us-east-2.on.aws.evil.com",
    f"{API}.s3.eu-west-1.amazonaws.com",
    "sts.eu-west-1.amazonaws.com",
    "api.example.com",
    "localhost",
]


@pytest.mark.parametrize(("host", "service", "region"), KNOWN)
@pytest.mark.parametrize("form", ["https://{}", "https://{}:443/prod", "https://{}:8443/prod"])
def test_scope_of_aws_hosts(host: str, service: str, region: str, form: str) -> None:
    """The host says what is signed for, whatever the port; the same Region given too changes nothing."""
    url = freeze(form.format(host))
    assert scope_of(url) == scope_of(url, region) == SigningScope(service, region)
    assert scope_of(freeze(form.format(host.upper()))) == SigningScope(service, region)


@pytest.mark.parametrize("host", UNKNOWN)
def test_scope_of_other_hosts_needs_a_region(host: str) -> None:
    """A host that is not AWS's own is signed for only on the user's word, and then as a custom domain."""
    url = freeze(f"https://{host}/prod")
    with pytest.raises(InvalidRequestError, match="does not say which Region") as caught:
        scope_of(url)
    assert caught.value.what.startswith(f"{host} ")
    assert "--region" in caught.value.fix
    assert scope_of(url, "eu-west-1") == SigningScope("execute-api", "eu-west-1")


@pytest.mark.parametrize(("url", "host"), [("http://[::1]", "[::1]"), ("http://127.0.0.1:4566", "127.0.0.1")])
def test_scope_of_loopback(url: str, host: str) -> None:
    """A local account needs a Region too; the message names the host, not its port."""
    with pytest.raises(InvalidRequestError) as caught:
        scope_of(freeze(url))
    assert caught.value.what.startswith(f"{host} does not")
    assert scope_of(freeze(url), "us-east-1").region == "us-east-1"


@pytest.mark.parametrize(("host", "region"), [(host, region) for host, _, region in KNOWN])
def test_scope_of_contradiction(host: str, region: str) -> None:
    """A Region that is not the host's is refused: the signature could only fail."""
    with pytest.raises(InvalidRequestError, match=r"--region ca-west-1 is not the Region") as caught:
        scope_of(freeze(f"https://{host}"), "ca-west-1")
    assert region in caught.value.why


@pytest.mark.parametrize(
    "region", ["", "eu", "eu-west", "EU-WEST-1", "eu west-1", "eu-west-1/x", "eu-west-1\r\nX: y", "eu-west-1 "]
)
@pytest.mark.parametrize("host", ["api.example.com", f"{API}.execute-api.eu-west-1.amazonaws.com"])
def test_scope_of_what_is_no_region(host: str, region: str) -> None:
    """The Region stands in a header field and in a scope: nothing else gets there."""
    with pytest.raises(InvalidRequestError, match="is not a Region") as caught:
        scope_of(freeze(f"https://{host}"), region)
    assert "\n" not in caught.value.what


VPC_ENDPOINT = "vpce-0a1b2c3d-4e5f.execute-api.us-east-1.vpce.amazonaws.com"
INVOKE_HOST = f"{API}.execute-api.us-east-1.amazonaws.com"


@pytest.mark.parametrize(("host", "is_one"), [(host, ".vpce." in host) for host, _, _ in KNOWN])
def test_vpc_endpoints(host: str, *, is_one: bool) -> None:
    """Only a VPC endpoint's own name serves many APIs."""
    assert is_vpc_endpoint(freeze(f"https://{host}/prod")) is is_one


def test_a_vpc_endpoint_is_told_the_api() -> None:
    """`Host` may name an API's own host of the Region, there only; `x-apigw-api-id` may be sent anywhere."""
    assert check_fields((("host", INVOKE_HOST),), private_in="us-east-1") == (("Host", INVOKE_HOST),)
    assert check_fields((("x-apigw-api-id", API),)) == (("x-apigw-api-id", API),)
    for value, private_in in [
        (INVOKE_HOST, None),
        (INVOKE_HOST, "eu-west-1"),
        ("evil.example", "us-east-1"),
        (VPC_ENDPOINT, "us-east-1"),
        (f"{INVOKE_HOST}.evil.example", "us-east-1"),
        ("", "us-east-1"),
    ]:
        with pytest.raises(InvalidRequestError, match="cannot be set"):
            check_fields((("Host", value),), private_in=private_in)
    with pytest.raises(InvalidRequestError, match="cannot be set"):
        check_fields((("Host", INVOKE_HOST), ("host", INVOKE_HOST)), private_in="us-east-1")
