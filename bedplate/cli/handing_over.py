"""The steps of a handover: each object is left to its one writer, by Pulumi's state and by the cluster's record."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bedplate.cli.applying import open_engine
from bedplate.cli.errors import CommandError
from bedplate.cli.pipeline import recorded
from bedplate.engine.automation import Engine
from bedplate.engine.fields import release_fields
from bedplate.engine.kubernetes import Cluster, ClusterError, open_cluster
from bedplate.environment.environment import Environment
from bedplate.environment.load import load
from bedplate.graph.kubernetes import kubernetes_objects
from bedplate.graph.values import Json
from bedplate.output.plan import Exit
from bedplate.output.wording import many
from components.cluster.spec import ExistingClusterSpec

# Layers whose objects may change hands.
_LAYERS = frozenset({"platform", "models"})


@dataclass(frozen=True, slots=True)
class HandoverResult:
    """How a handover ended: all of it was done, or it would have failed.

    `objects` counts by stack what left its state, `fields` the objects of which a former writer let go.
    """

    environment: str
    exit: Exit
    verdict: str
    objects: Mapping[str, int]
    fields: int

    def to_json(self) -> dict[str, Json]:
        return {
            "schema": "bedplate.handover/v1",
            "environment": self.environment,
            "exit": int(self.exit),
            "verdict": self.verdict,
            "objects": dict(self.objects),
            "fields": self.fields,
        }


def hand_over(root: Path, target: str, kubeconfig: Path | None, context: str | None) -> HandoverResult:
    """Leave every object of `target` to the one writer that the Graph gives it.

    What is not Pulumi's leaves the states that hold it; then every former writer is taken off the objects' record.
    Raises CommandError where the cluster or a state cannot be used; what was done then need not be done again.
    """
    resolved = load(root, target)
    graph = recorded(resolved)
    others = {resource.urn for resource in graph if resource.writer}
    cluster = _cluster(resolved.environment, kubeconfig, context)
    found: dict[str, int] = {}
    for stack in resolved.stacks() if others else ():
        with open_engine(root, resolved.environment, stack.name) as engine:
            count = _release(engine, others)
        if count:
            found[stack.name] = count
    objects = [item for item in kubernetes_objects(graph, derived=False) if item.resource.layer in _LAYERS]
    try:
        fields = release_fields(cluster, objects)
    except ClusterError as error:
        raise CommandError(f"former writers keep some fields: {error}; run it again") from error
    verdict = _verdict(target, sum(found.values()), fields, resolved.environment.delivery.controller)
    return HandoverResult(target, Exit.OK, verdict, found, fields)


def _cluster(environment: Environment, kubeconfig: Path | None, context: str | None) -> Cluster:
    if context is None and isinstance(environment.cluster, ExistingClusterSpec):
        context = environment.cluster.context
    try:
        cluster = open_cluster(context, kubeconfig)
        cluster.read("/version")
    except ClusterError as error:
        raise CommandError(f"nothing was changed: {error}") from error
    return cluster


def _verdict(target: str, released: int, fields: int, controller: str) -> str:
    if not released and not fields:
        return f"{target}: every object has its one writer already"
    parts = [f"{many(fields, 'object')} let go by a former writer"] if fields else []
    if released:
        parts.insert(0, f"{many(released, 'object')} out of Pulumi's state, and in the cluster as they were")
        parts.append(f"`bedplate apply {target}` tells {controller} to take them")
    return f"{target}: {'; '.join(parts)}"


def _release(engine: Engine, urns: Collection[str]) -> int:
    """Forget those of `urns` that the engine's stack holds; how many there were."""
    state, held = engine.export(), engine.held()
    leaving = set(held) & set(urns)
    if state is None or not leaving:
        return 0
    if state["deployment"].get("pending_operations"):
        message = f"an apply of {engine.stack} was cut off; bring it to its end first, with the layer as it was"
        raise CommandError(message, Exit.INTEGRITY)
    engine.import_state(without(state, leaving))
    if set(engine.held()) != set(held) - leaving:
        raise CommandError(f"{engine.stack} does not hold what it should; `pulumi stack history` has it as it was")
    return len(leaving)


def without(state: Mapping[str, Any], urns: Collection[str]) -> dict[str, Any]:
    """An exported `state` without the resources `urns`, and with nothing left in it that waits for them."""
    deployment = state["deployment"]
    kept = [_forgetting(item, urns) for item in deployment["resources"] if item["urn"] not in urns]
    return {**state, "deployment": {**deployment, "resources": kept}}


def _forgetting(resource: Mapping[str, Any], urns: Collection[str]) -> dict[str, Any]:
    changed = dict(resource)
    if "dependencies" in resource:
        changed["dependencies"] = _without(resource["dependencies"], urns)
    if "propertyDependencies" in resource:
        changed["propertyDependencies"] = {
            key: _without(items, urns) for key, items in resource["propertyDependencies"].items()
        }
    return changed


def _without(items: Collection[str] | None, urns: Collection[str]) -> list[str]:
    return [item for item in items or () if item not in urns]
