"""Kubernetes objects as tests handle them: plain JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

Manifest = dict[str, Any]


def has_condition(manifest: Mapping[str, Any], kind: str, status: str = "True") -> bool:
    """Whether ``status.conditions`` holds a condition of this type and status."""
    # Definitions that are not yet looked at carry null.
    conditions = manifest.get("status", {}).get("conditions") or []
    return any(entry["type"] == kind and entry["status"] == status for entry in conditions)


def title(kind: str, name: str, namespace: str | None) -> str:
    """How messages name an object."""
    return f"{kind} {namespace}/{name}" if namespace else f"{kind} {name}"


def last_seen(manifest: Manifest | None) -> str:
    """What a message about an object that was waited for in vain tells of it."""
    if manifest is None:
        return "no such object"
    shown = {
        "metadata": {"deletionTimestamp": manifest["metadata"].get("deletionTimestamp")},
        "status": manifest.get("status"),
    }
    return json.dumps(shown, sort_keys=True)[:4000]
