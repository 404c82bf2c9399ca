"""The layer `platform`: charts, GPU agents, teams with their guardrails, and what model services stand on."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

import pulumi

from bedplate.environment.driver import driver_image, operator_pools, operator_settings
from bedplate.environment.gates import minimum_gpus
from bedplate.environment.registry import mirrored_manifest, mirrored_registries
from bedplate.environment.resolve import ResolvedEnvironment
from components.base import NamespaceHandle, NodePoolHandle, ServingHandle
from components.chart.component import ChartNamespaces, VendoredChart
from components.gpu_baseline.component import GpuBaseline, GpuImages
from components.gpu_baseline.quotas import quota_names
from components.gpu_operator.component import GpuOperator
from components.gpu_operator.settings import OperatorImages, PoolDriver
from components.guardrails.component import Guardrails
from components.serving.component import Serving, describe_serving
from components.tenancy.component import TeamNamespace
from stacks.delivery import Seen, make_delivery
from stacks.karpenter import make_karpenter_pools
from stacks.layer_cluster import ClusterLayer

# They are there in every cluster.
KUBERNETES_NAMESPACES = frozenset({"default", "kube-node-lease", "kube-public", "kube-system"})


@dataclass(frozen=True, slots=True)
class PlatformLayer:
    """What model services build on. `ready` is what those of a namespace wait for, beside the handles' own."""

    teams: Mapping[str, NamespaceHandle]
    serving: ServingHandle
    ready: Mapping[str, tuple[pulumi.Resource, ...]] = field(default_factory=dict)


def make_platform_layer(resolved: ResolvedEnvironment, lower: ClusterLayer) -> PlatformLayer:
    """Register the layer."""
    environment = resolved.environment
    seen = Seen()
    opts = seen.watching(lower.delivered("platform"))
    agents = _gpu_baseline(resolved, lower.pools, opts)
    charts = _charts(resolved, agents, lower, opts)
    make_karpenter_pools(resolved, [*lower.ready, *charts], opts)
    ready = [*lower.ready, *charts, *(agents.ready if agents else ())]
    if agents:
        ready += _gpu_operator(resolved, lower.pools, [agents.namespace, *charts], opts)
    teams = _teams(resolved, lower.pools.values(), opts)
    guardrails = Guardrails(
        "guardrails",
        mirrored_registries(environment.guardrails, resolved.registry),
        teams=list(teams.values()),
        pod_identity=environment.aws is not None,
        opts=opts,
    )
    serving = _serving(resolved, ready, opts)
    make_delivery(resolved, lower, seen, teams=list(teams.values()), after=charts)
    return PlatformLayer(teams, serving, guardrails.ready)


def described_platform_layer(resolved: ResolvedEnvironment) -> PlatformLayer:
    """The layer as it is known to a stack above it."""
    environment = resolved.environment
    teams = {spec.name: NamespaceHandle(name=spec.namespace) for spec in environment.teams}
    return PlatformLayer(teams, describe_serving(environment.serving))


def _charts(
    resolved: ResolvedEnvironment, agents: GpuBaseline | None, lower: ClusterLayer, opts: pulumi.ResourceOptions
) -> list[pulumi.Resource]:
    """Charts in the order of the environment. One of them may stand in the namespace of the GPU agents.

    Their pods wait for nodes, and for the identities that they start with. The chart of what applies the others is
    Pulumi's own.
    """
    namespace = resolved.environment.gpu_baseline.namespace
    inside = [
        addon for addon in resolved.environment.addons if addon.source == "chart" and addon.namespace == namespace
    ]
    ready: list[pulumi.Resource] = [agents.namespace] if agents and inside and resolved.vendored else []
    own = {chart.name: chart.name == resolved.environment.delivery.controller for chart in resolved.vendored}
    for name, pulumis in (("charts", False), ("controller", True)):
        namespaces = _chart_namespaces(resolved, {chart for chart, is_own in own.items() if is_own == pulumis})
        if pulumis in own.values():
            ready += ChartNamespaces(name, namespaces, opts=lower.on_cluster if pulumis else opts).ready
    for chart in resolved.vendored:
        objects = tuple(mirrored_manifest(item, resolved.registry) for item in chart.objects)
        options = lower.on_cluster if own[chart.name] else opts
        ready += VendoredChart(chart.name, objects, after=(*lower.ready, *ready), opts=options).ready
    return ready


