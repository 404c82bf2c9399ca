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
    defaults. Raises ValueError for a kind that makes no pods.
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
