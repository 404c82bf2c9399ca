"""What a reviewer is told when a change would cost the cluster, or cannot be taken back."""

from __future__ import annotations

from typing import Any

import pytest

from bedplate.cli.planning import replacement_rules
from bedplate.output.compare import compare
from bedplate.output.sides import Base
from tests.components.cluster.building import cluster_graph
from tests.output.builders import review
from tests.support.environments import ROOT

KEY = "arn:aws:kms:us-east-1:111122223333:key/0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"
OTHER_KEY = "arn:aws:kms:us-east-1:111122223333:key/ffffffff-4e5f-6071-8293-a4b5c6d7e8f9"


def dangers(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """The dangers about the control plane itself, from one spec to the other."""
    base = Base("before", review(cluster_graph(**before)))
    found = compare("test", review(cluster_graph(**after)), base, replacement_rules(ROOT)).dangers
    return [text for text in found if "eks.Cluster" in text]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"cluster_name": "dev"}, {"cluster_name": "models"}),
        ({}, {"serviceCidr": "10.100.0.0/16"}),
        ({"serviceCidr": "10.100.0.0/16"}, {"serviceCidr": "10.101.0.0/16"}),
    ],
)
def test_another_name_or_range_of_services_is_another_cluster(before: dict[str, Any], after: dict[str, Any]) -> None:
    assert "replace eks.Cluster cluster-control-plane: it holds data" in dangers(before, after)


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (
            {},
            {"egress": "customerRouted"},
            "vpcConfig.controlPlaneEgressMode AWS_MANAGED → CUSTOMER_ROUTED: the control plane never goes back to "
            "AWS's own way out",
        ),
        (
            {"egress": "customerRouted"},
            {},
            "vpcConfig.controlPlaneEgressMode CUSTOMER_ROUTED → AWS_MANAGED: AWS refuses the way back",
        ),
        (
            {},
            {"controlPlaneTier": "tier-xl"},
            "controlPlaneScalingConfig.tier standard → tier-xl: back to standard only while etcd holds less than 8 GB",
        ),
        (
            {"controlPlaneTier": "tier-4xl"},
            {},
            "controlPlaneScalingConfig.tier tier-4xl → standard: EKS refuses it while etcd holds 8 GB or more",
        ),
    ],
)
def test_what_cannot_be_taken_back_is_a_danger_and_says_why(
    before: dict[str, Any], after: dict[str, Any], words: str
) -> None:
    assert dangers(before, after) == [f"cannot be undone: eks.Cluster cluster-control-plane {words}"]


@pytest.mark.parametrize("before", [{}, {"encryption": {"keyArn": OTHER_KEY}}])
def test_another_key_is_never_taken(before: dict[str, Any]) -> None:
    (danger,) = dangers(before, {"encryption": {"keyArn": KEY}})
    assert danger.startswith("cannot be undone: eks.Cluster cluster-control-plane encryptionConfig.provider.keyArn ")
    assert danger.endswith(": EKS keeps the first key, and the change is never made")


def test_giving_up_protection_is_a_danger_and_taking_it_is_none() -> None:
    assert dangers({"deletionProtection": True}, {}) == ["protection ends: eks.Cluster cluster-control-plane"]
    assert dangers({}, {"deletionProtection": True}) == []


@pytest.mark.parametrize(
    "after",
    [
        {"version": "1.37"},
        {"support": "extended"},
        {"zonalShift": True},
        {"scheduler": {"scoring": "mostAllocated"}},
        {"apiServer": {"eventTtlMinutes": 15}},
        {"logs": ["audit"]},
        {"controlPlaneTier": "standard"},
    ],
)
def test_everything_else_changes_the_cluster_in_place(after: dict[str, Any]) -> None:
    assert dangers({}, after) == []
