"""Ids and outputs of the made-up AWS objects."""

from dataclasses import replace

import pytest

from tests.support.fakeaws.account import Account, account_from_config, zone_id
from tests.support.fakeaws.facts import Subject
from tests.support.fakeaws.invokes import answer
from tests.support.fakeaws.schema import resource_schema
from tests.support.fakeaws.shapes import object_id, outputs, previewed_outputs
from tests.support.fakeaws.wire import UNKNOWN, Properties, Secret, Value

ACCOUNT = Account(region="eu-west-1", default_tags={"managed-by": "pulumi", "team": "default"})
CLUSTER = "aws:eks/cluster:Cluster"
LAUNCH_TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
VPC = "aws:ec2/vpc:Vpc"


def subject(token: str, inputs: Properties, **more: object) -> Subject:
    made = Subject(resource_schema(token), f"urn:pulumi:dev::p::{token}::thing", "thing", ACCOUNT, inputs)
    return replace(made, **more)  # type: ignore[arg-type]


def made(token: str, inputs: Properties, **more: object) -> Properties:
    thing = subject(token, inputs, **more)
    return outputs(replace(thing, id=thing.id or object_id(thing)))


@pytest.mark.parametrize(
    ("token", "inputs", "identifier", "arn"),
    [
        ("aws:s3/bucket:Bucket", {"bucket": "models"}, "models", "arn:aws:s3:::models"),
        (
            "aws:iam/role:Role",
            {"name": "nodes", "path": "/eks/"},
            "nodes",
            "arn:aws:iam::111122223333:role/eks/nodes",
        ),
        (
            "aws:iam/policy:Policy",
            {"name": "read"},
            "arn:aws:iam::111122223333:policy/read",
            "arn:aws:iam::111122223333:policy/read",
        ),
        (
            "aws:iam/openIdConnectProvider:OpenIdConnectProvider",
            {"url": "https://oidc.example/id/1"},
            "arn:aws:iam::111122223333:oidc-provider/oidc.example/id/1",
            "arn:aws:iam::111122223333:oidc-provider/oidc.example/id/1",
        ),
        (CLUSTER, {"name": "dev"}, "dev", "arn:aws:eks:eu-west-1:111122223333:cluster/dev"),
        (
            "aws:cloudwatch/logGroup:LogGroup",
            {"name": "/aws/eks/dev", "region": "eu-north-1"},
            "/aws/eks/dev",
            "arn:aws:logs:eu-north-1:111122223333:log-group:/aws/eks/dev",
        ),
        ("aws:sns/topic:Topic", {"name": "jobs"}, "jobs", "arn:aws:sns:eu-west-1:111122223333:topic/jobs"),
    ],
)
def test_ids_and_arns_have_the_form_of_their_service(token: str, inputs: Properties, identifier: str, arn: str) -> None:
    assert object_id(subject(token, inputs)) == identifier
    assert made(token, inputs)["arn"] == arn


@pytest.mark.parametrize(
    ("token", "inputs", "identifier"),
    [
        ("aws:eks/nodeGroup:NodeGroup", {"clusterName": "dev", "nodeGroupName": "gpu"}, "dev:gpu"),
        ("aws:eks/addon:Addon", {"clusterName": "dev", "addonName": "vpc-cni"}, "dev:vpc-cni"),
        (
            "aws:eks/accessPolicyAssociation:AccessPolicyAssociation",
            {"clusterName": "dev", "principalArn": "arn:a", "policyArn": "arn:b"},
            "dev#arn:a#arn:b",
        ),
        (
            "aws:eks/identityProviderConfig:IdentityProviderConfig",
            {"clusterName": "dev", "oidc": {"identityProviderConfigName": "corporate"}},
            "dev:corporate",
        ),
        ("aws:budgets/budget:Budget", {"name": "month"}, "111122223333:month"),
        ("aws:iam/rolePolicy:RolePolicy", {"role": "nodes", "name": "pull"}, "nodes:pull"),
    ],
)
def test_compound_ids_hold_their_parts(token: str, inputs: Properties, identifier: str) -> None:
    assert object_id(subject(token, inputs)) == identifier


