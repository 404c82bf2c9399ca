"""The KServe configuration as data: how it is read, and what the catalogue says of 0.20.0."""

from __future__ import annotations

import json

import pytest
import yaml

from bedplate.graph.derive.settings import KServeSettings
from bedplate.graph.values import get
from tests.graph.derive.case_files import CATALOG

INITIALIZER = {"image": "i", "cpuRequest": "1", "cpuLimit": "1", "memoryRequest": "1Gi", "memoryLimit": "1Gi"}


def catalogue() -> KServeSettings:
    """The settings of KServe 0.20.0 in the catalogue."""
    content = yaml.safe_load(CATALOG.read_text(encoding="utf-8"))
    return KServeSettings.from_json(content["inferenceserviceConfig"], content["clusterStorageContainers"])


def test_the_catalogue_makes_standard_the_mode_of_the_cluster() -> None:
    assert catalogue().deployment_mode == "Standard"
    assert [container["metadata"]["name"] for container in catalogue().storage_containers] == ["default"]


def test_values_may_be_json_text_as_in_the_config_map_or_plain() -> None:
    content = yaml.safe_load(CATALOG.read_text(encoding="utf-8"))
    config, containers = content["inferenceserviceConfig"], content["clusterStorageContainers"]
    text = {key: json.dumps(value) for key, value in config.items()}
    assert KServeSettings.from_json({**text, "_example": "# not JSON"}, containers) == catalogue()


def test_every_deviation_from_the_chart_names_a_value_that_differs() -> None:
    content = yaml.safe_load(CATALOG.read_text(encoding="utf-8"))
    for deviation in content["deviations"]:
        value = get(content["inferenceserviceConfig"], *deviation["path"].split("."))
        assert value is not None
        assert value != deviation["chartDefault"]


def test_old_names_of_modes_are_read_as_the_new_ones() -> None:
    for old, new in (("RawDeployment", "Standard"), ("Serverless", "Knative")):
        config = {"storageInitializer": INITIALIZER, "deploy": {"defaultDeploymentMode": old}}
        assert KServeSettings.from_json(config).deployment_mode == new


def test_what_a_configuration_leaves_out_is_what_kserve_takes_then() -> None:
    found = KServeSettings.from_json({"storageInitializer": INITIALIZER})
    assert found.mount_service_account_token is False
    assert found.annotations_not_copied == frozenset()
    assert found.storage_initializer.model_images == ""


def test_annotations_that_are_not_copied_are_added_to_kserves_own() -> None:
    more = {"serviceAnnotationDisallowedList": ["mine"]}
    found = KServeSettings.from_json({"storageInitializer": INITIALIZER, "inferenceService": more})
    assert {"mine", "modelFormat"} <= found.annotations_not_copied


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"storageInitializer": "{"}, "key 'storageInitializer' holds no JSON"),
        ({}, "lacks image, cpuRequest, cpuLimit, memoryRequest, memoryLimit"),
        ({"storageInitializer": {**INITIALIZER, "cpuLimit": ""}}, "lacks cpuLimit"),
    ],
)
def test_a_configuration_that_kserve_would_stumble_over_is_refused_by_key(
    config: dict[str, object], words: str
) -> None:
    with pytest.raises(ValueError, match="inferenceservice-config") as refusal:
        KServeSettings.from_json(config)
    assert words in str(refusal.value)
