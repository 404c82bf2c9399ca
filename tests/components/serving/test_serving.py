"""Serving offers one gateway and one runtime to all model services."""

from __future__ import annotations

from typing import Any

import pytest

from bedplate.graph.graph import Graph
from components.base import ServingHandle
from components.serving.component import Serving
from components.serving.spec import ServingSpec
from tests.components.recording import Stage, find, manifest, namespaces_before_objects, record_on_stage

GATEWAY: dict[str, Any] = {"className": "envoy-gateway", "host": "models.dev.example.org"}
IMAGE = "docker.io/vllm/vllm-openai:v0.31.0@sha256:" + "0" * 64


def record_serving(gateway: dict[str, Any] | None = None, *, image: str = IMAGE) -> tuple[Graph, ServingHandle]:
    spec = ServingSpec.model_validate({"gateway": GATEWAY | (gateway or {})})
    handles: list[ServingHandle] = []

    def program(stage: Stage) -> None:
        handles.append(Serving("serving", spec, image=image, after=(stage.cluster,), opts=stage.opts).handle)

    graph = record_on_stage(program)
    return graph, handles[0]


def runtime_container() -> dict[str, Any]:
    (container,) = manifest(record_serving()[0], "ClusterServingRuntime", "bedplate-vllm")["spec"]["containers"]
    assert isinstance(container, dict)
    return container


def test_the_gateway_listens_for_its_host_and_takes_routes_of_teams_alone() -> None:
    graph, _ = record_serving()
    spec = manifest(graph, "Gateway", "models", "serving-gateway")["spec"]
    assert spec == {
        "gatewayClassName": "envoy-gateway",
        "listeners": [
            {
                "name": "http",
                "port": 80,
                "protocol": "HTTP",
                "hostname": "models.dev.example.org",
                "allowedRoutes": {
                    "namespaces": {
                        "from": "Selector",
                        "selector": {"matchExpressions": [{"key": "bedplate.dev/team", "operator": "Exists"}]},
                    }
                },
            }
        ],
    }


def test_the_gateways_namespace_is_no_teams_and_enforces_the_baseline() -> None:
    labels = manifest(record_serving()[0], "Namespace", "serving-gateway")["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "baseline"
    assert "bedplate.dev/team" not in labels


def test_the_runtime_serves_the_mounted_model_under_the_services_name() -> None:
    container = runtime_container()
    assert container["name"] == "kserve-container"
    assert container["image"] == IMAGE
    assert container["command"] == ["vllm", "serve"]
    assert container["args"] == ["/mnt/models", "--port=8080", "--served-model-name={{.Name}}"]


def test_the_runtime_neither_asks_the_hub_nor_reports_home() -> None:
    env = {item["name"]: item["value"] for item in runtime_container()["env"]}
    assert env.items() >= {
        ("HF_HUB_OFFLINE", "1"),
        ("TRANSFORMERS_OFFLINE", "1"),
        ("VLLM_NO_USAGE_STATS", "1"),
        ("DO_NOT_TRACK", "1"),
    }


def test_the_container_meets_the_restricted_level() -> None:
    security = runtime_container()["securityContext"]
    assert security["allowPrivilegeEscalation"] is False
    assert security["capabilities"] == {"drop": ["ALL"]}
    assert security["runAsNonRoot"] is True
    assert security["seccompProfile"] == {"type": "RuntimeDefault"}


def test_the_container_runs_as_the_user_that_the_image_knows() -> None:
    assert runtime_container()["securityContext"]["runAsUser"] == 2000


def test_the_root_file_system_is_read_only_and_all_that_vllm_writes_to_is_mounted() -> None:
    container = runtime_container()
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    mounts = {mount["mountPath"]: mount["name"] for mount in container["volumeMounts"]}
    home = next(item["value"] for item in container["env"] if item["name"] == "HOME")
    assert set(mounts) == {home, "/tmp", "/dev/shm"}
    volumes = manifest(record_serving()[0], "ClusterServingRuntime", "bedplate-vllm")["spec"]["volumes"]
    sources = {volume["name"]: volume["emptyDir"] for volume in volumes}
    assert set(sources) == set(mounts.values())
    assert sources[mounts["/dev/shm"]]["medium"] == "Memory"
    assert all("sizeLimit" in source for source in sources.values())


@pytest.mark.parametrize("probe", ["startupProbe", "readinessProbe", "livenessProbe"])
def test_every_probe_asks_the_engine_for_its_health(probe: str) -> None:
    container = runtime_container()
    assert container[probe]["httpGet"] == {"path": "/health", "port": container["ports"][0]["containerPort"]}


def test_a_large_model_has_half_an_hour_to_load_before_it_is_restarted() -> None:
    probe = runtime_container()["startupProbe"]
    assert probe["periodSeconds"] * probe["failureThreshold"] == 1800


def test_the_runtime_is_chosen_by_name_alone() -> None:
    (model_format,) = manifest(record_serving()[0], "ClusterServingRuntime", "bedplate-vllm")["spec"][
        "supportedModelFormats"
    ]
    assert model_format["autoSelect"] is False


def test_the_handle_says_where_callers_and_models_find_each_other() -> None:
    _, handle = record_serving()
    assert (handle.runtime, handle.port) == ("bedplate-vllm", 8080)
    assert (handle.gateway, handle.gateway_namespace) == ("models", "serving-gateway")
    assert handle.host == "models.dev.example.org"
    assert len(handle.ready) == 2


def test_the_gateway_waits_for_its_namespace_and_both_for_their_kinds() -> None:
    graph, _ = record_serving()
    namespaces_before_objects(graph)
    for kind, name, namespace in (
        ("Gateway", "models", "serving-gateway"),
        ("ClusterServingRuntime", "bedplate-vllm", ""),
    ):
        dependencies = find(graph, kind, name, namespace).resource.dependencies
        assert any("pulumi:providers:kubernetes" in urn for urn in dependencies)


@pytest.mark.parametrize("change", [{"className": "istio"}, {"namespace": "edge"}, {"host": "a.example.org"}], ids=str)
def test_every_field_of_the_spec_changes_the_graph(change: dict[str, Any]) -> None:
    assert record_serving(change)[0].to_json() != record_serving()[0].to_json()
