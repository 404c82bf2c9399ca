"""What NVIDIA's GPU Operator starts on nodes: the pods of drivers, of the container toolkit, and of its validator.

Follows the operator v26.7.0 (internal/state, controllers and assets of github.com/NVIDIA/gpu-operator) for what
Bedplate asks of it: drivers by NVIDIADriver, every other operand off. Only what judges read is derived: images,
privileges, requests, and the nodes that run them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bedplate.graph.derive.results import Derived, DerivedPod, Underivable, describe
from bedplate.graph.derive.scheduling import NodeShape, daemon_pods
from bedplate.graph.values import Json, get, thaw

KINDS = frozenset({"ClusterPolicy", "NVIDIADriver"})
OPERATOR = "GPU Operator"
NAMESPACE = "bedplate.dev/operator-namespace"
"""Annotation of both kinds, which have no namespace: where the operator starts its pods."""

FROM = "bedplate.dev/driver-from"
_FEATURE = "feature.node.kubernetes.io/"
_KERNEL = f"{_FEATURE}kernel-version.full"
_OS, _OS_VERSION = f"{_FEATURE}system-os_release.ID", f"{_FEATURE}system-os_release.VERSION_ID"
_PRESENT = "nvidia.com/gpu.present"
_DEPLOY = "nvidia.com/gpu.deploy."
_BY_MAJOR = ("ol", "rhel", "rocky")
_PRIVILEGED: Json = {"privileged": True}

GIVEN = {
    f"{_DEPLOY}{part}": "true"
    for part in (
        "container-toolkit",
        "dcgm-exporter",
        "device-plugin",
        "driver",
        "gpu-feature-discovery",
        "operator-validator",
    )
}
"""Labels that the operator gives to every node with GPUs that it is not told to leave alone."""


def derive_operands(manifest: Json, nodes: Sequence[NodeShape]) -> Iterator[Derived]:
    """Pods that follow from a ClusterPolicy or an NVIDIADriver, for each shape of node that runs them."""
    namespace = get(manifest, "metadata", "annotations", NAMESPACE)
    if namespace is None:
        yield Underivable(describe(manifest), f"annotation {NAMESPACE} does not say where its pods stand")
        return
    operands: list[tuple[dict[str, Json], Sequence[NodeShape]]]
    if manifest["kind"] == "NVIDIADriver":
        operands = [(_driver(manifest, node), [node]) for node in nodes if {_OS, _OS_VERSION} <= node.labels.keys()]
    else:
        operands = [
            (_operand(manifest, name, part), nodes)
            for part, name in (("toolkit", "container-toolkit"), ("validator", "operator-validator"))
            if get(manifest, "spec", part, "enabled") is not False
        ]
    for spec, shapes in operands:
        daemon_set: Json = {
            "apiVersion": "apps/v1",
            "kind": "DaemonSet",
            "metadata": {"name": spec.pop("name"), "namespace": namespace},
            "spec": {"template": {"spec": spec}},
        }
        for pod in daemon_pods(daemon_set, shapes):
            yield DerivedPod(pod.manifest, OPERATOR, describe(manifest), pod.replicas, pod.node)


def _driver(manifest: Json, node: NodeShape) -> dict[str, Json]:
    """Name and pod of the driver on nodes like `node`: the operator asks for their system, and for a precompiled
    driver for their kernel."""
    spec, tag = manifest["spec"], _os_tag(node)
    selector = {_PRESENT: "true", f"{_DEPLOY}driver": "true", **(spec.get("nodeSelector") or {})}
    if spec.get("usePrecompiled"):
        selector[_KERNEL] = node.labels.get(_KERNEL, "")
        tag = f"{selector[_KERNEL]}-{tag}"
    image = _image(spec)
    driver = {
        "name": "nvidia-driver-ctr",
        "image": image if "@" in image else f"{image}-{tag}",
        "securityContext": _PRIVILEGED,
        "resources": thaw(spec.get("resources") or {}),
    }
    manager = {"name": "k8s-driver-manager", "image": _image(spec["manager"]), "securityContext": _PRIVILEGED}
    return {
        "name": f"nvidia-gpu-driver-{_os_tag(node)}",
        "hostPID": True,
        "initContainers": [manager],
        "containers": [driver],
        **_placed(selector, spec.get("tolerations"), spec.get("priorityClassName")),
    }


def _operand(manifest: Json, name: str, part: str) -> dict[str, Json]:
    """Name and pod of an operand of a ClusterPolicy. The toolkit's waits for the driver with the validator's image."""
    spec = manifest["spec"]
    container = {"name": f"nvidia-{name}", "image": _image(spec[part]), "securityContext": _PRIVILEGED}
    checks = {"name": "driver-validation", "image": _image(spec["validator"]), "securityContext": _PRIVILEGED}
    daemons = spec["daemonsets"]
    selector = {f"{_DEPLOY}{name}": "true"}
    return {
        "name": f"nvidia-{name}",
        "initContainers": [checks],
        "containers": [container],
        **_placed(selector, daemons.get("tolerations"), daemons.get("priorityClassName")),
    }


def _placed(selector: dict[str, str], tolerations: Json, priority: Json) -> dict[str, Json]:
    gpus = {"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}
    return {
        "nodeSelector": selector,
        "tolerations": [gpus, *thaw(tolerations or [])],
        "priorityClassName": priority or "system-node-critical",
    }


def _os_tag(node: NodeShape) -> str:
    name, version = node.labels[_OS], node.labels[_OS_VERSION]
    return name + (version.partition(".")[0] if name in _BY_MAJOR else version)


def _image(part: Json) -> str:
    """The image of a part: written whole, or as repository, name and version, which may be a digest."""
    repository, image, version = (str(part.get(key) or "") for key in ("repository", "image", "version"))
    if not (repository or version):
        return image
    return f"{repository}/{image}{'@' if version.startswith('sha256:') else ':'}{version}"
