"""Cross-check of KMS keys: each stands in the region of what it encrypts."""

from __future__ import annotations

from collections.abc import Iterator

from bedplate.environment.checks.reporter import Path, Reporter
from bedplate.environment.environment import Environment
from components.cluster.spec import ClusterSpec
from components.inventory_pool.spec import InventoryPoolSpec


def check_keys(environment: Environment, report: Reporter) -> None:
    """EKS and EBS use keys of their own region alone (EKS user guide, "Encrypt Kubernetes secrets with KMS"; EBS user
    guide, "Requirements for Amazon EBS encryption").
    """
    if environment.aws is None:
        return
    for path, arn in _keys(environment):
        region = arn.split(":")[3]
        if region != environment.region:
            report.add(path, f"the key is in {region}, and what it would encrypt in {environment.region}")


def _keys(environment: Environment) -> Iterator[tuple[Path, str]]:
    """Keys that the environment names, each with its place."""
    cluster = environment.cluster
    if isinstance(cluster, ClusterSpec) and cluster.encryption.key_arn is not None:
        yield ("cluster", "encryption", "keyArn"), cluster.encryption.key_arn
    for index, pool in enumerate(environment.node_pools):
        if not isinstance(pool, InventoryPoolSpec) and pool.disk.kms_key_arn is not None:
            yield ("nodePools", index, "disk", "kmsKeyArn"), pool.disk.kms_key_arn