def test_an_id_is_the_same_for_the_same_object_and_another_for_its_replacement() -> None:
    first = object_id(subject(VPC, {}))
    assert first.startswith("vpc-")
    assert len(first) == len("vpc-") + 17
    assert object_id(subject(VPC, {})) == first
    assert object_id(subject(VPC, {}, generation=1)) != first
    assert object_id(subject(VPC, {}, urn="another")) != first


def test_a_secret_name_does_not_get_into_the_id() -> None:
    bucket = subject("aws:s3/bucket:Bucket", {"bucket": Secret("hidden")})
    assert object_id(bucket).startswith("bucket-")
    assert "hidden" not in object_id(bucket)


def test_what_follows_from_a_secret_input_is_secret() -> None:
    bucket = made("aws:s3/bucket:Bucket", {"bucket": Secret("hidden")})
    assert bucket["bucketDomainName"] == Secret("hidden.s3.amazonaws.com")
    assert bucket["arn"] == Secret("arn:aws:s3:::hidden")
    assert bucket["bucketRegion"] == "eu-west-1"
    assert all("hidden" not in repr(value) for value in bucket.values())


@pytest.mark.parametrize(
    ("tags", "all_tags"),
    [
        (None, {"managed-by": "pulumi", "team": "default"}),
        ({"team": "a"}, {"managed-by": "pulumi", "team": "a"}),
        ({"team": Secret("a")}, {"managed-by": "pulumi", "team": Secret("a")}),
        (Secret({"team": "a"}), Secret({"managed-by": "pulumi", "team": "a"})),
    ],
)
def test_all_tags_are_the_providers_and_the_objects_and_keep_their_secrets(tags: Value, all_tags: Value) -> None:
    inputs: Properties = {} if tags is None else {"tags": tags}
    assert made(VPC, inputs)["tagsAll"] == all_tags
    assert previewed_outputs(subject(VPC, inputs))["tagsAll"] == all_tags


def test_tags_that_are_not_known_yet_leave_all_tags_unknown() -> None:
    assert previewed_outputs(subject(VPC, {"tags": UNKNOWN}))["tagsAll"] is UNKNOWN


def test_a_preview_knows_inputs_and_region_and_nothing_that_aws_will_choose() -> None:
    previewed = previewed_outputs(subject(CLUSTER, {"name": "dev", "vpcConfig": {"subnetIds": ["a"]}}))
    assert previewed["name"] == "dev"
    assert previewed["region"] == "eu-west-1"
    assert {name for name, value in previewed.items() if value is UNKNOWN} >= {"arn", "endpoint", "version"}
    assert previewed["vpcConfig"] == {"clusterSecurityGroupId": UNKNOWN, "subnetIds": ["a"]}


def test_a_preview_of_an_update_keeps_what_was_known() -> None:
    before = made(CLUSTER, {"name": "dev", "vpcConfig": {"subnetIds": ["a"]}})
    inputs: Properties = {"name": "dev", "vpcConfig": {"subnetIds": ["a", "b"]}}
    previewed = previewed_outputs(subject(CLUSTER, inputs, previous=before))
    assert UNKNOWN not in previewed.values()
    assert previewed["endpoint"] == before["endpoint"]
    security_group = before["vpcConfig"]["clusterSecurityGroupId"]  # type: ignore[index]
    assert previewed["vpcConfig"] == {"clusterSecurityGroupId": security_group, "subnetIds": ["a", "b"]}


def test_an_update_changes_only_what_follows_from_its_inputs() -> None:
    before = made(VPC, {"cidrBlock": "10.0.0.0/16"})
    after = made(VPC, {"cidrBlock": "10.0.0.0/16", "tags": {"a": "b"}}, id="vpc-1", generation=7, previous=before)
    assert {name for name in after if after[name] != before.get(name)} == {"tags", "tagsAll"}


def test_a_cluster_has_the_outputs_that_programs_read() -> None:
    cluster = made(CLUSTER, {"name": "dev"})
    assert str(cluster["endpoint"]).startswith("https://")
    assert isinstance(cluster["certificateAuthority"]["data"], str)  # type: ignore[index]
    issuer = cluster["identities"][0]["oidcs"][0]["issuer"]  # type: ignore[index]
    assert issuer.startswith("https://oidc.eks.eu-west-1.amazonaws.com/id/")


