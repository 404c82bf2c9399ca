"""In a team's namespace nothing talks to anything unless a named flow says so."""

from __future__ import annotations

from collections.abc import Iterator

from bedplate.graph.kubernetes import as_object, kubernetes_objects
from bedplate.graph.resource import Resource
from bedplate.graph.values import get
from bedplate.policy.policy import Control, Finding, Policy, PolicyContext, Severity

POLICY = Policy(
    title="Team namespaces deny traffic by default",
    severity=Severity.HIGH,
    rationale="Without a default, a model that is taken over reaches every other team's services and the internet.",
    fix="make the namespace through a team of the environment: the guardrails add the policy",
    targets=("kubernetes:core/v1:Namespace",),
    controls=(Control("CIS EKS 1.8.0", "4.3.2"), Control("NIST SP 800-53", "AC-4"), Control("SOC 2", "CC6.6")),
)


def check(resource: Resource, context: PolicyContext) -> Iterator[Finding]:
    """A NetworkPolicy of the namespace selects all pods, names both directions and allows nothing."""
    namespace = as_object(resource).name
    if namespace not in {team.namespace for team in context.environment.environment.teams}:
        return
    for item in kubernetes_objects(context.graph, derived=False):
        if item.kind == "NetworkPolicy" and item.namespace == namespace and _denies_all(item.resource):
            return
    want = "a NetworkPolicy that selects all pods, for Ingress and Egress, without rules"
    yield Finding(path="metadata.name", got=namespace, want=want)


def _denies_all(resource: Resource) -> bool:
    spec = resource.inputs.get("spec", {})
    directions = set(get(spec, "policyTypes", default=()))
    rules = get(spec, "ingress", default=()) or get(spec, "egress", default=())
    return not get(spec, "podSelector", default={}) and directions == {"Ingress", "Egress"} and not rules
