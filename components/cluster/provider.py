"""The Kubernetes provider of a cluster, the same whichever stack makes it."""

from __future__ import annotations

import pulumi
import pulumi_kubernetes as kubernetes

from components.cluster.addressing import cluster_arn


def cluster_provider(
    cluster_name: str,
    *,
    kubeconfig: pulumi.Input[str],
    region: str,
    account: str,
    opts: pulumi.ResourceOptions,
) -> kubernetes.Provider:
    """The provider for objects of the EKS cluster `cluster_name`, reached through `kubeconfig` (JSON text).

    `opts` name the parent and the rights that must be there first: objects are deleted before the rights to do so.
    """
    return kubernetes.Provider(
        cluster_name,
        kubernetes.ProviderArgs(
            kubeconfig=kubeconfig,
            # Without it a changed kubeconfig would replace every object of the cluster.
            cluster_identifier=cluster_arn(region, account, cluster_name),
            enable_server_side_apply=True,
            # Stated because the SDK would read them from environment variables otherwise.
            delete_unreachable=False,
            # A changed ConfigMap or Secret is updated in place: names are stated, so a replacement would have to
            # delete it first, under the pods that use it.
            enable_config_map_mutable=True,
            enable_secret_mutable=True,
            skip_update_unreachable=False,
            suppress_deprecation_warnings=False,
            suppress_helm_hook_warnings=False,
        ),
        opts=opts,
    )
