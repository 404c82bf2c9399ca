"""What all model services stand on: the gateway that callers come through, and the runtime that starts models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pulumi
import pulumi_kubernetes as k8s
from pulumi_kubernetes.apiextensions import CustomResource

from components.base import (
    TEAM_LABEL,
    Place,
    PlatformComponent,
    ServingHandle,
    object_labels,
    pod_security_labels,
)
from components.serving.runtime import PORT, vllm_runtime
from components.serving.spec import ServingSpec

GATEWAY = "models"
LISTENER = "http"


class Serving(PlatformComponent):
    """One Gateway with its GatewayClass, and one ClusterServingRuntime. `handle` is for model services."""

    def __init__(
        self,
        name: str,
        spec: ServingSpec,
        *,
        image: str,
        after: Sequence[pulumi.Resource] = (),
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """`image` is the runtime's; `after` brings the kinds of KServe and Gateway API into the cluster."""
        super().__init__(name, Place("platform", "serving"), opts)
        self._spec = spec
        gateway = self._create_gateway(name, after)
        runtime = self._create_runtime(name, image, after)
        self.handle = replace(describe_serving(spec), ready=(gateway, runtime))
        self.register_outputs({"host": spec.gateway.host})

    def _create_gateway(self, name: str, after: Sequence[pulumi.Resource]) -> CustomResource:
        gateway = self._spec.gateway
        namespace = k8s.core.v1.Namespace(
            f"{name}-gateway",
            metadata=k8s.meta.v1.ObjectMetaArgs(
                name=gateway.namespace, labels=object_labels("gateway") | pod_security_labels("baseline")
            ),
            opts=self.child(),
        )
        gateway_class = CustomResource(
            f"{name}-gateway-class",
            api_version="gateway.networking.k8s.io/v1",
            kind="GatewayClass",
            metadata=k8s.meta.v1.ObjectMetaArgs(name=gateway.class_name, labels=object_labels("gateway")),
            spec={"controllerName": gateway.controller},
            opts=self.child(depends_on=after),
        )
        return CustomResource(
            f"{name}-gateway-{GATEWAY}",
            api_version="gateway.networking.k8s.io/v1",
            kind="Gateway",
            metadata=k8s.meta.v1.ObjectMetaArgs(
                name=GATEWAY, namespace=gateway.namespace, labels=object_labels("gateway")
            ),
            spec={"gatewayClassName": gateway.class_name, "listeners": [_listener(gateway.host)]},
            opts=self.child(depends_on=[namespace, gateway_class, *after]),
        )

    def _create_runtime(self, name: str, image: str, after: Sequence[pulumi.Resource]) -> CustomResource:
        runtime = _runtime_name(self._spec)
        return CustomResource(
            f"{name}-runtime-{self._spec.runtime}",
            api_version="serving.kserve.io/v1alpha1",
            kind="ClusterServingRuntime",
            metadata=k8s.meta.v1.ObjectMetaArgs(name=runtime, labels=object_labels("serving-runtime")),
            spec=vllm_runtime(image),
            opts=self.child(depends_on=after),
        )


def describe_serving(spec: ServingSpec) -> ServingHandle:
    """What model services need to know, with nothing to wait for."""
    return ServingHandle(
        runtime=_runtime_name(spec),
        port=PORT,
        gateway=GATEWAY,
        gateway_namespace=spec.gateway.namespace,
        host=spec.gateway.host,
    )


def _runtime_name(spec: ServingSpec) -> str:
    return f"bedplate-{spec.runtime}"


def _listener(host: str) -> dict[str, object]:
    """Plain HTTP for one host; routes may come from team namespaces only."""
    return {
        "name": LISTENER,
        "port": 80,
        "protocol": "HTTP",
        "hostname": host,
        "allowedRoutes": {
            "namespaces": {
                "from": "Selector",
                "selector": {"matchExpressions": [{"key": TEAM_LABEL, "operator": "Exists"}]},
            }
        },
    }
