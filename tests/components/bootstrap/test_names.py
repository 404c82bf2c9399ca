"""Names of the bootstrap layer, and how far the patterns reach."""

import pytest

from bedplate.model.naming import check_name
from components.base import safe_name
from components.bootstrap import names
from tests.support.aws_program import ACCOUNT

LONGEST = "e" * names.LONGEST_ENVIRONMENT


@pytest.mark.parametrize("environment", ["prod", LONGEST])
def test_names_fit_their_service_and_begin_with_the_environment(environment: str) -> None:
    for duty in ("plan", *names.APPLYING_LAYERS):
        name = names.role_name(environment, duty)
        assert check_name("iamRole", name) is None
        assert name.startswith(f"bedplate-{environment}-")
    for layer in names.ROLE_MAKERS:
        assert check_name("iamPolicy", names.boundary_name(environment, layer)) is None


def test_names_that_are_cut_off_still_begin_with_the_longest_environment_and_not_with_a_longer_one() -> None:
    def store(environment: str) -> str:
        return safe_name("s3Bucket", "bedplate", environment, ACCOUNT, "s" * 63)

    assert store(LONGEST).startswith(names.bucket_prefix(ACCOUNT, LONGEST))
    assert not store(LONGEST + "e").startswith(names.bucket_prefix(ACCOUNT, LONGEST + "e"))


def test_roles_of_the_bootstrap_layer_are_out_of_reach_of_patterns_for_others() -> None:
    arn = names.role_arn(ACCOUNT, "prod", "cluster")

    assert arn == f"arn:aws:iam::{ACCOUNT}:role/bedplate/prod/bedplate-prod-deploy-cluster"
    assert not arn.startswith(f"arn:aws:iam::{ACCOUNT}:role/bedplate-prod")


@pytest.mark.parametrize(
    ("environment", "part"),
    [
        ("prod", None),
        ("node", None),
        ("prod-eu", None),
        ("prod-nodes", None),
        ("prod-node", "node"),
        ("prod-model-b", "model"),
        (f"prod-{ACCOUNT}", ACCOUNT),
    ],
)
def test_an_environment_that_stands_among_the_roles_of_another_is_told(environment: str, part: str | None) -> None:
    assert names.within_reach(environment, ACCOUNT) == part


def test_an_issuer_is_written_without_its_scheme() -> None:
    assert names.provider_arn(ACCOUNT, "https://gitlab.example.com/oidc") == (
        f"arn:aws:iam::{ACCOUNT}:oidc-provider/gitlab.example.com/oidc"
    )
