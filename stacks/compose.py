"""The only place where components meet: an environment, from the network up to its models."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from bedplate.catalog import catalog
from bedplate.environment.environment import Environment
from bedplate.environment.facts import PoolFacts, pool_facts, pool_image
from bedplate.environment.resolve import ResolvedEnvironment
from bedplate.environment.sections import EksAddonSpec
from components.base import (
    ClusterHandle,
    GpuFacts,
    NamespaceHandle,
    NetworkHandle,
    NodePoolHandle,
    ServingHandle,
    StoreHandle,
    safe_name,
)
from components.chart.component import ChartNamespaces, VendoredChart
from components.cluster.addons import EksAddon, eks_addons
from components.cluster.component import Cluster, ClusterAddons
from components.gpu_baseline.component import GpuBaseline, GpuImages
from components.guardrails.component import Guardrails
from components.model_service.component import ModelService
from components.network.component import Network
from components.node_pool.component import NodePool
from components.serving.component import Serving
from components.store.component import Store
from components.tenancy.component import TeamNamespace

# They are there in every cluster.
KUBERNETES_NAMESPACES = frozenset({"default", "kube-node-lease", "kube-public", "kube-system"})


def compose(resolved: ResolvedEnvironment) -> None:
    """Register every resource of `resolved` with whichever engine listens: Pulumi's, or the recorder."""
    environment = resolved.environment
    on_aws = pulumi.ResourceOptions(providers=[_aws_provider(environment)])
    network = _network(environment, on_aws)
    cluster = _cluster(resolved, network, on_aws)
    pools = _node_pools(resolved, cluster, network, on_aws)
    stores = _stores(environment, on_aws)
    on_cluster = pulumi.ResourceOptions.merge(on_aws, pulumi.ResourceOptions(providers=[cluster.provider]))
    platform = _platform(resolved, cluster, pools, on_cluster)
    teams = _teams(resolved, on_cluster)
    guardrails = _guardrails(environment, teams, on_cluster)
    serving = _serving(resolved, platform, on_cluster)
    for model in environment.models:
        ModelService(
            f"{model.team}-{model.name}",
            model,
            release=resolved.release(model.release),
            team=teams[model.team],
            pool=pools[model.pool],
            serving=serving,
            store=stores.get(model.weights),
            cluster_name=cluster.name,
            account=environment.cloud.account,
            region=environment.cloud.region,
            after=guardrails,
            opts=on_cluster,
        )


def cluster_name(environment: Environment) -> str:
    """Name of the EKS cluster, and the prefix of everything that belongs to it in the account."""
    return safe_name("eksCluster", "bedplate", environment.name)


def default_tags(environment: Environment) -> dict[str, str]:
    """Tags of everything in the account: whose it is, and how much is at stake."""
    return {
        "bedplate:environment": environment.name,
        "bedplate:tier": environment.tier,
        "bedplate:owner": environment.ownership.owner,
        "bedplate:contact": environment.ownership.contact,
    }


def _aws_provider(environment: Environment) -> aws.Provider:
    return aws.Provider(
        "aws",
        region=environment.cloud.region,
        allowed_account_ids=[environment.cloud.account],
        default_tags=aws.ProviderDefaultTagsArgs(tags=default_tags(environment)),
    )


def _network(environment: Environment, opts: pulumi.ResourceOptions) -> NetworkHandle:
    return Network(
        "network",
        environment.network,
        zones=environment.cloud.zones,
        region=environment.cloud.region,
        cluster_name=cluster_name(environment),
        opts=opts,
    ).handle


def _cluster(resolved: ResolvedEnvironment, network: NetworkHandle, opts: pulumi.ResourceOptions) -> ClusterHandle:
    environment = resolved.environment
    return Cluster(
        "cluster",
        environment.cluster,
        cluster_name=cluster_name(environment),
        version=resolved.baseline.kubernetes,
        region=environment.cloud.region,
        account=environment.cloud.account,
        network=network,
        addons=_eks_addons(environment, before_nodes=True),
        opts=opts,
    ).handle


def _eks_addons(environment: Environment, *, before_nodes: bool) -> tuple[EksAddon, ...]:
    versions = {addon.name: addon.version for addon in environment.addons if isinstance(addon, EksAddonSpec)}
    return tuple(addon for addon in eks_addons(versions) if addon.before_nodes == before_nodes)


