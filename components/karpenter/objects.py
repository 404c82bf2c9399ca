"""NodePools and EC2NodeClasses as Karpenter takes them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from components.base import POOL_LABEL, ROLE_LABEL, GpuFacts
from components.bottlerocket import bottlerocket_gpu_settings, bottlerocket_split
from components.karpenter.disruption import DisruptionBudgetSpec
from components.karpenter.spec import KarpenterPoolSpec
from components.node_fields import TaintSpec
from components.nodes import gpu_labels, node_taints, plugin_config, shares_per_gpu
from components.user_data import bottlerocket_user_data
from components.volumes import Volume, volumes

NODE_POOL_API = "karpenter.sh/v1"
NODE_CLASS_API = "karpenter.k8s.aws/v1"
_AMI_FAMILIES = {"al2023": "AL2023", "bottlerocket": "Bottlerocket"}
_CAPACITY_TYPES = {"onDemand": "on-demand", "spot": "spot", "reserved": "reserved"}
_CONSOLIDATION = {"empty": "WhenEmpty", "emptyOrUnderutilized": "WhenEmptyOrUnderutilized"}
_REASONS = {"empty": "Empty", "underutilized": "Underutilized", "drifted": "Drifted"}
_ARCHITECTURES = {"x86_64": "amd64", "arm64": "arm64"}


@dataclass(frozen=True, slots=True, kw_only=True)
class KarpenterNodes:
    """What a pool's nodes are made of, as far as its entry leaves it to the catalogue and the environment.

    `image` is the SSM parameter that holds the image's id; `subnets` are the terms that find each subnet; `gpu` are
    the GPUs of one node.
    """

    architecture: str
    zones: tuple[str, ...]
    image: str
    subnets: tuple[Mapping[str, object], ...]
    gpu: GpuFacts | None = None


def node_pool_name(spec: KarpenterPoolSpec) -> str:
    """Name of the NodePool. Karpenter lets none go from a fixed number of nodes to a free one, or back."""
    return spec.name if spec.replicas is None else f"{spec.name}-static"


def node_pool_spec(spec: KarpenterPoolSpec, nodes: KarpenterNodes) -> dict[str, object]:
    """`spec` of the NodePool, and of static capacity where the entry has replicas."""
    made: dict[str, object] = {
        "template": {"metadata": {"labels": karpenter_labels(spec, nodes.gpu)}, "spec": _template(spec, nodes)},
        "disruption": {
            "consolidationPolicy": _CONSOLIDATION[spec.disruption.when],
            "consolidateAfter": spec.disruption.after,
            **({"budgets": [_budget(item) for item in spec.disruption.budgets]} if spec.disruption.budgets else {}),
        },
        "limits": _limits(spec),
    }
    if spec.replicas is not None:
        made["replicas"] = spec.replicas
    if spec.weight is not None:
        made["weight"] = spec.weight
    return made


def karpenter_labels(spec: KarpenterPoolSpec, gpu: GpuFacts | None) -> dict[str, str]:
    """Labels of every node beside those that Karpenter sets. What Bedplate relies on wins over the spec's own."""
    config = "" if gpu is None or spec.ami.family == "bottlerocket" else plugin_config(spec.sharing, gpu)
    own = gpu_labels(gpu, shares_per_gpu(spec.sharing), config) if gpu else {}
    return {**spec.labels, **own, POOL_LABEL: spec.name, ROLE_LABEL: spec.role}


def _limits(spec: KarpenterPoolSpec) -> dict[str, str]:
    given = {
        "nodes": spec.limits.nodes,
        "cpu": spec.limits.cpu,
        "memory": None if spec.limits.memory_gib is None else f"{spec.limits.memory_gib}Gi",
        "nvidia.com/gpu": spec.limits.gpus,
    }
    return {key: str(value) for key, value in given.items() if value is not None}


