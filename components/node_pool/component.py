"""The node pool component: an EKS managed node group with a role and a launch template of its own."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi
import pulumi_aws as aws

from components.base import (
    POOL_LABEL,
    ClusterHandle,
    GpuFacts,
    NetworkHandle,
    NodePoolHandle,
    Place,
    PlatformComponent,
    safe_name,
)
from components.iam import trust_policy
from components.node_fields import TaintSpec
from components.node_pool.launch_template import launch_template
from components.node_pool.nodes import (
    device_plugin_config,
    node_labels,
    node_taints,
    pool_zones,
    replacement_fingerprint,
    shares_per_gpu,
    tolerations,
)
from components.node_pool.spec import NodePoolSpec
from components.security import ManagedRole, managed_role

# The least that a node needs: AmazonEKSWorkerNodePolicy lets it join and lets the Pod Identity agent work, the other
# lets it pull from ECR but not start pull-through copies. The CNI has a role of its own, and nobody logs in to nodes,
# so neither AmazonEKS_CNI_Policy nor AmazonSSMManagedInstanceCore is here.
_NODE_POLICIES = ("AmazonEC2ContainerRegistryPullOnly", "AmazonEKSWorkerNodePolicy")

_CAPACITY = {"onDemand": "ON_DEMAND", "spot": "SPOT"}
_EFFECTS = {"NoSchedule": "NO_SCHEDULE", "NoExecute": "NO_EXECUTE", "PreferNoSchedule": "PREFER_NO_SCHEDULE"}


class NodePool(PlatformComponent):
    """Nodes of one kind, kept by EKS, in the private subnets of the pool's zones.

    Nodes refuse IMDSv1, and one network hop keeps pods away from the node's credentials. Disks are encrypted gp3.
    EKS replaces nodes that stay unhealthy. Updates replace one node at a time, the new one first.

    A change of instance types, AMI type, capacity type, zones or MIG layout replaces the group: its name in AWS ends
    in a hash of them, so that the new group exists before the old one goes, under one URN. The number of nodes is
    always the spec's `desired`: there is no autoscaler whose decisions an apply could undo.

    GPU nodes carry the labels that GPU feature discovery would publish and the taint nvidia.com/gpu=true:NoSchedule.
    """

    handle: NodePoolHandle

    def __init__(
        self,
        name: str,
        spec: NodePoolSpec,
        *,
        cluster: ClusterHandle,
        network: NetworkHandle,
        zones: tuple[str, ...],
        version: str,
        ami_type: str,
        ami_release: str,
        gpu: GpuFacts | None,
        account: str,
        tags: Mapping[str, str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """`zones` are the environment's, in the order of the network's subnets; `version` is the Kubernetes version,
        `ami_release` the release of the EKS-optimised AMI (``1.35.6-20260714``): later nodes are like the first.

        `tags` are the provider's default tags: AWS puts them on what Pulumi makes, but not on the instances, volumes
        and network interfaces that EC2 makes from the launch template, which is where the money goes.
        """
        super().__init__(name, Place(layer="cluster", entry=f"nodePools[{spec.name}]"), opts)
        self._label = name
        self._spec = spec
        self._cluster = cluster
        self._gpu = gpu
        used = pool_zones(spec, zones)
        subnets = dict(zip(zones, network.private_subnet_ids, strict=True))
        fingerprint = replacement_fingerprint(spec, zones=used, ami_type=ami_type, gpu=gpu)

        role = self._create_role(account)
        template = self._create_launch_template(tags)
        group = self._create_node_group(
            aws_name=safe_name("eksNodeGroup", spec.name, fingerprint),
            subnet_ids=[subnets[zone] for zone in used],
            version=version,
            ami_type=ami_type,
            ami_release=ami_release,
            role=role,
            template=template,
            after=network.ready,
        )
        self.handle = describe_pool(spec, gpu, ready=(group,))
        self.register_outputs({})

    def _create_role(self, account: str) -> ManagedRole:
        return managed_role(
            self,
            f"{self._label}-role",
            name=safe_name("iamRole", self._cluster.name, "node", self._spec.name),
            account=account,
            trust=trust_policy("ec2.amazonaws.com"),
            policies=_NODE_POLICIES,
        )

    def _create_launch_template(self, tags: Mapping[str, str]) -> aws.ec2.LaunchTemplate:
        title = f"{self._cluster.name}-{self._spec.name}"
        arguments = launch_template(self._spec, self._gpu, title=title, tags=tags)
        return aws.ec2.LaunchTemplate(f"{self._label}-template", arguments, opts=self.child())

    def _create_node_group(
        self,
        *,
        aws_name: str,
        subnet_ids: list[pulumi.Output[str]],
        version: str,
        ami_type: str,
        ami_release: str,
        role: ManagedRole,
        template: aws.ec2.LaunchTemplate,
        after: tuple[pulumi.Resource, ...],
    ) -> aws.eks.NodeGroup:
        spec = self._spec
        return aws.eks.NodeGroup(
            f"{self._label}-nodes",
            aws.eks.NodeGroupArgs(
                cluster_name=self._cluster.name,
                node_group_name=aws_name,
                node_role_arn=role.arn,
                subnet_ids=subnet_ids,
                version=version,
                ami_type=ami_type,
                release_version=ami_release,
                instance_types=list(spec.instance_types),
                capacity_type=_CAPACITY[spec.capacity],
                scaling_config=aws.eks.NodeGroupScalingConfigArgs(
                    min_size=spec.size.min, desired_size=spec.size.desired, max_size=spec.size.max
                ),
                labels=node_labels(spec, self._gpu),
                taints=[_node_group_taint(taint) for taint in node_taints(spec, self._gpu)],
                launch_template=aws.eks.NodeGroupLaunchTemplateArgs(
                    id=template.id, version=template.latest_version.apply(str)
                ),
                update_config=aws.eks.NodeGroupUpdateConfigArgs(max_unavailable=1, update_strategy="DEFAULT"),
                node_repair_config=aws.eks.NodeGroupNodeRepairConfigArgs(enabled=True),
            ),
            opts=self.child(depends_on=[*self._cluster.ready, *self._cluster.before_nodes, *after, *role.ready]),
        )


def describe_pool(
    spec: NodePoolSpec, gpu: GpuFacts | None, *, ready: tuple[pulumi.Resource, ...] = ()
) -> NodePoolHandle:
    """What others need to know of a pool, with nothing to wait for unless its nodes are made here."""
    shares = shares_per_gpu(spec) if gpu else 1
    return NodePoolHandle(
        name=spec.name,
        labels={POOL_LABEL: spec.name},
        tolerations=tolerations(node_taints(spec, gpu)),
        gpu=gpu,
        shares_per_gpu=shares,
        device_plugin_config=device_plugin_config(spec, gpu) if gpu else "",
        ready=ready,
    )


def _node_group_taint(taint: TaintSpec) -> aws.eks.NodeGroupTaintArgs:
    return aws.eks.NodeGroupTaintArgs(key=taint.key, value=taint.value or None, effect=_EFFECTS[taint.effect])