def _node_pools(
    resolved: ResolvedEnvironment, cluster: ClusterHandle, network: NetworkHandle, opts: pulumi.ResourceOptions
) -> dict[str, NodePoolHandle]:
    environment = resolved.environment
    pools: dict[str, NodePoolHandle] = {}
    for spec in environment.node_pools:
        facts = pool_facts(spec, catalog.load())
        image = pool_image(facts, resolved.baseline)
        assert image.release is not None  # cross-checked
        pools[spec.name] = NodePool(
            spec.name,
            spec,
            cluster=cluster,
            network=network,
            zones=environment.cloud.zones,
            version=image.kubernetes,
            ami_type=image.ami_type,
            ami_release=image.release,
            gpu=_gpu(facts),
            account=environment.cloud.account,
            tags=default_tags(environment),
            opts=opts,
        ).handle
    return pools


def _gpu(facts: PoolFacts) -> GpuFacts | None:
    if facts.gpu is None:
        return None
    memory = facts.instance.gpu_memory_mib or facts.gpu.memory_mib
    assert memory is not None  # the catalogue tells one of them of every type
    return GpuFacts(
        product=facts.gpu.product_label, family=facts.gpu.family, count=facts.instance.gpu_count, memory_mib=memory
    )


def _stores(environment: Environment, opts: pulumi.ResourceOptions) -> dict[str, StoreHandle]:
    return {
        spec.name: Store(
            spec.name,
            spec,
            environment=environment.name,
            account=environment.cloud.account,
            region=environment.cloud.region,
            protected=environment.tier != "development",
            opts=opts,
        ).handle
        for spec in environment.stores
    }


def _platform(
    resolved: ResolvedEnvironment,
    cluster: ClusterHandle,
    pools: dict[str, NodePoolHandle],
    opts: pulumi.ResourceOptions,
) -> list[pulumi.Resource]:
    """Add-ons and GPU agents; what models wait for."""
    environment = resolved.environment
    addons = ClusterAddons(
        "addons",
        _eks_addons(environment, before_nodes=False),
        cluster=cluster,
        account=environment.cloud.account,
        nodes=tuple(item for pool in pools.values() for item in pool.ready),
        opts=opts,
    )
    ready = list(addons.ready)
    if resolved.vendored:
        ready += ChartNamespaces("charts", _chart_namespaces(resolved), opts=opts).ready
    for chart in resolved.vendored:
        ready += VendoredChart(chart.name, chart.objects, after=tuple(ready), opts=opts).ready
    images = GpuImages(device_plugin=resolved.image("devicePlugin"), dcgm_exporter=resolved.image("dcgmExporter"))
    gpu_pools = [pool for pool in pools.values() if pool.gpu is not None]
    if gpu_pools:
        baseline = GpuBaseline("gpu-baseline", environment.gpu_baseline, images=images, pools=gpu_pools, opts=opts)
        ready += baseline.ready
    return ready


def _chart_namespaces(resolved: ResolvedEnvironment) -> tuple[str, ...]:
    """Namespaces of vendored charts that nothing else makes: `helm install --create-namespace` would."""
    environment = resolved.environment
    namespaces = {addon.name: addon.namespace for addon in environment.addons if addon.source == "chart"}
    objects = [item for chart in resolved.vendored for item in chart.objects]
    used = {namespaces[chart.name] for chart in resolved.vendored}
    used &= {item["metadata"].get("namespace") for item in objects}
    made = {item["metadata"]["name"] for item in objects if item["kind"] == "Namespace"}
    made |= {environment.gpu_baseline.namespace, environment.serving.gateway.namespace}
    return tuple(sorted(used - made - KUBERNETES_NAMESPACES))


def _teams(resolved: ResolvedEnvironment, opts: pulumi.ResourceOptions) -> dict[str, NamespaceHandle]:
    return {
        spec.name: TeamNamespace(
            spec.name,
            spec,
            pod_security=resolved.environment.guardrails.pod_security,
            kubernetes_version=resolved.baseline.kubernetes,
            opts=opts,
        ).handle
        for spec in resolved.environment.teams
    }


def _guardrails(
    environment: Environment, teams: dict[str, NamespaceHandle], opts: pulumi.ResourceOptions
) -> tuple[pulumi.Resource, ...]:
    return Guardrails("guardrails", environment.guardrails, teams=list(teams.values()), opts=opts).ready


def _serving(
    resolved: ResolvedEnvironment, after: list[pulumi.Resource], opts: pulumi.ResourceOptions
) -> ServingHandle:
    spec = resolved.environment.serving
    image = resolved.image(catalog.load().runtimes[spec.runtime].image_role)
    return Serving("serving", spec, image=image, after=after, opts=opts).handle
