"""Parts of the cluster section that shape an EKS control plane."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from bedplate.model.spec import FrozenMap, Refusal, Spec
from bedplate.model.types import Ipv4Network, KmsKeyArn

ControlPlaneLog = Literal["api", "audit", "authenticator", "controllerManager", "scheduler"]

ControlPlaneTier = Literal["standard", "tier-xl", "tier-2xl", "tier-4xl", "tier-8xl"]

# EKS user guide, "Advanced control plane configuration": what the scheduler can score nodes by.
ScoredResource = Literal["cpu", "memory", "nvidia.com/gpu", "aws.amazon.com/neuron", "aws.amazon.com/neuroncore"]
NodePort = Annotated[int, Field(ge=10260, le=32767)]


class EndpointSpec(Spec):
    """Where the API server can be reached from. The private endpoint inside the VPC is always on."""

    public: bool = Field(default=False, description="Whether the API server also has an address on the internet.")
    public_cidrs: tuple[Ipv4Network, ...] = Field(
        default=(),
        description="IPv4 ranges that may reach the public address. Required where it is on.",
        examples=[["203.0.113.0/24"]],
    )


class EncryptionSpec(Spec):
    """The KMS key that encrypts Secrets in etcd. It can never be changed or taken away."""

    key_arn: KmsKeyArn | None = Field(
        default=None,
        description="ARN of a key that exists; where absent, the cluster gets one of its own.",
        examples=["arn:aws:kms:us-east-1:111122223333:key/0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"],
    )


def _even_weights() -> Mapping[ScoredResource, int]:
    """EKS's own default."""
    return {"cpu": 1, "memory": 1}


class SchedulerSpec(Spec):
    """How the scheduler chooses among the nodes that have room for a pod."""

    scoring: Literal["leastAllocated", "mostAllocated"] = Field(
        default="leastAllocated",
        description="leastAllocated spreads pods over nodes; mostAllocated fills nodes one after the other, which "
        "keeps whole GPU nodes free for models that need one.",
    )
    weights: FrozenMap[ScoredResource, Annotated[int, Field(ge=1, le=100)]] = Field(
        default_factory=_even_weights,
        description="How much each resource counts, 1 to 100; a resource that is left out does not count at all.",
        examples=[{"cpu": 1, "memory": 1, "nvidia.com/gpu": 10}],
    )

    @model_validator(mode="after")
    def something_counts(self) -> Self:
        """At least one resource is weighed."""
        if not self.weights:
            raise Refusal("must not be empty: nothing would count", path=("weights",))
        return self


class NodePortsSpec(Spec):
    """Ports that Services of type NodePort and LoadBalancer get on every node."""

    first: NodePort = Field(default=30000, description="Lowest port, 10260 or more.")
    last: NodePort = Field(default=32767, description="Highest port, 32767 at most.")

    @model_validator(mode="after")
    def in_order(self) -> Self:
        """The lowest port is not above the highest."""
        if self.first > self.last:
            raise Refusal(f"{self.first} is above last, {self.last}", path=("first",))
        return self


class ApiServerSpec(Spec):
    """Settings of the API server."""

    event_ttl_minutes: Annotated[int, Field(ge=10, le=60)] = Field(
        default=60,
        description="Minutes that Kubernetes keeps events, 10 to 60. Fewer keep etcd small where jobs come and go.",
    )
    node_ports: NodePortsSpec = Field(default=NodePortsSpec(), description="Range of node ports.")


class PodsSpec(Spec):
    """What the VPC CNI does for pods."""

    prefix_delegation: bool = Field(
        default=False,
        description="Whether nodes take addresses in blocks of 16: more pods per node, and subnets need room in whole "
        "/28 blocks. More pods per node also reserve more memory for the kubelet.",
    )
