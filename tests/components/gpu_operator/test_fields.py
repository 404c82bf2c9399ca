"""Every field that the GPU Operator is told is one of its definitions, of the right type."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from bedplate.graph.values import Json
from tests.components.gpu_operator.test_gpu_operator import record
from tests.components.recording import manifest

TABLE = yaml.safe_load(Path(__file__).with_name("fields.yaml").read_text(encoding="utf-8"))
TYPES = {"boolean": bool, "integer": int, "object": dict, "string": str}


def without_newer_fields(manifest: dict[str, Any]) -> dict[str, Any]:
    """A copy without the fields that are newer than the operator's definitions in the Go module."""
    newer = TABLE["newer"].get(manifest["kind"], ())
    if not newer:
        return manifest
    return {**manifest, "spec": {key: value for key, value in manifest["spec"].items() if key not in newer}}


def leaves(value: Json, types: dict[str, Json], path: str = "") -> Iterator[tuple[str, Json]]:
    """Every value with its path as the table writes it; what the table calls an object is one value."""
    if isinstance(value, dict) and types.get(path) != "object":
        for key, item in value.items():
            yield from leaves(item, types, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for item in value:
            yield from leaves(item, types, f"{path}[]")
    else:
        yield path, value


@pytest.mark.parametrize("settings", [{}, {"modules": "compiled", "packageSources": "mirror"}], ids=str)
@pytest.mark.parametrize(("kind", "name"), [("ClusterPolicy", "cluster-policy"), ("NVIDIADriver", "b")])
def test_every_field_is_one_of_the_definitions_with_a_value_of_its_type(
    kind: str, name: str, settings: dict[str, object]
) -> None:
    types = TABLE[kind]
    found = dict(leaves(manifest(record(settings), kind, name)["spec"], types))
    assert found.keys() <= types.keys()
    for path, value in found.items():
        wanted = types[path]
        assert value in wanted if isinstance(wanted, list) else type(value) is TYPES[wanted], path


def test_the_table_lists_nothing_that_is_never_written() -> None:
    written = {
        (kind, path)
        for settings in ({}, {"modules": "compiled", "packageSources": "mirror"})
        for kind, name in (("ClusterPolicy", "cluster-policy"), ("NVIDIADriver", "b"))
        for path, _ in leaves(manifest(record(settings), kind, name)["spec"], TABLE[kind])
    }
    assert written == {(kind, path) for kind in ("ClusterPolicy", "NVIDIADriver") for path in TABLE[kind]}
