"""What no change of Bedplate can undercut: ``python -m tests.bench.floors sdk | record COUNT``.

`sdk` imports Pulumi's SDKs with the modules that `dev` uses; `record` also records COUNT plain typed resources.
"""

from __future__ import annotations

import sys
from importlib import import_module
from operator import attrgetter

import pulumi
import pulumi_kubernetes as k8s

from bedplate.engine.recorder import record
from bedplate.graph.graph import Graph
from bedplate.units.process import expect_short_life

# Modules of the SDKs that hold the types of `dev`'s resources. A test keeps the list complete.
MODULES = (
    "pulumi_aws.cloudwatch",
    "pulumi_aws.ec2",
    "pulumi_aws.eks",
    "pulumi_aws.iam",
    "pulumi_aws.kms",
    "pulumi_aws.s3",
    "pulumi_kubernetes.admissionregistration.v1",
    "pulumi_kubernetes.apiextensions",
    "pulumi_kubernetes.apps.v1",
    "pulumi_kubernetes.core.v1",
    "pulumi_kubernetes.networking.v1",
    "pulumi_kubernetes.rbac.v1",
)


def touch_sdk() -> None:
    """Load `MODULES` whole, as a program does: the SDKs load a module when something of it is read."""
    for name in MODULES:
        package, _, path = name.partition(".")
        attrgetter(f"{path}._utilities")(import_module(package))


def bare_loop(count: int) -> Graph:
    """`count` typed resources of a few values each, recorded; nothing around them."""

    def program() -> None:
        provider = k8s.Provider("cluster", kubeconfig="{}")
        opts = pulumi.ResourceOptions(provider=provider)
        for index in range(count):
            labels = {"app": f"item-{index}", "team": "floor"}
            metadata = k8s.meta.v1.ObjectMetaArgs(name=f"item-{index}", namespace="floor", labels=labels)
            k8s.core.v1.ConfigMap(f"item-{index}", metadata=metadata, data={"number": str(index)}, opts=opts)

    return record(program, stack="floor")


def main(kind: str, count: str = "0") -> None:
    expect_short_life()
    touch_sdk()
    if kind == "record":
        bare_loop(int(count))


if __name__ == "__main__":
    main(*sys.argv[1:])
