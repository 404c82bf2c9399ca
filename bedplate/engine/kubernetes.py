"""Reads objects of a cluster as the user of a kubeconfig. Only `merge` changes anything.

kubectl is not needed. Credentials are what a kubeconfig may hold: a token, a client certificate, or a program that
prints a token (``aws eks get-token``). They are never printed.
"""

from __future__ import annotations

import base64
import http
import http.client
import json
import os
import ssl
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import yaml

_SECONDS = 30.0
_MERGE = "application/merge-patch+json"


class ClusterError(Exception):
    """A kubeconfig cannot be used, or the API server does not answer. The message says which and why."""


class _MissingError(ClusterError):
    """Nothing is at a path."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """An API server, and who we are to it. `server` is its address."""

    server: str
    tls: ssl.SSLContext
    headers: Mapping[str, str]

    def read(self, path: str, **query: str) -> Any:
        """The JSON at `path`. Raises ClusterError."""
        return self._ask("GET", f"{path}{'?' + urlencode(query) if query else ''}")

    def find(self, path: str) -> Any:
        """The JSON at `path`; None where nothing is there. Raises ClusterError."""
        try:
            return self.read(path)
        except _MissingError:
            return None

    def merge(self, path: str, change: Mapping[str, Any]) -> None:
        """Lay `change` over the object at `path` (a JSON merge patch). Raises ClusterError."""
        self._ask("PATCH", path, json.dumps(change).encode())

    def _ask(self, method: str, path: str, content: bytes | None = None) -> Any:
        parts = urlsplit(self.server)
        target = f"{parts.path.rstrip('/')}{path}"
        headers = {**self.headers, **({"Content-Type": _MERGE} if content else {})}
        try:
            connection = http.client.HTTPSConnection(parts.netloc, context=self.tls, timeout=_SECONDS)
            try:
                connection.request(method, target, body=content, headers=headers)
                answer = connection.getresponse()
                body = answer.read()
            finally:
                connection.close()
            content = json.loads(body) if answer.status < 400 else None
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise ClusterError(f"{self.server} does not answer {path}: {error}") from error
        if answer.status >= 400:
            kind = _MissingError if answer.status == http.HTTPStatus.NOT_FOUND else ClusterError
            raise kind(f"{self.server} refuses {path}: {answer.status} {answer.reason}")
        return content

    def items(self, path: str, **query: str) -> list[Mapping[str, Any]]:
        """The objects of the list at `path`. Raises ClusterError."""
        return list(self.read(path, **query).get("items", ()))


def open_cluster(context: str | None = None, kubeconfig: Path | None = None) -> Cluster:
    """The cluster of `context`, or of the kubeconfig's current one. Raises ClusterError.

    The kubeconfig is `kubeconfig`, else the first file of KUBECONFIG, else ~/.kube/config.
    """
    named = os.environ.get("KUBECONFIG", "").split(os.pathsep)[0]
    file = kubeconfig or (Path(named) if named else Path.home() / ".kube" / "config")
    try:
        config = yaml.safe_load(file.read_text(encoding="utf-8"))
        chosen = _entry(config, "contexts", context or config["current-context"])["context"]
        cluster = _entry(config, "clusters", chosen["cluster"])["cluster"]
        user = _entry(config, "users", chosen["user"]).get("user") or {}
    except OSError as error:
        raise ClusterError(f"{file}: {error.strerror}; set KUBECONFIG") from error
    except (yaml.YAMLError, KeyError, TypeError) as error:
        raise ClusterError(f"{file} is no kubeconfig with a context {context or 'of its own'}: {error}") from error
    if not str(cluster.get("server", "")).startswith("https://"):
        raise ClusterError(f"{file}: the cluster has no https:// address")
    if cluster.get("insecure-skip-tls-verify"):
        raise ClusterError(f"{file}: insecure-skip-tls-verify would let anybody answer for the cluster")
    token = _token(user, file)
    headers = {"Accept": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    return Cluster(cluster["server"], _tls(cluster, user, file.parent), headers)


def _entry(config: Mapping[str, Any], kind: str, name: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] | None = next((item for item in config[kind] if item["name"] == name), None)
    if found is None:
        raise KeyError(name)
    return found


def _tls(cluster: Mapping[str, Any], user: Mapping[str, Any], folder: Path) -> ssl.SSLContext:
    try:
        data = cluster.get("certificate-authority-data")
        authority = cluster.get("certificate-authority")
        tls = ssl.create_default_context(
            cadata=base64.b64decode(data).decode() if data else None,
            cafile=str(folder / authority) if authority and not data else None,
        )
        with tempfile.TemporaryDirectory() as temporary:
            chain = _file(user, "client-certificate", folder, Path(temporary))
            if chain is not None:
                tls.load_cert_chain(chain, _file(user, "client-key", folder, Path(temporary)))
    except (OSError, ValueError) as error:
        raise ClusterError(f"a certificate of the kubeconfig cannot be read: {error}") from error
    return tls


def _file(user: Mapping[str, Any], key: str, folder: Path, temporary: Path) -> Path | None:
    """Where OpenSSL reads a certificate or key from: it takes files only."""
    if data := user.get(f"{key}-data"):
        path = temporary / key
        path.touch(mode=0o600)
        path.write_bytes(base64.b64decode(data))
        return path
    return folder / user[key] if key in user else None


def _token(user: Mapping[str, Any], file: Path) -> str:
    if "token" in user:
        return str(user["token"])
    if "tokenFile" in user:
        try:
            return Path(file.parent, str(user["tokenFile"])).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ClusterError(f"{error.filename}: {error.strerror}") from error
    return _asked(user["exec"]) if "exec" in user else ""


def _asked(program: Mapping[str, Any]) -> str:
    """The token that the user's program prints (client.authentication.k8s.io)."""
    env = {**os.environ, **{item["name"]: item["value"] for item in program.get("env") or ()}}
    argv = [program["command"], *(program.get("args") or ())]
    try:
        done = subprocess.run(argv, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=_SECONDS)
        if done.returncode == 0:
            return str(json.loads(done.stdout)["status"]["token"])
    except (OSError, subprocess.TimeoutExpired, ValueError, KeyError, TypeError) as error:
        raise ClusterError(f"{argv[0]} gives no token: {type(error).__name__}") from None
    last = done.stderr.strip().splitlines()[-1:] or [f"exit code {done.returncode}"]
    raise ClusterError(f"{argv[0]} gives no token: {last[0]}")
