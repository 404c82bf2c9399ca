"""What GPU nodes run: device plugins for GPUs and EFA, the DRA driver, the MIG manager, dcgm-exporter; and the driver
contract.

Images of nodes carry NVIDIA's driver and container toolkit, so neither is installed here. Bottlerocket's carries the
device plugin and a MIG manager too, and gets the exporter alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as k8s

from components.agent_network import scraped_only, to_api_server
from components.base import NodePoolHandle, Place, PlatformComponent, object_labels, pod_security_labels
from components.gpu_baseline.agents import (
    COUNTERS_KEY,
    EXPORTER,
    EXPORTER_CONFIG_MAP,
    METRICS_PORT,
    PLUGIN,
    PLUGIN_CONFIG_MAP,
    exporter_agents,
    plugin_agent,
)
from components.gpu_baseline.claims import GpuClaims
from components.gpu_baseline.discovery import DISCOVERY, create_definition, discovery_agent, discovery_rules
from components.gpu_baseline.dra import DRA_PLUGIN, device_classes, dra_agents, dra_rules
from components.gpu_baseline.efa import EFA_PLUGIN, efa_agent
from components.gpu_baseline.gates import gates_file
from components.gpu_baseline.metrics import counters_file, fields_of
from components.gpu_baseline.mig import (
    LAYOUTS_CONFIG_MAP,
    MANAGER,
    layout_files,
    manager_agent,
    manager_rules,
    split_pools,
)
from components.gpu_baseline.objects import AgentObjects
from components.gpu_baseline.sharing import PluginConfig, plugin_configs
from components.gpu_baseline.spec import GpuBaselineSpec

DRIVER_MINIMUM = "bedplate.dev/driver-minimum"
CUDA_MINIMUM = "bedplate.dev/cuda-minimum"
GATES_CONFIG_MAP = "health-gates"
GATES_KEY = "gates.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class GpuImages:
    """Images of the GPU agents, with digest where one is known."""

    device_plugin: str
    dcgm_exporter: str
    mig_manager: str
    dra_driver: str
    efa_device_plugin: str


class GpuBaseline(PlatformComponent):
    """Agents of all GPU nodes. `ready` is what pods wait for that ask for GPUs; `namespace` is where all stand."""

    def __init__(
        self,
        name: str,
        spec: GpuBaselineSpec,
        *,
        images: GpuImages,
        pools: Sequence[NodePoolHandle],
        minimum_gpus: int,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """`pools` are the pools with GPUs; their handles say how each shares them. `minimum_gpus` is what ready nodes
        must offer at any time."""
        super().__init__(name, Place("platform", "gpuBaseline"), opts)
        self._name = name
        self._spec = spec
        self._images = images
        self.namespace = self._create_namespace()
        self._objects = AgentObjects(
            parent=self,
            prefix=name,
            namespace=self.namespace,
            namespace_name=spec.namespace,
            most_nodes=sum(pool.most_nodes for pool in pools),
        )
        self._objects.network_policy("gpu-agents", scraped_only(METRICS_PORT), suffix="network")
        self.ready = (
            *self._create_mig_manager(pools),
            *self._create_device_plugin(pools),
            *self._create_dra_driver(pools),
            *self._create_efa_plugin(pools),
        )
        self._create_exporter(pools)
        self._create_gates(minimum_gpus)
        self.register_outputs({"namespace": spec.namespace})

    def _create_namespace(self) -> k8s.core.v1.Namespace:
        cuda = {CUDA_MINIMUM: self._spec.cuda_minimum} if self._spec.cuda_minimum else {}
        return k8s.core.v1.Namespace(
            self._name,
            metadata=k8s.meta.v1.ObjectMetaArgs(
                name=self._spec.namespace,
                labels=object_labels("gpu-baseline") | pod_security_labels("privileged"),
                annotations={DRIVER_MINIMUM: self._spec.driver_minimum, **cuda},
            ),
            opts=self.child(),
        )

    def _create_device_plugin(self, pools: Sequence[NodePoolHandle]) -> list[pulumi.Resource]:
        configs = plugin_configs(pools)
        if not configs:
            return []
        needs = [
            self._objects.account(PLUGIN),
            self._objects.config_map(PLUGIN, PLUGIN_CONFIG_MAP, {config.key: config.text for config in configs}),
        ]
        made: list[pulumi.Resource] = [
            self._objects.daemon_set(plugin_agent(config, self._images.device_plugin), needs) for config in configs
        ]
        if self._spec.feature_discovery == "compare":
            self._create_discovery(configs, needs[1])
        return made

    def _create_discovery(self, configs: Sequence[PluginConfig], files: pulumi.Resource) -> None:
        """Witnesses on the nodes of `configs`, which `files` holds: with rights to their own findings only."""
        self._objects.network_policy(DISCOVERY, to_api_server({"app.kubernetes.io/name": DISCOVERY}))
        needs = [
            files,
            self._objects.account(DISCOVERY),
            create_definition(self, self._name),
            *self._objects.rights(DISCOVERY, discovery_rules()),
        ]
        for config in configs:
            self._objects.daemon_set(discovery_agent(config, self._images.device_plugin, PLUGIN_CONFIG_MAP), needs)

    def _create_dra_driver(self, pools: Sequence[NodePoolHandle]) -> list[pulumi.Resource]:
        """The DRA driver, where pods claim GPUs: with rights of its own, and a way to the API server."""
        classes = device_classes(pools)
        if not classes:
            return []
        driver = f"system:serviceaccount:{self._spec.namespace}:{DRA_PLUGIN}"
        claims = GpuClaims(f"{self._name}-claims", classes, driver=driver, opts=self.child())
        self._objects.network_policy(DRA_PLUGIN, to_api_server({"app.kubernetes.io/name": DRA_PLUGIN}))
        needs = [
            self._objects.account(DRA_PLUGIN),
            *self._objects.cluster_rights(DRA_PLUGIN, dra_rules()),
            *claims.guard,
        ]
        agents = [self._objects.daemon_set(agent, needs) for agent in dra_agents(pools, self._images.dra_driver)]
        return [*claims.classes, *agents]

    def _create_mig_manager(self, pools: Sequence[NodePoolHandle]) -> list[pulumi.Resource]:
        """The MIG manager, where there is anything to split: with rights of its own, and a way to the API server."""
        if not split_pools(pools):
            return []
        self._objects.network_policy(MANAGER, to_api_server({"app.kubernetes.io/name": MANAGER}))
        needs: list[pulumi.Resource] = [
            self._objects.account(MANAGER),
            self._objects.config_map(MANAGER, LAYOUTS_CONFIG_MAP, layout_files(pools)),
            *self._objects.cluster_rights(MANAGER, manager_rules()),
        ]
        return [self._objects.daemon_set(manager_agent(pools, self._images.mig_manager, self._spec.namespace), needs)]

    def _create_efa_plugin(self, pools: Sequence[NodePoolHandle]) -> list[pulumi.Resource]:
        """The EFA device plugin, where nodes have adapters: no image of EKS carries it."""
        wired = [pool for pool in pools if pool.efa]
        if not wired:
            return []
        needs = [self._objects.account(EFA_PLUGIN)]
        return [self._objects.daemon_set(efa_agent(wired, self._images.efa_device_plugin), needs)]

    def _create_exporter(self, pools: Sequence[NodePoolHandle]) -> None:
        files = {COUNTERS_KEY: counters_file(fields_of(self._spec.metrics))}
        needs = [
            self._objects.account(EXPORTER),
            self._objects.config_map(EXPORTER, EXPORTER_CONFIG_MAP, files),
        ]
        for agent in exporter_agents(self._spec, self._images.dcgm_exporter, pools):
            self._objects.daemon_set(agent, needs)
        self._objects.scrape_service(EXPORTER, METRICS_PORT)

    def _create_gates(self, minimum_gpus: int) -> None:
        """The gates as an object: whoever watches an upgrade finds them where the GPUs are."""
        health = self._spec.health
        text = gates_file(
            health.gates,
            settle_minutes=health.settle_minutes,
            minimum_gpus=minimum_gpus,
            prometheus=health.prometheus,
        )
        self._objects.config_map("gpu-baseline", GATES_CONFIG_MAP, {GATES_KEY: text})
