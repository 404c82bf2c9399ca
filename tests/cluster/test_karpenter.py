"""A real API server takes the NodePools and EC2NodeClasses of pools, and Karpenter's own chart what it is told."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bedplate.cli.pipeline import recorded
from bedplate.environment.karpenter import CONTROLLER
from bedplate.environment.load import load
from bedplate.environment.resolve import ResolvedEnvironment
from bedplate.environment.sections import ChartAddonSpec
from bedplate.environment.vendored import manifests
from bedplate.graph.kubernetes import KubernetesObject, kubernetes_objects, portable_manifest
from bedplate.lock.helm import template
from components.karpenter.objects import NODE_POOL_API, node_class_spec, node_pool_name, node_pool_spec
from components.karpenter.rights import controller_policy
from tests.components.karpenter.pools import karpenter_pool, nodes
from tests.contracts.everything import everything
from tests.lock.charts import path_with_helm
from tests.support.controlplane.client import KubeClient, KubeError
from tests.support.controlplane.controlplane import ControlPlane
from tests.support.controlplane.upstream import karpenter_definitions
from tests.support.environments import ROOT
from tests.support.karpenter import with_karpenter
from tests.toolchain.toolchain import module_dir

pytestmark = pytest.mark.cluster

DEADLINE = 60.0
KINDS = ("EC2NodeClass", "NodePool")
ROCKET = {"family": "bottlerocket", "release": "1.53.0-0a1b2c3d"}
KEY = "arn:aws:kms:us-east-1:111122223333:key/0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f"
# Instance profiles are made beforehand; zonal shift, and what Karpenter's own tests and builds do, are not used.
NOT_USED = {
    "arczonalshift:GetManagedResource",
    "iam:AddRoleToInstanceProfile",
    "iam:CreateInstanceProfile",
    "iam:DeleteInstanceProfile",
    "iam:GetRole",
    "iam:RemoveRoleFromInstanceProfile",
    "iam:TagInstanceProfile",
    "sqs:SendMessage",
    "timestreamwrite:WriteRecords",
}
STATIC: dict[str, Any] = {"replicas": 2, "limits": {"nodes": 3}}
POOLS: dict[str, dict[str, Any]] = {
    "by default": {},
    "with every limit": {"limits": {"nodes": 4, "cpu": 64, "memoryGib": 512, "gpus": 4}, "weight": 100},
    "of every capacity": {
        "capacity": ["onDemand", "spot", "reserved"],
        "reservations": ["cr-0a1b2c3d", "cr-0a1b2c3d4e5f60718"],
    },
    "with budgets": {
        "disruption": {
            "when": "emptyOrUnderutilized",
            "after": "1h30m",
            "budgets": [
                {"nodes": "10%"},
                {
                    "nodes": "0",
                    "reasons": ["empty", "underutilized", "drifted"],
                    "schedule": "@daily",
                    "duration": "10h",
                },
                {"nodes": "1", "schedule": "0 8 * * 1-5", "duration": "8h30m"},
            ],
        },
        "expireAfter": "Never",
        "terminationGracePeriod": "1h30m",
    },
    "that never consolidates": {"disruption": {"after": "Never"}},
    "with disks and pods": {
        "disk": {"gib": 300, "iops": 4000, "throughputMibs": 500, "kmsKeyArn": KEY},
        "instanceStore": "raid0",
        "kubelet": {"maxPods": 110},
    },
    "with marks": {
        "labels": {"example.org/rack": "a", "empty": ""},
        "taints": [{"key": "example.org/dedicated", "effect": "NoExecute"}],
    },
    "of a fixed number": STATIC,
    "shared by time": {**STATIC, "sharing": {"timeSlicing": {"replicas": 4}}},
    "of Bottlerocket": {"ami": ROCKET},
    "of Bottlerocket shared by time": {**STATIC, "ami": ROCKET, "sharing": {"timeSlicing": {"replicas": 4}}},
}


@pytest.fixture(scope="module")
def client() -> Iterator[KubeClient]:
    """Client of a control plane that knows Karpenter's kinds beside Kubernetes' own."""
    with ControlPlane() as plane:
        plane.start(with_kserve=False)
        plane.install_definitions(karpenter_definitions())
        yield plane.client


def objects(fields: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Both objects of a pool with such an entry."""
    spec = karpenter_pool(**fields)
    made_of = node_class_spec(
        spec, nodes(), cluster="dev", instance_profile="dev-karpenter-node", tags={"bedplate:owner": "platform-team"}
    )
    yield {
        "apiVersion": "karpenter.k8s.aws/v1",
        "kind": "EC2NodeClass",
        "metadata": {"name": spec.name},
        "spec": made_of,
    }
    yield {
        "apiVersion": NODE_POOL_API,
        "kind": "NodePool",
        "metadata": {"name": node_pool_name(spec)},
        "spec": node_pool_spec(spec, nodes()),
    }


