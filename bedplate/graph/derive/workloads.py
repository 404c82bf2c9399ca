"""From workloads to pods: what Kubernetes' own controllers make of a template, and how many of them."""

from __future__ import annotations

from collections.abc import Iterable

from bedplate.graph.derive.results import Replicas, describe
from bedplate.graph.values import Json, get, thaw

WORKLOAD_KINDS = frozenset({"CronJob", "DaemonSet", "Deployment", "Job", "ReplicaSet", "StatefulSet"})
"""The kinds that `pod_of` and `replicas_of` take; both take a Pod as well."""


def pod_of(workload: Json) -> Json:
    """The Pod that a workload makes, as its controller sends it: labels and spec of the template, name ``<owner>-*``.

    What only the running cluster can tell is left out (hashes, ordinals, node names), and so are the API server's
    defaults (see `with_api_defaults`). Raises ValueError for a kind that makes no pods.
    """
    if workload.get("kind") == "Pod":
        return thaw(workload)
    template, metadata = _template(workload), workload["metadata"]
    pod: dict[str, Json] = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": f"{metadata['name']}-*"},
        "spec": thaw(template["spec"]),
    }
    if metadata.get("namespace"):
        pod["metadata"]["namespace"] = metadata["namespace"]
    for field in ("labels", "annotations"):
        if get(template, "metadata", field):
            pod["metadata"][field] = thaw(template["metadata"][field])
    if workload["kind"] == "Job":
        names = {"batch.kubernetes.io/job-name": metadata["name"], "job-name": metadata["name"]}
        pod["metadata"]["labels"] = {**pod["metadata"].get("labels", {}), **names}
    if workload["kind"] == "StatefulSet":
        _claim_volumes(pod, workload)
    return pod


def replicas_of(workload: Json, autoscalers: Iterable[Json] = ()) -> Replicas:
    """How many pods `workload` keeps. A HorizontalPodAutoscaler among `autoscalers` that targets it decides.

    A Job has none once it is done, and at most its parallelism; a CronJob may pile up Jobs without bound unless its
    concurrency policy is Forbid or Replace. For a DaemonSet the nodes decide: both bounds are None (see `daemon_pods`).
    """
    match workload["kind"]:
        case "Pod":
            return Replicas(1, 1)
        case "DaemonSet":
            return Replicas(None, None)
        case "Job":
            return Replicas(0, _parallelism(workload["spec"]))
        case "CronJob":
            spec = workload["spec"]
            one_at_a_time = spec.get("concurrencyPolicy", "Allow") in ("Forbid", "Replace")
            return Replicas(0, _parallelism(spec["jobTemplate"]["spec"]) if one_at_a_time else None)
    for autoscaler in autoscalers:
        if _targets(autoscaler, workload):
            low = _or(autoscaler["spec"].get("minReplicas"), 1)
            return Replicas(low, autoscaler["spec"]["maxReplicas"])
    count = _or(workload["spec"].get("replicas"), 1)
    return Replicas(count, count)


def with_api_defaults(pod: Json) -> Json:
    """A copy of `pod` with the defaults of the API server that a judgement needs, as of Kubernetes 1.35.

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


def _template(workload: Json) -> Json:
    kind, spec = workload.get("kind"), workload.get("spec", {})
    if kind not in WORKLOAD_KINDS:
        kinds = ", ".join(sorted(WORKLOAD_KINDS))
        raise ValueError(f"{describe(workload)} makes no pods; give a Pod or one of {kinds}")
    return spec["jobTemplate"]["spec"]["template"] if kind == "CronJob" else spec["template"]


def _claim_volumes(pod: Json, workload: Json) -> None:
    templates = workload["spec"].get("volumeClaimTemplates") or []
    names = {template["metadata"]["name"] for template in templates}
    volumes = [volume for volume in pod["spec"].get("volumes") or [] if volume["name"] not in names]
    owner = workload["metadata"]["name"]
    for name in sorted(names):
        volumes.append({"name": name, "persistentVolumeClaim": {"claimName": f"{name}-{owner}-*"}})
    if volumes:
        pod["spec"]["volumes"] = volumes


def _parallelism(spec: Json) -> int:
    parallelism, completions = _or(spec.get("parallelism"), 1), spec.get("completions")
    return parallelism if completions is None else min(parallelism, completions)


def _targets(autoscaler: Json, workload: Json) -> bool:
    target = autoscaler["spec"]["scaleTargetRef"]
    same_place = get(autoscaler, "metadata", "namespace") == get(workload, "metadata", "namespace")
    return same_place and (target["kind"], target["name"]) == (workload["kind"], workload["metadata"]["name"])


def _or(value: Json, default: int) -> int:
    return default if value is None else int(value)


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
