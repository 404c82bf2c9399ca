"""Objects of expanded charts: the files below ``environments/vendor`` that a lock points at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import yaml

from bedplate.environment.sections import ChartAddonSpec
from bedplate.model.files import read_confined
from bedplate.model.lockfile import LockedChart
from bedplate.model.source import InputError, Problem

Manifest: TypeAlias = Mapping[str, Any]

MAX_VENDORED_BYTES = 32 * 1024**2
"""Largest file of an expanded chart that is read; custom resource definitions make them long."""


@dataclass(frozen=True, slots=True)
class Vendored:
    """A chart's objects, as `bedplate lock` expanded them: whole manifests, sorted."""

    name: str
    objects: tuple[Manifest, ...]


class _Loader(yaml.CSafeLoader):
    """YAML as the API server's clients read it: 1.1, but a date stays text."""


_TIMESTAMP = "tag:yaml.org,2002:timestamp"
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != _TIMESTAMP]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


def manifests(text: str | bytes) -> tuple[Manifest, ...]:
    """The objects in a stream of YAML documents; empty documents are left out. Raises ValueError with the reason."""
    try:
        documents = list(yaml.load_all(text, _Loader))
    except yaml.YAMLError as error:
        raise ValueError(f"cannot be read as YAML: {error}") from error
    for number, document in enumerate(documents, start=1):
        if document is not None and not _is_manifest(document):
            raise ValueError(f"document {number} is no Kubernetes object: it lacks apiVersion, kind or metadata.name")
    return tuple(document for document in documents if document is not None)


def read_vendored(root: Path, addon: ChartAddonSpec, charts: Mapping[str, LockedChart]) -> Vendored | None:
    """The objects of `addon`, where `charts` of the lock know a file with them. Raises InputError.

    The path is data, so it may not leave the repository.
    """
    chart = charts.get(addon.name)
    if chart is None or chart.vendored is None:
        return None
    data = read_confined(root, chart.vendored, limit=MAX_VENDORED_BYTES)
    try:
        return Vendored(addon.name, manifests(data))
    except ValueError as reason:
        hint = f"expand the chart again: bedplate lock ENVIRONMENT --chart {addon.name}=PATH"
        raise InputError([Problem(None, "", f"{chart.vendored}: {reason}", hint=hint)]) from None


def _is_manifest(document: object) -> bool:
    if not isinstance(document, Mapping):
        return False
    metadata = document.get("metadata")
    name = metadata.get("name") if isinstance(metadata, Mapping) else None
    return all(isinstance(value, str) for value in (document.get("apiVersion"), document.get("kind"), name))
