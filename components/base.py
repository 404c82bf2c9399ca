"""What all components share: the base class, the handles that cross between them, names and labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi

from bedplate.catalog.mig import Partition
from bedplate.model.naming import NAME_LIMITS, fit_name

MANAGED_BY = "app.kubernetes.io/managed-by"
PART_OF = "app.kubernetes.io/part-of"
TEAM_LABEL = "bedplate.dev/team"
MODEL_LABEL = "bedplate.dev/model"
POOL_LABEL = "bedplate.dev/pool"
ROLE_LABEL = "bedplate.dev/role"
DEVICE_PLUGIN_CONFIG_LABEL = "nvidia.com/device-plugin.config"
MIG_CONFIG_LABEL = "nvidia.com/mig.config"
MIG_STRATEGY_LABEL = "nvidia.com/mig.strategy"
EFA_LABEL = "bedplate.dev/efa"
DEVICE_PATH_LABEL = "bedplate.dev/device-path"
DRIVER_FROM_LABEL = "bedplate.dev/driver-from"
FROM_OPERATOR = "operator"
"""Value of `DRIVER_FROM_LABEL` on nodes on which the GPU Operator installs NVIDIA's driver."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a component stands: its layer, the entry of the environment file that it answers to, and its team."""

    layer: str
    entry: str
    team: str = ""


