"""What Karpenter's controller and its nodes need in the account."""

from __future__ import annotations

import json
from typing import Any

import pulumi_aws as aws
import pulumi_kubernetes as k8s
import pytest

from bedplate.graph.graph import Graph
from bedplate.graph.values import get
from bedplate.model.naming import check_name
from components.base import ClusterHandle
from components.karpenter import names
from components.karpenter.component import Karpenter
from tests.support.aws_program import ACCOUNT, REGION, named, needs, only, record_on_aws, unknown_paths

ROLE = "aws:iam/role:Role"
POLICY = "aws:iam/rolePolicy:RolePolicy"
ENTRY = "aws:eks/accessEntry:AccessEntry"
PROFILE = "aws:iam/instanceProfile:InstanceProfile"
QUEUE = "aws:sqs/queue:Queue"
QUEUE_POLICY = "aws:sqs/queuePolicy:QueuePolicy"
RULE = "aws:cloudwatch/eventRule:EventRule"
TARGET = "aws:cloudwatch/eventTarget:EventTarget"
IDENTITY = "aws:eks/podIdentityAssociation:PodIdentityAssociation"
QUEUE_ARN = f"arn:aws:sqs:{REGION}:{ACCOUNT}:dev-karpenter"


KEYS = tuple(f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{digit * 8}-1111-1111-1111-111111111111" for digit in "21")


def graph(cluster_name: str = "dev", **options: Any) -> Graph:
    """The Graph of a cluster with Karpenter."""

    def build(opts: Any) -> None:
        vpc = aws.eks.ClusterVpcConfigArgs(subnet_ids=["subnet-0a1b2c3d", "subnet-1a1b2c3d"])
        role = f"arn:aws:iam::{ACCOUNT}:role/cluster"
        made = aws.eks.Cluster("made", name=cluster_name, role_arn=role, vpc_config=vpc, opts=opts)
        provider = k8s.Provider("cluster", kubeconfig="{}")
        cluster = ClusterHandle(name=cluster_name, provider=provider, ready=(made,), made_name=made.name)
        Karpenter("karpenter", "kube-system", cluster=cluster, region=REGION, account=ACCOUNT, opts=opts, **options)

    return record_on_aws(build)


MADE = graph()


def statements(text: str) -> dict[str, dict[str, Any]]:
    """Statements of a policy by id."""
    return {item["Sid"]: item for item in json.loads(text)["Statement"]}


CONTROLLER = statements(named(MADE, POLICY, "karpenter-start-nodes").inputs["policy"])


def test_the_controller_s_role_is_for_its_service_account_in_this_cluster() -> None:
    trust = json.loads(named(MADE, ROLE, "karpenter-role").inputs["assumeRolePolicy"])["Statement"][0]

    assert trust["Principal"] == {"Service": "pods.eks.amazonaws.com"}
    assert trust["Condition"]["StringEquals"] == {
        "aws:RequestTag/eks-cluster-name": "dev",
        "aws:RequestTag/kubernetes-namespace": "kube-system",
        "aws:RequestTag/kubernetes-service-account": "karpenter",
    }
    identity = only(MADE, IDENTITY).inputs
    assert (identity["namespace"], identity["serviceAccount"]) == ("kube-system", "karpenter")


def test_the_controller_starts_what_it_tags_as_this_cluster_s_and_ends_nothing_else() -> None:
    owned = {"aws:ResourceTag/kubernetes.io/cluster/dev": "owned"}

    assert CONTROLLER["EndOwnNodes"]["Condition"]["StringEquals"] == owned
    assert CONTROLLER["StartFromOwnTemplates"]["Condition"]["StringEquals"] == owned
    assert CONTROLLER["StartTagged"]["Condition"]["StringEquals"] == {
        "aws:RequestTag/kubernetes.io/cluster/dev": "owned",
        "aws:RequestTag/eks:eks-cluster-name": "dev",
    }
    changing = {"ec2:TerminateInstances", "ec2:DeleteLaunchTemplate", "ec2:CreateTags", "ec2:CreateLaunchTemplate"}
    for statement in CONTROLLER.values():
        if changing & set(statement["Action"]):
            assert statement["Condition"]["StringLike"]


def test_the_controller_changes_nothing_of_iam_and_hands_one_role_to_ec2() -> None:
    over_iam = {sid: item["Action"] for sid, item in CONTROLLER.items() if any(a[:4] == "iam:" for a in item["Action"])}
    handing = statements(named(MADE, POLICY, "karpenter-pass-node-role").inputs["policy"])

    assert over_iam == {"ListProfiles": ["iam:ListInstanceProfiles"], "LookAtProfiles": ["iam:GetInstanceProfile"]}
    assert list(handing) == ["PassNodeRole"]
    assert handing["PassNodeRole"]["Action"] == ["iam:PassRole"]
    assert handing["PassNodeRole"]["Resource"] == [f"arn:aws:iam::{ACCOUNT}:role/dev-karpenter-node"]
    assert handing["PassNodeRole"]["Condition"] == {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}


@pytest.mark.parametrize("statement", CONTROLLER.values(), ids=lambda item: item["Sid"])
def test_only_look_ups_reach_everything(statement: dict[str, Any]) -> None:
    if "*" in statement["Resource"]:
        assert {action.partition(":")[2][:3] for action in statement["Action"]} <= {"Des", "Get", "Lis"}
    assert not any("*" in action for action in statement["Action"])


def test_the_policies_are_together_as_short_as_iam_wants_inline_policies() -> None:
    longest = graph(cluster_name="c" * 100, zonal_shift=True, disk_keys=KEYS)

    assert sum(len(item.inputs["policy"]) for item in longest.of_type(POLICY)) < 10_240


def test_nodes_join_with_a_role_that_can_join_and_pull_and_nothing_else() -> None:
    attached = {
        item.inputs["policyArn"].rpartition("/")[2]
        for item in MADE.of_type("aws:iam/rolePolicyAttachment:RolePolicyAttachment")
        if item.name.startswith("karpenter-node-role")
    }

    assert attached == {"AmazonEC2ContainerRegistryPullOnly", "AmazonEKSWorkerNodePolicy"}
    assert named(MADE, ENTRY, "karpenter-nodes").inputs["type"] == "EC2_LINUX"
    assert named(MADE, ENTRY, "karpenter-nodes").inputs["principalArn"].endswith(":role/dev-karpenter-node")


def test_the_instance_profile_is_made_beforehand() -> None:
    profile = only(MADE, PROFILE)

    assert (profile.inputs["name"], profile.inputs["role"]) == ("dev-karpenter-node", "dev-karpenter-node")
    assert "karpenter-node-role" in needs(MADE, profile)


def test_the_queue_is_encrypted_takes_what_the_rules_write_and_nothing_without_tls() -> None:
    policy = statements(only(MADE, QUEUE_POLICY).inputs["policy"])

    assert only(MADE, QUEUE).inputs["sqsManagedSseEnabled"] is True
    assert policy["WriteByRules"]["Principal"] == {"Service": "events.amazonaws.com"}
    assert policy["WriteByRules"]["Resource"] == [QUEUE_ARN]
    arns = policy["WriteByRules"]["Condition"]["ArnEquals"]["aws:SourceArn"]
    assert arns == [f"arn:aws:events:{REGION}:{ACCOUNT}:rule/{rule.inputs['name']}" for rule in MADE.of_type(RULE)]
    assert policy["DenyWithoutTls"]["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_everything_that_tells_of_machines_that_go_reaches_the_queue() -> None:
    patterns = [json.loads(rule.inputs["eventPattern"]) for rule in MADE.of_type(RULE)]

    assert {item["detail-type"][0] for item in patterns} == {
        "AWS Health Event",
        "EC2 Capacity Reservation Instance Interruption Warning",
        "EC2 Instance Rebalance Recommendation",
        "EC2 Instance State-change Notification",
        "EC2 Spot Instance Interruption Warning",
    }
    queue = only(MADE, QUEUE).urn
    assert all(queue in target.property_dependencies["arn"] for target in MADE.of_type(TARGET))
    assert len(MADE.of_type(TARGET)) == len(patterns)


def test_names_fit_even_where_the_cluster_has_the_longest_one() -> None:
    longest = graph(cluster_name="c" * 100)
    found = [
        ("sqsQueue", only(longest, QUEUE).inputs["name"]),
        ("iamInstanceProfile", only(longest, PROFILE).inputs["name"]),
        *(("eventRule", rule.inputs["name"]) for rule in longest.of_type(RULE)),
        *(("iamRole", role.inputs["name"]) for role in longest.of_type(ROLE)),
    ]

    assert [refusal for rule, name in found if (refusal := check_name(rule, name))] == []


def test_names_are_known_to_whoever_needs_them_before_anything_exists() -> None:
    assert names.queue_name("dev") == only(MADE, QUEUE).inputs["name"]
    assert names.instance_profile_name("dev") == only(MADE, PROFILE).inputs["name"]


def test_the_controller_can_read_the_queue_when_it_starts() -> None:
    policy = named(MADE, POLICY, "karpenter-start-nodes")

    assert "karpenter-interruptions" in needs(MADE, policy)
    assert get(CONTROLLER["ReadInterruptions"], "Resource") == [QUEUE_ARN]
    assert unknown_paths(policy) == set()


@pytest.mark.parametrize(("type_", "name"), [(ENTRY, "karpenter-nodes"), (IDENTITY, "karpenter-identity")])
def test_what_stands_in_the_cluster_names_it_by_its_own_output_and_goes_with_it(type_: str, name: str) -> None:
    made = named(MADE, "aws:eks/cluster:Cluster", "made").urn

    assert made in named(MADE, type_, name).property_dependencies["clusterName"]


def test_the_controller_sees_zonal_shifts_of_its_own_cluster_where_there_can_be_any() -> None:
    shifted = statements(named(graph(zonal_shift=True), POLICY, "karpenter-see-zonal-shifts").inputs["policy"])
    arn = f"arn:aws:eks:{REGION}:{ACCOUNT}:cluster/dev"

    assert shifted["SeeZonalShifts"]["Action"] == ["arc-zonal-shift:GetManagedResource"]
    assert shifted["SeeZonalShifts"]["Condition"] == {"StringEquals": {"arc-zonal-shift:ResourceIdentifier": arn}}
    assert {item.name for item in MADE.of_type(POLICY)} == {"karpenter-start-nodes", "karpenter-pass-node-role"}


def test_the_controller_has_ec2_encrypt_disks_with_the_keys_that_pools_name_and_no_others() -> None:
    keys = statements(named(graph(disk_keys=(*KEYS, KEYS[0])), POLICY, "karpenter-use-disk-keys").inputs["policy"])
    by_ec2 = {"kms:ViaService": f"ec2.{REGION}.amazonaws.com"}

    assert [item["Resource"] for item in keys.values()] == [sorted(KEYS), sorted(KEYS)]
    assert keys["UseDiskKeys"]["Condition"] == {"StringEquals": by_ec2}
    assert "kms:GenerateDataKeyWithoutPlaintext" in keys["UseDiskKeys"]["Action"]
    assert keys["LendDiskKeys"]["Condition"] == {
        "StringEquals": by_ec2,
        "Bool": {"kms:GrantIsForAWSResource": "true"},
    }
