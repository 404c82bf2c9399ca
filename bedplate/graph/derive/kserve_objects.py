"""Deployment, Service and autoscaler of a predictor, and what they all carry."""

from __future__ import annotations

from bedplate.graph.derive.kserve_admission import NONE, autoscaler_class
from bedplate.graph.derive.kserve_pods import DEFAULT_PORT
from bedplate.graph.derive.quantities import canonical_quantity
from bedplate.graph.derive.results import CannotDeriveError
from bedplate.graph.derive.settings import STANDARD, KServeSettings
from bedplate.graph.values import UNKNOWN, Json, get

SERVICE_LABEL = "serving.kserve.io/inferenceservice"
SOURCE_URI = "internal.serving.kserve.io/storage-initializer-sourceuri"
STORAGE_CONTAINER = "internal.serving.kserve.io/storage-container-name"
CA_BUNDLE_COPY = "global-ca-bundle"
CA_BUNDLE_FILE = "cabundle.crt"

_DEFAULT_CPU_UTILIZATION = 80
_DEFAULT_MIN_REPLICAS = 1
_SERVICE_PORT = 80


def component_metadata(service: Json, runtime: Json, settings: KServeSettings) -> Json:
    """The metadata that Deployment, Service, autoscaler and pods share.

    Labels and annotations come from the runtime's spec, the service, the predictor and KServe, the later ones winning.
    """
    predictor, spec, metadata = service["spec"]["predictor"], runtime["spec"], service["metadata"]
    name = "-".join(part for part in (metadata["name"], predictor.get("name"), "predictor") if part)

    def copied(annotations: Json) -> dict[str, str]:
        kept = (annotations or {}).items()
        return {key: value for key, value in kept if key not in settings.annotations_not_copied}

    annotations = copied(spec.get("annotations")) | copied(metadata["annotations"])
    if predictor["model"].get("storageUri"):
        annotations[SOURCE_URI] = predictor["model"]["storageUri"]
        if predictor.get("storageContainerName"):
            annotations[STORAGE_CONTAINER] = predictor["storageContainerName"]
    labels = {**(spec.get("labels") or {}), **metadata["labels"], **(predictor.get("labels") or {})}
    own = {SERVICE_LABEL: metadata["name"], "component": "predictor", "app": f"isvc.{name}"}
    return {
        "name": name,
        "namespace": metadata["namespace"],
        "labels": labels | own,
        "annotations": annotations | copied(predictor.get("annotations")),
    }


def deployment(service: Json, metadata: Json, pod_spec: Json, settings: KServeSettings) -> Json:
    """The Deployment of the predictor. Without a fixed number of replicas that field is left to the autoscaler."""
    predictor = service["spec"]["predictor"]
    spec: dict[str, Json] = {
        "selector": {"matchLabels": {"app": metadata["labels"]["app"]}},
        "template": {"metadata": _copy(metadata), "spec": pod_spec},
    }
    if predictor.get("deploymentStrategy") is not None:
        spec["strategy"] = predictor["deploymentStrategy"]
    else:
        spec["strategy"] = {"type": "RollingUpdate", "rollingUpdate": _rolling_update(settings)}
        spec |= {"revisionHistoryLimit": 10, "progressDeadlineSeconds": 600}
    if autoscaler_class(metadata) == NONE and predictor.get("minReplicas") is not None:
        spec["replicas"] = predictor["minReplicas"]
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": _owned(metadata, service), "spec": spec}


def cluster_service(service: Json, metadata: Json, pod_spec: Json, settings: KServeSettings) -> Json:
    """The Service of the predictor: port 80 to the first port of the model container, further ports as they are."""
    ports = [
        {
            **({"name": port["name"]} if port.get("name") else {}),
            "port": port["containerPort"] if index else _SERVICE_PORT,
            "targetPort": port["containerPort"],
            "protocol": port["protocol"],
            **({"appProtocol": "kubernetes.io/h2c"} if _is_grpc(port) else {}),
        }
        for index, port in enumerate(pod_spec["containers"][0].get("ports", []))
    ]
    default = {"name": metadata["name"], "port": _SERVICE_PORT, "targetPort": DEFAULT_PORT, "protocol": "TCP"}
    spec: dict[str, Json] = {"selector": {"app": metadata["labels"]["app"]}, "ports": ports or [default]}
    if settings.headless_services:
        spec["clusterIP"] = "None"
    return {"apiVersion": "v1", "kind": "Service", "metadata": _owned(metadata, service), "spec": spec}


