"""What each role may do: to the state, to its own layer, and to nobody else's."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from components.bootstrap import names
from components.bootstrap.documents import LONGEST_POLICY, documents
from components.bootstrap.duties import Duties
from components.iam import policy_document
from tests.components.bootstrap.builders import ALIAS, BUCKET, duties, section, surroundings
from tests.support.aws_program import ACCOUNT, REGION
from tests.support.iam import Context, Request, allowed

LAYERS = names.APPLYING_LAYERS
STATE = f"arn:aws:s3:::{BUCKET}"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1"
STATE_KEY: Context = {"kms:ResourceAliases": (ALIAS,), "aws:ResourceTag/bedplate:layer": "bootstrap"}
LONGEST = "e" * names.LONGEST_ENVIRONMENT
# Managed policies that one role can have (IAM, default quota).
MOST_POLICIES = 10


def may(duty: str, action: str, resource: str, context: Context | None = None, *, of: Duties | None = None) -> bool:
    made = documents((of or duties()).statements(duty)).values()
    return allowed(made, Request(action, resource, context or {}))


def checkpoint(stack: str) -> str:
    return f"{STATE}/.pulumi/stacks/bedplate/{stack}.json"


@pytest.mark.parametrize("layer", LAYERS)
def test_a_layer_writes_its_own_stack_and_no_other(layer: str) -> None:
    assert may(layer, "s3:PutObject", checkpoint(f"prod.{layer}"))
    for other in ("dev", "prod", *(f"prod.{name}" for name in LAYERS if name != layer), f"prod.{layer}2"):
        assert not may(layer, "s3:PutObject", checkpoint(other))
        assert not may(layer, "s3:DeleteObject", checkpoint(other))


def test_upper_layers_read_the_cluster_s_stack_which_holds_the_kubeconfig_and_nothing_beside_it() -> None:
    readable = {
        layer: [other for other in LAYERS if may(layer, "s3:GetObject", checkpoint(f"prod.{other}"))]
        for layer in LAYERS
    }

    assert readable == {
        "bootstrap": ["bootstrap"],
        "cluster": ["cluster"],
        "platform": ["cluster", "platform"],
        "models": ["cluster", "models"],
    }


def test_a_plan_reads_every_stack_of_its_environment_and_writes_nothing() -> None:
    for layer in LAYERS:
        assert may("plan", "s3:GetObject", checkpoint(f"prod.{layer}"))
        assert not may("plan", "s3:PutObject", checkpoint(f"prod.{layer}"))
    assert not may("plan", "s3:GetObject", checkpoint("dev.cluster"))
    assert may("plan", "kms:Decrypt", KEY, STATE_KEY)
    assert not may("plan", "kms:Encrypt", KEY, STATE_KEY)


def test_a_plan_changes_nothing_at_all() -> None:
    reading = ("Describe", "Get", "List", "Decrypt")
    actions = {action for statement in duties().statements("plan") for action in statement.actions}

    assert len(actions) > 40
    assert [action for action in sorted(actions) if not action.partition(":")[2].startswith(reading)] == []


def test_whoever_may_list_stacks_is_told_that_one_does_not_exist() -> None:
    assert may("models", "s3:ListBucket", STATE)
    assert may("models", "s3:ListBucket", STATE, {"s3:prefix": ".pulumi/stacks/"})
    assert not may("models", "s3:ListBucket", STATE, {"s3:prefix": "secrets/"})


@pytest.mark.parametrize("layer", [layer for layer in LAYERS if layer != "bootstrap"])
@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("s3:DeleteBucket", STATE),
        ("s3:PutBucketPolicy", STATE),
        ("s3:PutLifecycleConfiguration", STATE),
        ("s3:DeleteObjectVersion", checkpoint("prod.cluster")),
        ("s3:BypassGovernanceRetention", checkpoint("prod.cluster")),
        ("kms:ScheduleKeyDeletion", KEY),
        ("kms:PutKeyPolicy", KEY),
        ("kms:CreateGrant", KEY),
        ("kms:DeleteAlias", KEY),
        ("iam:PutRolePolicy", names.role_arn(ACCOUNT, "prod", "models")),
        ("iam:UpdateAssumeRolePolicy", names.role_arn(ACCOUNT, "prod", "bootstrap")),
        ("iam:PassRole", names.role_arn(ACCOUNT, "prod", "cluster")),
        ("iam:CreatePolicyVersion", names.boundary_arn(ACCOUNT, "prod", "models")),
    ],
)
def test_what_bootstrap_made_is_out_of_reach_of_the_other_layers(layer: str, action: str, resource: str) -> None:
    context: Context = {
        **STATE_KEY,
        "aws:ResourceTag/bedplate:environment": "prod",
        "iam:PermissionsBoundary": names.boundary_arn(ACCOUNT, "prod", layer),
        "iam:PassedToService": "eks.amazonaws.com",
    }

    assert not may(layer, action, resource, context)
    # A wider right from elsewhere does not open it either.
    wide = json.dumps({"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
    made = [*documents(duties().statements(layer)).values(), wide]
    assert not allowed(made, Request(action, resource, context))


ROLE = f"arn:aws:iam::{ACCOUNT}:role/bedplate-prod-model-research-chat"
OWN = {"iam:PermissionsBoundary": names.boundary_arn(ACCOUNT, "prod", "models")}


def test_a_role_is_made_with_the_boundary_of_its_layer_or_not_at_all() -> None:
    assert may("models", "iam:CreateRole", ROLE, OWN)
    assert not may("models", "iam:CreateRole", ROLE)
    for other in (
        names.boundary_arn(ACCOUNT, "prod", "cluster"),
        names.boundary_arn(ACCOUNT, "dev", "models"),
        "arn:aws:iam::aws:policy/AdministratorAccess",
    ):
        assert not may("models", "iam:CreateRole", ROLE, {"iam:PermissionsBoundary": other})


@pytest.mark.parametrize("action", ["iam:PutRolePolicy", "iam:UpdateAssumeRolePolicy", "iam:DeleteRole"])
def test_a_role_of_another_layer_is_left_alone(action: str) -> None:
    node = f"arn:aws:iam::{ACCOUNT}:role/bedplate-prod-node-system"
    cluster = {"iam:PermissionsBoundary": names.boundary_arn(ACCOUNT, "prod", "cluster")}

    assert may("models", action, ROLE, OWN)
    assert not may("models", action, node, cluster)
    assert not may("models", action, node, OWN)
    assert not may("models", action, ROLE, cluster)


@pytest.mark.parametrize("layer", ["cluster", "models"])
def test_no_layer_takes_a_boundary_off_or_leaves_it_for_another(layer: str) -> None:
    role = ROLE if layer == "models" else f"arn:aws:iam::{ACCOUNT}:role/bedplate-prod-node-system"
    boundary = {"iam:PermissionsBoundary": names.boundary_arn(ACCOUNT, "prod", layer)}

    assert may(layer, "iam:PutRolePermissionsBoundary", role, boundary)
    assert not may(layer, "iam:DeleteRolePermissionsBoundary", role, boundary)
    assert not may(layer, "iam:PutRolePermissionsBoundary", role, {"iam:PermissionsBoundary": "arn:wide"})


def test_only_policies_that_components_attach_can_be_attached() -> None:
    node = f"arn:aws:iam::{ACCOUNT}:role/bedplate-prod-node-system"
    boundary = {"iam:PermissionsBoundary": names.boundary_arn(ACCOUNT, "prod", "cluster")}

    def attach(policy: str) -> bool:
        return may("cluster", "iam:AttachRolePolicy", node, {**boundary, "iam:PolicyARN": policy})

    assert attach("arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy")
    assert not attach("arn:aws:iam::aws:policy/AdministratorAccess")
    assert not attach(f"arn:aws:iam::{ACCOUNT}:policy/bedplate/prod/bedplate-prod-deploy-cluster-iam")


def test_policies_that_the_environment_names_for_add_ons_can_be_attached_too() -> None:
    own = f"arn:aws:iam::{ACCOUNT}:policy/volumes"
    addon = f"arn:aws:iam::{ACCOUNT}:role/bedplate-prod-addon-aws-ebs-csi-driver"
    boundary = {"iam:PermissionsBoundary": names.boundary_arn(ACCOUNT, "prod", "cluster"), "iam:PolicyARN": own}

    assert may("cluster", "iam:AttachRolePolicy", addon, boundary, of=duties(around=surroundings(policies=(own,))))
    assert not may("cluster", "iam:AttachRolePolicy", addon, boundary)
    assert not may(
        "models",
        "iam:AttachRolePolicy",
        ROLE,
        {**OWN, "iam:PolicyARN": own},
        of=duties(around=surroundings(policies=(own,))),
    )


def test_a_role_goes_to_the_services_of_its_layer_only() -> None:
    node = f"arn:aws:iam::{ACCOUNT}:role/bedplate-prod-node-system"

    assert may("cluster", "iam:PassRole", node, {"iam:PassedToService": "ec2.amazonaws.com"})
    assert not may("cluster", "iam:PassRole", node, {"iam:PassedToService": "lambda.amazonaws.com"})
    assert may("models", "iam:PassRole", ROLE, {"iam:PassedToService": "pods.eks.amazonaws.com"})
    assert not may("models", "iam:PassRole", node, {"iam:PassedToService": "pods.eks.amazonaws.com"})


def test_content_of_stores_is_destroyed_only_where_it_may_be_lost() -> None:
    weights = f"arn:aws:s3:::bedplate-prod-{ACCOUNT}-weights/model.safetensors"

    assert not may("cluster", "s3:DeleteObjectVersion", weights)
    assert may("cluster", "s3:DeleteObjectVersion", weights, of=duties(purge=True))
    assert not may("cluster", "s3:GetObject", weights, of=duties(purge=True))


def test_the_company_s_own_boundary_takes_the_place_of_ours() -> None:
    own = "arn:aws:iam::111122223333:policy/workload-boundary"
    made = duties(spec=section(permissionsBoundary=own))

    assert may("models", "iam:CreateRole", ROLE, {"iam:PermissionsBoundary": own}, of=made)
    assert not may("models", "iam:CreateRole", ROLE, OWN, of=made)


@pytest.mark.parametrize("environment", ["prod", LONGEST])
@pytest.mark.parametrize("duty", ["plan", *LAYERS])
def test_every_policy_fits_and_a_role_has_no_more_than_iam_takes(environment: str, duty: str) -> None:
    made = documents(duties(environment, purge=True).statements(duty))

    assert {name: len(text) for name, text in made.items() if len(text) > LONGEST_POLICY} == {}
    assert 0 < len(made) <= MOST_POLICIES


@pytest.mark.parametrize("layer", names.ROLE_MAKERS)
def test_a_boundary_fits_into_one_policy(layer: str) -> None:
    keys = tuple(
        f"arn:aws:kms:ap-southeast-7:{ACCOUNT}:key/{n:08}-{'1111-' * 3}{n:012}" for n in range(names.MOST_DISK_KEYS)
    )
    made = replace(duties(LONGEST, around=surroundings(LONGEST, disk_keys=keys)), region="ap-southeast-7")

    assert len(policy_document(made.boundary(layer))) <= LONGEST_POLICY


def test_the_cluster_layer_ties_its_vpc_to_the_zones_of_endpoints_with_private_dns() -> None:
    action, vpc = "route53:AssociateVPCWithHostedZone", f"arn:aws:ec2:{REGION}:{ACCOUNT}:vpc/vpc-1"

    assert may("cluster", action, vpc)
    assert may("cluster", action, "arn:aws:route53:::hostedzone/Z1")
    assert not may("models", action, vpc)
    assert not may("cluster", action, vpc.replace(REGION, "eu-west-1"))
    assert not may("cluster", "route53:ChangeResourceRecordSets", "arn:aws:route53:::hostedzone/Z1")


def bounded(layer: str, action: str, resource: str, context: Context | None = None) -> bool:
    """Whether a role that `layer` made for itself, with any policy, could do it."""
    return allowed([policy_document(duties().boundary(layer))], Request(action, resource, context or {}))


EC2 = f"arn:aws:ec2:{REGION}:{ACCOUNT}"


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("ec2:TerminateInstances", f"{EC2}:instance/i-1"),
        ("ec2:DeleteVolume", f"{EC2}:volume/vol-1"),
        ("ec2:AttachVolume", f"{EC2}:volume/vol-1"),
        ("ec2:DeleteSecurityGroup", f"{EC2}:security-group/sg-1"),
        ("ec2:ModifyInstanceAttribute", f"{EC2}:instance/i-1"),
        ("elasticloadbalancing:DeleteLoadBalancer", f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:loadbalancer/a"),
    ],
)
def test_a_role_that_a_layer_makes_for_itself_changes_nothing_of_another_environment(
    action: str, resource: str
) -> None:
    assert bounded("cluster", action, resource, {"aws:ResourceTag/bedplate:environment": "prod"})
    assert not bounded("cluster", action, resource, {"aws:ResourceTag/bedplate:environment": "dev"})


def test_a_role_that_a_layer_makes_for_itself_tags_what_it_makes_and_takes_over_nothing_that_is_there() -> None:
    machine, name = f"{EC2}:instance/i-1", "bedplate:environment"
    asked: Context = {f"aws:RequestTag/{name}": "prod", "aws:TagKeys": (name, "Name")}

    assert bounded("cluster", "ec2:CreateTags", machine, {**asked, "ec2:CreateAction": "RunInstances"})
    assert bounded("cluster", "ec2:CreateTags", machine, {"aws:TagKeys": ("Name",)})
    assert not bounded("cluster", "ec2:CreateTags", machine, asked)


def test_a_role_that_a_layer_makes_for_itself_reads_no_parameters_queues_and_weights_of_others() -> None:
    ssm = f"arn:aws:ssm:{REGION}"
    queue = f"arn:aws:sqs:{REGION}:{ACCOUNT}"
    tagged: Context = {"aws:ResourceTag/bedplate:environment": "prod"}

    assert bounded("cluster", "ssm:GetParameter", f"{ssm}::parameter/aws/service/eks/optimized-ami/1.35/x")
    assert not bounded("cluster", "ssm:GetParameter", f"{ssm}:{ACCOUNT}:parameter/payments/database-password")
    assert bounded("cluster", "sqs:ReceiveMessage", f"{queue}:bedplate-prod-karpenter")
    assert not bounded("cluster", "sqs:ReceiveMessage", f"{queue}:orders")
    assert bounded("models", "kms:Decrypt", KEY, tagged)
    assert not bounded("models", "kms:Decrypt", KEY)
    assert not bounded("cluster", "ec2:TerminateInstances", f"{EC2}:instance/i-1")


def test_a_key_is_tagged_while_it_is_made_and_not_one_that_somebody_calls_by_an_alias() -> None:
    asked: Context = {"aws:RequestTag/bedplate:environment": "prod"}

    assert may("cluster", "kms:TagResource", KEY, asked)
    assert not may("cluster", "kms:TagResource", KEY, {**asked, "kms:ResourceAliases": ("alias/payments",)})
    assert may("cluster", "kms:TagResource", KEY, {**asked, "aws:ResourceTag/bedplate:environment": "prod"})
    assert not may("cluster", "kms:TagResource", KEY, {**asked, "aws:ResourceTag/bedplate:environment": "dev"})


def test_a_key_of_others_that_the_cluster_names_is_lent_to_it_whatever_tags_it_carries() -> None:
    theirs = "arn:aws:kms:us-east-1:444455556666:key/0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"
    named = duties(around=surroundings(cluster_keys=(theirs,)))

    for action in ("kms:CreateGrant", "kms:DescribeKey"):
        assert may("cluster", action, theirs, of=named)
        assert not may("cluster", action, theirs)
        assert not may("models", action, theirs, of=named)
    assert not may("cluster", "kms:ScheduleKeyDeletion", theirs, of=named)


def test_the_boundary_lets_karpenter_use_the_keys_that_its_pools_name() -> None:
    made = duties(around=surroundings(disk_keys=(KEY,)))

    assert allowed([policy_document(made.boundary("cluster"))], Request("kms:CreateGrant", KEY))
    assert not bounded("cluster", "kms:CreateGrant", KEY)


def test_what_stands_around_a_cluster_that_others_made_is_known_by_that_cluster_s_name() -> None:
    made = duties(around=surroundings(cluster="ml-platform"))
    boundary = {"iam:PermissionsBoundary": names.boundary_arn(ACCOUNT, "prod", "cluster")}

    assert may("cluster", "iam:CreateRole", f"arn:aws:iam::{ACCOUNT}:role/ml-platform-node-l4", boundary, of=made)
    assert may("cluster", "eks:CreateNodegroup", f"arn:aws:eks:{REGION}:{ACCOUNT}:cluster/ml-platform", of=made)
    assert may("models", "eks:DescribeCluster", f"arn:aws:eks:{REGION}:{ACCOUNT}:cluster/ml-platform", of=made)
    assert may("cluster", "kms:CreateAlias", f"arn:aws:kms:{REGION}:{ACCOUNT}:alias/bedplate-prod-weights", of=made)


@pytest.mark.parametrize("duty", ["plan", *LAYERS])
def test_everything_is_allowed_on_named_objects_but_for_what_aws_cannot_keep_to_any(duty: str) -> None:
    everywhere = {
        action for s in duties().statements(duty) if s.effect == "Allow" and "*" in s.resources for action in s.actions
    }

    unkept = ("ec2:Describe", "kms:ListAliases", "logs:DescribeLogGroups", "kms:CreateKey")
    assert [action for action in sorted(everywhere) if not action.startswith(unkept)] == []
    assert not any("*" in action for s in duties().statements(duty) if s.effect == "Allow" for action in s.actions)


def test_statement_ids_differ_within_a_role() -> None:
    for duty in ("plan", *LAYERS):
        ids = [statement.sid for statement in duties().statements(duty)]
        assert len(ids) == len(set(ids))
        assert all(sid.isalnum() for sid in ids)
