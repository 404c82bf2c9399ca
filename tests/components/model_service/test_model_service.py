"""A model service is an InferenceService with its rights, its callers and its route."""

from __future__ import annotations

import json
from typing import Any

import pulumi_aws as aws
import pytest

from bedplate.graph.graph import Graph
from components.base import NamespaceHandle, NodePoolHandle, ServingHandle, StoreHandle
from components.model_service.component import ModelService
from components.model_service.spec import ModelRelease, ModelServiceSpec
from components.serving.component import Serving
from components.serving.spec import ServingSpec
from components.tenancy.component import TeamNamespace
from components.tenancy.spec import TeamSpec
from tests.components.model_service.releases import REVISION, release_with, service_with
from tests.components.recording import (
    Stage,
    find,
    manifest,
    names,
    namespaces_before_objects,
    one,
    record_on_stage,
    waits_for,
)

TAINT = {"key": "nvidia.com/gpu", "operator": "Equal", "value": "true", "effect": "NoSchedule"}
ACCOUNT = "111122223333"
BUCKET = "bedplate-dev-weights"


def record_model(
    spec: ModelServiceSpec | None = None,
    *,
    release: ModelRelease | None = None,
    from_store: bool = False,
    dra: bool = False,
) -> Graph:
    def program(stage: Stage) -> None:
        ModelService(
            "research-chat",
            spec or service_with(),
            release=release or release_with(),
            team=team(stage),
            pool=NodePoolHandle(
                name="l4", ready=(stage.cluster,), labels={"bedplate.dev/pool": "l4"}, tolerations=(TAINT,), dra=dra
            ),
            serving=serving(stage),
            store=store(stage) if from_store else None,
            cluster_name="bedplate-dev",
            account=ACCOUNT,
            region="us-east-1",
            after=(stage.cluster,),
            opts=stage.opts,
        )

    return record_on_stage(program)


def team(stage: Stage) -> NamespaceHandle:
    quota = {"gpus": 1, "cpu": "1", "memory": "1Gi"}
    spec = TeamSpec.model_validate({"name": "research", "namespace": "lab", "costCentre": "c", "quota": quota})
    return TeamNamespace("research", spec, pod_security="restricted", kubernetes_version="1.35", opts=stage.opts).handle


def serving(stage: Stage) -> ServingHandle:
    spec = ServingSpec.model_validate({"gateway": {"className": "envoy", "host": "models.example.org"}})
    return Serving("serving", spec, image="docker.io/vllm/vllm-openai:v1", opts=stage.opts).handle


def store(stage: Stage) -> StoreHandle:
    key = aws.kms.Key("weights", opts=stage.opts)
    return StoreHandle(
        name="weights", bucket=BUCKET, bucket_arn=f"arn:aws:s3:::{BUCKET}", key_alias="alias/weights", ready=(key,)
    )


def inference_service(graph: Graph) -> dict[str, Any]:
    return manifest(graph, "InferenceService", "chat", "lab")


def predictor(graph: Graph) -> dict[str, Any]:
    found: dict[str, Any] = inference_service(graph)["spec"]["predictor"]
    return found


def callers(graph: Graph) -> list[Any]:
    rules: list[Any] = manifest(graph, "NetworkPolicy", "chat-callers", "lab")["spec"].get("ingress", [])
    return rules


def test_the_service_runs_in_standard_mode_and_the_engine_waits_until_it_is_ready() -> None:
    annotations = inference_service(record_model())["metadata"]["annotations"]
    assert annotations["serving.kserve.io/deploymentMode"] == "Standard"
    assert annotations["pulumi.com/waitFor"] == "condition=Ready"


def test_the_object_says_which_release_and_commit_it_serves_under_which_licence() -> None:
    annotations = inference_service(record_model())["metadata"]["annotations"]
    assert annotations["bedplate.dev/release"] == "qwen3@1.0.1"
    assert annotations["bedplate.dev/source"] == f"Qwen/Qwen3-0.6B@{REVISION}"
    assert annotations["bedplate.dev/licence"] == "Apache-2.0"


