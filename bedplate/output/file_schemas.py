"""JSON Schemas of the files that people write, for their editors: ``environments/schema/<name>.json``."""

from __future__ import annotations

from pathlib import Path

from bedplate.environment.expected import DifferencesSpec
from bedplate.environment.extended import environment_type
from bedplate.environment.floor import FloorSpec
from bedplate.environment.sections import SiteSpec
from bedplate.environment.targets import FOLDER
from bedplate.graph.values import pretty
from bedplate.model.schema import json_schema
from bedplate.model.spec import Spec
from components.model_service.spec import ModelRelease


def file_models(root: Path) -> dict[str, type[Spec]]:
    """The model of every file that people write. Components of the repository's own are in the environment's.

    Raises InputError where those cannot be read.
    """
    return {
        "differences": DifferencesSpec,
        "environment": environment_type(root),
        "floor": FloorSpec,
        "model-release": ModelRelease,
        "site": SiteSpec,
    }


def file_schemas(root: Path) -> dict[str, str]:
    """Every schema as text, by its path below `root`. Raises InputError as `file_models` does."""
    return {
        f"{FOLDER}/schema/{name}.json": pretty(json_schema(model, f"Bedplate {name}"))
        for name, model in file_models(root).items()
    }
