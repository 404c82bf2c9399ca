"""IAM documents are canonical text that says exactly who may do what."""

import json

from components.iam import (
    Statement,
    account_key_policy,
    managed_policy_arn,
    pod_identity_trust_policy,
    policy_document,
    tls_only_bucket_policy,
    trust_policy,
)


def test_a_document_is_canonical_and_leaves_out_what_is_not_set() -> None:
    statement = Statement(sid="Read", actions=("s3:GetObject",), resources=("arn:aws:s3:::a/*",))

    assert policy_document([statement]) == (
        '{"Statement":[{"Action":["s3:GetObject"],"Effect":"Allow","Resource":["arn:aws:s3:::a/*"],"Sid":"Read"}],'
        '"Version":"2012-10-17"}'
    )


def test_statements_keep_their_order() -> None:
    statements = [Statement(sid=sid, actions=("s3:ListBucket",), resources=("*",)) for sid in ("Second", "First")]

    assert [part["Sid"] for part in json.loads(policy_document(statements))["Statement"]] == ["Second", "First"]


def test_a_service_role_can_be_assumed_by_that_service_alone() -> None:
    assert json.loads(trust_policy("eks.amazonaws.com"))["Statement"] == [
        {
            "Sid": "AssumeByService",
            "Effect": "Allow",
            "Principal": {"Service": "eks.amazonaws.com"},
            "Action": ["sts:AssumeRole"],
        }
    ]


def test_a_pod_identity_role_can_be_assumed_by_one_service_account_of_one_cluster() -> None:
    document = json.loads(pod_identity_trust_policy(cluster="dev", namespace="research", service_account="chat"))

    assert document["Statement"] == [
        {
            "Sid": "AssumeByPods",
            "Effect": "Allow",
            "Principal": {"Service": "pods.eks.amazonaws.com"},
            "Action": ["sts:AssumeRole", "sts:TagSession"],
            "Condition": {
                "StringEquals": {
                    "aws:RequestTag/eks-cluster-name": "dev",
                    "aws:RequestTag/kubernetes-namespace": "research",
                    "aws:RequestTag/kubernetes-service-account": "chat",
                }
            },
        }
    ]


def test_a_key_policy_names_the_account_and_nobody_else() -> None:
    (statement,) = json.loads(account_key_policy("111122223333"))["Statement"]

    assert statement["Principal"] == {"AWS": "arn:aws:iam::111122223333:root"}
    assert statement["Action"] == ["kms:*"]


def test_a_tls_only_policy_denies_bucket_and_objects() -> None:
    (statement,) = json.loads(tls_only_bucket_policy("arn:aws:s3:::weights"))["Statement"]

    assert statement["Effect"] == "Deny"
    assert statement["Resource"] == ["arn:aws:s3:::weights", "arn:aws:s3:::weights/*"]
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_a_managed_policy_keeps_its_path() -> None:
    assert managed_policy_arn("service-role/AmazonEBSCSIDriverPolicy") == (
        "arn:aws:iam::aws:policy/service-role/AmazonEBSCSIDriverPolicy"
    )
