"""Amounts of schedulable resources, in whole numbers so that sums are exact."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bedplate.graph.values import Json, get
from bedplate.units.quantity import parse_quantity

GPU = "nvidia.com/gpu"
DIMENSIONS = ("cpu", "memory", "gpu", "pods")


@dataclass(frozen=True, slots=True)
class Amount:
    """CPU in millicores, memory in bytes, GPUs in units of nvidia.com/gpu (shares where time-sliced), and pods."""

    cpu: int = 0
    memory: int = 0
    gpu: int = 0
    pods: int = 0

    def __add__(self, other: Amount) -> Amount:
        return Amount(*(getattr(self, name) + getattr(other, name) for name in DIMENSIONS))

    def __sub__(self, other: Amount) -> Amount:
        return Amount(*(getattr(self, name) - getattr(other, name) for name in DIMENSIONS))

    def __mul__(self, times: int) -> Amount:
        return Amount(*(getattr(self, name) * times for name in DIMENSIONS))

    def fits_into(self, room: Amount) -> bool:
        """Whether every amount is at most that of `room`."""
        return all(getattr(self, name) <= getattr(room, name) for name in DIMENSIONS)

    def largest(self, other: Amount) -> Amount:
        """The larger of both, resource by resource."""
        return Amount(*(max(getattr(self, name), getattr(other, name)) for name in DIMENSIONS))

    def to_json(self) -> dict[str, int]:
        return {"cpuMillicores": self.cpu, "memoryBytes": self.memory, "gpu": self.gpu, "pods": self.pods}


def total(amounts: Iterable[Amount]) -> Amount:
    """The sum of `amounts`."""
    result = Amount()
    for amount in amounts:
        result = result + amount
    return result


def pod_request(spec: Mapping[str, Json], defaults: Mapping[str, Json] | None = None) -> Amount:
    """What the scheduler reserves for a pod with PodSpec `spec`.

    Per resource the larger of the sum of all containers (with sidecars, init containers that restart always) and the
    largest init container with the sidecars started before it, plus the pod's overhead. A missing request counts as
    the limit, else as that of `defaults` (the namespace's LimitRange gives it to every container, see
    `container_defaults`), else as zero. Source: Kubernetes, "Sidecar containers", resource sharing within containers.
    """
    given = defaults or {}
    running = total(_container(item, given) for item in spec.get("containers", ()))
    sidecars, starting = Amount(), Amount()
    for item in spec.get("initContainers", ()):
        if item.get("restartPolicy") == "Always":
            sidecars = sidecars + _container(item, given)
            starting = starting.largest(sidecars)
        else:
            starting = starting.largest(sidecars + _container(item, given))
    overhead = _amount(spec.get("overhead", {}))
    return (running + sidecars).largest(starting) + overhead + Amount(pods=1)


def container_defaults(limit_range: Mapping[str, Json]) -> dict[str, Json]:
    """Requests that a LimitRange gives to containers without a request and a limit of their own.

    Its defaultRequest, else its default limit, else its maximum, else its minimum, resource by resource. Source:
    SetDefaults_LimitRangeItem in pkg/apis/core/v1/defaults.go of the module k8s.io/kubernetes.
    """
    found: dict[str, Json] = {}
    for item in get(limit_range, "spec", "limits", default=()):
        if item.get("type") == "Container":
            for field in ("min", "max", "default", "defaultRequest"):
                found |= item.get(field) or {}
    return found


def _container(container: Mapping[str, Json], defaults: Mapping[str, Json]) -> Amount:
    limits = get(container, "resources", "limits", default={}) or {}
    requests = get(container, "resources", "requests", default={}) or {}
    return _amount({**defaults, **limits, **requests})


def _amount(resources: Mapping[str, Json]) -> Amount:
    def of(name: str, scale: int = 1) -> int:
        value = parse_quantity(str(resources.get(name, "0"))) * scale
        # The scheduler rounds up: a fraction of a millicore or byte still occupies a whole one.
        return int(value.to_integral_value(rounding="ROUND_CEILING"))

    return Amount(cpu=of("cpu", 1000), memory=of("memory"), gpu=of(GPU))
