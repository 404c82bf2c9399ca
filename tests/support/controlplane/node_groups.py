"""Node groups as the fake aws plugin leaves them in a folder: one JSON file each, the inputs of an EKS node group and,
as `launchTemplateData`, those of its launch template."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.controlplane.instance_types import INSTANCE_TYPES, InstanceType

# EKS's default where neither the node group nor a launch template says otherwise.
DEFAULT_DISK_GIB = 20
EFFECTS = {"NO_SCHEDULE": "NoSchedule", "NO_EXECUTE": "NoExecute", "PREFER_NO_SCHEDULE": "PreferNoSchedule"}
# Amazon Linux 2023 only: Bottlerocket brings a device plugin of its own.
ARCHITECTURES = {"AL2023_x86_64_NVIDIA": "amd64", "AL2023_x86_64_STANDARD": "amd64"}
# The kubelet refuses to give itself other labels of these domains, and the node never joins.
RESTRICTED_DOMAINS = ("kubernetes.io", "k8s.io")
ALLOWED_DOMAINS = ("kubelet.kubernetes.io", "node.kubernetes.io")


class NodeGroupError(ValueError):
    """A node group that EKS would refuse, or that this simulation cannot play."""


@dataclass(frozen=True, slots=True)
class NodeGroup:
    """What nodes of one group have in common. `taints` are as Kubernetes spells them."""

    cluster: str
    name: str
    desired: int
    instance_type: str
    ami_type: str
    capacity_type: str
    disk_gib: int
    labels: Mapping[str, str]
    taints: tuple[Mapping[str, str], ...]
    kubelet: str = ""
    """Version that the image's kubelet reports, v1.35.6; empty where the group names neither release nor version."""
    release: str = ""
    template: str = ""
    """Version of the launch template."""
    at_once: int | None = 1
    """Nodes that an update may take away together; None: `at_once_percent` of them."""
    at_once_percent: int = 0
    new_first: bool = True
    """Update strategy DEFAULT, not MINIMAL."""
    zones: int = 1

    @property
    def hardware(self) -> InstanceType:
        """The group's row of the instance table."""
        return INSTANCE_TYPES[self.instance_type]

    @property
    def image(self) -> str:
        """Id of the AMI that nodes start from."""
        identity = f"{self.ami_type}/{self.kubelet}/{self.release}"
        return f"ami-{hashlib.sha256(identity.encode()).hexdigest()[:17]}"

    @property
    def unavailable(self) -> int:
        """Nodes that an update may take away together, 100 at most."""
        if self.at_once is not None:
            return min(self.at_once, 100)
        return min(max(1, math.ceil(self.desired * self.at_once_percent / 100)), 100)

    @property
    def surge(self) -> int:
        """Nodes that an update adds first: EKS says "up to" twice the zones, or as many as it takes away together."""
        return max(2 * self.zones, self.unavailable)

    @property
    def architecture(self) -> str:
        """Processor architecture as Kubernetes spells it."""
        return ARCHITECTURES[self.ami_type]

    @property
    def nvidia(self) -> bool:
        """Whether the image carries NVIDIA's driver; without it GPUs stay invisible."""
        return self.ami_type.endswith("_NVIDIA")


def read_node_group(file: Path) -> NodeGroup:
    """Read one file.

    Raises:
        NodeGroupError: names the file, the field, and what is allowed.
        FileNotFoundError: the group has gone in the meantime.
    """
    try:
        inputs = json.loads(file.read_text(encoding="utf-8"))
        group = NodeGroup(
            cluster=inputs["clusterName"],
            name=inputs["nodeGroupName"],
            # Numbers have passed through a protobuf Struct, which knows floating point only.
            desired=int(inputs["scalingConfig"]["desiredSize"]),
            instance_type=_instance_type(inputs),
            ami_type=inputs["amiType"],
            capacity_type=inputs.get("capacityType") or "ON_DEMAND",
            disk_gib=_disk_gib(inputs),
            labels=inputs.get("labels") or {},
            taints=tuple(_taint(entry) for entry in inputs.get("taints") or ()),
            kubelet=_kubelet(inputs),
            release=inputs.get("releaseVersion") or "",
            template=str((inputs.get("launchTemplate") or {}).get("version") or ""),
            zones=max(1, len(inputs.get("subnetIds") or ())),
            **_update(inputs.get("updateConfig") or {}),
        )
        _check(group)
    except KeyError as error:
        raise NodeGroupError(f"{file.name}: {error} is missing or unknown") from error
    except (ValueError, TypeError) as error:
        raise NodeGroupError(f"{file.name}: {error}") from error
    return group


def _instance_type(inputs: Mapping[str, Any]) -> str:
    of_template = inputs.get("launchTemplateData", {}).get("instanceType")
    if of_template and inputs.get("instanceTypes"):
        raise ValueError("instanceTypes: the launch template has an instance type too")
    # EKS's default where neither says.
    return str(of_template or (inputs.get("instanceTypes") or ["t3.medium"])[0])


def _disk_gib(inputs: Mapping[str, Any]) -> int:
    volumes = inputs.get("launchTemplateData", {}).get("blockDeviceMappings")
    if volumes and inputs.get("diskSize"):
        raise ValueError("diskSize: the launch template has volumes too")
    # The last is the one that images and pods live on.
    return int(volumes[-1]["ebs"]["volumeSize"] if volumes else inputs.get("diskSize") or DEFAULT_DISK_GIB)


def _kubelet(inputs: Mapping[str, Any]) -> str:
    """Releases of Amazon Linux 2023 begin with the kubelet's version: 1.35.6-20260714."""
    version, release = inputs.get("version") or "", inputs.get("releaseVersion") or ""
    if version and release.startswith(f"{version}."):
        return f"v{release.partition('-')[0]}"
    return f"v{version}.0" if version else ""


def _update(config: Mapping[str, Any]) -> dict[str, Any]:
    percent = int(config.get("maxUnavailablePercentage") or 0)
    return {
        "at_once": None if percent else int(config.get("maxUnavailable") or 1),
        "at_once_percent": percent,
        "new_first": config.get("updateStrategy") != "MINIMAL",
    }


def _taint(entry: Mapping[str, Any]) -> dict[str, str]:
    return {"key": entry["key"], "value": entry.get("value") or "", "effect": EFFECTS[entry["effect"]]}


def _check(group: NodeGroup) -> None:
    for field, value, known in (
        ("instanceTypes", group.instance_type, INSTANCE_TYPES),
        ("amiType", group.ami_type, ARCHITECTURES),
    ):
        if value not in known:
            raise NodeGroupError(f"{field}: {value} is not simulated; known: {', '.join(sorted(known))}")
    for key in sorted(group.labels):
        domain = key.rpartition("/")[0]
        if _within(domain, RESTRICTED_DOMAINS) and not _within(domain, ALLOWED_DOMAINS):
            raise NodeGroupError(f"labels: the kubelet may not set {key} on its own node; use a domain of your own")


def _within(domain: str, parents: tuple[str, ...]) -> bool:
    return any(domain == parent or domain.endswith(f".{parent}") for parent in parents)
