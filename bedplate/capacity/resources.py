"""Amounts of schedulable resources, in whole numbers so that sums are exact."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from bedplate.catalog.mig import MIG_PREFIX
from bedplate.graph.values import Json, get
from bedplate.units.quantity import parse_quantity

GPU = "nvidia.com/gpu"
# What every amount has; devices of other kinds come beside them, by name.
DIMENSIONS = ("cpu", "memory", "gpu", "pods")

Devices: TypeAlias = tuple[tuple[str, int], ...]
"""Devices by kind, sorted, none twice: instances of a MIG profile, as ``("nvidia.com/mig-1g.10gb", 2)``."""


@dataclass(frozen=True, slots=True)
class Amount:
    """CPU in millicores, memory in bytes, GPUs in units of nvidia.com/gpu (shares where time-sliced), pods, and devices
    of other kinds. A kind that is not named is there zero times."""

    cpu: int = 0
    memory: int = 0
    gpu: int = 0
    pods: int = 0
    devices: Devices = ()

    def of(self, dimension: str) -> int:
        """How much of one of `DIMENSIONS`, or of a kind of device."""
        if dimension in DIMENSIONS:
            return int(getattr(self, dimension))
        return next((count for kind, count in self.devices if kind == dimension), 0)

    def __add__(self, other: Amount) -> Amount:
        cpu, memory, gpu, pods = (getattr(self, name) + getattr(other, name) for name in DIMENSIONS)
        kinds = _kinds(self, other)
        return Amount(cpu, memory, gpu, pods, tuple((kind, self.of(kind) + other.of(kind)) for kind in kinds))

    def __sub__(self, other: Amount) -> Amount:
        return self + other * -1

    def __mul__(self, times: int) -> Amount:
        cpu, memory, gpu, pods = (getattr(self, name) * times for name in DIMENSIONS)
        return Amount(cpu, memory, gpu, pods, tuple((kind, count * times) for kind, count in self.devices))

    def fits_into(self, room: Amount) -> bool:
        """Whether every amount is at most that of `room`."""
        return all(getattr(self, name) <= getattr(room, name) for name in DIMENSIONS) and all(
            count <= room.of(kind) for kind, count in self.devices
        )

    def largest(self, other: Amount) -> Amount:
        """The larger of both, resource by resource."""
        cpu, memory, gpu, pods = (max(getattr(self, name), getattr(other, name)) for name in DIMENSIONS)
        kinds = _kinds(self, other)
        return Amount(cpu, memory, gpu, pods, tuple((kind, max(self.of(kind), other.of(kind))) for kind in kinds))

    def to_json(self) -> dict[str, Json]:
        return {
            "cpuMillicores": self.cpu,
            "memoryBytes": self.memory,
            "gpu": self.gpu,
            "pods": self.pods,
            "devices": dict(self.devices),
        }


def dimensions(*amounts: Amount) -> tuple[str, ...]:
    """`DIMENSIONS`, and every kind of device that one of `amounts` names."""
    return (*DIMENSIONS, *_kinds(*amounts))


def devices(counts: Mapping[str, int]) -> Devices:
    """`counts` by kind, as an amount holds them."""
    return tuple(sorted((kind, count) for kind, count in counts.items() if count))


def _kinds(*amounts: Amount) -> tuple[str, ...]:
    if not any(amount.devices for amount in amounts):
        return ()
    return tuple(sorted({kind for amount in amounts for kind, _ in amount.devices}))


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

    instances = {name: of(name) for name in resources if name.startswith(MIG_PREFIX)}
    return Amount(cpu=of("cpu", 1000), memory=of("memory"), gpu=of(GPU), devices=devices(instances))