def test_pods_carry_team_and_model_as_labels() -> None:
    labels = inference_service(record_model())["metadata"]["labels"]
    assert labels["bedplate.dev/team"] == "research"
    assert labels["bedplate.dev/model"] == "qwen3"


def test_the_model_runs_on_its_pool_with_the_pools_tolerations() -> None:
    spec = predictor(record_model())
    assert spec["nodeSelector"] == {"bedplate.dev/pool": "l4"}
    assert spec["tolerations"] == [TAINT]


def test_requests_equal_limits_so_that_the_plans_numbers_hold() -> None:
    resources = predictor(record_model())["model"]["resources"]
    assert resources["requests"] == resources["limits"] == {"cpu": "1", "memory": "6Gi", "nvidia.com/gpu": "1"}


def test_a_service_on_instances_by_profile_asks_for_its_profile_in_place_of_a_gpu() -> None:
    resources = predictor(record_model(service_with(migProfile="1g.10gb")))["model"]["resources"]
    assert resources["limits"] == {"cpu": "1", "memory": "6Gi", "nvidia.com/mig-1g.10gb": "1"}


def claiming(**changes: Any) -> Graph:
    """A service on a pool whose GPUs are claimed."""
    return record_model(service_with(**changes), dra=True)


def test_where_gpus_are_claimed_every_replica_gets_a_claim_of_its_own() -> None:
    graph = claiming()
    template = manifest(graph, "ResourceClaimTemplate", "chat-gpu.nvidia.com-1", "lab")["spec"]["spec"]
    (request,) = template["devices"]["requests"]
    assert request["exactly"] == {"deviceClassName": "gpu.nvidia.com", "allocationMode": "ExactCount", "count": 1}
    spec = predictor(graph)
    assert spec["resourceClaims"] == [{"name": "gpus", "resourceClaimTemplateName": "chat-gpu.nvidia.com-1"}]
    assert spec["model"]["resources"]["claims"] == [{"name": "gpus"}]
    assert "nvidia.com/gpu" not in spec["model"]["resources"]["limits"]


def test_a_claim_of_an_instance_names_the_class_of_its_profile() -> None:
    graph = claiming(migProfile="1g.10gb")
    (name,) = names(graph, "ResourceClaimTemplate")
    assert name == "chat-mig-1g.10gb.bedplate.dev-1"


def test_the_service_waits_for_the_template_that_it_claims_through() -> None:
    graph = claiming()
    template = find(graph, "ResourceClaimTemplate", "chat-gpu.nvidia.com-1", "lab")
    assert template.resource.urn in waits_for(graph, find(graph, "InferenceService", "chat", "lab").resource)


def test_the_pod_meets_the_restricted_level_whatever_containers_kserve_adds() -> None:
    spec = predictor(record_model())
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}


def test_each_image_keeps_its_own_user_while_files_share_a_group() -> None:
    security = predictor(record_model())["securityContext"]
    assert "runAsUser" not in security
    assert security["fsGroup"] == 2000


def test_pods_have_an_identity_of_their_own_that_says_nothing_to_kubernetes() -> None:
    graph = record_model()
    assert predictor(graph)["serviceAccountName"] == "chat"
    assert predictor(graph)["automountServiceAccountToken"] is False
    assert manifest(graph, "ServiceAccount", "chat", "lab")["automountServiceAccountToken"] is False


def test_other_services_of_the_namespace_do_not_become_variables_of_the_runtime() -> None:
    assert predictor(record_model())["enableServiceLinks"] is False


def test_a_fixed_number_of_replicas_needs_no_autoscaler() -> None:
    graph = record_model(service_with(scale={"min": 2, "max": 2}))
    annotations = inference_service(graph)["metadata"]["annotations"]
    assert annotations["serving.kserve.io/autoscalerClass"] == "none"
    assert (predictor(graph)["minReplicas"], predictor(graph)["maxReplicas"]) == (2, 2)


