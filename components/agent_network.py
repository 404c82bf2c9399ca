"""Who may speak to agents on GPU nodes, and whom they may speak to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pulumi_kubernetes as k8s

# Of the API server as a Service names it, and as kube-apiserver listens on where nobody chose another port.
_API_SERVER_PORTS = (443, 6443)


def scraped_only(port: int) -> k8s.networking.v1.NetworkPolicySpecArgs:
    """The agents speak to their own node only; anyone in the cluster may scrape their metrics at `port`."""
    scrape = k8s.networking.v1.NetworkPolicyIngressRuleArgs(
        from_=[k8s.networking.v1.NetworkPolicyPeerArgs(namespace_selector=k8s.meta.v1.LabelSelectorArgs())],
        ports=_tcp([port]),
    )
    return k8s.networking.v1.NetworkPolicySpecArgs(
        pod_selector=k8s.meta.v1.LabelSelectorArgs(), policy_types=["Ingress", "Egress"], ingress=[scrape]
    )


def to_api_server(pods: Mapping[str, str]) -> k8s.networking.v1.NetworkPolicySpecArgs:
    """`pods` may speak to the API server as well. Its addresses are not known before the cluster is there."""
    rule = k8s.networking.v1.NetworkPolicyEgressRuleArgs(ports=_tcp(_API_SERVER_PORTS))
    return k8s.networking.v1.NetworkPolicySpecArgs(
        pod_selector=k8s.meta.v1.LabelSelectorArgs(match_labels=pods), policy_types=["Egress"], egress=[rule]
    )


def to_anywhere(pods: Mapping[str, str]) -> k8s.networking.v1.NetworkPolicySpecArgs:
    """`pods` may speak to everything, as those must that fetch packages from wherever a site keeps them."""
    return k8s.networking.v1.NetworkPolicySpecArgs(
        pod_selector=k8s.meta.v1.LabelSelectorArgs(match_labels=pods),
        policy_types=["Egress"],
        egress=[k8s.networking.v1.NetworkPolicyEgressRuleArgs()],
    )


def _tcp(ports: Sequence[int]) -> list[k8s.networking.v1.NetworkPolicyPortArgs]:
    return [k8s.networking.v1.NetworkPolicyPortArgs(port=port, protocol="TCP") for port in ports]
