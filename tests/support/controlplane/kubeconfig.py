"""Kubeconfig files that hold one cluster and one token."""

from __future__ import annotations

import json
import os
from pathlib import Path


def write_kubeconfig(file: Path, *, endpoint: str, ca_base64: str, token: str) -> Path:
    """Write a kubeconfig for `endpoint`, readable by its owner alone. (JSON is YAML, so any tool reads it.)"""
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "test", "cluster": {"server": endpoint, "certificate-authority-data": ca_base64}}],
        "users": [{"name": "test", "user": {"token": token}}],
        "contexts": [{"name": "test", "context": {"cluster": "test", "user": "test"}}],
        "current-context": "test",
    }
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        json.dump(content, stream, indent=2)
    return file
