"""NVIDIA's DRA driver: publishes the GPUs of a node, and the instances of split ones, for pods to claim.

Its pod and rights are those of chart dra-driver-nvidia-gpu 0.5.0 without compute domains (NVLink between nodes), of
which the chart's controller is a part: without them there is none. The chart's device class of whole GPUs also takes
requests for nvidia.com/gpu where Kubernetes can do that; ours does not, so that no pod meets both paths.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pulumi_kubernetes as k8s

from bedplate.catalog.devices import GPU_CLASS, mig_class
from components.base import DEVICE_PATH_LABEL, MIG_CONFIG_LABEL, NodePoolHandle
from components.gpu_baseline.agents import GPU_APPS, PLUGIN
from components.gpu_baseline.mig import SPLIT_DONE, SPLIT_STATE_LABEL
from components.gpu_baseline.pods import (
    Agent,
    agent_pod,
    all_tolerations,
    env,
    env_of_pod,
    host_folder,
    mount,
    on_nodes,
    requirement,
    resources,
)

DRA_PLUGIN = "dra-driver"

_REGISTRATION = "/var/lib/kubelet/plugins_registry"
_PLUGINS = "/var/lib/kubelet/plugins"
_CDI = "/var/run/cdi"
# The driver of an EKS image, and of nodes that are there, is installed on the node itself.
_DRIVER_ROOT = "/"
_PROBE_PORT = 51516


def dra_pools(pools: Iterable[NodePoolHandle]) -> list[NodePoolHandle]:
    """Pools whose GPUs are claimed."""
    return [pool for pool in pools if pool.dra]


def device_classes(pools: Iterable[NodePoolHandle]) -> tuple[str, ...]:
    """Device classes of what `pools` offer, sorted."""
    found: set[str] = set()
    for pool in dra_pools(pools):
        partition = pool.gpu.partition if pool.gpu else None
        found |= {mig_class(profile) for profile in partition.layout} if partition else {GPU_CLASS}
    return tuple(sorted(found))


def dra_agents(pools: Iterable[NodePoolHandle], image: str) -> list[Agent]:
    """The driver on every node of `pools` whose GPUs are claimed.

    It looks at its GPUs once, when it starts: where MIG splits them it starts when that is done.
    """
    claimed = dra_pools(pools)
    split = [pool for pool in claimed if pool.gpu and pool.gpu.partition]
    whole = [pool for pool in claimed if pool not in split]
    ours = requirement(DEVICE_PATH_LABEL, "In", "dra")
    done = requirement(SPLIT_STATE_LABEL, "In", SPLIT_DONE)
    agents: list[Agent] = []
    if whole:
        pod = _pod(whole, image, [ours, requirement(MIG_CONFIG_LABEL, "DoesNotExist")])
        agents.append(Agent(app=DRA_PLUGIN, name=DRA_PLUGIN, pod=pod))
    if split:
        pod = _pod(split, image, [ours, done])
        agents.append(Agent(app=DRA_PLUGIN, name=f"{DRA_PLUGIN}-mig", pod=pod, labels=GPU_APPS[PLUGIN]))
    return agents


def _pod(
    pools: Sequence[NodePoolHandle], image: str, nodes: Sequence[k8s.core.v1.NodeSelectorRequirementArgs]
) -> k8s.core.v1.PodSpecArgs:
    return agent_pod(
        DRA_PLUGIN,
        _plugin(image),
        init=_driver_found(image),
        volumes=[
            host_folder("registration", _REGISTRATION),
            host_folder("plugins", _PLUGINS),
            host_folder("cdi", _CDI, make=True),
            host_folder("driver-root", _DRIVER_ROOT),
        ],
        affinity=on_nodes(nodes),
        tolerations=all_tolerations(pools),
        token=True,
    )


def _driver_found(image: str) -> k8s.core.v1.ContainerArgs:
    """Waits until the node's driver answers, and says in its log what is missing."""
    return k8s.core.v1.ContainerArgs(
        name="driver-found",
        image=image,
        command=["bash", "/usr/bin/kubelet-plugin-prestart.sh"],
        env=env({**_folders(), "NVIDIA_VISIBLE_DEVICES": "void"}),
        resources=resources(cpu="10m", memory="32Mi", memory_limit="128Mi"),
        security_context=k8s.core.v1.SecurityContextArgs(privileged=True),
        volume_mounts=[mount("driver-root", "/driver-root-parent", read_only=True)],
    )


def _plugin(image: str) -> k8s.core.v1.ContainerArgs:
    settings = {
        **_folders(),
        "CDI_ROOT": _CDI,
        "HEALTHCHECK_PORT": str(_PROBE_PORT),
        "IMAGE_NAME": image,
        # It sees every GPU, and the capabilities of their instances, by being privileged.
        "NVIDIA_MIG_CONFIG_DEVICES": "all",
        "NVIDIA_VISIBLE_DEVICES": "void",
    }
    of_pod = {"NAMESPACE": "metadata.namespace", "NODE_NAME": "spec.nodeName"}
    return k8s.core.v1.ContainerArgs(
        name=DRA_PLUGIN,
        image=image,
        command=["gpu-kubelet-plugin", "-v", "2"],
        env=[*env(settings), *(env_of_pod(name, path) for name, path in of_pod.items())],
        startup_probe=_probe(failures=600, period=1),
        liveness_probe=_probe(failures=3, period=30),
        resources=resources(cpu="20m", memory="64Mi", memory_limit="256Mi"),
        # It makes device nodes and writes what the container runtime reads.
        security_context=k8s.core.v1.SecurityContextArgs(privileged=True),
        volume_mounts=[
            mount("registration", _REGISTRATION),
            k8s.core.v1.VolumeMountArgs(name="plugins", mount_path=_PLUGINS, mount_propagation="Bidirectional"),
            mount("cdi", _CDI),
            k8s.core.v1.VolumeMountArgs(
                name="driver-root", mount_path="/driver-root", mount_propagation="HostToContainer"
            ),
        ],
    )


def _folders() -> dict[str, str]:
    return {
        "KUBELET_PLUGINS_DIRECTORY_PATH": _PLUGINS,
        "KUBELET_REGISTRAR_DIRECTORY_PATH": _REGISTRATION,
        "NVIDIA_DRIVER_ROOT": _DRIVER_ROOT,
    }


def _probe(*, failures: int, period: int) -> k8s.core.v1.ProbeArgs:
    return k8s.core.v1.ProbeArgs(
        grpc=k8s.core.v1.GRPCActionArgs(port=_PROBE_PORT, service="liveness"),
        failure_threshold=failures,
        period_seconds=period,
        timeout_seconds=10,
    )


def dra_rules() -> list[k8s.rbac.v1.PolicyRuleArgs]:
    """What the driver asks of the API server: claims to prepare, and the ResourceSlices of its node."""
    group, reading = ["resource.k8s.io"], ["get", "list", "watch"]
    return [
        k8s.rbac.v1.PolicyRuleArgs(api_groups=group, resources=["resourceclaims"], verbs=reading),
        k8s.rbac.v1.PolicyRuleArgs(
            api_groups=group, resources=["resourceslices"], verbs=[*reading, "create", "update", "delete"]
        ),
        k8s.rbac.v1.PolicyRuleArgs(api_groups=[""], resources=["nodes"], verbs=["get"]),
    ]
