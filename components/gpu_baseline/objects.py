"""The Kubernetes objects that every GPU agent needs in the namespace of all of them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as k8s

from components.base import PlatformComponent, object_labels
from components.gpu_baseline.pods import Agent

CONFIG_DIGEST = "bedplate.dev/config-digest"

# Agents restart on one node at a time, and the next follows when the pod has been ready for so long: one that falls
# over as soon as it starts is ready for a moment between two falls, and would take the GPUs of one node after another.
_NODES_AT_ONCE, _READY_SECONDS = 1, 10
# Minutes that an apply waits for every ten nodes: each takes the end of the old pod, the pull of the image, the start.
_TEN_NODES_MINUTES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentObjects:
    """Makes objects below `parent` in `namespace`. Their resources' names start with `prefix`. `most_nodes` are those
    that agents may have to restart on."""

    parent: PlatformComponent
    prefix: str
    namespace: k8s.core.v1.Namespace
    namespace_name: str
    most_nodes: int

    def network_policy(
        self, name: str, spec: k8s.networking.v1.NetworkPolicySpecArgs, *, suffix: str = ""
    ) -> k8s.networking.v1.NetworkPolicy:
        """The network policy `name`; its resource's name ends with `suffix`, or with `name` where that is empty."""
        return k8s.networking.v1.NetworkPolicy(
            f"{self.prefix}-{suffix or name}",
            metadata=self._metadata(name, "gpu-baseline"),
            spec=spec,
            opts=self._after_namespace(),
        )

    def account(self, app: str) -> k8s.core.v1.ServiceAccount:
        """The service account of the agent `app`."""
        return k8s.core.v1.ServiceAccount(
            f"{self.prefix}-{app}-account",
            metadata=self._metadata(app, app),
            automount_service_account_token=False,
            opts=self._after_namespace(),
        )

    def cluster_rights(self, app: str, rules: Sequence[k8s.rbac.v1.PolicyRuleArgs]) -> list[pulumi.Resource]:
        """Rights of the service account `app` in the whole cluster."""
        title = f"bedplate-{app}"
        metadata = k8s.meta.v1.ObjectMetaArgs(name=title, labels=object_labels(app))
        role = k8s.rbac.v1.ClusterRole(
            f"{self.prefix}-{app}-role", metadata=metadata, rules=rules, opts=self.parent.child()
        )
        binding = k8s.rbac.v1.ClusterRoleBinding(
            f"{self.prefix}-{app}-binding",
            metadata=metadata,
            role_ref=k8s.rbac.v1.RoleRefArgs(api_group="rbac.authorization.k8s.io", kind="ClusterRole", name=title),
            subjects=[self._subject(app)],
            opts=self._after_namespace(),
        )
        return [role, binding]

    def rights(self, app: str, rules: Sequence[k8s.rbac.v1.PolicyRuleArgs]) -> list[pulumi.Resource]:
        """Rights of the service account `app` in its namespace."""
        metadata = self._metadata(app, app)
        role = k8s.rbac.v1.Role(
            f"{self.prefix}-{app}-role", metadata=metadata, rules=rules, opts=self._after_namespace()
        )
        binding = k8s.rbac.v1.RoleBinding(
            f"{self.prefix}-{app}-binding",
            metadata=metadata,
            role_ref=k8s.rbac.v1.RoleRefArgs(api_group="rbac.authorization.k8s.io", kind="Role", name=app),
            subjects=[self._subject(app)],
            opts=self._after_namespace(),
        )
        return [role, binding]

    def config_map(self, app: str, name: str, files: Mapping[str, str]) -> k8s.core.v1.ConfigMap:
        """`files` of the agent `app`, by name."""
        return k8s.core.v1.ConfigMap(
            f"{self.prefix}-{name}",
            metadata=self._metadata(name, app),
            data=files,
            opts=self._after_namespace(),
        )

    def daemon_set(self, agent: Agent, needs: Sequence[pulumi.Resource]) -> k8s.apps.v1.DaemonSet:
        """The pods of `agent` on its nodes, once `needs` are there; other pods where its configuration changes."""
        selector = {"app.kubernetes.io/name": agent.app, "app.kubernetes.io/instance": agent.name}
        labels = object_labels(agent.app, extra=selector)
        template = k8s.meta.v1.ObjectMetaArgs(
            labels={**labels, **agent.labels}, annotations={CONFIG_DIGEST: agent.digest}
        )
        return k8s.apps.v1.DaemonSet(
            f"{self.prefix}-{agent.name}",
            metadata=k8s.meta.v1.ObjectMetaArgs(name=agent.name, namespace=self.namespace_name, labels=labels),
            spec=k8s.apps.v1.DaemonSetSpecArgs(
                selector=k8s.meta.v1.LabelSelectorArgs(match_labels=selector),
                template=k8s.core.v1.PodTemplateSpecArgs(metadata=template, spec=agent.pod),
                min_ready_seconds=_READY_SECONDS,
                update_strategy=k8s.apps.v1.DaemonSetUpdateStrategyArgs(
                    type="RollingUpdate",
                    rolling_update=k8s.apps.v1.RollingUpdateDaemonSetArgs(max_unavailable=_NODES_AT_ONCE),
                ),
            ),
            opts=self.parent.child(depends_on=needs, custom_timeouts=self._patience()),
        )

    def _patience(self) -> pulumi.CustomTimeouts:
        """Pulumi waits ten minutes for a DaemonSet, however many nodes it has. In tens, so that one node more or fewer
        changes no agent."""
        return pulumi.CustomTimeouts(update=f"{_TEN_NODES_MINUTES * (1 + math.ceil(self.most_nodes / 10))}m")

    def scrape_service(self, app: str, port: int) -> k8s.core.v1.Service:
        """A name without an address of its own: a collector resolves it to the pods of `app`."""
        metadata = k8s.meta.v1.ObjectMetaArgs(
            name=app,
            namespace=self.namespace_name,
            labels=object_labels(app),
            # Pools may stand at zero nodes, and then the Service has no endpoint to wait for.
            annotations={"pulumi.com/skipAwait": "true"},
        )
        metrics = k8s.core.v1.ServicePortArgs(name="metrics", port=port, target_port=port, protocol="TCP")
        return k8s.core.v1.Service(
            f"{self.prefix}-{app}-service",
            metadata=metadata,
            spec=k8s.core.v1.ServiceSpecArgs(
                cluster_ip="None", ports=[metrics], selector={"app.kubernetes.io/name": app}
            ),
            opts=self._after_namespace(),
        )

    def _metadata(self, name: str, app: str) -> k8s.meta.v1.ObjectMetaArgs:
        return k8s.meta.v1.ObjectMetaArgs(name=name, namespace=self.namespace_name, labels=object_labels(app))

    def _subject(self, app: str) -> k8s.rbac.v1.SubjectArgs:
        return k8s.rbac.v1.SubjectArgs(kind="ServiceAccount", name=app, namespace=self.namespace_name)

    def _after_namespace(self) -> pulumi.ResourceOptions:
        return self.parent.child(depends_on=[self.namespace])
