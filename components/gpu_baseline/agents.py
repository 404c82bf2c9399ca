"""Pods of the GPU agents: the device plugin and dcgm-exporter."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pulumi_kubernetes as k8s

from components.base import DEVICE_PLUGIN_CONFIG_LABEL
from components.gpu_baseline.metrics import needs_profiling
from components.gpu_baseline.sharing import PluginConfig, Toleration
from components.gpu_baseline.spec import GpuBaselineSpec

CONFIG_DIGEST = "bedplate.dev/config-digest"
PLUGIN = "device-plugin"
EXPORTER = "dcgm-exporter"
PLUGIN_CONFIG_MAP = "device-plugin-configs"
EXPORTER_CONFIG_MAP = "dcgm-exporter-counters"
COUNTERS_KEY = "counters.csv"
METRICS_PORT = 9400

# Amazon Linux sets it at boot, and pools declare it themselves.
_GPU_PRESENT = "nvidia.com/gpu.present"
_CONFIG_FOLDER = "/config"
_PLUGIN_SOCKETS = "/var/lib/kubelet/device-plugins"
_POD_RESOURCES = "/var/lib/kubelet/pod-resources"
_ALL_GPUS = {"NVIDIA_VISIBLE_DEVICES": "all", "NVIDIA_DRIVER_CAPABILITIES": "compute,utility"}


def plugin_pod(config: PluginConfig, image: str) -> k8s.core.v1.PodSpecArgs:
    """The device plugin on nodes that ask for `config`: it offers their GPUs to the kubelet."""
    container = k8s.core.v1.ContainerArgs(
        name=PLUGIN,
        image=image,
        command=["nvidia-device-plugin"],
        env=_env({"CONFIG_FILE": f"{_CONFIG_FOLDER}/{config.key}", **_ALL_GPUS}),
        resources=_resources(cpu="20m", memory="64Mi", memory_limit="256Mi"),
        security_context=k8s.core.v1.SecurityContextArgs(
            allow_privilege_escalation=False, capabilities=k8s.core.v1.CapabilitiesArgs(drop=["ALL"])
        ),
        volume_mounts=[
            k8s.core.v1.VolumeMountArgs(name="sockets", mount_path=_PLUGIN_SOCKETS),
            k8s.core.v1.VolumeMountArgs(name="config", mount_path=_CONFIG_FOLDER, read_only=True),
        ],
    )
    return _pod(
        PLUGIN,
        container,
        volumes=[_host_folder("sockets", _PLUGIN_SOCKETS), _config_volume(PLUGIN_CONFIG_MAP)],
        node_selector={DEVICE_PLUGIN_CONFIG_LABEL: config.key},
        tolerations=config.tolerations,
    )


def exporter_pod(spec: GpuBaselineSpec, image: str, tolerations: Iterable[Toleration]) -> k8s.core.v1.PodSpecArgs:
    """dcgm-exporter on every node with GPUs: it publishes their readings, with the pods that hold them."""
    container = k8s.core.v1.ContainerArgs(
        name=EXPORTER,
        image=image,
        env=[
            *_env(
                {
                    "DCGM_EXPORTER_COLLECTORS": f"{_CONFIG_FOLDER}/{COUNTERS_KEY}",
                    "DCGM_EXPORTER_INTERVAL": str(spec.metrics_interval_seconds * 1000),
                    "DCGM_EXPORTER_KUBERNETES": "true",
                    "DCGM_EXPORTER_LISTEN": f":{METRICS_PORT}",
                    **_ALL_GPUS,
                }
            ),
            k8s.core.v1.EnvVarArgs(
                name="NODE_NAME",
                value_from=k8s.core.v1.EnvVarSourceArgs(
                    field_ref=k8s.core.v1.ObjectFieldSelectorArgs(field_path="spec.nodeName")
                ),
            ),
        ],
        ports=[k8s.core.v1.ContainerPortArgs(name="metrics", container_port=METRICS_PORT, protocol="TCP")],
        readiness_probe=_health_probe(initial_delay=20),
        liveness_probe=_health_probe(initial_delay=45),
        resources=_resources(cpu="100m", memory="256Mi", memory_limit="512Mi"),
        security_context=_exporter_rights(spec.metrics),
        volume_mounts=[
            k8s.core.v1.VolumeMountArgs(name="pod-resources", mount_path=_POD_RESOURCES, read_only=True),
            k8s.core.v1.VolumeMountArgs(name="config", mount_path=_CONFIG_FOLDER, read_only=True),
        ],
    )
    return _pod(
        EXPORTER,
        container,
        volumes=[_host_folder("pod-resources", _POD_RESOURCES), _config_volume(EXPORTER_CONFIG_MAP)],
        affinity=_with_gpus(),
        tolerations=tolerations,
    )


def _pod(
    account: str,
    container: k8s.core.v1.ContainerArgs,
    *,
    volumes: list[k8s.core.v1.VolumeArgs],
    tolerations: Iterable[Toleration],
    node_selector: Mapping[str, str] | None = None,
    affinity: k8s.core.v1.AffinityArgs | None = None,
) -> k8s.core.v1.PodSpecArgs:
    return k8s.core.v1.PodSpecArgs(
        affinity=affinity,
        automount_service_account_token=False,
        containers=[container],
        node_selector=node_selector,
        priority_class_name="system-node-critical",
        service_account_name=account,
        tolerations=[_toleration(toleration) for toleration in tolerations],
        volumes=volumes,
    )


def _toleration(toleration: Toleration) -> k8s.core.v1.TolerationArgs:
    return k8s.core.v1.TolerationArgs(
        key=toleration.get("key"),
        operator=toleration.get("operator"),
        value=toleration.get("value"),
        effect=toleration.get("effect"),
    )


def _exporter_rights(metrics: Iterable[str]) -> k8s.core.v1.SecurityContextArgs:
    """Root, which DCGM needs to read the kubelet's socket, with as few capabilities as the metrics allow."""
    added = ["SYS_ADMIN"] if needs_profiling(metrics) else None
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


def _with_gpus() -> k8s.core.v1.AffinityArgs:
    """Nodes with GPUs, whoever runs their device plugin."""
    term = k8s.core.v1.NodeSelectorTermArgs(
        match_expressions=[k8s.core.v1.NodeSelectorRequirementArgs(key=_GPU_PRESENT, operator="Exists")]
    )
    return k8s.core.v1.AffinityArgs(
        node_affinity=k8s.core.v1.NodeAffinityArgs(
            required_during_scheduling_ignored_during_execution=k8s.core.v1.NodeSelectorArgs(node_selector_terms=[term])
        )
    )


def _resources(*, cpu: str, memory: str, memory_limit: str) -> k8s.core.v1.ResourceRequirementsArgs:
    return k8s.core.v1.ResourceRequirementsArgs(
        requests={"cpu": cpu, "memory": memory}, limits={"memory": memory_limit}
    )


def _env(values: Mapping[str, str]) -> list[k8s.core.v1.EnvVarArgs]:
    return [k8s.core.v1.EnvVarArgs(name=name, value=value) for name, value in sorted(values.items())]


def _host_folder(name: str, path: str) -> k8s.core.v1.VolumeArgs:
    return k8s.core.v1.VolumeArgs(
        name=name, host_path=k8s.core.v1.HostPathVolumeSourceArgs(path=path, type="Directory")
    )


def _config_volume(config_map: str) -> k8s.core.v1.VolumeArgs:
    return k8s.core.v1.VolumeArgs(name="config", config_map=k8s.core.v1.ConfigMapVolumeSourceArgs(name=config_map))
