"""Pods of teams get nothing that lets them out of their container."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bedplate.graph.resource import Resource
from bedplate.graph.values import Json, get
from bedplate.policy.policy import Control, Finding, Policy, PolicyContext, Severity

POLICY = Policy(
    title="Pods of teams run without privileges",
    severity=Severity.HIGH,
    rationale="A privileged container, a host path or a host namespace is the node, and with it every other team's pods.",
    fix="take the privilege away; agents that need it belong into the platform's own namespaces",
    targets=("kubernetes:core/v1:Pod",),
    controls=(Control("CIS EKS 1.8.0", "4.2.1"), Control("NIST SP 800-53", "SC-39"), Control("SOC 2", "CC6.8")),
)


def check(resource: Resource, context: PolicyContext) -> Iterator[Finding]:
    """No host namespaces, host paths, privileged containers or privilege escalation in a team's namespace."""
    teams = {team.namespace for team in context.environment.environment.teams}
    if get(resource.inputs, "metadata", "namespace") not in teams:
        return
    spec = resource.inputs["spec"]
    for key in ("hostNetwork", "hostPID", "hostIPC"):
        if spec.get(key):
            yield Finding(path=f"spec.{key}", got=True, want="false or absent")
    for volume in spec.get("volumes", ()):
        if "hostPath" in volume:
            yield Finding(path=f"spec.volumes[{volume['name']}]", got=volume["hostPath"], want="no hostPath")
    for kind in ("initContainers", "containers"):
        for container in spec.get(kind, ()):
            yield from _container(f"spec.{kind}[{container['name']}]", container)


def _container(path: str, container: Mapping[str, Json]) -> Iterator[Finding]:
    context = container.get("securityContext", {})
    if context.get("privileged"):
        yield Finding(path=f"{path}.securityContext.privileged", got=True, want="false or absent")
    escalation = context.get("allowPrivilegeEscalation", True)
    if escalation is not False:
        yield Finding(path=f"{path}.securityContext.allowPrivilegeEscalation", got=escalation, want="false")
