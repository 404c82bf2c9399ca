"""JSON Schema of a model, for editors and for the published schema files."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import CoreSchema

DIALECT = "https://json-schema.org/draft/2020-12/schema"


class _Generator(GenerateJsonSchema):
    """pydantic's generator without the titles that it makes up from field names."""

    def field_title_should_be_set(self, schema: CoreSchema | Any) -> bool:
        return False


def json_schema(model: type[BaseModel], title: str) -> dict[str, Any]:
    """The JSON Schema 2020-12 of what files may hold for `model`: camelCase keys, every object sorted by key."""
    generated = model.model_json_schema(by_alias=True, schema_generator=_Generator, mode="validation")
    schema = _sorted({**generated, "$schema": DIALECT, "title": title})
    assert isinstance(schema, dict)
    return schema


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value)}
    return [_sorted(item) for item in value] if isinstance(value, list) else value