class PlatformComponent(pulumi.ComponentResource):
    """A group of resources made from one spec.

    Subclasses take ``(name, spec, *, …handles, opts)``, create children with ``parent=self``, and end with
    ``register_outputs``. Providers arrive through `opts` and pass on to the children.
    """

    place: Place

    def __init__(self, name: str, place: Place, opts: pulumi.ResourceOptions | None) -> None:
        cls = type(self)
        package = cls.__module__.split(".")[-2]
        if cls.__module__.startswith("extensions."):
            # A platform repository's own: its types can never be those of a later Bedplate.
            package = f"extensions/{package}"
        inputs = {"layer": place.layer, "entry": place.entry, "team": place.team}
        super().__init__(f"bedplate:{package}:{cls.__name__}", name, inputs, opts)
        self.place = place

    def child(self, *, depends_on: Sequence[pulumi.Resource] = (), **options: Any) -> pulumi.ResourceOptions:
        """Options of a child resource: this component as its parent, and what else it waits for."""
        return pulumi.ResourceOptions(parent=self, depends_on=list(depends_on), **options)


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkHandle:
    """A VPC and the ids of its subnets by zone, in the environment's order. Private subnets carry the nodes."""

    vpc_id: pulumi.Output[str]
    cidr: str
    private_subnets: Mapping[str, pulumi.Output[str]]
    public_subnets: Mapping[str, pulumi.Output[str]]
    private_keys: Mapping[str, str]
    """By zone what tells a private subnet from another before it has an id: its range, or its id where it exists."""
    ready: tuple[pulumi.Resource, ...]
    """What nodes need before they can reach anything: routes, NAT gateways, endpoints."""

    @property
    def private_subnet_ids(self) -> tuple[pulumi.Output[str], ...]:
        """Ids of the private subnets, in the order of the zones."""
        return tuple(self.private_subnets.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterHandle:
    """A cluster that objects can be written to."""

    name: str
    provider: pulumi.ProviderResource
    """The Kubernetes provider, bound to this cluster's endpoint."""
    kubeconfig: pulumi.Output[str] | None = None
    """Kubeconfig as JSON text, for the stacks of upper layers; None where another stack or person made the cluster."""
    ready: tuple[pulumi.Resource, ...] = ()
    """What answers once the cluster is there; empty where another stack made it."""
    security_group: pulumi.Output[str] | None = None
    """Id of the group that EKS makes for control plane and nodes; None where another stack or person made it."""
    before_nodes: tuple[pulumi.Resource, ...] = ()
    """Add-ons that nodes need at their first start (CNI, Pod Identity agent)."""
    made_name: pulumi.Output[str] | None = None
    """The name as the cluster's own output; None where another stack or person made it."""

    @property
    def address(self) -> pulumi.Input[str]:
        """What objects of the account that stand in the cluster name it by: replaced with it, and deleted before it."""
        return self.name if self.made_name is None else self.made_name


@dataclass(frozen=True, slots=True, kw_only=True)
class GpuFacts:
    """GPUs of one node, as GPU feature discovery would describe them.

    `product` is the name that the driver reports, with hyphens (NVIDIA-L4); `family` the architecture (ada-lovelace);
    `count` GPUs per node; `memory_mib` memory of one GPU, MiB; `partition` how MIG splits each of them;
    `bottlerocket_name` what Bottlerocket's MIG manager calls the GPU.
    """

    product: str
    family: str
    count: int
    memory_mib: int
    partition: Partition | None = None
    bottlerocket_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NodePoolHandle:
    """Nodes of one kind. `labels` select them; `tolerations` let pods onto them.

    `gpu` is None for nodes without GPUs. A node offers ``gpu.count × shares_per_gpu`` nvidia.com/gpu, or the instances
    of its partition. `device_plugin_config` is the key of the device plugin's configuration that the nodes ask for by
    label; it is empty where their image brings a device plugin of its own, and where GPUs are claimed (`dra`).
    """

    name: str
    labels: Mapping[str, str]
    tolerations: tuple[Mapping[str, str], ...]
    gpu: GpuFacts | None = None
    shares_per_gpu: int = 1
    device_plugin_config: str = ""
    dra: bool = False
    """Whether pods claim GPUs, of device classes, in place of counting them."""
    efa: bool = False
    """Whether nodes have Elastic Fabric Adapters."""
    operator: bool = False
    """Whether the GPU Operator installs driver and container toolkit on the nodes, which carry neither."""
    most_nodes: int = 0
    """Nodes that the pool may have at most."""
    ready: tuple[pulumi.Resource, ...] = ()
    """The nodes; empty where another stack made them, or nobody did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NamespaceHandle:
    """A team's namespace with its quota and limits in place."""

    name: str
    ready: tuple[pulumi.Resource, ...] = field(default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreHandle:
    """An object store. ARNs are computed from names, so that policies read them before apply."""

    name: str
    bucket: str
    bucket_arn: str
    key_alias: str
    """Alias of the KMS key (``alias/…``): a policy can name it before the key exists."""
    ready: tuple[pulumi.Resource, ...] = field(default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class ServingHandle:
    """What model services stand on: the runtime that starts them and the gateway that leads to them."""

    runtime: str
    """Name of the ClusterServingRuntime."""
    port: int
    """TCP port that the runtime serves requests and metrics on."""
    gateway: str
    gateway_namespace: str
    host: str
    """DNS name of the gateway."""
    ready: tuple[pulumi.Resource, ...] = field(default=())


def safe_name(kind: str, *parts: str) -> str:
    """`parts` joined by hyphens, shortened with a hash where the service that makes a `kind` allows less."""
    return fit_name("-".join(part for part in parts if part), NAME_LIMITS[kind])


def object_labels(app: str, *, team: str = "", extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Labels that every Kubernetes object of the platform carries."""
    labels = {"app.kubernetes.io/name": app, MANAGED_BY: "bedplate", PART_OF: "bedplate"}
    if team:
        labels[TEAM_LABEL] = team
    return {**labels, **(extra or {})}


def pod_security_labels(level: str, version: str = "latest") -> dict[str, str]:
    """Labels of a namespace that enforces, audits and warns at one Pod Security level.

    `version` is the Kubernetes minor whose rules hold ("v1.35"); latest follows the API server.
    """
    prefix = "pod-security.kubernetes.io"
    labels = {f"{prefix}/{mode}": level for mode in ("audit", "enforce", "warn")}
    return labels | {f"{prefix}/{mode}-version": version for mode in ("audit", "enforce", "warn")}
