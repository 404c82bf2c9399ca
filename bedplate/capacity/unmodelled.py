"""What decides where a pod may run, and that the packing proof does not model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bedplate.capacity.resources import GPU
from bedplate.catalog.mig import MIG_PREFIX
from bedplate.graph.values import Json, get
from bedplate.units.quantity import parse_quantity

_MODELLED_RESOURCES = frozenset({"cpu", "memory", GPU})
_DEFAULT_SCHEDULER = "default-scheduler"
_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"


def unmodelled(spec: Mapping[str, Json]) -> tuple[str, ...]:
    """Why nobody can say of a pod with PodSpec `spec` that it fits; empty if room, labels and taints decide alone.

    Claims are apart, see `Claims.uncounted`; and so are host ports, see `host_ports`: they matter only where two pods
    meet.
    """
    return tuple(_reasons(spec))


def host_ports(spec: Mapping[str, Json]) -> frozenset[str]:
    """Ports of the node that a pod takes, as ``TCP 9100``. On the host network every port of a container is one."""
    on_host = bool(spec.get("hostNetwork"))
    return frozenset(
        f"{port.get('protocol', 'TCP')} {number}"
        for container in _containers(spec)
        for port in container.get("ports") or ()
        if (number := port.get("hostPort") or (port["containerPort"] if on_host else None))
    )


def _reasons(spec: Mapping[str, Json]) -> Iterator[str]:
    for kind, text in (("podAffinity", "pod affinity"), ("podAntiAffinity", "pod anti-affinity")):
        if get(spec, "affinity", kind, _REQUIRED):
            yield f"required {text} is not part of the proof"
    for constraint in spec.get("topologySpreadConstraints") or ():
        if constraint.get("whenUnsatisfiable", "DoNotSchedule") == "DoNotSchedule":
            yield f"the topology spread constraint on {constraint.get('topologyKey')} is not part of the proof"
    for name in sorted(_other_resources(spec)):
        yield f"the request for {name} is not part of the proof"
    if spec.get("resources"):
        yield "resources of the pod as a whole (spec.resources) are not part of the proof"
    if spec.get("schedulingGates"):
        names = ", ".join(str(gate.get("name")) for gate in spec["schedulingGates"])
        yield f"it waits for scheduling gates ({names})"
    scheduler = spec.get("schedulerName") or _DEFAULT_SCHEDULER
    if scheduler != _DEFAULT_SCHEDULER:
        yield f"{scheduler} places it, of which nothing is known"
    if spec.get("nodeName"):
        yield f"it is bound to the node {spec['nodeName']} by name"


def _other_resources(spec: Mapping[str, Json]) -> set[str]:
    """Names of resources that are asked for and that `Amount` does not count."""
    asked = [spec.get("overhead") or {}]
    for container in _containers(spec):
        limits = get(container, "resources", "limits", default={}) or {}
        asked.append({**limits, **(get(container, "resources", "requests", default={}) or {})})
    return {
        name
        for resources in asked
        for name, quantity in resources.items()
        if not _modelled(name) and parse_quantity(str(quantity)) > 0
    }


def _modelled(name: str) -> bool:
    return name in _MODELLED_RESOURCES or name.startswith(MIG_PREFIX)


def _containers(spec: Mapping[str, Json]) -> list[Mapping[str, Json]]:
    return [*(spec.get("initContainers") or ()), *(spec.get("containers") or ())]
