"""Arguments of an EKS control plane, from its spec.

Settings that have a default are stated all the same: EKS keeps the last value of one that is left out, so that taking
it out of an environment would change nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.base import NetworkHandle
from components.cluster.addressing import service_range
from components.cluster.control_plane_spec import ApiServerSpec, EndpointSpec, SchedulerSpec
from components.cluster.spec import ClusterSpec

_EGRESS_MODES = {"awsManaged": "AWS_MANAGED", "customerRouted": "CUSTOMER_ROUTED"}
_SCORING = {"leastAllocated": "LeastAllocated", "mostAllocated": "MostAllocated"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Footing:
    """What a control plane stands on: its name and version, its network, its role and the key of its Secrets."""

    name: str
    version: str
    network: NetworkHandle
    role_arn: pulumi.Input[str]
    key_arn: pulumi.Input[str]


def control_plane_args(spec: ClusterSpec, footing: Footing) -> aws.eks.ClusterArgs:
    """All inputs of the cluster."""
    return aws.eks.ClusterArgs(
        name=footing.name,
        version=footing.version,
        role_arn=footing.role_arn,
        vpc_config=_vpc_config(spec.endpoint, _EGRESS_MODES[spec.egress], footing.network),
        access_config=aws.eks.ClusterAccessConfigArgs(
            authentication_mode="API", bootstrap_cluster_creator_admin_permissions=False
        ),
        kubernetes_network_config=aws.eks.ClusterKubernetesNetworkConfigArgs(
            ip_family="ipv4", service_ipv4_cidr=spec.service_cidr or service_range(footing.network.cidr)
        ),
        encryption_config=aws.eks.ClusterEncryptionConfigArgs(
            provider=aws.eks.ClusterEncryptionConfigProviderArgs(key_arn=footing.key_arn), resources=["secrets"]
        ),
        enabled_cluster_log_types=list(spec.logs),
        upgrade_policy=aws.eks.ClusterUpgradePolicyArgs(support_type=spec.support.upper()),
        zonal_shift_config=aws.eks.ClusterZonalShiftConfigArgs(enabled=spec.zonal_shift),
        deletion_protection=spec.deletion_protection,
        control_plane_scaling_config=aws.eks.ClusterControlPlaneScalingConfigArgs(tier=spec.control_plane_tier),
        kube_scheduler_config=_scheduler(spec.scheduler),
        kube_api_server_config=_api_server(spec.api_server),
        kube_controller_manager_config=_controller_manager(spec),
        # Networking add-ons come through EKS add-ons, which keep them up to date.
        bootstrap_self_managed_addons=False,
    )


def _vpc_config(endpoint: EndpointSpec, egress_mode: str, network: NetworkHandle) -> aws.eks.ClusterVpcConfigArgs:
    return aws.eks.ClusterVpcConfigArgs(
        subnet_ids=list(network.private_subnet_ids),
        endpoint_private_access=True,
        endpoint_public_access=endpoint.public,
        public_access_cidrs=list(endpoint.public_cidrs) if endpoint.public else None,
        control_plane_egress_mode=egress_mode,
    )


def _scheduler(spec: SchedulerSpec) -> aws.eks.ClusterKubeSchedulerConfigArgs:
    resources = [
        aws.eks.ClusterKubeSchedulerConfigNodeResourcesFitScoringStrategyResourceArgs(name=name, weight=weight)
        for name, weight in sorted(spec.weights.items())
    ]
    strategy = aws.eks.ClusterKubeSchedulerConfigNodeResourcesFitScoringStrategyArgs(
        type=_SCORING[spec.scoring], resources=resources
    )
    return aws.eks.ClusterKubeSchedulerConfigArgs(
        node_resources_fit=aws.eks.ClusterKubeSchedulerConfigNodeResourcesFitArgs(scoring_strategy=strategy)
    )


def _api_server(spec: ApiServerSpec) -> aws.eks.ClusterKubeApiServerConfigArgs:
    ports = aws.eks.ClusterKubeApiServerConfigServiceNodePortRangeArgs(
        min_port=spec.node_ports.first, max_port=spec.node_ports.last
    )
    return aws.eks.ClusterKubeApiServerConfigArgs(event_ttl=f"{spec.event_ttl_minutes}m", service_node_port_range=ports)


def _controller_manager(spec: ClusterSpec) -> aws.eks.ClusterKubeControllerManagerConfigArgs | None:
    """EKS takes the period only where the control plane's capacity is provisioned."""
    if spec.control_plane_tier == "standard":
        return None
    autoscaler = aws.eks.ClusterKubeControllerManagerConfigHorizontalPodAutoscalerControllerConfigArgs(
        horizontal_pod_autoscaler_sync_period=f"{spec.hpa_sync_seconds}s"
    )
    return aws.eks.ClusterKubeControllerManagerConfigArgs(horizontal_pod_autoscaler_controller_config=autoscaler)