def _chart_namespaces(resolved: ResolvedEnvironment, charts: Collection[str]) -> tuple[str, ...]:
    """Namespaces of `charts` that nothing else makes: `helm install --create-namespace` would."""
    environment = resolved.environment
    namespaces = {addon.name: addon.namespace for addon in environment.addons if addon.source == "chart"}
    objects = [item for chart in resolved.vendored for item in chart.objects]
    used = {namespaces[name] for name in charts}
    used &= {item["metadata"].get("namespace") for item in objects}
    made = {item["metadata"]["name"] for item in objects if item["kind"] == "Namespace"}
    made |= {environment.gpu_baseline.namespace, environment.serving.gateway.namespace}
    return tuple(sorted(used - made - KUBERNETES_NAMESPACES))


def _gpu_baseline(
    resolved: ResolvedEnvironment, pools: Mapping[str, NodePoolHandle], opts: pulumi.ResourceOptions
) -> GpuBaseline | None:
    gpu_pools = [pool for pool in pools.values() if pool.gpu is not None]
    if not gpu_pools:
        return None
    images = GpuImages(
        device_plugin=resolved.image("devicePlugin"),
        dcgm_exporter=resolved.image("dcgmExporter"),
        mig_manager=resolved.image("migManager"),
        dra_driver=resolved.image("draDriver"),
        efa_device_plugin=resolved.image("efaDevicePlugin"),
    )
    return GpuBaseline(
        "gpu-baseline",
        resolved.environment.gpu_baseline,
        images=images,
        pools=gpu_pools,
        minimum_gpus=minimum_gpus(resolved.environment, resolved.catalog),
        opts=opts,
    )


def _gpu_operator(
    resolved: ResolvedEnvironment,
    pools: Mapping[str, NodePoolHandle],
    after: list[pulumi.Resource],
    opts: pulumi.ResourceOptions,
) -> tuple[pulumi.Resource, ...]:
    """What installs drivers, where nodes carry none; the operator itself is a chart, or there already."""
    bare = operator_pools(resolved.environment)
    if not bare:
        return ()
    images = OperatorImages(
        toolkit=resolved.image("containerToolkit"),
        validator=resolved.image("gpuOperator"),
        driver_manager=resolved.image("gpuDriverManager"),
    )
    drivers = [
        PoolDriver(pool=pools[pool.name], version=resolved.baseline.gpu_driver, image=driver_image(pool, resolved))
        for pool in bare
    ]
    return GpuOperator(
        "gpu-operator",
        operator_settings(resolved.environment),
        namespace=resolved.environment.gpu_baseline.namespace,
        images=images,
        drivers=drivers,
        after=after,
        opts=opts,
    ).ready


def _teams(
    resolved: ResolvedEnvironment, pools: Iterable[NodePoolHandle], opts: pulumi.ResourceOptions
) -> dict[str, NamespaceHandle]:
    offered = quota_names(pools)
    return {
        spec.name: TeamNamespace(
            spec.name,
            spec,
            pod_security=resolved.environment.guardrails.pod_security,
            kubernetes_version=resolved.baseline.kubernetes,
            offered=offered,
            opts=opts,
        ).handle
        for spec in resolved.environment.teams
    }


def _serving(
    resolved: ResolvedEnvironment, after: list[pulumi.Resource], opts: pulumi.ResourceOptions
) -> ServingHandle:
    spec = resolved.environment.serving
    image = resolved.image(resolved.catalog.runtimes[spec.runtime].image_role)
    return Serving("serving", spec, image=image, after=after, opts=opts).handle
