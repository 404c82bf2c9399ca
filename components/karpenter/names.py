"""Names of what Karpenter needs in the account: known before anything exists, so that its chart can be told of them."""

from __future__ import annotations

from bedplate.model.naming import NAME_LIMITS, fit_name

SERVICE_ACCOUNT = "karpenter"

# What EventBridge tells of machines that go: Karpenter AWS provider 1.14, its interruption controller and reference.
EVENTS = {
    "health": ("aws.health", "AWS Health Event"),
    "rebalance": ("aws.ec2", "EC2 Instance Rebalance Recommendation"),
    "reservation": ("aws.ec2", "EC2 Capacity Reservation Instance Interruption Warning"),
    "spot": ("aws.ec2", "EC2 Spot Instance Interruption Warning"),
    "state": ("aws.ec2", "EC2 Instance State-change Notification"),
}


def queue_name(cluster: str) -> str:
    """The queue by which Karpenter learns of machines that go."""
    return fit_name(f"{cluster}-karpenter", NAME_LIMITS["sqsQueue"])


def controller_role_name(cluster: str) -> str:
    """The controller's role."""
    return fit_name(f"{cluster}-karpenter-controller", NAME_LIMITS["iamRole"])


def node_role_name(cluster: str) -> str:
    """The role of nodes that Karpenter starts."""
    return fit_name(f"{cluster}-karpenter-node", NAME_LIMITS["iamRole"])


def instance_profile_name(cluster: str) -> str:
    """The instance profile with that role."""
    return fit_name(f"{cluster}-karpenter-node", NAME_LIMITS["iamInstanceProfile"])


def rule_name(cluster: str, event: str) -> str:
    """The EventBridge rule for one of `EVENTS`."""
    return fit_name(f"{cluster}-karpenter-{event}", NAME_LIMITS["eventRule"])
