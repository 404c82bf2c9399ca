"""The labels that the nodes of an EKS node group carry: those declared, and those that EKS and the kubelet add."""

from __future__ import annotations

from collections.abc import Mapping

from bedplate.graph.values import Json, is_opaque

INSTANCE_TYPE = "node.kubernetes.io/instance-type"
REGION = "topology.kubernetes.io/region"
CAPACITY_TYPE = "eks.amazonaws.com/capacityType"
NODE_GROUP = "eks.amazonaws.com/nodegroup"
MIG_CONFIG = "nvidia.com/mig.config"
MIG_STATE = "nvidia.com/mig.config.state"

# Every node carries these, with values that differ from node to node or that AWS chooses.
_DECIDED_LATE = frozenset(
    {
        "eks.amazonaws.com/nodegroup-image",
        "eks.amazonaws.com/sourceLaunchTemplateId",
        "eks.amazonaws.com/sourceLaunchTemplateVersion",
        "kubernetes.io/hostname",
        "topology.k8s.aws/zone-id",
        "topology.kubernetes.io/zone",
    }
)


def node_labels(
    inputs: Mapping[str, Json], types: tuple[str, ...], region: str | None
) -> tuple[dict[str, str], frozenset[str]]:
    """Labels of the nodes of a node group with `inputs`, and the keys whose values only the running cluster tells.

    `types` are its instance types, `region` is the AWS provider's; None where several providers differ.
    """
    ami_type = str(inputs.get("amiType", ""))
    labels = {"kubernetes.io/os": "linux", "kubernetes.io/arch": "arm64" if "ARM_64" in ami_type else "amd64"}
    if "NVIDIA" in ami_type:
        labels["nvidia.com/gpu.present"] = "true"
    if MIG_CONFIG in inputs.get("labels", {}):
        # What the MIG manager says once it has split the node's GPUs.
        labels[MIG_STATE] = "success"
    added: dict[str, Json] = {
        INSTANCE_TYPE: types[0] if len(types) == 1 else None,
        REGION: inputs.get("region") or region,
        CAPACITY_TYPE: inputs.get("capacityType", "ON_DEMAND"),
        NODE_GROUP: inputs.get("nodeGroupName"),
    }
    known = {key: str(value) for key, value in added.items() if value is not None and not is_opaque(value)}
    declared = {key: str(value) for key, value in inputs.get("labels", {}).items()}
    return {**labels, **known, **declared}, _DECIDED_LATE | (added.keys() - known.keys())