def test_a_range_of_replicas_is_kept_by_an_autoscaler() -> None:
    graph = record_model(service_with(scale={"min": 1, "max": 3}))
    annotations = inference_service(graph)["metadata"]["annotations"]
    assert annotations["serving.kserve.io/autoscalerClass"] == "hpa"
    assert (predictor(graph)["minReplicas"], predictor(graph)["maxReplicas"]) == (1, 3)


def test_a_rollout_never_asks_for_more_gpus_than_the_service_has() -> None:
    assert predictor(record_model())["deploymentStrategy"] == {
        "type": "RollingUpdate",
        "rollingUpdate": {"maxSurge": 0, "maxUnavailable": 1},
    }


def test_arguments_and_environment_extend_the_runtime() -> None:
    model = predictor(record_model(release=release_with(runtime={"env": {"A": "1"}})))["model"]
    assert model["runtime"] == "bedplate-vllm"
    assert "--max-model-len=8192" in model["args"]
    assert model["env"] == [{"name": "A", "value": "1"}]


def test_a_release_without_variables_sets_none() -> None:
    assert "env" not in predictor(record_model())["model"]


def test_without_callers_the_service_stays_closed() -> None:
    assert callers(record_model()) == []


def test_consumers_and_the_gateway_reach_the_serving_port_and_nobody_else_does() -> None:
    spec = service_with(exposure="gateway", consumers=[{"namespace": "notebooks"}])
    peers = [
        {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}}}
        for namespace in ("notebooks", "serving-gateway")
    ]
    assert callers(record_model(spec)) == [{"from": peers, "ports": [{"port": 8080, "protocol": "TCP"}]}]


def test_the_policy_selects_the_pods_that_kserve_makes_for_this_service() -> None:
    policy = manifest(record_model(), "NetworkPolicy", "chat-callers", "lab")["spec"]
    assert policy["podSelector"] == {"matchLabels": {"serving.kserve.io/inferenceservice": "chat"}}
    assert policy["policyTypes"] == ["Ingress"]


def test_an_exposed_service_is_a_path_of_its_team_at_the_gateway() -> None:
    route = manifest(record_model(service_with(exposure="gateway")), "HTTPRoute", "chat", "lab")["spec"]
    assert route["parentRefs"] == [{"name": "models", "namespace": "serving-gateway"}]
    assert route["hostnames"] == ["models.example.org"]
    (rule,) = route["rules"]
    assert rule["matches"] == [{"path": {"type": "PathPrefix", "value": "/research/chat"}}]
    assert rule["filters"] == [
        {"type": "URLRewrite", "urlRewrite": {"path": {"type": "ReplacePrefixMatch", "replacePrefixMatch": "/"}}}
    ]
    assert rule["backendRefs"] == [{"name": "chat-predictor", "port": 80}]


def test_a_service_of_the_cluster_alone_has_no_route() -> None:
    assert names(record_model(), "HTTPRoute") == []


def test_weights_from_the_source_need_no_rights_in_the_account() -> None:
    graph = record_model()
    assert predictor(graph)["model"]["storageUri"] == f"hf://Qwen/Qwen3-0.6B:{REVISION}"
    assert [resource.type for resource in graph if resource.is_aws] == []


def test_weights_in_a_store_are_read_by_a_role_that_only_these_pods_can_take() -> None:
    graph = record_model(from_store=True)
    assert predictor(graph)["model"]["storageUri"] == f"s3://{BUCKET}/qwen3/1.0.1/"
    (trust,) = json.loads(one(graph, "aws:iam/role:Role").inputs["assumeRolePolicy"])["Statement"]
    assert trust["Principal"] == {"Service": "pods.eks.amazonaws.com"}
    assert trust["Condition"]["StringEquals"] == {
        "aws:RequestTag/eks-cluster-name": "bedplate-dev",
        "aws:RequestTag/kubernetes-namespace": "lab",
        "aws:RequestTag/kubernetes-service-account": "chat",
    }
    association = one(graph, "aws:eks/podIdentityAssociation:PodIdentityAssociation").inputs
    assert association["clusterName"] == "bedplate-dev"
    assert (association["namespace"], association["serviceAccount"]) == ("lab", "chat")


