"""The catalogue against KServe's chart itself, rendered by helm from the Go module."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from bedplate.graph.values import Json, get
from tests.graph.derive.case_files import CATALOG
from tests.support.controlplane.upstream import kserve_chart
from tests.toolchain.toolchain import module_dir

pytestmark = pytest.mark.cluster


def nested(path: str, value: Json) -> Json:
    """``nested("a.b", 1)`` is ``{"a": {"b": 1}}``."""
    for key in reversed(path.split(".")):
        value = {key: value}
    return value


def merged(one: Json, other: Json) -> Json:
    """Two nested mappings in one."""
    return {
        key: merged(one[key], other[key]) if key in one and key in other else {**one, **other}[key]
        for key in {**one, **other}
    }


def test_the_catalogue_is_what_the_chart_renders_with_the_stated_deviations(tmp_path: Path) -> None:
    content = yaml.safe_load(CATALOG.read_text(encoding="utf-8"))
    config = content["inferenceserviceConfig"]
    values: Json = {}
    for deviation in content["deviations"]:
        values = merged(values, nested(deviation["chartValue"], get(config, *deviation["path"].split("."))))
    file = tmp_path / "values.json"
    file.write_text(json.dumps(values), encoding="utf-8")
    objects = kserve_chart(file, tmp_path)
    (rendered,) = (each["data"] for each in objects if each["kind"] == "ConfigMap")
    assert {key: json.loads(text) for key, text in rendered.items() if key != "_example"} == config
    containers = [each for each in objects if each["kind"] == "ClusterStorageContainer"]
    assert containers == content["clusterStorageContainers"]


def test_the_catalogue_states_the_defaults_of_the_chart_where_it_deviates() -> None:
    content = yaml.safe_load(CATALOG.read_text(encoding="utf-8"))
    file = module_dir("kserve") / "charts/kserve-resources/values.yaml"
    defaults = yaml.safe_load(file.read_text(encoding="utf-8"))
    stated = {each["chartValue"]: each["chartDefault"] for each in content["deviations"]}
    assert {path: get(defaults, *path.split(".")) for path in stated} == stated
