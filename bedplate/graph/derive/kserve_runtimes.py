"""The serving runtime that a service names: where KServe looks, what it refuses, which image it takes."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bedplate.graph.derive.results import CannotDeriveError
from bedplate.graph.values import Json, get, thaw

CLUSTER_KIND = "ClusterServingRuntime"
NAMESPACED_KIND = "ServingRuntime"
MODEL_CONTAINER = "kserve-container"
TRANSFORMER_CONTAINER = "transformer-container"
SERVER_TYPE = "serving.kserve.io/server-type"

# Without the annotation KServe knows its own runtimes by their names.
_TYPE_BY_NAME = {
    "kserve-huggingfaceserver": "huggingfaceserver",
    "kserve-mlserver": "mlserver",
    "kserve-tensorflow-serving": "tensorflow-serving",
    "kserve-torchserve": "torchserve",
    "kserve-tritonserver": "tritonserver",
    "kserve-vllmserver": "vllmserver",
}
# Servers for which KServe changes environment, arguments or labels of the service; not derived.
_TYPES_WITH_OWN_DEFAULTS = frozenset({"mlserver", "torchserve", "tritonserver"})
_TYPES_WITH_GPU_TAG = frozenset({"huggingfaceserver", "tensorflow-serving", "torchserve"})
_TAG = re.compile(r":[\w.\-]*$")


def runtimes_for(namespace: str, manifests: Iterable[Json]) -> dict[str, Json]:
    """The runtimes that a service in `namespace` can name: those of the namespace hide cluster-wide ones."""
    found: dict[str, Json] = {}
    local: dict[str, Json] = {}
    for manifest in manifests:
        name = manifest["metadata"]["name"]
        if manifest["kind"] == CLUSTER_KIND:
            found[name] = manifest
        elif manifest["kind"] == NAMESPACED_KIND and manifest["metadata"].get("namespace") == namespace:
            local[name] = manifest
    return found | local


def runtime_of(service: Json, runtimes: dict[str, Json]) -> Json:
    """A copy of the runtime that `service` runs on. Raises CannotDeriveError where KServe would refuse it."""
    model = service["spec"]["predictor"]["model"]
    name = model.get("runtime")
    if not name:
        raise CannotDeriveError("spec.predictor.model.runtime is missing; KServe would choose one: name it")
    if name not in runtimes:
        known = ", ".join(sorted(runtimes)) or "none"
        raise CannotDeriveError(f"spec.predictor.model.runtime {name!r} is not declared (declared: {known})")
    runtime = thaw(runtimes[name])
    spec = runtime["spec"]
    if spec.get("disabled"):
        raise CannotDeriveError(f"runtime {name!r} is disabled; KServe refuses it")
    if server_type(runtime) in _TYPES_WITH_OWN_DEFAULTS:
        raise CannotDeriveError(f"runtime {name!r}: what KServe adds for {server_type(runtime)!r} cannot be derived")
    protocol, protocols = model.get("protocolVersion"), spec.get("protocolVersions") or ()
    if protocol and protocols and protocol not in protocols:
        raise CannotDeriveError(
            f"runtime {name!r} speaks {', '.join(protocols)}, not protocol version {protocol!r}; KServe refuses it"
        )
    _check_format(model["modelFormat"], runtime)
    if named(spec.get("containers") or [], MODEL_CONTAINER) is None:
        raise CannotDeriveError(f"runtime {name!r} has no container {MODEL_CONTAINER!r}; KServe refuses it")
    return runtime


def server_type(runtime: Json) -> str:
    """The kind of model server, from the annotation or else the name; empty for runtimes that are not KServe's."""
    stated = get(runtime, "metadata", "annotations", SERVER_TYPE, default="")
    return str(stated or _TYPE_BY_NAME.get(runtime["metadata"]["name"], ""))


def image_of(container: Json, model: Json, runtime: Json) -> str:
    """The image of the model container. A digest stays; a tag follows runtimeVersion, or whether a GPU is asked for."""
    image = str(container.get("image", ""))
    if "@sha256:" in image:
        return image
    repository = _TAG.sub("", image)
    if model.get("runtimeVersion"):
        return f"{repository}:{model['runtimeVersion']}"
    if repository == image:
        return image
    kind = server_type(runtime)
    if _wants_nvidia(container):
        return f"{image}-gpu" if kind in _TYPES_WITH_GPU_TAG and not image.endswith("-gpu") else image
    if kind == "vllmserver" and not repository.endswith("-cpu"):
        return f"{repository}-cpu{image[len(repository) :]}"
    return image


def named(items: list[Json], name: str) -> Json | None:
    """The item called `name`, or None."""
    return next((item for item in items if item.get("name") == name), None)


def _wants_nvidia(container: Json) -> bool:
    limits = get(container, "resources", "limits", default={})
    return any(name == "nvidia.com/gpu" or name.startswith("nvidia.com/mig") for name in limits)


def _check_format(wanted: Json, runtime: Json) -> None:
    offered = runtime["spec"].get("supportedModelFormats") or []
    for each in offered:
        if each["name"] == wanted["name"] and wanted.get("version") in (None, each.get("version")):
            return
    names = ", ".join(sorted({each["name"] for each in offered})) or "none"
    label = " ".join(str(part) for part in (wanted["name"], wanted.get("version")) if part)
    raise CannotDeriveError(
        f"runtime {runtime['metadata']['name']!r} does not support model format {label!r} (supported: {names})"
    )
