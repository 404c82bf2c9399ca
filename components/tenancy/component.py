"""A team's namespace: Pod Security, quota, defaults for containers, and the rights of its members."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

import pulumi
import pulumi_kubernetes as k8s

from bedplate.catalog.devices import quota_of_class
from bedplate.catalog.mig import GPU_RESOURCE, mig_resource
from components.base import (
    NamespaceHandle,
    Place,
    PlatformComponent,
    object_labels,
    pod_security_labels,
    safe_name,
)
from components.tenancy.spec import MemberSpec, QuotaSpec, TeamSpec

COST_CENTRE = "bedplate.dev/cost-centre"
OWNERS = "bedplate.dev/owners"

# What a container gets that says nothing: enough for a sidecar. The memory limit bounds what it can take from its
# node; whoever requests more than that must name a limit too, or the API server refuses the pod.
_DEFAULT_REQUESTS = {"cpu": "100m", "memory": "128Mi"}
_DEFAULT_LIMITS = {"memory": "512Mi"}


class TeamNamespace(PlatformComponent):
    """The namespace of one team. `handle` is for whatever runs inside it."""

    def __init__(
        self,
        name: str,
        spec: TeamSpec,
        *,
        pod_security: str,
        kubernetes_version: str,
        offered: Iterable[str] = (),
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """`pod_security` is the level enforced, by the rules of Kubernetes `kubernetes_version` ("1.35").

        `offered` are devices beside nvidia.com/gpu that pools offer, as a quota calls them: what a quota does not name
        would be free for everybody.
        """
        super().__init__(name, Place("platform", f"teams[{spec.name}]", spec.name), opts)
        self._spec = spec
        self._labels = object_labels("team", team=spec.name)
        self._namespace = self._create_namespace(name, pod_security_labels(pod_security, f"v{kubernetes_version}"))
        quota = self._create_quota(name, spec.quota, offered)
        limits = self._create_limits(name)
        for member in spec.members:
            self._create_binding(name, member)
        self.handle = NamespaceHandle(name=spec.namespace, ready=(self._namespace, quota, limits))
        self.register_outputs({"namespace": spec.namespace})

    def _create_namespace(self, name: str, security: dict[str, str]) -> k8s.core.v1.Namespace:
        owners = {OWNERS: " ".join(self._spec.owners)} if self._spec.owners else {}
        return k8s.core.v1.Namespace(
            name,
            metadata=k8s.meta.v1.ObjectMetaArgs(
                name=self._spec.namespace,
                labels=self._labels | security,
                annotations={COST_CENTRE: self._spec.cost_centre, **owners},
            ),
            opts=self.child(),
        )

    def _create_quota(self, name: str, quota: QuotaSpec, offered: Iterable[str]) -> k8s.core.v1.ResourceQuota:
        devices = dict.fromkeys(offered, 0)
        devices |= {f"requests.{mig_resource(profile)}": count for profile, count in quota.mig.items()}
        devices |= {quota_of_class(name): count for name, count in quota.devices.items()}
        return k8s.core.v1.ResourceQuota(
            f"{name}-quota",
            metadata=self._metadata("team-quota"),
            spec=k8s.core.v1.ResourceQuotaSpecArgs(
                hard={
                    "pods": str(quota.pods),
                    "requests.cpu": quota.cpu,
                    "requests.memory": quota.memory,
                    f"requests.{GPU_RESOURCE}": str(quota.gpus),
                    **{name: str(count) for name, count in sorted(devices.items())},
                }
            ),
            opts=self.child(depends_on=[self._namespace]),
        )

    def _create_limits(self, name: str) -> k8s.core.v1.LimitRange:
        return k8s.core.v1.LimitRange(
            f"{name}-defaults",
            metadata=self._metadata("team-defaults"),
            spec=k8s.core.v1.LimitRangeSpecArgs(
                limits=[
                    k8s.core.v1.LimitRangeItemArgs(
                        type="Container", default_request=_DEFAULT_REQUESTS, default=_DEFAULT_LIMITS
                    )
                ]
            ),
            opts=self.child(depends_on=[self._namespace]),
        )

    def _create_binding(self, name: str, member: MemberSpec) -> k8s.rbac.v1.RoleBinding:
        binding = safe_name("kubernetesName", _as_name(member.group), member.role)
        return k8s.rbac.v1.RoleBinding(
            f"{name}-{binding}",
            metadata=self._metadata(binding),
            role_ref=k8s.rbac.v1.RoleRefArgs(
                api_group="rbac.authorization.k8s.io", kind="ClusterRole", name=member.role
            ),
            subjects=[k8s.rbac.v1.SubjectArgs(api_group="rbac.authorization.k8s.io", kind="Group", name=member.group)],
            opts=self.child(depends_on=[self._namespace]),
        )

    def _metadata(self, name: str) -> k8s.meta.v1.ObjectMetaArgs:
        return k8s.meta.v1.ObjectMetaArgs(name=name, namespace=self._spec.namespace, labels=self._labels)


def _as_name(group: str) -> str:
    """`group` where it can name an object, else its letters and digits with a hash that tells groups apart."""
    slug = re.sub(r"[^a-z0-9]+", "-", group.lower()).strip("-")
    if slug == group:
        return group
    return f"{slug}-{hashlib.sha256(group.encode()).hexdigest()[:8]}"
