"""What GPU nodes run: the NVIDIA device plugin, dcgm-exporter, and the driver contract as a note for readers.

Nodes are Amazon Linux 2023 with NVIDIA's driver and container toolkit in the AMI, so neither is installed here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as k8s

from components.base import NodePoolHandle, Place, PlatformComponent, object_labels, pod_security_labels
from components.gpu_baseline.agents import (
    CONFIG_DIGEST,
    COUNTERS_KEY,
    EXPORTER,
    EXPORTER_CONFIG_MAP,
    METRICS_PORT,
    PLUGIN,
    PLUGIN_CONFIG_MAP,
    exporter_pod,
    plugin_pod,
)
from components.gpu_baseline.metrics import counters_file
from components.gpu_baseline.sharing import PluginConfig, all_tolerations, plugin_configs
from components.gpu_baseline.spec import GpuBaselineSpec

DRIVER_MINIMUM = "bedplate.dev/driver-minimum"


@dataclass(frozen=True, slots=True, kw_only=True)
class GpuImages:
    """Images of the GPU agents, with digest where one is known."""

    device_plugin: str
    dcgm_exporter: str


class GpuBaseline(PlatformComponent):
    """Agents of all GPU nodes. `ready` is what pods wait for that ask for nvidia.com/gpu."""

    def __init__(
        self,
        name: str,
        spec: GpuBaselineSpec,
        *,
        images: GpuImages,
        pools: Sequence[NodePoolHandle],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """`pools` are the pools with GPUs; their labels say how each shares them."""
        super().__init__(name, Place("platform", "gpuBaseline"), opts)
        self._name = name
        self._spec = spec
        self._namespace = self._create_namespace()
        self._create_network_policy()
        self.ready = self._create_device_plugin(plugin_configs(pools), images.device_plugin)
        self._create_exporter(pools, images.dcgm_exporter)
        self.register_outputs({"namespace": spec.namespace})

    def _create_namespace(self) -> k8s.core.v1.Namespace:
        return k8s.core.v1.Namespace(
            self._name,
            metadata=k8s.meta.v1.ObjectMetaArgs(
                name=self._spec.namespace,
                labels=object_labels("gpu-baseline") | pod_security_labels("privileged"),
                annotations={DRIVER_MINIMUM: self._spec.driver_minimum},
            ),
            opts=self.child(),
        )

    def _create_network_policy(self) -> k8s.networking.v1.NetworkPolicy:
        """The agents speak to their own node only; anyone in the cluster may scrape the exporter."""
        scrape = k8s.networking.v1.NetworkPolicyIngressRuleArgs(
            from_=[k8s.networking.v1.NetworkPolicyPeerArgs(namespace_selector=k8s.meta.v1.LabelSelectorArgs())],
            ports=[k8s.networking.v1.NetworkPolicyPortArgs(port=METRICS_PORT, protocol="TCP")],
        )
        return k8s.networking.v1.NetworkPolicy(
            f"{self._name}-network",
            metadata=self._metadata("gpu-agents", "gpu-baseline"),
            spec=k8s.networking.v1.NetworkPolicySpecArgs(
                pod_selector=k8s.meta.v1.LabelSelectorArgs(),
                policy_types=["Ingress", "Egress"],
                ingress=[scrape],
            ),
            opts=self._after_namespace(),
        )

    def _create_device_plugin(self, configs: Sequence[PluginConfig], image: str) -> tuple[pulumi.Resource, ...]:
        account = self._create_account(PLUGIN)
        texts = {config.key: config.text for config in configs}
        config_map = self._create_config_map(PLUGIN, PLUGIN_CONFIG_MAP, texts)
        return tuple(
            self._create_daemon_set(
                app=PLUGIN,
                object_name=f"{PLUGIN}-{config.key}",
                digest=config.digest,
                pod=plugin_pod(config, image),
                needs=[account, config_map],
            )
            for config in configs
        )

    def _create_exporter(self, pools: Sequence[NodePoolHandle], image: str) -> None:
        account = self._create_account(EXPORTER)
        counters = counters_file(self._spec.metrics)
        config_map = self._create_config_map(EXPORTER, EXPORTER_CONFIG_MAP, {COUNTERS_KEY: counters})
        self._create_daemon_set(
            app=EXPORTER,
            object_name=EXPORTER,
            digest=hashlib.sha256(counters.encode()).hexdigest()[:16],
            pod=exporter_pod(self._spec, image, all_tolerations(pools)),
            needs=[account, config_map],
        )
        self._create_scrape_service()

    def _create_account(self, app: str) -> k8s.core.v1.ServiceAccount:
        return k8s.core.v1.ServiceAccount(
            f"{self._name}-{app}-account",
            metadata=self._metadata(app, app),
            automount_service_account_token=False,
            opts=self._after_namespace(),
        )

    def _create_config_map(self, app: str, object_name: str, files: dict[str, str]) -> k8s.core.v1.ConfigMap:
        return k8s.core.v1.ConfigMap(
            f"{self._name}-{object_name}",
            metadata=self._metadata(object_name, app),
            data=files,
            opts=self._after_namespace(),
        )

    def _create_daemon_set(
        self,
        *,
        app: str,
        object_name: str,
        digest: str,
        pod: k8s.core.v1.PodSpecArgs,
        needs: Sequence[pulumi.Resource],
    ) -> k8s.apps.v1.DaemonSet:
        selector = {"app.kubernetes.io/name": app, "app.kubernetes.io/instance": object_name}
        labels = object_labels(app, extra=selector)
        return k8s.apps.v1.DaemonSet(
            f"{self._name}-{object_name}",
            metadata=k8s.meta.v1.ObjectMetaArgs(name=object_name, namespace=self._spec.namespace, labels=labels),
            spec=k8s.apps.v1.DaemonSetSpecArgs(
                selector=k8s.meta.v1.LabelSelectorArgs(match_labels=selector),
                template=k8s.core.v1.PodTemplateSpecArgs(
                    metadata=k8s.meta.v1.ObjectMetaArgs(labels=labels, annotations={CONFIG_DIGEST: digest}), spec=pod
                ),
            ),
            opts=self.child(depends_on=needs),
        )

    def _create_scrape_service(self) -> k8s.core.v1.Service:
        """A name without an address of its own: a collector resolves it to every exporter."""
        return k8s.core.v1.Service(
            f"{self._name}-{EXPORTER}-service",
            metadata=k8s.meta.v1.ObjectMetaArgs(
                name=EXPORTER,
                namespace=self._spec.namespace,
                labels=object_labels(EXPORTER),
                # Pools may stand at zero nodes, and then the Service has no endpoint to wait for.
                annotations={"pulumi.com/skipAwait": "true"},
            ),
            spec=k8s.core.v1.ServiceSpecArgs(
                cluster_ip="None",
                ports=[
                    k8s.core.v1.ServicePortArgs(
                        name="metrics", port=METRICS_PORT, target_port=METRICS_PORT, protocol="TCP"
                    )
                ],
                selector={"app.kubernetes.io/name": EXPORTER},
            ),
            opts=self._after_namespace(),
        )

    def _metadata(self, object_name: str, app: str) -> k8s.meta.v1.ObjectMetaArgs:
        return k8s.meta.v1.ObjectMetaArgs(name=object_name, namespace=self._spec.namespace, labels=object_labels(app))

    def _after_namespace(self) -> pulumi.ResourceOptions:
        return self.child(depends_on=[self._namespace])
