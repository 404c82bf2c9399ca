"""GPU feature discovery, as a witness: what it finds on a node stands beside the labels that the node's pool declares.

It publishes one NodeFeature for each node, which Node Feature Discovery would turn into labels. That does not run here,
so that labels keep one writer; a gate compares both. Its ways are those of NVIDIA k8s-device-plugin v0.20.0.
"""

from __future__ import annotations

import pulumi
import pulumi_kubernetes as k8s

from components.base import PlatformComponent, object_labels
from components.gpu_baseline.agents import ALL_INSTANCES, GPU_APPS, RUNTIME_CLASS, plugin_nodes, plugin_rights
from components.gpu_baseline.node_features import GROUP, KIND, PLURAL, VERSION
from components.gpu_baseline.pods import (
    ALL_GPUS,
    CONFIG_FOLDER,
    Agent,
    agent_pod,
    config_volume,
    env,
    env_of_pod,
    mount,
    resources,
)
from components.gpu_baseline.sharing import PluginConfig

DISCOVERY = "gpu-feature-discovery"
_WITH_DISCOVERY = "nvidia.com/gpu.deploy.gpu-feature-discovery"


def discovery_agent(config: PluginConfig, image: str, config_map: str) -> Agent:
    """Discovery on nodes that ask for `config`, which tells it too how they share their GPUs; `config_map` holds it."""
    container = k8s.core.v1.ContainerArgs(
        name=DISCOVERY,
        image=image,
        command=["gpu-feature-discovery"],
        env=[
            *env(
                {
                    "CONFIG_FILE": f"{CONFIG_FOLDER}/{config.key}",
                    **ALL_GPUS,
                    **(ALL_INSTANCES if config.mig else {}),
                }
            ),
            env_of_pod("NAMESPACE", "metadata.namespace"),
            env_of_pod("NODE_NAME", "spec.nodeName"),
            env_of_pod("POD_NAME", "metadata.name"),
        ],
        resources=resources(cpu="10m", memory="64Mi", memory_limit="256Mi"),
        security_context=plugin_rights(mig=config.mig),
        volume_mounts=[mount("config", CONFIG_FOLDER, read_only=True)],
    )
    pod = agent_pod(
        DISCOVERY,
        container,
        volumes=[config_volume(config_map)],
        node_selector=plugin_nodes(config, _WITH_DISCOVERY),
        tolerations=config.tolerations,
        token=True,
        runtime_class=RUNTIME_CLASS if config.operator else None,
    )
    labels = GPU_APPS[DISCOVERY] if config.mig or config.operator else {}
    return Agent(app=DISCOVERY, name=f"{DISCOVERY}-{config.key}", pod=pod, config=config.text, labels=labels)


def create_definition(parent: PlatformComponent, name: str) -> pulumi.Resource:
    """The kind NodeFeature with what discovery writes of it: labels, and features that nobody here reads."""
    labels = {"type": "object", "additionalProperties": {"type": "string"}}
    features = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    spec = {"type": "object", "properties": {"features": features, "labels": labels}}
    schema = {"type": "object", "properties": {"spec": spec}, "required": ["spec"]}
    return k8s.apiextensions.v1.CustomResourceDefinition(
        f"{name}-{PLURAL}",
        metadata=k8s.meta.v1.ObjectMetaArgs(name=f"{PLURAL}.{GROUP}", labels=object_labels(DISCOVERY)),
        spec={
            "group": GROUP,
            "names": {"kind": KIND, "plural": PLURAL, "singular": KIND.lower()},
            "scope": "Namespaced",
            "versions": [{"name": VERSION, "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}],
        },
        opts=parent.child(),
    )


def discovery_rules() -> list[k8s.rbac.v1.PolicyRuleArgs]:
    """NodeFeatures of its own namespace, and the pod that owns them; none to nodes."""
    return [
        k8s.rbac.v1.PolicyRuleArgs(api_groups=[GROUP], resources=[PLURAL], verbs=["create", "get", "update"]),
        k8s.rbac.v1.PolicyRuleArgs(api_groups=[""], resources=["pods"], verbs=["get"]),
    ]