@pytest.mark.parametrize("fields", POOLS.values(), ids=list(POOLS))
def test_the_objects_of_a_pool_pass_a_strict_dry_run(fields: dict[str, Any], client: KubeClient) -> None:
    for manifest in objects(fields):
        client.apply(manifest, dry_run=True)


def planned(resolved: ResolvedEnvironment) -> list[KubernetesObject]:
    return [item for item in kubernetes_objects(recorded(resolved)) if item.kind in KINDS]


def test_what_the_shipped_production_plans_passes_a_strict_dry_run(client: KubeClient) -> None:
    found = planned(load(ROOT, "prod"))

    assert [str(item.id) for item in found] == ["EC2NodeClass general", "NodePool general"]
    for item in found:
        client.apply(portable_manifest(item), dry_run=True)


def test_so_does_the_environment_in_which_every_leaf_has_a_value(client: KubeClient, tmp_path: Path) -> None:
    found = planned(load(everything(tmp_path), "dev"))

    assert len(found) == 2 * 4
    for item in found:
        client.apply(portable_manifest(item), dry_run=True)


def test_a_field_that_karpenter_does_not_know_would_be_refused(client: KubeClient) -> None:
    node_class, node_pool = objects({})
    for manifest in ({**node_class, "spec": {**node_class["spec"], "efa": 1}}, {**node_pool, "spec": {"replica": 1}}):
        with pytest.raises(KubeError):
            client.apply(manifest, dry_run=True)


def test_no_pool_goes_from_a_free_number_of_nodes_to_a_fixed_one_under_its_name(client: KubeClient) -> None:
    _, free = objects({})
    _, fixed = objects(STATIC)
    client.apply(free)
    try:
        with pytest.raises(KubeError, match="Cannot transition NodePool between static"):
            client.apply({**free, "spec": fixed["spec"]}, dry_run=True)
        client.apply(fixed, dry_run=True)
    finally:
        client.delete(NODE_POOL_API, "NodePool", "burst")


def test_the_controller_may_call_what_its_program_calls_and_nothing_more() -> None:
    """Methods of the interfaces by which Karpenter reaches AWS, less those of features that are not in use here."""
    source = (module_dir("karpenter") / "pkg/aws/sdk.go").read_text(encoding="utf-8")
    calls = {f"{service}:{name}" for name, service in re.findall(r"^\t([A-Z]\w+)\(.*\*(\w+)\.\1Input,", source, re.M)}
    text = controller_policy(cluster="dev", region="us-east-1", account="111122223333", queue="dev-karpenter")
    allowed = {action for item in json.loads(text)["Statement"] for action in item["Action"]}

    assert len(calls) > 25
    assert calls - allowed == NOT_USED
    assert allowed - calls == set()


def test_karpenter_s_controller_is_told_what_follows_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", path_with_helm())
    changes = {"connectivity": "private", "network": {"cidr": "10.40.0.0/16"}, "models": []}
    resolved = with_karpenter(tmp_path, changes, limits={"nodes": 3}, replicas=2)
    (addon,) = (item for item in resolved.environment.addons if item.name == CONTROLLER)
    assert isinstance(addon, ChartAddonSpec)

    text = template(addon, module_dir("karpenter") / "charts/karpenter", kubernetes="1.35.0")
    made = {(item["kind"], item["metadata"]["name"]): item for item in manifests(text)}
    (container,) = made["Deployment", "karpenter"]["spec"]["template"]["spec"]["containers"]
    told = {item["name"]: item.get("value") for item in container["env"]}
    assert (told["CLUSTER_NAME"], told["INTERRUPTION_QUEUE"]) == ("bedplate-dev", "bedplate-dev-karpenter")
    assert told["ISOLATED_VPC"] == "true"
    assert "StaticCapacity=true" in str(told["FEATURE_GATES"])
    assert ("ServiceAccount", "karpenter") in made
