"""What the pods of all agents have in common, and small parts of pods."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import pulumi_kubernetes as k8s

from components.base import NodePoolHandle

CONFIG_FOLDER = "/config"

ALL_GPUS = {"NVIDIA_VISIBLE_DEVICES": "all", "NVIDIA_DRIVER_CAPABILITIES": "compute,utility"}
"""Variables that make NVIDIA's runtime show every GPU of the node to a container that asked for none."""

Toleration = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """A DaemonSet to be: its name, the application that it is an instance of, its pod, and the files that it reads.

    `labels` are further labels of its pods. A change of `config` rolls the pods: agents read files when they start.
    """

    app: str
    name: str
    pod: k8s.core.v1.PodSpecArgs
    config: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """Changes with the configuration."""
        return hashlib.sha256(self.config.encode()).hexdigest()[:16]


def agent_pod(
    account: str,
    container: k8s.core.v1.ContainerArgs,
    *,
    volumes: list[k8s.core.v1.VolumeArgs],
    tolerations: Iterable[Toleration],
    init: k8s.core.v1.ContainerArgs | None = None,
    node_selector: Mapping[str, str] | None = None,
    affinity: k8s.core.v1.AffinityArgs | None = None,
    token: bool = False,
    host_namespaces: bool | None = None,
    host_network: bool | None = None,
    runtime_class: str | None = None,
) -> k8s.core.v1.PodSpecArgs:
    """A pod of an agent, which starts when `init` has ended well.

    It speaks to the API server only with `token`, sees the node's processes only with `host_namespaces`, and its
    network interfaces only with `host_network`. With a `runtime_class` it waits until the node has that runtime.
    """
    return k8s.core.v1.PodSpecArgs(
        affinity=affinity,
        automount_service_account_token=token,
        containers=[container],
        init_containers=[init] if init else None,
        host_ipc=host_namespaces,
        host_network=host_network,
        host_pid=host_namespaces,
        node_selector=node_selector,
        priority_class_name="system-node-critical",
        runtime_class_name=runtime_class,
        service_account_name=account,
        tolerations=[_toleration(toleration) for toleration in tolerations],
        volumes=volumes,
    )


def all_tolerations(pools: Iterable[NodePoolHandle]) -> tuple[Toleration, ...]:
    """What lets an agent onto every node of `pools`, each toleration once, sorted."""
    unique = {tuple(sorted(toleration.items())) for pool in pools for toleration in pool.tolerations}
    return tuple(dict(toleration) for toleration in sorted(unique))


def on_nodes(*terms: Sequence[k8s.core.v1.NodeSelectorRequirementArgs]) -> k8s.core.v1.AffinityArgs:
    """Nodes that meet every requirement of one of `terms`."""
    selector = k8s.core.v1.NodeSelectorArgs(
        node_selector_terms=[k8s.core.v1.NodeSelectorTermArgs(match_expressions=list(term)) for term in terms]
    )
    return k8s.core.v1.AffinityArgs(
        node_affinity=k8s.core.v1.NodeAffinityArgs(required_during_scheduling_ignored_during_execution=selector)
    )


def requirement(key: str, operator: str, *values: str) -> k8s.core.v1.NodeSelectorRequirementArgs:
    """One requirement of a node's labels."""
    return k8s.core.v1.NodeSelectorRequirementArgs(key=key, operator=operator, values=list(values) or None)


def resources(*, cpu: str, memory: str, memory_limit: str) -> k8s.core.v1.ResourceRequirementsArgs:
    """What an agent takes from every node."""
    return k8s.core.v1.ResourceRequirementsArgs(
        requests={"cpu": cpu, "memory": memory}, limits={"memory": memory_limit}
    )


def env(values: Mapping[str, str]) -> list[k8s.core.v1.EnvVarArgs]:
    """Variables, sorted by name."""
    return [k8s.core.v1.EnvVarArgs(name=name, value=value) for name, value in sorted(values.items())]


def env_of_pod(name: str, path: str) -> k8s.core.v1.EnvVarArgs:
    """A variable that holds a field of the pod itself, as ``spec.nodeName``."""
    reference = k8s.core.v1.ObjectFieldSelectorArgs(field_path=path)
    return k8s.core.v1.EnvVarArgs(name=name, value_from=k8s.core.v1.EnvVarSourceArgs(field_ref=reference))


def host_folder(name: str, path: str, *, make: bool = False) -> k8s.core.v1.VolumeArgs:
    """A folder of the node that must be there, or with `make` that is made where it is not."""
    kind = "DirectoryOrCreate" if make else "Directory"
    return k8s.core.v1.VolumeArgs(name=name, host_path=k8s.core.v1.HostPathVolumeSourceArgs(path=path, type=kind))


def config_volume(config_map: str, name: str = "config") -> k8s.core.v1.VolumeArgs:
    """The files of a ConfigMap."""
    return k8s.core.v1.VolumeArgs(name=name, config_map=k8s.core.v1.ConfigMapVolumeSourceArgs(name=config_map))


def mount(name: str, path: str, *, read_only: bool | None = None) -> k8s.core.v1.VolumeMountArgs:
    """A volume at a place of the container."""
    return k8s.core.v1.VolumeMountArgs(name=name, mount_path=path, read_only=read_only)


def _toleration(toleration: Toleration) -> k8s.core.v1.TolerationArgs:
    return k8s.core.v1.TolerationArgs(
        key=toleration.get("key"),
        operator=toleration.get("operator"),
        value=toleration.get("value"),
        effect=toleration.get("effect"),
    )
