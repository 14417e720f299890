"""Why no connection came about, in words. Nothing was sent then."""

from __future__ import annotations

import re
import socket
import ssl
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple

from urllib3 import exceptions

from apigw_magic.http.attempt import Stage

if TYPE_CHECKING:
    from apigw_magic.http.attempt import Attempt

_NOTHING_SENT = "Nothing was sent."
_CHECK_NETWORK = "Check the network, VPN and proxy."
_TUNNEL_STATUS = re.compile(r"Tunnel connection failed: (\d{3})\b")
_NOT_TLS = {"WRONG_VERSION_NUMBER", "UNKNOWN_PROTOCOL", "HTTP_REQUEST", "HTTPS_PROXY_REQUEST", "RECORD_LAYER_FAILURE"}

# X509_V_ERR_… of https://docs.openssl.org/3.0/man3/X509_STORE_CTX_get_error/
_NOT_YET_VALID, _EXPIRED = 9, 10
_UNKNOWN_CA = {2, 18, 19, 20, 21}
_WRONG_NAME = {62, 64}


class Told(NamedTuple):
    """A fault in words.

    Attributes:
        what: what happened, one line.
        why: why, one line.
        fix: what to do, one line.
        is_transient: whether sending the request again may help.
    """

    what: str
    why: str
    fix: str
    is_transient: bool = False


def tell_unconnected(error: Exception, attempt: Attempt) -> Told:
    """Tell why no connection came about: to the API, or to the proxy on the way."""
    is_proxy = bool(attempt.proxy) and attempt.stage < Stage.TLS
    who = f"The proxy {attempt.proxy}" if is_proxy else attempt.authority
    if isinstance(error, UnicodeError | exceptions.LocationParseError) or _is_caused_by(error, socket.gaierror):
        return _tell_unknown_name(who, is_proxy=is_proxy)
    # Asked first: to urllib3 1.26 it is a ConnectTimeoutError.
    if isinstance(error, exceptions.NewConnectionError):
        return _tell_unreachable(who, error, is_proxy=is_proxy)
    if isinstance(error, exceptions.ConnectTimeoutError):
        what = f"{who} did not accept a connection within {attempt.connect_timeout:g} s at any of its addresses."
        return Told(what, _NOTHING_SENT, _CHECK_NETWORK, is_transient=True)
    if attempt.stage is Stage.PROXY:
        return _tell_no_tunnel(who, error, attempt)
    return _tell_no_tls(who, error, attempt)


def explain_tls(error: ssl.SSLError) -> str:
    """Return OpenSSL's reason as a sentence, without the file and line it was found at."""
    reason = getattr(error, "verify_message", None) or error.reason or "unknown reason"
    return f"{reason[:1].upper()}{reason[1:].rstrip('.') if ' ' in reason else reason[1:].lower().replace('_', ' ')}."


def _is_caused_by(error: Exception, kind: type[Exception]) -> bool:
    return isinstance(error, kind) or isinstance(error.__context__, kind)


def _tell_unknown_name(who: str, *, is_proxy: bool) -> Told:
    if is_proxy:
        return Told(f"{who} cannot be found.", "Its name does not resolve.", "Check HTTPS_PROXY.", is_transient=True)
    return Told(
        f"{who} cannot be found.",
        "The name does not resolve; a private API's resolves only inside its VPC.",
        "Check the host in %apigw, and the network or VPN.",
        is_transient=True,
    )


def _tell_unreachable(who: str, error: Exception, *, is_proxy: bool) -> Told:
    fix = "Check HTTPS_PROXY." if is_proxy else "Check the host and port in %apigw."
    if _is_caused_by(error, ConnectionRefusedError):
        return Told(f"{who} refused the connection.", _NOTHING_SENT, fix, is_transient=True)
    reason = getattr(error.__context__, "strerror", None)
    why = f"{reason}. {_NOTHING_SENT}" if reason else _NOTHING_SENT
    return Told(f"{who} cannot be reached.", why, _CHECK_NETWORK, is_transient=True)


