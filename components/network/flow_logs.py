"""Flow logs of a VPC: records of its connections, in an encrypted log group of their own."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from components.base import PlatformComponent, safe_name
from components.iam import (
    Statement,
    account_key_policy,
    encrypt_logs_statement,
    log_group_arn,
    policy_document,
    trust_policy,
)
from components.network.spec import FlowLogsSpec
from components.security import encryption_key, managed_role

_SERVICE = "vpc-flow-logs.amazonaws.com"
_TRAFFIC = {"all": "ALL", "accepted": "ACCEPT", "rejected": "REJECT"}


def create_flow_logs(
    parent: PlatformComponent,
    spec: FlowLogsSpec,
    *,
    title: str,
    region: str,
    account: str,
    vpc_id: pulumi.Output[str],
) -> aws.ec2.FlowLog:
    """The flow log, its log group with a key of its own, and the role by which records are written.

    Another traffic or aggregation makes a new flow log into the same group, so no record is lost.
    """
    label = f"{parent.pulumi_resource_name}-flow-logs"
    name = safe_name("logGroup", f"/aws/vpc/{title}/flow-logs")
    arn = log_group_arn(region, account, name)
    group = _create_log_group(parent, label, spec, name=name, title=title, region=region, account=account)
    role_name = safe_name("iamRole", title, "flow-logs")
    role = managed_role(parent, label, name=role_name, account=account, trust=_trust(region, account), policies=())
    rights = [
        aws.iam.RolePolicy(
            f"{label}-{policy}",
            aws.iam.RolePolicyArgs(name=policy, role=role_name, policy=policy_document([statement])),
            opts=parent.child(depends_on=role.ready),
        )
        for policy, statement in _rights(arn).items()
    ]
    return aws.ec2.FlowLog(
        label,
        aws.ec2.FlowLogArgs(
            vpc_id=vpc_id,
            traffic_type=_TRAFFIC[spec.traffic],
            log_destination_type="cloud-watch-logs",
            # Known before apply, and still dependent on the group.
            log_destination=pulumi.Output.concat(arn.removesuffix(name), group.name),
            iam_role_arn=role.arn,
            max_aggregation_interval=spec.aggregation_seconds,
            tags={"Name": f"{title}-flow-logs"},
        ),
        opts=parent.child(depends_on=[*role.ready, *rights]),
    )


def _create_log_group(
    parent: PlatformComponent,
    label: str,
    spec: FlowLogsSpec,
    *,
    name: str,
    title: str,
    region: str,
    account: str,
) -> aws.cloudwatch.LogGroup:
    key = encryption_key(
        parent,
        label,
        alias=safe_name("kmsAlias", f"alias/{title}", "flow-logs"),
        description=f"Flow logs of the VPC of {title}",
        account=account,
        # Records are unreadable without their key: the longest time that AWS offers to change one's mind.
        recovery_days=30,
        policy=account_key_policy(account, encrypt_logs_statement(region, account, name)),
    )
    return aws.cloudwatch.LogGroup(
        label,
        aws.cloudwatch.LogGroupArgs(name=name, retention_in_days=spec.retention_days, kms_key_id=key.arn),
        opts=parent.child(),
    )


def _trust(region: str, account: str) -> str:
    """Flow logs of this account and region may use the role; without the conditions, those of any account could.

    Source: Amazon VPC User Guide, "IAM role for publishing flow logs to CloudWatch Logs".
    """
    conditions = {
        "StringEquals": {"aws:SourceAccount": account},
        "ArnLike": {"aws:SourceArn": f"arn:aws:ec2:{region}:{account}:vpc-flow-log/*"},
    }
    return trust_policy(_SERVICE, conditions=conditions)


def _rights(log_group: str) -> dict[str, Statement]:
    """Inline policies by name: write to streams of the one group. Groups can be listed only all together."""
    return {
        "write-flow-logs": Statement(
            sid="WriteRecords",
            actions=("logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"),
            resources=(log_group, f"{log_group}:*"),
        ),
        "find-flow-logs": Statement(sid="FindGroup", actions=("logs:DescribeLogGroups",), resources=("*",)),
    }
