"""How many addresses of a subnet the nodes of a platform take. Pure arithmetic."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network

from bedplate.catalog.hardware import ADDRESSES_PER_PREFIX, InstanceType

# Amazon VPC User Guide, "Subnet sizing": the first four addresses and the last one.
_KEPT_BY_AWS = 5
# EKS User Guide, "Subnet requirements for clusters": each subnet needs at least six addresses for EKS.
_FOR_EKS = 6
# Elastic Load Balancing user guides: at least eight free addresses in each subnet of a load balancer.
_FOR_LOAD_BALANCERS = 8
# Pods that stand on the node's own address: the VPC CNI and kube-proxy (they are counted in `max_pods`).
_ON_THE_HOST = 2


@dataclass(frozen=True, slots=True)
class PoolAddresses:
    """A pool at its largest: `nodes` spread evenly over `zones`, each taking `each` addresses."""

    pool: str
    nodes: int
    zones: tuple[str, ...]
    each: int

    def nodes_in(self, zone: str) -> int:
        """Nodes in the fullest of the pool's zones; none in others. An Auto Scaling group keeps zones even."""
        return -(-self.nodes // len(self.zones)) if zone in self.zones else 0


@dataclass(frozen=True, slots=True)
class ZoneAddresses:
    """What a zone's private subnet must hold. `parts` are the pools with nodes there, `platform` is everything else."""

    zone: str
    parts: tuple[PoolAddresses, ...]
    platform: int

    @property
    def total(self) -> int:
        """All addresses that are needed in the zone."""
        return self.platform + sum(part.nodes_in(self.zone) * part.each for part in self.parts)

    def explain(self) -> str:
        """The sum, part by part, pools as nodes × addresses: ``system 2 × 30, platform 14``."""
        pools = [f"{part.pool} {part.nodes_in(self.zone)} × {part.each}" for part in self.parts]
        return ", ".join([*pools, f"platform {self.platform}"])


def addresses_per_node(instance: InstanceType, *, prefix_delegation: bool = False) -> int | None:
    """Addresses that a node takes from its subnet when it runs as many pods as the kubelet lets in.

    The VPC CNI holds whole interfaces: as many as its pods need, and one more as a reserve (WARM_ENI_TARGET=1), up to
    the type's limit; with `prefix_delegation` prefixes of 16 addresses, and one more (WARM_PREFIX_TARGET=1). Both are
    its defaults. The first address of an interface is no pod's. Source: amazon-vpc-cni-k8s, "ENI and IP target" and
    "Prefix and IP target". None where the type's interfaces are unknown.
    """
    pods = instance.max_pods(prefix_delegation=prefix_delegation)
    if pods is None or instance.enis is None or instance.ipv4_per_eni is None:
        return None
    pods, slots = pods - _ON_THE_HOST, instance.ipv4_per_eni - 1
    if prefix_delegation:
        prefixes = min(-(-pods // ADDRESSES_PER_PREFIX) + 1, instance.enis * slots)
        return -(-prefixes // slots) + prefixes * ADDRESSES_PER_PREFIX
    return min(-(-pods // slots) + 1, instance.enis) * instance.ipv4_per_eni


def addresses_by_zone(
    pools: Iterable[PoolAddresses], zones: Sequence[str], *, interface_endpoints: int
) -> tuple[ZoneAddresses, ...]:
    """What the private subnet of each of `zones` must hold, with one address for each interface endpoint."""
    pools = tuple(pools)
    platform = _FOR_EKS + _FOR_LOAD_BALANCERS + interface_endpoints
    return tuple(ZoneAddresses(zone, tuple(pool for pool in pools if zone in pool.zones), platform) for zone in zones)


def usable_addresses(cidr: str) -> int:
    """Addresses of a subnet that AWS leaves to its owner."""
    return IPv4Network(cidr).num_addresses - _KEPT_BY_AWS
