"""GPU agents run on every GPU node, configured by how its pool shares GPUs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
import yaml

from bedplate.graph.derive.scheduling import NodeShape, refusals
from bedplate.graph.graph import Graph
from bedplate.graph.resource import Resource
from components.base import DEVICE_PLUGIN_CONFIG_LABEL, GpuFacts, NodePoolHandle
from components.gpu_baseline.component import GpuBaseline, GpuImages
from components.gpu_baseline.metrics import FIELD_SETS
from components.gpu_baseline.spec import GpuBaselineSpec
from tests.components.recording import (
    Stage,
    find,
    manifest,
    names,
    namespaces_before_objects,
    pods,
    record_on_stage,
    waits_for,
)

SPEC: dict[str, Any] = {"driverMinimum": "580"}
IMAGES = GpuImages(
    device_plugin="nvcr.io/nvidia/k8s-device-plugin:v1",
    dcgm_exporter="nvcr.io/nvidia/dcgm-exporter:v2",
    mig_manager="nvcr.io/nvidia/k8s-mig-manager:v3",
    dra_driver="nvcr.io/nvidia/dra-driver-nvidia-gpu:v5",
    efa_device_plugin="example.org/efa:v4",
)
GPU_TAINT = {"key": "nvidia.com/gpu", "operator": "Equal", "value": "true", "effect": "NoSchedule"}
L4 = GpuFacts(product="NVIDIA-L4", family="ada-lovelace", count=1, memory_mib=22888)


def pool(
    stage: Stage, name: str, *, shares: int = 1, tolerations: Sequence[dict[str, str]] = (), efa: bool = False
) -> NodePoolHandle:
    return NodePoolHandle(
        name=name,
        ready=(stage.cluster,),
        labels={"bedplate.dev/pool": name},
        tolerations=(GPU_TAINT, *tolerations),
        gpu=L4,
        shares_per_gpu=shares,
        device_plugin_config=f"timeslicing-{shares}" if shares > 1 else "exclusive",
        efa=efa,
    )


def record_baseline(
    changes: dict[str, Any] | None = None,
    *,
    shares: Sequence[int] = (4, 1, 4),
    tolerations: Sequence[dict[str, str]] = (),
    images: GpuImages = IMAGES,
) -> Graph:
    spec = GpuBaselineSpec.model_validate(SPEC | (changes or {}))

    def program(stage: Stage) -> None:
        pools = [
            pool(stage, f"pool-{index}", shares=count, tolerations=tolerations if index == 0 else ())
            for index, count in enumerate(shares)
        ]
        baseline = GpuBaseline("gpu", spec, images=images, pools=pools, minimum_gpus=2, opts=stage.opts)
        assert len(baseline.ready) == len(set(shares))

    return record_on_stage(program)


def plugin_config(graph: Graph, key: str) -> dict[str, Any]:
    text = manifest(graph, "ConfigMap", "device-plugin-configs", "gpu-system")["data"][key]
    config: dict[str, Any] = yaml.safe_load(text)
    return config


def container(graph: Graph, daemon_set: str) -> dict[str, Any]:
    (only,) = manifest(graph, "DaemonSet", daemon_set, "gpu-system")["spec"]["template"]["spec"]["containers"]
    assert isinstance(only, dict)
    return only


def digest(graph: Graph, daemon_set: str) -> str:
    template = manifest(graph, "DaemonSet", daemon_set, "gpu-system")["spec"]["template"]
    return str(template["metadata"]["annotations"]["bedplate.dev/config-digest"])


def test_the_namespace_is_privileged_and_states_the_driver_contract() -> None:
    metadata = manifest(record_baseline(), "Namespace", "gpu-system")["metadata"]
    assert metadata["labels"]["pod-security.kubernetes.io/enforce"] == "privileged"
    assert metadata["labels"]["pod-security.kubernetes.io/enforce-version"] == "latest"
    assert metadata["annotations"] == {"bedplate.dev/driver-minimum": "580"}


def test_there_is_one_device_plugin_for_each_way_of_sharing() -> None:
    graph = record_baseline()
    assert names(graph, "DaemonSet") == ["dcgm-exporter", "device-plugin-exclusive", "device-plugin-timeslicing-4"]
    assert sorted(manifest(graph, "ConfigMap", "device-plugin-configs", "gpu-system")["data"]) == [
        "exclusive",
        "timeslicing-4",
    ]


def test_whole_gpus_are_offered_without_sharing() -> None:
    assert plugin_config(record_baseline(), "exclusive") == {
        "version": "v1",
        "flags": {
            "migStrategy": "none",
            "failOnInitError": True,
            "plugin": {"deviceListStrategy": ["envvar"], "deviceIDStrategy": "uuid"},
        },
    }


def test_a_time_sliced_gpu_counts_for_its_replicas_under_its_own_name() -> None:
    assert plugin_config(record_baseline(), "timeslicing-4")["sharing"] == {
        "timeSlicing": {
            "renameByDefault": False,
            "failRequestsGreaterThanOne": True,
            "resources": [{"name": "nvidia.com/gpu", "replicas": 4}],
        }
    }


@pytest.mark.parametrize("key", ["exclusive", "timeslicing-4"])
def test_a_device_plugin_reads_the_configuration_that_its_nodes_ask_for(key: str) -> None:
    graph = record_baseline()
    spec = pods(graph)[f"DaemonSet gpu-system/device-plugin-{key}"]
    assert spec["nodeSelector"] == {DEVICE_PLUGIN_CONFIG_LABEL: key}
    plugin = container(graph, f"device-plugin-{key}")
    assert {"name": "CONFIG_FILE", "value": f"/config/{key}"} in plugin["env"]
    assert {"name": "config", "mountPath": "/config", "readOnly": True} in plugin["volumeMounts"]


def test_the_plugin_registers_with_the_kubelet_through_its_folder_of_sockets() -> None:
    spec = pods(record_baseline())["DaemonSet gpu-system/device-plugin-exclusive"]
    (sockets,) = [volume for volume in spec["volumes"] if volume["name"] == "sockets"]
    assert sockets["hostPath"] == {"path": "/var/lib/kubelet/device-plugins", "type": "Directory"}


def test_a_changed_configuration_restarts_the_plugin_that_reads_it_and_no_other() -> None:
    before, after = record_baseline(shares=(1, 4)), record_baseline(shares=(1, 2))
    assert digest(before, "device-plugin-exclusive") == digest(after, "device-plugin-exclusive")
    assert digest(before, "device-plugin-timeslicing-4") != digest(after, "device-plugin-timeslicing-2")


def test_changed_metrics_restart_the_exporter() -> None:
    changed = record_baseline({"metrics": ["DCGM_FI_DEV_FB_USED"]})
    assert digest(changed, "dcgm-exporter") != digest(record_baseline(), "dcgm-exporter")


def test_agents_run_on_gpu_nodes_with_all_their_taints_and_on_no_other_node() -> None:
    extra = {"key": "dedicated", "operator": "Equal", "value": "batch", "effect": "NoExecute"}
    specs = pods(record_baseline(tolerations=[extra]))
    taints = ({"key": "nvidia.com/gpu", "value": "true", "effect": "NoSchedule"}, extra)
    present = {"nvidia.com/gpu.present": "true"}
    shared = NodeShape(name="shared", labels={DEVICE_PLUGIN_CONFIG_LABEL: "timeslicing-4", **present}, taints=taints)
    own_plugin = NodeShape(name="bottlerocket", labels=present, taints=taints)
    plain = NodeShape(name="plain", labels={}, taints=())
    assert not refusals(specs["DaemonSet gpu-system/device-plugin-timeslicing-4"], shared)
    assert not refusals(specs["DaemonSet gpu-system/dcgm-exporter"], shared)
    assert refusals(specs["DaemonSet gpu-system/device-plugin-timeslicing-4"], own_plugin)
    assert not refusals(specs["DaemonSet gpu-system/dcgm-exporter"], own_plugin)
    assert refusals(specs["DaemonSet gpu-system/device-plugin-exclusive"], shared)
    for spec in specs.values():
        assert refusals(spec, plain)


def test_agents_are_never_preempted_and_hold_no_kubernetes_token() -> None:
    graph = record_baseline()
    for spec in pods(graph).values():
        assert spec["priorityClassName"] == "system-node-critical"
        assert spec["automountServiceAccountToken"] is False
        account = manifest(graph, "ServiceAccount", spec["serviceAccountName"], "gpu-system")
        assert account["automountServiceAccountToken"] is False


def daemon_sets(graph: Graph) -> list[Resource]:
    found = [item for item in graph if item.type == "kubernetes:apps/v1:DaemonSet"]
    assert found
    return found


def test_agents_restart_on_one_node_at_a_time_and_one_that_falls_over_stops_there() -> None:
    for item in daemon_sets(record_baseline()):
        assert item.inputs["spec"]["updateStrategy"] == {
            "type": "RollingUpdate",
            "rollingUpdate": {"maxUnavailable": 1},
        }
        assert item.inputs["spec"]["minReadySeconds"] == 10


@pytest.mark.parametrize(("nodes", "minutes"), [(0, 10), (1, 20), (10, 20), (11, 30), (60, 70)])
def test_an_apply_waits_for_agents_as_long_as_their_nodes_need_one_after_the_other(nodes: int, minutes: int) -> None:
    def program(stage: Stage) -> None:
        pools = [replace(pool(stage, name), most_nodes=most) for name, most in (("a", nodes), ("b", 0))]
        spec = GpuBaselineSpec.model_validate(SPEC)
        GpuBaseline("gpu", spec, images=IMAGES, pools=pools, minimum_gpus=0, opts=stage.opts)

    for item in daemon_sets(record_on_stage(program)):
        assert item.options["customTimeouts"] == {"update": f"{minutes}m"}


def test_agents_state_what_they_take_from_each_node() -> None:
    for spec in pods(record_baseline()).values():
        (only,) = spec["containers"]
        assert set(only["resources"]["requests"]) == {"cpu", "memory"}
        assert set(only["resources"]["limits"]) == {"memory"}


def test_the_exporter_may_take_profiling_readings_only_where_a_metric_needs_them() -> None:
    profiling = container(record_baseline({"metrics": ["DCGM_FI_PROF_SM_ACTIVE"]}), "dcgm-exporter")
    plain = container(record_baseline({"metrics": ["DCGM_FI_DEV_FB_USED"]}), "dcgm-exporter")
    assert profiling["securityContext"]["capabilities"] == {"add": ["SYS_ADMIN"], "drop": ["ALL"]}
    assert plain["securityContext"]["capabilities"] == {"drop": ["ALL"]}


def test_on_an_image_that_shows_gpus_to_privileged_containers_only_the_exporter_is_one() -> None:
    def program(stage: Stage) -> None:
        pools = [pool(stage, "own"), replace(pool(stage, "rocket"), device_plugin_config="")]
        spec = GpuBaselineSpec.model_validate({**SPEC, "metrics": ["DCGM_FI_DEV_GPU_TEMP"]})
        GpuBaseline("gpu", spec, images=IMAGES, pools=pools, minimum_gpus=0, opts=stage.opts)

    (container,) = pods(record_on_stage(program))["DaemonSet gpu-system/dcgm-exporter"]["containers"]
    assert container["securityContext"]["capabilities"]["add"] == ("SYS_ADMIN",)


def test_the_exporter_publishes_the_metrics_of_the_spec_at_its_interval() -> None:
    graph = record_baseline({"metrics": ["DCGM_FI_DEV_FB_USED"], "metricsIntervalSeconds": 30})
    env = {item["name"]: item.get("value") for item in container(graph, "dcgm-exporter")["env"]}
    assert env["DCGM_EXPORTER_INTERVAL"] == "30000"
    assert env["DCGM_EXPORTER_COLLECTORS"] == "/config/counters.csv"
    counters = manifest(graph, "ConfigMap", "dcgm-exporter-counters", "gpu-system")["data"]["counters.csv"]
    assert counters.startswith("DCGM_FI_DEV_FB_USED, gauge, ")


def test_a_set_of_metrics_is_published_whole() -> None:
    graph = record_baseline({"metrics": ["health"]})
    counters = manifest(graph, "ConfigMap", "dcgm-exporter-counters", "gpu-system")["data"]["counters.csv"]
    assert [line.partition(",")[0] for line in counters.splitlines()] == list(FIELD_SETS["health"])


def test_gates_are_an_object_that_says_who_tells_them_and_what_must_hold() -> None:
    health = {
        "gates": ["nodesReady", "minimumGpus", "noXid"],
        "settleMinutes": 3,
        "prometheus": "http://prometheus.monitoring:9090",
    }
    text = manifest(record_baseline({"health": health}), "ConfigMap", "health-gates", "gpu-system")["data"]
    gates = yaml.safe_load(text["gates.yaml"])
    assert (gates["settleMinutes"], gates["prometheus"]) == (3, "http://prometheus.monitoring:9090")
    assert [gate["name"] for gate in gates["gates"]] == ["nodesReady", "minimumGpus", "noXid"]
    assert gates["gates"][1]["atLeast"] == 2
    assert gates["gates"][2]["query"] == "changes(DCGM_FI_DEV_XID_ERRORS[10m]) > 0"


def test_the_scrape_service_resolves_to_every_exporter_and_is_never_waited_for() -> None:
    service = manifest(record_baseline(), "Service", "dcgm-exporter", "gpu-system")
    assert service["spec"]["clusterIP"] == "None"
    assert service["metadata"]["annotations"] == {"pulumi.com/skipAwait": "true"}
    labels = manifest(record_baseline(), "DaemonSet", "dcgm-exporter", "gpu-system")["spec"]["template"]["metadata"]
    assert service["spec"]["selector"].items() <= labels["labels"].items()


def test_agents_speak_to_nobody_and_only_the_exporter_is_spoken_to() -> None:
    policy = manifest(record_baseline(), "NetworkPolicy", "gpu-agents", "gpu-system")["spec"]
    assert policy["policyTypes"] == ["Ingress", "Egress"]
    assert "egress" not in policy
    assert policy["ingress"] == [{"from": [{"namespaceSelector": {}}], "ports": [{"port": 9400, "protocol": "TCP"}]}]


def test_selectors_tell_the_plugins_apart() -> None:
    graph = record_baseline()
    selectors = [
        manifest(graph, "DaemonSet", name, "gpu-system")["spec"]["selector"]["matchLabels"]
        for name in names(graph, "DaemonSet")
    ]
    assert len({tuple(sorted(selector.items())) for selector in selectors}) == len(selectors)


def test_objects_wait_for_the_namespace_and_daemon_sets_for_what_they_mount() -> None:
    graph = record_baseline()
    namespaces_before_objects(graph)
    plugin = find(graph, "DaemonSet", "device-plugin-exclusive", "gpu-system").resource
    for kind, name in (("ConfigMap", "device-plugin-configs"), ("ServiceAccount", "device-plugin")):
        assert find(graph, kind, name, "gpu-system").resource.urn in waits_for(graph, plugin)


def test_without_gpu_pools_no_plugin_runs() -> None:
    assert names(record_baseline(shares=()), "DaemonSet") == ["dcgm-exporter"]


def test_the_order_of_pools_does_not_matter() -> None:
    assert record_baseline(shares=(1, 4)).to_json() == record_baseline(shares=(4, 1)).to_json()


@pytest.mark.parametrize(
    "change",
    [
        {"namespace": "nvidia"},
        {"driverMinimum": "595"},
        {"metrics": ["DCGM_FI_DEV_FB_USED"]},
        {"metricsIntervalSeconds": 60},
        {"cudaMinimum": "12.8"},
        {"health": {"gates": ["nodesReady"]}},
        {"health": {"settleMinutes": 1}},
    ],
    ids=str,
)
def test_every_field_of_the_spec_changes_the_graph(change: dict[str, Any]) -> None:
    assert record_baseline(change).to_json() != record_baseline().to_json()


@pytest.mark.parametrize(
    ("image", "daemon_set"), [("device_plugin", "device-plugin-exclusive"), ("dcgm_exporter", "dcgm-exporter")]
)
def test_images_are_those_that_are_given(image: str, daemon_set: str) -> None:
    assert container(record_baseline(), daemon_set)["image"] == getattr(IMAGES, image)


def record_with_efa() -> Graph:
    """The Graph with a pool that has adapters, with a taint of its own, and one that has none."""
    spec = GpuBaselineSpec.model_validate(SPEC)

    def program(stage: Stage) -> None:
        pools = [pool(stage, "wired", efa=True, tolerations=[TRAINING]), pool(stage, "plain")]
        GpuBaseline("gpu", spec, images=IMAGES, pools=pools, minimum_gpus=0, opts=stage.opts)

    return record_on_stage(program)


TRAINING = {"key": "dedicated", "operator": "Equal", "value": "training", "effect": "NoSchedule"}


def test_without_adapters_nothing_offers_them() -> None:
    assert "efa-device-plugin" not in names(record_baseline(), "DaemonSet")


def test_the_efa_plugin_runs_where_nodes_have_adapters_with_all_their_taints() -> None:
    spec = pods(record_with_efa())["DaemonSet gpu-system/efa-device-plugin"]
    taints = tuple({key: each[key] for key in ("key", "value", "effect")} for each in (GPU_TAINT, TRAINING))
    assert not refusals(spec, NodeShape(name="wired", labels={"bedplate.dev/efa": "true"}, taints=taints))
    assert refusals(spec, NodeShape(name="plain", labels={}, taints=taints[:1]))


def test_the_efa_plugin_sees_the_adapters_and_the_kubelet_on_the_network_of_the_node() -> None:
    graph = record_with_efa()
    spec = pods(graph)["DaemonSet gpu-system/efa-device-plugin"]
    assert spec["hostNetwork"] is True
    paths = {volume["hostPath"]["path"] for volume in spec["volumes"]}
    assert paths == {"/dev/infiniband", "/var/lib/kubelet/device-plugins"}
    assert container(graph, "efa-device-plugin")["image"] == IMAGES.efa_device_plugin


def test_agents_on_nodes_with_the_operators_driver_wait_for_it_and_make_way_for_another() -> None:
    def program(stage: Stage) -> None:
        bare = NodePoolHandle(
            name="bare",
            labels={"bedplate.dev/pool": "bare"},
            tolerations=(),
            gpu=GpuFacts(product="NVIDIA-L40S", family="ada-lovelace", count=4, memory_mib=45455),
            device_plugin_config="exclusive-operator",
            operator=True,
        )
        spec = GpuBaselineSpec.model_validate({"driverMinimum": "580"})
        GpuBaseline("gpu", spec, images=IMAGES, pools=[bare], minimum_gpus=0, opts=stage.opts)

    graph = record_on_stage(program)
    assert names(graph, "DaemonSet") == ["dcgm-exporter-operator", "device-plugin-exclusive-operator"]
    plugin = manifest(graph, "DaemonSet", "device-plugin-exclusive-operator", "gpu-system")["spec"]["template"]
    exporter = manifest(graph, "DaemonSet", "dcgm-exporter-operator", "gpu-system")["spec"]["template"]
    for template, app in ((plugin, "nvidia-device-plugin-daemonset"), (exporter, "nvidia-dcgm-exporter")):
        assert template["spec"]["runtimeClassName"] == "nvidia"
        assert template["metadata"]["labels"]["app"] == app, "the operator's driver manager waits for pods of this name"
    assert plugin["spec"]["nodeSelector"]["nvidia.com/gpu.deploy.device-plugin"] == "true"
