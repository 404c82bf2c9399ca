"""The device plugin and dcgm-exporter, on whole GPUs and on GPUs that MIG splits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import pulumi_kubernetes as k8s

from components.base import (
    DEVICE_PLUGIN_CONFIG_LABEL,
    DRIVER_FROM_LABEL,
    MIG_CONFIG_LABEL,
    MIG_STRATEGY_LABEL,
    NodePoolHandle,
)
from components.gpu_baseline.metrics import counters_file, fields_of, needs_profiling
from components.gpu_baseline.mig import SPLIT_DONE, SPLIT_STATE_LABEL, split_pools
from components.gpu_baseline.pods import (
    ALL_GPUS,
    CONFIG_FOLDER,
    Agent,
    agent_pod,
    all_tolerations,
    config_volume,
    env,
    env_of_pod,
    host_folder,
    mount,
    on_nodes,
    requirement,
    resources,
)
from components.gpu_baseline.sharing import PluginConfig
from components.gpu_baseline.spec import GpuBaselineSpec

PLUGIN = "device-plugin"
EXPORTER = "dcgm-exporter"
PLUGIN_CONFIG_MAP = "device-plugin-configs"
EXPORTER_CONFIG_MAP = "dcgm-exporter-counters"
COUNTERS_KEY = "counters.csv"
METRICS_PORT = 9400

# Amazon Linux sets it at boot, and pools declare it themselves.
_GPU_PRESENT = "nvidia.com/gpu.present"
# Names by which the MIG manager and the GPU Operator's driver manager find the pods that hold GPUs, and wait for their
# end before a GPU is split or a driver replaced.
GPU_APPS: Mapping[str, Mapping[str, str]] = {
    EXPORTER: {"app": "nvidia-dcgm-exporter"},
    PLUGIN: {"app": "nvidia-device-plugin-daemonset"},
    "gpu-feature-discovery": {"app": "gpu-feature-discovery"},
}

# The GPU Operator gives both to nodes that it installs a driver on, and its driver manager takes the labels away while
# the driver is replaced: a pod that held the driver would keep it from going (NVIDIA k8s-driver-manager v0.12.0).
_WITH_PLUGIN = "nvidia.com/gpu.deploy.device-plugin"
_WITH_EXPORTER = "nvidia.com/gpu.deploy.dcgm-exporter"
RUNTIME_CLASS = "nvidia"

_PLUGIN_SOCKETS = "/var/lib/kubelet/device-plugins"
_POD_RESOURCES = "/var/lib/kubelet/pod-resources"
# Lets a container with SYS_ADMIN read all instances of a GPU (NVIDIA Container Toolkit, MIG).
ALL_INSTANCES = {"NVIDIA_MIG_MONITOR_DEVICES": "all"}


def plugin_agent(config: PluginConfig, image: str) -> Agent:
    """The device plugin on nodes that ask for `config`: it offers their GPUs to the kubelet.

    Where MIG splits the GPUs it starts when that is done, so that nobody is given a whole GPU in the meantime. Where
    the GPU Operator installs the driver it starts with NVIDIA's runtime, and leaves when the operator says so.
    """
    container = k8s.core.v1.ContainerArgs(
        name=PLUGIN,
        image=image,
        command=["nvidia-device-plugin"],
        env=env(
            {
                "CONFIG_FILE": f"{CONFIG_FOLDER}/{config.key}",
                **ALL_GPUS,
                **(ALL_INSTANCES if config.mig else {}),
            }
        ),
        resources=resources(cpu="20m", memory="64Mi", memory_limit="256Mi"),
        security_context=plugin_rights(mig=config.mig),
        volume_mounts=[mount("sockets", _PLUGIN_SOCKETS), mount("config", CONFIG_FOLDER, read_only=True)],
    )
    pod = agent_pod(
        PLUGIN,
        container,
        volumes=[host_folder("sockets", _PLUGIN_SOCKETS), config_volume(PLUGIN_CONFIG_MAP)],
        node_selector=plugin_nodes(config, _WITH_PLUGIN),
        tolerations=config.tolerations,
        runtime_class=RUNTIME_CLASS if config.operator else None,
    )
    labels = GPU_APPS[PLUGIN] if config.mig or config.operator else {}
    return Agent(app=PLUGIN, name=f"{PLUGIN}-{config.key}", pod=pod, config=config.text, labels=labels)


def plugin_nodes(config: PluginConfig, deployed: str) -> dict[str, str]:
    """Labels of nodes that ask for `config` and are ready for who speaks to their GPUs. `deployed` is the GPU
    Operator's label for agents of this kind."""
    nodes = {DEVICE_PLUGIN_CONFIG_LABEL: config.key}
    nodes |= {SPLIT_STATE_LABEL: SPLIT_DONE} if config.mig else {}
    return nodes | ({deployed: "true"} if config.operator else {})


def exporter_agents(spec: GpuBaselineSpec, image: str, pools: Sequence[NodePoolHandle]) -> list[Agent]:
    """dcgm-exporter on every node with GPUs: it publishes their readings, with the pods that hold them.

    One DaemonSet serves whole GPUs; where MIG splits GPUs another one has the rights to read their instances, and one
    is for nodes with a driver of the GPU Operator, whom it makes way for.
    """
    split = [pool for pool in pools if pool.gpu and pool.gpu.partition]
    rest = [pool for pool in pools if pool.gpu and pool.gpu.partition is None]
    whole = [pool for pool in rest if not pool.operator]
    bare = [pool for pool in rest if pool.operator]
    agents = [_exporter(spec, image, split, _split_nodes(split), kind="mig")] if split else []
    if bare:
        nodes = on_nodes([requirement(_WITH_EXPORTER, "In", "true"), requirement(DRIVER_FROM_LABEL, "Exists")])
        agents.append(_exporter(spec, image, bare, nodes, kind="operator"))
    if whole or not agents:
        nodes = _whole_nodes(beside_split=bool(split), beside_operator=bool(bare))
        agents.append(_exporter(spec, image, whole, nodes))
    return agents


