"""The Kubernetes view of a Graph: manifests, identities and scopes of the objects in the cluster."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bedplate.graph.graph import Graph
from bedplate.graph.resource import Resource
from bedplate.graph.values import Json, get, is_opaque, thaw

# Kinds that stand outside any namespace, of those that Bedplate writes. An unlisted kind is namespaced.
CLUSTER_SCOPED = frozenset(
    {
        "ClusterPolicy",
        "ClusterRole",
        "ClusterRoleBinding",
        "ClusterServingRuntime",
        "ClusterStorageContainer",
        "CustomResourceDefinition",
        "GatewayClass",
        "NVIDIADriver",
        "Namespace",
        "Node",
        "PersistentVolume",
        "PriorityClass",
        "RuntimeClass",
        "StorageClass",
        "ValidatingAdmissionPolicy",
        "ValidatingAdmissionPolicyBinding",
    }
)

# Annotations that speak to the Pulumi engine only; other writers of the same object do not carry them.
ENGINE_ANNOTATION_PREFIX = "pulumi.com/"


@dataclass(frozen=True, slots=True, order=True)
class ObjectId:
    """What the API server tells objects apart by. `namespace` is empty for cluster-scoped kinds."""

    api_version: str
    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        place = f"{self.namespace}/" if self.namespace else ""
        return f"{self.kind} {place}{self.name}"


@dataclass(frozen=True, slots=True)
class KubernetesObject:
    """One object of the cluster: its identity, its whole manifest, and the resource that registers it."""

    id: ObjectId
    manifest: Mapping[str, Json]
    resource: Resource

    @property
    def kind(self) -> str:
        return self.id.kind

    @property
    def name(self) -> str:
        return self.id.name

    @property
    def namespace(self) -> str:
        return self.id.namespace

    def get(self, *keys: str | int, default: Json = None) -> Json:
        """The value of the manifest along `keys`, or `default`."""
        return get(self.manifest, *keys, default=default)


def kubernetes_objects(graph: Graph, *, derived: bool = True) -> tuple[KubernetesObject, ...]:
    """Every Kubernetes object of `graph`, sorted by identity; without derived ones where `derived` is False."""
    objects = (
        as_object(resource)
        for resource in graph
        if resource.is_kubernetes and (derived or resource.derived_from is None)
    )
    return tuple(sorted(objects, key=lambda item: (item.id, item.resource.urn)))


def as_object(resource: Resource) -> KubernetesObject:
    """The object that `resource` registers."""
    manifest = resource.inputs
    kind = str(get(manifest, "kind", default=""))
    name = get(manifest, "metadata", "name", default="")
    namespace = get(manifest, "metadata", "namespace", default="")
    identity = ObjectId(
        api_version=str(get(manifest, "apiVersion", default="")),
        kind=kind,
        namespace="" if kind in CLUSTER_SCOPED or is_opaque(namespace) else str(namespace),
        name="" if is_opaque(name) else str(name),
    )
    return KubernetesObject(identity, manifest, resource)


def portable_manifest(item: KubernetesObject) -> dict[str, Json]:
    """The manifest for any other writer (GitOps, dry run): a plain copy without the engine's own annotations."""
    manifest: dict[str, Json] = thaw(item.manifest)
    annotations = manifest.get("metadata", {}).get("annotations")
    if annotations:
        kept = {key: value for key, value in annotations.items() if not key.startswith(ENGINE_ANNOTATION_PREFIX)}
        manifest["metadata"]["annotations"] = kept
        if not kept:
            del manifest["metadata"]["annotations"]
    return manifest


def pod_spec(manifest: Mapping[str, Json]) -> Mapping[str, Json] | None:
    """The PodSpec inside a Pod, a workload or a CronJob; None for kinds that hold none."""
    match manifest.get("kind"):
        case "Pod":
            spec = get(manifest, "spec")
        case "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" | "Job":
            spec = get(manifest, "spec", "template", "spec")
        case "CronJob":
            spec = get(manifest, "spec", "jobTemplate", "spec", "template", "spec")
        case _:
            return None
    return spec if isinstance(spec, Mapping) else None
