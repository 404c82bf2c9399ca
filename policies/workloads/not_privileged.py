"""Pods of teams get nothing that lets them out of their container."""

from __future__ import annotations

from collections.abc import Iterator

from bedplate.graph.derive.expand import POD_TYPE
from bedplate.graph.resource import Resource
from bedplate.graph.values import Json, get, is_opaque
from bedplate.policy.pods import containers, volumes
from bedplate.policy.policy import Control, Finding, Policy, PolicyContext, Severity, unknown

POLICY = Policy(
    title="Pods of teams run without privileges",
    severity=Severity.HIGH,
    rationale="A privileged container, a host path or a host namespace is the node, and with it every other team's "
    "pods.",
    fix="take the privilege away; agents that need it belong into the platform's own namespaces",
    targets=(POD_TYPE,),
    controls=(
        Control("CIS EKS 1.8.0", "4.2.1"),
        Control("CIS EKS 1.8.0", "4.2.2"),
        Control("CIS EKS 1.8.0", "4.2.3"),
        Control("CIS EKS 1.8.0", "4.2.4"),
        Control("CIS EKS 1.8.0", "4.2.5"),
        Control("NIST SP 800-53", "SC-39"),
        Control("SOC 2", "CC6.8"),
    ),
)

# What the level "baseline" of the Pod Security Standards lets a container add.
_HARMLESS = (
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
)
_HOST_NAMESPACES = ("hostIPC", "hostNetwork", "hostPID")
_OFF = "false or absent"
_WANT_CAPABILITY = "none, or one that Pod Security allows at level baseline"


def check(resource: Resource, context: PolicyContext) -> Iterator[Finding]:
    """In a team's namespace: no host namespaces or paths, no privileged container, escalation or strong capability."""
    namespace = get(resource.inputs, "metadata", "namespace")
    if not is_opaque(namespace) and namespace not in context.team_namespaces:
        return
    for key in _HOST_NAMESPACES:
        yield from _expect(f"spec.{key}", get(resource.inputs, "spec", key), (False, None), _OFF)
    for path, volume in volumes(resource):
        yield from _expect(f"{path}.hostPath", get(volume, "hostPath"), (None,), "no hostPath")
    for path, container in containers(resource):
        yield from _container(f"{path}.securityContext", get(container, "securityContext"))


def _container(path: str, security: Json) -> Iterator[Finding]:
    # Escalation is allowed where nothing is said.
    escalation = get(security, "allowPrivilegeEscalation")
    yield from _expect(f"{path}.allowPrivilegeEscalation", escalation, (False,), "false")
    yield from _expect(f"{path}.privileged", get(security, "privileged"), (False, None), _OFF)
    added = get(security, "capabilities", "add") or ()
    for index, capability in enumerate([added] if is_opaque(added) else added):
        yield from _expect(f"{path}.capabilities.add[{index}]", capability, _HARMLESS, _WANT_CAPABILITY)


def _expect(path: str, got: Json, allowed: tuple[Json, ...], want: str) -> Iterator[Finding]:
    if is_opaque(got):
        yield unknown(path, want, got)
    elif got not in allowed:
        yield Finding(path=path, got=got, want=want)
