"""The environment file as a type: what a platform team edits, reviews and promotes."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bedplate.environment.ownership import OwnershipSpec
from bedplate.environment.regions import ResidencySpec
from bedplate.environment.sections import (
    AddonSpec,
    AnyCloudSpec,
    AwsCloudSpec,
    BaselineOverrideSpec,
    Connectivity,
    CostSpec,
    FleetSpec,
    PoliciesSpec,
    StateSpec,
)
from bedplate.extensions.spec import ExtensionsSpec
from bedplate.model.spec import Spec
from bedplate.model.types import DnsLabel, ImageRepository, Words
from components.bootstrap.spec import BootstrapSpec
from components.cluster.control_plane_spec import PodsSpec
from components.cluster.spec import AnyClusterSpec, ExistingClusterSpec
from components.delivery.spec import DeliverySpec
from components.gpu_baseline.spec import GpuBaselineSpec
from components.gpu_operator.spec import GpuOperatorSpec
from components.guardrails.spec import GuardrailsSpec
from components.inventory_pool.spec import InventoryPoolSpec
from components.karpenter.spec import KarpenterPoolSpec
from components.model_service.spec import ModelServiceSpec
from components.network.spec import NetworkSpec
from components.node_pool.spec import NodePoolSpec
from components.serving.spec import ServingSpec
from components.store.spec import StoreSpec
from components.tenancy.spec import TeamSpec

AnyPoolSpec = Annotated[NodePoolSpec | KarpenterPoolSpec | InventoryPoolSpec, Field(discriminator="provisioner")]


class Environment(Spec):
    """One GPU platform: a cluster, its node pools, its guardrails, its teams and the models that they serve."""

    schema_: Literal["bedplate/v1"] = Field(alias="schema", description="Version of this file format.")
    name: DnsLabel = Field(description="Name of the environment; the file's name.", examples=["dev"])
    tier: Literal["development", "staging", "production"] = Field(
        description="How much is at stake: production refuses local state and unresolved locks, and protects stores."
    )
    description: Words = Field(description="One sentence for reviewers.", examples=["Models on trial"])
    fleet: FleetSpec | None = Field(default=None, description="Fleet that it belongs to; none where absent.")
    baseline: str = Field(
        description="Tested set of versions from the catalogue (Kubernetes, AMI, driver, KServe, images …), quoted.",
        examples=["2026.11"],
    )
    baseline_overrides: tuple[BaselineOverrideSpec, ...] = Field(
        default=(), description="Single versions that differ from the baseline's, each with its reason."
    )
    ownership: OwnershipSpec = Field(description="Who answers for it.")
    state: StateSpec = Field(description="Where Pulumi keeps its state.")
    delivery: DeliverySpec = Field(default=DeliverySpec(), description="Who applies it, and in how many states.")
    connectivity: Connectivity = Field(
        default="connected",
        description="How nodes reach the world: connected through NAT gateways; private without any route to the "
        "internet, AWS through endpoints of the VPC; airgapped without any link, images from the site's registry.",
    )
    residency: ResidencySpec | None = Field(
        default=None, description="Regions where data and logs may live; nothing is held against any where absent."
    )
    registry: ImageRepository | None = Field(
        default=None,
        description="Registry that mirrors every image, for nodes that do not reach the publishers; images are pulled "
        "as <registry>/<upstream name>. A site's own comes before it. Default: images come from their publishers.",
        examples=["111122223333.dkr.ecr.us-east-1.amazonaws.com/mirror"],
    )
    bootstrap: BootstrapSpec | None = Field(
        default=None,
        description="What has to be there before anything else: state, and one role per layer. Layered only; absent "
        "where others keep both.",
    )
    cloud: AnyCloudSpec = Field(description="Account and place.")
    network: NetworkSpec | None = Field(default=None, description="VPC and subnets. Required with provider aws.")
    cluster: AnyClusterSpec = Field(description="Control plane: one that is made, or one that is there.")
    node_pools: Annotated[tuple[AnyPoolSpec, ...], Field(min_length=1)] = Field(description="Nodes, by pool.")
    gpu_baseline: GpuBaselineSpec = Field(description="What GPU nodes run.")
    gpu_operator: GpuOperatorSpec | None = Field(
        default=None,
        description="How the GPU Operator installs drivers on nodes that carry none; its defaults where absent.",
    )
    teams: Annotated[tuple[TeamSpec, ...], Field(min_length=1)] = Field(description="Teams and their namespaces.")
    stores: tuple[StoreSpec, ...] = Field(default=(), description="Where data lives.")
    serving: ServingSpec = Field(description="Gateway and runtime.")
    models: tuple[ModelServiceSpec, ...] = Field(default=(), description="Model services.")
    guardrails: GuardrailsSpec = Field(description="What holds in every team namespace.")
    addons: tuple[AddonSpec, ...] = Field(default=(), description="What else runs in the cluster.")
    cost: CostSpec = Field(description="Budget.")
    policies: PoliciesSpec = Field(default=PoliciesSpec(), description="Levels and waivers.")
    extensions: ExtensionsSpec = Field(
        default=ExtensionsSpec(), description="Components of the platform repository's own, from extensions/components."
    )

    @property
    def aws(self) -> AwsCloudSpec | None:
        """The AWS account and place; None without one."""
        return self.cloud if isinstance(self.cloud, AwsCloudSpec) else None

    @property
    def managed_pools(self) -> tuple[NodePoolSpec, ...]:
        """Pools that are EKS managed node groups."""
        return tuple(pool for pool in self.node_pools if isinstance(pool, NodePoolSpec))

    @property
    def karpenter_pools(self) -> tuple[KarpenterPoolSpec, ...]:
        """Pools whose nodes Karpenter starts."""
        return tuple(pool for pool in self.node_pools if isinstance(pool, KarpenterPoolSpec))

    @property
    def account(self) -> str:
        """The AWS account; empty without one."""
        return self.aws.account if self.aws else ""

    @property
    def region(self) -> str:
        """The AWS region; empty without one."""
        return self.aws.region if self.aws else ""

    @property
    def zones(self) -> tuple[str, ...]:
        """Availability zones; empty without AWS."""
        return self.aws.zones if self.aws else ()

    @property
    def pods(self) -> PodsSpec:
        """What the VPC CNI does for pods; its defaults where there is none."""
        return PodsSpec() if isinstance(self.cluster, ExistingClusterSpec) else self.cluster.pods
