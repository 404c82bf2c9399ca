"""The published JSON Schema of a model."""

from __future__ import annotations

import json
from typing import Any, Literal

import jsonschema
import pytest
from pydantic import Field

from bedplate.model.schema import DIALECT, json_schema
from bedplate.model.spec import FrozenMap, Spec
from bedplate.model.types import DnsLabel


class Pool(Spec):
    """Nodes of one kind."""

    zone_names: tuple[DnsLabel, ...] = Field(default=(), description="Zones.", examples=[["a"]])
    labels: FrozenMap[str, str] = Field(default={}, description="Labels.")
    capacity: Literal["spot", "onDemand"] = Field(description="How nodes are bought.")


class Environment(Spec):
    """One cluster."""

    schema_: Literal["bedplate/v1"] = Field(alias="schema", description="Format.")
    pools: tuple[Pool, ...] = Field(default=(), description="Node pools.")


SCHEMA = json_schema(Environment, "Environment")


def test_the_schema_is_of_the_2020_12_dialect_and_valid() -> None:
    assert SCHEMA["$schema"] == DIALECT
    assert SCHEMA["title"] == "Environment"
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_keys_are_camel_case_and_described_without_made_up_titles() -> None:
    pool = SCHEMA["$defs"]["Pool"]
    assert list(pool["properties"]) == ["capacity", "labels", "zoneNames"]
    assert pool["properties"]["zoneNames"]["description"] == "Zones."
    assert "title" not in pool["properties"]["zoneNames"]
    assert pool["additionalProperties"] is False
    assert pool["required"] == ["capacity"]


def test_every_object_is_sorted_so_that_the_file_is_always_the_same() -> None:
    def check(value: Any) -> None:
        if isinstance(value, dict):
            assert list(value) == sorted(value)
            for item in value.values():
                check(item)
        elif isinstance(value, list):
            for item in value:
                check(item)

    check(SCHEMA)
    assert json.dumps(SCHEMA) == json.dumps(json_schema(Environment, "Environment"))


@pytest.mark.parametrize(
    ("document", "good"),
    [
        ({"schema": "bedplate/v1"}, True),
        ({"schema": "bedplate/v1", "pools": [{"capacity": "spot", "zoneNames": ["a"], "labels": {"a": "b"}}]}, True),
        ({"schema": "bedplate/v1", "pools": [{"capacity": "spot", "zone_names": ["a"]}]}, False),
        ({"schema": "bedplate/v1", "pools": [{"capacity": "spot", "zoneNames": ["A"]}]}, False),
        ({"pools": []}, False),
    ],
)
def test_an_editor_accepts_and_refuses_what_the_loader_does(document: Any, good: bool) -> None:
    assert jsonschema.Draft202012Validator(SCHEMA).is_valid(document) is good
