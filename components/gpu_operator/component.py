"""What NVIDIA's GPU Operator is told: which nodes get which driver, and that everything else is not its business.

The operator itself is a chart. A driver is not installed in one step: pods with GPUs wait for `ready`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pulumi
import pulumi_kubernetes as k8s
from pulumi_kubernetes.apiextensions import CustomResource

from components.agent_network import to_anywhere, to_api_server
from components.base import Place, PlatformComponent, object_labels
from components.gpu_operator.settings import OperatorImages, PoolDriver, cluster_policy, nvidia_driver
from components.gpu_operator.spec import GpuOperatorSpec

APP = "gpu-operator"
POLICY = "cluster-policy"
DRIVER_VERSION = "bedplate.dev/driver"
OPERATOR_NAMESPACE = "bedplate.dev/operator-namespace"

# Labels of pods of the chart and of the operands (NVIDIA gpu-operator v26.7.0).
_OPERATOR_PODS = {"app": "gpu-operator"}
_DRIVER_PODS = {"app.kubernetes.io/component": "nvidia-driver"}
_VALIDATOR_PODS = {"app": "nvidia-operator-validator"}
# A driver is up when every node of its pool has it: seconds until an apply gives that up.
_MOST_SECONDS = 1800


class GpuOperator(PlatformComponent):
    """One ClusterPolicy, and one NVIDIADriver for each pool whose nodes carry no driver."""

    ready: tuple[pulumi.Resource, ...]

    def __init__(
        self,
        name: str,
        spec: GpuOperatorSpec,
        *,
        namespace: str,
        images: OperatorImages,
        drivers: Sequence[PoolDriver],
        after: Sequence[pulumi.Resource] = (),
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """`namespace` is that of the operator and of the GPU agents; `after` brings it, the operator and its
        kinds."""
        super().__init__(name, Place("platform", "gpuOperator"), opts)
        self._name = name
        self._namespace = namespace
        self._create_network_policies(spec, after)
        policy = self._create(
            "policy", "nvidia.com/v1", "ClusterPolicy", POLICY, cluster_policy(images, drivers), after=after
        )
        self.ready = tuple(
            self._create_driver(spec, driver, images.driver_manager, after=[*after, policy]) for driver in drivers
        )
        self.register_outputs({})

    def _create_driver(
        self, spec: GpuOperatorSpec, driver: PoolDriver, manager: str, *, after: Sequence[pulumi.Resource]
    ) -> CustomResource:
        annotations = {
            # The image's tag or digest need not tell it.
            DRIVER_VERSION: driver.version,
            "pulumi.com/waitFor": "jsonpath={.status.state}=ready",
            "pulumi.com/timeoutSeconds": str(_MOST_SECONDS),
        }
        return self._create(
            f"driver-{driver.pool.name}",
            "nvidia.com/v1alpha1",
            "NVIDIADriver",
            driver.pool.name,
            nvidia_driver(spec, driver, manager),
            annotations=annotations,
            after=after,
        )

    def _create(
        self,
        resource_name: str,
        api_version: str,
        kind: str,
        object_name: str,
        spec: Mapping[str, object],
        *,
        after: Sequence[pulumi.Resource],
        annotations: Mapping[str, str] | None = None,
    ) -> CustomResource:
        return CustomResource(
            f"{self._name}-{resource_name}",
            api_version=api_version,
            kind=kind,
            metadata=k8s.meta.v1.ObjectMetaArgs(
                name=object_name,
                labels=object_labels(APP),
                annotations={OPERATOR_NAMESPACE: self._namespace, **(annotations or {})},
            ),
            spec=spec,
            opts=self.child(depends_on=after),
        )

    def _create_network_policies(self, spec: GpuOperatorSpec, after: Sequence[pulumi.Resource]) -> None:
        """The agents' namespace lets nobody out: the operator and what it starts speak to the API server, and a driver
        that is compiled on its node fetches packages."""
        compiled = spec.modules == "compiled"
        rules = {
            "gpu-operator": to_api_server(_OPERATOR_PODS),
            "gpu-driver": to_anywhere(_DRIVER_PODS) if compiled else to_api_server(_DRIVER_PODS),
            "gpu-validator": to_api_server(_VALIDATOR_PODS),
        }
        for object_name, rule in rules.items():
            k8s.networking.v1.NetworkPolicy(
                f"{self._name}-network-{object_name}",
                metadata=k8s.meta.v1.ObjectMetaArgs(
                    name=object_name, namespace=self._namespace, labels=object_labels(APP)
                ),
                spec=rule,
                opts=self.child(depends_on=after),
            )
