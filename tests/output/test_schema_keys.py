"""Keys of a schema, flat, and what may no longer be written."""

from __future__ import annotations

from typing import Any

import pytest

from bedplate.environment.environment import Environment
from bedplate.model.schema import json_schema
from bedplate.output.schema_keys import keys, narrowed


def schema(required: tuple[str, ...] = (), **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(required)}


TEXT, NUMBER, NOTHING = {"type": "string"}, {"type": "integer"}, {"type": "null"}


def test_keys_of_lists_alternatives_and_references_are_found() -> None:
    root = {
        **schema(
            ("pools",),
            pools={"type": "array", "items": {"oneOf": [{"$ref": "#/$defs/A"}, {"$ref": "#/$defs/B"}]}},
            owner={"anyOf": [schema(name=TEXT), NOTHING]},
        ),
        "$defs": {"A": schema(("kind", "a"), kind={"const": "a"}, a=TEXT), "B": schema(("kind",), kind={"const": "b"})},
    }
    assert keys(root) == {
        "owner": {"required": False, "kind": "null|object", "values": []},
        "owner.name": {"required": False, "kind": "text", "values": []},
        "pools": {"required": True, "kind": "array", "values": []},
        "pools[].a": {"required": False, "kind": "text", "values": []},
        "pools[].kind": {"required": True, "kind": "text", "values": ["a", "b"]},
    }


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (schema(a=TEXT), schema(), ["f: a is gone"]),
        (schema(a=TEXT), schema(("a",), a=TEXT), ["f: a is required"]),
        (schema(), schema(("a",), a=TEXT), ["f: a is required"]),
        (schema(), schema(a=schema(("b",), b=TEXT)), []),
        (schema(a={"anyOf": [TEXT, NUMBER]}), schema(a=TEXT), ["f: a may no longer be integer"]),
        (schema(a={"enum": ["x", "y"]}), schema(a={"enum": ["y", "z"]}), ["f: a may no longer be x"]),
        (schema(a=TEXT), schema(a={"enum": ["x"]}), ["f: a takes only x"]),
        (schema(a={"enum": ["x"]}), schema(a={"anyOf": [{"enum": ["x"]}, TEXT]}), []),
        (schema(("a",), a=TEXT), schema(a={"anyOf": [TEXT, NOTHING]}), []),
    ],
)
def test_only_what_could_be_written_before_and_no_longer_can_is_told(
    before: dict[str, Any], after: dict[str, Any], told: list[str]
) -> None:
    assert list(narrowed("f", keys(before), keys(after))) == told


def test_every_key_of_the_environment_is_found() -> None:
    found = keys(json_schema(Environment, "environment"))
    assert found["schema"] == {"required": True, "kind": "text", "values": ["bedplate/v1"]}
    assert found["nodePools[].size.max"]["required"]
    assert found["policies.waivers[].expires"]["kind"] == "text"
