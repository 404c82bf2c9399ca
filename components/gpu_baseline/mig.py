"""The MIG manager: splits the GPUs of each node as its label nvidia.com/mig.config asks.

Its ways are those of NVIDIA mig-parted 0.15: it watches its own node, stops what holds the GPUs, splits them, restarts
the node where a GPU will not change its mode otherwise, and reports in the label nvidia.com/mig.config.state.
"""

from __future__ import annotations

from collections.abc import Iterable

import pulumi_kubernetes as k8s
import yaml

from bedplate.catalog.mig import Partition
from components.base import MIG_CONFIG_LABEL, NodePoolHandle
from components.gpu_baseline.pods import (
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

MANAGER = "mig-manager"
LAYOUTS_CONFIG_MAP = "mig-layouts"
LAYOUTS_KEY = "config.yaml"
CLIENTS_KEY = "clients.yaml"
SPLIT_STATE_LABEL = "nvidia.com/mig.config.state"
SPLIT_DONE = "success"

_FOLDER = "/mig"
_HOST = "/host"
# Services of the node that would hold a GPU while it is split: those of NVIDIA's GPU Operator, without those of DGX.
_SERVICES = ("dcgm-exporter.service", "dcgm.service", "nvidia-dcgm.service")


def split_pools(pools: Iterable[NodePoolHandle]) -> list[NodePoolHandle]:
    """Pools whose GPUs the MIG manager splits. Bottlerocket has one of its own, beside its own device plugin."""
    return [pool for pool in pools if pool.gpu and pool.gpu.partition and (pool.device_plugin_config or pool.dra)]


def layout_files(pools: Iterable[NodePoolHandle]) -> dict[str, str]:
    """What the MIG manager reads: every layout that a pool asks for, by name, and the services to stop."""
    partitions = {pool.gpu.partition.config: pool.gpu.partition for pool in pools if pool.gpu and pool.gpu.partition}
    layouts = {"version": "v1", "mig-configs": {name: _layout(each) for name, each in sorted(partitions.items())}}
    clients = {"version": "v1", "systemd-services": list(_SERVICES)}
    return {
        CLIENTS_KEY: yaml.safe_dump(clients, sort_keys=False),
        LAYOUTS_KEY: yaml.safe_dump(layouts, sort_keys=False),
    }


def _layout(partition: Partition) -> list[dict[str, object]]:
    devices = {profile: partition.layout[profile] for profile in sorted(partition.layout)}
    return [{"devices": "all", "mig-enabled": True, "mig-devices": devices}]


def manager_agent(pools: Iterable[NodePoolHandle], image: str, namespace: str) -> Agent:
    """The MIG manager on every node of `pools`. `namespace` is where it waits for the agents that hold GPUs."""
    split = split_pools(pools)
    container = k8s.core.v1.ContainerArgs(
        name=MANAGER,
        image=image,
        env=[*env(_settings(namespace)), env_of_pod("NODE_NAME", "spec.nodeName")],
        resources=resources(cpu="20m", memory="64Mi", memory_limit="256Mi"),
        # It restarts services and, if need be, the node.
        security_context=k8s.core.v1.SecurityContextArgs(privileged=True),
        volume_mounts=[
            k8s.core.v1.VolumeMountArgs(name="host", mount_path=_HOST, mount_propagation="HostToContainer"),
            mount("layouts", _FOLDER, read_only=True),
            mount("sys", "/sys"),
        ],
    )
    pod = agent_pod(
        MANAGER,
        container,
        volumes=[host_folder("host", "/"), config_volume(LAYOUTS_CONFIG_MAP, "layouts"), host_folder("sys", "/sys")],
        affinity=on_nodes([requirement(MIG_CONFIG_LABEL, "Exists")]),
        tolerations=all_tolerations(split),
        token=True,
        host_namespaces=True,
    )
    return Agent(app=MANAGER, name=MANAGER, pod=pod, config="".join(layout_files(split).values()))


def _settings(namespace: str) -> dict[str, str]:
    return {
        "CONFIG_FILE": f"{_FOLDER}/{LAYOUTS_KEY}",
        "DEFAULT_GPU_CLIENTS_NAMESPACE": namespace,
        "GPU_CLIENTS_FILE": f"{_FOLDER}/{CLIENTS_KEY}",
        "HOST_ROOT_MOUNT": _HOST,
        # Where a GPU does not take the mode at once, as the EKS user guide asks for.
        "WITH_REBOOT": "true",
        # The driver is the node's own: the manager splits GPUs with the node's libraries.
        "WITH_SHUTDOWN_HOST_GPU_CLIENTS": "true",
    }


def manager_rules() -> list[k8s.rbac.v1.PolicyRuleArgs]:
    """What the MIG manager asks of the API server: its node's labels, and which agents still run there."""
    return [
        k8s.rbac.v1.PolicyRuleArgs(api_groups=[""], resources=["nodes"], verbs=["get", "list", "patch", "watch"]),
        k8s.rbac.v1.PolicyRuleArgs(api_groups=[""], resources=["pods"], verbs=["list"]),
    ]
