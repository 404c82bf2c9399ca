"""The lock file's text: sorted, stable, readable in a review."""

from __future__ import annotations

import yaml

from bedplate.graph.values import Json
from bedplate.model.lockfile import Lock

_HEADER = "# Made by `bedplate lock`; do not edit. States: verified, published, unresolved.\n"


def lock_text(lock: Lock) -> str:
    """YAML of `lock`: keys in the order of the format, entries sorted, absent values left out."""
    data: Json = lock.model_dump(mode="json", by_alias=True, exclude_none=True)
    return _HEADER + yaml.dump(data, Dumper=yaml.CSafeDumper, sort_keys=False, width=160, allow_unicode=True)