def _template(spec: KarpenterPoolSpec, nodes: KarpenterNodes) -> dict[str, object]:
    requirements = [
        ("karpenter.sh/capacity-type", sorted(_CAPACITY_TYPES[kind] for kind in spec.capacity)),
        ("kubernetes.io/arch", [_ARCHITECTURES[nodes.architecture]]),
        ("kubernetes.io/os", ["linux"]),
        ("node.kubernetes.io/instance-type", sorted(spec.instance_types)),
        ("topology.kubernetes.io/zone", list(nodes.zones)),
    ]
    template: dict[str, object] = {
        "nodeClassRef": {"group": NODE_CLASS_API.partition("/")[0], "kind": "EC2NodeClass", "name": spec.name},
        "requirements": [{"key": key, "operator": "In", "values": values} for key, values in requirements],
        "expireAfter": spec.expire_after,
    }
    if taints := node_taints(spec, nodes.gpu):
        template["taints"] = [_taint(item) for item in taints]
    if spec.termination_grace_period is not None:
        template["terminationGracePeriod"] = spec.termination_grace_period
    return template


def _taint(taint: TaintSpec) -> dict[str, str]:
    """A taint; Kubernetes stores an empty value as an absent one."""
    made = {"key": taint.key, "value": taint.value, "effect": taint.effect}
    return {key: value for key, value in made.items() if value}


def _budget(budget: DisruptionBudgetSpec) -> dict[str, object]:
    made: dict[str, object] = {"nodes": budget.nodes}
    if budget.reasons:
        made["reasons"] = sorted(_REASONS[reason] for reason in budget.reasons)
    if budget.schedule is not None:
        made |= {"schedule": budget.schedule, "duration": budget.duration}
    return made


def node_class_spec(
    spec: KarpenterPoolSpec,
    nodes: KarpenterNodes,
    *,
    cluster: str,
    instance_profile: str,
    tags: Mapping[str, str],
) -> dict[str, object]:
    """`spec` of the EC2NodeClass. Nodes have the security group that EKS makes for control plane and nodes.

    The image is named by the SSM parameter of one release for one Kubernetes version: an alias would follow the
    control plane's version, and replace every node as soon as that moves.

    The instance profile is made beforehand: Karpenter then needs no rights to make any, and no way to reach IAM.
    """
    made: dict[str, object] = {
        "amiFamily": _AMI_FAMILIES[spec.ami.family],
        "amiSelectorTerms": [{"ssmParameter": nodes.image}],
        "instanceProfile": instance_profile,
        "subnetSelectorTerms": [dict(subnet) for subnet in nodes.subnets],
        "securityGroupSelectorTerms": [{"tags": {"aws:eks:cluster-name": cluster}}],
        "blockDeviceMappings": [_mapping(item, spec.disk.kms_key_arn) for item in volumes(spec)],
        "metadataOptions": {
            "httpEndpoint": "enabled",
            "httpProtocolIPv6": "disabled",
            "httpPutResponseHopLimit": 1,
            "httpTokens": "required",
        },
        "tags": dict(tags),
    }
    if spec.instance_store == "raid0":
        made["instanceStorePolicy"] = "RAID0"
    if spec.kubelet is not None:
        made["kubelet"] = {"maxPods": spec.kubelet.max_pods}
    if spec.reservations:
        made["capacityReservationSelectorTerms"] = [{"id": item} for item in spec.reservations]
    if spec.ami.family == "bottlerocket" and spec.sharing is not None:
        settings = bottlerocket_gpu_settings(spec.sharing, bottlerocket_split(nodes.gpu))
        made["userData"] = bottlerocket_user_data({"kubelet-device-plugins": {"nvidia": settings}})
    return made


def _mapping(volume: Volume, kms_key_arn: str | None) -> dict[str, object]:
    ebs: dict[str, object] = {
        "volumeType": "gp3",
        "volumeSize": f"{volume.gib}Gi",
        "iops": volume.iops,
        "throughput": volume.throughput_mibs,
        "encrypted": True,
        "deleteOnTermination": True,
    }
    if kms_key_arn is not None:
        ebs["kmsKeyID"] = kms_key_arn
    return {"deviceName": volume.device, "ebs": ebs}
