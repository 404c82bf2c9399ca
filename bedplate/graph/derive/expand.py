"""A Graph with everything that controllers will make of it: Deployments, Services, autoscalers and pods.

Derived objects are resources like any other, with `derived_from` naming the resource whose controller makes them.
What cannot be derived becomes a resource of type `UNDERIVABLE`, so that it is counted and never silently absent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from bedplate.graph.derive.gpu_operator import KINDS as OPERATOR_KINDS
from bedplate.graph.derive.gpu_operator import derive_operands
from bedplate.graph.derive.inventory import inventory_groups
from bedplate.graph.derive.karpenter import karpenter_groups
from bedplate.graph.derive.kserve import derive_inference_service
from bedplate.graph.derive.kserve_runtimes import CLUSTER_KIND, NAMESPACED_KIND, runtimes_for
from bedplate.graph.derive.node_group import NodeGroup
from bedplate.graph.derive.node_labels import node_labels
from bedplate.graph.derive.results import Derived, DerivedObject, DerivedPod, Replicas, Underivable
from bedplate.graph.derive.scheduling import NodeShape, daemon_pods
from bedplate.graph.derive.settings import KServeSettings
from bedplate.graph.derive.workloads import WORKLOAD_KINDS, pod_of, replicas_of
from bedplate.graph.graph import Graph
from bedplate.graph.kubernetes import KubernetesObject, kubernetes_objects
from bedplate.graph.resource import Resource
from bedplate.graph.values import Json, freeze, get, is_opaque, thaw

UNDERIVABLE = "bedplate:derived:Underivable"
POD_TYPE = "kubernetes:core/v1:Pod"
NODE_GROUP_TYPE = "aws:eks/nodeGroup:NodeGroup"
AWS_PROVIDER_TYPE = "pulumi:providers:aws"

# EKS writes taint effects in capitals; Kubernetes does not.
_EFFECTS = {"NO_SCHEDULE": "NoSchedule", "NO_EXECUTE": "NoExecute", "PREFER_NO_SCHEDULE": "PreferNoSchedule"}

_ByPlace: TypeAlias = Mapping[tuple[str, str], Sequence[KubernetesObject]]


@dataclass(frozen=True, slots=True)
class PodGroup:
    """Pods of one shape. `node` names the pool of a DaemonSet's pod, of which every node runs one; else it is empty."""

    name: str
    namespace: str
    spec: Mapping[str, Json]
    node: str
    minimum: int | None
    maximum: int | None
    resource: Resource


def derive(graph: Graph, settings: KServeSettings) -> Graph:
    """`graph` and all that follows from it."""
    objects = kubernetes_objects(graph)
    neighbours = _by_place(objects)
    shapes = [group.shape for group in node_groups(graph)]
    own = _with_own_containers(settings, objects)
    derived = [
        _resource(item.resource, made, index)
        for item in objects
        for index, made in enumerate(_made_of(item, neighbours, shapes, own))
    ]
    return graph.with_resources(derived)


def _by_place(objects: Iterable[KubernetesObject]) -> _ByPlace:
    """`objects` by kind and namespace, a Namespace by its own name: deriving looks at neighbours, not at everything."""
    found: dict[tuple[str, str], list[KubernetesObject]] = {}
    for item in objects:
        place = item.name if item.kind == "Namespace" else item.namespace
        found.setdefault((item.kind, place), []).append(item)
    return found


def _with_own_containers(settings: KServeSettings, objects: tuple[KubernetesObject, ...]) -> KServeSettings:
    """`settings` with the storage containers that the Graph itself holds, where a chart brings them."""
    own = tuple(thaw(item.manifest) for item in objects if item.kind == "ClusterStorageContainer")
    return replace(settings, storage_containers=own) if own else settings


def pod_groups(graph: Graph) -> tuple[PodGroup, ...]:
    """All derived pods of `graph`, in URN order."""
    groups: list[PodGroup] = []
    for resource in graph.of_type(POD_TYPE):
        # A Pod that no controller made is one pod.
        alone = {"minimum": 1, "maximum": 1} if resource.derived_from is None else {}
        replicas = resource.options.get("replicas", alone)
        groups.append(
            PodGroup(
                name=str(get(resource.inputs, "metadata", "name")).removesuffix("-*"),
                namespace=str(get(resource.inputs, "metadata", "namespace", default="")),
                spec=resource.inputs["spec"],
                node=str(resource.options.get("node", "")),
                minimum=replicas.get("minimum"),
                maximum=replicas.get("maximum"),
                resource=resource,
            )
        )
    return tuple(groups)


def underivable(graph: Graph) -> tuple[str, ...]:
    """``subject: reason`` of everything that could not be derived."""
    return tuple(f"{item.inputs['subject']}: {item.inputs['reason']}" for item in graph.of_type(UNDERIVABLE))


