"""Node groups become nodes as EKS would make them, and impossible ones are refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.controlplane.instance_types import INSTANCE_TYPES, allocatable, capacity, reserved_millicores
from tests.support.controlplane.node_groups import NodeGroupError, read_node_group
from tests.support.controlplane.nodes import Place, node_manifests

PLACE = Place("eu-central-1", ("eu-central-1a", "eu-central-1b"))


def write(folder: Path, **changes: Any) -> Path:
    """A file with a node group of two GPU nodes, and what the test changes in it."""
    inputs = {
        "clusterName": "dev",
        "nodeGroupName": "l4",
        "amiType": "AL2023_x86_64_NVIDIA",
        "instanceTypes": ["g6.xlarge"],
        "scalingConfig": {"desiredSize": 2.0},
        "labels": {"example.org/pool": "l4"},
        "taints": [
            {"key": "nvidia.com/gpu", "value": "true", "effect": "NO_SCHEDULE"},
            {"key": "x", "effect": "NO_EXECUTE"},
        ],
        **changes,
    }
    file = folder / "l4.json"
    file.write_text(json.dumps(inputs), encoding="utf-8")
    return file


def test_a_node_carries_what_eks_and_its_group_put_on_it(tmp_path: Path) -> None:
    first, second = node_manifests(read_node_group(write(tmp_path)), PLACE).values()
    name = first["metadata"]["name"]
    assert name.startswith("ip-10-")
    assert name.endswith(".eu-central-1.compute.internal")
    assert first["metadata"]["labels"] == {
        "eks.amazonaws.com/capacityType": "ON_DEMAND",
        "eks.amazonaws.com/nodegroup": "l4",
        "eks.amazonaws.com/nodegroup-image": read_node_group(write(tmp_path)).image,
        "example.org/pool": "l4",
        "kubernetes.io/arch": "amd64",
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": "linux",
        "node.kubernetes.io/instance-type": "g6.xlarge",
        "nvidia.com/gpu.present": "true",
        "topology.kubernetes.io/region": "eu-central-1",
        "topology.kubernetes.io/zone": "eu-central-1a",
    }
    assert first["spec"]["taints"] == [
        {"key": "nvidia.com/gpu", "value": "true", "effect": "NoSchedule"},
        {"key": "x", "value": "", "effect": "NoExecute"},
    ]
    assert "nvidia.com/gpu" not in first["status"]["capacity"]
    assert second["metadata"]["labels"]["topology.kubernetes.io/zone"] == "eu-central-1b"


def test_only_nvidia_images_announce_a_gpu(tmp_path: Path) -> None:
    group = read_node_group(write(tmp_path, amiType="AL2023_x86_64_STANDARD"))
    assert all(
        "nvidia.com/gpu.present" not in node["metadata"]["labels"] for node in node_manifests(group, PLACE).values()
    )


def test_growing_a_group_keeps_its_nodes_and_another_instance_type_replaces_them(tmp_path: Path) -> None:
    two = node_manifests(read_node_group(write(tmp_path)), PLACE)
    three = node_manifests(read_node_group(write(tmp_path, scalingConfig={"desiredSize": 3})), PLACE)
    other = node_manifests(read_node_group(write(tmp_path, instanceTypes=["g6e.xlarge"])), PLACE)
    assert {name: three[name] for name in two} == two
    assert not set(other) & set(two)


def test_a_launch_template_says_what_the_group_leaves_open(tmp_path: Path) -> None:
    template = {"instanceType": "g6.12xlarge", "blockDeviceMappings": [{"ebs": {"volumeSize": 150.0}}]}
    group = read_node_group(
        write(tmp_path, instanceTypes=None, capacityType="CAPACITY_BLOCK", launchTemplateData=template)
    )
    assert (group.instance_type, group.disk_gib, group.capacity_type) == ("g6.12xlarge", 150, "CAPACITY_BLOCK")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"launchTemplateData": {"instanceType": "g6.xlarge"}},
            r"l4.json: instanceTypes: the launch template has an instance type too",
        ),
        (
            {"diskSize": 50, "launchTemplateData": {"blockDeviceMappings": [{"ebs": {"volumeSize": 150}}]}},
            r"l4.json: diskSize: the launch template has volumes too",
        ),
        ({"instanceTypes": ["g9.huge"]}, r"l4.json: instanceTypes: g9.huge is not simulated; known: g6.12xlarge, .*"),
        (
            {"amiType": "BOTTLEROCKET_x86_64_NVIDIA"},
            r"l4.json: amiType: BOTTLEROCKET_x86_64_NVIDIA is not simulated; .*",
        ),
        ({"scalingConfig": {}}, r"l4.json: 'desiredSize' is missing or unknown"),
        ({"taints": [{"key": "x", "effect": "NoSchedule"}]}, r"l4.json: 'NoSchedule' is missing or unknown"),
        (
            {"labels": {"node-role.kubernetes.io/gpu": ""}},
            r"l4.json: labels: the kubelet may not set node-role.* on its own node.*",
        ),
    ],
)
def test_a_group_that_would_not_join_is_refused(tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(NodeGroupError, match=f"^{message}$"):
        read_node_group(write(tmp_path, **changes))


def test_a_label_in_the_kubelets_own_domain_is_taken(tmp_path: Path) -> None:
    group = read_node_group(write(tmp_path, labels={"node.kubernetes.io/pool": "l4"}))
    assert group.labels == {"node.kubernetes.io/pool": "l4"}


def test_a_file_that_is_no_json_is_named(tmp_path: Path) -> None:
    file = tmp_path / "half.json"
    file.write_text('{"clusterName": "d', encoding="utf-8")
    with pytest.raises(NodeGroupError, match=r"^half.json: Unterminated string"):
        read_node_group(file)


@pytest.mark.parametrize(("vcpus", "millicores"), [(2, 70), (4, 80), (8, 90), (48, 190), (192, 550)])
def test_cpu_reserved_for_the_system_grows_as_on_eks_images(vcpus: int, millicores: int) -> None:
    assert reserved_millicores(vcpus) == millicores


def test_a_g6_xlarge_offers_what_is_left_after_overhead_reservations_and_eviction() -> None:
    instance = INSTANCE_TYPES["g6.xlarge"]
    # 16 GiB less 7.5 %, then less 255 + 11 x 58 + 100 MiB.
    assert capacity(instance, 100)["memory"] == "15518924Ki"
    assert allocatable(instance, 100) == {
        "cpu": "3920m",
        "memory": f"{15518924 - 993 * 1024}Ki",
        "pods": "58",
        "ephemeral-storage": f"{89 * 1024 * 1024}Ki",
    }


@pytest.mark.parametrize(
    ("version", "release", "kubelet"),
    [
        ("1.35", "1.35.6-20260714", "v1.35.6"),
        ("1.35", "1.62.0-0a1b2c3d", "v1.35.0"),
        ("1.35", None, "v1.35.0"),
        (None, None, ""),
    ],
)
def test_nodes_report_the_kubelet_of_their_image(
    version: str | None, release: str | None, kubelet: str, tmp_path: Path
) -> None:
    inputs = {
        "clusterName": "c",
        "nodeGroupName": "g",
        "scalingConfig": {"desiredSize": 1},
        "amiType": "AL2023_x86_64_NVIDIA",
        "instanceTypes": ["g6.xlarge"],
        "version": version,
        "releaseVersion": release,
    }
    file = tmp_path / "g.json"
    file.write_text(json.dumps(inputs), encoding="utf-8")
    assert read_node_group(file).kubelet == kubelet
