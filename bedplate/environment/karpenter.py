"""What Karpenter follows from: its pools, its chart's settings, and the images of the nodes that it starts."""

from __future__ import annotations

from bedplate.catalog.catalog import Catalog
from bedplate.catalog.versions import Baseline
from bedplate.environment.environment import Environment
from bedplate.environment.facts import KarpenterFacts, pool_image
from bedplate.environment.sections import ChartAddonSpec
from components.bootstrap import names as account_names
from components.cluster.spec import ClusterSpec, EksExistingClusterSpec
from components.karpenter.names import SERVICE_ACCOUNT, queue_name

CONTROLLER = "karpenter"
"""The add-on, and the chart, with Karpenter's controller."""
KINDS = "karpenter-crd"
"""The add-on, and the chart, with Karpenter's kinds, which have to be there before objects of them."""

NODE_REPAIR = "settings.featureGates.nodeRepair"
"""Value of the chart by which Karpenter replaces nodes that stay unhealthy."""


def cluster_name(environment: Environment) -> str:
    """Name of the EKS cluster, and the prefix of everything that belongs to it in the account."""
    if isinstance(environment.cluster, EksExistingClusterSpec):
        return environment.cluster.name
    return account_names.prefix(environment.name)


def zonal_shift(environment: Environment) -> bool:
    """Whether Karpenter keeps clear of a zone that AWS has moved the cluster away from.

    It can only where the cluster takes part in zonal shifts, and refuses to start where it is told so and the cluster
    does not (Karpenter 1.14). Of a cluster that somebody else made nothing is known.
    """
    return isinstance(environment.cluster, ClusterSpec) and environment.cluster.zonal_shift


def controller(environment: Environment) -> ChartAddonSpec | None:
    """The add-on with Karpenter's controller; None where it is not there, or somebody else's."""
    found = (addon for addon in environment.addons if isinstance(addon, ChartAddonSpec))
    return next((addon for addon in found if addon.name == CONTROLLER), None)


def chart_values(environment: Environment) -> dict[str, str | int | bool]:
    """Values of Karpenter's chart that follow from the environment, by dotted path.

    Source: values.yaml of the chart of Karpenter 1.14. Where there is no way to the internet, Karpenter must not ask
    for prices and instance profiles, which no endpoint of a VPC offers.
    """
    cluster = cluster_name(environment)
    return {
        "serviceAccount.name": SERVICE_ACCOUNT,
        "settings.clusterName": cluster,
        "settings.enableZonalShift": zonal_shift(environment),
        "settings.featureGates.staticCapacity": any(pool.replicas for pool in environment.karpenter_pools),
        "settings.interruptionQueue": queue_name(cluster),
        "settings.isolatedVPC": environment.connectivity != "connected",
    }


def with_chart_values(environment: Environment) -> Environment:
    """`environment` with those values in the add-on, where Karpenter keeps a pool of it.

    Nodes with GPUs are repaired unless the environment says otherwise: Karpenter has an alpha feature for it.
    """
    if not environment.karpenter_pools:
        return environment
    has_gpus = any(pool.role != "general" for pool in environment.karpenter_pools)
    defaults = {NODE_REPAIR: True} if has_gpus else {}
    addons = tuple(
        addon.model_copy(update={"values": {**defaults, **addon.values, **chart_values(environment)}})
        if isinstance(addon, ChartAddonSpec) and addon.name == CONTROLLER
        else addon
        for addon in environment.addons
    )
    return environment.model_copy(update={"addons": addons})


def image_parameter(facts: KarpenterFacts, baseline: Baseline, catalog: Catalog) -> str:
    """The public SSM parameter with the id of the image that a pool's nodes start from.

    It names architecture, Kubernetes version and release, so that it never means another image. Source: Karpenter AWS
    provider 1.14, which reads the same parameters for its aliases.
    """
    image = pool_image(facts, baseline, catalog)
    arch, nvidia, version = facts.instance.architecture, facts.gpu is not None, image.kubernetes
    if facts.pool.ami.family == "bottlerocket":
        variant = f"aws-k8s-{version}{'-nvidia' if nvidia else ''}{'-fips' if facts.pool.ami.fips else ''}"
        return f"/aws/service/bottlerocket/{variant}/{arch}/{image.release}/image_id"
    kind, date = "nvidia" if nvidia else "standard", str(image.release).rpartition("-")[2]
    name = f"amazon-eks-node-al2023-{arch}-{kind}-{version}-v{date}"
    return f"/aws/service/eks/optimized-ami/{version}/amazon-linux-2023/{arch}/{kind}/{name}/image_id"
