"""The Karpenter component: what its controller and its nodes need in the account. The controller itself is a chart."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from components.base import ClusterHandle, Place, PlatformComponent
from components.iam import pod_identity_trust_policy, trust_policy
from components.karpenter import names
from components.karpenter.rights import (
    controller_policy,
    disk_keys_policy,
    pass_role_policy,
    queue_arn,
    queue_policy,
    zonal_shift_policy,
)
from components.nodes import NODE_POLICIES
from components.security import ManagedRole, managed_role

# Karpenter reads at once; a message that is older speaks of a machine that is gone.
_QUEUE_SECONDS = 300


class Karpenter(PlatformComponent):
    """What Karpenter's controller and its nodes need in the account.

    The controller gets a role through EKS Pod Identity that lets it start and end machines of this cluster. Nodes get
    a role and an instance profile that are made here, so that the controller needs no rights to make any and runs
    where IAM cannot be reached; an access entry lets them join. EventBridge tells of machines that AWS is about to
    take, through a queue that the controller reads.
    """

    ready: tuple[pulumi.Resource, ...]
    """What nodes and controller wait for."""

    def __init__(
        self,
        name: str,
        namespace: str,
        *,
        cluster: ClusterHandle,
        region: str,
        account: str,
        zonal_shift: bool = False,
        disk_keys: Sequence[str] = (),
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """`namespace` is the controller's.

        With `zonal_shift` it looks which zone AWS has moved the cluster away from, and starts nothing there.
        `disk_keys` are ARNs of the KMS keys that encrypt volumes of its nodes.
        """
        super().__init__(name, Place(layer="cluster", entry="nodePools"), opts)
        self._label = name
        self._cluster = cluster
        self._region = region
        self._account = account
        self._zonal_shift = zonal_shift
        self._disk_keys = tuple(sorted(set(disk_keys)))
        profile = self._create_nodes()
        queue = self._create_queue()
        rules = [self._create_rule(event, queue) for event in sorted(names.EVENTS)]
        controller = self._create_controller(queue, namespace)
        self.ready = (*profile, *rules, *controller)
        self.register_outputs({})

    def _create_nodes(self) -> list[pulumi.Resource]:
        """The nodes' role with its instance profile, and the entry that lets them into the cluster."""
        name = names.node_role_name(self._cluster.name)
        role = self._role("node-role", name, trust_policy("ec2.amazonaws.com"), NODE_POLICIES)
        profile = aws.iam.InstanceProfile(
            f"{self._label}-nodes",
            aws.iam.InstanceProfileArgs(name=names.instance_profile_name(self._cluster.name), role=name),
            opts=self.child(depends_on=role.ready),
        )
        entry = aws.eks.AccessEntry(
            f"{self._label}-nodes",
            aws.eks.AccessEntryArgs(cluster_name=self._cluster.address, principal_arn=role.arn, type="EC2_LINUX"),
            opts=self.child(depends_on=[*self._cluster.ready, *role.ready]),
        )
        return [profile, entry]

    def _role(self, label: str, name: str, trust: str, policies: tuple[str, ...]) -> ManagedRole:
        return managed_role(
            self, f"{self._label}-{label}", name=name, account=self._account, trust=trust, policies=policies
        )

    def _create_queue(self) -> aws.sqs.Queue:
        name = names.queue_name(self._cluster.name)
        queue = aws.sqs.Queue(
            f"{self._label}-interruptions",
            aws.sqs.QueueArgs(name=name, message_retention_seconds=_QUEUE_SECONDS, sqs_managed_sse_enabled=True),
            opts=self.child(),
        )
        rules = tuple(self._rule_arn(event) for event in sorted(names.EVENTS))
        aws.sqs.QueuePolicy(
            f"{self._label}-interruptions",
            aws.sqs.QueuePolicyArgs(
                queue_url=queue.url, policy=queue_policy(queue_arn(self._region, self._account, name), rules)
            ),
            opts=self.child(),
        )
        return queue

    def _rule_arn(self, event: str) -> str:
        return f"arn:aws:events:{self._region}:{self._account}:rule/{names.rule_name(self._cluster.name, event)}"

    def _create_rule(self, event: str, queue: aws.sqs.Queue) -> pulumi.Resource:
        source, detail = names.EVENTS[event]
        pattern = {"source": [source], "detail-type": [detail]}
        rule = aws.cloudwatch.EventRule(
            f"{self._label}-{event}",
            aws.cloudwatch.EventRuleArgs(
                name=names.rule_name(self._cluster.name, event),
                description=f"Tells Karpenter: {detail}",
                event_pattern=json.dumps(pattern, sort_keys=True, separators=(",", ":")),
            ),
            opts=self.child(),
        )
        return aws.cloudwatch.EventTarget(
            f"{self._label}-{event}",
            aws.cloudwatch.EventTargetArgs(rule=rule.name, target_id="karpenter", arn=queue.arn),
            opts=self.child(),
        )

    def _create_controller(self, queue: aws.sqs.Queue, namespace: str) -> list[pulumi.Resource]:
        """The controller's role with its policies, given to its service account."""
        cluster = self._cluster.name
        trust = pod_identity_trust_policy(cluster=cluster, namespace=namespace, service_account=names.SERVICE_ACCOUNT)
        role = self._role("role", names.controller_role_name(cluster), trust, ())
        policies = [
            aws.iam.RolePolicy(
                f"{self._label}-{title}",
                aws.iam.RolePolicyArgs(name=title, role=names.controller_role_name(cluster), policy=document),
                opts=self.child(depends_on=[*role.ready, queue]),
            )
            for title, document in self._documents(cluster).items()
        ]
        association = aws.eks.PodIdentityAssociation(
            f"{self._label}-identity",
            aws.eks.PodIdentityAssociationArgs(
                cluster_name=self._cluster.address,
                namespace=namespace,
                service_account=names.SERVICE_ACCOUNT,
                role_arn=role.arn,
            ),
            opts=self.child(depends_on=[*self._cluster.ready, *role.ready]),
        )
        return [*policies, association]

    def _documents(self, cluster: str) -> dict[str, str]:
        """Policies of the controller's role, by name."""
        documents = {
            "start-nodes": controller_policy(
                cluster=cluster, region=self._region, account=self._account, queue=names.queue_name(cluster)
            ),
            "pass-node-role": pass_role_policy(account=self._account, node_role=names.node_role_name(cluster)),
        }
        if self._zonal_shift:
            documents["see-zonal-shifts"] = zonal_shift_policy(
                cluster=cluster, region=self._region, account=self._account
            )
        if self._disk_keys:
            documents["use-disk-keys"] = disk_keys_policy(self._disk_keys, region=self._region)
        return documents
