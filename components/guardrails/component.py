"""What holds in every team namespace: nothing in, named ways out, and images from allowed registries only.

Ways in are opened where they are needed: a model service admits its own callers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import pulumi
import pulumi_kubernetes as k8s

from components.base import TEAM_LABEL, NamespaceHandle, Place, PlatformComponent, object_labels
from components.guardrails.admission import REFUSAL_MESSAGE, REFUSED_IS_EMPTY, image_variables
from components.guardrails.flows import dns_rule, flow_rule, in_namespace, pod_identity_rule
from components.guardrails.spec import GuardrailsSpec

REGISTRY_POLICY = "bedplate-image-registries"

_POLICY_TYPES = ("Ingress", "Egress")


class Guardrails(PlatformComponent):
    """Network policies of all team namespaces, and one admission policy. `ready` is what pods should wait for."""

    def __init__(
        self,
        name: str,
        spec: GuardrailsSpec,
        *,
        teams: Sequence[NamespaceHandle],
        pod_identity: bool,
        metrics_namespace: str | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """With `pod_identity` pods reach the agent that gives them roles, which only nodes on AWS have.

        `metrics_namespace` holds the collector that may scrape pods of team namespaces; None admits nobody.
        """
        super().__init__(name, Place("platform", "guardrails"), opts)
        self._spec = spec
        self._pod_identity = pod_identity
        networks = {team.name: tuple(self._create_network_policies(name, team, metrics_namespace)) for team in teams}
        admission = self._create_admission(name)
        # By namespace what its pods wait for: its own policies, or every model would wait for those of all teams.
        self.ready: Mapping[str, tuple[pulumi.Resource, ...]] = {
            namespace: (*policies, *admission) for namespace, policies in networks.items()
        }
        self.register_outputs({})

    def _create_network_policies(
        self, name: str, team: NamespaceHandle, metrics_namespace: str | None
    ) -> Iterable[k8s.networking.v1.NetworkPolicy]:
        yield self._network_policy(name, team, "default-deny")
        yield self._network_policy(name, team, "egress-dns", egress=dns_rule())
        if self._pod_identity:
            yield self._network_policy(name, team, "egress-pod-identity", egress=pod_identity_rule())
        for flow in self._spec.egress:
            yield self._network_policy(name, team, f"egress-to-{flow.name}", egress=flow_rule(flow))
        if metrics_namespace is not None:
            yield self._network_policy(name, team, "ingress-metrics", ingress=_from_namespace(metrics_namespace))

    def _network_policy(
        self,
        name: str,
        team: NamespaceHandle,
        policy: str,
        *,
        ingress: k8s.networking.v1.NetworkPolicyIngressRuleArgs | None = None,
        egress: k8s.networking.v1.NetworkPolicyEgressRuleArgs | None = None,
    ) -> k8s.networking.v1.NetworkPolicy:
        """One policy for all pods of the team. A direction without a rule is closed."""
        types = [kind for kind, rule in zip(_POLICY_TYPES, (ingress, egress), strict=True) if rule is not None]
        return k8s.networking.v1.NetworkPolicy(
            f"{name}-{team.name}-{policy}",
            metadata=k8s.meta.v1.ObjectMetaArgs(name=policy, namespace=team.name, labels=object_labels("guardrails")),
            spec=k8s.networking.v1.NetworkPolicySpecArgs(
                pod_selector=k8s.meta.v1.LabelSelectorArgs(),
                policy_types=types or list(_POLICY_TYPES),
                ingress=[ingress] if ingress else None,
                egress=[egress] if egress else None,
            ),
            opts=self.child(depends_on=team.ready),
        )

    def _create_admission(self, name: str) -> tuple[pulumi.Resource, pulumi.Resource]:
        policy = k8s.admissionregistration.v1.ValidatingAdmissionPolicy(
            f"{name}-image-registries",
            metadata=_cluster_metadata(),
            spec=k8s.admissionregistration.v1.ValidatingAdmissionPolicySpecArgs(
                failure_policy="Fail",
                match_constraints=k8s.admissionregistration.v1.MatchResourcesArgs(resource_rules=[_pods()]),
                variables=[
                    k8s.admissionregistration.v1.VariableArgs(name=variable, expression=expression)
                    for variable, expression in image_variables(self._spec.registries).items()
                ],
                validations=[
                    k8s.admissionregistration.v1.ValidationArgs(
                        expression=REFUSED_IS_EMPTY, message_expression=REFUSAL_MESSAGE, reason="Forbidden"
                    )
                ],
            ),
            opts=self.child(),
        )
        binding = k8s.admissionregistration.v1.ValidatingAdmissionPolicyBinding(
            f"{name}-image-registries-binding",
            metadata=_cluster_metadata(),
            spec=k8s.admissionregistration.v1.ValidatingAdmissionPolicyBindingSpecArgs(
                policy_name=REGISTRY_POLICY,
                match_resources=k8s.admissionregistration.v1.MatchResourcesArgs(namespace_selector=_of_a_team()),
                validation_actions=["Deny"],
            ),
            opts=self.child(depends_on=[policy]),
        )
        return policy, binding


def _from_namespace(namespace: str) -> k8s.networking.v1.NetworkPolicyIngressRuleArgs:
    return k8s.networking.v1.NetworkPolicyIngressRuleArgs(
        from_=[k8s.networking.v1.NetworkPolicyPeerArgs(namespace_selector=in_namespace(namespace))]
    )


def _cluster_metadata() -> k8s.meta.v1.ObjectMetaArgs:
    return k8s.meta.v1.ObjectMetaArgs(name=REGISTRY_POLICY, labels=object_labels("guardrails"))


def _pods() -> k8s.admissionregistration.v1.NamedRuleWithOperationsArgs:
    return k8s.admissionregistration.v1.NamedRuleWithOperationsArgs(
        api_groups=[""],
        api_versions=["v1"],
        operations=["CREATE", "UPDATE"],
        resources=["pods", "pods/ephemeralcontainers"],
        scope="Namespaced",
    )


def _of_a_team() -> k8s.meta.v1.LabelSelectorArgs:
    return k8s.meta.v1.LabelSelectorArgs(
        match_expressions=[k8s.meta.v1.LabelSelectorRequirementArgs(key=TEAM_LABEL, operator="Exists")]
    )
