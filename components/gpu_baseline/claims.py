"""What claims of GPUs stand on in the whole cluster: device classes, and who may say which devices a node has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pulumi
import pulumi_kubernetes as k8s
from pulumi_kubernetes.apiextensions import CustomResource

from bedplate.catalog.devices import class_expression
from components.base import Place, PlatformComponent, object_labels

APP = "gpu-claims"
SLICES_POLICY = "bedplate-own-resource-slices"

_WRITTEN = '(request.operation == "DELETE" ? oldObject : object).spec.?nodeName.orValue("")'
# Since Kubernetes 1.32 the token of a pod says which node the pod runs on.
_OWN = "request.userInfo.extra[?'authentication.kubernetes.io/node-name'][0].orValue('')"


class GpuClaims(PlatformComponent):
    """Device classes, and an admission policy: a driver writes the ResourceSlices of its own node, and no other.

    RBAC cannot say so, and without it a node that is taken over could offer the devices of all others.
    """

    def __init__(
        self,
        name: str,
        classes: Sequence[str],
        *,
        driver: str,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """`driver` is the user that drivers are to the API server: ``system:serviceaccount:<namespace>:<name>``."""
        super().__init__(name, Place("platform", "gpuBaseline"), opts)
        self.classes: tuple[pulumi.Resource, ...] = tuple(self._create_class(name, each) for each in classes)
        self.guard: tuple[pulumi.Resource, ...] = self._create_guard(name, driver)
        self.register_outputs({})

    def _create_class(self, name: str, device_class: str) -> CustomResource:
        spec: dict[str, Any] = {"selectors": [{"cel": {"expression": class_expression(device_class)}}]}
        return CustomResource(
            f"{name}-{device_class}",
            api_version="resource.k8s.io/v1",
            kind="DeviceClass",
            metadata=k8s.meta.v1.ObjectMetaArgs(name=device_class, labels=object_labels(APP)),
            spec=spec,
            opts=self.child(),
        )

    def _create_guard(self, name: str, driver: str) -> tuple[pulumi.Resource, ...]:
        metadata = k8s.meta.v1.ObjectMetaArgs(name=SLICES_POLICY, labels=object_labels(APP))
        policy = k8s.admissionregistration.v1.ValidatingAdmissionPolicy(
            f"{name}-own-slices", metadata=metadata, spec=_own_slices_only(driver), opts=self.child()
        )
        binding = k8s.admissionregistration.v1.ValidatingAdmissionPolicyBinding(
            f"{name}-own-slices-binding",
            metadata=metadata,
            spec=k8s.admissionregistration.v1.ValidatingAdmissionPolicyBindingSpecArgs(
                policy_name=SLICES_POLICY, validation_actions=["Deny"]
            ),
            opts=self.child(depends_on=[policy]),
        )
        return policy, binding


def _own_slices_only(driver: str) -> k8s.admissionregistration.v1.ValidatingAdmissionPolicySpecArgs:
    slices = k8s.admissionregistration.v1.NamedRuleWithOperationsArgs(
        api_groups=["resource.k8s.io"],
        api_versions=["v1", "v1beta1", "v1beta2"],
        operations=["CREATE", "UPDATE", "DELETE"],
        resources=["resourceslices"],
    )
    return k8s.admissionregistration.v1.ValidatingAdmissionPolicySpecArgs(
        failure_policy="Fail",
        match_constraints=k8s.admissionregistration.v1.MatchResourcesArgs(resource_rules=[slices]),
        match_conditions=[
            k8s.admissionregistration.v1.MatchConditionArgs(
                name="is-driver", expression=f'request.userInfo.username == "{driver}"'
            )
        ],
        variables=[
            k8s.admissionregistration.v1.VariableArgs(name="own", expression=_OWN),
            k8s.admissionregistration.v1.VariableArgs(name="written", expression=_WRITTEN),
        ],
        validations=[
            k8s.admissionregistration.v1.ValidationArgs(
                expression='variables.own != "" && variables.own == variables.written',
                message="a driver writes the ResourceSlices of its own node only",
                reason="Forbidden",
            )
        ],
    )
