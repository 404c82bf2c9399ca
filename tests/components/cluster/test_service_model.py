"""Every value that the cluster section can send to EKS is one that EKS's own service model lists."""

from __future__ import annotations

import re
from typing import Any, get_args

import pytest

from bedplate.catalog import catalog
from bedplate.graph.values import get
from components.cluster.access import _ACCESS_POLICIES
from components.cluster.control_plane_spec import ControlPlaneLog, ControlPlaneTier
from tests.components.cluster.building import ADMINS, cluster_graph, control_plane
from tests.support.aws_program import ACCOUNT, only
from tests.support.service_models import enum, members, shapes

ASSOCIATION = "aws:eks/accessPolicyAssociation:AccessPolicyAssociation"


def test_logs_and_tiers_are_all_those_of_eks() -> None:
    assert tuple(sorted(get_args(ControlPlaneLog))) == enum("eks", "LogType")
    assert tuple(sorted(get_args(ControlPlaneTier))) == enum("eks", "ProvisionedControlPlaneTier")


@pytest.mark.parametrize(
    ("fields", "path", "shape"),
    [
        ({"support": "standard"}, ("upgradePolicy", "supportType"), "SupportType"),
        ({"support": "extended"}, ("upgradePolicy", "supportType"), "SupportType"),
        ({"egress": "awsManaged"}, ("vpcConfig", "controlPlaneEgressMode"), "ControlPlaneEgressModeType"),
        ({"egress": "customerRouted"}, ("vpcConfig", "controlPlaneEgressMode"), "ControlPlaneEgressModeType"),
        ({}, ("accessConfig", "authenticationMode"), "AuthenticationMode"),
        ({}, ("kubernetesNetworkConfig", "ipFamily"), "IpFamily"),
        (
            {"scheduler": {"scoring": "mostAllocated"}},
            ("kubeSchedulerConfig", "nodeResourcesFit", "scoringStrategy", "type"),
            "ScoringStrategyType",
        ),
        (
            {"scheduler": {"scoring": "leastAllocated"}},
            ("kubeSchedulerConfig", "nodeResourcesFit", "scoringStrategy", "type"),
            "ScoringStrategyType",
        ),
    ],
)
def test_a_setting_of_the_control_plane_has_a_value_of_eks(
    fields: dict[str, Any], path: tuple[str, ...], shape: str
) -> None:
    assert get(control_plane(**fields).inputs, *path) in enum("eks", shape)


@pytest.mark.parametrize("namespaces", [[], ["research"]])
def test_the_scope_of_rights_is_one_of_eks(namespaces: list[str]) -> None:
    scientists = {"name": "scientists", "principal": f"arn:aws:iam::{ACCOUNT}:role/scientists", "policy": "view"}
    graph = cluster_graph(access=[{**scientists, "namespaces": namespaces}])
    assert get(only(graph, ASSOCIATION).inputs, "accessScope", "type") in enum("eks", "AccessScopeType")


def test_an_access_entry_is_of_a_type_that_eks_describes() -> None:
    documentation = shapes("eks")["CreateAccessEntryRequest"]["members"]["type"]["documentation"]
    entry = only(cluster_graph(access=[ADMINS]), "aws:eks/accessEntry:AccessEntry")
    assert f"<code>{entry.inputs['type']}</code>" in documentation


def test_an_add_on_is_resolved_in_a_way_of_eks() -> None:
    addons = cluster_graph().of_type("aws:eks/addon:Addon")
    assert {addon.inputs["resolveConflictsOnCreate"] for addon in addons} <= {*enum("eks", "ResolveConflicts")}
    assert {addon.inputs["resolveConflictsOnUpdate"] for addon in addons} <= {*enum("eks", "ResolveConflicts")}


def test_every_setting_of_the_control_plane_is_a_member_of_the_request_that_makes_it() -> None:
    request = members("eks", "CreateClusterRequest")
    renamed = {"enabledClusterLogTypes": "logging", "vpcConfig": "resourcesVpcConfig"}
    ready = control_plane(controlPlaneTier="tier-xl")
    assert {renamed.get(key, key) for key in ready.inputs} <= request.keys()


def test_an_identity_provider_is_described_by_members_of_the_request_that_associates_it() -> None:
    oidc = {"name": "corporate", "issuer": "https://login.example.org", "clientId": "a", "requiredClaims": {"a": "b"}}
    provider = only(cluster_graph(oidc=oidc), "aws:eks/identityProviderConfig:IdentityProviderConfig")
    assert provider.inputs["oidc"].keys() == members("eks", "OidcIdentityProviderConfigRequest").keys()


def test_access_policies_and_add_ons_are_named_as_eks_names_them() -> None:
    assert all(re.fullmatch(r"AmazonEKS\w+Policy", name) for name in _ACCESS_POLICIES.values())
    assert all(re.fullmatch(r"[a-z0-9][a-z0-9-]+", name) for name in catalog.load().eks_addons)
