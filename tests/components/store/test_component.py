"""The store: a bucket that is private, encrypted, versioned, and hard to lose by accident."""

import json
from typing import Any

import pytest

from bedplate.graph.graph import Graph
from bedplate.graph.values import get
from bedplate.model.naming import check_name
from components.base import StoreHandle
from components.store.component import Store
from components.store.spec import StoreSpec
from tests.support.aws_program import ACCOUNT, REGION, only, record_on_aws, unknown_paths

BUCKET = "aws:s3/bucket:Bucket"
ENCRYPTION = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
PUBLIC_ACCESS = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
OWNERSHIP = "aws:s3/bucketOwnershipControls:BucketOwnershipControls"
POLICY = "aws:s3/bucketPolicy:BucketPolicy"
VERSIONING = "aws:s3/bucketVersioning:BucketVersioning"
LIFECYCLE = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
KEY = "aws:kms/key:Key"
ALIAS = "aws:kms/alias:Alias"

NAME = f"bedplate-dev-{ACCOUNT}-weights"


def store_graph(
    *,
    handles: list[StoreHandle] | None = None,
    protected: bool = True,
    environment: str = "dev",
    account: str = ACCOUNT,
    **fields: Any,
) -> Graph:
    """The Graph of a store with `fields` in its spec; its handle goes to `handles`."""
    spec = StoreSpec.model_validate({"name": "weights", "kind": "s3", "content": "weights", **fields})

    def build(opts: Any) -> None:
        store = Store(
            "weights",
            spec,
            environment=environment,
            account=account,
            region=REGION,
            protected=protected,
            opts=opts,
        )
        if handles is not None:
            handles.append(store.handle)

    return record_on_aws(build)


def test_the_bucket_is_named_by_environment_account_and_store() -> None:
    bucket = only(store_graph(), BUCKET)

    assert bucket.inputs["bucket"] == NAME
    assert (bucket.layer, bucket.entry) == ("cluster", "stores[weights]")


def test_another_name_gives_another_bucket_key_alias_and_entry() -> None:
    graph = store_graph(name="training")

    assert only(graph, BUCKET).inputs["bucket"] == f"bedplate-dev-{ACCOUNT}-training"
    assert only(graph, ALIAS).inputs["name"] == "alias/bedplate-dev-store-training"
    assert only(graph, BUCKET).entry == "stores[training]"


def test_buckets_of_two_accounts_and_environments_never_share_a_name() -> None:
    names = [
        only(store_graph(), BUCKET).inputs["bucket"],
        only(store_graph(environment="staging"), BUCKET).inputs["bucket"],
        only(store_graph(account="444455556666"), BUCKET).inputs["bucket"],
    ]

    assert len(set(names)) == 3


def test_the_bucket_states_where_the_data_lives() -> None:
    assert only(store_graph(), BUCKET).inputs["region"] == REGION


def test_the_content_class_is_a_tag_of_bucket_and_key() -> None:
    graph = store_graph(content="trainingData")

    assert dict(only(graph, BUCKET).inputs["tags"]) == {"bedplate:content": "trainingData", "Name": NAME}
    assert dict(only(graph, KEY).inputs["tags"]) == {"bedplate:content": "trainingData"}


def test_objects_are_encrypted_with_the_store_s_own_rotating_key() -> None:
    graph = store_graph()
    encryption, key = only(graph, ENCRYPTION), only(graph, KEY)
    (rule,) = encryption.inputs["rules"]

    assert rule["bucketKeyEnabled"] is True
    assert get(rule, "applyServerSideEncryptionByDefault", "sseAlgorithm") == "aws:kms"
    assert key.urn in encryption.property_dependencies["rules"]
    assert key.inputs["enableKeyRotation"] is True
    assert json.loads(key.inputs["policy"])["Statement"][0]["Principal"] == {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}


def test_nothing_is_public_and_acls_are_off() -> None:
    graph = store_graph()

    assert dict(only(graph, PUBLIC_ACCESS).inputs) == {
        "bucket": NAME,
        "blockPublicAcls": True,
        "blockPublicPolicy": True,
        "ignorePublicAcls": True,
        "restrictPublicBuckets": True,
    }
    assert dict(only(graph, OWNERSHIP).inputs["rule"]) == {"objectOwnership": "BucketOwnerEnforced"}


