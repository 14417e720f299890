"""Certificates for servers on loopback, good and bad, made by the openssl command."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path


class Authority:
    """A certificate authority of the tests' own.

    Attributes:
        ca_file: its certificate, to be trusted.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._openssl = shutil.which("openssl") or pytest.skip("there is no openssl command to make certificates with")
        self.ca_file = str(folder / "ca.pem")
        self._run("req", "-x509", *self._new_key("ca"), "-days", "2", "-subj", "/CN=CA of the tests", "-out", "ca.pem")

    def context(self, names: str = "DNS:localhost", *, days: int = 2, is_self_signed: bool = False) -> ssl.SSLContext:
        """Make a certificate and return a server's side of TLS with it.

        Args:
            names: the subject's alternative names.
            days: how long it is valid; negative for expired.
            is_self_signed: not by the authority.
        """
        named = ["-subj", "/CN=server", "-addext", f"subjectAltName={names}", "-out", "request.pem"]
        self._run("req", *self._new_key("server"), *named)
        signer = ["-signkey", "server.key"] if is_self_signed else ["-CA", "ca.pem", "-CAkey", "ca.key"]
        serial = [] if is_self_signed else ["-CAcreateserial"]
        copied = ["-copy_extensions", "copy", "-days", str(days), "-out", "server.pem"]
        self._run("x509", "-req", "-in", "request.pem", *signer, *serial, *copied)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self._folder / "server.pem", self._folder / "server.key")
        return context

    def _new_key(self, name: str) -> list[str]:
        return ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", f"{name}.key"]

    def _run(self, *arguments: str) -> None:
        subprocess.run([self._openssl, *arguments], cwd=self._folder, check=True, capture_output=True, timeout=10)