def _exporter(
    spec: GpuBaselineSpec,
    image: str,
    pools: Sequence[NodePoolHandle],
    nodes: k8s.core.v1.AffinityArgs,
    *,
    kind: Literal["", "mig", "operator"] = "",
) -> Agent:
    mig = kind == "mig"
    container = k8s.core.v1.ContainerArgs(
        name=EXPORTER,
        image=image,
        env=[*env(_exporter_settings(spec, mig=mig)), env_of_pod("NODE_NAME", "spec.nodeName")],
        ports=[k8s.core.v1.ContainerPortArgs(name="metrics", container_port=METRICS_PORT, protocol="TCP")],
        readiness_probe=_health_probe(initial_delay=20),
        liveness_probe=_health_probe(initial_delay=45),
        resources=resources(cpu="100m", memory="256Mi", memory_limit="512Mi"),
        security_context=_exporter_rights(
            admin=mig or needs_profiling(fields_of(spec.metrics)) or any(_has_strict_runtime(pool) for pool in pools)
        ),
        volume_mounts=[
            mount("pod-resources", _POD_RESOURCES, read_only=True),
            mount("config", CONFIG_FOLDER, read_only=True),
        ],
    )
    pod = agent_pod(
        EXPORTER,
        container,
        volumes=[host_folder("pod-resources", _POD_RESOURCES), config_volume(EXPORTER_CONFIG_MAP)],
        affinity=nodes,
        tolerations=all_tolerations(pools),
        runtime_class=RUNTIME_CLASS if kind == "operator" else None,
    )
    name, labels = (f"{EXPORTER}-{kind}", GPU_APPS[EXPORTER]) if kind else (EXPORTER, {})
    return Agent(app=EXPORTER, name=name, pod=pod, config=counters_file(fields_of(spec.metrics)), labels=labels)


def _exporter_settings(spec: GpuBaselineSpec, *, mig: bool) -> dict[str, str]:
    return {
        "DCGM_EXPORTER_COLLECTORS": f"{CONFIG_FOLDER}/{COUNTERS_KEY}",
        "DCGM_EXPORTER_INTERVAL": str(spec.metrics_interval_seconds * 1000),
        "DCGM_EXPORTER_KUBERNETES": "true",
        "DCGM_EXPORTER_LISTEN": f":{METRICS_PORT}",
        **ALL_GPUS,
        **(ALL_INSTANCES if mig else {}),
    }


def plugin_rights(*, mig: bool) -> k8s.core.v1.SecurityContextArgs:
    """None at all for whole GPUs; the health of instances can be read with SYS_ADMIN only."""
    added = ["SYS_ADMIN"] if mig else None
    return k8s.core.v1.SecurityContextArgs(
        allow_privilege_escalation=False,
        capabilities=k8s.core.v1.CapabilitiesArgs(add=added, drop=["ALL"]),
    )


def _has_strict_runtime(pool: NodePoolHandle) -> bool:
    """Whether the pool's image shows GPUs by the variable to privileged containers only: Bottlerocket, which brings its
    device plugin. SYS_ADMIN is what NVIDIA's runtime takes for privileged (nvidia-container-toolkit, IsPrivileged)."""
    return not pool.device_plugin_config and not pool.dra


def _exporter_rights(*, admin: bool) -> k8s.core.v1.SecurityContextArgs:
    """Root, which DCGM needs to read the kubelet's socket, with as few capabilities as metrics and nodes allow."""
    added = ["SYS_ADMIN"] if admin else None
    return k8s.core.v1.SecurityContextArgs(
        allow_privilege_escalation=False,
        capabilities=k8s.core.v1.CapabilitiesArgs(add=added, drop=["ALL"]),
        run_as_user=0,
    )


def _health_probe(initial_delay: int) -> k8s.core.v1.ProbeArgs:
    return k8s.core.v1.ProbeArgs(
        http_get=k8s.core.v1.HTTPGetActionArgs(path="/health", port=METRICS_PORT),
        initial_delay_seconds=initial_delay,
        period_seconds=10,
        timeout_seconds=5,
    )


def _whole_nodes(*, beside_split: bool, beside_operator: bool) -> k8s.core.v1.AffinityArgs:
    """Nodes with GPUs, whoever runs their device plugin; without those of the other exporters, where there are any."""
    term = [requirement(_GPU_PRESENT, "Exists")]
    term += [requirement(MIG_STRATEGY_LABEL, "DoesNotExist")] if beside_split else []
    term += [requirement(DRIVER_FROM_LABEL, "DoesNotExist")] if beside_operator else []
    return on_nodes(term)


def _split_nodes(pools: Sequence[NodePoolHandle]) -> k8s.core.v1.AffinityArgs:
    """Nodes whose GPUs MIG has split: a reading in the meantime would keep the manager from splitting a GPU.

    An image with a MIG manager of its own splits before its kubelet starts.
    """
    ours = [requirement(MIG_CONFIG_LABEL, "Exists"), requirement(SPLIT_STATE_LABEL, "In", SPLIT_DONE)]
    theirs = [requirement(MIG_STRATEGY_LABEL, "Exists"), requirement(MIG_CONFIG_LABEL, "DoesNotExist")]
    managed = split_pools(pools)
    terms = ([ours] if managed else []) + ([theirs] if len(managed) < len(pools) else [])
    return on_nodes(*terms)
