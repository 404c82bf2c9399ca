"""What a GitOps controller in the cluster is told, and the rights that it acts with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
import pulumi_kubernetes as k8s
from pulumi_kubernetes.apiextensions import CustomResource

from components.base import NamespaceHandle, Place, PlatformComponent, object_labels
from components.delivery import argocd, flux
from components.delivery.layers import Handover, delivery_name
from components.delivery.spec import GitOpsSpec

_ARGOCD = "argoproj.io/v1alpha1"
_RBAC = "rbac.authorization.k8s.io"


class Delivery(PlatformComponent):
    """Objects of the controller's own kinds, for every layer that it applies: Pulumi writes them, and nobody else."""

    def __init__(
        self,
        name: str,
        spec: GitOpsSpec,
        *,
        layers: Sequence[Handover],
        namespace: str,
        after: Sequence[pulumi.Resource],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """`namespace` is the controller's; `after` brings the controller and its kinds into the cluster."""
        super().__init__(name, Place("platform", "delivery.gitops"), opts)
        self._name = name
        self._spec = spec
        self._namespace = namespace
        self._after = list(after)
        if any(layer.writer == "flux" for layer in layers):
            self._after.append(self._create_source())
        for layer in layers:
            if layer.writer == "flux":
                self._create_kustomization(layer)
            else:
                self._create_application(layer)
        self.register_outputs({})

    def _create_application(self, layer: Handover) -> None:
        project = self._object(
            "AppProject", _ARGOCD, delivery_name(layer.layer), argocd.project_spec(self._spec, layer), self._after
        )
        self._object(
            "Application",
            _ARGOCD,
            delivery_name(layer.layer),
            argocd.application_spec(self._spec, layer),
            [project],
            annotations=argocd.COMPARE,
        )

    def _create_source(self) -> pulumi.Resource:
        return self._object(
            flux.source_kind(self._spec),
            "source.toolkit.fluxcd.io/v1",
            flux.SOURCE,
            flux.source_spec(self._spec),
            self._after,
        )

    def _create_kustomization(self, layer: Handover) -> None:
        name = delivery_name(layer.layer)
        account = k8s.core.v1.ServiceAccount(
            f"{self._name}-{layer.layer}-account",
            metadata=k8s.meta.v1.ObjectMetaArgs(name=name, namespace=self._namespace, labels=object_labels("delivery")),
            automount_service_account_token=False,
            opts=self.child(depends_on=self._after),
        )
        needs: list[pulumi.Resource] = [account]
        if layer.whole_cluster:
            needs.append(self._create_administrator(layer))
        self._object(
            "Kustomization",
            "kustomize.toolkit.fluxcd.io/v1",
            name,
            flux.kustomization_spec(self._spec, layer),
            [*self._after, *needs],
        )

    def _create_administrator(self, layer: Handover) -> pulumi.Resource:
        """Charts bring definitions, roles and webhooks: whoever may write those may do everything anyway."""
        name = delivery_name(layer.layer)
        return k8s.rbac.v1.ClusterRoleBinding(
            f"{self._name}-{layer.layer}-administrator",
            metadata=k8s.meta.v1.ObjectMetaArgs(name=name, labels=object_labels("delivery")),
            role_ref=k8s.rbac.v1.RoleRefArgs(api_group=_RBAC, kind="ClusterRole", name="cluster-admin"),
            subjects=[_account(layer, self._namespace)],
            opts=self.child(),
        )

    def _object(
        self,
        kind: str,
        api_version: str,
        name: str,
        spec: Mapping[str, Any],
        after: Sequence[pulumi.Resource],
        annotations: Mapping[str, str] | None = None,
    ) -> CustomResource:
        return CustomResource(
            f"{self._name}-{kind.lower()}-{name}",
            api_version=api_version,
            kind=kind,
            metadata=k8s.meta.v1.ObjectMetaArgs(
                name=name,
                namespace=self._namespace,
                labels=object_labels("delivery"),
                annotations=dict(annotations) if annotations else None,
            ),
            spec=dict(spec),
            opts=self.child(depends_on=after),
        )


class DeliveryRights(PlatformComponent):
    """A role in each namespace of a layer for the account with which Flux applies that layer.

    Whoever makes the namespaces makes these too: they stand inside.
    """

    def __init__(
        self,
        name: str,
        layer: Handover,
        *,
        teams: Sequence[NamespaceHandle],
        namespace: str,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """`namespace` holds the account."""
        super().__init__(name, Place("platform", "delivery.gitops"), opts)
        for team in teams:
            metadata = k8s.meta.v1.ObjectMetaArgs(
                name=delivery_name(layer.layer), namespace=team.name, labels=object_labels("delivery")
            )
            role = k8s.rbac.v1.Role(
                f"{name}-{team.name}",
                metadata=metadata,
                rules=[
                    k8s.rbac.v1.PolicyRuleArgs(
                        api_groups=rule["apiGroups"], resources=rule["resources"], verbs=rule["verbs"]
                    )
                    for rule in flux.rules(layer)
                ],
                opts=self.child(depends_on=team.ready),
            )
            k8s.rbac.v1.RoleBinding(
                f"{name}-{team.name}-binding",
                metadata=metadata,
                role_ref=k8s.rbac.v1.RoleRefArgs(api_group=_RBAC, kind="Role", name=delivery_name(layer.layer)),
                subjects=[_account(layer, namespace)],
                opts=self.child(depends_on=[role]),
            )
        self.register_outputs({})


def _account(layer: Handover, namespace: str) -> k8s.rbac.v1.SubjectArgs:
    return k8s.rbac.v1.SubjectArgs(kind="ServiceAccount", name=delivery_name(layer.layer), namespace=namespace)
