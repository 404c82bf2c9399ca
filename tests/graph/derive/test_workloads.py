"""Pods of Kubernetes' own workloads: their shape and their number."""

from __future__ import annotations

import pytest

from bedplate.graph.derive.results import Replicas
from bedplate.graph.derive.workloads import WORKLOAD_KINDS, pod_of, replicas_of
from bedplate.graph.values import Json, freeze


def workload(kind: str, **spec: Json) -> Json:
    """A workload with one container; `spec` are further fields."""
    template = {
        "metadata": {"name": "ignored", "labels": {"app": "web"}, "annotations": {"note": "x"}},
        "spec": {"containers": [{"name": "web", "image": "web:1"}]},
    }
    fields = {"jobTemplate": {"spec": {"template": template, **spec}}} if kind == "CronJob" else {"template": template}
    return {"kind": kind, "metadata": {"name": "web", "namespace": "team-a"}, "spec": {**fields, **spec}}


def pod_with(*containers: Json, **spec: Json) -> Json:
    """A pod of these containers."""
    return {"kind": "Pod", "metadata": {"name": "web"}, "spec": {"containers": list(containers), **spec}}


@pytest.mark.parametrize("kind", sorted(WORKLOAD_KINDS - {"Job"}))
def test_every_workload_makes_pods_with_labels_annotations_and_spec_of_its_template(kind: str) -> None:
    assert pod_of(freeze(workload(kind))) == {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "web-*", "namespace": "team-a", "labels": {"app": "web"}, "annotations": {"note": "x"}},
        "spec": {"containers": [{"name": "web", "image": "web:1"}]},
    }


def test_pods_of_a_job_carry_its_name() -> None:
    labels = pod_of(workload("Job"))["metadata"]["labels"]
    assert labels == {"app": "web", "batch.kubernetes.io/job-name": "web", "job-name": "web"}


def test_a_stateful_set_adds_the_claims_of_each_pod_in_place_of_volumes_with_their_names() -> None:
    given = workload("StatefulSet", volumeClaimTemplates=[{"metadata": {"name": "data"}}])
    given["spec"]["template"]["spec"]["volumes"] = [{"name": "data", "emptyDir": {}}, {"name": "tmp", "emptyDir": {}}]
    assert pod_of(given)["spec"]["volumes"] == [
        {"name": "tmp", "emptyDir": {}},
        {"name": "data", "persistentVolumeClaim": {"claimName": "data-web-*"}},
    ]


def test_a_pod_is_its_own_pod() -> None:
    assert pod_of(freeze(pod_with({"name": "web"}))) == pod_with({"name": "web"})


def test_a_kind_without_pods_is_refused_with_the_kinds_that_have_some() -> None:
    with pytest.raises(ValueError, match="Service team-a/web makes no pods; give a Pod or one of CronJob, DaemonSet"):
        pod_of({"kind": "Service", "metadata": {"name": "web", "namespace": "team-a"}})


@pytest.mark.parametrize(
    ("given", "replicas"),
    [
        (pod_with(), Replicas(1, 1)),
        (workload("Deployment"), Replicas(1, 1)),
        (workload("Deployment", replicas=0), Replicas(0, 0)),
        (workload("StatefulSet", replicas=3), Replicas(3, 3)),
        (workload("DaemonSet"), Replicas(None, None)),
        (workload("Job"), Replicas(0, 1)),
        (workload("Job", parallelism=4), Replicas(0, 4)),
        (workload("Job", parallelism=4, completions=2), Replicas(0, 2)),
        (workload("CronJob"), Replicas(0, None)),
        (workload("CronJob", concurrencyPolicy="Forbid", parallelism=2), Replicas(0, 2)),
        (workload("CronJob", concurrencyPolicy="Replace"), Replicas(0, 1)),
    ],
)
def test_how_many_pods_a_workload_keeps(given: Json, replicas: Replicas) -> None:
    assert replicas_of(given) == replicas


@pytest.mark.parametrize(
    ("target", "namespace", "replicas"),
    [
        ({"kind": "Deployment", "name": "web"}, "team-a", Replicas(1, 5)),
        ({"kind": "Deployment", "name": "other"}, "team-a", Replicas(2, 2)),
        ({"kind": "StatefulSet", "name": "web"}, "team-a", Replicas(2, 2)),
        ({"kind": "Deployment", "name": "web"}, "team-b", Replicas(2, 2)),
    ],
)
def test_an_autoscaler_decides_for_the_workload_it_targets_alone(
    target: Json, namespace: str, replicas: Replicas
) -> None:
    autoscaler = {"metadata": {"namespace": namespace}, "spec": {"scaleTargetRef": target, "maxReplicas": 5}}
    assert replicas_of(workload("Deployment", replicas=2), [autoscaler]) == replicas
