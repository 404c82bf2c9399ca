"""What a real API server adds to pods, to compare those that it has with those that are derived."""

from __future__ import annotations

from bedplate.graph.values import Json, thaw


def with_api_defaults(pod: Json) -> Json:
    """A copy of `pod` with defaults of the API server, as of Kubernetes 1.35.

    Requests from limits, pull policy, ports, probes, service account and the pod-wide fields; not the modes of
    volumes and the like. Source: pkg/apis/core/v1/defaults.go of the module k8s.io/kubernetes.
    """
    full: dict[str, Json] = thaw(pod)
    spec = full["spec"]
    defaults = {
        "dnsPolicy": "ClusterFirst",
        "enableServiceLinks": True,
        "restartPolicy": "Always",
        "schedulerName": "default-scheduler",
        "securityContext": {},
        "serviceAccountName": "default",
        "terminationGracePeriodSeconds": 30,
    }
    for field, value in defaults.items():
        if spec.get(field) is None:
            spec[field] = value
    for field in ("initContainers", "containers"):
        for container in spec.get(field) or []:
            _default_container(container, host_network=bool(spec.get("hostNetwork")))
    return full


def _default_container(container: Json, *, host_network: bool) -> None:
    container.setdefault("imagePullPolicy", "Always" if _is_latest(container.get("image", "")) else "IfNotPresent")
    container.setdefault("terminationMessagePath", "/dev/termination-log")
    container.setdefault("terminationMessagePolicy", "File")
    resources = container.setdefault("resources", {})
    if resources.get("limits"):
        resources["requests"] = {**resources["limits"], **(resources.get("requests") or {})}
    for port in container.get("ports") or []:
        port.setdefault("protocol", "TCP")
        if host_network and not port.get("hostPort"):
            port["hostPort"] = port["containerPort"]
    for kind in ("livenessProbe", "readinessProbe", "startupProbe"):
        if container.get(kind):
            _default_probe(container[kind])


def _default_probe(probe: Json) -> None:
    for field, value in {
        "timeoutSeconds": 1,
        "periodSeconds": 10,
        "successThreshold": 1,
        "failureThreshold": 3,
    }.items():
        if not probe.get(field):
            probe[field] = value
    if probe.get("httpGet") is not None:
        probe["httpGet"].setdefault("path", "/")
        probe["httpGet"].setdefault("scheme", "HTTP")


def _is_latest(image: str) -> bool:
    """Whether the image names no digest, and either no tag or the tag ``latest``."""
    if "@" in image:
        return False
    _, colon, tag = image.rsplit("/", 1)[-1].partition(":")
    return not colon or tag == "latest"
