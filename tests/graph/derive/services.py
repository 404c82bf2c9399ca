"""The smallest service, runtime and cluster that derive; tests change one thing in them."""

from __future__ import annotations

from typing import Any

from bedplate.graph.derive.kserve import derive_inference_service
from bedplate.graph.derive.results import Derived, DerivedPod, Underivable
from bedplate.graph.derive.settings import KServeSettings, StorageInitializer
from bedplate.graph.values import Json

NAMESPACE: Json = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "team-a"}}
INITIALIZER = StorageInitializer(
    image="storage:1", cpu_request="100m", cpu_limit="1", memory_request="100Mi", memory_limit="1Gi"
)


def settings(**changes: Any) -> KServeSettings:
    """Standard mode, no storage container, and `changes`."""
    return KServeSettings(**{"storage_initializer": INITIALIZER, "deployment_mode": "Standard", **changes})


def runtime(name: str = "vllm", *, kind: str = "ClusterServingRuntime", **spec: Json) -> Json:
    """A runtime for the format vLLM with one container; `spec` replaces fields."""
    container = {"name": "kserve-container", "image": "vllm:1"}
    fields = {"supportedModelFormats": [{"name": "vLLM", "version": "1"}], "containers": [container], **spec}
    return {"apiVersion": "serving.kserve.io/v1alpha1", "kind": kind, "metadata": {"name": name}, "spec": fields}


def service(
    *, model: Json | None = None, annotations: Json | None = None, spec: Json | None = None, **predictor: Json
) -> Json:
    """A service for that runtime; `model` and the keywords add fields to the model and the predictor."""
    base = {"modelFormat": {"name": "vLLM"}, "runtime": "vllm", "storageUri": "s3://models/llama"}
    return {
        "apiVersion": "serving.kserve.io/v1beta1",
        "kind": "InferenceService",
        "metadata": {"name": "llama", "namespace": "team-a", "annotations": annotations or {}},
        "spec": {**(spec or {}), "predictor": {"model": {**base, **(model or {})}, **predictor}},
    }


def account(name: str = "sa", *, annotations: Json | None = None, secrets: tuple[str, ...] = ()) -> Json:
    """A ServiceAccount of the namespace."""
    metadata = {"name": name, "namespace": "team-a", "annotations": annotations or {}}
    references = [{"name": secret} for secret in secrets]
    return {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata, "secrets": references}


def secret(name: str, data: Json, *, namespace: str = "team-a") -> Json:
    """A Secret."""
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name, "namespace": namespace}, "data": data}


def derive(given: Json, *, runtimes: Json | None = None, **changes: Any) -> tuple[Derived, ...]:
    """What follows from `given`; keywords are settings, or `accounts` and `namespace`."""
    accounts, namespace = changes.pop("accounts", ()), changes.pop("namespace", NAMESPACE)
    known = {"vllm": runtime()} if runtimes is None else runtimes
    return derive_inference_service(given, known, namespace, settings(**changes), accounts=accounts)


def kinds(derived: tuple[Derived, ...]) -> list[str]:
    """The kinds of the derived objects, sorted; ``Underivable`` for what could not be derived."""
    return sorted("Underivable" if isinstance(each, Underivable) else each.manifest["kind"] for each in derived)


def object_of(derived: tuple[Derived, ...], kind: str) -> Json:
    """The one derived object of `kind`."""
    (found,) = (each for each in derived if not isinstance(each, Underivable) and each.manifest["kind"] == kind)
    return found.manifest


def pod_in(derived: tuple[Derived, ...]) -> DerivedPod:
    """The one derived pod."""
    (found,) = (each for each in derived if isinstance(each, DerivedPod))
    return found


def reason(derived: tuple[Derived, ...]) -> str:
    """Why the one thing that could not be derived could not."""
    (found,) = (each for each in derived if isinstance(each, Underivable))
    return found.reason


def variables(container: Json) -> dict[str, Json]:
    """The plain environment variables of a container."""
    return {variable["name"]: variable.get("value") for variable in container.get("env", [])}
