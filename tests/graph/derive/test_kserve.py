"""What KServe makes of a service: which objects there are, how many pods, and who writes what."""

from __future__ import annotations

import pytest

from bedplate.graph.derive.results import DerivedObject, Replicas
from bedplate.graph.values import Json
from tests.graph.derive import services
from tests.graph.derive.services import derive, kinds, object_of, pod_in, reason, runtime, service

CLASS = "serving.kserve.io/autoscalerClass"


def test_a_service_becomes_a_deployment_a_service_an_autoscaler_and_pods() -> None:
    assert kinds(derive(service())) == ["Deployment", "HorizontalPodAutoscaler", "Pod", "Service"]


def test_pods_name_their_deployment_and_every_object_names_its_writer() -> None:
    derived = derive(service())
    assert pod_in(derived).owner == "Deployment team-a/llama-predictor"
    assert {each.source for each in derived if isinstance(each, DerivedObject)} == {
        "KServe controller",
        "Deployment controller and KServe pod webhook",
    }


@pytest.mark.parametrize(
    ("predictor", "replicas"),
    [
        ({}, Replicas(1, 1)),
        ({"minReplicas": 0}, Replicas(1, 1)),
        ({"minReplicas": 2}, Replicas(2, 2)),
        ({"minReplicas": 2, "maxReplicas": 5}, Replicas(2, 5)),
        ({"maxReplicas": 5}, Replicas(1, 5)),
    ],
)
def test_the_autoscaler_bounds_the_pods_and_without_a_maximum_keeps_the_minimum(
    predictor: Json, replicas: Replicas
) -> None:
    assert pod_in(derive(service(**predictor))).replicas == replicas


@pytest.mark.parametrize(("minimum", "count"), [(None, 1), (0, 0), (3, 3)])
def test_without_an_autoscaler_the_deployment_keeps_the_minimum(minimum: int | None, count: int) -> None:
    given = service(annotations={CLASS: "none"}, **({} if minimum is None else {"minReplicas": minimum}))
    derived = derive(given)
    assert kinds(derived) == ["Deployment", "Pod", "Service"]
    assert object_of(derived, "Deployment")["spec"].get("replicas") == minimum
    assert pod_in(derived).replicas == Replicas(count, count)


def test_an_external_autoscaler_leaves_the_number_of_pods_unknown() -> None:
    derived = derive(service(annotations={CLASS: "external"}, minReplicas=1, maxReplicas=2))
    assert kinds(derived) == ["Deployment", "Pod", "Service"]
    assert pod_in(derived).replicas == Replicas(None, None)


def test_with_keda_pods_are_known_and_the_scaled_object_is_reported_as_underivable() -> None:
    derived = derive(service(annotations={CLASS: "keda"}, minReplicas=0, maxReplicas=3))
    assert kinds(derived) == ["Deployment", "Pod", "Service", "Underivable"]
    assert pod_in(derived).replicas == Replicas(0, 3)
    assert "ScaledObject" in reason(derived)


def test_a_runtime_can_switch_the_autoscaler_off_through_its_annotations() -> None:
    derived = derive(service(), runtimes={"vllm": runtime(annotations={CLASS: "none"})})
    assert "HorizontalPodAutoscaler" not in kinds(derived)


@pytest.mark.parametrize(
    ("predictor", "targets"),
    [
        ({}, [("cpu", {"type": "Utilization", "averageUtilization": 80})]),
        ({"scaleTarget": 60}, [("cpu", {"type": "Utilization", "averageUtilization": 60})]),
        ({"scaleMetric": "memory"}, []),
        ({"scaleMetric": "concurrency", "scaleTarget": 5}, []),
        (
            {"autoScaling": {"metrics": [{"resource": {"name": "memory", "target": {"averageUtilization": 70}}}]}},
            [("memory", {"type": "Utilization", "averageUtilization": 70})],
        ),
        ({"autoScaling": {"metrics": [{"external": {}}]}}, []),
    ],
)
def test_the_autoscaler_scales_on_cpu_unless_told_otherwise_and_drops_what_it_cannot_use(
    predictor: Json, targets: list[Json]
) -> None:
    metrics = object_of(derive(service(**predictor)), "HorizontalPodAutoscaler")["spec"].get("metrics", [])
    assert [(each["resource"]["name"], each["resource"]["target"]) for each in metrics] == targets


def test_the_name_of_the_service_is_told_to_the_server_whatever_the_runtime_says() -> None:
    container = {"name": "kserve-container", "image": "x", "env": [{"name": "INFERENCE_SERVICE_NAME", "value": "old"}]}
    made = object_of(derive(service(), runtimes={"vllm": runtime(containers=[container])}), "Deployment")
    assert made["spec"]["template"]["spec"]["containers"][0]["env"] == [
        {"name": "INFERENCE_SERVICE_NAME", "value": "llama"}
    ]


def test_a_rollout_from_the_configuration_needs_standard_as_the_mode_of_the_cluster() -> None:
    given = service(annotations={"serving.kserve.io/deploymentMode": "Standard"})
    rollout = {"maxSurge": "0", "maxUnavailable": "1"}
    for mode, expected in (("Standard", rollout), ("Knative", {"maxSurge": "25%", "maxUnavailable": "25%"})):
        made = object_of(derive(given, deployment_mode=mode, rollout=rollout), "Deployment")
        assert made["spec"]["strategy"]["rollingUpdate"] == expected


def test_a_namespace_of_the_control_plane_is_passed_over_by_the_pod_webhook() -> None:
    namespace = {"metadata": {"name": "team-a", "labels": {"control-plane": "x"}}}
    pod = pod_in(derive(service(), namespace=namespace)).manifest
    assert "initContainers" not in pod["spec"]


def test_what_only_the_pod_webhook_needs_does_not_hide_what_the_controller_makes() -> None:
    derived = derive(service(serviceAccountName="elsewhere"))
    assert kinds(derived) == ["Deployment", "HorizontalPodAutoscaler", "Service", "Underivable"]
    assert reason(derived) == "service account 'elsewhere' is not declared in namespace 'team-a'"


def test_a_hugging_face_server_may_do_without_a_storage_uri() -> None:
    format_ = [{"name": "huggingface"}]
    given = service(model={"modelFormat": {"name": "huggingface"}, "storageUri": None})
    pod = pod_in(derive(given, runtimes={"vllm": runtime(supportedModelFormats=format_)})).manifest
    assert "initContainers" not in pod["spec"]


def test_the_namespace_of_a_service_that_states_none_is_the_one_it_is_applied_to() -> None:
    given = service()
    del given["metadata"]["namespace"]
    assert object_of(derive(given), "Deployment")["metadata"]["namespace"] == services.NAMESPACE["metadata"]["name"]
