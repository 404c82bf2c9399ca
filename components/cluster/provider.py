"""The Kubernetes provider of a cluster, the same whichever stack makes it."""

from __future__ import annotations

import pulumi
import pulumi_kubernetes as kubernetes

from bedplate.units.writer import stand_in
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
    identifier = cluster_arn(region, account, cluster_name)
    return kubernetes.Provider(cluster_name, _settings(identifier, kubeconfig=kubeconfig), opts=opts)


def context_provider(cluster_name: str, *, context: str, opts: pulumi.ResourceOptions) -> kubernetes.Provider:
    """The provider for objects of a cluster that is there, reached through a `context` of the runner's kubeconfig.

    Where that kubeconfig lies is the runner's business (KUBECONFIG) and stands in no file.
    """
    # Without an empty one the SDK writes what KUBECONFIG says here into the plan and the state; the plugin reads it
    # anyway (pulumi-kubernetes 4.25, Configure).
    settings = _settings(f"{cluster_name}/{context}", kubeconfig="", context=context)
    return kubernetes.Provider(cluster_name, settings, opts=opts)


def stand_in_provider(writer: str) -> kubernetes.Provider:
    """The provider of objects that `writer` applies (``argocd``, ``flux``). It reaches no cluster: nothing that is
    given to it, nor itself, ever comes to the engine.
    """
    return kubernetes.Provider(stand_in(writer), _settings(writer, kubeconfig=""))


def _settings(identifier: str, *, kubeconfig: pulumi.Input[str], context: str | None = None) -> kubernetes.ProviderArgs:
    return kubernetes.ProviderArgs(
        kubeconfig=kubeconfig,
        context=context,
        # Without it a changed kubeconfig would replace every object of the cluster.
        cluster_identifier=identifier,
        enable_server_side_apply=True,
        # Stated because the SDK would read them from environment variables otherwise.
        delete_unreachable=False,
        # A changed ConfigMap or Secret is updated in place: names are stated, so a replacement would have to delete it
        # first, under the pods that use it.
        enable_config_map_mutable=True,
        enable_secret_mutable=True,
        skip_update_unreachable=False,
        suppress_deprecation_warnings=False,
        suppress_helm_hook_warnings=False,
    )
