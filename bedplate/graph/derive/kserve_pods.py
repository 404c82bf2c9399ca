"""The pod spec of a predictor: runtime and service merged, placeholders filled, KServe's own defaults."""

from __future__ import annotations

from bedplate.graph.derive.kserve_runtimes import MODEL_CONTAINER, TRANSFORMER_CONTAINER, image_of, named
from bedplate.graph.derive.merging import POD_LISTS, merge, merge_containers
from bedplate.graph.derive.placeholders import fill_placeholders
from bedplate.graph.derive.results import CannotDeriveError
from bedplate.graph.derive.wire_form import container_form, wire_form
from bedplate.graph.values import Json

SERVICE_NAME_VARIABLE = "INFERENCE_SERVICE_NAME"
DEFAULT_PORT = 8080

# Of a runtime's pod fields KServe uses these; hostIPC is in the runtime's schema and has no effect.
_RUNTIME_POD_FIELDS = ("affinity", "imagePullSecrets", "nodeSelector", "schedulerName", "tolerations", "volumes")
# spec.predictor.model is a container with these fields beside it.
_MODEL_FIELDS = frozenset(
    {"confidential", "modelFormat", "protocolVersion", "runtime", "runtimeVersion", "storage", "storageUri"}
)
# spec.predictor is a pod spec with other fields beside it; these are the pod's, containers apart.
_PREDICTOR_POD_FIELDS = frozenset(
    {
        "activeDeadlineSeconds",
        "affinity",
        "automountServiceAccountToken",
        "dnsConfig",
        "dnsPolicy",
        "enableServiceLinks",
        "hostAliases",
        "hostIPC",
        "hostNetwork",
        "hostPID",
        "hostUsers",
        "hostname",
        "hostnameOverride",
        "imagePullSecrets",
        "initContainers",
        "nodeName",
        "nodeSelector",
        "os",
        "overhead",
        "preemptionPolicy",
        "priority",
        "priorityClassName",
        "readinessGates",
        "resourceClaims",
        "resources",
        "restartPolicy",
        "runtimeClassName",
        "schedulerName",
        "schedulingGates",
        "securityContext",
        "serviceAccount",
        "serviceAccountName",
        "setHostnameAsFQDN",
        "shareProcessNamespace",
        "subdomain",
        "terminationGracePeriodSeconds",
        "tolerations",
        "topologySpreadConstraints",
        "volumes",
    }
)


def predictor_pod_spec(service: Json, runtime: Json) -> Json:
    """The pod spec that KServe writes into the Deployment of `service`, before the pod webhook."""
    predictor = service["spec"]["predictor"]
    below = {key: runtime["spec"][key] for key in _RUNTIME_POD_FIELDS if key in runtime["spec"]}
    above = {key: value for key, value in predictor.items() if key in _PREDICTOR_POD_FIELDS}
    spec = wire_form(merge(wire_form(below), wire_form(above), POD_LISTS))
    if "initContainers" in spec:
        spec["initContainers"] = [container_form(container) for container in spec["initContainers"]]
    spec["containers"] = _containers(service, runtime)
    for container in spec["containers"]:
        set_variable(container, SERVICE_NAME_VARIABLE, service["metadata"]["name"])
    _set_defaults(spec)
    return spec


def set_variable(container: Json, name: str, value: str) -> None:
    """Give the environment variable `name` this value: in place where it exists, else at the end."""
    variable = named(container.setdefault("env", []), name)
    if variable is None:
        container["env"].append({"name": name, "value": value})
    else:
        variable["value"] = value


def _containers(service: Json, runtime: Json) -> list[Json]:
    predictor, beside = service["spec"]["predictor"], runtime["spec"]["containers"]
    extra = predictor.get("containers") or []
    if named(beside, TRANSFORMER_CONTAINER) or named(extra, TRANSFORMER_CONTAINER):
        raise CannotDeriveError(f"there is a container {TRANSFORMER_CONTAINER!r}: transformers cannot be derived")
    if named(extra, MODEL_CONTAINER):
        raise CannotDeriveError(
            f"spec.predictor.containers holds {MODEL_CONTAINER!r} beside a model; KServe refuses it"
        )
    others = [container for container in beside if container["name"] != MODEL_CONTAINER]
    return [_model_container(service, runtime), *(container_form(container) for container in [*others, *extra])]


def _model_container(service: Json, runtime: Json) -> Json:
    model = service["spec"]["predictor"]["model"]
    base = wire_form(named(runtime["spec"]["containers"], MODEL_CONTAINER))
    overlay = wire_form({key: value for key, value in model.items() if key not in _MODEL_FIELDS})
    merged = merge_containers(base, overlay)
    # Arguments are the one list that both sides add to.
    merged["args"] = [*base.get("args", []), *overlay.get("args", [])]
    filled = fill_placeholders(merged, service["metadata"])
    filled["image"] = image_of(filled, model, runtime)
    return container_form(filled)


def _set_defaults(spec: Json) -> None:
    defaults = {
        "dnsPolicy": "ClusterFirst",
        "restartPolicy": "Always",
        "schedulerName": "default-scheduler",
        "securityContext": {},
        "terminationGracePeriodSeconds": 30,
    }
    for field, value in defaults.items():
        spec.setdefault(field, value)
    for container in spec["containers"]:
        container.setdefault("imagePullPolicy", "IfNotPresent")
        container.setdefault("terminationMessagePath", "/dev/termination-log")
        container.setdefault("terminationMessagePolicy", "File")
        if container["name"] == MODEL_CONTAINER:
            container.setdefault("readinessProbe", _default_probe(container))


def _default_probe(container: Json) -> Json:
    ports = container.get("ports") or [{"containerPort": DEFAULT_PORT}]
    return {
        "tcpSocket": {"port": ports[0]["containerPort"]},
        "timeoutSeconds": 1,
        "periodSeconds": 10,
        "successThreshold": 1,
        "failureThreshold": 3,
    }
