"""What happens to an InferenceService on its way in: KServe's defaulting webhook, and the limits of this derivation."""

from __future__ import annotations

from collections.abc import Mapping

from bedplate.graph.derive.results import CannotDeriveError
from bedplate.graph.derive.settings import LEGACY_MODES, STANDARD, KServeSettings
from bedplate.graph.values import Json, get, thaw

DEPLOYMENT_MODE = "serving.kserve.io/deploymentMode"
STOP = "serving.kserve.io/stop"
DISABLE_LOCAL_MODEL = "serving.kserve.io/disable-localmodel"
AUTOSCALER_CLASS = "serving.kserve.io/autoscalerClass"
HPA, KEDA, EXTERNAL, NONE = "hpa", "keda", "external", "none"

_FORMATS_WITH_V2 = frozenset({"triton", "vLLM"})
_FORBIDDEN_VARIABLE = "PYTHONPATH"

# Fields that change what KServe makes in ways that are not derived, with the reason for people.
_NOT_DERIVED: Mapping[tuple[str, ...], str] = {
    ("spec", "canary"): "native canaries",
    ("spec", "explainer"): "explainers",
    ("spec", "transformer"): "transformers",
    ("spec", "predictor", "batcher"): "the batching agent",
    ("spec", "predictor", "logger"): "the logging agent",
    ("spec", "predictor", "storageUris"): "several storage URIs",
    ("spec", "predictor", "workerSpec"): "multi-node serving",
    ("spec", "predictor", "model", "confidential"): "encrypted models",
    ("spec", "predictor", "model", "storage"): "storage by key (its secret decides); write storageUri",
    ("metadata", "annotations", "serving.kserve.io/gke-accelerator"): "GKE node selection; write nodeSelector",
}


def as_admitted(service: Json, namespace: Json, settings: KServeSettings) -> Json:
    """A copy of `service` as the API server stores it, with the defaults of KServe's webhook.

    Raises CannotDeriveError for a mode other than Standard, for fields that are not derived, and for services that
    KServe's validation refuses in a way that would otherwise give wrong pods.
    """
    admitted: dict[str, Json] = thaw(service)
    metadata = admitted.setdefault("metadata", {})
    place = namespace["metadata"]["name"]
    if metadata.setdefault("namespace", place) != place:
        raise CannotDeriveError(f"it lies in namespace {metadata['namespace']!r}, but namespace {place!r} was given")
    metadata["labels"] = dict(metadata.get("labels") or {})
    metadata["annotations"] = dict(metadata.get("annotations") or {})
    _set_mode(metadata["annotations"], settings)
    if autoscaler_class(metadata) == HPA and AUTOSCALER_CLASS in metadata["annotations"]:
        _check_scaling(get(admitted, "spec", "predictor", default={}))
    _refuse_what_is_not_derived(admitted, settings)
    _check_predictor(admitted["spec"]["predictor"])
    _set_defaults(admitted, settings)
    return admitted


def is_stopped(service: Json) -> bool:
    """Whether KServe keeps no workload for this service (annotation ``serving.kserve.io/stop``)."""
    return str(service["metadata"]["annotations"].get(STOP, "")).lower() == "true"


def autoscaler_class(metadata: Json) -> str:
    """Who scales the workload: `HPA`, `KEDA`, `EXTERNAL` or `NONE`. Raises CannotDeriveError for any other class."""
    found = str(metadata["annotations"].get(AUTOSCALER_CLASS, HPA))
    if found not in (HPA, KEDA, EXTERNAL, NONE):
        raise CannotDeriveError(
            f"annotation {AUTOSCALER_CLASS} is {found!r}; KServe knows hpa, keda, external and none"
        )
    return found


def _check_scaling(predictor: Json) -> None:
    """What KServe refuses where the annotation asks for an HPA; without it, it drops what it cannot use."""
    metric, target = predictor.get("scaleMetric", "cpu"), predictor.get("scaleTarget")
    if metric not in ("cpu", "memory"):
        raise CannotDeriveError(f"spec.predictor.scaleMetric {metric!r} is not for an HPA; KServe takes cpu and memory")
    if target is not None and not 1 <= target <= 100:
        raise CannotDeriveError(f"spec.predictor.scaleTarget {target} is outside 1 to 100; KServe refuses it")
    metrics = get(predictor, "autoScaling", "metrics") or []
    others = sorted({str(each.get("type")) for each in metrics} - {"Resource"})
    if others:
        names = ", ".join(others)
        raise CannotDeriveError(
            f"spec.predictor.autoScaling has {names} metrics; for an HPA KServe takes Resource only"
        )


def _set_mode(annotations: dict[str, str], settings: KServeSettings) -> None:
    given = annotations.get(DEPLOYMENT_MODE)
    mode = settings.deployment_mode if given is None else LEGACY_MODES.get(given, given)
    if mode != STANDARD:
        where = "the KServe configuration" if given is None else f"annotation {DEPLOYMENT_MODE}"
        raise CannotDeriveError(f"{where} asks for deployment mode {mode!r}; only {STANDARD!r} can be derived")
    annotations[DEPLOYMENT_MODE] = mode


def _refuse_what_is_not_derived(service: Json, settings: KServeSettings) -> None:
    for path, what in _NOT_DERIVED.items():
        if get(service, *path):
            raise CannotDeriveError(f"{'.'.join(path)} is set: {what} cannot be derived")
    if not get(service, "spec", "predictor", "model"):
        raise CannotDeriveError("spec.predictor.model is missing; other kinds of predictor cannot be derived")
    if settings.local_models and DISABLE_LOCAL_MODEL not in service["metadata"]["annotations"]:
        raise CannotDeriveError(
            "local model caches are on and may replace the storage URI; "
            f"switch localModel.enabled off or set annotation {DISABLE_LOCAL_MODEL}"
        )


def _check_predictor(predictor: Json) -> None:
    model = predictor["model"]
    name = get(model, "modelFormat", "name")
    if not name:
        raise CannotDeriveError("spec.predictor.model.modelFormat.name is missing")
    if model.get("name"):
        raise CannotDeriveError("spec.predictor.model.name is set; KServe refuses a name there")
    if not model.get("storageUri") and name != "huggingface":
        raise CannotDeriveError("spec.predictor.model.storageUri is missing; KServe would start a multi-model server")
    low, high = predictor.get("minReplicas"), predictor.get("maxReplicas") or 0
    if high and (1 if low is None else low) > high:
        raise CannotDeriveError(f"spec.predictor.minReplicas {low} is above maxReplicas {high}; KServe refuses that")
    containers = [model, *(predictor.get("containers") or []), *(predictor.get("initContainers") or [])]
    variables = {variable["name"] for container in containers for variable in container.get("env") or []}
    if _FORBIDDEN_VARIABLE in variables:
        raise CannotDeriveError(f"the predictor sets the environment variable {_FORBIDDEN_VARIABLE}; KServe refuses it")


def _set_defaults(service: Json, settings: KServeSettings) -> None:
    predictor = service["spec"]["predictor"]
    model = predictor["model"]
    name = model["modelFormat"]["name"]
    if not model.get("protocolVersion") and name in _FORMATS_WITH_V2:
        model["protocolVersion"] = "v2"
    service["metadata"]["annotations"].setdefault("modelFormat", name)
    if not settings.mount_service_account_token and predictor.get("automountServiceAccountToken") is None:
        predictor["automountServiceAccountToken"] = False
