"""Node objects as kubelets on EKS register them, with names and addresses that depend on the node group alone."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from tests.support.controlplane.instance_types import allocatable, capacity
from tests.support.controlplane.manifests import Manifest
from tests.support.controlplane.node_groups import NodeGroup

GROUP_LABEL = "eks.amazonaws.com/nodegroup"
IMAGE_LABEL = "eks.amazonaws.com/nodegroup-image"
TEMPLATE_LABEL = "eks.amazonaws.com/sourceLaunchTemplateVersion"


@dataclass(frozen=True, slots=True)
class Place:
    """Region, and the zones over which a group's nodes are spread in turn."""

    region: str
    zones: Sequence[str]


def node_manifests(group: NodeGroup, place: Place) -> dict[str, Manifest]:
    """The nodes of a group that was just made, by name."""
    manifests = (node_manifest(group, place, index) for index in range(group.desired))
    return {manifest["metadata"]["name"]: manifest for manifest in manifests}


def is_current(node: Manifest, group: NodeGroup) -> bool:
    """Whether the node was started from what its group starts nodes from now."""
    labels = node["metadata"]["labels"]
    machine = (labels["node.kubernetes.io/instance-type"], labels.get(IMAGE_LABEL), labels.get(TEMPLATE_LABEL, ""))
    return machine == (group.instance_type, group.image, group.template)


def node_manifest(group: NodeGroup, place: Place, index: int) -> Manifest:
    """The node number `index` of those that a group starts from its image and template of now. Its name depends on
    nothing else, so that one more or one fewer changes none of the others."""
    # Another image or instance type means another machine, so it is part of the identity.
    machine = f"{group.instance_type}/{group.image}/{group.template}"
    digest = hashlib.sha256(f"{group.cluster}/{group.name}/{machine}/{index}".encode()).digest()
    address = f"10.{digest[0]}.{digest[1]}.{digest[2]}"
    domain = "ec2.internal" if place.region == "us-east-1" else f"{place.region}.compute.internal"
    name = f"ip-{address.replace('.', '-')}.{domain}"
    zone = place.zones[index % len(place.zones)]
    spec: Manifest = {"providerID": f"aws:///{zone}/i-{digest.hex()[:17]}"}
    if group.taints:
        spec["taints"] = [dict(taint) for taint in group.taints]
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "labels": _labels(group, place, zone, name)},
        "spec": spec,
        "status": {
            "addresses": [{"type": "InternalIP", "address": address}, {"type": "Hostname", "address": name}],
            "capacity": capacity(group.hardware, group.disk_gib),
            "allocatable": allocatable(group.hardware, group.disk_gib),
            "nodeInfo": {
                "architecture": group.architecture,
                "operatingSystem": "linux",
                "kubeletVersion": group.kubelet,
            },
        },
    }


def _labels(group: NodeGroup, place: Place, zone: str, name: str) -> dict[str, str]:
    labels = {
        **group.labels,
        "eks.amazonaws.com/capacityType": group.capacity_type,
        GROUP_LABEL: group.name,
        IMAGE_LABEL: group.image,
        "kubernetes.io/arch": group.architecture,
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": "linux",
        "node.kubernetes.io/instance-type": group.instance_type,
        "topology.kubernetes.io/region": place.region,
        "topology.kubernetes.io/zone": zone,
    }
    if group.template:
        labels[TEMPLATE_LABEL] = group.template
    return labels | {"nvidia.com/gpu.present": "true"} if group.nvidia else labels
