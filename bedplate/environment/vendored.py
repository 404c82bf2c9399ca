"""Objects of expanded charts: the files below ``environments/vendor`` that a lock points at."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import yaml

from bedplate.environment.lock_file import LockFile
from bedplate.model.files import read_confined
from bedplate.model.source import InputError

Manifest: TypeAlias = Mapping[str, Any]

MAX_VENDORED_BYTES = 32 * 1024**2
"""Largest file of an expanded chart that is read; custom resource definitions make them long."""

MAX_VALUES = 2_000_000
"""Most values in such a file: anchors make few bytes mean many, and themselves endlessly many."""


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
    except (yaml.YAMLError, RecursionError) as error:
        raise ValueError(f"cannot be read as YAML: {error}") from error
    if _values(documents) > MAX_VALUES:
        raise ValueError(f"holds more than {MAX_VALUES:,} values")
    for number, document in enumerate(documents, start=1):
        if document is not None and not _is_manifest(document):
            reason = f"document {number} is no Kubernetes object: it lacks apiVersion, kind or metadata.name"
            raise ValueError(f"holds what cannot be registered: {reason}")
    return tuple(_json(document) for document in documents if document is not None)


def read_vendored(root: Path, environment: str, file: LockFile, name: str) -> Vendored | None:
    """The objects of add-on `name`, where the lock in `file` knows a file with them.

    Raises InputError at the lock's entry: the path is data, so it may not leave the repository, and what stands there
    is held against the digest, so nobody edits objects behind the lock's back.
    """
    index, chart = next(((i, item) for i, item in enumerate(file.lock.charts) if item.name == name), (0, None))
    if chart is None or chart.vendored is None:
        return None
    place = ("charts", index)
    hint = f"restore the file, or expand the chart again: bedplate lock {environment} --chart {name}=PATH"
    try:
        data = read_confined(root, chart.vendored, limit=MAX_VENDORED_BYTES)
    except InputError as error:
        text = "; ".join(problem.message for problem in error.problems)
        raise InputError([file.problem((*place, "vendored"), text, hint)]) from None
    found = sha256(data)
    if found != chart.contents:
        text = f"{chart.vendored} has {found}; the lock has {chart.contents or 'no digest of it'}"
        raise InputError([file.problem((*place, "contents"), text, hint)])
    try:
        return Vendored(name, manifests(data))
    except ValueError as reason:
        raise InputError([file.problem((*place, "vendored"), f"{chart.vendored} {reason}", hint)]) from None


def sha256(data: bytes) -> str:
    """``sha256:<hex>`` of `data`."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


def _values(documents: list[Any]) -> int:
    """How many values `documents` hold, repeats of an anchor counted each time; no more than one above the limit."""
    count, waiting = 0, documents.copy()
    while waiting and count <= MAX_VALUES:
        value = waiting.pop()
        count += 1
        if isinstance(value, dict):
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
    return count


def _json(value: Any) -> Any:
    """`value` as JSON holds it, keys as text, as in Kubernetes' own clients. Raises ValueError for what is no JSON."""
    if isinstance(value, dict):
        return {key if isinstance(key, str) else json.dumps(key): _json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_json(item) for item in value]
    if value is None or isinstance(value, str | int) or (isinstance(value, float) and math.isfinite(value)):
        return value
    raise ValueError(f"holds what JSON cannot: {value!r}")


def _is_manifest(document: object) -> bool:
    if not isinstance(document, Mapping):
        return False
    metadata = document.get("metadata")
    name = metadata.get("name") if isinstance(metadata, Mapping) else None
    return all(isinstance(value, str) for value in (document.get("apiVersion"), document.get("kind"), name))
