"""State backends and secrets providers, taken apart."""

import pytest

from components.bootstrap.location import StateKey, StateLocation, state_key, state_location


@pytest.mark.parametrize(
    ("backend", "location"),
    [
        ("s3://state?region=us-east-1&awssdk=v2", StateLocation("state", "", "us-east-1")),
        ("s3://state", StateLocation("state", "", "")),
        ("s3://state/a/b/?region=eu-west-1", StateLocation("state", "a/b/", "eu-west-1")),
        ("file://~", None),
        ("gs://state", None),
        ("https://api.pulumi.com", None),
    ],
)
def test_a_backend_names_bucket_prefix_and_region_or_is_no_bucket(backend: str, location: StateLocation | None) -> None:
    assert state_location(backend) == location


@pytest.mark.parametrize(
    ("provider", "key", "alias"),
    [
        ("awskms://alias/state?region=us-east-1", StateKey("alias/state", "us-east-1"), "alias/state"),
        ("awskms://alias/team/state", StateKey("alias/team/state", ""), "alias/team/state"),
        ("awskms://1234abcd-12ab-34cd-56ef-1234567890ab", StateKey("1234abcd-12ab-34cd-56ef-1234567890ab", ""), ""),
        (
            "awskms:///arn:aws:kms:us-east-1:111122223333:alias/state?region=us-east-1",
            StateKey("arn:aws:kms:us-east-1:111122223333:alias/state", "us-east-1"),
            "alias/state",
        ),
        (
            "awskms:///arn:aws:kms:us-east-1:111122223333:key/1234",
            StateKey("arn:aws:kms:us-east-1:111122223333:key/1234", ""),
            "",
        ),
        ("passphrase", None, None),
        ("gcpkms://projects/p", None, None),
    ],
)
def test_a_secrets_provider_names_a_key_by_alias_or_otherwise(
    provider: str, key: StateKey | None, alias: str | None
) -> None:
    found = state_key(provider)

    assert found == key
    assert (found.alias if found else None) == alias
