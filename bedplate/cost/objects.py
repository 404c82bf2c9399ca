"""What objects of the cluster cost: volumes and load balancers that controllers make in the account.

Nobody registers them with AWS, and they are billed all the same. A volume has a price where its storage class is in
the Graph and says what AWS makes of it; a load balancer has none, since its controller decides which kind it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import ROUND_CEILING, Decimal

from bedplate.cost.rate import Rate
from bedplate.graph.graph import Graph
from bedplate.graph.kubernetes import as_object
from bedplate.graph.resource import Resource
from bedplate.graph.values import Json, get, is_opaque
from bedplate.units.quantity import parse_quantity

Classes = Mapping[str, Mapping[str, Json]]
"""Manifests of storage classes by name."""

_CLASS_TYPE = "kubernetes:storage.k8s.io/v1:StorageClass"
_EBS = "ebs.csi.aws.com"
_GIB = Decimal(2**30)
_BALANCER = "load-balancer"
_UNTOLD = "which kind of load balancer is not declared; traffic is billed too"


def storage_classes(graph: Graph) -> Classes:
    """Storage classes that the environment itself makes."""
    return {as_object(item).name: item.inputs for item in graph.of_type(_CLASS_TYPE)}


def object_rates(resource: Resource, classes: Classes) -> Iterator[Rate]:
    """By what a Kubernetes object is billed; nothing for most."""
    manifest = resource.inputs
    match as_object(resource).kind:
        case "Gateway" if str(manifest.get("apiVersion")).startswith("gateway.networking.k8s.io/"):
            yield Rate(_BALANCER, Decimal(1), note=f"made by the gateway's controller; {_UNTOLD}")
        case "Service" if get(manifest, "spec", "type") == "LoadBalancer":
            yield Rate(_BALANCER, Decimal(1), note=_UNTOLD)
        case "PersistentVolumeClaim":
            yield _volume(get(manifest, "spec"), Decimal(1), classes)
        case "StatefulSet":
            replicas = get(manifest, "spec", "replicas", default=1)
            count = None if is_opaque(replicas) else Decimal(replicas)
            for claim in get(manifest, "spec", "volumeClaimTemplates", default=None) or ():
                yield _volume(get(claim, "spec"), count, classes)
        case "Pod":
            yield from _ephemeral(resource, classes)


def _ephemeral(pod: Resource, classes: Classes) -> Iterator[Rate]:
    """Volumes that live as long as their pod, of as many pods as there may be."""
    replicas = pod.options.get("replicas", {"minimum": 1, "maximum": 1})
    most = replicas.get("maximum")
    for volume in get(pod.inputs, "spec", "volumes", default=None) or ():
        claim = get(volume, "ephemeral", "volumeClaimTemplate", "spec")
        if claim is not None:
            count = None if most is None else Decimal(most)
            yield _volume(claim, count, classes, bound=replicas.get("minimum") != most)


def _volume(claim: Json, count: Decimal | None, classes: Classes, *, bound: bool = False) -> Rate:
    """The storage that `count` claims ask for; their number is not known where it is None."""
    asked = get(claim, "resources", "requests", "storage")
    if count is None or asked is None or is_opaque(asked):
        return Rate("volume", None, bound, "its size is not known")
    gib = (parse_quantity(str(asked)) / _GIB).to_integral_value(ROUND_CEILING)
    name = get(claim, "storageClassName")
    item, note = _item(name, classes.get(str(name)))
    times = "" if count == 1 else f"{count} × "
    return Rate(item, count * gib, bound, f"{times}{gib} GiB{note}")


def _item(name: Json, made: Mapping[str, Json] | None) -> tuple[str, str]:
    """The price item of a storage class, and what remains to be said about it."""
    if made is None:
        return "volume", f" of the storage class {name}, which is not in this environment" if name else " of any class"
    kind = get(made, "parameters", "type")
    if made.get("provisioner") != _EBS or not isinstance(kind, str):
        return "volume", f" of the storage class {name}, made by {made.get('provisioner')}"
    speed = [key for key in ("iops", "throughput", "iopsPerGB") if get(made, "parameters", key) is not None]
    # Speed of its own is billed beside the size: half a price would be a wrong one.
    return ("volume", f" of {kind} with {' and '.join(speed)} of its own") if speed else (f"ebs-{kind}", "")
