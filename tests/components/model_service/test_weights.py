"""Weights come from the release's source or a store, with rights to this release alone."""

from __future__ import annotations

import json
from typing import Any

from components.base import StoreHandle
from components.model_service.weights import read_policy, storage_uri
from tests.components.model_service.releases import REVISION, release_with

BUCKET = "bedplate-dev-111122223333-weights"
BUCKET_ARN = f"arn:aws:s3:::{BUCKET}"
ACCOUNT = "111122223333"
STORE = StoreHandle(name="weights", bucket=BUCKET, bucket_arn=BUCKET_ARN, key_alias="alias/weights")


def statements(document: str) -> dict[str, dict[str, Any]]:
    return {statement["Sid"]: statement for statement in json.loads(document)["Statement"]}


def read_own_release() -> str:
    return read_policy(release_with(), STORE, account=ACCOUNT, region="eu-west-1")


def test_without_a_store_the_pinned_commit_is_fetched_from_the_hub() -> None:
    assert storage_uri(release_with(), None) == f"hf://Qwen/Qwen3-0.6B:{REVISION}"


def test_a_store_holds_each_version_in_a_folder_whose_name_is_no_beginning_of_another() -> None:
    assert storage_uri(release_with(), STORE) == f"s3://{BUCKET}/qwen3/1.0.1/"


def test_only_objects_of_this_release_can_be_read_and_nothing_can_be_written() -> None:
    document = statements(read_own_release())
    assert document["ReadRelease"]["Resource"] == [f"{BUCKET_ARN}/qwen3/1.0.1/*"]
    actions = [action for statement in document.values() for action in statement["Action"]]
    assert sorted(actions) == ["kms:Decrypt", "s3:GetObject", "s3:ListBucket"]


def test_listing_is_bound_to_the_folder_while_the_check_for_the_bucket_passes() -> None:
    listing = statements(read_own_release())["ListRelease"]
    assert listing["Resource"] == [BUCKET_ARN]
    assert listing["Condition"]["StringEqualsIfExists"] == {"s3:prefix": "qwen3/1.0.1/"}


def test_rights_to_objects_end_at_the_accounts_own_buckets() -> None:
    document = statements(read_own_release())
    for sid in ("ReadRelease", "ListRelease"):
        assert document[sid]["Condition"]["StringEquals"] == {"aws:ResourceAccount": ACCOUNT}


def test_only_the_key_of_the_store_decrypts_and_only_through_s3_of_this_region() -> None:
    statement = statements(read_own_release())["DecryptRelease"]
    assert statement["Action"] == ["kms:Decrypt"]
    assert statement["Resource"] == [f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/*"]
    assert statement["Condition"] == {
        "StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"},
        "ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/weights"},
    }