def test_reviewers_can_read_the_rights_before_apply() -> None:
    policy = one(record_model(from_store=True), "aws:iam/rolePolicy:RolePolicy").inputs
    assert policy["name"] == "read-weights"
    assert {statement["Sid"] for statement in json.loads(policy["policy"])["Statement"]} == {
        "ReadRelease",
        "ListRelease",
        "DecryptRelease",
    }


def test_the_service_waits_for_everything_that_its_pods_need() -> None:
    graph = record_model(service_with(exposure="gateway"), from_store=True)
    namespaces_before_objects(graph)
    before = waits_for(graph, find(graph, "InferenceService", "chat", "lab").resource)
    needed = [
        find(graph, "ServiceAccount", "chat", "lab").resource,
        find(graph, "NetworkPolicy", "chat-callers", "lab").resource,
        find(graph, "ClusterServingRuntime", "bedplate-vllm").resource,
        find(graph, "ResourceQuota", "team-quota", "lab").resource,
        one(graph, "aws:eks/podIdentityAssociation:PodIdentityAssociation"),
        one(graph, "aws:kms/key:Key"),
        *graph.of_type("aws:iam/rolePolicy:RolePolicy"),
        *graph.of_type("pulumi:providers:kubernetes"),
    ]
    assert {resource.urn for resource in needed} <= before


def test_a_first_start_has_time_for_a_node_an_image_and_the_weights() -> None:
    service = find(record_model(), "InferenceService", "chat", "lab").resource
    assert service.options["customTimeouts"] == {"create": "45m", "update": "45m"}


def test_objects_answer_to_the_models_entry_and_belong_to_the_team() -> None:
    service = find(record_model(), "InferenceService", "chat", "lab").resource
    assert (service.layer, service.entry, service.team) == ("models", "models[chat]", "research")


def test_a_long_team_and_service_name_still_makes_a_role_that_iam_accepts() -> None:
    graph = record_model(service_with(name="c" * 53, team="t" * 40), from_store=True)
    assert len(one(graph, "aws:iam/role:Role").inputs["name"]) <= 64


@pytest.mark.parametrize(
    "spec",
    [
        service_with(name="talk"),
        service_with(release="qwen3@1.0.2"),
        service_with(team="physics"),
        service_with(scale={"min": 1, "max": 2}),
        service_with(scale={"min": 2, "max": 2}),
        service_with(exposure="gateway"),
        service_with(consumers=[{"namespace": "notebooks"}]),
    ],
    ids=str,
)
def test_every_field_that_the_service_reads_changes_the_graph(spec: ModelServiceSpec) -> None:
    assert record_model(spec).to_json() != record_model().to_json()


@pytest.mark.parametrize(
    "release",
    [
        release_with(task="embed"),
        release_with(
            source={
                "huggingFace": {"repository": "Qwen/Other", "revision": REVISION},
                "files": [{"path": "m", "bytes": 1}],
            }
        ),
        release_with(precision="float16"),
        release_with(licence="MIT"),
        release_with(runtime={"context": 4096}),
        release_with(runtime={"gpuMemoryUtilization": 0.5}),
        release_with(runtime={"maxSequences": 32}),
        release_with(runtime={"args": ["--enforce-eager"]}),
        release_with(runtime={"env": {"A": "1"}}),
        release_with(resources={"cpu": "2"}),
        release_with(resources={"memory": "8Gi"}),
        release_with(resources={"gpus": 2}),
    ],
    ids=lambda release: release.model_dump_json(exclude_unset=True)[:40],
)
def test_every_field_of_a_release_that_pods_depend_on_changes_the_graph(release: ModelRelease) -> None:
    assert record_model(release=release).to_json() != record_model().to_json()


def test_the_version_of_a_release_decides_what_is_read_from_a_store() -> None:
    other = record_model(release=release_with(version="2.0.0"), from_store=True)
    assert predictor(other)["model"]["storageUri"].endswith("/qwen3/2.0.0/")
