"""Named ways out of a namespace, as NetworkPolicy rules."""

from __future__ import annotations

import ipaddress

import pulumi_kubernetes as k8s

from components.guardrails.spec import FlowSpec

# The instance metadata service stands here (169.254.169.254) and hands out the node's credentials.
_LINK_LOCAL = ipaddress.IPv4Network("169.254.0.0/16")

_POD_IDENTITY_AGENT = "169.254.170.23/32"
_POD_IDENTITY_PORT = 80


def dns_rule() -> k8s.networking.v1.NetworkPolicyEgressRuleArgs:
    """Name resolution by CoreDNS, over UDP and, for long answers, TCP."""
    return k8s.networking.v1.NetworkPolicyEgressRuleArgs(
        to=[
            k8s.networking.v1.NetworkPolicyPeerArgs(
                namespace_selector=in_namespace("kube-system"),
                pod_selector=k8s.meta.v1.LabelSelectorArgs(match_labels={"k8s-app": "kube-dns"}),
            )
        ],
        ports=[_port(53, "UDP"), _port(53, "TCP")],
    )


def pod_identity_rule() -> k8s.networking.v1.NetworkPolicyEgressRuleArgs:
    """The EKS Pod Identity agent of the pod's own node, which trades the pod's token for AWS credentials."""
    return k8s.networking.v1.NetworkPolicyEgressRuleArgs(
        to=[_block(_POD_IDENTITY_AGENT, ())], ports=[_port(_POD_IDENTITY_PORT, "TCP")]
    )


def flow_rule(flow: FlowSpec) -> k8s.networking.v1.NetworkPolicyEgressRuleArgs:
    """A flow of the environment file. Link-local addresses stay closed, however wide the range is."""
    return k8s.networking.v1.NetworkPolicyEgressRuleArgs(
        to=[_block(flow.cidr, closed_parts(flow))], ports=[_port(port, "TCP") for port in flow.ports]
    )


def closed_parts(flow: FlowSpec) -> tuple[str, ...]:
    """What stays closed in the flow's range: its own exceptions, and link-local addresses where they lie inside."""
    reach = ipaddress.IPv4Network(flow.cidr)
    closed = [ipaddress.IPv4Network(part) for part in flow.except_cidrs]
    inside = _LINK_LOCAL.prefixlen > reach.prefixlen and _LINK_LOCAL.subnet_of(reach)
    if inside and not any(_LINK_LOCAL.subnet_of(part) for part in closed):
        return (*flow.except_cidrs, str(_LINK_LOCAL))
    return flow.except_cidrs


def in_namespace(namespace: str) -> k8s.meta.v1.LabelSelectorArgs:
    """Selects one namespace by the label that the API server sets itself."""
    return k8s.meta.v1.LabelSelectorArgs(match_labels={"kubernetes.io/metadata.name": namespace})


def _block(cidr: str, closed: tuple[str, ...]) -> k8s.networking.v1.NetworkPolicyPeerArgs:
    return k8s.networking.v1.NetworkPolicyPeerArgs(
        ip_block=k8s.networking.v1.IPBlockArgs(cidr=cidr, except_=list(closed) or None)
    )


def _port(number: int, protocol: str) -> k8s.networking.v1.NetworkPolicyPortArgs:
    return k8s.networking.v1.NetworkPolicyPortArgs(port=number, protocol=protocol)
