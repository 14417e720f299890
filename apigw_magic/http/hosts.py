"""The service and the Region to sign for follow from the host, or from what the user says of an unknown host."""

from __future__ import annotations

import re
from functools import cache

from botocore.loaders import Loader

from apigw_magic.errors import InvalidRequestError
from apigw_magic.models import SigningScope, Url

_LABEL = r"[a-z0-9-]+"
# In AWS's own host names: a Region has at least two dashes, `eu-west-1`.
_REGION = r"(?P<region>[a-z]+(?:-[a-z0-9]+)+-\d+)"

_SERVICE = re.compile(r"[a-z][a-z0-9-]*")
_DEFAULT_SERVICE = "execute-api"
_CONSOLE = re.compile(r"(?:^|[.])console[.](?:aws[.]amazon[.]com|amazonaws[.]cn|amazonaws-us-gov[.]com)$")
_VPC_ENDPOINT = "execute-api through a VPC endpoint"


def scope_of(url: Url, region: str | None = None, service: str | None = None) -> SigningScope:
    """Tell what a URL is signed for.

    Args:
        url: frozen.
        region: the user's word; needed for a host that does not name its Region (a custom domain, loopback).
        service: the user's word, the signing name; for a host that does not name it None means `execute-api`.

    Raises:
        InvalidRequestError: the host is not AWS's and no Region was given, host and user disagree, or what the user
            says is no Region or service.
    """
    if region is not None and re.fullmatch(_REGION, region) is None:
        raise InvalidRequestError(f"{region!r} is not a Region.", fix="Write it as AWS does: eu-west-1")
    if service is not None and _SERVICE.fullmatch(service) is None:
        raise InvalidRequestError(
            f"{service!r} is not a service.",
            fix="Write its signing name: execute-api, lambda, appsync, vpc-lattice-svcs",
        )
    host = url.host
    found = find_scope(url)
    if _CONSOLE.search(host):
        raise InvalidRequestError(
            f"{host} is AWS's console, not an API.",
            why="The API's invoke URL stands in the console under Stages.",
            fix="Copy it: https://API.execute-api.REGION.amazonaws.com/STAGE",
        )
    if found is None:
        if region is None:
            raise InvalidRequestError(
                f"{host} does not say which Region it is in.",
                why="Only AWS's own host names do; a signature needs the Region.",
                fix="Say it: --region eu-west-1",
            )
        return SigningScope(service or _DEFAULT_SERVICE, region)
    if region is not None and region != found.region:
        raise InvalidRequestError(
            f"--region {region} is not the Region of {host}.",
            why=f"A request to this host is signed for {found.region}.",
            fix="Leave out --region, or correct the URL.",
        )
    if service is not None and service != found.service:
        raise InvalidRequestError(
            f"--service {service} is not the service of {host}.",
            why=f"A request to this host is signed for {found.service}.",
            fix="Leave out --service, or correct the URL.",
        )
    return found


def find_scope(url: Url) -> SigningScope | None:
    """Return what a URL's host says that it is signed for; None if it is not one of AWS's own."""
    return next((s for s in (_match(url.host, pattern, service) for service, pattern in _patterns()) if s), None)


def is_vpc_endpoint(url: Url) -> bool:
    """Tell whether a URL names a VPC endpoint, which serves many private APIs and has to be told which one.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-private-api-test-invoke-url.html
    """
    return any(pattern.fullmatch(url.host) for service, pattern in _patterns() if service == _VPC_ENDPOINT)


def is_invoke_host(host: str, region: str) -> bool:
    """Tell whether a host is an API's own in a Region: what a VPC endpoint there may be told in `Host`."""
    scopes = (_match(host, pattern, service) for service, pattern in _patterns() if service == "execute-api")
    return any(scope is not None and scope.region == region for scope in scopes)


def _match(host: str, pattern: re.Pattern[str], service: str) -> SigningScope | None:
    match = pattern.fullmatch(host)
    signed_for = "execute-api" if service == _VPC_ENDPOINT else service
    return SigningScope(signed_for, match["region"]) if match else None


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    suffix = "|".join(re.escape(suffix) for suffix in _dns_suffixes())
    return tuple(
        (service, re.compile(pattern))
        for service, pattern in (
            # https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-call-api.html
            ("execute-api", rf"{_LABEL}\.execute-api\.{_REGION}\.(?:{suffix})"),
            # https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-private-api-test-invoke-url.html
            (_VPC_ENDPOINT, rf"{_LABEL}\.execute-api\.{_REGION}\.vpce\.(?:{suffix})"),
            # https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
            ("lambda", rf"{_LABEL}\.lambda-url\.{_REGION}\.on\.aws"),
            # https://docs.aws.amazon.com/vpc-lattice/latest/ug/service-create.html
            ("vpc-lattice-svcs", rf"(?:{_LABEL}\.)+vpc-lattice-svcs\.{_REGION}\.on\.aws"),
            # https://docs.aws.amazon.com/general/latest/gr/appsync.html
            ("appsync", rf"{_LABEL}\.appsync-api\.{_REGION}\.(?:{suffix})"),
        )
    )


def _dns_suffixes() -> list[str]:
    """Return the DNS suffix of each AWS partition, from the data that botocore ships."""
    partitions = Loader().load_data("partitions")["partitions"]
    return sorted({partition["outputs"]["dnsSuffix"] for partition in partitions})
