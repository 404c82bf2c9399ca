"""What EKS says to Kubernetes versions: which a cluster and its node groups may be brought to, and from where.

Sources: EKS API reference of CreateNodegroup (only the cluster's version is accepted) and UpdateClusterVersion (one
minor at a time); EKS user guide, "Update a managed node group" (not beyond the control plane) and "Rollback cluster to
previous Kubernetes version" (node groups are taken back first, with UpdateNodegroupVersion), both read 2026-11-28. The
reference of UpdateNodegroupVersion still says that a group cannot be taken back: where that matters, a fault says it.
"""

from collections.abc import Iterable

from tests.support.fakeaws.records import CLUSTER_TYPE, NODE_GROUP_TYPE, Records
from tests.support.fakeaws.wire import Properties

ACCESS_ENTRY_TYPE = "aws:eks/accessEntry:AccessEntry"
IDENTITY_PROVIDER_TYPE = "aws:eks/identityProviderConfig:IdentityProviderConfig"
# Any of these makes EKS replace the group's nodes; everything else changes nodes that are there.
ROLLING = frozenset({"launchTemplate", "releaseVersion", "version"})


def check_create(records: Records, resource_type: str, inputs: Properties) -> None:
    """Raise ValueError where EKS would not make the object."""
    if resource_type != NODE_GROUP_TYPE:
        return
    cluster = _version(records.cluster(str(inputs.get("clusterName"))))
    asked = _version(inputs)
    if cluster and asked and asked != cluster:
        raise ValueError(
            f"InvalidParameterException: Requested Nodegroup version {asked} is not the cluster's: {cluster}"
        )


def check_free(records: Records, resource_type: str, identifier: str) -> None:
    """Raise ValueError where EKS has another object in the place of the one with that id.

    Sources: EKS API reference, CreateAccessEntry (ResourceInUseException); EKS user guide, "Grant users access to
    Kubernetes with an external OIDC provider" (one provider for each cluster). A policy that a role has already can be
    associated again, with another scope.
    """
    there = records.there(resource_type)
    if resource_type == ACCESS_ENTRY_TYPE and identifier in there:
        raise ValueError(
            "ResourceInUseException: The specified access entry resource is already in use on this cluster."
        )
    cluster = identifier.partition(":")[0]
    if resource_type == IDENTITY_PROVIDER_TYPE and any(other.partition(":")[0] == cluster for other in there):
        raise ValueError(f"ResourceLimitExceededException: cluster {cluster} has an identity provider")


def check_update(records: Records, resource_type: str, old: Properties, new: Properties) -> None:
    """Raise ValueError where EKS would not change the object from `old` to `new`."""
    before, after = _version(old), _version(new)
    if not before or not after or before == after:
        return
    if resource_type == NODE_GROUP_TYPE:
        cluster = _version(records.cluster(str(new.get("clusterName"))))
        if cluster and _minor(after) > _minor(cluster):
            raise ValueError(f"InvalidParameterException: Nodegroup version {after} is beyond the cluster's: {cluster}")
    elif resource_type == CLUSTER_TYPE:
        _check_cluster(before, after, records.groups_of(str(new.get("name"))))


def rolls(changed: Iterable[str]) -> bool:
    """Whether a change of these inputs of a node group replaces its nodes."""
    return not ROLLING.isdisjoint(changed)


def _check_cluster(before: str, after: str, groups: Iterable[Properties]) -> None:
    if abs(_minor(after) - _minor(before)) != 1:
        raise ValueError(
            f"InvalidParameterException: Unsupported Kubernetes minor version update from {before} to {after}"
        )
    newer = [str(group["nodeGroupName"]) for group in groups if _minor(_version(group) or after) > _minor(after)]
    if newer:
        raise ValueError(f"InvalidRequestException: kubelets of {', '.join(newer)} are newer than {after}")


def _version(inputs: Properties | None) -> str:
    return str((inputs or {}).get("version") or "")


def _minor(version: str) -> int:
    return int(version.split(".")[1])
