"""In a team's namespace nothing talks to anything unless a named flow says so."""

from __future__ import annotations

from collections.abc import Iterator

from bedplate.graph.resource import Resource
from bedplate.graph.values import Json, get, is_opaque
from bedplate.policy.policy import Control, Finding, Policy, PolicyContext, Severity, has_opaque, unknown

_NAMESPACE = "kubernetes:core/v1:Namespace"
_NETWORK_POLICY = "kubernetes:networking.k8s.io/v1:NetworkPolicy"

POLICY = Policy(
    title="Team namespaces deny traffic by default",
    severity=Severity.HIGH,
    rationale="Without a default, a model that is taken over reaches every other team's services and the internet. One "
    "rule for everyone undoes the default, because rules only ever add up.",
    fix="make the namespace through a team of the environment, and name the flows: the guardrails add the policies",
    targets=(_NAMESPACE, _NETWORK_POLICY),
    controls=(Control("CIS EKS 1.8.0", "4.3.2"), Control("NIST SP 800-53", "AC-4"), Control("SOC 2", "CC6.6")),
)

_WANT_DEFAULT = "a NetworkPolicy that selects all pods, for Ingress and Egress, without rules"
_WANT_PEERS = "named peers: a rule without them lets everyone through"


def check(resource: Resource, context: PolicyContext) -> Iterator[Finding]:
    """A team's namespace has a policy that denies everything both ways, and no rule is for everyone."""
    if resource.type == _NAMESPACE:
        yield from _has_default(resource, context)
    else:
        yield from _names_peers(resource, context)


def _has_default(resource: Resource, context: PolicyContext) -> Iterator[Finding]:
    name = get(resource.inputs, "metadata", "name")
    if is_opaque(name):
        yield unknown("metadata.name", _WANT_DEFAULT, name)
    if is_opaque(name) or name not in context.team_namespaces:
        return
    rules = [get(item.inputs, "spec", default={}) for item in context.in_namespace(name, _NETWORK_POLICY)]
    if any(_denies_all(spec) for spec in rules):
        return
    if has_opaque(rules):
        yield unknown("metadata.name", _WANT_DEFAULT, name)
    else:
        yield Finding(path="metadata.name", got=name, want=_WANT_DEFAULT)


def _denies_all(spec: Json) -> bool:
    if has_opaque(spec):
        return False
    selects_all = not any((get(spec, "podSelector") or {}).values())
    directions = set(get(spec, "policyTypes") or ())
    return selects_all and directions == {"Ingress", "Egress"} and not get(spec, "ingress") and not get(spec, "egress")


def _names_peers(resource: Resource, context: PolicyContext) -> Iterator[Finding]:
    namespace = get(resource.inputs, "metadata", "namespace")
    if not is_opaque(namespace) and namespace not in context.team_namespaces:
        return
    for direction, peers in (("ingress", "from"), ("egress", "to")):
        rules = get(resource.inputs, "spec", direction) or ()
        for index, rule in enumerate([rules] if is_opaque(rules) else rules):
            named = get(rule, peers)
            path = f"spec.{direction}[{index}].{peers}"
            if is_opaque(named):
                yield unknown(path, _WANT_PEERS, named)
            elif not named:
                yield Finding(path=path, got=named, want=_WANT_PEERS)
