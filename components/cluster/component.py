"""The cluster components: an EKS control plane with its add-ons, and the add-ons that need nodes."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from components.base import ClusterHandle, NetworkHandle, Place, PlatformComponent, safe_name
from components.cluster.access import grant, trust_tokens
from components.cluster.addons import EksAddon
from components.cluster.addressing import kubeconfig
from components.cluster.control_plane import Footing, control_plane_args
from components.cluster.existing import ExistingEksCluster
from components.cluster.install import install_addons
from components.cluster.provider import cluster_provider
from components.cluster.spec import ClusterSpec
from components.iam import trust_policy
from components.security import ManagedRole, encryption_key, managed_role

__all__ = ["Cluster", "ClusterAddons", "EksAddon", "ExistingEksCluster"]


class Cluster(PlatformComponent):
    """An EKS control plane, its encryption key, its log group, who gets in, and the add-ons that nodes start with.

    The creator of the cluster gets no rights by itself. **The identity that runs Pulumi must be in `access` with
    clusterAdmin**, or the first Kubernetes object is refused. Rights are access entries only (no aws-auth ConfigMap).

    The API server always answers inside the VPC; on the internet only where the spec says so, and then only to the
    ranges it names. Secrets are encrypted in etcd with a key of the account's own. The log group is made before the
    cluster: otherwise EKS makes one that keeps logs for ever and is left behind.

    `handle.provider` is the Kubernetes provider for everything inside the cluster.
    """

    handle: ClusterHandle

    def __init__(
        self,
        name: str,
        spec: ClusterSpec,
        *,
        cluster_name: str,
        version: str,
        region: str,
        account: str,
        network: NetworkHandle,
        addons: tuple[EksAddon, ...],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """`version` is the Kubernetes version (1.36); `addons` are installed before there are nodes."""
        super().__init__(name, Place(layer="cluster", entry="cluster"), opts)
        self._label = name
        self._cluster_name = cluster_name
        self._account = account
        cluster = self._create_control_plane(spec, version, network)
        entries = [item for access in spec.access for item in grant(self, access, cluster=cluster.name)]
        if spec.oidc is not None:
            trust_tokens(self, spec.oidc, cluster=cluster.name)
        config = self._kubeconfig(cluster, region)
        provider = cluster_provider(
            cluster_name, kubeconfig=config, region=region, account=account, opts=self.child(depends_on=entries)
        )
        installed = install_addons(
            self, addons, cluster=cluster_name, address=cluster.name, account=account, after=[cluster]
        )

        self.handle = ClusterHandle(
            name=cluster_name,
            provider=provider,
            kubeconfig=config,
            ready=(cluster,),
            security_group=cluster.vpc_config.cluster_security_group_id,
            before_nodes=installed,
            made_name=cluster.name,
        )
        self.register_outputs({})

    def _create_control_plane(self, spec: ClusterSpec, version: str, network: NetworkHandle) -> aws.eks.Cluster:
        key_arn = spec.encryption.key_arn or self._create_secrets_key().arn
        logs = self._create_log_group(spec)
        role = self._create_role()
        footing = Footing(name=self._cluster_name, version=version, network=network, role_arn=role.arn, key_arn=key_arn)
        return aws.eks.Cluster(
            f"{self._label}-control-plane",
            control_plane_args(spec, footing),
            opts=self.child(depends_on=[*role.ready, logs]),
        )

    def _create_secrets_key(self) -> aws.kms.Key:
        return encryption_key(
            self,
            f"{self._label}-secrets",
            alias=safe_name("kmsAlias", f"alias/{self._cluster_name}", "secrets"),
            description=f"Kubernetes Secrets of EKS cluster {self._cluster_name}",
            account=self._account,
            # A cluster whose key is gone cannot be saved: the longest time that AWS offers to change one's mind.
            recovery_days=30,
        )

    def _create_log_group(self, spec: ClusterSpec) -> aws.cloudwatch.LogGroup:
        return aws.cloudwatch.LogGroup(
            f"{self._label}-logs",
            # The name is EKS's choice.
            aws.cloudwatch.LogGroupArgs(
                name=f"/aws/eks/{self._cluster_name}/cluster", retention_in_days=spec.log_retention_days
            ),
            opts=self.child(),
        )

    def _create_role(self) -> ManagedRole:
        return managed_role(
            self,
            f"{self._label}-role",
            name=safe_name("iamRole", self._cluster_name, "cluster"),
            account=self._account,
            trust=trust_policy("eks.amazonaws.com"),
            policies=("AmazonEKSClusterPolicy",),
        )

    def _kubeconfig(self, cluster: aws.eks.Cluster, region: str) -> pulumi.Output[str]:
        config = kubeconfig(
            name=self._cluster_name,
            region=region,
            endpoint=cluster.endpoint,
            certificate_authority=cluster.certificate_authority.data,
        )
        return pulumi.Output.json_dumps(config, sort_keys=True)


class ClusterAddons(PlatformComponent):
    """EKS add-ons that become healthy only where there are nodes, such as CoreDNS."""

    ready: tuple[pulumi.Resource, ...]
    """The add-ons. EKS reports one as made when its pods run."""

    def __init__(
        self,
        name: str,
        addons: tuple[EksAddon, ...],
        *,
        cluster: ClusterHandle,
        account: str,
        nodes: tuple[pulumi.Resource, ...],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """`nodes` are the node groups that the add-ons run on."""
        super().__init__(name, Place(layer="cluster", entry="addons"), opts)
        after = [*cluster.ready, *nodes]
        self.ready = install_addons(
            self, addons, cluster=cluster.name, address=cluster.address, account=account, after=after
        )
        self.register_outputs({})
