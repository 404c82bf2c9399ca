"""A cluster of EKS that somebody else made and keeps: access to it, and the add-ons that it lacks."""

from __future__ import annotations

import json

import pulumi

from components.base import ClusterHandle, Place, PlatformComponent
from components.cluster.access import grant
from components.cluster.addons import EksAddon
from components.cluster.addressing import kubeconfig
from components.cluster.install import install_addons
from components.cluster.provider import cluster_provider
from components.cluster.spec import EksExistingClusterSpec


class ExistingEksCluster(PlatformComponent):
    """Makes nothing of the cluster itself: its settings, logs, keys and versions are those who keep it decide.

    Access entries are added; **the identity that runs Pulumi must get in already, or be among them** with
    clusterAdmin. Add-ons are those of `addons`, which leave out what is there.
    """

    handle: ClusterHandle

    def __init__(
        self,
        name: str,
        spec: EksExistingClusterSpec,
        *,
        region: str,
        account: str,
        addons: tuple[EksAddon, ...],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """`addons` are installed before there are nodes."""
        super().__init__(name, Place(layer="cluster", entry="cluster"), opts)
        entries = tuple(item for access in spec.access for item in grant(self, access, cluster=spec.name))
        config = existing_kubeconfig(spec, region)
        provider = cluster_provider(
            spec.name, kubeconfig=config, region=region, account=account, opts=self.child(depends_on=entries)
        )
        installed = install_addons(self, addons, cluster=spec.name, address=spec.name, account=account, after=())
        self.handle = ClusterHandle(
            name=spec.name,
            provider=provider,
            kubeconfig=pulumi.Output.from_input(config),
            ready=entries,
            before_nodes=installed,
            security_group=pulumi.Output.from_input(spec.security_group),
        )
        self.register_outputs({})


def existing_kubeconfig(spec: EksExistingClusterSpec, region: str) -> str:
    """A kubeconfig of the cluster as JSON text, from what is stated of it: known before anything is applied."""
    config = kubeconfig(
        name=spec.name, region=region, endpoint=spec.endpoint, certificate_authority=spec.certificate_authority
    )
    return json.dumps(config, sort_keys=True)
