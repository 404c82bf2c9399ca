"""Nodes without a driver: which image they pull, what they are told, and which agents run on them."""

from __future__ import annotations

from pathlib import Path

import pytest

from bedplate.cli.pipeline import derived
from bedplate.environment.driver import driver_image, driver_reference, operator_pools
from bedplate.environment.load import load
from bedplate.environment.resolve import ResolvedEnvironment
from bedplate.graph.derive.expand import pod_groups
from bedplate.graph.graph import Graph
from bedplate.graph.images import images_of
from tests.support.environments import ROOT, repository

SYSTEM = "{name: ubuntu, version: '24.04', kernel: 6.8.0-86-generic}"
BASE = """
schema: bedplate/v1
extends: [_gpu]
name: plant
tier: development
description: Machines of one's own
ownership: {owner: plant-team, contact: plant@example.org}
state: {backend: "file://~", secretsProvider: passphrase}
cloud: {provider: none}
cluster: {kind: existing, name: plant, version: "1.35", context: plant}
teams: [{name: q, namespace: q, costCentre: c, quota: {gpus: 4, cpu: "8", memory: 8Gi, pods: 8}, members: []}]
serving: {gateway: {host: models.example.org}}
cost: {monthlyBudget: "1.00"}
addons:
  - name: gpu-operator
    source: chart
    namespace: gpu-system
    values: {clusterPolicy.deployCR: false, nfd.enabled: false, operator.upgradeCRD: false}
nodePools:
  - {name: system, provisioner: inventory, role: system, server: dell-r760, nodes: [sys-1]}
  - {name: own, provisioner: inventory, role: inference, server: nvidia-dgx-h100, nodes: [own-1], driver: 580.159.03}
  - {name: bare, provisioner: inventory, role: inference, server: hpe-dl380a-gen11-l40s, nodes: [bare-1],
     driver: none, os: SYSTEM}
"""


def plant(folder: Path, more: str = "", system: str = SYSTEM) -> ResolvedEnvironment:
    """An environment with nodes that carry a driver and nodes that carry none, of `system`."""
    root = repository(folder)
    (root / "environments/plant.yaml").write_text(BASE.replace("SYSTEM", system) + more, encoding="utf-8")
    return load(root, "plant")


def agents(graph: Graph, pool: str) -> list[str]:
    return sorted(group.name for group in pod_groups(graph) if group.node == pool)


@pytest.mark.parametrize(
    ("more", "system", "reference", "told"),
    [
        ("", SYSTEM, "driver:580-6.8.0-86-generic-ubuntu24.04", "driver:580"),
        ("gpuOperator: {modules: compiled}", SYSTEM, "driver:580.178.04-ubuntu24.04", "driver:580.178.04"),
        (
            "gpuOperator: {modules: compiled}",
            "{name: rhel, version: '9.6', kernel: 5.14.0-570.el9.x86_64}",
            "driver:580.178.04-rhel9",
            "driver:580.178.04",
        ),
    ],
)
def test_the_image_is_that_of_the_driver_for_the_nodes_system(
    more: str, system: str, reference: str, told: str, tmp_path: Path
) -> None:
    resolved = plant(tmp_path, more, system)
    (pool,) = operator_pools(resolved.environment)
    assert driver_reference(pool, resolved) == f"nvcr.io/nvidia/{reference}"
    assert driver_image(pool, resolved) == f"nvcr.io/nvidia/{told}"
    assert f"nvcr.io/nvidia/{reference}" in images_of(derived(resolved)), "the operator pulls what the lock names"


def test_a_compiled_driver_with_a_known_digest_is_named_by_it(tmp_path: Path) -> None:
    plant(tmp_path, "gpuOperator: {modules: compiled}")
    digest = "sha256:" + "1" * 64
    lock = f"""
schema: bedplate.lock/v1
environment: plant
images:
  - {{reference: "nvcr.io/nvidia/driver:580.178.04-ubuntu24.04", digest: "{digest}", state: verified, neededBy: []}}
"""
    (tmp_path / "environments/plant.lock.yaml").write_text(lock, encoding="utf-8")
    resolved = load(tmp_path, "plant")
    (pool,) = operator_pools(resolved.environment)
    assert driver_image(pool, resolved) == f"nvcr.io/nvidia/driver:580.178.04-ubuntu24.04@{digest}"
    (driver,) = (group for group in pod_groups(derived(resolved)) if "driver" in group.name)
    assert driver.spec["containers"][0]["image"].endswith(digest)


def test_every_agent_runs_once_on_every_node_whoever_brings_the_driver(tmp_path: Path) -> None:
    graph = derived(plant(tmp_path))
    assert agents(graph, "own") == ["dcgm-exporter", "device-plugin-exclusive"]
    assert agents(graph, "bare") == [
        "dcgm-exporter-operator",
        "device-plugin-exclusive-operator",
        "nvidia-container-toolkit",
        "nvidia-gpu-driver-ubuntu24.04",
        "nvidia-operator-validator",
    ]
    assert agents(graph, "system") == []


def test_the_operator_is_told_of_nodes_with_gpus_and_kept_from_those_that_carry_a_driver(tmp_path: Path) -> None:
    graph = derived(plant(tmp_path))
    nodes = {item.name: item.inputs["metadata"]["labels"] for item in graph.of_type("kubernetes:core/v1:NodePatch")}
    present = "feature.node.kubernetes.io/pci-10de.present"
    assert [name for name, labels in sorted(nodes.items()) if labels.get(present) == "true"] == [
        "bare-bare-1",
        "own-own-1",
    ]
    alone = "nvidia.com/gpu.deploy.operands"
    assert [name for name, labels in sorted(nodes.items()) if labels.get(alone) == "false"] == ["own-own-1"]
    bare = nodes["bare-bare-1"]
    assert bare["feature.node.kubernetes.io/system-os_release.VERSION_ID"] == "24.04"
    assert bare["feature.node.kubernetes.io/kernel-version.full"] == "6.8.0-86-generic"


def test_no_node_is_marked_for_an_operator_where_all_carry_their_driver() -> None:
    graph = derived(load(ROOT, "dev"))
    assert not [item for item in graph if "feature.node.kubernetes.io" in str(item.inputs)]