def _tell_no_tunnel(who: str, error: Exception, attempt: Attempt) -> Told:
    if isinstance(error, TimeoutError):
        what = f"{who} did not connect to {attempt.authority} within {attempt.connect_timeout:g} s."
        return Told(what, _NOTHING_SENT, _CHECK_NETWORK, is_transient=True)
    status = _TUNNEL_STATUS.match(str(error))
    if status is None:
        return Told(
            f"{who} broke off before it had connected to {attempt.authority}.",
            "Either it is no HTTP proxy, or it failed. Nothing was sent.",
            "Check HTTPS_PROXY, and that its port is the proxy's.",
            is_transient=isinstance(error, ConnectionError),
        )
    code = int(status[1])
    if code == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
        return Told(
            f"{who} wants a user name and password.",
            "HTTPS_PROXY names none, or they are wrong. Nothing was sent.",
            "Set HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT, special characters percent-encoded.",
        )
    phrase = f"{code} {HTTPStatus(code).phrase}" if code in set(HTTPStatus) else str(code)
    return Told(
        f"{who} did not connect to {attempt.authority}: {phrase}.",
        "It does not allow this host, or cannot reach it. Nothing was sent.",
        "Ask who runs the proxy, or name the host in NO_PROXY.",
        is_transient=code >= HTTPStatus.INTERNAL_SERVER_ERROR,
    )


def _tell_no_tls(who: str, error: Exception, attempt: Attempt) -> Told:
    shown = who[0].lower() + who[1:] if who.startswith("The ") else who
    if isinstance(error, TimeoutError):
        what = f"{who} did not finish the TLS handshake within {attempt.connect_timeout:g} s."
        return Told(what, _NOTHING_SENT, "Check the port, the network, VPN and proxy.", is_transient=True)
    if isinstance(error, ssl.SSLCertVerificationError) or (isinstance(error, ValueError) and "match" in str(error)):
        return _tell_certificate(shown, error)
    if isinstance(error, ssl.SSLError) and error.reason in _NOT_TLS:
        return Told(
            f"{who} does not speak TLS.",
            f"{explain_tls(error)} {_NOTHING_SENT}",
            "Write http:// for the proxy in HTTPS_PROXY." if shown != who else "Check the port in %apigw.",
        )
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError) or not isinstance(error, ssl.SSLError):
        what = f"{who} closed the connection during the TLS handshake."
        return Told(what, _NOTHING_SENT, _CHECK_NETWORK, is_transient=isinstance(error, OSError))
    return Told(f"The TLS connection to {shown} failed.", f"{explain_tls(error)} {_NOTHING_SENT}", _CHECK_NETWORK)


def _tell_certificate(shown: str, error: Exception) -> Told:
    """Tell why a certificate was refused."""
    code = getattr(error, "verify_code", 0)
    reason = explain_tls(error) if code and isinstance(error, ssl.SSLError) else "It names another host."
    why = f"{reason} {_NOTHING_SENT}"
    if code == _EXPIRED:
        return Told(f"The certificate of {shown} has expired.", why, "Check this machine's clock; else it is theirs.")
    if code == _NOT_YET_VALID:
        return Told(f"The certificate of {shown} is not valid yet.", why, "Check this machine's clock.")
    if code in _WRONG_NAME or not code:
        fix = "Check the host in %apigw: a private API has its own names."
        return Told(f"The certificate of {shown} belongs to another host.", why, fix)
    if code in _UNKNOWN_CA:
        fix = "Behind a proxy that opens TLS, name its CA file in AWS_CA_BUNDLE."
        return Told(f"The certificate of {shown} is from an authority that is not trusted.", why, fix)
    fix = "Behind a proxy that opens TLS, ask who runs it."
    return Told(f"The certificate of {shown} is refused.", why, fix)
