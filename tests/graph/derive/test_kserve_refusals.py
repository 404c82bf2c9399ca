"""What cannot be derived is said, with the place and the way out, and never guessed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bedplate.graph.derive.results import Underivable
from bedplate.graph.values import Json
from tests.graph.derive.services import INITIALIZER, account, derive, reason, runtime, service

MODE = "serving.kserve.io/deploymentMode"
CLASS = "serving.kserve.io/autoscalerClass"
OTHER_CONTAINER = [{"name": "other", "image": "x"}]
POD_METRIC = {"type": "PodMetric", "podmetric": {"metric": {"backend": "opentelemetry"}}}
WITHOUT_MODEL = {**service(), "spec": {"predictor": {"sklearn": {"storageUri": "s3://models/old"}}}}
TRANSFORMER = [{"name": "transformer-container", "image": "x"}]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (service(annotations={MODE: "Serverless"}), "asks for deployment mode 'Knative'; only 'Standard'"),
        (service(annotations={MODE: "ModelMesh"}), "asks for deployment mode 'ModelMesh'"),
        (service(annotations={CLASS: "kpa"}), "KServe knows hpa, keda, external and none"),
        (service(annotations={CLASS: "hpa"}, scaleMetric="concurrency"), "scaleMetric 'concurrency' is not for an HPA"),
        (service(annotations={CLASS: "hpa"}, scaleTarget=101), "scaleTarget 101 is outside 1 to 100"),
        (
            service(annotations={CLASS: "hpa"}, autoScaling={"metrics": [{"type": "External"}]}),
            "has External metrics; for an HPA KServe takes Resource only",
        ),
        (service(autoScaling={"metrics": [POD_METRIC]}), "its OpenTelemetryCollector cannot be derived"),
        (WITHOUT_MODEL, "spec.predictor.model is missing; other kinds of predictor cannot be derived"),
        (service(spec={"transformer": {"containers": []}}), "spec.transformer is set: transformers"),
        (service(spec={"canary": [{}]}), "spec.canary is set: native canaries"),
        (service(workerSpec={"tensorParallelSize": 2}), "spec.predictor.workerSpec is set: multi-node serving"),
        (service(logger={"mode": "all"}), "spec.predictor.logger is set"),
        (service(storageUris=[{"uri": "s3://a"}]), "spec.predictor.storageUris is set"),
        (service(model={"storage": {"key": "x"}}), "spec.predictor.model.storage is set: storage by key"),
        (service(model={"storageUri": None}), "KServe would start a multi-model server"),
        (service(model={"storageUri": "ftp://models/llama"}), "ftp://models/llama is of no kind that KServe knows"),
        (service(model={"modelFormat": {}}), "modelFormat.name is missing"),
        (service(model={"name": "mine"}), "KServe refuses a name there"),
        (service(model={"env": [{"name": "PYTHONPATH", "value": "/x"}]}), "the environment variable PYTHONPATH"),
        (service(minReplicas=3, maxReplicas=2), "minReplicas 3 is above maxReplicas 2"),
        (service(model={"runtime": None}), "spec.predictor.model.runtime is missing; KServe would choose one: name it"),
        (service(model={"runtime": "sglang"}), "runtime 'sglang' is not declared (declared: vllm)"),
        (service(model={"modelFormat": {"name": "onnx"}}), "does not support model format 'onnx' (supported: vLLM)"),
        (service(model={"modelFormat": {"name": "vLLM", "version": "2"}}), "does not support model format 'vLLM 2'"),
        (service(model={"args": ["{{.Spec}}"]}), "holds the template '{{.Spec}}'"),
        (service(containers=TRANSFORMER), "transformers cannot be derived"),
        (service(containers=[{"name": "kserve-container"}]), "beside a model; KServe refuses it"),
    ],
)
def test_a_service_outside_what_is_derived_is_refused_as_a_whole_with_the_reason(given: Json, words: str) -> None:
    (only,) = derive(given)
    assert isinstance(only, Underivable)
    assert only.subject == "InferenceService team-a/llama"
    assert words in only.reason


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        (runtime(disabled=True), "runtime 'vllm' is disabled"),
        (runtime(protocolVersions=["v1"]), "speaks v1, not protocol version 'v2'"),
        (runtime(containers=OTHER_CONTAINER), "has no container 'kserve-container'"),
        (runtime("kserve-tritonserver"), "what KServe adds for 'tritonserver' cannot be derived"),
    ],
)
def test_a_runtime_that_kserve_would_refuse_or_extend_is_refused(changed: Json, words: str) -> None:
    name = changed["metadata"]["name"]
    assert words in reason(derive(service(model={"runtime": name}), runtimes={name: changed}))


def test_local_model_caches_are_refused_until_the_service_opts_out() -> None:
    assert "local model caches are on" in reason(derive(service(), local_models=True))
    opted_out = service(annotations={"serving.kserve.io/disable-localmodel": "true"})
    assert not any(isinstance(each, Underivable) for each in derive(opted_out, local_models=True))


def test_a_service_in_another_namespace_than_the_given_one_is_refused() -> None:
    words = "it lies in namespace 'team-a', but namespace 'team-b' was given"
    assert reason(derive(service(), namespace={"metadata": {"name": "team-b"}})) == words


def test_the_mode_of_the_cluster_is_named_where_it_is_what_rules() -> None:
    assert "the KServe configuration asks for deployment mode 'Knative'" in reason(
        derive(service(), deployment_mode="Knative")
    )


@pytest.mark.parametrize("uri", ["oci://registry.example.com/model:1", "oci+native://registry.example.com/model:1"])
def test_the_pod_of_a_model_image_is_refused_and_the_deployment_is_not(uri: str) -> None:
    on = replace(INITIALIZER, model_images="modelcar")
    derived = derive(service(model={"storageUri": uri}), storage_initializer=on)
    assert len(derived) == 4
    assert "is a model image" in reason(derived)


def test_a_service_account_of_another_namespace_does_not_count_as_declared() -> None:
    elsewhere = account("sa")
    elsewhere["metadata"]["namespace"] = "team-b"
    assert "is not declared" in reason(derive(service(serviceAccountName="sa"), accounts=[elsewhere]))
