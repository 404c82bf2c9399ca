"""How a cluster is addressed: its ARN, the range of its Services, and the kubeconfig that reaches it."""

from __future__ import annotations

from ipaddress import IPv4Network

# The two ranges that EKS itself chooses from (EKS API reference, KubernetesNetworkConfigRequest).
_SERVICE_RANGES = ("172.20.0.0/16", "10.100.0.0/16")


def cluster_arn(region: str, account: str, name: str) -> str:
    """ARN of an EKS cluster."""
    return f"arn:aws:eks:{region}:{account}:cluster/{name}"


def service_range(vpc_cidr: str) -> str:
    """Range of Service addresses: one of EKS's own choices that does not overlap the VPC.

    It is stated, and not left to EKS, because it can never be changed and network policies need to know it.
    """
    vpc = IPv4Network(vpc_cidr)
    return next(candidate for candidate in _SERVICE_RANGES if not vpc.overlaps(IPv4Network(candidate)))


def kubeconfig(*, name: str, region: str, endpoint: object, certificate_authority: object) -> dict[str, object]:
    """A kubeconfig with one cluster. Credentials come from the AWS identity that runs it, by ``aws eks get-token``.

    It holds no secret. `endpoint` and `certificate_authority` (base64) may be Outputs.
    """
    login = {
        "apiVersion": "client.authentication.k8s.io/v1beta1",
        "command": "aws",
        "args": ["eks", "get-token", "--cluster-name", name, "--region", region, "--output", "json"],
        "interactiveMode": "Never",
    }
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": name,
        "clusters": [
            {"name": name, "cluster": {"server": endpoint, "certificate-authority-data": certificate_authority}}
        ],
        "users": [{"name": name, "user": {"exec": login}}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
    }
