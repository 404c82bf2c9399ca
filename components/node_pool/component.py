"""The node pool component: an EKS managed node group with a role and a launch template of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

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
from components.efa import Interface
from components.iam import trust_policy
from components.node_pool.fabric import create_fabric
from components.node_pool.group_options import CAPACITY_TYPES, repair_config, taint, update_config, warm_pool_config
from components.node_pool.launch_template import Fabric, launch_template
from components.node_pool.nodes import (
    device_plugin_config,
    group_types,
    node_labels,
    pool_zones,
    replacement_fingerprint,
)
from components.node_pool.spec import NodePoolSpec
from components.nodes import NODE_POLICIES, node_taints, shares_per_gpu, tolerations
from components.security import ManagedRole, managed_role

# Marks the group whose nodes are updated first.
CANARY_TAG = "bedplate:canary"


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeImage:
    """What nodes run: Kubernetes version, EKS's AMI type, and its release (``1.35.6-20260714``).

    The release is stated so that later nodes are like the first.
    """

    kubernetes: str
    ami_type: str
    release: str


class NodePool(PlatformComponent):
    """Nodes of one kind, kept by EKS, in the private subnets of the pool's zones.

    Nodes refuse IMDSv1, and one network hop keeps pods away from the node's credentials. Disks are encrypted gp3.
    EKS replaces nodes that stay unhealthy. Updates replace one node at a time, the new one first, unless the spec says
    otherwise; a canary is updated before the pools that wait for it.

    A change of instance types, AMI type, capacity type, subnets or MIG layout replaces the group: its name in AWS ends
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
        image: NodeImage,
        gpu: GpuFacts | None,
        interfaces: tuple[Interface, ...] = (),
        account: str,
        tags: Mapping[str, str],
        after: tuple[pulumi.Resource, ...] = (),
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """`zones` are the environment's, in the order of the network's subnets; `interfaces` the network interfaces of
        nodes with EFA; `after` the node groups that are updated before this one.

        `tags` are the provider's default tags: AWS puts them on what Pulumi makes, but not on the instances, volumes
        and network interfaces that EC2 makes from the launch template, which is where the money goes.
        """
        super().__init__(name, Place(layer="cluster", entry=f"nodePools[{spec.name}]"), opts)
        self._label = name
        self._spec = spec
        self._cluster = cluster
        self._gpu = gpu
        title = f"{cluster.name}-{spec.name}"
        role = self._create_role(account)
        fabric = create_fabric(
            self,
            name,
            title=title,
            interfaces=interfaces,
            placement=spec.placement is not None,
            cluster=cluster,
            network=network,
        )
        template = self._create_launch_template(title, tags, fabric)
        group = self._create_node_group(
            role, template, image, network, zones, needs=[*cluster.ready, *cluster.before_nodes, *network.ready, *after]
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
            policies=NODE_POLICIES,
        )

    def _create_launch_template(self, title: str, tags: Mapping[str, str], fabric: Fabric) -> aws.ec2.LaunchTemplate:
        arguments = launch_template(self._spec, self._gpu, title=title, tags=tags, fabric=fabric)
        return aws.ec2.LaunchTemplate(f"{self._label}-template", arguments, opts=self.child())

    def _create_node_group(
        self,
        role: ManagedRole,
        template: aws.ec2.LaunchTemplate,
        image: NodeImage,
        network: NetworkHandle,
        zones: tuple[str, ...],
        *,
        needs: Sequence[pulumi.Resource],
    ) -> aws.eks.NodeGroup:
        spec = self._spec
        used = pool_zones(spec, zones)
        subnets = network.private_subnets
        keys = [network.private_keys[zone] for zone in used]
        fingerprint = replacement_fingerprint(spec, subnets=keys, ami_type=image.ami_type, gpu=self._gpu)
        return aws.eks.NodeGroup(
            f"{self._label}-nodes",
            aws.eks.NodeGroupArgs(
                cluster_name=self._cluster.address,
                node_group_name=safe_name("eksNodeGroup", spec.name, fingerprint),
                node_role_arn=role.arn,
                subnet_ids=[subnets[zone] for zone in used],
                version=image.kubernetes,
                ami_type=image.ami_type,
                release_version=image.release,
                instance_types=group_types(spec),
                capacity_type=CAPACITY_TYPES[spec.capacity],
                scaling_config=aws.eks.NodeGroupScalingConfigArgs(
                    min_size=spec.size.min, desired_size=spec.size.desired, max_size=spec.size.max
                ),
                labels=node_labels(spec, self._gpu),
                taints=[taint(item) for item in node_taints(spec, self._gpu)],
                launch_template=aws.eks.NodeGroupLaunchTemplateArgs(
                    id=template.id, version=template.latest_version.apply(str)
                ),
                update_config=update_config(spec.update),
                node_repair_config=repair_config(spec.repair),
                warm_pool_config=warm_pool_config(spec.warm_pool),
                tags={CANARY_TAG: "true"} if spec.update.canary else None,
            ),
            # The provider deletes first what has a name of its own, even where the name changes: the pods would wait.
            opts=self.child(depends_on=[*needs, *role.ready], delete_before_replace=False),
        )


def describe_pool(
    spec: NodePoolSpec, gpu: GpuFacts | None, *, ready: tuple[pulumi.Resource, ...] = ()
) -> NodePoolHandle:
    """What others need to know of a pool, with nothing to wait for unless its nodes are made here."""
    shares = shares_per_gpu(spec.sharing) if gpu else 1
    return NodePoolHandle(
        name=spec.name,
        labels={POOL_LABEL: spec.name},
        tolerations=tolerations(node_taints(spec, gpu)),
        gpu=gpu,
        shares_per_gpu=shares,
        device_plugin_config=device_plugin_config(spec, gpu) if gpu else "",
        dra=gpu is not None and spec.device_path == "dra",
        efa=spec.efa is not None,
        most_nodes=spec.size.max,
        ready=ready,
    )
