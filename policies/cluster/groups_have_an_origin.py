"""Groups that get rights in the cluster are groups that somebody can be in."""

from __future__ import annotations

from collections.abc import Iterator

from bedplate.graph.resource import Resource
from bedplate.graph.values import Json, get, is_opaque
from bedplate.model.source import did_you_mean
from bedplate.policy.policy import Control, Finding, Level, Policy, PolicyContext, Severity, unknown

POLICY = Policy(
    title="Every group with rights comes from an access entry or a token",
    severity=Severity.MEDIUM,
    rationale="A role binding to a group that nobody brings gives nobody anything. Often its name is mistyped, and the "
    "people whom it is for cannot work.",
    fix="name the group in cluster.access[].kubernetesGroups, or with the prefix of cluster.oidc",
    targets=(
        "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding",
        "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding",
    ),
    level=Level.ADVISORY,
    controls=(Control("NIST SP 800-53", "AC-2"), Control("SOC 2", "CC6.2")),
)

_CLUSTER = "aws:eks/cluster:Cluster"
_ENTRY = "aws:eks/accessEntry:AccessEntry"
_PROVIDER = "aws:eks/identityProviderConfig:IdentityProviderConfig"


def check(resource: Resource, context: PolicyContext) -> Iterator[Finding]:
    """Each group is Kubernetes' own (system:), in an access entry, or has the prefix of the tokens' groups.

    Of a cluster that others made nobody can tell which groups it knows.
    """
    subjects = get(resource.inputs, "subjects", default=())
    if is_opaque(subjects):
        yield unknown("subjects", "groups that are known", subjects)
        return
    brought, prefixes, sure = _origins(context)
    want = "a group of an access entry or of a token"
    for index, subject in enumerate(subjects):
        name, path = get(subject, "name"), f"subjects[{index}].name"
        if is_opaque(subject) or is_opaque(name) or is_opaque(get(subject, "kind")):
            yield unknown(path, want, name)
        elif get(subject, "kind") == "Group" and name not in brought and not str(name).startswith(prefixes):
            hint = did_you_mean(str(name), sorted(brought))
            wanted = f"{want}; {hint}" if hint else want
            yield Finding(path=path, got=name, want=wanted) if sure else unknown(path, wanted, name)


def _origins(context: PolicyContext) -> tuple[set[str], tuple[str, ...], bool]:
    """Groups that access entries bring, prefixes that are trusted, and whether that is all."""
    lists: list[Json] = [get(entry.inputs, "kubernetesGroups", default=()) for entry in context.graph.of_type(_ENTRY)]
    found: list[Json] = [name for names in lists if not is_opaque(names) for name in names]
    prefixes = [get(item.inputs, "oidc", "groupsPrefix", default="") for item in context.graph.of_type(_PROVIDER)]
    sure = bool(context.graph.of_type(_CLUSTER)) and not any(is_opaque(item) for item in (*lists, *found, *prefixes))
    named = {str(name) for name in found if not is_opaque(name)}
    return named, ("system:", *(str(item) for item in prefixes if not is_opaque(item))), sure