def pod_autoscaler(service: Json, metadata: Json) -> Json:
    """The HorizontalPodAutoscaler; without a maximum it holds the minimum, which is at least one."""
    predictor = service["spec"]["predictor"]
    low = max(predictor.get("minReplicas") or 0, _DEFAULT_MIN_REPLICAS)
    metrics = _metrics(predictor)
    spec = {
        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": metadata["name"]},
        "minReplicas": low,
        "maxReplicas": max(predictor.get("maxReplicas") or 0, low),
        # autoScaling.behavior reaches KEDA only.
        "behavior": {},
        **({"metrics": metrics} if metrics else {}),
    }
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": _owned(metadata, service),
        "spec": spec,
    }


def ca_bundle(service: Json) -> Json:
    """The copy of KServe's CA bundle that it keeps in the namespace of the service. The text is not known here."""
    metadata = {"name": CA_BUNDLE_COPY, "namespace": service["metadata"]["namespace"]}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {CA_BUNDLE_FILE: dict(UNKNOWN)}}


def _rolling_update(settings: KServeSettings) -> Json:
    # The configured rollout counts only where Standard is the mode of the whole cluster.
    configured = settings.rollout if settings.deployment_mode == STANDARD else {}
    return {"maxSurge": "25%", "maxUnavailable": "25%"} | {key: value for key, value in configured.items() if value}


def _metrics(predictor: Json) -> list[Json]:
    if predictor.get("autoScaling") is None:
        name = predictor.get("scaleMetric", "cpu")
        target = predictor.get("scaleTarget", _DEFAULT_CPU_UTILIZATION if name == "cpu" else None)
        if name not in ("cpu", "memory") or target is None:
            return []
        return [_resource_metric(name, {"type": "Utilization", "averageUtilization": target})]
    metrics = predictor["autoScaling"].get("metrics") or []
    if any(get(metric, "podmetric", "metric", "backend") == "opentelemetry" for metric in metrics):
        raise CannotDeriveError(
            "spec.predictor.autoScaling uses podmetric: its OpenTelemetryCollector cannot be derived"
        )
    resources = (metric["resource"] for metric in metrics if metric.get("resource"))
    return [_resource_metric(resource["name"], _target(resource)) for resource in resources]


def _target(resource: Json) -> Json:
    target = resource.get("target") or {}
    utilization = target.get("averageUtilization")
    if resource["name"] == "cpu":
        # For cpu the type is ignored: KServe always scales on utilisation.
        return {"type": "Utilization", "averageUtilization": utilization or _DEFAULT_CPU_UTILIZATION}
    if target.get("type") == "AverageValue":
        value = target.get("averageValue")
        return {"type": "AverageValue", **({} if value is None else {"averageValue": canonical_quantity(value)})}
    return {"type": "Utilization", **({} if utilization is None else {"averageUtilization": utilization})}


def _resource_metric(name: str, target: Json) -> Json:
    return {"type": "Resource", "resource": {"name": name, "target": target}}


def _is_grpc(port: Json) -> bool:
    return any(mark in port.get("name", "") for mark in ("grpc", "h2c"))


def _copy(metadata: Json) -> dict[str, Json]:
    return {key: dict(value) if isinstance(value, dict) else value for key, value in metadata.items()}


def _owned(metadata: Json, service: Json) -> dict[str, Json]:
    owner = {
        "apiVersion": "serving.kserve.io/v1beta1",
        "kind": "InferenceService",
        "name": service["metadata"]["name"],
        "controller": True,
        "blockOwnerDeletion": True,
    }
    return {**_copy(metadata), "ownerReferences": [owner]}