def test_requests_without_tls_are_refused_by_a_policy_that_is_whole_before_apply() -> None:
    (statement,) = json.loads(only(store_graph(), POLICY).inputs["policy"])["Statement"]

    assert statement["Effect"] == "Deny"
    assert statement["Principal"] == "*"
    assert statement["Resource"] == [f"arn:aws:s3:::{NAME}", f"arn:aws:s3:::{NAME}/*"]
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_versions_are_kept_for_the_days_of_the_spec() -> None:
    graph = store_graph(oldVersionsDays=30)
    rules = {rule["id"]: rule for rule in only(graph, LIFECYCLE).inputs["rules"]}

    assert dict(only(graph, VERSIONING).inputs["versioningConfiguration"]) == {"status": "Enabled"}
    assert get(rules["old-versions"], "noncurrentVersionExpiration", "noncurrentDays") == 30
    assert get(rules["old-versions"], "expiration", "expiredObjectDeleteMarker") is True
    assert {rule["status"] for rule in rules.values()} == {"Enabled"}


def test_versions_are_kept_for_ninety_days_by_default() -> None:
    rules = {rule["id"]: rule for rule in only(store_graph(), LIFECYCLE).inputs["rules"]}

    assert get(rules["old-versions"], "noncurrentVersionExpiration", "noncurrentDays") == 90


def test_uploads_that_never_finish_are_gone_after_a_week() -> None:
    rules = {rule["id"]: rule for rule in only(store_graph(), LIFECYCLE).inputs["rules"]}

    assert get(rules["unfinished-uploads"], "abortIncompleteMultipartUpload", "daysAfterInitiation") == 7


def test_current_objects_never_expire() -> None:
    rules = only(store_graph(), LIFECYCLE).inputs["rules"]

    assert not any({"days", "date"} & set(rule.get("expiration", {})) for rule in rules)


def test_the_lifecycle_waits_for_versioning() -> None:
    graph = store_graph()

    assert only(graph, VERSIONING).urn in only(graph, LIFECYCLE).dependencies


def test_a_protected_store_refuses_to_go() -> None:
    graph = store_graph(protected=True)

    assert only(graph, BUCKET).options["protect"] is True
    assert only(graph, KEY).options["protect"] is True
    assert only(graph, BUCKET).inputs["forceDestroy"] is False
    assert only(graph, KEY).inputs["deletionWindowInDays"] == 30


def test_a_store_that_is_not_protected_goes_with_its_content() -> None:
    graph = store_graph(protected=False)

    assert not any("protect" in resource.options for resource in graph.registered)
    assert only(graph, BUCKET).inputs["forceDestroy"] is True
    assert only(graph, KEY).inputs["deletionWindowInDays"] == 7


def test_only_the_key_s_identifiers_are_left_to_aws() -> None:
    unknown = {(resource.type, path[-1]) for resource in store_graph().registered for path in unknown_paths(resource)}

    assert unknown == {(ALIAS, "targetKeyId"), (ENCRYPTION, "kmsMasterKeyId")}


@pytest.mark.parametrize("environment", ["dev", "e" * 63])
def test_names_fit_whatever_environment_and_store_are_called(environment: str) -> None:
    graph = store_graph(environment=environment, name="s" * 63)

    assert check_name("s3Bucket", only(graph, BUCKET).inputs["bucket"]) is None
    assert check_name("kmsAlias", only(graph, ALIAS).inputs["name"]) is None


def test_the_handle_knows_name_and_arn_before_apply_and_is_ready_when_locked_down() -> None:
    handles: list[StoreHandle] = []
    graph = store_graph(handles=handles)

    store = handles[0]
    assert (store.name, store.bucket, store.bucket_arn) == ("weights", NAME, f"arn:aws:s3:::{NAME}")
    ready = {resource.pulumi_resource_name for resource in store.ready}
    types = (BUCKET, ENCRYPTION, PUBLIC_ACCESS, OWNERSHIP, POLICY, VERSIONING, LIFECYCLE)
    assert ready == {resource.name for resource in graph.of_type(*types)}
