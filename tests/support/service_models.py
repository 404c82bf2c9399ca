"""What AWS's own service models (as botocore ships them) say about requests: their enums and their members."""

from __future__ import annotations

import gzip
import json
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def shapes(service: str) -> dict[str, Any]:
    """All shapes of the newest model of `service` ("eks")."""
    versions = sorted(item.name for item in files("botocore").joinpath("data", service).iterdir() if item.is_dir())
    model = files("botocore").joinpath("data", service, versions[-1], "service-2.json.gz")
    found: dict[str, Any] = json.loads(gzip.decompress(model.read_bytes()))["shapes"]
    return found


def enum(service: str, shape: str) -> tuple[str, ...]:
    """The values of an enum of `service`, sorted."""
    return tuple(sorted(shapes(service)[shape]["enum"]))


def members(service: str, shape: str) -> dict[str, str]:
    """The members of a structure of `service`, each with the name of its shape."""
    return {name: member["shape"] for name, member in shapes(service)[shape]["members"].items()}
