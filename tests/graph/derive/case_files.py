"""The example files: an input with runtime and service, and what the real KServe 0.20.0 makes of it.

The expected side was taken from KServe's own controller and webhook, not from the code under test.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml

from bedplate.graph.derive.kserve import derive_inference_service
from bedplate.graph.derive.kserve_runtimes import runtimes_for
from bedplate.graph.derive.merging import merge
from bedplate.graph.derive.results import Derived
from bedplate.graph.derive.settings import KServeSettings
from bedplate.graph.values import Json

CASES = Path(__file__).with_name("cases")
CATALOG = Path(__file__).parents[3] / "bedplate/catalog/data/kserve-0.20.0.yaml"


@dataclass(frozen=True)
class Case:
    """One example: the input file, and the KServe configuration with the input's changes."""

    name: str
    input: Json
    config: Json
    storage_containers: Json

    @property
    def settings(self) -> KServeSettings:
        """The configuration as the derivation takes it."""
        return KServeSettings.from_json(self.config, self.storage_containers)

    @property
    def expected(self) -> Json:
        """The expected file: the kinds of all objects, and some of the objects in full."""
        return _read(CASES / f"{self.name}.expected.yaml")

    def derive(self) -> tuple[Derived, ...]:
        """What the code under test makes of the input."""
        service, namespace = self.input["service"], self.input["namespace"]
        runtimes = runtimes_for(namespace["metadata"]["name"], self.input["runtimes"])
        accounts = self.input.get("accounts", ())
        return derive_inference_service(service, runtimes, namespace, self.settings, accounts=accounts)


def case_names() -> list[str]:
    """Every example, sorted."""
    return sorted(file.name.removesuffix(".input.yaml") for file in CASES.glob("*.input.yaml"))


def load_case(name: str) -> Case:
    """The example `name`."""
    content = _read(CASES / f"{name}.input.yaml")
    catalog = _read(CATALOG)
    config = {
        key: merge(value, content.get("settings", {}).get(key, {}))
        for key, value in catalog["inferenceserviceConfig"].items()
    }
    return Case(name, content, config, catalog["clusterStorageContainers"])


def _read(file: Path) -> Json:
    return yaml.safe_load(file.read_text(encoding="utf-8"))