def node_groups(graph: Graph) -> tuple[NodeGroup, ...]:
    """The node pools of `graph` with the labels and taints that their nodes will carry."""
    regions = {str(get(item.inputs, "region")) for item in graph.of_type(AWS_PROVIDER_TYPE)}
    region = next(iter(regions)) if len(regions) == 1 else None
    groups: list[NodeGroup] = []
    for resource in graph.of_type(NODE_GROUP_TYPE):
        inputs = resource.inputs
        desired = get(inputs, "scalingConfig", "desiredSize")
        types = _instance_types(resource, graph)
        labels, undecided = node_labels(inputs, types, region)
        groups.append(
            NodeGroup(
                shape=NodeShape(_pool_name(resource), labels, _taints(inputs), undecided),
                count=None if desired is None or is_opaque(desired) else int(desired),
                instance_types=types,
            )
        )
    return (*groups, *karpenter_groups(graph, region), *inventory_groups(graph))


def _instance_types(resource: Resource, graph: Graph) -> tuple[str, ...]:
    """Types that a node group names, or the one that its launch template does."""
    named = resource.inputs.get("instanceTypes")
    if named is not None:
        return tuple(str(name) for name in named)
    templates = (graph[urn] for urn in resource.property_dependencies.get("launchTemplate", ()))
    return tuple(str(item.inputs["instanceType"]) for item in templates if "instanceType" in item.inputs)


def _pool_name(resource: Resource) -> str:
    return str(get(resource.inputs, "labels", "bedplate.dev/pool", default=resource.name))


def _taints(inputs: Mapping[str, Json]) -> list[Json]:
    return [
        {"key": taint["key"], "value": taint.get("value", ""), "effect": _EFFECTS[taint["effect"]]}
        for taint in inputs.get("taints", ())
    ]


def _made_of(
    item: KubernetesObject, neighbours: _ByPlace, shapes: list[NodeShape], settings: KServeSettings
) -> Iterator[Derived]:
    if item.kind == "InferenceService":
        yield from _inference_service(item, neighbours, settings)
    elif item.kind == "DaemonSet":
        yield from daemon_pods(thaw(item.manifest), shapes)
    elif item.kind in OPERATOR_KINDS:
        yield from derive_operands(thaw(item.manifest), shapes)
    elif item.kind in WORKLOAD_KINDS:
        manifest = thaw(item.manifest)
        scaled = neighbours.get(("HorizontalPodAutoscaler", item.namespace), ())
        autoscalers = [thaw(other.manifest) for other in scaled]
        owner = f"{item.kind} {item.namespace}/{item.name}"
        yield DerivedPod(pod_of(manifest), f"{item.kind} controller", owner, replicas_of(manifest, autoscalers))


def _inference_service(item: KubernetesObject, neighbours: _ByPlace, settings: KServeSettings) -> tuple[Derived, ...]:
    namespace: Json = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": item.namespace}}
    for other in neighbours.get(("Namespace", item.namespace), ()):
        namespace = thaw(other.manifest)

    def beside(*places: tuple[str, str]) -> list[Json]:
        return [thaw(other.manifest) for place in places for other in neighbours.get(place, ())]

    runtimes = runtimes_for(item.namespace, beside((CLUSTER_KIND, ""), (NAMESPACED_KIND, item.namespace)))
    accounts = beside(("ServiceAccount", item.namespace), ("Secret", item.namespace))
    return derive_inference_service(thaw(item.manifest), runtimes, namespace, settings, accounts=accounts)


def _resource(origin: Resource, made: Derived, index: int) -> Resource:
    if isinstance(made, Underivable):
        return Resource(
            urn=f"{origin.urn}#underivable/{index}",
            type=UNDERIVABLE,
            name=made.subject,
            custom=False,
            inputs=freeze({"subject": made.subject, "reason": made.reason}),
            layer=origin.layer,
            entry=origin.entry,
            team=origin.team,
            derived_from=origin.urn,
        )
    manifest = made.manifest
    name, kind = str(manifest["metadata"]["name"]), str(manifest["kind"])
    namespace = str(manifest["metadata"].get("namespace", ""))
    suffix = f"@{made.node}" if isinstance(made, DerivedPod) and made.node else ""
    return Resource(
        urn=f"{origin.urn}#{kind}/{namespace}/{name}{suffix}",
        type=_type(str(manifest["apiVersion"]), kind),
        name=name,
        inputs=freeze(manifest),
        options=freeze(_options(made)),
        layer=origin.layer,
        entry=origin.entry,
        team=origin.team,
        derived_from=origin.urn,
    )


def _options(made: DerivedObject) -> dict[str, Json]:
    options: dict[str, Json] = {"writer": made.source}
    if isinstance(made, DerivedPod):
        options |= {"owner": made.owner, "replicas": _replicas(made.replicas)}
        if made.node:
            options["node"] = made.node
    return options


def _replicas(replicas: Replicas) -> dict[str, Json]:
    known = {"minimum": replicas.minimum, "maximum": replicas.maximum}
    return {key: value for key, value in known.items() if value is not None}


def _type(api_version: str, kind: str) -> str:
    """Pulumi's type token: the group ``core`` where Kubernetes leaves it out."""
    return f"kubernetes:{api_version if '/' in api_version else f'core/{api_version}'}:{kind}"
