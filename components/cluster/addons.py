"""EKS add-ons as data: which ones a cluster cannot do without, how they are configured, and which rights they get."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class PodIdentity:
    """Rights of an add-on's pods: a policy that AWS maintains, for one service account, through EKS Pod Identity."""

    service_account: str
    policy: str
    namespace: str = "kube-system"


@dataclass(frozen=True, slots=True, kw_only=True)
class EksAddon:
    """An add-on that EKS installs and keeps.

    `version` None means EKS's default for the Kubernetes version. `configuration` is JSON text by the add-on's own
    schema. `before_nodes` marks add-ons without which a node never becomes Ready; the others need nodes to run on.
    """

    name: str
    version: str | None = None
    configuration: str | None = None
    before_nodes: bool = False
    pod_identity: PodIdentity | None = None


# Every cluster has these. The CNI's own role keeps its rights over network interfaces away from the nodes' role, and
# its network policy agent is off unless asked for (EKS User Guide, "Limit Pod traffic with Kubernetes network
# policies"); without it NetworkPolicy objects would be accepted and do nothing.
_BASE = (
    EksAddon(name="coredns"),
    EksAddon(name="eks-pod-identity-agent", before_nodes=True),
    EksAddon(name="kube-proxy", before_nodes=True),
    EksAddon(
        name="vpc-cni",
        before_nodes=True,
        configuration='{"enableNetworkPolicy":"true"}',
        pod_identity=PodIdentity("aws-node", "AmazonEKS_CNI_Policy"),
    ),
)

# Add-ons that an environment may name and that call AWS; those not listed run without rights of their own.
_OPTIONAL = (
    EksAddon(
        name="aws-ebs-csi-driver",
        pod_identity=PodIdentity("ebs-csi-controller-sa", "service-role/AmazonEBSCSIDriverPolicy"),
    ),
    EksAddon(
        name="aws-efs-csi-driver",
        pod_identity=PodIdentity("efs-csi-controller-sa", "service-role/AmazonEFSCSIDriverPolicy"),
    ),
)


def eks_addons(versions: Mapping[str, str | None]) -> tuple[EksAddon, ...]:
    """The add-ons that every cluster has and those that `versions` names, by name. None leaves the version to EKS."""
    known = {addon.name: addon for addon in (*_BASE, *_OPTIONAL)}
    names = {*versions, *(addon.name for addon in _BASE)}
    return tuple(replace(known.get(name, EksAddon(name=name)), version=versions.get(name)) for name in sorted(names))
