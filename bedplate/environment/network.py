"""What the network follows from beside its own section: connectivity, and the services that the platform needs."""

from __future__ import annotations

from bedplate.catalog.catalog import Catalog
from bedplate.environment.environment import Environment
from bedplate.environment.karpenter import zonal_shift
from components.cluster.addressing import service_range
from components.cluster.spec import ExistingClusterSpec
from components.network.spec import Connectivity

CLUSTER = "cluster"
"""In the catalogue's `neededBy`: what every cluster needs."""
ZONAL_SHIFT = "karpenter-zonal-shift"
"""In the catalogue's `neededBy`: what Karpenter needs to keep clear of a zone that AWS moves the cluster away from."""


def vpc_connectivity(environment: Environment) -> Connectivity:
    """Whether the VPC has a way to the internet."""
    return "connected" if environment.connectivity == "connected" else "private"


def services_range(environment: Environment) -> str:
    """Range of the cluster's Services: as stated, else the one of EKS's own that lies outside of the VPC."""
    assert environment.network is not None
    cluster = environment.cluster
    stated = None if isinstance(cluster, ExistingClusterSpec) else cluster.service_cidr
    return stated or service_range(environment.network.vpc_range)


def interface_endpoints(environment: Environment, catalog: Catalog) -> tuple[str, ...]:
    """Services that get an interface endpoint, sorted: those that network.endpoints.extra asks for.

    Where there is no way to the internet, also those that the platform cannot do without, unless the owner of an
    existing VPC provides them.
    """
    network = environment.network
    if network is None:
        return ()
    provided = network.existing is not None and network.existing.endpoints == "provided"
    needed = () if provided or vpc_connectivity(environment) == "connected" else needed_services(environment, catalog)
    return tuple(sorted({*network.endpoints.extra, *needed}))


def needed_services(environment: Environment, catalog: Catalog) -> set[str]:
    """Services that the cluster and its add-ons call, as far as the catalogue knows."""
    users = {CLUSTER, *(addon.name for addon in environment.addons)}
    if environment.karpenter_pools and zonal_shift(environment):
        users.add(ZONAL_SHIFT)
    return {service for service, row in catalog.vpc_endpoints.items() if users & set(row.needed_by)}