def test_a_cluster_points_to_the_api_server_that_stands_behind_it() -> None:
    access = {"endpoint": "https://127.0.0.1:6443", "certificateAuthority": "Y2E="}
    cluster = made(CLUSTER, {"name": "dev"}, cluster_access=access, previous={"endpoint": "https://old"})
    assert cluster["endpoint"] == "https://127.0.0.1:6443"
    assert cluster["certificateAuthority"] == {"data": "Y2E="}


def test_a_launch_template_counts_its_versions() -> None:
    first = made(LAUNCH_TEMPLATE, {"name": "gpu"})
    assert (first["latestVersion"], first["defaultVersion"]) == (1, 1)
    second = made(LAUNCH_TEMPLATE, {"name": "gpu"}, previous=first, changed=frozenset({"userData"}))
    assert (second["latestVersion"], second["defaultVersion"]) == (2, 1)
    follows: Properties = {"name": "gpu", "updateDefaultVersion": True}
    third = made(LAUNCH_TEMPLATE, follows, previous=second, changed=frozenset({"userData"}))
    assert (third["latestVersion"], third["defaultVersion"]) == (3, 3)
    tagged = made(LAUNCH_TEMPLATE, follows, previous=third, changed=frozenset({"tags"}))
    assert (tagged["latestVersion"], tagged["defaultVersion"]) == (3, 3)


def test_a_preview_does_not_know_the_next_version_of_a_launch_template() -> None:
    first = made(LAUNCH_TEMPLATE, {"name": "gpu"})
    changing = subject(LAUNCH_TEMPLATE, {"name": "gpu"}, previous=first, changed=frozenset({"userData"}))
    assert previewed_outputs(changing)["latestVersion"] is UNKNOWN
    assert previewed_outputs(changing)["defaultVersion"] == 1


def test_the_account_comes_from_the_configuration_of_the_provider() -> None:
    config: Properties = {
        "allowedAccountIds": '["444455556666"]',
        "defaultTags": Secret('{"tags": {"team": "a"}}'),
        "region": "eu-north-1",
    }
    assert account_from_config(config) == Account("eu-north-1", "444455556666", {"team": Secret("a")})
    assert account_from_config({"region": "eu-north-1"}).account_id == "111122223333"


@pytest.mark.parametrize(
    ("zone", "identifier"),
    [
        ("eu-west-1a", "euw1-az1"),
        ("us-east-1c", "use1-az3"),
        ("ap-southeast-2b", "apse2-az2"),
        ("us-gov-west-1a", "usgovw1-az1"),
        ("eu-central-1b", "euc1-az2"),
    ],
)
def test_zone_ids_have_the_short_form_of_their_region(zone: str, identifier: str) -> None:
    assert zone_id(zone) == identifier


@pytest.mark.parametrize(
    ("region", "partition"), [("eu-west-1", "aws"), ("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")]
)
def test_the_partition_follows_from_the_region(region: str, partition: str) -> None:
    found = answer("aws:index/getPartition:getPartition", {}, Account(region))
    assert found["partition"] == partition
    identity = answer("aws:index/getCallerIdentity:getCallerIdentity", {}, Account(region))
    assert identity["arn"] == f"arn:{partition}:iam::111122223333:user/fake"


def test_look_ups_tell_region_and_zones() -> None:
    zones = answer("aws:index/getAvailabilityZones:getAvailabilityZones", {}, ACCOUNT)
    assert zones["names"] == ["eu-west-1a", "eu-west-1b", "eu-west-1c"]
    assert answer("aws:index/getRegion:getRegion", {"region": "eu-north-1"}, ACCOUNT)["region"] == "eu-north-1"


def test_a_look_up_that_has_no_answer_is_named_with_those_that_have() -> None:
    with pytest.raises(LookupError, match=r"no answer to aws:ec2/getAmi:getAmi; it knows aws:index/getAvailability"):
        answer("aws:ec2/getAmi:getAmi", {}, ACCOUNT)
