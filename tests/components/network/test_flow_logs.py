"""Flow logs: what is recorded, where it is kept and for how long, and who may write it."""

import json

import pytest

from bedplate.graph.values import Json
from bedplate.model.naming import check_name
from tests.components.network.graphs import (
    ALIAS,
    FLOW_LOG,
    KEY,
    LOG_GROUP,
    ROLE,
    ROLE_POLICY,
    VPC,
    network_graph,
)
from tests.support.aws_program import ACCOUNT, REGION, needs, only

GROUP_ARN = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/vpc/dev/flow-logs"
# EC2 API reference, LogDestinationType (botocore 1.44.8).
DESTINATIONS = {"cloud-watch-logs", "kinesis-data-firehose", "s3"}


def document(text: Json) -> list[dict[str, Json]]:
    return list(json.loads(str(text))["Statement"])


def test_none_are_kept_unless_they_are_asked_for() -> None:
    assert network_graph().of_type(FLOW_LOG, LOG_GROUP, KEY, ROLE) == ()


def test_the_log_covers_the_vpc_and_goes_to_a_group_of_its_own() -> None:
    graph = network_graph(flowLogs={})
    log = only(graph, FLOW_LOG)

    assert [graph[urn].type for urn in log.property_dependencies["vpcId"]] == [VPC]
    assert log.inputs["logDestinationType"] in DESTINATIONS
    assert log.inputs["logDestination"] == GROUP_ARN
    assert only(graph, LOG_GROUP).inputs["name"] == "/aws/vpc/dev/flow-logs"
    assert log.inputs["iamRoleArn"] == f"arn:aws:iam::{ACCOUNT}:role/dev-flow-logs"


@pytest.mark.parametrize(("traffic", "written"), [("all", "ALL"), ("accepted", "ACCEPT"), ("rejected", "REJECT")])
def test_the_traffic_is_written_as_ec2_names_it(traffic: str, written: str) -> None:
    assert only(network_graph(flowLogs={"traffic": traffic}), FLOW_LOG).inputs["trafficType"] == written


def test_records_are_gathered_over_ten_minutes_unless_told_otherwise() -> None:
    assert only(network_graph(flowLogs={}), FLOW_LOG).inputs["maxAggregationInterval"] == 600
    assert only(network_graph(flowLogs={"aggregationSeconds": 60}), FLOW_LOG).inputs["maxAggregationInterval"] == 60


def test_records_are_kept_for_the_days_of_the_spec() -> None:
    assert only(network_graph(flowLogs={}), LOG_GROUP).inputs["retentionInDays"] == 90
    assert only(network_graph(flowLogs={"retentionDays": 365}), LOG_GROUP).inputs["retentionInDays"] == 365


def test_records_are_encrypted_with_a_key_that_cloudwatch_may_use_for_this_group_only() -> None:
    graph = network_graph(flowLogs={})
    key = only(graph, KEY)

    assert key.urn in only(graph, LOG_GROUP).property_dependencies["kmsKeyId"]
    assert only(graph, ALIAS).inputs["name"] == "alias/dev-flow-logs"
    account, logs = document(key.inputs["policy"])
    assert account["Principal"] == {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
    assert logs["Principal"] == {"Service": f"logs.{REGION}.amazonaws.com"}
    assert logs["Condition"] == {"ArnEquals": {"kms:EncryptionContext:aws:logs:arn": GROUP_ARN}}


def test_flow_logs_of_other_accounts_and_regions_cannot_use_the_role() -> None:
    (trust,) = document(only(network_graph(flowLogs={}), ROLE).inputs["assumeRolePolicy"])

    assert trust["Principal"] == {"Service": "vpc-flow-logs.amazonaws.com"}
    assert trust["Condition"] == {
        "StringEquals": {"aws:SourceAccount": ACCOUNT},
        "ArnLike": {"aws:SourceArn": f"arn:aws:ec2:{REGION}:{ACCOUNT}:vpc-flow-log/*"},
    }


def test_the_role_writes_to_its_group_and_lists_groups_and_nothing_else() -> None:
    policies = network_graph(flowLogs={}).of_type(ROLE_POLICY)
    rights = {policy.inputs["name"]: document(policy.inputs["policy"])[0] for policy in policies}

    assert {name: (right["Action"], right["Resource"]) for name, right in rights.items()} == {
        "find-flow-logs": (["logs:DescribeLogGroups"], ["*"]),
        "write-flow-logs": (
            ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
            [GROUP_ARN, f"{GROUP_ARN}:*"],
        ),
    }


def test_the_log_waits_for_the_rights_to_write_it() -> None:
    graph = network_graph(flowLogs={})

    waited_for = needs(graph, only(graph, FLOW_LOG))
    assert {item.name for item in graph.of_type(ROLE, ROLE_POLICY, LOG_GROUP, KEY, VPC)} <= waited_for


@pytest.mark.parametrize(
    ("kind", "key", "rule"),
    [(LOG_GROUP, "name", "logGroup"), (ROLE, "name", "iamRole"), (ALIAS, "name", "kmsAlias")],
)
def test_names_are_within_the_limits_of_their_service(kind: str, key: str, rule: str) -> None:
    graph = network_graph(cluster_name="c" * 100, flowLogs={})

    assert check_name(rule, str(only(graph, kind).inputs[key])) is None
