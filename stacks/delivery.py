"""Layers in the hands of a GitOps controller: what it has to be told, from what the program registers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import pulumi

from bedplate.catalog.rows import Writer as WriterRow
from bedplate.environment.resolve import ResolvedEnvironment
from components.base import NamespaceHandle
from components.delivery.component import Delivery, DeliveryRights
from components.delivery.layers import MODEL_KINDS, Handover, ObjectKind, OthersField
from components.delivery.spec import NAMESPACES, DeliveredLayer, DeliverySpec, rendered_folder
from stacks.layer_cluster import ClusterLayer

_KUBERNETES = "kubernetes:"


@dataclass(slots=True)
class Seen:
    """Kinds and namespaces of the objects that components have made: a project admits these, and no other."""

    kinds: set[ObjectKind] = field(default_factory=set)
    namespaces: set[str] = field(default_factory=set)

    def watching(self, opts: pulumi.ResourceOptions) -> pulumi.ResourceOptions:
        """`opts` of components whose objects are noted here."""
        return pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(transformations=[self._note]))

    def _note(self, args: pulumi.ResourceTransformationArgs) -> None:
        if not args.type_.startswith(_KUBERNETES):
            return
        # kubernetes:<group>/<version>:<kind>, where the group without a name is called core.
        _, version, kind = args.type_.split(":")
        group = version.partition("/")[0]
        self.kinds.add(ObjectKind("" if group == "core" else group, kind))
        metadata = args.props.get("metadata")
        namespace = metadata.get("namespace") if isinstance(metadata, dict) else getattr(metadata, "namespace", None)
        if namespace:
            self.namespaces.add(namespace)


def make_delivery(
    resolved: ResolvedEnvironment,
    lower: ClusterLayer,
    platform: Seen,
    *,
    teams: Sequence[NamespaceHandle],
    after: Sequence[pulumi.Resource],
) -> None:
    """Register what the environment's controller reads, where a layer is its to apply.

    `platform` is what the layer platform is made of; `after` brings the controller.
    """
    spec = resolved.environment.delivery
    if not spec.handed_over:
        return
    assert spec.gitops is not None  # cross-checked
    layers = [_handover(resolved, layer, platform, teams) for layer in spec.handed_over]
    namespace = controller_namespace(resolved)
    Delivery("delivery", spec.gitops, layers=layers, namespace=namespace, after=after, opts=lower.on_cluster)
    for layer in layers:
        if layer.writer == "flux" and not layer.whole_cluster:
            opts = lower.delivered("platform")
            DeliveryRights(f"delivery-{layer.layer}", layer, teams=teams, namespace=namespace, opts=opts)


def controller_namespace(resolved: ResolvedEnvironment) -> str:
    """Where the controller runs: as stated, else where its chart puts it, else where its own manifests do."""
    delivery = resolved.environment.delivery
    assert delivery.gitops is not None  # cross-checked
    charts = {addon.name: addon.namespace for addon in resolved.environment.addons if addon.source == "chart"}
    usual = NAMESPACES[delivery.controller]
    return delivery.gitops.namespace or charts.get(delivery.controller, usual)


def _handover(
    resolved: ResolvedEnvironment, layer: DeliveredLayer, platform: Seen, teams: Sequence[NamespaceHandle]
) -> Handover:
    spec = resolved.environment.delivery
    assert spec.gitops is not None  # cross-checked
    whole = layer == "platform"
    kinds = tuple(sorted(platform.kinds)) if whole else MODEL_KINDS
    return Handover(
        layer=layer,
        writer=spec.writer(layer),
        folder=rendered_folder(spec.gitops, resolved.name, layer),
        kinds=kinds,
        namespaces=tuple(sorted(platform.namespaces if whole else {team.name for team in teams})),
        whole_cluster=whole,
        others=tuple(_others(kinds, resolved.catalog.writers)),
        after=_below(spec, layer),
    )


def _below(spec: DeliverySpec, layer: DeliveredLayer) -> tuple[DeliveredLayer, ...]:
    """Layers of the same controller that come before `layer`."""
    handed = list(spec.handed_over)
    return tuple(handed[: handed.index(layer)])


def _others(kinds: Iterable[ObjectKind], rows: Iterable[WriterRow]) -> Iterable[OthersField]:
    """Fields of `kinds` that a manifest may hold and another controller writes, from the one-writer table.

    No manifest holds a status, nor keys of which the table knows the beginning alone.
    """
    by_name = {kind.kind: kind for kind in kinds}
    for row in rows:
        registered = row.kind in by_name and not row.made_by and row.path != "*"
        if registered and row.writer != "pulumi" and not row.path.endswith("/") and row.path.split(".")[0] != "status":
            yield OthersField(by_name[row.kind], row.path)
