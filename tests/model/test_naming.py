"""Name rules of services, and names cut to fit them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bedplate.model.naming import NAME_LIMITS, NAME_RULES, check_name, fit_name


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("eksCluster", "dev"),
        ("eksCluster", "x" * 100),
        ("eksNodeGroup", "dev-l4_0"),
        ("iamRole", "bedplate+dev=node@l4"),
        ("iamPolicy", "x" * 128),
        ("iamInstanceProfile", "node"),
        ("s3Bucket", "dev-weights.111122223333"),
        ("kmsAlias", "alias/bedplate/dev"),
        ("logGroup", "/aws/eks/dev/cluster"),
        ("launchTemplate", "dev(l4)"),
        ("loadBalancer", "dev-models"),
        ("targetGroup", "dev-models"),
        ("securityGroup", "dev nodes (l4)"),
        ("kubernetesName", "a.b-c"),
        ("kubernetesLabel", "team"),
        ("kubernetesLabelValue", "NVIDIA-L4"),
        ("namespace", "research"),
        ("service", "chat-predictor"),
        ("cronJob", "x" * 52),
        ("inferenceService", "chat"),
        ("helmRelease", "kserve"),
    ],
)
def test_a_name_that_the_service_takes_is_accepted(kind: str, name: str) -> None:
    assert check_name(kind, name) is None


@pytest.mark.parametrize(
    ("kind", "name", "message"),
    [
        (
            "eksCluster",
            "x" * 101,
            f"'{'x' * 101}' has 101 characters; 1 to 100 are allowed (Amazon EKS API reference, CreateCluster)",
        ),
        ("s3Bucket", "ab", "'ab' has 2 characters; 3 to 63 are allowed"),
        ("s3Bucket", "Weights", "'Weights' is not made of lower-case letters, digits, . and -"),
        ("s3Bucket", "a..b", "'a..b' is reserved: names exclude two dots in a row"),
        ("s3Bucket", "10.0.0.1", "'10.0.0.1' is reserved"),
        ("s3Bucket", "xn--bucket", "'xn--bucket' is reserved"),
        ("s3Bucket", "weights-s3alias", "'weights-s3alias' is reserved"),
        ("s3Bucket", "weights--x-s3", "'weights--x-s3' is reserved"),
        ("kmsAlias", "bedplate-dev", "'bedplate-dev' is not made of alias/ and then letters"),
        ("kmsAlias", "alias/aws/s3", "'alias/aws/s3' is reserved: names exclude alias/aws/"),
        ("loadBalancer", "internal-models", "'internal-models' is reserved: names exclude the beginning internal-"),
        ("securityGroup", "sg-dev", "'sg-dev' is reserved"),
        ("service", "0chat", "'0chat' is not made of lower-case letters, digits and inner hyphens, first a letter"),
        ("inferenceService", "x" * 49, "1 to 48 are allowed (KServe: 'isvc.' and '-predictor' around"),
        ("namespace", "dev\n", "is not made of"),
    ],
)
def test_a_name_that_the_service_refuses_is_said_with_the_rule_and_its_source(
    kind: str, name: str, message: str
) -> None:
    found = check_name(kind, name)
    assert found is not None
    assert message in found


def test_every_rule_has_a_source_and_a_limit() -> None:
    for kind, rule in NAME_RULES.items():
        assert rule.source, kind
        assert rule.made_of, kind
        assert NAME_LIMITS[kind] == rule.longest >= rule.shortest
        assert bool(rule.forbidden) == bool(rule.reserved), kind


def test_a_name_that_fits_is_left_alone_and_a_longer_one_ends_in_its_hash() -> None:
    assert fit_name("dev-l4", 63) == "dev-l4"
    assert fit_name("a" * 40, 32) == "a" * 23 + "-e33cdf9c"


def test_a_cut_leaves_no_hyphen_before_the_hash() -> None:
    assert fit_name("models-in-production", 16).startswith("models-")
    assert "--" not in fit_name("models-in-production", 16)


def test_a_limit_without_room_for_a_hash_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="at least 10 are needed"):
        fit_name("too-long-a-name", 9)


@given(st.text("abc-", min_size=1, max_size=80), st.integers(10, 64))
def test_a_fitted_name_is_never_too_long_and_fitting_it_again_changes_nothing(name: str, limit: int) -> None:
    fitted = fit_name(name, limit)
    assert len(fitted) <= limit
    assert fit_name(fitted, limit) == fitted


@given(st.text("abc", min_size=12, max_size=40), st.text("abc", min_size=12, max_size=40))
def test_two_names_with_the_same_beginning_stay_apart(first: str, second: str) -> None:
    assert (fit_name(first, 11) == fit_name(second, 11)) == (first == second)
