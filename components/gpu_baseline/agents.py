"""The device plugin and dcgm-exporter, on whole GPUs and on GPUs that MIG splits."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi_kubernetes as k8s

from components.base import DEVICE_PLUGIN_CONFIG_LABEL, MIG_CONFIG_LABEL, MIG_STRATEGY_LABEL, NodePoolHandle
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
# Names by which the MIG manager finds the pods that hold GPUs, and waits for their end before it splits any.
_PLUGIN_LABELS = {"app": "nvidia-device-plugin-daemonset"}
_EXPORTER_LABELS = {"app": "nvidia-dcgm-exporter"}

_PLUGIN_SOCKETS = "/var/lib/kubelet/device-plugins"
_POD_RESOURCES = "/var/lib/kubelet/pod-resources"
# Lets a container with SYS_ADMIN read all instances of a GPU (NVIDIA Container Toolkit, MIG).
_ALL_INSTANCES = {"NVIDIA_MIG_MONITOR_DEVICES": "all"}


def plugin_agent(config: PluginConfig, image: str) -> Agent:
    """The device plugin on nodes that ask for `config`: it offers their GPUs to the kubelet.

    Where MIG splits the GPUs it starts when that is done, so that nobody is given a whole GPU in the meantime.
    """
    selector = {DEVICE_PLUGIN_CONFIG_LABEL: config.key} | ({SPLIT_STATE_LABEL: SPLIT_DONE} if config.mig else {})
    container = k8s.core.v1.ContainerArgs(
        name=PLUGIN,
        image=image,
        command=["nvidia-device-plugin"],
        env=env(
            {
                "CONFIG_FILE": f"{CONFIG_FOLDER}/{config.key}",
                **ALL_GPUS,
                **(_ALL_INSTANCES if config.mig else {}),
            }
        ),
        resources=resources(cpu="20m", memory="64Mi", memory_limit="256Mi"),
        security_context=_plugin_rights(mig=config.mig),
        volume_mounts=[mount("sockets", _PLUGIN_SOCKETS), mount("config", CONFIG_FOLDER, read_only=True)],
    )
    pod = agent_pod(
        PLUGIN,
        container,
        volumes=[host_folder("sockets", _PLUGIN_SOCKETS), config_volume(PLUGIN_CONFIG_MAP)],
        node_selector=selector,
        tolerations=config.tolerations,
    )
    labels = _PLUGIN_LABELS if config.mig else {}
    return Agent(app=PLUGIN, name=f"{PLUGIN}-{config.key}", pod=pod, config=config.text, labels=labels)


def exporter_agents(spec: GpuBaselineSpec, image: str, pools: Sequence[NodePoolHandle]) -> list[Agent]:
    """dcgm-exporter on every node with GPUs: it publishes their readings, with the pods that hold them.

    One DaemonSet serves whole GPUs; where MIG splits GPUs a second one has the rights to read their instances.
    """
    split = [pool for pool in pools if pool.gpu and pool.gpu.partition]
    whole = [pool for pool in pools if pool.gpu and pool.gpu.partition is None]
    agents = [_exporter(spec, image, split, _split_nodes(split), mig=True)] if split else []
    if whole or not split:
        agents.append(_exporter(spec, image, whole, _whole_nodes(beside_split=bool(split)), mig=False))
    return agents


def _exporter(
    spec: GpuBaselineSpec,
    image: str,
    pools: Sequence[NodePoolHandle],
    nodes: k8s.core.v1.AffinityArgs,
    *,
    mig: bool,
) -> Agent:
    container = k8s.core.v1.ContainerArgs(
        name=EXPORTER,
        image=image,
        env=[*env(_exporter_settings(spec, mig=mig)), env_of_pod("NODE_NAME", "spec.nodeName")],
        ports=[k8s.core.v1.ContainerPortArgs(name="metrics", container_port=METRICS_PORT, protocol="TCP")],
        readiness_probe=_health_probe(initial_delay=20),
        liveness_probe=_health_probe(initial_delay=45),
        resources=resources(cpu="100m", memory="256Mi", memory_limit="512Mi"),
        security_context=_exporter_rights(profiling=needs_profiling(fields_of(spec.metrics)) or mig),
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
    )
    name, labels = (f"{EXPORTER}-mig", _EXPORTER_LABELS) if mig else (EXPORTER, {})
    return Agent(app=EXPORTER, name=name, pod=pod, config=counters_file(fields_of(spec.metrics)), labels=labels)


def _exporter_settings(spec: GpuBaselineSpec, *, mig: bool) -> dict[str, str]:
    return {
        "DCGM_EXPORTER_COLLECTORS": f"{CONFIG_FOLDER}/{COUNTERS_KEY}",
        "DCGM_EXPORTER_INTERVAL": str(spec.metrics_interval_seconds * 1000),
        "DCGM_EXPORTER_KUBERNETES": "true",
        "DCGM_EXPORTER_LISTEN": f":{METRICS_PORT}",
        **ALL_GPUS,
        **(_ALL_INSTANCES if mig else {}),
    }


def _plugin_rights(*, mig: bool) -> k8s.core.v1.SecurityContextArgs:
    """None at all for whole GPUs; the health of instances can be read with SYS_ADMIN only."""
    added = ["SYS_ADMIN"] if mig else None
    return k8s.core.v1.SecurityContextArgs(
        allow_privilege_escalation=False,
        capabilities=k8s.core.v1.CapabilitiesArgs(add=added, drop=["ALL"]),
    )


def _exporter_rights(*, profiling: bool) -> k8s.core.v1.SecurityContextArgs:
    """Root, which DCGM needs to read the kubelet's socket, with as few capabilities as the metrics allow."""
    added = ["SYS_ADMIN"] if profiling else None
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


def _whole_nodes(*, beside_split: bool) -> k8s.core.v1.AffinityArgs:
    """Nodes with GPUs, whoever runs their device plugin; without those that MIG splits, where there are any."""
    term = [requirement(_GPU_PRESENT, "Exists")]
    return on_nodes([*term, requirement(MIG_STRATEGY_LABEL, "DoesNotExist")] if beside_split else term)


def _split_nodes(pools: Sequence[NodePoolHandle]) -> k8s.core.v1.AffinityArgs:
    """Nodes whose GPUs MIG has split: a reading in the meantime would keep the manager from splitting a GPU.

    An image with a MIG manager of its own splits before its kubelet starts.
    """
    ours = [requirement(MIG_CONFIG_LABEL, "Exists"), requirement(SPLIT_STATE_LABEL, "In", SPLIT_DONE)]
    theirs = [requirement(MIG_STRATEGY_LABEL, "Exists"), requirement(MIG_CONFIG_LABEL, "DoesNotExist")]
    managed = split_pools(pools)
    terms = ([ours] if managed else []) + ([theirs] if len(managed) < len(pools) else [])
    return on_nodes(*terms)
