"""The EFA device plugin: offers a node's Elastic Fabric Adapters to the kubelet as vpc.amazonaws.com/efa.

Its pod is that of chart aws-efa-k8s-device-plugin 0.5.30, on pools with adapters and not on instance types by name.
"""

from __future__ import annotations

from collections.abc import Sequence

import pulumi_kubernetes as k8s

from components.base import EFA_LABEL, NodePoolHandle
from components.gpu_baseline.pods import Agent, agent_pod, all_tolerations, host_folder, mount, resources

EFA_PLUGIN = "efa-device-plugin"

_SOCKETS = "/var/lib/kubelet/device-plugins"
_ADAPTERS = "/dev/infiniband"


def efa_agent(pools: Sequence[NodePoolHandle], image: str) -> Agent:
    """The plugin on every node of `pools`, which have adapters."""
    container = k8s.core.v1.ContainerArgs(
        name=EFA_PLUGIN,
        image=image,
        resources=resources(cpu="10m", memory="20Mi", memory_limit="128Mi"),
        # It opens the adapters themselves.
        security_context=k8s.core.v1.SecurityContextArgs(privileged=True, run_as_user=0),
        volume_mounts=[mount("sockets", _SOCKETS), mount("adapters", _ADAPTERS)],
    )
    pod = agent_pod(
        EFA_PLUGIN,
        container,
        volumes=[host_folder("sockets", _SOCKETS), host_folder("adapters", _ADAPTERS)],
        node_selector={EFA_LABEL: "true"},
        tolerations=all_tolerations(pools),
        host_network=True,
    )
    return Agent(app=EFA_PLUGIN, name=EFA_PLUGIN, pod=pod)
