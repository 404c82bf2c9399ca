"""GPU feature discovery runs as a witness: where the device plugin does, with no right to any node."""

from __future__ import annotations

from bedplate.graph.graph import Graph
from components.base import GpuFacts, NodePoolHandle
from components.gpu_baseline.component import GpuBaseline
from components.gpu_baseline.spec import GpuBaselineSpec
from tests.components.gpu_baseline.test_gpu_baseline import IMAGES
from tests.components.recording import Stage, manifest, names, namespaces_before_objects, record_on_stage

GPU = GpuFacts(product="NVIDIA-L4", family="ada-lovelace", count=1, memory_mib=22558)
WHOLE = NodePoolHandle(name="l4", labels={}, tolerations=(), gpu=GPU, device_plugin_config="exclusive")
BARE = NodePoolHandle(
    name="bare", labels={}, tolerations=(), gpu=GPU, device_plugin_config="exclusive-operator", operator=True
)
ROCKET = NodePoolHandle(name="rocket", labels={}, tolerations=(), gpu=GPU)


def record(*pools: NodePoolHandle, discovery: str = "compare") -> Graph:
    def program(stage: Stage) -> None:
        spec = GpuBaselineSpec.model_validate({"driverMinimum": "580", "featureDiscovery": discovery})
        GpuBaseline("gpu", spec, images=IMAGES, pools=pools, minimum_gpus=0, opts=stage.opts)

    return record_on_stage(program)


def test_it_stands_beside_every_device_plugin_of_ours_and_reads_the_same_file() -> None:
    graph = record(WHOLE, BARE, ROCKET)
    found = [name for name in names(graph, "DaemonSet") if "discovery" in name]
    assert found == ["gpu-feature-discovery-exclusive", "gpu-feature-discovery-exclusive-operator"]
    spec = manifest(graph, "DaemonSet", found[0], "gpu-system")["spec"]["template"]["spec"]
    assert spec["nodeSelector"] == {"nvidia.com/device-plugin.config": "exclusive"}
    variables = {item["name"]: item.get("value") for item in spec["containers"][0]["env"]}
    assert variables["CONFIG_FILE"] == "/config/exclusive"
    assert spec["containers"][0]["image"] == IMAGES.device_plugin, "the device plugin's image carries it"


def test_it_makes_way_for_another_driver_like_the_plugin() -> None:
    graph = record(BARE)
    template = manifest(graph, "DaemonSet", "gpu-feature-discovery-exclusive-operator", "gpu-system")["spec"][
        "template"
    ]
    assert template["metadata"]["labels"]["app"] == "gpu-feature-discovery"
    assert template["spec"]["nodeSelector"]["nvidia.com/gpu.deploy.gpu-feature-discovery"] == "true"
    assert template["spec"]["runtimeClassName"] == "nvidia"


def test_it_may_write_down_what_it_finds_and_touch_no_node() -> None:
    graph = record(WHOLE)
    assert names(graph, "ClusterRole") == []
    rules = manifest(graph, "Role", "gpu-feature-discovery", "gpu-system")["rules"]
    assert [(rule["resources"], rule["verbs"]) for rule in rules] == [
        (["nodefeatures"], ["create", "get", "update"]),
        (["pods"], ["get"]),
    ]
    namespaces_before_objects(graph)


def test_nothing_of_it_is_there_unless_it_is_asked_for() -> None:
    graph = record(WHOLE, discovery="none")
    assert not [item for item in graph if "discovery" in item.name]
