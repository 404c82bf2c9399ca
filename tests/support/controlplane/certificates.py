"""A throw-away certificate authority and one control plane's certificates and keys, made by the openssl command."""

from __future__ import annotations

import base64
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.support.controlplane.ports import HOST

VALID_DAYS = "2"
# Elliptic curve keys take milliseconds where RSA keys take a second.
NEW_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
SERVER_NAMES = f"subjectAltName=IP:{HOST},DNS:localhost,DNS:kubernetes.default.svc\nextendedKeyUsage=serverAuth\n"


@dataclass(frozen=True, slots=True)
class KeyPair:
    """PEM files of a certificate and its private key."""

    certificate: Path
    key: Path


@dataclass(frozen=True, slots=True)
class Authority:
    """A certificate authority that lives in `folder`."""

    folder: Path
    pair: KeyPair

    @property
    def base64(self) -> str:
        """The authority's certificate as Kubernetes objects and kubeconfig files carry it."""
        return base64.b64encode(self.pair.certificate.read_bytes()).decode()

    def issue(self, name: str, folder: Path | None = None) -> KeyPair:
        """A server certificate for the loopback address: `tls.crt` and `tls.key` in `folder`, or in one of its own."""
        target = folder or self.folder / name
        target.mkdir(parents=True, exist_ok=True)
        pair = KeyPair(target / "tls.crt", target / "tls.key")
        request, extensions = self.folder / f"{name}.csr", self.folder / f"{name}.ext"
        extensions.write_text(SERVER_NAMES, encoding="utf-8")
        _openssl("req", "-new", *NEW_KEY, "-subj", f"/CN={name}", "-keyout", pair.key, "-out", request)
        signer = ("-CA", self.pair.certificate, "-CAkey", self.pair.key, "-CAcreateserial")
        _openssl(
            "x509",
            "-req",
            "-in",
            request,
            *signer,
            "-days",
            VALID_DAYS,
            "-extfile",
            extensions,
            "-out",
            pair.certificate,
        )
        return pair


def create_authority(folder: Path) -> Authority:
    """Make a certificate authority in `folder`, which is created."""
    folder.mkdir(parents=True)
    pair = KeyPair(folder / "ca.crt", folder / "ca.key")
    subject = ("-subj", "/CN=bedplate test authority")
    _openssl("req", "-x509", *NEW_KEY, *subject, "-days", VALID_DAYS, "-keyout", pair.key, "-out", pair.certificate)
    return Authority(folder, pair)


def create_signing_key(file: Path) -> Path:
    """Make the private key that signs service account tokens."""
    _openssl("ecparam", "-genkey", "-noout", "-name", "prime256v1", "-out", file)
    return file


def _openssl(*words: str | Path) -> None:
    program = shutil.which("openssl")
    if program is None:
        raise FileNotFoundError(
            "the openssl command is needed to make the test control plane's certificates: install it"
        )
    result = subprocess.run([program, *map(str, words)], capture_output=True, text=True, check=False)
    if result.returncode:
        raise RuntimeError(f"openssl {words[0]} failed with code {result.returncode}:\n{result.stderr}")
