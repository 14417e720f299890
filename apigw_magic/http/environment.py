"""What the environment says of the way out, as botocore reads it: CA certificates and proxies."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.httpsession import get_cert_path
from botocore.utils import get_environ_proxies

from apigw_magic.http.proxies import parse_proxy
from apigw_magic.models import is_loopback

if TYPE_CHECKING:
    from apigw_magic.http.proxies import Proxy
    from apigw_magic.models import Url

_CA_VARIABLES = ("AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE")
_PROXY_VARIABLES = tuple(
    spelt for name in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY") for spelt in (name, name.lower())
)


def find_ca_file(ca_bundle: str | None) -> str:
    """Return the file of the CA certificates to trust.

    Args:
        ca_bundle: the one that was asked for, such as a profile's; else AWS_CA_BUNDLE, else REQUESTS_CA_BUNDLE, else
            the one that botocore comes with, or certifi's where that is installed.
    """
    named = ca_bundle or next((os.environ[name] for name in _CA_VARIABLES if os.environ.get(name)), None)
    return str(Path(named).expanduser()) if named else str(get_cert_path(verify=True))


def find_proxy(url: Url) -> Proxy | None:
    """Find the proxy for a URL by HTTPS_PROXY and NO_PROXY, or the system's settings; None for none.

    The environment is read for each request, so that what is mended in a cell holds for the next one. Loopback, and
    with it every http URL, is never reached over a proxy: the proxy's loopback is another machine's.

    Raises:
        TransportError: what the environment says is no proxy's URL; nothing was sent.
    """
    if url.scheme != "https" or is_loopback(url.host):
        return None
    text = _find_proxy_url(url.origin, tuple(map(os.environ.get, _PROXY_VARIABLES)))
    return parse_proxy(text) if text else None


@lru_cache(maxsize=32)
def _find_proxy_url(origin: str, _settings: tuple[str | None, ...]) -> str | None:
    """Ask botocore, once for each state of the environment: it takes 0.3 ms, more than all else of a request."""
    found: str | None = get_environ_proxies(origin).get("https")
    return found
