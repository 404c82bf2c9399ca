"""JSON Schemas of everything that `--json` writes, made from the document types: docs/reference/schemas/<name>.json."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import CoreSchema

from bedplate.graph.values import Json, pretty
from bedplate.model.schema import DIALECT
from bedplate.output.documents.answers import (
    CodeownersDocument,
    DiffDocument,
    ErrorDocument,
    ExplainDocument,
    FilesDocument,
    ManifestsDocument,
    OwnersDocument,
    PoliciesListDocument,
    ValidateDocument,
    WhyDocument,
)
from bedplate.output.documents.compat import CompatDocument, RecordDocument
from bedplate.output.documents.plan import PlanDocument, PrDocument
from bedplate.output.documents.review import GraphDocument, ReviewDocument
from bedplate.output.documents.upgrade import GatesDocument, UpgradeDocument, UpgradeRunDocument

FOLDER = "docs/reference/schemas"

_DOCUMENTS: Mapping[str, Any] = {
    "codeowners": CodeownersDocument,
    "compat": CompatDocument,
    "diff": DiffDocument,
    "error": ErrorDocument,
    "explain": ExplainDocument,
    "files": FilesDocument,
    "gates": GatesDocument,
    "graph": GraphDocument,
    "manifests": ManifestsDocument,
    "owners": OwnersDocument,
    "plan": PlanDocument,
    "policies": PoliciesListDocument,
    "pr": PrDocument,
    "record": RecordDocument,
    "review": ReviewDocument,
    "upgrade": UpgradeDocument,
    "upgrade-run": UpgradeRunDocument,
    "validate": ValidateDocument,
    "why": WhyDocument,
}


class _WithoutTitles(GenerateJsonSchema):
    """pydantic makes titles of names; they say nothing new."""

    def field_title_should_be_set(self, schema: CoreSchema | Any) -> bool:
        return False


def schema(name: str) -> dict[str, Json]:
    """The JSON Schema 2020-12 of document `name`, which stands in every document as ``bedplate.<name>/v1``."""
    generated = TypeAdapter(_DOCUMENTS[name]).json_schema(mode="serialization", schema_generator=_WithoutTitles)
    return {**generated, "$schema": DIALECT, "title": f"bedplate.{name}/v1"}


def formats() -> tuple[str, ...]:
    """Names of all formats that this version writes."""
    return tuple(f"bedplate.{name}/v1" for name in _DOCUMENTS)


def schema_files() -> dict[str, str]:
    """Every schema as text, by its path below the repository."""
    return {f"{FOLDER}/{name}.json": pretty(schema(name)) for name in _DOCUMENTS}
