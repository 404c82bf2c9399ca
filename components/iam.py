"""IAM documents as text: the same content gives the same bytes, so that a plan shows a real change only."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

POLICY_VERSION = "2012-10-17"
POD_IDENTITY_SERVICE = "pods.eks.amazonaws.com"

Conditions: TypeAlias = Mapping[str, Mapping[str, str | tuple[str, ...]]]
"""Operators (``StringEquals``), each with condition keys and their values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One statement of a policy document.

    `principal` is needed in trust and resource policies and must be absent elsewhere: a service, an ARN, or everyone
    (``"*"``). `conditions` map an operator to condition keys and values. All conditions must hold.
    """

    sid: str
    actions: tuple[str, ...]
    resources: tuple[str, ...] = ()
    principal: Mapping[str, str | tuple[str, ...]] | Literal["*"] | None = None
    conditions: Conditions = field(default_factory=dict)
    effect: Literal["Allow", "Deny"] = "Allow"

    def to_json(self) -> dict[str, object]:
        """The statement as IAM writes it; parts that are not set are left out."""
        parts = {
            "Sid": self.sid,
            "Effect": self.effect,
            "Principal": self.principal,
            "Action": self.actions,
            "Resource": self.resources,
            "Condition": self.conditions,
        }
        return {key: value for key, value in parts.items() if value}


def policy_document(statements: Iterable[Statement]) -> str:
    """A policy document with `statements` in the given order, as canonical JSON."""
    document = {"Version": POLICY_VERSION, "Statement": [statement.to_json() for statement in statements]}
    return json.dumps(document, sort_keys=True, separators=(",", ":"))


def trust_policy(service: str, *, conditions: Conditions | None = None) -> str:
    """Who may assume a role: one AWS service, such as ``eks.amazonaws.com``, under `conditions`."""
    statement = Statement(
        sid="AssumeByService",
        actions=("sts:AssumeRole",),
        principal={"Service": service},
        conditions=conditions or {},
    )
    return policy_document([statement])


def pod_identity_trust_policy(*, cluster: str, namespace: str, service_account: str | tuple[str, ...]) -> str:
    """Who may assume a role: pods of one service account, or of several, in one cluster, through EKS Pod Identity.

    Pod Identity sends cluster, namespace and service account as session tags, hence sts:TagSession; without the
    conditions any Pod Identity association of the account could use the role. Source: EKS User Guide, "Create IAM
    role with trust policy required by EKS Pod Identity".
    """
    if isinstance(service_account, tuple) and len(service_account) == 1:
        (service_account,) = service_account
    session_tags: dict[str, str | tuple[str, ...]] = {
        "aws:RequestTag/eks-cluster-name": cluster,
        "aws:RequestTag/kubernetes-namespace": namespace,
        "aws:RequestTag/kubernetes-service-account": service_account,
    }
    statement = Statement(
        sid="AssumeByPods",
        actions=("sts:AssumeRole", "sts:TagSession"),
        principal={"Service": POD_IDENTITY_SERVICE},
        conditions={"StringEquals": session_tags},
    )
    return policy_document([statement])


def account_key_policy(account: str, *users: Statement) -> str:
    """Policy of a KMS key that leaves its use to the account's IAM policies, as AWS does by default, and to `users`.

    In a key policy ``*`` means the key itself. Without this statement nobody could ever change the key again.
    """
    statement = Statement(
        sid="UseByAccountPolicies",
        actions=("kms:*",),
        resources=("*",),
        principal={"AWS": f"arn:aws:iam::{account}:root"},
    )
    return policy_document([statement, *users])


def log_group_arn(region: str, account: str, name: str) -> str:
    """ARN of a CloudWatch log group."""
    return f"arn:aws:logs:{region}:{account}:log-group:{name}"


def encrypt_logs_statement(region: str, account: str, log_group: str) -> Statement:
    """For a key policy: CloudWatch Logs of `region` may use the key for the one log group of that name.

    Source: Amazon CloudWatch Logs User Guide, "Encrypt log data in CloudWatch Logs using AWS KMS".
    """
    return Statement(
        sid="EncryptLogs",
        actions=("kms:Decrypt", "kms:Describe*", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"),
        resources=("*",),
        principal={"Service": f"logs.{region}.amazonaws.com"},
        conditions={"ArnEquals": {"kms:EncryptionContext:aws:logs:arn": log_group_arn(region, account, log_group)}},
    )


def tls_only_bucket_policy(bucket_arn: str) -> str:
    """Policy of an S3 bucket that refuses every request without TLS."""
    statement = Statement(
        sid="DenyWithoutTls",
        effect="Deny",
        actions=("s3:*",),
        resources=(bucket_arn, f"{bucket_arn}/*"),
        principal="*",
        conditions={"Bool": {"aws:SecureTransport": "false"}},
    )
    return policy_document([statement])


def managed_policy_arn(name: str) -> str:
    """ARN of a policy that AWS maintains."""
    return f"arn:aws:iam::aws:policy/{name}"
