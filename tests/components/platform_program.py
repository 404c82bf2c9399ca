"""One program with every component that writes Kubernetes objects: two models of one team on a shared GPU."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from bedplate.graph.graph import Graph
from components.base import GpuFacts, NamespaceHandle, NodePoolHandle, StoreHandle
from components.gpu_baseline.component import GpuBaseline, GpuImages
from components.gpu_baseline.spec import GpuBaselineSpec
from components.guardrails.component import Guardrails
from components.guardrails.spec import GuardrailsSpec
from components.model_service.component import ModelService
from components.serving.component import Serving
from components.serving.spec import ServingSpec
from components.tenancy.component import TeamNamespace
from components.tenancy.spec import TeamSpec
from tests.components.model_service.releases import release_with, service_with
from tests.components.recording import Stage, record_on_stage

ALLOWED = ("docker.io/vllm/", "docker.io/kserve/", "kserve/")

_TEAM = {
    "name": "research",
    "namespace": "research",
    "costCentre": "cc-4711",
    "quota": {"gpus": 4, "cpu": "8", "memory": "32Gi", "pods": 20},
    "members": [{"group": "corp:scientists", "role": "edit"}],
}
_GUARDRAILS = {
    "registries": list(ALLOWED),
    "egress": [{"name": "model-hub", "cidr": "0.0.0.0/0", "exceptCidrs": ["10.0.0.0/8"], "ports": [443]}],
}
_SERVING = {"gateway": {"className": "envoy-gateway", "host": "models.example.org"}}
_IMAGES = GpuImages(
    device_plugin="nvcr.io/nvidia/k8s-device-plugin:v0.20.1",
    dcgm_exporter="nvcr.io/nvidia/k8s/dcgm-exporter:4.8.4",
    mig_manager="nvcr.io/nvidia/cloud-native/k8s-mig-manager:v0.15.1",
    dra_driver="nvcr.io/nvidia/dra-driver-nvidia-gpu:v0.5.0",
    efa_device_plugin="example.org/efa:v4",
)


def record_platform() -> Graph:
    """The Graph of the whole program."""
    return record_on_stage(_platform)


def _platform(stage: Stage) -> None:
    opts = stage.opts
    team = TeamNamespace(
        "research", TeamSpec.model_validate(_TEAM), pod_security="restricted", kubernetes_version="1.35", opts=opts
    ).handle
    rails = Guardrails(
        "guardrails",
        GuardrailsSpec.model_validate(_GUARDRAILS),
        teams=(team,),
        pod_identity=True,
        metrics_namespace="monitoring",
        opts=opts,
    )
    pool = _pool(stage)
    baseline = GpuBaseline(
        "gpu",
        GpuBaselineSpec.model_validate({"driverMinimum": "580"}),
        images=_IMAGES,
        pools=[pool],
        minimum_gpus=4,
        opts=opts,
    )
    _models(stage, team, pool, after=(*baseline.ready, *rails.ready[team.name]))


def _pool(stage: Stage) -> NodePoolHandle:
    return NodePoolHandle(
        name="l4",
        ready=(stage.cluster,),
        labels={"bedplate.dev/pool": "l4"},
        tolerations=({"key": "nvidia.com/gpu", "operator": "Equal", "value": "true", "effect": "NoSchedule"},),
        gpu=GpuFacts(product="NVIDIA-L4", family="ada-lovelace", count=1, memory_mib=22888),
        shares_per_gpu=4,
        device_plugin_config="timeslicing-4",
    )


def _models(stage: Stage, team: NamespaceHandle, pool: NodePoolHandle, *, after: tuple[pulumi.Resource, ...]) -> None:
    serving = Serving(
        "serving", ServingSpec.model_validate(_SERVING), image="docker.io/vllm/vllm-openai:v0.31.0", opts=stage.opts
    ).handle
    key = aws.kms.Key("weights", opts=stage.opts)
    weights = StoreHandle(
        name="weights", bucket="weights", bucket_arn="arn:aws:s3:::weights", key_alias="alias/weights", ready=(key,)
    )
    chat = service_with(exposure="gateway", consumers=[{"namespace": "notebooks"}])
    embeddings = service_with(name="embeddings", scale={"min": 1, "max": 2})
    for spec, release, store in ((chat, release_with(), None), (embeddings, release_with(task="embed"), weights)):
        ModelService(
            f"research-{spec.name}",
            spec,
            release=release,
            team=team,
            pool=pool,
            serving=serving,
            store=store,
            cluster_name="bedplate-dev",
            account="111122223333",
            region="us-east-1",
            after=after,
            opts=stage.opts,
        )
