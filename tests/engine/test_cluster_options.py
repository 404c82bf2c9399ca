"""The cluster component on the real engine: every option reaches the provider, and edits do what the plan says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from bedplate.cli.planning import replacement_rules
from bedplate.engine.recorder import record
from bedplate.graph.diff import Action, diff
from bedplate.graph.graph import Graph
from tests.engine.project import Project, new_project, steps
from tests.support.engine import EngineSandbox
from tests.support.environments import PLATFORM

pytestmark = [pytest.mark.engine, pytest.mark.xdist_group("cluster-options")]

CLUSTER = "aws:eks/cluster:Cluster"
ADDON, NODE_GROUP = "aws:eks/addon:Addon", "aws:eks/nodeGroup:NodeGroup"
PROGRAM = """
import json
import pulumi
import pulumi_aws as aws
from components.cluster.component import Cluster
from components.cluster.spec import ClusterSpec
from components.network.component import Network
from components.network.spec import NetworkSpec
from components.node_pool.component import NodeImage, NodePool
from components.node_pool.spec import NodePoolSpec
from tests.support.eks_addons import chosen
from components.cluster.addons import AddonChoice

provider = aws.Provider("aws", region="us-east-1", allowed_account_ids=["111122223333"])
options = pulumi.ResourceOptions(providers=[provider])
network = Network(
    "network",
    NetworkSpec(cidr="10.40.0.0/16"),
    zones=("us-east-1a", "us-east-1b"),
    region="us-east-1",
    account="111122223333",
    cluster_name="dev",
    opts=options,
)
addons = chosen({"aws-efs-csi-driver": AddonChoice(configuration={"controller": {"replicaCount": 2}})})
cluster = Cluster(
    "cluster",
    ClusterSpec.model_validate(json.loads(SPEC)),
    cluster_name="dev",
    version="1.35",
    region="us-east-1",
    account="111122223333",
    network=network.handle,
    addons=tuple(addons.values()),
    opts=options,
)
size = {"min": 1, "desired": 1, "max": 2}
pool = {"name": "system", "provisioner": "managed", "role": "system", "instanceTypes": ["m7i.large"], "size": size}
NodePool(
    "system",
    NodePoolSpec.model_validate(pool),
    cluster=cluster.handle,
    network=network.handle,
    zones=("us-east-1a", "us-east-1b"),
    image=NodeImage(kubernetes="1.35", ami_type="AL2023_x86_64_STANDARD", release="1.35.6-20260714"),
    gpu=None,
    account="111122223333",
    tags={},
    opts=options,
)
pulumi.export("kubeconfig", cluster.handle.kubeconfig)
"""
EVERYTHING: dict[str, Any] = {
    "kind": "eks",
    "support": "extended",
    "deletionProtection": True,
    "zonalShift": True,
    "controlPlaneTier": "tier-xl",
    "egress": "customerRouted",
    "serviceCidr": "172.20.0.0/16",
    "scheduler": {"scoring": "mostAllocated", "weights": {"cpu": 1, "nvidia.com/gpu": 10}},
    "apiServer": {"eventTtlMinutes": 30, "nodePorts": {"first": 31000, "last": 31999}},
    "hpaSyncSeconds": 10,
    "access": [
        {"name": "apply", "principal": "arn:aws:iam::111122223333:role/apply", "policy": "clusterAdmin"},
        {
            "name": "research",
            "group": "ML scientists",
            "principal": "arn:aws:iam::111122223333:role/research",
            "policy": "edit",
            "namespaces": ["research"],
            "kubernetesGroups": ["scientists"],
        },
    ],
    "oidc": {"name": "corporate", "issuer": "https://login.example.org", "clientId": "bedplate"},
}
EDITS: dict[str, dict[str, Any]] = {
    "nothing": {},
    "options that change in place": {
        "support": "standard",
        "zonalShift": False,
        "controlPlaneTier": "tier-2xl",
        "scheduler": {"scoring": "leastAllocated"},
        "apiServer": {"eventTtlMinutes": 10},
        "hpaSyncSeconds": 15,
    },
    "another range of Services": {"serviceCidr": "10.100.0.0/16"},
    "a key of one's own": {
        "encryption": {"keyArn": "arn:aws:kms:us-east-1:111122223333:key/0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"}
    },
    "another issuer": {"oidc": {"name": "corporate", "issuer": "https://id.example.org", "clientId": "bedplate"}},
    "one group less": {"access": EVERYTHING["access"][:1]},
}


def program(edit: str) -> str:
    """The program with the options of `edit` in place of its own."""
    spec = json.dumps({**EVERYTHING, **EDITS[edit]})
    return f"SPEC = {spec!r}\n{PROGRAM}"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """The program with every option, applied."""
    with EngineSandbox() as sandbox:
        made = new_project(sandbox, tmp_path_factory.mktemp("cluster") / "small", program("nothing"))
        made.up()
        yield made


def test_every_option_is_accepted_by_the_provider_and_stands_in_the_state(project: Project) -> None:
    (cluster,) = [item for item in project.state()["resources"] if item["type"] == CLUSTER]

    inputs = cluster["inputs"]
    assert inputs["vpcConfig"]["controlPlaneEgressMode"] == "CUSTOMER_ROUTED"
    assert inputs["controlPlaneScalingConfig"] == {"tier": "tier-xl"}
    assert inputs["kubeSchedulerConfig"]["nodeResourcesFit"]["scoringStrategy"]["type"] == "MostAllocated"
    assert inputs["kubeApiServerConfig"]["serviceNodePortRange"] == {"maxPort": 31999, "minPort": 31000}
    assert inputs["zonalShiftConfig"] == {"enabled": True}
    assert inputs["deletionProtection"] is True


def test_the_stacks_above_can_read_a_kubeconfig_without_a_secret(project: Project) -> None:
    config = json.loads(project.outputs()["kubeconfig"])

    assert config["current-context"] == "dev"
    assert config["users"][0]["user"].keys() == {"exec"}


def recorded(edit: str) -> Graph:
    code = compile(program(edit), "program", "exec")
    return record(lambda: exec(code, {}), stack="dev")


@pytest.mark.parametrize("edit", EDITS)
def test_the_engine_does_to_the_control_plane_what_the_plan_says(project: Project, edit: str) -> None:
    changes = {
        change.resource.type: change.action
        for change in diff(recorded("nothing"), recorded(edit), replacement_rules(PLATFORM))
        if change.resource.type == CLUSTER
    }
    project.write(program(edit))
    done = {operation for operation, _ in steps(project.events("preview"), CLUSTER)} - {"same"}

    replaced = {"create-replacement", "replace", "delete-replaced"}
    expected = {Action.UPDATE: {"update"}, Action.REPLACE: replaced}
    assert done <= expected.get(changes.get(CLUSTER, Action.CREATE), set())
    assert bool(done) == (CLUSTER in changes)


def test_what_stands_in_a_cluster_goes_before_it_and_comes_back_after_it(project: Project) -> None:
    edit = "another range of Services"
    planned = {
        change.resource.urn: change.action
        for change in diff(recorded("nothing"), recorded(edit), replacement_rules(PLATFORM))
        if change.resource.type in (CLUSTER, ADDON, NODE_GROUP)
    }
    assert set(planned.values()) == {Action.REPLACE}
    assert {urn.split("$")[-1].split("::")[0] for urn in planned} == {CLUSTER, ADDON, NODE_GROUP}

    project.write(program(edit))
    began = len(project.sandbox.aws.journal())
    project.up()
    journal = project.sandbox.aws.journal()[began:]
    kinds = [(line["operation"], line["type"]) for line in journal if line["type"] in (CLUSTER, ADDON, NODE_GROUP)]
    gone, made = kinds.index(("delete", CLUSTER)), kinds.index(("create", CLUSTER))
    assert {kind for operation, kind in kinds[:gone] if operation == "delete"} == {ADDON, NODE_GROUP}
    assert {kind for operation, kind in kinds[made + 1 :] if operation == "create"} == {ADDON, NODE_GROUP}
    assert {operation for operation, _ in kinds[:gone]} == {"delete"}
    remade = {line["urn"].rpartition("::")[2] for line in journal if line["operation"] == "create"}
    assert remade >= {urn.rpartition("::")[2] for urn in planned}
    assert project.is_clean()
