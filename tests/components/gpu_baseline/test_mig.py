"""Where MIG splits GPUs, a manager splits them and agents wait for it."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from bedplate.catalog.mig import Partition
from bedplate.graph.derive.scheduling import NodeShape, refusals
from bedplate.graph.graph import Graph
from bedplate.graph.values import thaw
from components.base import GpuFacts, NodePoolHandle
from components.gpu_baseline.component import GpuBaseline, GpuImages
from components.gpu_baseline.spec import GpuBaselineSpec
from tests.components.recording import Stage, find, manifest, names, pods, record_on_stage, waits_for

IMAGES = GpuImages(
    device_plugin="example.org/plugin:v1",
    dcgm_exporter="example.org/dcgm:v2",
    mig_manager="example.org/mig:v3",
    dra_driver="example.org/dra-driver-nvidia-gpu:v5",
    efa_device_plugin="example.org/efa:v4",
)
SEVENTHS = Partition({"1g.10gb": 7}, "single", {"1g.10gb": 9984})
PARTS = Partition({"1g.10gb": 2, "3g.40gb": 1}, "mixed", {"1g.10gb": 9984, "3g.40gb": 40448})
TAINT = {"key": "nvidia.com/gpu", "value": "true", "effect": "NoSchedule"}
MANAGER = "DaemonSet gpu-system/mig-manager"


def pool(name: str, partition: Partition | None, *, own_agents: bool = False) -> NodePoolHandle:
    config = f"mig-{partition.strategy}" if partition else "exclusive"
    return NodePoolHandle(
        name=name,
        labels={"bedplate.dev/pool": name},
        tolerations=({**TAINT, "operator": "Equal"},),
        gpu=GpuFacts(product="NVIDIA-H100", family="hopper", count=8, memory_mib=81920, partition=partition),
        device_plugin_config="" if own_agents else config,
    )


def record(*partitions: Partition | None, bottlerocket: Partition | None = None) -> Graph:
    """The Graph with a pool of Amazon Linux nodes for each of `partitions`, and one of Bottlerocket nodes if any."""

    def program(stage: Stage) -> None:
        pools = [pool(f"pool-{index}", partition) for index, partition in enumerate(partitions)]
        pools += [pool("rocket", bottlerocket, own_agents=True)] if bottlerocket else []
        spec = GpuBaselineSpec.model_validate({"driverMinimum": "580"})
        GpuBaseline("gpu", spec, images=IMAGES, pools=pools, minimum_gpus=0, opts=stage.opts)

    return record_on_stage(program)


def files(graph: Graph, config_map: str) -> dict[str, Any]:
    texts = manifest(graph, "ConfigMap", config_map, "gpu-system")["data"]
    return {name: yaml.safe_load(text) for name, text in texts.items()}


def split_node(state: str, strategy: str = "single") -> NodeShape:
    labels = {
        "nvidia.com/device-plugin.config": f"mig-{strategy}",
        "nvidia.com/gpu.present": "true",
        "nvidia.com/mig.config": "7x1g.10gb",
        "nvidia.com/mig.strategy": strategy,
        "nvidia.com/mig.config.state": state,
    }
    return NodeShape("split", labels, (TAINT,))


WHOLE = NodeShape("whole", {"nvidia.com/device-plugin.config": "exclusive", "nvidia.com/gpu.present": "true"}, (TAINT,))
ROCKET = NodeShape("rocket", {"nvidia.com/gpu.present": "true", "nvidia.com/mig.strategy": "single"}, (TAINT,))


def container(graph: Graph, daemon_set: str) -> dict[str, Any]:
    (only,) = pods(graph)[f"DaemonSet gpu-system/{daemon_set}"]["containers"]
    return dict(thaw(only))


def test_without_a_pool_to_split_there_is_no_manager_and_nobody_has_rights() -> None:
    graph = record(None)
    assert names(graph, "DaemonSet") == ["dcgm-exporter", "device-plugin-exclusive"]
    assert names(graph, "ClusterRole") == names(graph, "ClusterRoleBinding") == []
    assert names(graph, "NetworkPolicy") == ["gpu-agents"]


def test_the_manager_finds_every_layout_that_a_pool_asks_for_by_its_name() -> None:
    assert files(record(SEVENTHS, PARTS, None, SEVENTHS), "mig-layouts")["config.yaml"] == {
        "version": "v1",
        "mig-configs": {
            "2x1g.10gb_1x3g.40gb": [
                {"devices": "all", "mig-enabled": True, "mig-devices": {"1g.10gb": 2, "3g.40gb": 1}}
            ],
            "7x1g.10gb": [{"devices": "all", "mig-enabled": True, "mig-devices": {"1g.10gb": 7}}],
        },
    }


def test_the_manager_reads_these_files_and_restarts_a_node_whose_gpus_need_it() -> None:
    manager = container(record(SEVENTHS), "mig-manager")
    settings = {item["name"]: item.get("value") for item in manager["env"]}
    assert settings["CONFIG_FILE"] == "/mig/config.yaml"
    assert settings["GPU_CLIENTS_FILE"] == "/mig/clients.yaml"
    assert settings["WITH_REBOOT"] == "true"
    assert settings["DEFAULT_GPU_CLIENTS_NAMESPACE"] == "gpu-system"
    assert {"name": "layouts", "mountPath": "/mig", "readOnly": True} in manager["volumeMounts"]
    assert manager["securityContext"] == {"privileged": True}


def test_the_manager_runs_on_nodes_that_ask_for_a_layout_and_on_no_other() -> None:
    spec = pods(record(SEVENTHS, None))[MANAGER]
    assert not refusals(spec, split_node("pending"))
    assert refusals(spec, WHOLE)


def test_the_manager_may_label_nodes_and_see_pods_and_nothing_else() -> None:
    graph = record(SEVENTHS)
    assert manifest(graph, "ClusterRole", "bedplate-mig-manager")["rules"] == [
        {"apiGroups": [""], "resources": ["nodes"], "verbs": ["get", "list", "patch", "watch"]},
        {"apiGroups": [""], "resources": ["pods"], "verbs": ["list"]},
    ]
    binding = manifest(graph, "ClusterRoleBinding", "bedplate-mig-manager")
    assert binding["roleRef"]["name"] == "bedplate-mig-manager"
    assert binding["subjects"] == [{"kind": "ServiceAccount", "name": "mig-manager", "namespace": "gpu-system"}]
    assert pods(graph)[MANAGER]["serviceAccountName"] == "mig-manager"


def test_the_manager_alone_has_a_token_and_a_way_to_the_api_server() -> None:
    graph = record(SEVENTHS, None)
    tokens = {name for name, spec in pods(graph).items() if spec["automountServiceAccountToken"]}
    assert tokens == {MANAGER}
    policy = manifest(graph, "NetworkPolicy", "mig-manager", "gpu-system")["spec"]
    assert policy["podSelector"] == {"matchLabels": {"app.kubernetes.io/name": "mig-manager"}}
    assert policy["egress"] == [{"ports": [{"port": 443, "protocol": "TCP"}, {"port": 6443, "protocol": "TCP"}]}]


def test_the_plugin_offers_instances_by_the_strategy_of_the_pool() -> None:
    configs = files(record(SEVENTHS, PARTS, None), "device-plugin-configs")
    strategies = {key: config["flags"]["migStrategy"] for key, config in configs.items()}
    assert strategies == {"exclusive": "none", "mig-mixed": "mixed", "mig-single": "single"}


@pytest.mark.parametrize("agent", ["device-plugin-mig-single", "dcgm-exporter-mig"])
@pytest.mark.parametrize(
    ("state", "runs"), [("success", True), ("pending", False), ("rebooting", False), ("failed", False)]
)
def test_agents_run_only_where_the_gpus_are_split(agent: str, state: str, runs: bool) -> None:
    spec = pods(record(SEVENTHS, None))[f"DaemonSet gpu-system/{agent}"]
    assert (not refusals(spec, split_node(state))) == runs
    assert refusals(spec, WHOLE)


def test_the_exporter_of_whole_gpus_keeps_away_from_gpus_that_are_split() -> None:
    spec = pods(record(SEVENTHS, None))["DaemonSet gpu-system/dcgm-exporter"]
    assert refusals(spec, split_node("success"))
    assert not refusals(spec, WHOLE)


def test_one_exporter_is_enough_where_every_gpu_is_split() -> None:
    assert names(record(SEVENTHS), "DaemonSet") == ["dcgm-exporter-mig", "device-plugin-mig-single", "mig-manager"]


@pytest.mark.parametrize(
    ("agent", "label"),
    [("device-plugin-mig-single", "nvidia-device-plugin-daemonset"), ("dcgm-exporter-mig", "nvidia-dcgm-exporter")],
)
def test_the_manager_finds_the_pods_that_it_has_to_wait_for(agent: str, label: str) -> None:
    template = manifest(record(SEVENTHS), "DaemonSet", agent, "gpu-system")["spec"]["template"]
    assert template["metadata"]["labels"]["app"] == label


@pytest.mark.parametrize("agent", ["device-plugin-mig-single", "dcgm-exporter-mig"])
def test_agents_may_read_instances_only_where_there_are_some(agent: str) -> None:
    graph = record(SEVENTHS, None)
    split = container(graph, agent)
    assert {"name": "NVIDIA_MIG_MONITOR_DEVICES", "value": "all"} in split["env"]
    assert split["securityContext"]["capabilities"] == {"add": ["SYS_ADMIN"], "drop": ["ALL"]}
    whole = container(graph, "device-plugin-exclusive")
    assert whole["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert "NVIDIA_MIG_MONITOR_DEVICES" not in {item["name"] for item in whole["env"]}


def test_a_changed_layout_restarts_the_manager() -> None:
    def digest(graph: Graph) -> str:
        template = manifest(graph, "DaemonSet", "mig-manager", "gpu-system")["spec"]["template"]
        return str(template["metadata"]["annotations"]["bedplate.dev/config-digest"])

    assert digest(record(SEVENTHS)) != digest(record(PARTS))


def test_the_manager_waits_for_its_rights_and_files() -> None:
    graph = record(SEVENTHS)
    waited = waits_for(graph, find(graph, "DaemonSet", "mig-manager", "gpu-system").resource)
    needed = [("ClusterRoleBinding", "bedplate-mig-manager", ""), ("ConfigMap", "mig-layouts", "gpu-system")]
    assert {find(graph, *each).resource.urn for each in needed} <= waited


def test_bottlerocket_splits_by_itself_and_gets_the_exporter_alone() -> None:
    graph = record(bottlerocket=SEVENTHS)
    assert names(graph, "DaemonSet") == ["dcgm-exporter-mig"]
    assert names(graph, "ClusterRole") == []
    assert not refusals(pods(graph)["DaemonSet gpu-system/dcgm-exporter-mig"], ROCKET)


def test_split_nodes_of_both_images_have_one_exporter() -> None:
    graph = record(SEVENTHS, None, bottlerocket=SEVENTHS)
    spec = pods(graph)["DaemonSet gpu-system/dcgm-exporter-mig"]
    assert not refusals(spec, ROCKET)
    assert not refusals(spec, split_node("success"))
    assert refusals(spec, split_node("pending"))
    assert refusals(spec, WHOLE)
    assert refusals(pods(graph)["DaemonSet gpu-system/dcgm-exporter"], ROCKET)
