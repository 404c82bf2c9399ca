"""Whoever makes the cluster does not thereby own it."""

from __future__ import annotations

from collections.abc import Iterator

from bedplate.graph.resource import Resource
from bedplate.graph.values import Json, get, is_opaque
from bedplate.policy.policy import Control, Finding, Policy, PolicyContext, Severity, unknown

POLICY = Policy(
    title="Rights in the cluster come from access entries alone",
    severity=Severity.HIGH,
    rationale="The creator's rights are in no file, outlive the pipeline that made the cluster, and nobody can take "
    "them away. The aws-auth ConfigMap is a second list that anyone with write access to it can extend.",
    fix="let Bedplate's cluster component make the cluster: it uses access entries and gives the creator nothing",
    targets=("aws:eks/cluster:Cluster",),
    controls=(Control("CIS EKS 1.8.0", "5.5.1"), Control("NIST SP 800-53", "AC-6"), Control("SOC 2", "CC6.3")),
)

_WANTED: dict[str, Json] = {"authenticationMode": "API", "bootstrapClusterCreatorAdminPermissions": False}


def check(resource: Resource, context: PolicyContext) -> Iterator[Finding]:
    """Access entries only, and none for the creator. AWS does the opposite of both unless told."""
    config = get(resource.inputs, "accessConfig")
    for key, want in _WANTED.items():
        path, got = f"accessConfig.{key}", config if is_opaque(config) else get(config, key)
        if is_opaque(got):
            yield unknown(path, str(want), got)
        elif got != want:
            yield Finding(path=path, got=got, want=str(want))
